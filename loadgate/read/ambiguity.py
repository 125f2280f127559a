"""Ambiguity: a path at which two different runs could be meant."""

from __future__ import annotations

import os
from collections.abc import Iterable

from loadgate.errors import ResultError
from loadgate.read.folders import is_of_others, start_of
from loadgate.read.formats import CSV, CSV_SUFFIX, DOCUMENT_SUFFIXES, DOCUMENTS
from loadgate.read.kinds import document_kind, kind_of
from loadgate.read.raw import has_ending, open_bytes, without_gz

PREFIXED = (
    *(f"_{word}.csv" for word in CSV["statistics"].words),
    *dict.fromkeys(document.suffixes[0] for document in DOCUMENTS.values()),
)
"""Endings of the files that a prefix may mean, the first that is there."""
_ENDINGS = dict.fromkeys(
    (*PREFIXED, *(f"_{csv_file.words[0]}.csv" for csv_file in CSV.values()), *DOCUMENT_SUFFIXES)
)
"""Also of the other files that Locust writes for a prefix, or that a report is saved with."""
_BLOCK = 1024 * 1024


def refuse_other_copy(path: str) -> None:
    """Raise ResultError where a file and its .gz are both there, and are not the same."""
    other = without_gz(path) if without_gz(path) != path else f"{path}.gz"
    if os.path.isfile(other) and not _same_content(path, other):
        raise ResultError(
            path,
            f"is ambiguous: {os.path.basename(other)} is beside it and has different content",
            "Delete the one that is from another run.",
        )


def _same_content(path: str, other: str) -> bool:
    with open_bytes(path) as one, open_bytes(other) as two:
        while block := one.read(_BLOCK):
            if block != two.read(len(block)):
                return False
        return not two.read(1)


def with_endings(path: str, endings: Iterable[str]) -> list[str]:
    """Return the files that are there of those with one of the endings, plain or gzipped."""
    names = [path + ending + gz for ending in endings for gz in ("", ".gz")]
    return [name for name in names if os.path.isfile(name)]


def _may_be_result(path: str) -> bool:
    """Say whether a file with the name of a result may be one, or what is left of one."""
    start = start_of(path)
    if has_ending(path, CSV_SUFFIX):
        return kind_of(path) is not None or not is_of_others(start)
    try:
        return not start or document_kind(path, start) is not None
    except ResultError:  # it was cut
        return True


def refuse_ambiguous(path: str) -> None:
    """Raise ResultError where what is at a path is also the prefix of results beside it.

    A folder or file that a pull request adds must not hide the run that was made.
    """
    if path.endswith(("/", os.sep)):
        return
    beside = [name for name in with_endings(path, _ENDINGS) if _may_be_result(name)]
    if beside:
        name = os.path.basename(path)
        what = f"folder {name}/" if os.path.isdir(path) else f"file {name}"
        own = f"Write {path}/ for the folder" if os.path.isdir(path) else f"Rename {path}"
        raise ResultError(
            path,
            f"is ambiguous: the {what} or the file {os.path.basename(beside[0])}",
            f"{own}, or write {beside[0]} for the file.",
        )
