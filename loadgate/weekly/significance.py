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
from dataclasses import dataclass
from statistics import median

from loadgate.difference import FAILURES, Counts, rate_matters, time_matters
from loadgate.weekly.model import FEWEST_RUNS, Change, Direction
from loadgate.weekly.words import rate_change, time_change

ALPHA = 0.025
"""The corrected p-value up to which a change is real. A report makes three families of comparisons
that can raise an alarm: rates of endpoints, their response times, and the runs as a whole."""

_EXACT_UP_TO = 16
"""Runs of both periods together up to which all ways to deal them out are tried."""

_DEALS = 12_870
"""Ways to deal out 8 runs of 16: with as many, SciPy tries each once instead of drawing some."""

_DEALS_AT_ONCE = 500
"""Ways that are held in memory together, for all endpoints of a report."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A number of the runs of both periods, not yet tested."""

    now: Sequence[float]
    """The number of each run."""
    before: Sequence[float]
    all_now: float | None
    """The number of all runs together; None: no run has it."""
    all_before: float | None
    words: str
    """See Change.words."""
    matters: bool
    """The difference is one that a person should look at, if it is real."""
    tested: bool = True
    """False: too little happened for any test."""


def testable() -> bool:
    """Say whether SciPy is there, without which no change is tested."""
    return importlib.util.find_spec("scipy") is not None


def compare_rates(now: Counts, before: Counts, moved: float = 0.0) -> Pair:
    """Compare shares of failures; runs without requests have none.

    What hardly ever failed in both periods together is not tested: that favours neither of them,
    and leaves the others more of their evidence after the correction. Nor is it where `moved`, the
    share of requests that became allowed, may be why fewer failed.
    """
    failures, requests, shares = _shares(now)
    failures_before, requests_before, shares_before = _shares(before)
    rate, rate_before = _rate(failures, requests), _rate(failures_before, requests_before)
    low, high = sorted((rate or 0.0, rate_before or 0.0))
    affected = requests if high == rate else requests_before

    matters = rate_matters(low, high, affected)
    doubtful = high == rate_before and matters and not rate_matters(low + moved, high, affected)
    words = rate_change(rate, rate_before)
    return Pair(
        now=shares,
        before=shares_before,
        all_now=rate,
        all_before=rate_before,
        words=f"{words}, but more are allowed" if doubtful else words,
        matters=matters,
        tested=failures + failures_before >= 2 * FAILURES and not doubtful,
    )


def became_allowed(failures: Pair, allowed: Pair) -> bool:
    """Say whether fewer requests failed and more are allowed, about as many.

    A period before in which that was not known counts as one without any.
    """
    fall = (failures.all_before or 0.0) - (failures.all_now or 0.0)
    rise = rise_of(allowed)
    return 0 < fall <= 2 * rise and (failures.matters or (allowed.matters and rise <= 4 * fall))


def rise_of(pair: Pair) -> float:
    """Return by how much a share is larger than before; 0: it is not."""
    return max((pair.all_now or 0.0) - (pair.all_before or 0.0), 0.0)


def _shares(runs: Counts) -> tuple[int, int, list[float]]:
    """Return failures and requests of all runs, and the share of each that has requests."""
    asked = [run for run in runs if run[1]]
    shares = [failures / requests if failures < requests else 1.0 for failures, requests in asked]
    failures, requests = map(sum, zip(*asked, strict=True)) if asked else (0, 0)
    return failures, requests, shares


def _rate(failures: int, requests: int) -> float | None:
    return min(failures, requests) / requests if requests else None


def compare_times(now: Sequence[float], before: Sequence[float]) -> Pair:
    """Compare response times in milliseconds; that of a period is the median of its runs."""
    time = median(now) if now else None
    time_before = median(before) if before else None
    return Pair(
        now=now,
        before=before,
        all_now=time,
        all_before=time_before,
        words=time_change(time, time_before),
        matters=time_matters((now, time), (before, time_before)),
    )


def judge(family: Sequence[Pair]) -> list[Change]:
    """Return the changes of pairs that are looked at together, with direction and p-value.

    Without SciPy, and with fewer runs than FEWEST_RUNS on a side, nothing is tested.
    """
    p_values = _p_values(family) if testable() else {}
    return [
        Change(
            direction=_direction(pair, p_values.get(number)),
            now=pair.all_now,
            before=pair.all_before,
            runs_now=len(pair.now),
            runs_before=len(pair.before),
            p_value=p_values.get(number),
            words=pair.words,
        )
        for number, pair in enumerate(family)
    ]


def _direction(pair: Pair, p_value: float | None) -> Direction:
    if pair.now and not pair.before:
        return "new"
    if pair.before and not pair.now:
        return "gone"
    if p_value is None or (pair.matters and p_value > ALPHA):
        return "unclear"
    if not pair.matters:
        return "same"
    return "worse" if (pair.all_now or 0.0) > (pair.all_before or 0.0) else "better"


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
        values = np.array([[*family[number].now, *family[number].before] for number in numbers])
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
