"""The HTML report: data in the page since Locust 2.21, tables before.

Locust through 2.20 wrote error texts into its tables, before 2.10.2 without escaping them. So this
is no parser of HTML, which would obey what a text says: it knows the template, takes all up to the
end of a cell for the text, and refuses what the template cannot have written.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import replace

from loadgate.errors import ResultError
from loadgate.model import EndpointStats, TimeSpan
from loadgate.read.cells import content_size, count, number, occurrences, percentile, value
from loadgate.read.documents import Document, check_size, decode_json, read_document
from loadgate.read.entries import (
    Place,
    endpoint,
    failure,
    in_order,
    key_of,
    seen,
    share_as_percentile,
)
from loadgate.read.statistics import add_up, take_total
from loadgate.read.times import from_text, span

_DATA = "window.templateArgs = {"
_SCRIPT = "var stats_history = {"
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8}")
_REMEDY = "It must be a report of locust --html, or of the web UI's download page."
_END_OF_PAGE = "</html>"
"""How every release ends a report. The tables of failures and exceptions come last, and only if
there are any: a page that is cut before them reads as one without."""

_ENDPOINT = {"Method": "method", "Name": "name"}
_TABLES = {
    "Request Statistics": (
        "requests_statistics",
        _ENDPOINT
        | {
            "# Requests": "num_requests",
            "# Fails": "num_failures",
            "Average (ms)": "avg_response_time",
            "Min (ms)": "min_response_time",
            "Max (ms)": "max_response_time",
            "RPS": "total_rps",
        },
    ),
    "Response Time Statistics": ("response_time_statistics", _ENDPOINT),
    "Failures Statistics": (
        "failures_statistics",
        _ENDPOINT | {"Error": "error", "Occurrences": "occurrences"},
    ),
    "Exceptions Statistics": ("exceptions_statistics", {"Count": "count"}),
}
"""Each table, what newer releases call the same in their data, and the columns it must have."""
_SIZE = "Average size (bytes)"
_TEXTS = {"Method", "Name", "Error"}
_NUMBERS: dict[str, Callable[[str], float | None]] = {
    "# Requests": count,
    "# Fails": count,
    "Occurrences": occurrences,
    "Count": count,
    _SIZE: content_size,
}
"""How a column is read; any other one is a time or rate."""

_HEADING = r"<h2>\s*{}\s*</h2>"
_GROUPS = r"(?:\s*</?(?:thead|tbody)(?: [^<>]*)?>)*+"
_BEGIN = re.compile(r"\s*<table(?: [^<>]*)?>")
_ROW = re.compile(_GROUPS + r"\s*<tr(?: [^<>]*)?>")
_CELL = re.compile(r"\s*<(td|th)(?: [^<>]*)?>(.*?)</\1>", re.DOTALL)
_END_OF_ROW = re.compile(r"\s*</tr>")
_END = re.compile(_GROUPS + r"\s*</table>")
MOST_CELLS = 1_000_000
"""Cells of one table, each of which takes twenty times the memory of `<td></td>`."""


def looks_like_report(text: str) -> bool:
    """Say whether a page holds what a report of either kind holds."""
    return _DATA in text or _has_tables(text)


def _has_tables(text: str) -> bool:
    return re.search(_HEADING.format("Request Statistics"), text) is not None


def is_whole_page(text: str) -> bool:
    """Say whether a page ends as every release ends it."""
    return text.rstrip()[-len(_END_OF_PAGE) :].lower() == _END_OF_PAGE


def read_report(path: str, encoding: str = "utf-8") -> Document:
    """Read a report; raises ResultError."""
    text = read_document(path, encoding)
    check_size(path, text)
    if _has_tables(text):  # data holds no "<", so what else is in the page is a text
        data = {key: _entries(path, text, title) for title, (key, _) in _TABLES.items()}
        document = _document(path, data)
        document = replace(document, time=_table_time(text))
    else:
        document = _document(path, _data(path, text))
    if not is_whole_page(text):
        raise ResultError(
            path, f"is truncated: it does not end with {_END_OF_PAGE}", "Copy it again."
        )
    return document


def _data(path: str, text: str) -> object:
    """Return the data in the page of Locust 2.21 and newer."""
    _, mark, text = text.partition(_DATA)
    if not mark:
        raise ResultError(path, "is not a Locust report", _REMEDY)
    text = "{" + text
    try:
        value, end = decode_json(text)
    except ValueError as error:
        raise ResultError(path, f"is truncated or damaged: {error}", _REMEDY) from error
    if _DATA in text[end:]:
        raise ResultError(path, "holds several reports", "Name each report by itself.")
    return value


def _document(path: str, value: object) -> Document:
    data = Place(path, "", value)
    entries = data.get("requests_statistics").items()
    # Through 2.37.12 texts are escaped inside the data; those releases also wrote safe_name.
    escaped = any("safe_name" in entry.mapping() for entry in entries)
    times = _response_times(data, escaped=escaped)
    rows = [_with_percentiles(endpoint(entry, escaped_name=escaped), times) for entry in entries]
    total, problems = take_total(rows)
    errors = data.get("failures_statistics").items()
    exceptions = data.get("exceptions_statistics")
    return Document(
        statistics=add_up(path, rows, total, problems),
        failures=[failure(entry, escaped_name=escaped, escaped_error=escaped) for entry in errors],
        seen=tuple(map(seen, errors)),
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


def report_history(path: str, encoding: str = "utf-8") -> tuple[object, TimeSpan | None]:
    """Return the history in a report that can be read, as its release has it, and its times.

    That is data since Locust 2.21, and the text of a script before. Raises ResultError.
    """
    text = read_document(path, encoding)
    if _has_tables(text):  # behind which, as behind all texts of the run, the script stands
        _, mark, script = text.rpartition(_SCRIPT)
        return script.partition("</script>")[0] if mark else "", _table_time(text)
    data = Place(path, "", _data(path, text))
    return data.value, _time(data.get("start_time").value)


def _time(*times: object) -> TimeSpan | None:
    return span(map(from_text, times), "report")


def _table_time(text: str) -> TimeSpan | None:
    """Return the times of a page; whether they are UTC depends on a release that nothing names."""
    line = text.partition("<p>During: ")[2].partition("\n")[0]
    time = _time(*_TIME.findall(line))
    return None if time is None else replace(time, zone_known=False)


_Times = dict[tuple[str, str], dict[str, float | None]]


def _response_times(data: Place, *, escaped: bool) -> _Times:
    """Return the percentiles of every endpoint, which stand in a table of their own."""
    place = data.get("response_time_statistics")
    return {
        key_of(entry, escaped=escaped): {
            name: entry.get(share).number()
            for share in entry.mapping()
            if (name := share_as_percentile(share)) is not None
        }
        for entry in (place.items() if place.value is not None else [])
    }


def _with_percentiles(row: EndpointStats, times: _Times) -> EndpointStats:
    percentiles = dict(row.latency.percentiles) | times.get(row.key, {})
    return replace(row, latency=replace(row.latency, percentiles=in_order(percentiles)))


# --- tables ---------------------------------------------------------------------------------------


def _entries(path: str, page: str, title: str) -> list[dict[str, object]]:
    """Return the rows of a table as the entries that newer releases have in their data."""
    header, *rows = _table(path, page, title) or [[]]
    columns = _TABLES[title][1]
    for column in columns if rows else ():
        if column not in header:
            raise ResultError(path, f'has a table without the column "{column}"', _REMEDY)
    keys = columns | {_SIZE: "avg_content_length"}
    for column in header:
        if (name := percentile(column.removesuffix("ile (ms)"))) is not None:
            keys[column] = str(float(name) / 100)
    entries = []
    for cells in rows:
        if len(cells) != len(header):
            raise ResultError(path, f'has a damaged row in its table "{title}"', _REMEDY)
        row = dict(zip(header, cells, strict=True))
        entries.append({key: _value(path, c, row[c]) for c, key in keys.items() if c in row})
    return entries


def _value(path: str, column: str, text: str) -> object:
    """Return what a cell holds; raises ResultError."""
    if column in _TEXTS:
        return text
    try:
        return value(column, text.strip(), _NUMBERS.get(column, number))
    except ValueError as error:
        raise ResultError(path, str(error), _REMEDY) from None


def _table(path: str, page: str, title: str) -> list[list[str]]:
    """Return the rows of the table below a heading, the column names first; none: no such table."""
    headings = list(re.finditer(_HEADING.format(re.escape(title)), page))
    if not headings:
        return []
    if len(headings) > 1:  # a text may hold the heading, and another table
        raise ResultError(path, f'has two tables "{title}"', _REMEDY)
    rows: list[list[str]] = []
    cells = 0
    part = _BEGIN.match(page, headings[0].end())
    while part:
        if _END.match(page, part.end()):
            return rows
        if part := _ROW.match(page, part.end()):
            rows.append([])
            while cell := _CELL.match(page, part.end()):
                part = cell
                rows[-1].append(html.unescape(cell[2]))
                cells += 1
                if cells > MOST_CELLS:
                    problem = f"has a table of more than {MOST_CELLS:,} cells"
                    raise ResultError(path, problem, _REMEDY)
            part = _END_OF_ROW.match(page, part.end())
    raise ResultError(path, f'has a damaged row in its table "{title}"', _REMEDY)
