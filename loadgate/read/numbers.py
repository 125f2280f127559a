"""Numbers: what one source lacks from another, and the worst of all where they disagree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from loadgate.model import LAG, EndpointStats, Latency
from loadgate.read.entries import in_order
from loadgate.read.statistics import Statistics

Number = TypeVar("Number", int, float)
_Numbers = dict[str, float | None]
"""Times and rate of an endpoint by their names in thresholds: "avg", "p95", "rps"."""


def completed(
    judged: Statistics, other: Statistics, *, exact: bool = False
) -> tuple[Statistics, tuple[str, ...]]:
    """Return the statistics that are judged with the numbers that only the other has.

    A report has fewer percentiles than CSV files. Those of a writer that died are of another time.
    `exact`: where the judged ones say that there is no number, as no request was timed, there is
    none.
    """
    if judged.total.requests > other.total.requests * LAG:
        return judged, ()
    rows = {row.key: row for row in other.endpoints}
    lacked: dict[str, None] = {}

    def complete(row: EndpointStats, twin: EndpointStats | None) -> EndpointStats:
        if twin is None or not row.requests or not twin.requests:
            return row  # where there were no requests, a 0 in a CSV file is no time
        known = _numbers(row)
        more = {
            name: number
            for name, number in _numbers(twin).items()
            if number is not None and known.get(name) is None and not (exact and name in known)
        }
        lacked.update(dict.fromkeys(more))
        return _with_numbers(row, known | more)

    endpoints = [complete(row, rows.get(row.key)) for row in judged.endpoints]
    total = complete(judged.total, other.total)
    return replace(judged, endpoints=tuple(endpoints), total=total), tuple(lacked)


def strict(views: Sequence[Statistics], failures: Iterable[int]) -> Statistics:
    """Return the fewest requests, the most failures, the worst times and rate of all views.

    `failures` are further totals of failures. What a view lacks has no requests there.
    """
    rows: dict[tuple[str, str], EndpointStats] = {}
    total = views[0].total
    for view in views:
        total = _worse(total, view.total)
        for row in view.endpoints:
            known = rows.get(row.key)
            rows[row.key] = row if known is None else _worse(known, row)
    seen = Counter(row.key for view in views for row in view.endpoints)
    endpoints = tuple(
        row if seen[key] == len(views) else replace(row, requests=0, rps=None)
        for key, row in rows.items()
    )
    return replace(
        views[0],
        endpoints=endpoints,
        total=replace(
            total,
            requests=min(total.requests, sum(row.requests for row in endpoints)),
            failures=max(total.failures, *failures, sum(row.failures for row in endpoints)),
        ),
    )


def _worse(row: EndpointStats, other: EndpointStats) -> EndpointStats:
    """Return the worse of every number."""
    mine, theirs = _numbers(row), _numbers(other)
    worse: _Numbers = {name: most((mine.get(name), theirs.get(name))) for name in mine | theirs}
    worse["rps"] = min((rps for rps in (row.rps, other.rps) if rps is not None), default=None)
    return replace(
        _with_numbers(row, worse),
        requests=min(row.requests, other.requests),
        failures=max(row.failures, other.failures),
    )


def most(values: Iterable[Number | None]) -> Number | None:
    """Return the greatest that is known; None: none is."""
    return max((value for value in values if value is not None), default=None)


def _numbers(row: EndpointStats) -> _Numbers:
    times = row.latency
    named = {"avg": times.avg, "min": times.min, "max": times.max, "median": times.median}
    return named | {f"p{name}": time for name, time in times.percentiles} | {"rps": row.rps}


def _with_numbers(row: EndpointStats, numbers: Mapping[str, float | None]) -> EndpointStats:
    percentiles = {name[1:]: time for name, time in numbers.items() if name.startswith("p")}
    latency = Latency(
        avg=numbers["avg"],
        min=numbers["min"],
        max=numbers["max"],
        median=numbers["median"],
        percentiles=in_order(percentiles),
    )
    return replace(row, latency=latency, rps=numbers["rps"])
