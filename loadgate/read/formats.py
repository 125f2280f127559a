"""Formats: every file that Locust writes, how it is named, recognised and read.

To read another kind of document, write a module that recognises and reads it, and add its entry to
`DOCUMENTS`. Nothing else knows which formats there are.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from loadgate.read.documents import (
    Document,
    is_json_list,
    is_web_json,
    parse_json,
    read_list,
    read_web,
)
from loadgate.read.encodings import UTF_8
from loadgate.read.exceptions import is_exceptions
from loadgate.read.failures import is_failures
from loadgate.read.history import is_history
from loadgate.read.raw import version
from loadgate.read.report import is_whole_page, looks_like_report, read_report
from loadgate.read.statistics import is_statistics

Kind = Literal[
    "recording",
    "requests",
    "statistics",
    "failures",
    "exceptions",
    "history",
    "report",
    "web",
    "list",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvFormat:
    """One of the CSV files that make up a run."""

    words: tuple[str, ...]
    """What names of such files hold, as in `run_stats.csv`; the name of today's Locust first."""
    sniff: Callable[[list[str]], bool]
    """Whether a header is of this format."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentFormat:
    """A file that holds a whole run."""

    suffixes: tuple[str, ...]
    """The suffix that Locust gives it, then others that it is saved with."""
    opening: str
    """Characters, one of which begins the text."""
    marks: re.Pattern[str]
    """Found near the start. Nothing else is read as a whole, as a folder may hold large documents
    of other programs."""
    sniff: Callable[[str, str], bool]
    """Whether the text of a file, given its path, is of this format."""
    read: Callable[[str, str], Document]
    """Read the file at a path in an encoding."""
    is_whole: Callable[[str], bool] = lambda _: True
    """Whether a text that has the marks and is not of this format was not cut."""
    by_marks: bool = False
    """The marks alone say what it is."""
    has_texts: bool = True
    """Error texts are in the document, not in a CSV file beside it."""


def _read_recording(path: str, encoding: str) -> Document:
    from loadgate.read.recording import read_recording  # other runs need not wait for it

    return read_recording(path, encoding)


def _read_requests(path: str, encoding: str) -> Document:
    from loadgate.read.requests import read_requests  # as above

    return read_requests(path, encoding)


CSV_SUFFIX = ".csv"
CSV: dict[Kind, CsvFormat] = {
    "failures": CsvFormat(words=("failures",), sniff=is_failures),
    "exceptions": CsvFormat(words=("exceptions",), sniff=is_exceptions),
    "history": CsvFormat(words=("stats_history", "requests_full_history"), sniff=is_history),
    "statistics": CsvFormat(words=("stats", "requests"), sniff=is_statistics),
}
"""In the order in which a header is tried."""

_JSON_SUFFIX = (".json",)
_JSON_MARKS = re.compile(
    r'"(?:errors|stats|num_requests|response_times)"|\A[ \t\r\n\ufeff]*\[[][ \t\r\n]*\Z'
)
DOCUMENTS: dict[Kind, DocumentFormat] = {
    "recording": DocumentFormat(
        suffixes=(".loadgate.json", *_JSON_SUFFIX),
        opening="{",
        marks=re.compile(r'\A[ \t\r\n\ufeff]*\{\s*"format"\s*:\s*"loadgate\.recording"'),
        sniff=lambda _path, _text: True,
        read=_read_recording,
        by_marks=True,
    ),
    "requests": DocumentFormat(
        suffixes=(CSV_SUFFIX,),
        opening="t",
        marks=re.compile(r'\A\W*timestamp"?[,;\t]"?request_type"?[,;\t]"?name"?[,;\t]'),
        sniff=lambda _path, _text: True,
        read=_read_requests,
        by_marks=True,
    ),
    "report": DocumentFormat(
        suffixes=(".html", ".htm"),
        opening="<",
        marks=re.compile("<title>Locust|Test Report|Request Statistics|templateArgs"),
        sniff=lambda _, text: looks_like_report(text),
        read=read_report,
        is_whole=is_whole_page,
    ),
    "web": DocumentFormat(
        suffixes=_JSON_SUFFIX,
        opening="{[",
        marks=_JSON_MARKS,
        sniff=lambda path, text: is_web_json(parse_json(path, text)),
        read=read_web,
    ),
    "list": DocumentFormat(
        suffixes=_JSON_SUFFIX,
        opening="{[",
        marks=_JSON_MARKS,
        sniff=lambda path, text: is_json_list(parse_json(path, text)),
        read=read_list,
        has_texts=False,
    ),
}
"""In the order in which a folder without statistics is searched for a run."""

DOCUMENT_SUFFIXES = tuple(
    suffix
    for suffix in dict.fromkeys(
        suffix for document in DOCUMENTS.values() for suffix in document.suffixes
    )
    if suffix != CSV_SUFFIX
)
SUFFIXES = (CSV_SUFFIX, *DOCUMENT_SUFFIXES)
"""Of every file that is looked for in a folder, plain or gzipped."""
REPORT_SUFFIXES = tuple(suffix for suffix in DOCUMENT_SUFFIXES if suffix not in _JSON_SUFFIX)
LOCUST_SUFFIXES = (CSV_SUFFIX, *REPORT_SUFFIXES)
"""Of files that are no result documents of loadgate, which are JSON as well."""


def suffixes_of(kind: Kind) -> tuple[str, ...]:
    """Return the suffixes of the files of a kind."""
    return (CSV_SUFFIX,) if kind in CSV else DOCUMENTS[kind].suffixes


def load(kind: Kind, path: str, encoding: str = UTF_8) -> Document:
    """Read a document, once for all runs beside it; raises ResultError."""
    return _load(kind, path, encoding, version(path))


@lru_cache(maxsize=256)
def _load(kind: Kind, path: str, encoding: str, _version: object) -> Document:
    return DOCUMENTS[kind].read(path, encoding)
