"""Numbers: what one source lacks from another, and the worst of all where they disagree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from loadgate.model import LAG, EndpointStats, Latency
from loadgate.read.entries import in_order
from loadgate.read.statistics import Statistics

Number = TypeVar("Number", int, float)

_NUMBERS = ("avg", "min", "max", "median")


def completed(judged: Statistics, other: Statistics) -> tuple[Statistics, tuple[str, ...]]:
    """Return the statistics that are judged with the numbers that only the other has.

    A report has fewer percentiles than CSV files. Those of a writer that died are of another time.
    """
    if judged.total.requests > other.total.requests * LAG:
        return judged, ()
    rows = {(row.method, row.name): row for row in other.endpoints}
    lacked: dict[str, None] = {}
    endpoints = [
        _with_numbers(row, rows.get((row.method, row.name)), lacked) for row in judged.endpoints
    ]
    total = _with_numbers(judged.total, other.total, lacked)
    return replace(judged, endpoints=tuple(endpoints), total=total), tuple(lacked)


def _with_numbers(
    row: EndpointStats, other: EndpointStats | None, lacked: dict[str, None]
) -> EndpointStats:
    """Return a row with the numbers that only the other has; note their names."""
    if other is None or not row.requests or not other.requests:
        return row  # where there were no requests, a 0 in a CSV file is no time
    mine, theirs = row.latency, other.latency
    numbers: dict[str, float | None] = {}
    for name in _NUMBERS:
        numbers[name] = getattr(mine, name)
        if numbers[name] is None and getattr(theirs, name) is not None:
            numbers[name] = getattr(theirs, name)
            lacked[name] = None
    known = dict(mine.percentiles)
    for percentile, value in theirs.percentiles:
        if known.get(percentile) is None and value is not None:
            known[percentile] = value
            lacked[f"p{percentile}"] = None
    rps = row.rps
    if rps is None and other.rps is not None:
        rps = other.rps
        lacked["rps"] = None
    return replace(row, latency=Latency(**numbers, percentiles=in_order(known)), rps=rps)


def strict(views: Sequence[Statistics], failures: Iterable[int]) -> Statistics:
    """Return the fewest requests, the most failures, the worst times and rate of all views.

    `failures` are further totals of failures. What a view lacks has no requests there.
    """
    rows: dict[tuple[str, str], EndpointStats] = {}
    total = views[0].total
    for view in views:
        total = _worse(total, view.total)
        for row in view.endpoints:
            known = rows.get((row.method, row.name))
            rows[row.method, row.name] = row if known is None else _worse(known, row)
    told = Counter((row.method, row.name) for view in views for row in view.endpoints)
    rows = {
        key: row if told[key] == len(views) else replace(row, requests=0, rps=None)
        for key, row in rows.items()
    }
    return replace(
        views[0],
        endpoints=tuple(rows.values()),
        total=replace(
            total,
            requests=min(total.requests, sum(row.requests for row in rows.values())),
            failures=max(total.failures, *failures, sum(row.failures for row in rows.values())),
        ),
    )


def _worse(one: EndpointStats, other: EndpointStats) -> EndpointStats:
    """Return the worse of every number."""
    percentiles = dict(one.latency.percentiles)
    for name, value in other.latency.percentiles:
        percentiles[name] = most((percentiles.get(name), value))
    numbers = {
        name: most((getattr(one.latency, name), getattr(other.latency, name))) for name in _NUMBERS
    }
    rates = [rate for rate in (one.rps, other.rps) if rate is not None]
    return replace(
        one,
        requests=min(one.requests, other.requests),
        failures=max(one.failures, other.failures),
        latency=Latency(**numbers, percentiles=in_order(percentiles)),
        rps=min(rates, default=None),
    )


def most(values: Iterable[Number | None]) -> Number | None:
    """Return the greatest that is known; None: none is."""
    return max((value for value in values if value is not None), default=None)
