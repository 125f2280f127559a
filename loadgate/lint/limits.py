"""Limits that limit nothing: a policy in, findings about its thresholds out."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from loadgate.lint.breadth import WIDEST
from loadgate.lint.findings import Finding
from loadgate.model import Policy, Threshold
from loadgate.thresholds import DEFAULT, limits_true_failures


def no_limit(policy: Policy) -> Iterator[Finding]:
    """Yield that a run may fail mostly and still pass, where its only limits say so."""
    own = [one for one in policy.thresholds if limits_true_failures(one)]
    if own and all(map(_hardly_fails, own)):
        yield Finding(
            code="no-limit",
            severity="warning",
            file=own[0].origin,
            sentence=f"{own[0].require} passes a run in which most requests fail, and replaces the"
            f" default {DEFAULT}",
            remedy="Set a lower limit, or remove this one.",
        )


def _hardly_fails(threshold: Threshold) -> bool:
    """Say whether a run in which most requests fail meets an upper limit."""
    return (
        threshold.metric.kind == "rate"
        and isinstance(threshold.limit, Fraction)
        and threshold.limit > WIDEST
    )
