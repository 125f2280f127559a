"""Identities: what tells a run from any other, in whatever form it is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

from loadgate.masking import Endpoint, distinct, mask_secrets
from loadgate.metrics import Row, exact
from loadgate.model import LAG, UNEXPLAINED, Classification, Status

if TYPE_CHECKING:
    from loadgate.summary import RunSummary

Kind = tuple[str, str, Status | None, str]
"""Method, name, status and signature of failures."""

TIMES = ("avg", "min", "max", "median")
_ENDPOINTS = 3
"""Of which whole milliseconds tell runs apart, as FastHttpUser of Locust 2.24 counts them."""
_HAIR = Fraction(1, 1000)
"""Milliseconds that a fraction may lose on its way through a document."""
_HUNDREDTH = Fraction(1, 100)
"""To which a request log rounds."""
_MOMENT = timedelta(seconds=2)
"""How far apart two forms of a run may say that it began: a history begins a second later."""

Number = Fraction | float | None
Span = tuple[datetime, datetime] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What tells a run from any other; rules do not change it, and texts are masked."""

    span: Span
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


def identity(classification: Classification) -> Identity:
    """Return what tells a run that is judged from any other."""
    time, rows = classification.run.time, classification.endpoints
    names = distinct([row.stats.key for row in rows], mask_secrets)
    total = classification.total.stats.latency
    return _identity(
        (time.started, time.ended) if time and time.source != "file" else None,
        {name: getattr(total, name) for name in TIMES},
        (
            (names[of.key], of.requests, row.failures, of.latency.min, of.latency.max)
            for row in rows
            for of in [row.stats]
        ),
        (
            (names.get(kind.key, kind.key), kind.status, kind.signature, kind.count)
            for kind in classification.failures
        ),
    )


def identity_of(summary: RunSummary, total: Row, endpoints: Mapping[Endpoint, Row]) -> Identity:
    """Return what tells a run that was read, and measured so much, from any other."""
    known = summary.time_from not in {None, "file"}
    return _identity(
        (summary.started, summary.ended) if known else None,
        {name: total.numbers.get(name) for name in TIMES},
        (
            (endpoint, row.requests, row.failures, row.numbers.get("min"), row.numbers.get("max"))
            for endpoint, row in endpoints.items()
        ),
        ((kind.key, kind.status, kind.signature, kind.failures) for kind in summary.kinds),
    )


def _identity(
    span: Span,
    times: Mapping[str, Number],
    endpoints: Iterable[tuple[Endpoint, int, int, Number, Number]],
    kinds: Iterable[tuple[Endpoint, Status | None, str, int]],
) -> Identity:
    counts: dict[Endpoint, tuple[int, int]] = {}
    extremes: dict[Endpoint, tuple[Fraction, Fraction]] = {}
    for endpoint, requests, failures, shortest, longest in endpoints:
        if requests or failures:
            counts[endpoint] = (requests, failures)
        if shortest is not None and longest is not None:
            extremes[endpoint] = (exact(shortest), exact(longest))
    failed: Counter[Kind] = Counter()
    for endpoint, status, signature, count in kinds:
        failed[*endpoint, status, UNEXPLAINED if signature == UNEXPLAINED else ""] += count
    return Identity(
        span=span,
        counts=counts,
        failed=failed,
        times={name: exact(time) for name, time in times.items() if time is not None},
        extremes=extremes,
    )


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


def counted_twice(one: Identity, other: Identity) -> bool:
    """Say whether two runs to be added are one.

    Shards of a test are alike, in times and counts: only response times tell them apart.
    """
    if not one.counts or not other.counts:
        return False
    if one.span and other.span:
        spans = one.span, other.span
        if not (_within(*spans) or _within(*reversed(spans))):
            return False
    behind = _fewer(one, other) or _fewer(other, one)  # what failed, forms tell in their own ways
    return one == other or (behind and _same_extremes(one, other, _HUNDREDTH))


def _within(inner: tuple[datetime, datetime], outer: tuple[datetime, datetime]) -> bool:
    return outer[0] - _MOMENT <= inner[0] and inner[1] <= outer[1] + _MOMENT


def _behind(one: Identity, other: Identity) -> bool:
    """Say whether nothing was counted more often in `one`; failures by kind, if all have texts."""
    without = any(kind[3] for kind in (*one.failed, *other.failed))
    failed = all(count <= other.failed.get(kind, 0) for kind, count in one.failed.items())
    return _fewer(one, other) and (without or failed)


def _fewer(one: Identity, other: Identity) -> bool:
    """Say whether no endpoint has more requests or failures in `one`."""
    return all(
        mine <= others
        for endpoint, counts in one.counts.items()
        for mine, others in zip(counts, other.counts.get(endpoint, (0, 0)), strict=True)
    )


def _snapshot(early: Identity, late: Identity) -> bool:
    """Say whether one is a look at the other's run up to some seconds before its end."""
    before, after = (sum(counts[0] for counts in each.counts.values()) for each in (early, late))
    return _behind(early, late) and after <= before * LAG and _same_extremes(early, late, _HAIR)


def _same_extremes(early: Identity, late: Identity, hair: Fraction) -> bool:
    """Say whether most endpoints have the same shortest and longest time, but for a hair."""
    both = early.extremes.keys() & late.extremes.keys()
    same = [
        endpoint
        for endpoint in both
        if all(map(_alike, early.extremes[endpoint], late.extremes[endpoint], (hair, hair)))
    ]
    # Many runs of one endpoint share a shortest time of 1 ms and a longest of 30.
    exact_times = any(
        time.denominator > 1
        for endpoint in same
        for time in (*early.extremes[endpoint], *late.extremes[endpoint])
    )
    return 2 * len(same) > len(both) and (exact_times or len(same) >= _ENDPOINTS)


def _alike(one: Fraction, other: Fraction, hair: Fraction) -> bool:
    """Say whether two times are one, which some forms round or cut to whole milliseconds."""
    whole = (one.denominator == 1) != (other.denominator == 1)
    return abs(one - other) < (1 if whole else hair)


def _as_fast(one: Identity, other: Identity) -> bool:
    return all(
        abs(time - other.times[name]) <= 1
        for name, time in one.times.items()
        if name in other.times
    )
