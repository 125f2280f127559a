"""JSON documents: a saved /stats/requests, and the list that --json prints."""

from __future__ import annotations

import contextlib
import itertools
import json
import re
from collections import Counter
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from loadgate.errors import ResultError
from loadgate.model import AllowedRow, Answer, FailureRow, Recorded, TimeSpan
from loadgate.read.encodings import UTF_8, encodings_of
from loadgate.read.entries import Place, endpoint, failure, seen
from loadgate.read.histogram import list_statistics
from loadgate.read.raw import decoding, read_start
from loadgate.read.statistics import Statistics, add_up, take_total
from loadgate.read.times import from_epoch, span
from loadgate.text import quoted

LARGEST_DOCUMENT = 64 * 1024 * 1024
"""Bytes of a JSON or HTML file, which must be read as a whole; Locust's are 1 to 2 MiB."""

MOST_SIGNS = 3_000_000
"""Commas and opening brackets in one document, so as many values at most. `{}` takes 70 times the
memory of its two characters. --json has some hundred for each endpoint."""

WEB_UI_SHOWS = 500
"""Entries and errors that /stats/requests holds at most (Locust 1.0 to 2.47, web.py)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A source that holds statistics, and perhaps errors, in one file."""

    statistics: Statistics
    failures: list[FailureRow] | None
    """None: this kind of file has no error texts."""
    task_exceptions: int | None = None
    task_errors: tuple[tuple[str, int], ...] = ()
    """As Run.task_errors."""
    warnings: tuple[str, ...] = ()
    time: TimeSpan | None = None
    users: int | None = None
    """The most at one time, where the source has a history."""
    seen: tuple[tuple[str, str], ...] = ()
    """When each of the failures was seen first and last, as CSV files say it; empty: not known."""
    answers: tuple[Answer, ...] | None = None
    """What a recording or request log says of each of the failures besides; None: it is neither."""
    allowed: tuple[AllowedRow, ...] | None = None
    """As Run.allowed."""
    aborted: tuple[str, ...] = ()
    """As Run.aborted."""
    recorded: Recorded | None = None
    """As Run.recorded, also where it is no evidence."""


OTHER_LINES = (
    "has other lines around its JSON, such as log lines: delete them, or have Locust write the JSON"
    " to its own file (--json-file, or --json 2> locust.log)"
)
_BEGINS = re.compile(r"^[\[{](?=[\s{\]\"])", re.MULTILINE)
_MOST_BEGINNINGS = 100


def read_document(path: str, encoding: str = UTF_8) -> str:
    """Return the whole text of a JSON or HTML file; raises ResultError.

    What is neither UTF-8 nor told to be anything else is in the encoding that it seems to be in.
    """
    data = read_start(path, LARGEST_DOCUMENT + 1)
    if len(data) > LARGEST_DOCUMENT:
        raise ResultError(
            path,
            f"is larger than {LARGEST_DOCUMENT // 1024 // 1024} MiB",
            "Judge the CSV files of the run, which may have any size.",
            page="refusals#limits",
        )
    name, mark = decoding(data, encoding)
    try:
        return data[mark:].decode(name)
    except UnicodeDecodeError:
        if name == UTF_8:
            name = encodings_of([path])[0].get(path, UTF_8)
        return data[mark:].decode(name, errors="replace")  # an escape would be one of JSON


@lru_cache(maxsize=1)
def parse_json(path: str, text: str) -> object:
    """Return the JSON value; --json of several processes prints one list after another.

    The last one is kept, as a document is looked at before it is read. Raises ResultError where it
    is no JSON.
    """
    check_size(path, text)
    values = []
    at = 0
    try:
        text = text.removeprefix("\ufeff").strip()
        while at < len(text):
            value, at = decode_json(text, at)
            values.append(value)
            while at < len(text) and text[at].isspace():
                at += 1
    except ValueError as error:
        if _json_in_other_lines(text):
            raise ResultError(path, OTHER_LINES) from error
        raise ResultError(
            path, f"is not valid JSON: {error}", "It was truncated, or is of another program."
        ) from error
    lists = [value for value in values if isinstance(value, list)]
    full = [value for value in lists if value]
    if len(values) > 1 and len(lists) == len(values) and len(full) <= 1:
        return full[0] if full else []
    if len(values) != 1:
        raise ResultError(path, "holds several JSON documents", "Save one run in it.")
    return values[0]


def _json_in_other_lines(text: str) -> bool:
    """Say whether a text that is no JSON has lines that are a whole document of Locust."""
    for place in itertools.islice(_BEGINS.finditer(text), _MOST_BEGINNINGS):
        with contextlib.suppress(ValueError):
            value, _ = decode_json(text, place.end() - 1)
            if value and (is_json_list(value) or is_web_json(value)):
                return True
    return False


def decode_json(text: str, at: int = 0) -> tuple[Any, int]:
    """Return the JSON value at a place of a text, and where it ends; ValueError: there is none."""
    try:
        return strict_decoder().raw_decode(text, at)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def strict_decoder() -> json.JSONDecoder:
    """Return a decoder that refuses what Python takes and JSON does not, and keys said twice."""
    return json.JSONDecoder(parse_constant=_refuse_constant, object_pairs_hook=_unique)


def _refuse_constant(constant: str) -> float:
    raise ValueError(f"{constant} is not a number in JSON")


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    values = dict(pairs)
    if len(values) < len(pairs):  # decoders keep the last one, readers see the first
        counts = Counter(key for key, _ in pairs)
        raise ValueError(f"duplicate key {quoted(counts.most_common(1)[0][0])}")
    return values


def check_size(path: str, text: str) -> None:
    """Raise ResultError for a document of more values than any test has."""
    if len(text) > MOST_SIGNS and sum(map(text.count, ",[{")) > MOST_SIGNS:
        raise ResultError(
            path,
            f"holds more than {MOST_SIGNS:,} commas and opening brackets",
            "Judge the CSV files of the run, which may have any number of rows.",
        )


def is_web_json(value: object) -> bool:
    """Say whether this is what /stats/requests answers."""
    return isinstance(value, dict) and "stats" in value and "errors" in value


def is_json_list(value: object) -> bool:
    """Say whether this is what --json prints; an empty list is a run without requests."""
    if not isinstance(value, list):
        return False
    first = value[0] if value else {"num_requests": 0, "response_times": {}}
    return isinstance(first, dict) and "num_requests" in first and "response_times" in first


def read_list(path: str, encoding: str = "utf-8") -> Document:
    """Read what --json prints."""
    entries = Place(path, "", parse_json(path, read_document(path, encoding)))
    return Document(
        statistics=list_statistics(path, entries),
        failures=None,
        time=_times(entries, "start_time", "last_request_timestamp"),
    )


def _times(entries: Place, *keys: str) -> TimeSpan | None:
    """Return the span of the times, in seconds since 1970, that the entries have."""
    times = (entry.get(key).number() for entry in entries.items() for key in keys)
    return span(map(from_epoch, times), "json")


def read_web(path: str, encoding: str = "utf-8") -> Document:
    """Read what /stats/requests answers."""
    document = Place(path, "", parse_json(path, read_document(path, encoding)))
    entries = document.get("stats").items()
    escaped = any("ninetieth_response_time" in entry.mapping() for entry in entries)
    rows = [endpoint(entry) for entry in entries]
    total, problems = take_total(rows) if rows else (None, [])
    statistics = add_up(path, rows, total, problems)
    if len(rows) >= WEB_UI_SHOWS and statistics.contradictions:
        shown = (
            f"has only the first {WEB_UI_SHOWS} endpoints, the most that the web UI's JSON holds"
        )
        statistics = replace(
            statistics,
            contradictions=(shown,),
            remedy="Judge its CSV downloads, or judge what is there with --allow-partial.",
        )
    # Some releases escape the names of errors and not those of the statistics.
    names = {row.key for row in statistics.endpoints}
    errors = [
        _named(failure(entry, escaped_error=escaped), names)
        for entry in document.get("errors").items()
    ]
    warnings: tuple[str, ...] = ()
    if len(errors) >= WEB_UI_SHOWS and sum(row[3] for row in errors) < statistics.total.failures:
        warnings = (
            f"{path}: the web UI's JSON has only the first {WEB_UI_SHOWS} errors; failures without"
            " a text count as true. Its CSV downloads have all",
        )
    return Document(
        statistics=statistics,
        failures=errors,
        warnings=warnings,
        time=_times(document.get("errors"), "first_seen", "last_seen"),
        seen=tuple(map(seen, document.get("errors").items())),
    )


def _named(row: FailureRow, names: set[tuple[str, str]]) -> FailureRow:
    """Undo the escaping of a name, which some releases do here and not in the statistics."""
    import html

    plain = html.unescape(row[1])
    if (row[0], row[1]) not in names and (row[0], plain) in names:
        return row[0], plain, row[2], row[3]
    return row
