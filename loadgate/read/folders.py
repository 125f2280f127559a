"""Folders: the results that one holds, by kind."""

from __future__ import annotations

import contextlib
import os

from loadgate.errors import ResultError
from loadgate.read.formats import DOCUMENTS, Kind, suffixes_of
from loadgate.read.kinds import kind_of
from loadgate.read.naming import STATISTICS, WORD, akin, alike, names_in, single, stem_of
from loadgate.read.raw import has_ending, without_gz
from loadgate.read.tables import head


def of_kind(folder: str, *kinds: Kind) -> dict[str, Kind]:
    """Return the files of a folder that are of these kinds; what cannot be read is of none."""
    suffixes = [suffix for kind in kinds for suffix in suffixes_of(kind)]
    found: dict[str, Kind] = {}
    for name in names_in(folder):
        with contextlib.suppress(ResultError):
            kind = kind_of(name) if has_ending(name, *suffixes) else None
            if kind in kinds and has_ending(name, *suffixes_of(kind)):
                found[name] = kind
    return found


def only(path: str, kind: Kind) -> str | None:
    """Return the only file of this kind beside `path`, or the only one with its prefix."""
    found = [*of_kind(os.path.dirname(path), kind)]
    if len(found) <= 1:
        return single(found)
    stem = stem_of(path)
    same = [name for name in found if stem_of(name) == stem]
    return single(same or [name for name in found if akin(stem, stem_of(name))])


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
    """Return the statistics of a folder, also what can only be damaged ones by its name."""
    found = of_kind(folder, "statistics")
    return [name for name in names_in(folder) if name in found or _named_statistics(name)]


def _named_statistics(path: str) -> bool:
    """Say whether a file that is no statistics CSV has the name of one, and is nobody else's.

    Of two runs in a folder one is not judged because the other is damaged.
    """
    return bool(STATISTICS.fullmatch(os.path.basename(path))) and not is_of_others(start_of(path))


def is_of_others(start: str) -> bool:
    """Say whether a CSV file begins with a header that Locust did not write."""
    first = start.partition("\n")[0].strip()
    return "," in first and first.isprintable() and not first.startswith(("Type", '"Type'))


def start_of(path: str) -> str:
    """Return how a file begins; nothing where that cannot be read."""
    try:
        return head(path)
    except ResultError:
        return ""
