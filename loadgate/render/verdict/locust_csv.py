"""A verdict as Locust's own two CSV files, without the expected failures."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from loadgate.masking import Endpoint, distinct, mask_secrets
from loadgate.model import FILTERED, Classification, EndpointResult, Verdict
from loadgate.text import encodable, one_line

COLUMNS = (
    ("Type", "type"),
    ("Name", "name"),
    ("Request Count", "requests"),
    ("Failure Count", "failures"),
    ("Median Response Time", "median"),
    ("Average Response Time", "avg"),
    ("Min Response Time", "min"),
    ("Max Response Time", "max"),
    ("Average Content Size", "content_size"),
    ("Requests/s", "rps"),
    ("Failures/s", "failures_per_second"),
)
"""Those of Locust 1.0 and newer, with what they hold, for a run that came from no CSV file."""
FAILURES_HEADER = ("Method", "Name", "Error", "Occurrences")
TOTAL = ("", "Aggregated")
NO_REQUESTS = "N/A"
"""As Locust writes the percentiles of no requests."""
_ROWS = 1000
"""Rows that are given out at once."""

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
# Also in full width, which spreadsheets of some languages take for the same (OWASP, CSV injection).
_FORMULA = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r]")


def escape(text: str) -> str:
    """Return a text as a cell that no spreadsheet takes for a formula: `'=1+1` instead of `=1+1`.

    Control characters other than tab and line breaks are dropped.
    """
    plain = _CONTROL.sub("", encodable(text))
    return f"'{plain}" if _FORMULA.match(plain) else plain


def render(verdict: Verdict) -> str:
    """Return the text of `_stats.csv`."""
    return "".join(render_csv(verdict)[0])


def render_csv(verdict: Verdict) -> tuple[Iterator[str], Iterator[str]]:
    """Return what belongs into `_stats.csv` and into `_failures.csv`, piece by piece.

    Failure counts are those of true failures; all else is as the run's own files have it, and what
    those do not say is empty. One more column, which is empty, says in its name what the files were
    made of: judged again, they would pass a budget that the run exceeds. Texts are masked as in
    every output. Endpoints that become equal get a number: ` (2)`, ` (3)` behind the name. Memory
    does not grow with the failures.
    """
    classification = verdict.classification
    names = distinct([(row.stats.method, row.stats.name) for row in classification.endpoints], _own)
    return _pieces(_statistics(classification, names)), _pieces(_failures(classification, names))


def _own(text: str) -> str:
    return escape(mask_secrets(text))


def _mark(classification: Classification) -> str:
    """Return the name of the last column, by which loadgate knows its own files again."""
    run = classification.run
    path = next((source.path for source in run.sources), run.label)
    return _own(one_line(FILTERED + path))


def _statistics(
    classification: Classification, names: dict[Endpoint, Endpoint]
) -> Iterator[Sequence[object]]:
    rows = (*classification.endpoints, classification.total)
    known = {percentile for row in rows for percentile, _ in row.stats.latency.percentiles}
    columns = classification.run.columns or (
        *COLUMNS,
        *((f"{number}%", number) for number in sorted(known, key=float)),
    )
    yield [*(_own(name) for name, _ in columns), _mark(classification)]
    for row in classification.endpoints:
        yield _row(row, names[row.stats.method, row.stats.name], columns)
    yield _row(classification.total, TOTAL, columns)


def _row(row: EndpointResult, name: Endpoint, columns: Sequence[tuple[str, str]]) -> list[object]:
    stats = row.stats
    numbers = {
        "median": stats.latency.median,
        "avg": stats.latency.avg,
        "min": stats.latency.min,
        "max": stats.latency.max,
        "content_size": stats.content_size,
        "rps": stats.rps,
        "failures_per_second": _failures_per_second(row),
        **dict(stats.latency.percentiles),
    }
    cells: dict[str, object] = {key: _number(number) for key, number in numbers.items()}
    if not stats.requests:
        cells |= {key: NO_REQUESTS for key, number in stats.latency.percentiles if number is None}
    cells |= {"type": name[0], "name": name[1], "requests": stats.requests, "failures": row.true}
    return [*(cells.get(key, "") for _, key in columns), ""]


def _failures_per_second(row: EndpointResult) -> float | None:
    """Return true failures in the time in which the requests were made, as Locust divides."""
    if not row.true:
        return 0.0
    if row.stats.rps is None or not row.stats.requests:
        return None
    return row.true * row.stats.rps / row.stats.requests


def _number(value: float | None) -> int | float | str:
    if value is None:
        return ""
    return int(value) if value.is_integer() else value


def _failures(
    classification: Classification, names: dict[Endpoint, Endpoint]
) -> Iterator[Sequence[object]]:
    log = classification.true_log
    yield (*FAILURES_HEADER, *(map(_own, log.more) if log else ()), _mark(classification))
    for (method, name, error, count), cells in log.full_rows([]) if log else ():
        endpoint = names.get((method, name)) or (_own(method), _own(name))
        yield (*endpoint, _own(error), count, *map(_own, cells), "")


class _Through:
    """A file for csv.writer that keeps nothing: what is written is what writerow returns."""

    def write(self, text: str) -> str:
        return text


def _pieces(rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Yield the text of the file, some rows at a time."""
    write = csv.writer(_Through()).writerow
    lines = iter(rows)
    while piece := [write(row) for row in islice(lines, _ROWS)]:
        yield "".join(piece)
