"""Baselines: what earlier runs measured, taken together, and how a run differs from it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

from loadgate.masking import Endpoint, distinct, mask_secrets
from loadgate.metrics import Row, clock, exact, median, plain
from loadgate.model import LAG, OTHER_SIGNATURES, UNEXPLAINED, Classification, FailureKind

if TYPE_CHECKING:
    from loadgate.summary import RunSummary

Kind = tuple[str, str, int | None, str]
"""Method, name, status and signature of failures."""

NUMBERS = ("avg", "min", "max", "median", "rps")
"""Times in milliseconds and the throughput of a run or endpoint, as documents name them."""

_UNCOMPARABLE = {OTHER_SIGNATURES, UNEXPLAINED}
"""Signatures that stand for texts which nobody can look at: what is in them may be new."""


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
    """What tells a run from any other; rules do not change it, and texts are masked."""

    span: tuple[datetime, datetime] | None
    """Start and end; None: nothing in its files says them. When they were written no copy says."""
    counts: Mapping[Endpoint, tuple[int, int]]
    """Requests and failures of the endpoints that had any."""
    failed: Mapping[Kind, int]
    """Failures by endpoint and status. Forms of a run wrap texts in their own ways, so a signature
    only says that there is none."""
    times: Mapping[str, Fraction]
    """Response times of the whole run in milliseconds, those of TIMES that are known."""
    extremes: Mapping[Endpoint, tuple[Fraction, Fraction]]
    """The shortest and longest time of each endpoint that has both. No two runs share them all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """The runs to hold a run against."""

    measured: Measured | None
    """None: there are none, which was allowed."""
    runs: tuple[tuple[Identity, str], ...]
    """Each with what the user calls it."""
    files: tuple[str, ...] = ()
    """All that was read for it, and what belongs to that."""
    warnings: tuple[str, ...] = ()
    """What a reader of the verdict must know of it, a sentence each."""


ABSENT = Baseline(measured=None, runs=())
"""For runs that are judged for other ends than their verdict: what needs a baseline is skipped."""


def together(runs: Sequence[Measured], *, weighed: bool = False) -> Measured:
    """Take runs (one at least) together: counts are summed up, times and throughput are medians.

    `weighed`: each run counts the same, so that no run with many requests decides alone.
    """
    rows: defaultdict[Endpoint, list[Row]] = defaultdict(list)
    for run in runs:
        for endpoint, row in run.endpoints.items():
            rows[endpoint].append(row)
    return Measured(
        total=_one([run.total for run in runs], weighed=weighed),
        endpoints={endpoint: _one(of_runs, weighed=weighed) for endpoint, of_runs in rows.items()},
        unsure=frozenset(endpoint for run in runs for endpoint in run.unsure),
        kinds=frozenset(kind for run in runs for kind in run.kinds),
    )


def _one(rows: Sequence[Row], *, weighed: bool) -> Row:
    values: defaultdict[str, list[Fraction]] = defaultdict(list)
    statuses: Counter[int | None] = Counter()
    for row in rows:
        statuses.update(row.statuses)
        for name, value in row.numbers.items():
            values[name].append(exact(value))
    exceptions = [row.task_exceptions for row in rows if row.task_exceptions is not None]
    return Row(
        runs=sum(row.runs for row in rows),
        requests=sum(row.requests for row in rows),
        failures=sum(row.failures for row in rows),
        expected=sum(row.expected for row in rows),
        true=sum(row.true for row in rows),
        task_exceptions=Fraction(sum(exceptions), len(exceptions)) if exceptions else None,
        numbers={name: median(found) for name, found in values.items()},
        statuses=statuses,
        each=tuple(rows) if weighed else (),
    )


# --- the same run, or another ---------------------------------------------------------------------

TIMES = ("avg", "min", "max", "median")
_ENDPOINTS = 3
"""Of which whole milliseconds tell runs apart, as FastHttpUser of Locust 2.24 counts them."""
_HAIR = Fraction(1, 1000)
"""Milliseconds that a fraction may lose on its way through a document."""
_MOMENT = timedelta(seconds=2)
"""How far apart two forms of a run may say that it began: a history begins a second later."""


def identity(classification: Classification) -> Identity:
    """Return what tells a run that is judged from any other."""
    time, rows = classification.run.time, classification.endpoints
    names = distinct([(row.stats.method, row.stats.name) for row in rows], mask_secrets)
    total = classification.total.stats.latency
    return Identity(
        span=(time.started, time.ended) if time and time.source != "file" else None,
        counts={
            names[row.stats.method, row.stats.name]: (row.stats.requests, row.failures)
            for row in rows
            if row.stats.requests or row.failures
        },
        failed=_failed(
            (
                names.get((kind.method, kind.name), (kind.method, kind.name)),
                kind.status,
                kind.signature,
                kind.count,
            )
            for kind in classification.failures
        ),
        times={
            name: exact(number) for name in TIMES if (number := getattr(total, name)) is not None
        },
        extremes={
            names[row.stats.method, row.stats.name]: (exact(shortest), exact(longest))
            for row in rows
            if (shortest := row.stats.latency.min) is not None
            and (longest := row.stats.latency.max) is not None
        },
    )


def identity_of(summary: RunSummary, measured: Measured) -> Identity:
    """Return what tells a run that was read from any other."""
    known = summary.time_from not in {None, "file"}
    numbers = measured.total.numbers
    return Identity(
        span=(summary.started, summary.ended) if known else None,
        counts={
            endpoint: (row.requests, row.failures) for endpoint, row in measured.endpoints.items()
        },
        failed=_failed(
            ((kind.method, kind.name), kind.status, kind.signature, kind.failures)
            for kind in summary.kinds
        ),
        times={name: exact(numbers[name]) for name in TIMES if name in numbers},
        extremes={
            endpoint: (exact(row.numbers["min"]), exact(row.numbers["max"]))
            for endpoint, row in measured.endpoints.items()
            if {"min", "max"} <= row.numbers.keys()
        },
    )


def _failed(kinds: Iterable[tuple[Endpoint, int | None, str, int]]) -> Counter[Kind]:
    failed: Counter[Kind] = Counter()
    for endpoint, status, signature, count in kinds:
        failed[*endpoint, status, UNEXPLAINED if signature == UNEXPLAINED else ""] += count
    return failed


def same_run(one: Identity, other: Identity) -> bool:
    """Say whether two may be one run, in two forms: files, a report, a document, a copy.

    Where both say when they were, the one must lie within the other, as failures begin later than
    their run, and count nothing more often than it, as a file that was written a second earlier.
    Where one does not say it, all counts must be the same, all that failed, and the response times
    but for how they are rounded. A file that was written a second earlier has fewer counts, but the
    shortest and longest times of most endpoints. Errs towards the same: then the user names an
    earlier run.
    """
    if one.span and other.span:
        within = _within(one.span, other.span) or _within(other.span, one.span)
        return within and (_behind(one, other) or _behind(other, one))
    if _behind(one, other) and _behind(other, one):
        return _as_fast(one, other)
    return _snapshot(one, other) or _snapshot(other, one)


def _within(inner: tuple[datetime, datetime], outer: tuple[datetime, datetime]) -> bool:
    return outer[0] - _MOMENT <= inner[0] and inner[1] <= outer[1] + _MOMENT


def _behind(one: Identity, other: Identity) -> bool:
    """Say whether nothing was counted more often in `one`; failures by kind, if all have texts."""
    counted = all(
        mine <= others
        for endpoint, counts in one.counts.items()
        for mine, others in zip(counts, other.counts.get(endpoint, (0, 0)), strict=True)
    )
    without = any(kind[3] for kind in (*one.failed, *other.failed))
    failed = all(count <= other.failed.get(kind, 0) for kind, count in one.failed.items())
    return counted and (without or failed)


def _snapshot(early: Identity, late: Identity) -> bool:
    """Say whether one is a look at the other's run up to some seconds before its end."""
    before, after = (sum(counts[0] for counts in each.counts.values()) for each in (early, late))
    if not _behind(early, late) or after > before * LAG:
        return False
    both = early.extremes.keys() & late.extremes.keys()
    same = [
        endpoint
        for endpoint in both
        if all(map(_alike, early.extremes[endpoint], late.extremes[endpoint]))
    ]
    # Many runs of one endpoint share a shortest time of 1 ms and a longest of 30.
    exact_times = any(
        time.denominator > 1
        for endpoint in same
        for time in (*early.extremes[endpoint], *late.extremes[endpoint])
    )
    return 2 * len(same) > len(both) and (exact_times or len(same) >= _ENDPOINTS)


def _alike(one: Fraction, other: Fraction) -> bool:
    """Say whether two times are one, which some forms round or cut to whole milliseconds."""
    whole = (one.denominator == 1) != (other.denominator == 1)
    return abs(one - other) < (1 if whole else _HAIR)


def _as_fast(one: Identity, other: Identity) -> bool:
    return all(
        abs(time - other.times[name]) <= 1
        for name, time in one.times.items()
        if name in other.times
    )


def other_load(base: Measured, total: Row, endpoints: AbstractSet[Endpoint]) -> str:
    """Say in which figures of its load a run differs by more than half from `base`; "": in none.

    `endpoints` are those of the run, masked. What only one of the two knows is no difference.
    """
    if not base.total.requests or not total.requests:
        return ""
    parts = []
    for name, shown in (("users", plain), ("rps", plain), ("duration", clock)):
        known = [exact(row.numbers[name]) for row in (base.total, total) if name in row.numbers]
        if len(known) == 2 and abs(known[1] - known[0]) * 2 > known[0]:
            before, now = map(shown, known)
            parts.append(f"{name} {before}, now {now}")
    alone, every = base.endpoints.keys() ^ endpoints, base.endpoints.keys() | endpoints
    if len(alone) * 2 > len(every):
        parts.append(f"{len(alone):,} of {len(every):,} endpoints are in only one of the two")
    return "; ".join(parts)


class Comparison:
    """A run and its baseline, side by side: what the one has where the other has it, too."""

    def __init__(self, classification: Classification, measured: Measured) -> None:
        """Pair the endpoints by their masked names; of names that masking made equal, none."""
        masked: defaultdict[Endpoint, list[Endpoint]] = defaultdict(list)
        self._occurred: set[Endpoint] = set()
        for row in classification.endpoints:
            endpoint = (row.stats.method, row.stats.name)
            mask = (mask_secrets(endpoint[0]), mask_secrets(endpoint[1]))
            masked[mask].append(endpoint)
            if row.stats.requests or row.failures:
                self._occurred.add(mask)
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

    def other_load(self, total: Row) -> str:
        """Say in which figures of its load the run differs from the baseline; "": in none."""
        return other_load(self._measured, total, self._occurred)

    def new_kinds(self, endpoint: Endpoint | None) -> list[FailureKind]:
        """Return the kinds of true failures of an endpoint, or all, that the baseline has not."""
        return self._new.get(endpoint, [])

    def _is_new(self, kind: FailureKind) -> bool:
        masked = self._masked.get((kind.method, kind.name))
        if masked is None or kind.signature in _UNCOMPARABLE:
            return True
        key = (*masked, kind.status, mask_secrets(kind.signature))
        return key not in self._measured.kinds
