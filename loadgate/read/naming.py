"""Naming: which files belong to one run by their names."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

from loadgate.errors import ResultError
from loadgate.read.formats import CSV, SUFFIXES, Kind
from loadgate.read.raw import has_ending, without_ending, without_gz
from loadgate.text import first_of

_WORDS = {kind: "|".join(csv_file.words) for kind, csv_file in CSV.items()}
WORD = re.compile(
    "(.*)("
    + "|".join(sorted("|".join(_WORDS.values()).split("|"), key=len, reverse=True))
    + r")(.*)\.csv\Z",
    re.DOTALL,
)
_COPY = r"(?:_[0-9.]+)?(?: ?\([0-9]+\))?"  # the time of a download, and a browser's " (1)"
_DOWNLOADED = r"_[0-9.]+(?: ?\([0-9]+\))?"
_LISTED = 5
STATISTICS = re.compile(r"(?:.*_)?stats\.csv(?:\.gz)?", re.DOTALL | re.IGNORECASE)
"""Names that `locust --csv` gives to statistics."""
OTHER_CSV = re.compile(
    rf"(?:.*_)?(?:{'|'.join(words for kind, words in _WORDS.items() if kind != 'statistics')})"
    r"\.csv(?:\.gz)?",
    re.DOTALL | re.IGNORECASE,
)
"""Names that it gives to other CSV files."""


def names_in(folder: str) -> list[str]:
    """Return the files of a folder that may be results, in order."""
    try:
        with os.scandir(folder or ".") as entries:
            names = [
                entry.name
                for entry in entries
                if not entry.name.startswith(".")
                and has_ending(entry.name, *SUFFIXES)
                and entry.is_file()
            ]
    except OSError as error:
        raise ResultError(folder, f"cannot be read: {error.strerror}") from error
    return [os.path.join(folder, name) for name in once(names)]


def once(names: Iterable[str]) -> list[str]:
    """Return the names in order; of a file and the same file gzipped only the plain one."""
    known = set(names)
    return sorted(n for n in known if n == without_gz(n) or without_gz(n) not in known)


def listed(paths: list[str]) -> str:
    """Return the first names of some files, and how many more there are."""
    return first_of([os.path.basename(path) for path in paths], _LISTED)


def single(paths: list[str]) -> str | None:
    """Return the only one; None: there is none, or more."""
    return paths[0] if len(paths) == 1 else None


def alike(path: str, other: str) -> bool:
    """Say whether two files have the same prefix, or one that goes on where the other ends."""
    return nearness(path, other) > 0


def nearness(path: str, other: str) -> int:
    """Return 2 for files with the same prefix, 1 for `alike` ones, else 0."""
    if stem_of(path) == stem_of(other):
        return 2
    return int(akin(stem_of(path), stem_of(other)))


def akin(one: str, other: str) -> bool:
    """Say whether one prefix goes on where the other ends, as in "run_file" and "run"."""
    short, long = sorted((one, other), key=len)
    return short != "" and long.startswith(tuple(short + mark for mark in "_-. "))


def stem_of(path: str) -> str:
    """Return the prefix of a run in a file's name."""
    name = without_gz(os.path.basename(path))
    word = WORD.match(name)
    return word.group(1).rstrip("_") if word else without_ending(name)


def sibling(path: str, role: Kind) -> str | None:
    """Return the file that plays another role in the run of `path`, by its name.

    Raises ResultError where several files could be meant, and for what can hold no data.
    """
    folder, name = os.path.split(without_gz(path))
    match = WORD.match(name)
    if match is None:
        return None
    before, _, after = match.groups()
    for word in CSV[role].words:
        exact = os.path.join(folder, f"{before}{word}{after}.csv")
        for file in (exact, f"{exact}.gz"):
            if os.path.isfile(file):
                return file
            if os.path.lexists(file):  # as a link to /dev/null that a pull request adds
                raise ResultError(
                    file, "is not a regular file", "Delete it, and run the test again."
                )
    if not re.fullmatch(_DOWNLOADED, after):  # only downloads have times that differ
        return None
    copy = re.compile(rf"{re.escape(before)}(?:{_WORDS[role]}){_COPY}\.csv(?:\.gz)?\Z")
    copies = [other for other in names_in(folder) if copy.match(os.path.basename(other))]
    if len(copies) > 1:
        raise ResultError(
            path,
            f"may belong to any of {listed(copies)}",
            "Put the files of one run into a folder.",
        )
    return single(copies)
