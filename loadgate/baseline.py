"""What several runs measured in, what they measured taken together out: the baseline of a gate."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from loadgate.masking import Endpoint, mask_secrets
from loadgate.model import OTHER_SIGNATURES, UNEXPLAINED, Classification, FailureKind, Metric
from loadgate.share import share

Kind = tuple[str, str, int | None, str]
"""Method, name, status and signature of true failures."""

NUMBERS = ("avg", "min", "max", "median", "rps")
"""Times in milliseconds and the throughput of a run or endpoint, as documents name them."""

_UNCOMPARABLE = {OTHER_SIGNATURES, UNEXPLAINED}
"""Signatures that stand for texts which nobody can look at: what is in them may be new."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What runs measured at one endpoint, or as a whole."""

    runs: int
    """Those that have the endpoint."""
    requests: int
    """Of all of them together, as are the failures."""
    failures: int
    expected: int
    true: int
    task_exceptions: Fraction | None
    """Of the mean run; None: not known."""
    numbers: Mapping[str, Fraction]
    """Milliseconds by "avg", "min", "max", "median" and "p95", requests a second by "rps"; of
    several runs the median of those that have the number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What one run measured, or several taken together; texts are masked, as in documents."""

    total: Row
    endpoints: Mapping[Endpoint, Row]
    """Those that had requests or failures."""
    unsure: frozenset[Endpoint]
    """Those with names that masking made equal, which then were numbered as they came."""
    kinds: frozenset[Kind]
    """Of the true failures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What tells a run from any other; rules do not change it."""

    started: datetime | None
    ended: datetime | None
    """None: nothing in its files says when it was. When they were written is told by no copy."""
    requests: int
    failures: int
    numbers: tuple[Fraction | None, ...]
    """Of the whole run, those named in NUMBERS."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """The runs to hold a run against."""

    measured: Measured | None
    """None: there are none, which was allowed."""
    runs: Mapping[Identity, str]
    """What the user calls each."""
    files: tuple[str, ...] = ()
    """All that was read for it, and what belongs to that."""
    warnings: tuple[str, ...] = ()
    """What a reader of the verdict must know of it, a sentence each."""


ABSENT = Baseline(measured=None, runs={})
"""For runs that are judged for other ends than their verdict: what needs a baseline is skipped."""


def together(runs: Sequence[Measured]) -> Measured:
    """Take runs (one at least) together: counts are summed up, times and throughput are medians."""
    rows: defaultdict[Endpoint, list[Row]] = defaultdict(list)
    for run in runs:
        for endpoint, row in run.endpoints.items():
            rows[endpoint].append(row)
    return Measured(
        total=_one([run.total for run in runs]),
        endpoints={endpoint: _one(of_runs) for endpoint, of_runs in rows.items()},
        unsure=frozenset(endpoint for run in runs for endpoint in run.unsure),
        kinds=frozenset(kind for run in runs for kind in run.kinds),
    )


def _one(rows: Sequence[Row]) -> Row:
    values: defaultdict[str, list[Fraction]] = defaultdict(list)
    for row in rows:
        for name, value in row.numbers.items():
            values[name].append(value)
    exceptions = [row.task_exceptions for row in rows if row.task_exceptions is not None]
    return Row(
        runs=sum(row.runs for row in rows),
        requests=sum(row.requests for row in rows),
        failures=sum(row.failures for row in rows),
        expected=sum(row.expected for row in rows),
        true=sum(row.true for row in rows),
        task_exceptions=Fraction(sum(exceptions), len(exceptions)) if exceptions else None,
        numbers={name: median(found) for name, found in values.items()},
    )


def median(values: Iterable[Fraction]) -> Fraction:
    """Return the middle of some values (one at least), exactly."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    return (ordered[middle] + ordered[-1 - middle]) / 2


def value(row: Row, metric: Metric) -> Fraction | None:
    """Return the value of a metric in the unit of its kind; None: there is none.

    A rate is one of all the runs together, a count that of the mean run that has the endpoint.
    """
    match metric.kind:
        case "rate":
            return share(_counts(row)[metric.name.replace("_rate", "s")], row.requests)
        case "count" if metric.name == "task_exceptions":
            return row.task_exceptions
        case "count":
            return Fraction(_counts(row)[metric.name], row.runs)
    name = metric.name if metric.percentile is None else f"p{metric.percentile}"
    return row.numbers.get(name)


def _counts(row: Row) -> dict[str, int]:
    return {
        "requests": row.requests,
        "failures": row.failures,
        "expected_failures": row.expected,
        "true_failures": row.true,
    }


def identity(classification: Classification) -> Identity:
    """Return what tells the run from any other."""
    time, stats = classification.run.time, classification.total.stats
    known = time if time and time.source != "file" else None
    latency = stats.latency
    numbers = (latency.avg, latency.min, latency.max, latency.median, stats.rps)
    return Identity(
        started=known.started if known else None,
        ended=known.ended if known else None,
        requests=stats.requests,
        failures=classification.total.failures,
        numbers=tuple(None if each is None else Fraction(repr(each)) for each in numbers),
    )


class Comparison:
    """A run and its baseline, side by side: what the one has where the other has it, too."""

    def __init__(self, classification: Classification, measured: Measured) -> None:
        """Pair the endpoints by their masked names; of names that masking made equal, none."""
        masked: defaultdict[Endpoint, list[Endpoint]] = defaultdict(list)
        for row in classification.endpoints:
            endpoint = (row.stats.method, row.stats.name)
            masked[mask_secrets(endpoint[0]), mask_secrets(endpoint[1])].append(endpoint)
        self._masked = {
            same[0]: mask
            for mask, same in masked.items()
            if len(same) == 1 and mask not in measured.unsure
        }
        self._measured = measured
        self._new: defaultdict[Endpoint | None, list[FailureKind]] = defaultdict(list)
        for kind in classification.failures:
            if kind.decision == "true" and self._is_new(kind):
                self._new[None].append(kind)
                self._new[kind.method, kind.name].append(kind)

    def row(self, endpoint: Endpoint | None) -> Row | None:
        """Return what the baseline has of an endpoint, or of the whole; None: nothing."""
        if endpoint is None:
            return self._measured.total
        masked = self._masked.get(endpoint)
        return None if masked is None else self._measured.endpoints.get(masked)

    def new_kinds(self, endpoint: Endpoint | None) -> list[FailureKind]:
        """Return the kinds of true failures of an endpoint, or all, that the baseline has not."""
        return self._new.get(endpoint, [])

    def _is_new(self, kind: FailureKind) -> bool:
        masked = self._masked.get((kind.method, kind.name))
        if masked is None or kind.signature in _UNCOMPARABLE:
            return True
        key = (*masked, kind.status, mask_secrets(kind.signature))
        return key not in self._measured.kinds
