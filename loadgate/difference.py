"""By how much two groups of runs differ: intervals, and what is large enough to matter.

Failures come in bursts, so requests of one run are no independent trials. With several runs the
intervals are therefore over runs; with one run in each group there is nothing to measure bursts by,
and they assume that requests fail independently. docs/development/comparison-evidence.md has how
often the intervals hold what they should.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, cos, exp, floor, log, log10, pi, sin, sqrt, tan
from statistics import fmean, median
from typing import Literal

from loadgate.wilson import quantile, wilson_interval

CONFIDENCE = 0.95
"""That all intervals of one number, of a whole table, hold the true difference."""

# How large a difference must be for a person to look at it: shares of failures, by how many times
# and by how many failures; response times, by which part, by how many milliseconds, and by how many
# times what runs of one group differ by. Response times drift: runs that follow one another are
# alike, which no test over runs knows; without the last one, every other week had a false alarm.
_RATIO = 2
FAILURES = 5
_LONGER = 0.20
_MILLISECONDS = 5.0
_SCATTERS = 2.5
_TO_DEVIATION = 1.4826  # from the median absolute deviation to the standard one

_WIDEST = 300.0  # of a logarithm: what is wider says nothing more
_SHORTEST = 0.5  # Locust writes shorter times as 0 ms
_ROUNDED = 1 / sqrt(12)  # standard deviation of what is rounded to whole numbers

Counts = Sequence[tuple[int, int]]
"""Failures and requests of each run."""
Minor = Literal["", "small", "few"]
"""Why no person needs to look at a difference: it is small, or few failures; "": one needs to."""
Change = Literal["more", "less", "small", "few", "chance", "unclear"]
"""small, few: beyond chance, but minor; chance: there may be no difference; unclear: so there may,
but it would matter, and only because there are so few runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The interval in which the difference of two groups is."""

    low: float
    high: float
    of: Literal["points", "ratio"]
    """points: head minus base, of shares from 0 to 1; ratio: head as a multiple of base."""
    by: Literal["requests", "runs"]
    """What is taken to be independent."""
    confidence: float
    minor: Minor
    few_runs: bool = False
    """There would be one if so few runs told exactly how much runs differ."""

    @property
    def change(self) -> Change:
        """Say what the interval tells."""
        none = 0.0 if self.of == "points" else 1.0
        if self.low <= none <= self.high:
            return "unclear" if self.few_runs and not self.minor else "chance"
        if self.minor:
            return self.minor
        return "more" if self.low > none else "less"


def may_be_missed(failures: int, requests: int, others: int) -> bool:
    """Say whether none of so many other requests may fail by chance, as many as these do."""
    return failures * others < -log(1 - CONFIDENCE) * requests


def each_of(family: int) -> float:
    """Return the confidence of one interval of a family that shall hold together (Bonferroni)."""
    return 1 - (1 - CONFIDENCE) / max(family, 1)


# --- shares of failures ---------------------------------------------------------------------------


def rate_matters(low: float, high: float, affected: int) -> bool:
    """Say whether a person should look at two shares; the higher one is of so many requests."""
    return high >= _RATIO * low and (high - low) * affected >= FAILURES


def _minor_rate(low: float, high: float, affected: int) -> Minor:
    if rate_matters(low, high, affected):
        return ""
    return "few" if high >= _RATIO * low else "small"


def rate_difference(
    base: Counts, head: Counts, confidence: float = CONFIDENCE
) -> Difference | None:
    """Return the difference of two shares of failures; None: a group made no requests.

    Newcombe's interval from those of Wilson (Newcombe 1998, Statistics in Medicine 17, 873-890,
    method 10). Of several runs, requests count for as many independent ones as they are worth by
    how alike those of one run are (Rao and Scott 1992, Biometrics 48, 577-585), and Student's t
    stands for the normal distribution, as few runs tell that badly.
    """
    sides = [
        [(min(failures, requests), requests) for failures, requests in side if requests]
        for side in (base, head)
    ]
    if not all(sides):
        return None
    failed, asked = ([sum(run[at] for run in side) for side in sides] for at in (0, 1))
    alike, freedom = _alike(sides)
    shares = [failures / requests for failures, requests in zip(failed, asked, strict=True)]
    worth = [
        requests**2 / sum(of * (1 + (of - 1) * alike) for _, of in side)
        for side, requests in zip(sides, asked, strict=True)
    ]

    def interval(z: float) -> tuple[float, float]:
        ends = [wilson_interval(*side, z) for side in zip(shares, worth, strict=True)]
        base, head = ((low, share, high) for share, (low, high) in zip(shares, ends, strict=True))
        return _difference(base, head)

    exact = interval(quantile(confidence))
    low, high = exact if freedom is None else interval(student(confidence, freedom))
    return Difference(
        low=low,
        high=high,
        of="points",
        by="requests" if freedom is None else "runs",
        confidence=confidence,
        minor=_minor_rate(min(shares), max(shares), asked[shares[1] >= shares[0]]),
        few_runs=not exact[0] <= 0 <= exact[1],
    )


def _alike(sides: Sequence[Counts]) -> tuple[float, int | None]:
    """Return the correlation of requests of one run, and the degrees of freedom that tell it.

    None: there is one run in each group. Runs that all failed, or none of which did, tell nothing.
    """
    chi_square, freedom, pairs = 0.0, 0, 0.0
    for side in sides:
        requests = sum(of for _, of in side)
        share = sum(failures for failures, _ in side) / requests
        if 0 < share < 1 and len(side) > 1:
            chi_square += sum(
                (failures - share * of) ** 2 / (of * share * (1 - share)) for failures, of in side
            )
            freedom += len(side) - 1
            pairs += requests - sum(of**2 for _, of in side) / requests - (len(side) - 1)
    alike = min(max((chi_square - freedom) / pairs, 0.0), 1.0) if pairs > 0 else 0.0
    return alike, freedom or sum(map(len, sides)) - 2 or None


# --- response times and throughput ----------------------------------------------------------------


def time_matters(
    *sides: tuple[Sequence[float], float | None], least: float = _MILLISECONDS
) -> bool:
    """Say whether a person should look at times of two groups: those of the runs, and the median.

    They are milliseconds; `least` is what a difference is at least.
    """
    low, high = sorted(middle or 0.0 for _, middle in sides)
    away = [abs(value - (middle or 0.0)) for values, middle in sides for value in values]
    scatter = _TO_DEVIATION * median(away) if away else 0.0
    return high - low >= max(least, _LONGER * low, _SCATTERS * scatter)


def time_difference(
    base: Sequence[float], head: Sequence[float], confidence: float = CONFIDENCE
) -> Difference | None:
    """Return the ratio of response times of runs; None: there are fewer than three runs."""
    return _value_difference(base, head, confidence, _MILLISECONDS, _step)


def throughput_difference(
    base: Sequence[float], head: Sequence[float], confidence: float = CONFIDENCE
) -> Difference | None:
    """Return the ratio of requests a second of runs; None: there are fewer than three runs."""
    return _value_difference(base, head, confidence, 0.0, lambda _: 0.0)


def _step(time: float) -> float:
    """Return to what Locust rounds a percentile: two digits, and whole milliseconds."""
    return 10.0 ** max(floor(log10(time)) - 1, 0)


def _value_difference(
    base: Sequence[float],
    head: Sequence[float],
    confidence: float,
    least: float,
    step: Callable[[float], float],
) -> Difference | None:
    """Return the ratio by Student's t for two groups of logarithms with one variance."""
    sides = [[max(value, _SHORTEST if least else 1e-9) for value in side] for side in (base, head)]
    freedom = len(base) + len(head) - 2
    if not all(sides) or freedom < 1:
        return None
    logs = [[log(value) for value in side] for side in sides]
    means = [fmean(side) for side in logs]
    squares = sum(
        (value - middle) ** 2 for side, middle in zip(logs, means, strict=True) for value in side
    )
    rounding = fmean((_ROUNDED * step(value) / value) ** 2 for side in sides for value in side)
    variance = squares / freedom + rounding
    error = sqrt(variance * (1 / len(base) + 1 / len(head)))
    wide = min(student(confidence, freedom) * error, _WIDEST)
    middle = means[1] - means[0]
    around = [(side, median(side)) for side in (base, head)]
    return Difference(
        low=exp(middle - wide),
        high=exp(middle + wide),
        of="ratio",
        by="runs",
        confidence=confidence,
        minor="" if time_matters(*around, least=least) else "small",
        few_runs=abs(middle) > quantile(confidence) * error,
    )


Bounds = tuple[float, float, float]
"""A number, between what it is at least and at most."""


def quantile_shares(share: float, requests: int, confidence: float) -> tuple[float, float] | None:
    """Return which shares of the requests enclose a quantile; None: there are too few requests.

    Of n requests, those of rank n p ± z √(n p (1 - p)) do (Conover 1999, section 3.2).
    """
    around = quantile(confidence) * sqrt(requests * share * (1 - share))
    first, last = floor(requests * share - around), ceil(requests * share + around) + 1
    return (first / requests, last / requests) if 0 <= first < last <= requests else None


def quantile_difference(base: Bounds, head: Bounds, confidence: float) -> Difference:
    """Return the ratio of a quantile of two runs; both are squared and added as Newcombe does.

    That is how two intervals become one of the difference (Zou and Donner 2008, Statistics in
    Medicine 27, 1693-1702); here of logarithms.
    """
    logs = [[log(max(value, _SHORTEST)) for value in side] for side in (base, head)]
    low, high = _difference(*logs)
    return Difference(
        low=exp(low),
        high=exp(high),
        of="ratio",
        by="requests",
        confidence=confidence,
        minor="" if time_matters(((), base[1]), ((), head[1])) else "small",
    )


def _difference(base: Sequence[float], head: Sequence[float]) -> tuple[float, float]:
    """Return the interval of head minus base from their own: each is low, value, high."""
    middle = head[1] - base[1]
    return (
        middle - sqrt((head[1] - head[0]) ** 2 + (base[2] - base[1]) ** 2),
        middle + sqrt((head[2] - head[1]) ** 2 + (base[1] - base[0]) ** 2),
    )


# --- Student's t ----------------------------------------------------------------------------------


@lru_cache(maxsize=1024)
def student(confidence: float, freedom: int) -> float:
    """Return what Student's t is within, on both sides, with that probability.

    Bisection of its distribution for whole degrees of freedom (Abramowitz and Stegun 26.7.3, 4).
    """
    low, high = 0.0, pi / 2
    for _ in range(60):
        angle = (low + high) / 2
        if _within(angle, freedom) < confidence:
            low = angle
        else:
            high = angle
    return sqrt(freedom) * tan(low)


def _within(angle: float, freedom: int) -> float:
    odd = freedom % 2
    term = cos(angle) if odd else 1.0
    total = 0.0
    for step in range(1 + odd, freedom, 2):
        total += term
        term *= cos(angle) ** 2 * step / (step + 1)
    total *= sin(angle)
    return (angle + total) * 2 / pi if odd else total
