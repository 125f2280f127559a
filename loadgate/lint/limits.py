"""Limits that limit nothing: a policy in, findings about its thresholds out."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from loadgate.lint.findings import Finding
from loadgate.model import Policy, Threshold
from loadgate.thresholds import DEFAULT, limits_true_failures
from loadgate.wilson import holds


def no_limit(policy: Policy) -> Iterator[Finding]:
    """Yield that no run fails by its true failures, where a limit says so."""
    own = [one for one in policy.thresholds if limits_true_failures(one)]
    if own and all(map(_never_fails, own)):
        yield Finding(
            code="no-limit",
            severity="warning",
            file=own[0].origin,
            sentence=f"{own[0].require} cannot fail, and replaces the default {DEFAULT}: nothing"
            " limits the true failures of the whole run",
            remedy="Set a lower limit, or remove this one.",
        )


def _never_fails(threshold: Threshold) -> bool:
    """Say whether a run in which everything fails meets an upper limit."""
    return (
        threshold.metric.kind == "rate"
        and isinstance(threshold.limit, Fraction)
        and holds(Fraction(1), threshold.operator, threshold.limit)
    )
