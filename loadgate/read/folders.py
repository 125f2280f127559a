"""Folders: the results that one holds, by kind, and paths at which two runs could be meant."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from functools import partial
from itertools import zip_longest

from loadgate.errors import ResultError
from loadgate.read.formats import (
    CSV,
    CSV_SUFFIX,
    DOCUMENT_SUFFIXES,
    DOCUMENTS,
    Kind,
    suffixes_of,
)
from loadgate.read.kinds import document_kind, kind_of
from loadgate.read.naming import STATISTICS, WORD, akin, alike, names_in, single, stem_of
from loadgate.read.raw import has_ending, open_bytes, without_gz
from loadgate.read.tables import head

PREFIXED = (
    *(f"_{word}.csv" for word in CSV["statistics"].words),
    *dict.fromkeys(
        document.suffixes[0]
        for document in DOCUMENTS.values()
        if document.suffixes[0] != CSV_SUFFIX
    ),
)
"""Endings of the files that a prefix may mean, the first that is there."""
_ENDINGS = dict.fromkeys(
    (*PREFIXED, *(f"_{csv_file.words[0]}.csv" for csv_file in CSV.values()), *DOCUMENT_SUFFIXES)
)
"""Also of the other files that Locust writes for a prefix, or that a report is saved with."""
_BLOCK = 1024 * 1024


def of_kind(folder: str, *kinds: Kind) -> dict[str, Kind]:
    """Return the files of a folder that are of these kinds; what cannot be read is of none."""
    suffixes = [suffix for kind in kinds for suffix in suffixes_of(kind)]
    files: dict[str, Kind] = {}
    for name in names_in(folder):
        with contextlib.suppress(ResultError):
            kind = kind_of(name) if has_ending(name, *suffixes) else None
            if kind in kinds and has_ending(name, *suffixes_of(kind)):
                files[name] = kind
    return files


def only(path: str, kind: Kind) -> str | None:
    """Return the only file of this kind beside `path`, or the only one with its prefix."""
    files = [*of_kind(os.path.dirname(path), kind)]
    if len(files) <= 1:
        return single(files)
    stem = stem_of(path)
    same = [name for name in files if stem_of(name) == stem]
    return single(same or [name for name in files if akin(stem, stem_of(name))])


def check_texts(path: str) -> None:
    """Raise ResultError for failures that by their name are of a document, and cannot be read.

    As those that `check --output csv` wrote: they would be passed over as if there were none.
    """
    for name in names_in(os.path.dirname(path)):
        word = WORD.match(without_gz(os.path.basename(name)))
        if word is not None and word.group(2) == "failures" and alike(path, name):
            kind_of(name)


def documents_in(folder: str) -> dict[str, Kind]:
    """Return the reports and JSON documents of Locust in a folder, by name, with their kinds."""
    return of_kind(folder, *DOCUMENTS)


def statistics_in(folder: str) -> list[str]:
    """Return the statistics of a folder, also what can only be damaged ones by its name.

    Of two runs in a folder one is not judged because the other is damaged.
    """
    sound = of_kind(folder, "statistics")
    return [
        name
        for name in names_in(folder)
        if name in sound
        or (STATISTICS.fullmatch(os.path.basename(name)) and not _is_of_others(start_of(name)))
    ]


def _is_of_others(start: str) -> bool:
    """Say whether a CSV file begins with a header that Locust did not write."""
    first = start.partition("\n")[0].strip()
    return "," in first and first.isprintable() and not first.startswith(("Type", '"Type'))


def start_of(path: str) -> str:
    """Return how a file begins; nothing where that cannot be read."""
    try:
        return head(path)
    except ResultError:
        return ""


# --- ambiguous paths ------------------------------------------------------------------------------


def refuse_other_copy(path: str) -> None:
    """Raise ResultError where a file and its .gz are both there, and are not the same."""
    other = without_gz(path) if without_gz(path) != path else f"{path}.gz"
    if os.path.isfile(other) and not _same_content(path, other):
        raise ResultError(
            path,
            f"is ambiguous: {os.path.basename(other)} is beside it and has different content",
            "Delete the one that is from another run.",
            page="inputs#folders",
        )


def _same_content(path: str, other: str) -> bool:
    with open_bytes(path) as file, open_bytes(other) as copy:
        blocks = (iter(partial(opened.read, _BLOCK), b"") for opened in (file, copy))
        return all(block == same for block, same in zip_longest(*blocks))


def with_endings(path: str, endings: Iterable[str]) -> list[str]:
    """Return the existing files with one of the endings, plain or gzipped."""
    names = [path + ending + gz for ending in endings for gz in ("", ".gz")]
    return [name for name in names if os.path.isfile(name)]


def refuse_ambiguous(path: str) -> None:
    """Raise ResultError where what is at a path is also the prefix of results beside it.

    A folder or file that a pull request adds must not hide the run that was made.
    """
    if path.endswith(("/", os.sep)):
        return
    beside = next(filter(_may_be_result, with_endings(path, _ENDINGS)), None)
    if beside is not None:
        what, own = f"file {os.path.basename(path)}", f"Rename {path}"
        if os.path.isdir(path):
            what, own = f"folder {os.path.basename(path)}/", f"Write {path}/ for the folder"
        raise ResultError(
            path,
            f"is ambiguous: the {what} or the file {os.path.basename(beside)}",
            f"{own}, or write {beside} for the file.",
            page="inputs#folders",
        )


def _may_be_result(path: str) -> bool:
    """Say whether a file with the name of a result may be one, or what is left of one."""
    start = start_of(path)
    if has_ending(path, CSV_SUFFIX):
        return kind_of(path) is not None or not _is_of_others(start)
    try:
        return not start or document_kind(path, start) is not None
    except ResultError:  # it was cut
        return True
