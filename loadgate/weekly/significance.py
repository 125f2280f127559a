"""Whether the numbers of two periods differ for a reason.

Failures come in bursts: a run of a bad minute has hundreds of them, so requests are not independent
and a test over requests would call nearly every difference real. Runs are compared instead, one
number each, by their ranks (Mann and Whitney, 1947): what a single wild run did cannot decide. With
few runs the distribution is that of all ways to deal the runs out to the periods, ties included.
Many endpoints are looked at, so p-values are corrected (Benjamini and Hochberg, 1995): where
nothing changed and runs are independent, at most one family of comparisons in twenty has a false
alarm; docs/weekly-report.md says how many more where they hang together.
"""

from __future__ import annotations

import importlib.util
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

from loadgate.weekly.model import Change, Direction

ALPHA = 0.025
"""The corrected p-value up to which a change is real. A report makes three families of comparisons
that can raise an alarm: rates of endpoints, their response times, and the runs as a whole."""

FEWEST_RUNS = 4
"""Runs of each period below which nothing is tested: no outcome could be significant."""

_EXACT_UP_TO = 16
"""Runs of both periods together up to which all ways to deal them out are tried."""

_DEALS = 12_870
"""Ways to deal out 8 runs of 16: with as many, SciPy tries each once instead of drawing some."""

_DEALS_AT_ONCE = 500
"""Ways that are held in memory together, for all endpoints of a report."""

# How large a difference must be for a person to look at it: shares of failures, by how many times
# and by how many failures; response times, by which part, by how many milliseconds, and by how many
# times what runs of one period differ by. Response times drift: runs that follow one another are
# alike, which no test over runs knows; without the last one, every other week had a false alarm.
_RATIO = 2
_FAILURES = 5
_LONGER = 0.20
_MILLISECONDS = 5.0
_SCATTERS = 2.5
_TO_DEVIATION = 1.4826  # from the median absolute deviation to the standard one


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What is compared: for each run with requests, its share of failures."""

    failures: Sequence[int]
    requests: Sequence[int]


def testable() -> bool:
    """Say whether SciPy is there, without which no change is tested."""
    return importlib.util.find_spec("scipy") is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A number of the runs of both periods, not yet tested."""

    change: Change
    now: Sequence[float]
    """The number of each run."""
    before: Sequence[float]
    matters: bool
    """The difference is one that a person should look at, if it is real."""
    tested: bool = True
    """False: too little happened for any test."""


# --- shares ---------------------------------------------------------------------------------------


def compare_rates(now: Sample, before: Sample) -> Pair:
    """Compare shares of failures.

    What hardly ever failed in both periods together is not tested: that favours neither of them,
    and leaves the others more of their evidence after the correction.
    """
    rate, rate_before = _rate(now), _rate(before)
    return Pair(
        change=Change(
            direction="unclear",
            now=rate,
            before=rate_before,
            runs_now=len(now.requests),
            runs_before=len(before.requests),
            p_value=None,
            words=_rate_words(rate, rate_before),
        ),
        now=_shares(now),
        before=_shares(before),
        matters=_rate_matters(rate or 0.0, rate_before or 0.0, now, before),
        tested=sum(now.failures) + sum(before.failures) >= 2 * _FAILURES,
    )


def _rate(of: Sample) -> float | None:
    requests = sum(of.requests)
    return min(sum(of.failures), requests) / requests if requests else None


def _shares(of: Sample) -> list[float]:
    return [
        min(failures, requests) / requests
        for failures, requests in zip(of.failures, of.requests, strict=True)
    ]


def _rate_matters(rate: float, before: float, sample: Sample, sample_before: Sample) -> bool:
    high, low = max(rate, before), min(rate, before)
    requests = sum(sample.requests if rate >= before else sample_before.requests)
    return high >= _RATIO * low and (high - low) * requests >= _FAILURES


def _rate_words(rate: float | None, before: float | None) -> str:
    if rate is None or before is None or rate == before:
        return ""
    if not before:
        return "none before"
    if not rate:
        return "none now"
    return _times(rate / before)


def _times(ratio: float) -> str:
    """Return a ratio in plain words."""
    if ratio >= 9.5:
        return f"{ratio:,.0f} times as many"
    if ratio >= 1.95:
        times = f"{ratio:.1f}".removesuffix(".0")
        return "twice as many" if times == "2" else f"{times} times as many"
    if ratio > 0.55:
        percent = round((ratio - 1) * 100)
        return f"{abs(percent)}% {'more' if percent > 0 else 'fewer'}" if percent else ""
    return "half as many" if ratio >= 0.45 else f"{1 / ratio:,.0f} times fewer"


# --- response times -------------------------------------------------------------------------------


def compare_times(now: Sequence[float], before: Sequence[float]) -> Pair:
    """Compare response times in milliseconds; that of a period is the median of its runs."""
    middle = median(now) if now else None
    middle_before = median(before) if before else None
    difference = (middle or 0.0) - (middle_before or 0.0)
    shorter = min(middle or 0.0, middle_before or 0.0)
    return Pair(
        change=Change(
            direction="unclear",
            now=middle,
            before=middle_before,
            runs_now=len(now),
            runs_before=len(before),
            p_value=None,
            words=_time_words(difference, middle_before) if now and before else "",
        ),
        now=now,
        before=before,
        matters=abs(difference)
        >= max(
            _MILLISECONDS,
            _LONGER * shorter,
            _SCATTERS * _scatter((now, middle or 0.0), (before, middle_before or 0.0)),
        ),
    )


def _scatter(*sides: tuple[Sequence[float], float]) -> float:
    """Return by how much runs differ from the median of their own period, robustly."""
    apart = [abs(time - middle) for times, middle in sides for time in times]
    return _TO_DEVIATION * median(apart) if apart else 0.0


def _time_words(difference: float, before: float | None) -> str:
    if abs(difference) < 1:
        return ""
    share = f" ({abs(difference) / before:.0%})" if before else ""
    return f"{abs(difference):,.0f} ms{share} {'slower' if difference > 0 else 'faster'}"


# --- the test -------------------------------------------------------------------------------------


def judge(family: Sequence[Pair]) -> list[Change]:
    """Return the changes of pairs that are looked at together, with direction and p-value.

    Without SciPy, and with fewer runs than FEWEST_RUNS on a side, nothing is tested.
    """
    p_values = _p_values(family) if testable() else {}
    return [
        replace(pair.change, p_value=p_values.get(n), direction=_direction(pair, p_values.get(n)))
        for n, pair in enumerate(family)
    ]


def _direction(pair: Pair, p_value: float | None) -> Direction:
    change = pair.change
    if change.runs_now and not change.runs_before:
        return "new"
    if change.runs_before and not change.runs_now:
        return "gone"
    if p_value is None:
        return "unclear"
    if not pair.matters:
        return "same"
    if p_value > ALPHA:
        return "unclear"
    return "worse" if (change.now or 0.0) > (change.before or 0.0) else "better"


def _p_values(family: Sequence[Pair]) -> dict[int, float]:
    """Return the corrected two-sided p-value of each pair that can be tested, by its number.

    Those of as many runs are tested in one go: the ways to deal them out are the same.
    """
    import numpy as np
    from scipy import stats

    alike: dict[tuple[int, int], list[int]] = defaultdict(list)
    for number, pair in enumerate(family):
        if pair.tested and min(len(pair.now), len(pair.before)) >= FEWEST_RUNS:
            alike[len(pair.now), len(pair.before)].append(number)
    tested: dict[int, float] = {}
    for (runs, runs_before), numbers in alike.items():
        values = np.array([[*family[n].now, *family[n].before] for n in numbers])
        if runs + runs_before > _EXACT_UP_TO:
            with np.errstate(invalid="ignore", divide="ignore"):
                p_values = stats.mannwhitneyu(
                    values[:, :runs], values[:, runs:], axis=1, method="asymptotic"
                ).pvalue
        else:
            ranks = stats.rankdata(values, axis=1)
            p_values = stats.permutation_test(
                (ranks[:, :runs], ranks[:, runs:]),
                lambda mine, _theirs, axis: np.sum(mine, axis=axis),
                n_resamples=_DEALS,
                batch=_DEALS_AT_ONCE,
                vectorized=True,
                axis=1,
            ).pvalue
        # Where all runs are alike there are no ranks to compare, and no number comes out.
        sound = np.nan_to_num(np.atleast_1d(p_values), nan=1.0)
        tested |= dict(zip(numbers, map(float, sound), strict=True))
    if not tested:
        return {}
    corrected = stats.false_discovery_control([*tested.values()])
    return dict(zip(tested, map(float, corrected), strict=True))
