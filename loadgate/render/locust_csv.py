"""A verdict in, Locust's own two CSV files without the expected failures out."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

from loadgate.model import Classification, EndpointResult, Verdict
from loadgate.render.display import REPLACEMENT
from loadgate.render.masking import Endpoint, distinct

STATISTICS_HEADER = (
    "Type",
    "Name",
    "Request Count",
    "Failure Count",
    "Median Response Time",
    "Average Response Time",
    "Min Response Time",
    "Max Response Time",
    "Average Content Size",
    "Requests/s",
    "Failures/s",
)
FAILURES_HEADER = ("Method", "Name", "Error", "Occurrences")
TOTAL = ("", "Aggregated")
UNKNOWN = "N/A"
"""As Locust writes a number that there is not."""

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
# Also in full width, which spreadsheets of some languages take for the same (OWASP, CSV injection).
_FORMULA = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r]")


def escape(text: str) -> str:
    """Return a text as a cell that no spreadsheet takes for a formula: `'=1+1` instead of `=1+1`.

    Control characters other than tab and line breaks are dropped.
    """
    plain = _CONTROL.sub("", _SURROGATE.sub(REPLACEMENT, text))
    return f"'{plain}" if _FORMULA.match(plain) else plain


def render_csv(verdict: Verdict) -> tuple[str, str]:
    """Return what belongs into `_stats.csv` and into `_failures.csv`, as Locust 2 writes them.

    Failure counts are those of true failures. Average Content Size, which loadgate does not read,
    is 0. Endpoints that escaping makes equal are told apart by ` (2)`, ` (3)` behind the name.
    """
    classification = verdict.classification
    names = distinct(
        [(row.stats.method, row.stats.name) for row in classification.endpoints], escape
    )
    return _statistics(classification, names), _failures(classification, names)


def _statistics(classification: Classification, names: dict[Endpoint, Endpoint]) -> str:
    rows = (*classification.endpoints, classification.total)
    percentiles = sorted(
        {percentile for row in rows for percentile, _ in row.stats.latency.percentiles}, key=float
    )
    lines = [
        _row(row, names[row.stats.method, row.stats.name], percentiles)
        for row in classification.endpoints
    ]
    lines.append(_row(classification.total, TOTAL, percentiles))
    return _written([*STATISTICS_HEADER, *(f"{number}%" for number in percentiles)], lines)


def _row(row: EndpointResult, name: Endpoint, percentiles: Sequence[str]) -> list[object]:
    stats = row.stats
    latency = dict(stats.latency.percentiles)
    times = (stats.latency.median, stats.latency.avg, stats.latency.min, stats.latency.max)
    failing = row.true * stats.rps / stats.requests if stats.rps and stats.requests else 0
    return [
        *name,
        stats.requests,
        row.true,
        *(_number(time) for time in times),
        0,
        _number(stats.rps),
        failing,
        *(
            _number(latency.get(percentile)) if stats.requests else UNKNOWN
            for percentile in percentiles
        ),
    ]


def _number(value: float | None) -> int | float | str:
    if value is None:
        return UNKNOWN
    return int(value) if value.is_integer() else value


def _failures(classification: Classification, names: dict[Endpoint, Endpoint]) -> str:
    counts: dict[tuple[str, str, str], int] = {}
    for kind in classification.failures:
        if kind.decision == "true":
            method, name = names.get((kind.method, kind.name), TOTAL)
            key = (method, name, escape(kind.signature))
            counts[key] = counts.get(key, 0) + kind.count
    return _written(FAILURES_HEADER, [[*key, count] for key, count in counts.items()])


def _written(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(header)
    writer.writerows(rows)
    return file.getvalue()
