"""Limits that limit nothing: a policy in, findings about its thresholds out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from loadgate.model import Classification, Offset, Policy, Threshold
from loadgate.rules.lint.findings import Finding
from loadgate.rules.thresholds import UPPER, allows, always_holds, limits_true_failures

_REQUESTS = 2_000
"""How many a run is taken to have, where neither runs nor a limit on requests say more."""


def no_limit(policy: Policy, runs: Sequence[Classification]) -> Iterator[Finding]:
    """Yield each limit that every run meets, and limits by which half of the requests may fail."""
    own = [one for one in policy.thresholds if limits_true_failures(one)]
    requests = _fewest_requests(policy, runs)
    if own and all(_lets_half_fail(one, requests) for one in own):
        yield _finding(own[0], f"passes a run of {requests:,} requests in which half fail")
    for one in policy.thresholds:
        if one not in own and always_holds(one):
            yield _finding(one, "holds for every run")


def _finding(threshold: Threshold, sentence: str) -> Finding:
    lower = "lower" if threshold.operator in UPPER else "higher"
    return Finding(
        code="no-limit",
        severity="warning",
        file=threshold.origin,
        sentence=f"{threshold.require} {sentence}",
        remedy=f"Set a {lower} limit, which a bad run does not meet, or remove this one.",
    )


def _fewest_requests(policy: Policy, runs: Sequence[Classification]) -> int:
    """Return how many requests a run has at least: by the runs given, or by a limit on that."""
    counts = [run.total.stats.requests for run in runs]
    floors = [
        int(one.limit)
        for one in policy.thresholds
        if one.metric.name == "requests"
        and one.endpoint is None
        and one.severity == "error"
        and one.operator not in UPPER
        and isinstance(one.limit, Fraction)
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
