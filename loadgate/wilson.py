"""How sure a rate is: whether it is beyond a limit, and not by chance, and its interval."""

from __future__ import annotations

from fractions import Fraction
from math import exp, log, sqrt

from loadgate.model import Operator

CERTAIN = 0.999
"""At most one in a thousand runs whose true rate is the limit is ever taken to be beyond it."""
_RATES = 12


def holds(actual: Fraction | float, operator: Operator, limit: Fraction | float) -> bool:
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


def wilson_interval(share: float, requests: float, z: float) -> tuple[float, float]:
    """Return the Wilson score interval of a share, z standard deviations wide (Wilson 1927)."""
    middle = share + z**2 / (2 * requests)
    around = z * sqrt(share * (1 - share) / requests + z**2 / (4 * requests**2))
    scale = 1 + z**2 / requests
    # Rounding must not put the share outside of its own interval.
    return min((middle - around) / scale, share), max((middle + around) / scale, share)


def quantile(confidence: float) -> float:
    """Return what the normal distribution is within, on both sides, with that probability."""
    from statistics import NormalDist

    return NormalDist().inv_cdf((1 + confidence) / 2)


def beyond_for_good(actual: Fraction, requests: int, operator: Operator, limit: Fraction) -> bool:
    """Say whether a rate is beyond a limit, asked as often as you like while the run is on.

    A bound that is right for one look is crossed by chance when there are thousands: of runs whose
    true rate is 1 %, the Wilson bound at 0.999 takes 4 to 9 % to be beyond that within an hour. So
    this is the mean of likelihood ratios of rates beyond the limit, with odds up to 64 times as
    high. At the limit its expected value stays 1, so it ever reaches 1,000 in one of 1,000 runs at
    most (Ville 1939).
    """
    upper = operator in {"<=", "<"}
    bound = float(limit if upper else 1 - limit)
    bad = min(float((actual if upper else 1 - actual) * requests), requests)
    if bound <= 0 or bound >= 1:
        return bad > 0 and bound <= 0
    ratios = []
    for step in range(1, _RATES + 1):
        odds = 2 ** (step / 2)
        base = 1 - bound + odds * bound
        ratios.append(bad * log(odds) - requests * log(base))
    most = max(ratios)
    return most + log(sum(exp(ratio - most) for ratio in ratios) / _RATES) >= -log(1 - CERTAIN)
