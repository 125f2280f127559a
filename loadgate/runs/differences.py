"""By how much each number of an endpoint, or of all requests, differs between two groups."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

from loadgate.difference import (
    Bounds,
    Counts,
    Difference,
    quantile_difference,
    quantile_shares,
    rate_difference,
    throughput_difference,
    time_difference,
)
from loadgate.metrics import PERCENTILE, Row, metric, value
from loadgate.model import Metric

Rows = Sequence[Row]
"""What each run of a group measured, of those that have it."""

_COUNTS: dict[str, Callable[[Row], int]] = {
    "true_failure_rate": lambda row: row.true,
    "expected_failure_rate": lambda row: row.expected,
}
NUMBERS = {name: known for name in ("avg", "p50", "p95", "p99", "rps") if (known := metric(name))}


def differences(base: Rows, head: Rows, confidence: float) -> dict[str, Difference]:
    """Return the difference of each metric; one without an interval is missing."""
    found = {
        name: rate_difference(_counts(base, count), _counts(head, count), confidence)
        for name, count in _COUNTS.items()
    }
    for name, known in NUMBERS.items():
        found[name] = _of_values(known, base, head, confidence)
    return {name: difference for name, difference in found.items() if difference is not None}


def _counts(rows: Rows, count: Callable[[Row], int]) -> Counts:
    return [(count(row), max(row.requests, count(row))) for row in rows]


def _of_values(known: Metric, base: Rows, head: Rows, confidence: float) -> Difference | None:
    """Return the difference over runs or, of a percentile of one run each, over requests."""
    sides = [
        [
            (row, float(number))
            for row in rows
            if row.requests and (number := value(row, known)) is not None
        ]
        for rows in (base, head)
    ]
    values = [[number for _, number in side] for side in sides]
    if [*map(len, sides)] == [1, 1]:
        bounds = [_bounds(*side[0], known.name, confidence) for side in sides]
        if bounds[0] is None or bounds[1] is None:
            return None
        return quantile_difference(bounds[0], bounds[1], confidence)
    of = throughput_difference if known.kind == "throughput" else time_difference
    return of(values[0], values[1], confidence)


def _bounds(row: Row, time: float, name: str, confidence: float) -> Bounds | None:
    """Return between what times a percentile of one run is; None: it is none, or is not known.

    Without a histogram that is between the known percentiles next to where it is.
    """
    if (found := PERCENTILE.fullmatch(name)) is None:
        return None
    shares = quantile_shares(float(Fraction(found[1]) / 100), row.requests, confidence)
    if shares is None:
        return None
    if row.quantile is not None:
        low, high = map(row.quantile, shares)
    else:
        known = _known_times(row.numbers)
        low = max((known[at] for at in known if at <= shares[0]), default=None)
        high = min((known[at] for at in known if at >= shares[1]), default=None)
    if low is None or high is None:
        return None
    return min(low, time), time, max(high, time)


def _known_times(numbers: Mapping[str, Fraction | float]) -> dict[float, float]:
    """Return the percentiles of a row by the share of the requests that they are for."""
    return {
        float(Fraction(found[1]) / 100): float(time)
        for name, time in numbers.items()
        if (found := PERCENTILE.fullmatch(name)) is not None
    }
