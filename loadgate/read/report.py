"""The HTML report: its statistics, errors and exceptions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from loadgate.errors import ResultError
from loadgate.model import EndpointStats, FailureRow, Latency, TimeSpan
from loadgate.read.cells import content_size, count, invalid, number, percentile
from loadgate.read.documents import Document, check_size, strict_decoder
from loadgate.read.entries import (
    Place,
    endpoint,
    failure,
    in_order,
    key_of,
    seen,
    share_as_percentile,
)
from loadgate.read.failures import invalid_count, occurrences_in
from loadgate.read.report_tables import DamagedTableError, Table, has_table, table
from loadgate.read.statistics import add_up, take_total
from loadgate.read.tables import read_document
from loadgate.read.times import from_text, span

_DATA = "window.templateArgs = {"
_TABLES = (
    "Request Statistics",
    "Response Time Statistics",
    "Failures Statistics",
    "Exceptions Statistics",
)
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8}")
_REMEDY = "It must be a report of locust --html, or of the web UI's download page."
_END = "</html>"
"""How every release ends a report. The tables of failures and exceptions come last, and only if
there are any: a page that is cut before them reads as one without."""


def looks_like_report(text: str) -> bool:
    """Say whether a page holds what a report of either kind holds."""
    return _DATA in text or has_table(text, _TABLES[0])


def is_whole_page(text: str) -> bool:
    """Say whether a page ends as every release ends it."""
    return text.rstrip()[-len(_END) :].lower() == _END


def read_report(path: str, encoding: str = "utf-8") -> Document:
    """Read a report: data in the page since Locust 2.21, tables before. Raises ResultError."""
    text = read_document(path, encoding)
    check_size(path, text)
    if has_table(text, _TABLES[0]):  # data holds no "<", so what else is in the page is a text
        document = _read_tables(path, text)
    else:
        _, found, data = text.partition(_DATA)
        if not found:
            raise ResultError(path, "is not a Locust report", _REMEDY)
        document = _read_data(path, "{" + data)
    if not is_whole_page(text):
        raise ResultError(path, f"is truncated: it does not end with {_END}", "Copy it again.")
    return document


def _read_data(path: str, text: str) -> Document:
    try:
        value, end = strict_decoder().raw_decode(text)
    except (ValueError, RecursionError) as error:
        problem = str(error) if isinstance(error, ValueError) else "they are nested too deeply"
        raise ResultError(path, f"is truncated or damaged: {problem}", _REMEDY) from error
    if _DATA in text[end:]:
        raise ResultError(path, "holds several reports", "Name each report by itself.")
    data = Place(path, "", value)
    entries = data.get("requests_statistics").items()
    # Through 2.37.12 texts are escaped inside the data; those releases also wrote safe_name.
    escaped = any("safe_name" in entry.mapping() for entry in entries)
    found = [endpoint(entry, escaped_name=escaped) for entry in entries]
    total, problems = take_total(found)
    times = _response_times(data, escaped=escaped)
    found = [_with_percentiles(row, times) for row in found]
    if total is not None:
        total = _with_percentiles(total, times)
    failures = [
        failure(entry, escaped_name=escaped, escaped_error=escaped)
        for entry in data.get("failures_statistics").items()
    ]
    exceptions = data.get("exceptions_statistics")
    return Document(
        statistics=add_up(path, found, total, problems),
        failures=failures,
        seen=tuple(map(seen, data.get("failures_statistics").items())),
        task_exceptions=None
        if exceptions.value is None
        else sum(entry.get("count").count() for entry in exceptions.items()),
        time=_time(data.get("start_time").value, data.get("end_time").value),
        users=_users(data.get("history").value),
    )


def _users(history: object) -> int | None:
    """Return the most users at one time; since 2.31 each number has its time before it."""
    rows = history if isinstance(history, list) else []
    counts = [row.get("user_count") for row in rows if isinstance(row, dict)]
    counts = [count[-1] if isinstance(count, list) and count else count for count in counts]
    return max((count for count in counts if type(count) is int and count >= 0), default=None)


def _line_of(text: str, words: str) -> str:
    """Return the line that has the words; "" where there is none."""
    return text.partition(words)[2].partition("\n")[0]


def _time(*times: object) -> TimeSpan | None:
    return span(map(from_text, times), "report")


def _table_time(line: str) -> TimeSpan | None:
    """Return the times in a line; whether they are UTC depends on a release that nothing names."""
    found = _time(*_TIME.findall(line))
    return None if found is None else replace(found, zone_known=False)


_Times = dict[tuple[str, str], dict[str, float | None]]


def _response_times(data: Place, *, escaped: bool) -> _Times:
    """Return the percentiles of every endpoint, which stand in a table of their own."""
    table: _Times = {}
    place = data.get("response_time_statistics")
    for entry in place.items() if place.value is not None else []:
        table[key_of(entry, escaped=escaped)] = {
            found: entry.get(share).number()
            for share in entry.mapping()
            if (found := share_as_percentile(share)) is not None
        }
    return table


def _with_percentiles(row: EndpointStats, times: _Times) -> EndpointStats:
    percentiles = dict(row.latency.percentiles) | times.get((row.method, row.name), {})
    return replace(row, latency=replace(row.latency, percentiles=in_order(percentiles)))


def _read_tables(path: str, text: str) -> Document:
    try:
        tables = {title: table(text, title) for title in _TABLES}
    except DamagedTableError as error:
        raise ResultError(path, str(error), _REMEDY) from error
    times: _Times = {
        (row.text("Method"), row.text("Name")): {
            name: row.number(column)
            for column in row.cells
            if (name := percentile(column.removesuffix("ile (ms)"))) is not None
        }
        for row in _rows(path, tables, _TABLES[1])
    }
    found = [_with_percentiles(_table_row(row), times) for row in _rows(path, tables, _TABLES[0])]
    total, problems = take_total(found)
    failures: list[FailureRow] = [
        (row.text("Method"), row.text("Name"), row.text("Error"), row.occurrences())
        for row in _rows(path, tables, _TABLES[2])
    ]
    return Document(
        statistics=add_up(path, found, total, problems),
        failures=failures,
        task_exceptions=sum(row.count("Count") for row in _rows(path, tables, _TABLES[3])),
        time=_table_time(_line_of(text, "<p>During: ")),
    )


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of a table; what it lacks, or what is no number, is a ResultError."""

    path: str
    cells: Mapping[str, str]
    """By column."""

    def text(self, column: str) -> str:
        """Return the text in a column."""
        if column not in self.cells:
            raise ResultError(self.path, f'has a table without the column "{column}"', _REMEDY)
        return self.cells[column]

    def count(self, column: str) -> int:
        """Return a count."""
        text = self.text(column).strip()
        found = count(text)
        if found is None:
            raise ResultError(self.path, invalid(column, text, "whole number"), _REMEDY)
        return found

    def occurrences(self) -> int:
        """Return how often a failure occurred."""
        text = self.text("Occurrences").strip()
        found = occurrences_in(text)
        if found is None:
            raise ResultError(self.path, invalid_count(text), _REMEDY)
        return found

    def number(self, column: str) -> float | None:
        """Return a time or rate; None where there is none."""
        text = self.text(column).strip()
        try:
            return number(text)
        except ValueError:
            raise ResultError(self.path, invalid(column, text, "number"), _REMEDY) from None


def _rows(path: str, tables: dict[str, Table], title: str) -> list[_Row]:
    header, *rows = tables[title] or [[]]
    if any(len(cells) != len(header) for cells in rows):
        raise ResultError(path, f'has a damaged row in its table "{title}"', _REMEDY)
    return [_Row(path, dict(zip(header, cells, strict=True))) for cells in rows]


def _table_row(row: _Row) -> EndpointStats:
    return EndpointStats(
        method=row.text("Method"),
        name=row.text("Name"),
        requests=row.count("# Requests"),
        failures=row.count("# Fails"),
        latency=Latency(
            avg=row.number("Average (ms)"),
            min=row.number("Min (ms)"),
            max=row.number("Max (ms)"),
        ),
        rps=row.number("RPS"),
        content_size=content_size(row.cells.get("Average size (bytes)", "").strip()),
    )
