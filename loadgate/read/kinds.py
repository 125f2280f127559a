"""Kinds: which of Locust's files a file is, by its content."""

from __future__ import annotations

import csv
from functools import lru_cache

from loadgate.errors import ResultError
from loadgate.read.documents import OTHER_LINES, parse_json, read_document
from loadgate.read.formats import CSV, CSV_SUFFIX, DOCUMENTS, Kind
from loadgate.read.raw import foreign, has_ending, read_start, version
from loadgate.read.tables import (
    HEAD,
    check_unfiltered,
    decoded,
    delimiter_of,
    head,
    header,
    is_header,
    other_form,
    rows,
)

_BLANK = "\ufeff \t\r\n"
_OPENINGS = tuple(
    char
    for document in DOCUMENTS.values()
    if CSV_SUFFIX not in document.suffixes
    for char in document.opening
)


def begins_like_document(start: str) -> bool:
    """Say whether a file begins as documents of any program do."""
    return start.lstrip(_BLANK).startswith(_OPENINGS)


def _candidates(start: str) -> list[Kind]:
    """Return the kinds of documents that a file may be by its start."""
    begin = start.lstrip(_BLANK)
    return [
        kind
        for kind, document in DOCUMENTS.items()
        if begin.lstrip('"').startswith(tuple(document.opening)) and document.marks.search(start)
    ]


def may_be_document(start: str) -> bool:
    """Say by its start, which is cheap, whether a file may be a document of Locust."""
    return bool(_candidates(start))


def document_kind(path: str, start: str) -> Kind | None:
    """Return what a document of any program is, given how it begins.

    Raises ResultError for what may be of Locust and was cut.
    """
    if not may_be_document(start):
        if has_ending(path, *DOCUMENTS["list"].suffixes):
            _check_whole(path, start)
        return None
    kind = kind_of(path)
    if kind is None:
        text = read_document(path)
        if not all(DOCUMENTS[candidate].is_whole(text) for candidate in _candidates(start)):
            raise ResultError(path, "looks like a Locust report, but is truncated or damaged")
    return kind


def _check_whole(path: str, start: str) -> None:
    """Raise ResultError for JSON that ends before it says what it is."""
    opened, closed = (sum(map(start.count, signs)) for signs in ("{[", "}]"))
    if opened > closed and len(read_start(path, HEAD + 1)) <= HEAD:
        parse_json(path, start)


def kind_of(path: str) -> Kind | None:
    """Say what kind of Locust's files this is; None: none of them. Raises ResultError."""
    return _kind_of(path, version(path))


@lru_cache(maxsize=4096)
def _kind_of(path: str, _version: object) -> Kind | None:
    data = read_start(path, HEAD)
    if not data or foreign(data):
        return None
    start = decoded(data)
    candidates = _candidates(start)
    if candidates and DOCUMENTS[candidates[0]].by_marks:
        return candidates[0]
    if begins_like_document(start):
        text = read_document(path) if candidates else ""
        return next((kind for kind in candidates if DOCUMENTS[kind].sniff(path, text)), None)
    if not is_header(header(csv.reader(start.splitlines(), delimiter=delimiter_of(start)))):
        return None
    with rows(path) as lines:
        columns = header(lines)
    check_unfiltered(path, columns)
    return next((kind for kind, csv_file in CSV.items() if csv_file.sniff(columns)), None)


def what_else(path: str) -> str:
    """Say what a file is that is none of Locust's, and what to do about it."""
    start = head(path)
    if not start:
        return "is empty: Locust was killed, or the disk was full"
    other = other_form(path)
    if other is not None:
        return other
    if DOCUMENTS["list"].marks.search(start):
        return OTHER_LINES
    return f"is not a file that Locust wrote; it begins with {start.splitlines()[0][:80]!r}"
