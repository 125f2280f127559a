"""Lint of thresholds: limits that limit nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from loadgate.model import Classification, Offset, Policy, Threshold
from loadgate.rules.lint.findings import Check, Finding
from loadgate.rules.thresholds import UPPER, allows, always_holds, limits_true_failures

_REQUESTS = 2_000
"""How many a run is taken to have, where neither runs nor a limit on requests say more."""


def _no_limit(policy: Policy, runs: Sequence[Classification]) -> Iterator[Finding]:
    """Yield each limit that every run meets, and limits by which half of the requests may fail."""
    own = [threshold for threshold in policy.thresholds if limits_true_failures(threshold)]
    requests = _fewest_requests(policy, runs)
    if own and all(_lets_half_fail(threshold, requests) for threshold in own):
        yield _finding(own[0], f"passes a run of {requests:,} requests in which half fail")
    for threshold in policy.thresholds:
        if threshold not in own and always_holds(threshold):
            yield _finding(threshold, "holds for every run")


def _finding(threshold: Threshold, sentence: str) -> Finding:
    lower = "lower" if threshold.operator in UPPER else "higher"
    return Finding(
        file=threshold.origin,
        sentence=f"{threshold.require} {sentence}",
        remedy=f"Set a {lower} limit that a bad run would break, or remove this one.",
    )


def _fewest_requests(policy: Policy, runs: Sequence[Classification]) -> int:
    """Return how many requests a run has at least: by the runs given, or by a limit on that."""
    counts = [run.total.stats.requests for run in runs]
    floors = [
        int(threshold.limit)
        for threshold in policy.thresholds
        if threshold.metric.name == "requests"
        and threshold.endpoint is None
        and threshold.severity == "error"
        and threshold.operator not in UPPER
        and isinstance(threshold.limit, Fraction)
    ]
    return min(filter(None, counts), default=max(_REQUESTS, *floors, 0))


def _lets_half_fail(threshold: Threshold, requests: int) -> bool:
    """Say whether a run meets an upper limit on failures when half of its requests fail.

    What a baseline adds to a limit on top of it is not known here, and taken as nothing.
    """
    limit, requests = threshold.limit, max(requests, threshold.min_requests)
    if isinstance(limit, Offset):
        limit = Fraction(0) if limit.relative else limit.amount
    return allows(threshold, limit, (requests + 1) // 2, requests)


CHECKS = (
    Check(
        code="no-limit",
        about="The limits let half of the requests fail.",
        severity="warning",
        find=_no_limit,
    ),
)
