"""A file that may be anything in, which of Locust's files it is by its content out."""

from __future__ import annotations

import csv
from functools import lru_cache
from typing import Literal

from loadgate.errors import ResultError
from loadgate.read.documents import OTHER_LINES, is_json_list, is_web_json, parse_json
from loadgate.read.exceptions import is_exceptions
from loadgate.read.failures import is_failures
from loadgate.read.history import is_history
from loadgate.read.raw import foreign, has_ending, read_start, version
from loadgate.read.report import is_whole_page, looks_like_report
from loadgate.read.statistics import is_statistics
from loadgate.read.tables import (
    HEAD,
    check_unfiltered,
    decoded,
    delimiter_of,
    head,
    header,
    is_header,
    other_form,
    read_document,
    rows,
)

Kind = Literal["statistics", "failures", "exceptions", "history", "report", "web", "list"]

START = 4096
"""Bytes that tell whether a file can be one of Locust's; of most others no more are read."""

# A folder may hold large documents of other programs: only what begins so is read as a whole.
_JSON_MARKS = ('"errors"', '"stats"', '"num_requests"', '"response_times"')
_HTML_MARKS = ("<title>Locust", "Test Report", "Request Statistics", "templateArgs")


_BLANK = "\ufeff \t\r\n"


def begins_like_document(start: str) -> bool:
    """Say whether a file begins as any JSON or HTML does."""
    return start.lstrip(_BLANK).startswith(("<", "{", "["))


def is_like_csv(start: str) -> bool:
    """Say whether a text begins with a header of Locust."""
    lines = csv.reader(start.splitlines(), delimiter=delimiter_of(start))
    return is_header(header(lines))


def has_json_marks(start: str) -> bool:
    """Say whether there is JSON of Locust in what is no JSON, such as a log."""
    return '"num_requests"' in start and '"num_failures"' in start


def document_kind(path: str, start: str) -> Kind | None:
    """Return what JSON or HTML of any program is, given how it begins.

    Raises ResultError for what may be of Locust and was cut.
    """
    if not may_be_document(start):
        if has_ending(path, ".json"):
            _check_whole(path, start)
        return None
    kind = kind_of(path)
    html = start.lstrip(_BLANK).startswith("<")
    if kind is None and html and not is_whole_page(read_document(path)):
        raise ResultError(path, "looks like a Locust report, but is cut or damaged")
    return kind


def _check_whole(path: str, start: str) -> None:
    """Raise ResultError for JSON that ends before it says what it is."""
    opened, closed = (sum(map(start.count, signs)) for signs in ("{[", "}]"))
    if opened > closed and len(read_start(path, HEAD + 1)) <= HEAD:
        parse_json(path, start)


def may_be_document(start: str) -> bool:
    """Say by its start, which is cheap, whether a file may be JSON or HTML of Locust."""
    start = start.lstrip(_BLANK)
    if start.startswith("<"):
        return any(mark in start for mark in _HTML_MARKS)
    if start.startswith(("{", "[")):
        nothing_but_lists = not start.strip("[] \t\r\n")
        return nothing_but_lists or any(mark in start for mark in _JSON_MARKS)
    return False


def kind_of(path: str) -> Kind | None:
    """Say what kind of Locust's files this is; None: none of them. Raises ResultError."""
    return _kind_of(path, version(path))


@lru_cache(maxsize=4096)
def _kind_of(path: str, _version: object) -> Kind | None:
    start = read_start(path, START)
    if not start or foreign(start):
        return None
    text = decoded(start)
    if not text.strip():
        text = head(path)
    if begins_like_document(text):
        if not may_be_document(head(path)):
            return None
        text = read_document(path)
        if text.lstrip(_BLANK).startswith("<"):
            return "report" if looks_like_report(text) else None
        value = parse_json(path, text)
        return "web" if is_web_json(value) else "list" if is_json_list(value) else None
    if not is_like_csv(text):
        return None
    with rows(path) as lines:
        columns = header(lines)
    check_unfiltered(path, columns)
    if is_failures(columns):
        return "failures"
    if is_exceptions(columns):
        return "exceptions"
    if is_history(columns):
        return "history"
    return "statistics" if is_statistics(columns) else None


def what_else(path: str) -> str:
    """Say what a file is that is none of Locust's, and what to do about it."""
    start = head(path)
    if not start:
        return "is empty: Locust was killed, or the disk was full"
    other = other_form(path)
    if other is not None:
        return other
    if any(mark in start for mark in _JSON_MARKS):
        return OTHER_LINES
    return f"is not a file that Locust wrote; it begins with {start.splitlines()[0][:80]!r}"
