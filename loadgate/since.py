"""Since when a number is what it is: change points over all runs there are.

Runs are split where the ranks of what they measured differ most, and the halves again, as long as
there is something to split. Then the weakest split goes, until all that are left are neither chance
(Mann and Whitney, 1947, corrected for all places and all series looked at) nor too small to matter.
Ranks, and a fewest number of runs on both sides: what single wild runs did cannot decide.
docs/development/since.md says how often it is wrong, and why no library for change points is used.
"""

from __future__ import annotations

import importlib.util
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, Literal

from loadgate.difference import rate_matters, time_matters
from loadgate.masking import Endpoint
from loadgate.summary import EndpointCounts, RunSummary, main_branch

if TYPE_CHECKING:
    import numpy as np

    Values = np.ndarray[tuple[int], np.dtype[np.float64]]

Series = Literal["true_failure_rate", "p95"]

FEWEST_RUNS = 4
"""Runs on either side of a change, below which nobody can say that it stays."""

LAST_RUNS = 1000
"""Runs that are looked at, the last ones: about three years of nights."""

ALPHA = 0.025
"""The chance that a report has a change point where nothing changed and runs are independent."""

_SPLIT = 2.4
"""The standard score of the ranks from which runs are split, to see what is left of it later."""

_EXACT_UP_TO = 12
"""Runs of the shorter side up to which all ways to deal them out count, not the normal curve."""

_WORST = 10  # of so many runs the worst says nothing about the usual share of failures


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePoint:
    """Where a number changed and stayed changed, more than its runs differ by chance."""

    metric: Series
    endpoint: Endpoint | None
    """None: the whole run."""
    before: float
    """The usual value of the runs before: a share (0 to 1) or milliseconds."""
    after: float
    """That of the runs since."""
    runs_before: int
    """Runs since the change before this one, or all."""
    runs_after: int
    """Runs up to the next change, or all."""
    last_before: RunSummary
    """The last run before the change."""
    first: RunSummary
    """The first run after it."""

    @property
    def worse(self) -> bool:
        """Say whether it is a change for the worse: both numbers are bad if high."""
        return self.after > self.before


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurements:
    """One number of the runs that have it."""

    values: Values
    """Shares of failures, or milliseconds, by start."""
    requests: Values | None
    """Of the runs, where `values` are shares of them."""

    def usual(self, start: int, end: int) -> float:
        """Return what is usual from one run up to another: the median of times.

        Of failures there are often none, so all are added up; but not those of the worst runs.
        """
        if self.requests is None:
            return float(median(self.values[start:end]))
        shares, requests = self.values[start:end], self.requests[start:end]
        worst = -(-len(shares) // _WORST)
        kept = shares.argsort(kind="stable")[:-worst]
        return float((shares * requests)[kept].sum() / requests[kept].sum())

    def matters(self, start: int, place: int, end: int) -> bool:
        """Say whether a change at `place` is large enough for a person to look at."""
        before, after = self.usual(start, place), self.usual(place, end)
        if self.requests is None:
            sides = (self.values[start:place], before), (self.values[place:end], after)
            return time_matters(*((of.tolist(), usual) for of, usual in sides))
        low, high = sorted((before, after))
        affected = slice(start, place) if high == before else slice(place, end)
        return rate_matters(low, high, int(self.requests[affected].sum()))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Series:
    metric: Series
    endpoint: Endpoint | None
    runs: Sequence[RunSummary]
    measured: Measurements


def change_points(runs: Sequence[RunSummary]) -> tuple[ChangePoint, ...]:
    """Return all changes of the runs, which come by start, the earliest first.

    Each is of the whole run or of one endpoint; runs without requests there have no say. Nor have
    partial runs, and those of other branches than the one with most runs: a pull request is no
    change that stays. Without SciPy nothing is found.
    """
    if importlib.util.find_spec("scipy") is None:
        return ()
    every = [*_series(_comparable(runs))]
    found = [
        _change_point(one, start, place, end)
        for one in every
        for start, place, end in _with_neighbours(
            split(one.measured, alpha=ALPHA / len(every)), len(one.runs)
        )
    ]
    order = {id(run): place for place, run in enumerate(runs)}
    return tuple(sorted(found, key=lambda one: order[id(one.first)]))


def _comparable(runs: Sequence[RunSummary]) -> Sequence[RunSummary]:
    """Return the last runs that say something of the branch that most are of."""
    sound = [run for run in runs if run.requests and not run.partial]
    branch = main_branch(sound)
    return [run for run in sound if run.branch in {"", branch}][-LAST_RUNS:]


def _series(runs: Sequence[RunSummary]) -> Iterator[_Series]:
    """Yield each number that enough runs have, those of the whole runs first."""
    failures: defaultdict[Endpoint | None, list[tuple[RunSummary, int, int]]] = defaultdict(list)
    times: defaultdict[Endpoint | None, list[tuple[RunSummary, float]]] = defaultdict(list)
    for run in runs:
        rows: list[tuple[Endpoint | None, RunSummary | EndpointCounts]] = [(None, run)]
        rows += [(row.key, row) for row in run.endpoints]
        for key, row in rows:
            if row.requests:
                failures[key].append((run, min(row.true, row.requests), row.requests))
                if row.p95 is not None:
                    times[key].append((run, row.p95))
    import numpy as np

    for key, counts in failures.items():
        if len(counts) >= 2 * FEWEST_RUNS and any(failed for _, failed, _ in counts):
            requests = np.array([float(asked) for _, _, asked in counts])
            shares = np.array([float(failed) for _, failed, _ in counts]) / requests
            yield _Series(
                metric="true_failure_rate",
                endpoint=key,
                runs=[run for run, _, _ in counts],
                measured=Measurements(values=shares, requests=requests),
            )
    for key, took in times.items():
        if len(took) >= 2 * FEWEST_RUNS:
            yield _Series(
                metric="p95",
                endpoint=key,
                runs=[run for run, _ in took],
                measured=Measurements(values=np.array([time for _, time in took]), requests=None),
            )


def _change_point(series: _Series, start: int, place: int, end: int) -> ChangePoint:
    return ChangePoint(
        metric=series.metric,
        endpoint=series.endpoint,
        before=series.measured.usual(start, place),
        after=series.measured.usual(place, end),
        runs_before=place - start,
        runs_after=end - place,
        last_before=series.runs[place - 1],
        first=series.runs[place],
    )


def split(measured: Measurements, *, alpha: float) -> list[int]:
    """Return the places of the runs from which on a number is another one than before."""
    runs = len(measured.values)
    places = sorted(_candidates(measured.values))
    matters, p_value = cache(measured.matters), cache(partial(_p_value, measured.values))
    while places:
        around = _with_neighbours(places, runs)
        # These first, as they would have to go at last; and a test takes longer than all else.
        weakest = next((one for one in around if not matters(*one)), None)
        if weakest is None:
            weakest = max(around, key=lambda one: p_value(*one))
            if p_value(*weakest) <= alpha:
                break
        places.remove(weakest[1])
    return places


def _with_neighbours(places: Sequence[int], runs: int) -> list[tuple[int, int, int]]:
    """Return each place with the places before and after it, or the ends."""
    return [
        (start, place, end) for (start, place), (_, end) in pairwise(pairwise([0, *places, runs]))
    ]


def _candidates(values: Values) -> Iterator[int]:
    """Yield where the ranks of the runs on both sides differ most; then so within each side."""
    import numpy as np
    from scipy.stats import rankdata

    left = [(0, len(values))]
    while left:
        start, end = left.pop()
        runs = end - start
        if runs < 2 * FEWEST_RUNS:
            continue
        ranks = rankdata(values[start:end])
        ranks -= ranks.mean()
        before = np.arange(FEWEST_RUNS, runs - FEWEST_RUNS + 1)
        deviation = np.sqrt(before * (runs - before) / runs * ranks.var(ddof=1))
        scores = np.abs(np.cumsum(ranks)[before - 1])
        best = int(np.argmax(scores / np.maximum(deviation, 1e-9)))
        if scores[best] >= _SPLIT * deviation[best] > 0:
            place = start + int(before[best])
            yield place
            left += [(start, place), (place, end)]


def _p_value(values: Values, start: int, place: int, end: int) -> float:
    """Return how likely runs differ as much at one place at least, if nothing changed."""
    from scipy.stats import mannwhitneyu

    exact = min(place - start, end - place) <= _EXACT_UP_TO
    p_value = mannwhitneyu(
        values[start:place],
        values[place:end],
        method="exact" if exact else "asymptotic",
    ).pvalue
    return float(p_value) * (end - start - 2 * FEWEST_RUNS + 1)
