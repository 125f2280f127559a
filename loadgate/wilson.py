"""The Wilson bound: whether a rate is beyond a limit, and not by chance."""

from __future__ import annotations

from fractions import Fraction

from loadgate.model import Operator


def holds(actual: Fraction, operator: Operator, limit: Fraction) -> bool:
    """Say whether a value meets a limit, exactly."""
    comparisons = {"<=": actual <= limit, "<": actual < limit, ">=": actual >= limit}
    return comparisons.get(operator, actual > limit)


def wilson_beyond(
    actual: Fraction, requests: int, operator: Operator, limit: Fraction, confidence: float
) -> bool:
    """Say whether the one-sided Wilson score bound too is beyond the limit (Wilson 1927).

    The bound of p is the p0 at which (p - p0)^2 n = z^2 p0 (1 - p0); so it is beyond the limit just
    when the left side is greater at p0 = limit, which needs no square root. z is the quantile of
    the normal distribution at `confidence`.
    """
    from statistics import NormalDist

    z = Fraction(NormalDist().inv_cdf(confidence))
    distance = (actual - limit) ** 2 * requests
    margin = z**2 * limit * (1 - limit)
    if operator in {"<=", ">="}:
        return distance > margin
    return distance >= margin
