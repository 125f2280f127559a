"""Metrics: the one table of what a threshold can be put on, with kind, value and direction."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import lru_cache
from typing import Literal

from loadgate.masking import Endpoint
from loadgate.model import Metric, MetricKind, Status, TimeSpan
from loadgate.share import share

ABORTS = "aborts"
"""The metric that is about runs which the recorder stopped because they had failed."""

RECORD = "record the run: loadgate locust ..."
"""What to do where only a recording tells."""

NEW_KINDS = "new_failure_kinds"
"""The metric that is about the difference to the baseline."""


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
    numbers: Mapping[str, Fraction | float]
    """Milliseconds by "avg", "min", "max", "median" and "p95", requests a second by "rps", seconds
    by "duration", and "users"; of several runs the median of those that have the number."""
    statuses: Mapping[Status | None, int] = field(default_factory=dict)
    """Failures by status, of all runs together; None: the status is unknown."""
    likely: Mapping[Status | None, int] = field(default_factory=dict)
    """As `statuses`, with what is likely where none is certain."""
    named: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """What a check names besides counting it, by metric; only of the run that is judged."""
    times: Callable[[str], Fraction | None] | None = None
    """Response times that a recording tells besides `numbers`, by metric; None: there is none."""
    allowed: int | None = None
    """As EndpointResult.allowed, of all runs together; None: no run was recorded."""
    each: tuple[Row, ...] = ()
    """The runs one by one, where each counts the same whatever it measured, as in a baseline."""
    quantile: Callable[[float], float | None] | None = None
    """As Latency.quantile, of one run."""


def by_status(
    failures: Iterable[tuple[Endpoint, Status | None, int]],
) -> dict[Endpoint | None, Counter[Status | None]]:
    """Add up failures (endpoint, status, count) by status, of each endpoint and of them all."""
    counts: defaultdict[Endpoint | None, Counter[Status | None]] = defaultdict(Counter)
    for endpoint, status, count in failures:
        counts[endpoint][status] += count
        counts[None][status] += count
    return counts


# --- units ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """How the values of one kind of metric are written."""

    factors: Mapping[str, Fraction]
    """What may stand behind the number of a limit, and what that is in the unit of the kind."""
    rule: str
    """How a limit is written, behind "METRIC is"."""
    document: str
    """What result documents call the unit."""
    shown: str = ""
    """What stands behind a value that people read."""
    shown_factor: int = 1


_NO_SUFFIX = {"": Fraction(1)}
UNITS: dict[MetricKind, Unit] = {
    "count": Unit(
        factors=_NO_SUFFIX,
        rule="a count: a whole number without a unit, such as 100",
        document="count",
    ),
    "rate": Unit(
        factors={"%": Fraction(1, 100)},
        rule="a share of the requests, written with %, such as 0.5%",
        document="ratio",
        shown="%",
        shown_factor=100,
    ),
    "latency": Unit(
        factors={"ms": Fraction(1), "s": Fraction(1000)},
        rule="a time, written with ms or s, such as 800ms",
        document="ms",
        shown=" ms",
    ),
    "throughput": Unit(
        factors=_NO_SUFFIX,
        rule="a number of requests a second without a unit, such as 250",
        document="1/s",
        shown="/s",
    ),
    "duration": Unit(
        factors={"s": Fraction(1), "m": Fraction(60), "h": Fraction(3600)},
        rule="a length of time, written with s, m or h, such as 5m",
        document="s",
        shown=" s",
    ),
}

# --- the table ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """What a metric is."""

    kind: MetricKind
    value: Callable[[Row], Fraction | None]
    """Its value in the unit of the kind; None: there is none."""
    bad: Literal["high", "low", ""] = ""
    """What no good run has much of, or little of; "": either may be wanted."""
    run_only: str = ""
    """Why no single endpoint has it; "": each has."""
    lacking: str = "the files do not say; limit another metric"
    """Why there is no value, and what to do."""
    rises: bool = False
    """It never falls while the run is on."""
    in_baseline: bool = True
    in_window: bool = True
    """It is known of a part of the run, too, if that was recorded."""
    of_status: bool = False
    """It counts failures with a status, which those without an error text may have, too."""
    percentile: str | None = None
    """Metric.percentile."""


def median(values: Iterable[Fraction]) -> Fraction:
    """Return the middle of some values (one at least), exactly."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    return (ordered[middle] + ordered[-1 - middle]) / 2


def exact(number: Fraction | float) -> Fraction:
    """Take a number as the files write it: 0.1 is a tenth, not the nearest binary fraction."""
    return number if isinstance(number, Fraction) else Fraction(repr(number))


def clock(time: Fraction) -> str:
    """Return seconds as "1h 2m 3s", fractions of one in three digits."""
    whole, parts = int(abs(time)), []
    for suffix, length in (("h", 3600), ("m", 60)):
        if whole >= length:
            parts.append(f"{whole // length:,}{suffix}")
            whole %= length
    rest = whole + abs(time) % 1
    if rest or not parts:
        parts.append(f"{plain(rest)}s")
    return ("-" if time < 0 else "") + " ".join(parts)


def plain(number: Fraction) -> str:
    """Return a number of at least 0 in three digits or more, whole ones in full."""
    return f"{float(number):,.0f}" if number >= 100 else f"{float(number):.3g}"


def seconds(time: TimeSpan | None) -> int | None:
    """Return how long a run took; None: at most the time says it at which a file was written."""
    if time is None or time.source == "file":
        return None
    return int((time.ended - time.started).total_seconds())


def _mean(count: Callable[[Row], int]) -> Callable[[Row], Fraction | None]:
    """Return a count of the mean run that has the endpoint."""
    return lambda row: Fraction(count(row), row.runs)


def _rate(count: Callable[[Row], int]) -> Callable[[Row], Fraction | None]:
    """Return a count as a share of all requests; of failures without requests it is all or none."""

    def rate(row: Row) -> Fraction | None:
        known = share(count(row), row.requests)
        return Fraction(0) if known is None and row.failures else known

    return rate


def _number(name: str) -> Callable[[Row], Fraction | None]:
    """Return one of Row.numbers."""

    def number(row: Row) -> Fraction | None:
        known = row.numbers.get(name)
        return None if known is None else exact(known)

    return number


def _time(name: str) -> Callable[[Row], Fraction | None]:
    """Return a response time, which a recording may tell."""
    number = _number(name)

    def time(row: Row) -> Fraction | None:
        known = number(row)
        return row.times(name) if known is None and row.times is not None else known

    return time


def _named(name: str) -> Callable[[Row], Fraction | None]:
    """Return how many a check would name."""
    return lambda row: Fraction(len(row.named[name])) if name in row.named else None


def _of_successes(name: str) -> Definition:
    """Return what a response time of successes alone is."""
    return Definition(
        kind="latency",
        value=_time(name),
        bad="high",
        rises=name == "max_ok",
        in_baseline=False,
        lacking=f"the files do not tell the times of successes apart; {RECORD}",
    )


_HISTORY = "keep Locust's _stats_history.csv beside the statistics"
_MANY_ENDPOINTS = "a rule may be about many endpoints"
_TABLE: dict[str, Definition] = {
    "requests": Definition(
        kind="count", value=_mean(lambda row: row.requests), bad="low", rises=True
    ),
    "failures": Definition(
        kind="count", value=_mean(lambda row: row.failures), bad="high", rises=True
    ),
    "expected_failures": Definition(
        kind="count", value=_mean(lambda row: row.expected), rises=True
    ),
    "true_failures": Definition(
        kind="count", value=_mean(lambda row: row.true), bad="high", rises=True
    ),
    "failure_rate": Definition(kind="rate", value=_rate(lambda row: row.failures), bad="high"),
    "expected_failure_rate": Definition(kind="rate", value=_rate(lambda row: row.expected)),
    "true_failure_rate": Definition(kind="rate", value=_rate(lambda row: row.true), bad="high"),
    "task_exceptions": Definition(
        kind="count",
        value=lambda row: row.task_exceptions,
        bad="high",
        rises=True,
        in_window=False,
        run_only="Locust does not say which endpoint a task was at",
        lacking="there is no exceptions file; keep Locust's _exceptions.csv beside the statistics",
    ),
    **{
        name: Definition(kind="latency", value=_time(name), bad="high", rises=name == "max")
        for name in ("avg", "min", "max", "median")
    },
    **{name: _of_successes(name) for name in ("avg_ok", "min_ok", "max_ok", "median_ok")},
    "rps": Definition(kind="throughput", value=_number("rps"), bad="low"),
    "duration": Definition(
        kind="duration",
        value=_number("duration"),
        rises=True,
        run_only="the files give times for the run, not for each endpoint",
        lacking=f"no file says how long the run took; {_HISTORY}",
    ),
    "users": Definition(
        kind="count",
        value=_number("users"),
        rises=True,
        run_only="the files count the users of the run, not of each endpoint",
        lacking=f"no file says how many users there were; {_HISTORY}",
    ),
    ABORTS: Definition(
        kind="count",
        value=_number(ABORTS),
        bad="high",
        in_window=False,
        run_only="the recorder stops the run, not an endpoint",
    ),
    NEW_KINDS: Definition(
        kind="count", value=_named(NEW_KINDS), bad="high", in_baseline=False, in_window=False
    ),
    **{
        name: Definition(
            kind="count",
            value=_named(name),
            bad="high",
            run_only=_MANY_ENDPOINTS,
            in_baseline=False,
            in_window=False,
        )
        for name in ("idle_rules", "expired_rules", "expiring_rules")
    },
}

METRICS = (
    *_TABLE,
    *("p50", "p90", "p95", "p99", "p99.9", "p95_ok"),
    *("status_5xx", "status_5xx_rate", "status_429", "status_429_rate"),
    *("status_unknown", "status_unknown_rate"),
)
"""Every metric; of percentiles and statuses the usual ones stand for all."""

LISTED = (
    f"the metrics are {', '.join(name for name in _TABLE if not name.endswith('_ok'))},"
    " percentiles such as p95 or, of successes, p95_ok, and status_5xx, status_429 or"
    " status_unknown, each also with _rate"
)

PERCENTILE = re.compile(r"p([0-9]+(?:\.[0-9]+)?)(_ok)?")
_STATUS = re.compile(r"status_(?:([1-5])(?:xx|([0-9][0-9]))|unknown)(_rate)?")


@lru_cache(maxsize=1024)
def definition(name: str) -> Definition:
    """Return what a metric is; raise KeyError where there is none of that name."""
    percentile, status = PERCENTILE.fullmatch(name), _STATUS.fullmatch(name)
    if percentile is not None:
        shortest = _shortest(percentile[1])
        if percentile[2]:
            return _of_successes(f"p{shortest}_ok")
        return Definition(
            kind="latency", value=_time(f"p{shortest}"), bad="high", percentile=shortest
        )
    if status is not None:
        first, rest, rate = status.groups()
        # To refuse is what a limiter of rates is for, so a floor under 4xx may be wanted.
        bad: Literal["high", ""] = "high" if first in {"5", None} else ""
        count = _of_status(first, rest)
        known = first is not None
        if rate:
            return Definition(kind="rate", value=_rate(count), bad=bad, of_status=known)
        return Definition(kind="count", value=_mean(count), bad=bad, rises=True, of_status=known)
    return _TABLE[name]


def _of_status(first: str | None, rest: str | None) -> Callable[[Row], int]:
    """Return what counts failures by the first digit of their status and the two others.

    Without the others any are meant; without the first, those whose status is unknown.
    """
    if first is None:
        return lambda row: row.statuses.get(None, 0)
    if rest is not None:
        return lambda row: row.statuses.get(int(first + rest), 0)
    return lambda row: sum(
        count
        for status, count in row.statuses.items()
        if isinstance(status, int) and status // 100 == int(first)
    )


def metric(name: str) -> Metric | None:
    """Return the metric of that name; None: there is none."""
    try:
        known = definition(name)
    except KeyError:
        return None
    return Metric(name=name, kind=known.kind, percentile=known.percentile)


def value(row: Row, metric: Metric, *, likely: bool = False) -> Fraction | None:
    """Return the value of a metric in the unit of its kind; None: there is none.

    `likely`: what likely has a status counts, as it does against an upper limit.
    Of several runs a rate is that of all their requests, a count that of the mean run that has the
    endpoint; where each run counts the same (`Row.each`), it is the median of those that have one.
    """
    found = definition(metric.name)

    def of(row: Row) -> Fraction | None:
        return found.value(replace(row, statuses=row.likely) if likely and found.of_status else row)

    if not row.each:
        return of(row)
    known = [number for run in row.each if (number := of(run)) is not None]
    return median(known) if known else None


def lacking(row: Row, metric: Metric) -> str:
    """Return why a row has no value of a metric, and what to do."""
    known = definition(metric.name)
    if known.kind in {"rate", "latency"} and not row.requests:
        return "no requests"
    if known.kind == "latency" and row.times is not None:
        return "no request here has a response time"
    if known.percentile is not None and f"p{known.percentile}" not in row.numbers:
        have = [name for name in row.numbers if PERCENTILE.fullmatch(name)]
        if not have:
            return f"the files have no percentiles; limit avg, median or max, or {RECORD}"
        return f"the files have {', '.join(have)}; choose one of them, or {RECORD}"
    return known.lacking


def _shortest(number: str) -> str:
    """Return a decimal number without the zeros that say nothing, as Locust's columns have it."""
    whole, _, decimals = number.partition(".")
    decimals = decimals.rstrip("0")
    return (whole.lstrip("0") or "0") + (f".{decimals}" if decimals else "")
