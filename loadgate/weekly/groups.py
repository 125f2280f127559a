"""Groups of episodes: what of one failure belongs together, and when it grew.

Episodes of several endpoints are one group if one beginning explains them all. Where a failure was
always there at a few endpoints, and became far more, that is one group, which grew.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import comb
from typing import NamedTuple

import numpy as np
import pandas as pd

from loadgate.masking import Endpoint
from loadgate.summary import RunSummary
from loadgate.weekly.episodes import (
    CHANCE,
    Episode,
    Failure,
    History,
    branches,
    episodes,
    failures_of,
    histories,
    luck_of,
    together,
)

OVER = 0.25
"""Good runs at the end that are less likely than this are no luck: it is over."""

GOOD = 2
"""Good runs that this takes at least: a night without it is no end of what is there each night."""

# When it grew: the share of requests that fail is so many times as large, by so many failures. And
# all runs since have more than all before, if that is no chance of so many ways to deal them out;
# or far more than the few before; or their ranks are so many standard deviations higher.
_RATIO = 2.0
_FAILURES = 5
_DEALS = 200
_FAR_MORE = {1: 10.0, 2: 5.0}
_MORE = 3.0
_DEVIATIONS = 3.0

# What is like others: so many endpoints that fail now and then, so many times as often at most.
_SOME = 3
_AS_OFTEN = 5.0


class Growth(NamedTuple):
    """When far more requests began to fail."""

    run: int
    """The number of the first run with more."""
    run_before: int
    rate_before: float
    """The share of requests that failed before, from 0 to 1."""
    rate: float
    """That since."""


@dataclass(frozen=True, kw_only=True)  # without slots: what is computed is kept
class Group:
    """Episodes with one beginning, or one growth: what an incident is made of."""

    branch: int
    episodes: tuple[Episode, ...]
    """Those of the branch that says since when."""
    others: list[Episode] = field(default_factory=list)
    """Those of other branches."""

    @cached_property
    def first(self) -> int:
        """Return the number of the first bad run."""
        return min(episode.first for episode in self.episodes)

    @cached_property
    def last(self) -> int:
        """Return the number of the last bad run of its branch."""
        return max(episode.sightings[-1].run for episode in self.episodes)

    @cached_property
    def endpoints(self) -> frozenset[Endpoint]:
        """Return where it is, on its branch."""
        return frozenset(episode.endpoint for episode in self.episodes)

    @cached_property
    def good(self) -> int | None:
        """Return the number of the last good run before the first bad one; None: there is none."""
        before = [each for of in self.episodes for each in of.before if each.run < self.first]
        bad = {each.run for each in before if each.failures}
        return max({each.run for each in before} - bad, default=None)

    @cached_property
    def counts(self) -> Counter[tuple[Endpoint, int]]:
        """Return true failures by endpoint and number of the run."""
        counts: Counter[tuple[Endpoint, int]] = Counter()
        for episode in (*self.episodes, *self.others):
            for seen in episode.sightings:
                counts[episode.endpoint, seen.run] += seen.failures
        return +counts

    @cached_property
    def over(self) -> bool:
        """Say whether the good runs since the last bad one are hardly luck."""
        seen = [each for of in self.episodes for each in of.sightings]
        bad = {each.run for each in seen if each.failures}
        after = [each for of in self.episodes for each in of.after if each.run > max(bad)]
        good = len({each.run for each in after})
        often = len(bad) / (len({each.run for each in seen}) + 1)
        return good >= GOOD and max((1 - often) ** good, luck_of(seen, after)) <= OVER

    def takes(self, episode: Episode) -> bool:
        """Say whether an episode of a smaller branch is a part of it: it began while this is on."""
        return (
            episode.endpoint in self.endpoints
            and (self.good is None or self.good < episode.first)
            and (episode.first < self.last or not self.over)
        )

    @cached_property
    def grew(self) -> Growth | None:
        """Return when it became far more; None: it did not."""
        histories = ((*of.before, *of.sightings, *of.after) for of in self.episodes)
        seen = [of for of in together(histories) if self.first <= of.run <= self.last]
        place = _rise(seen)
        if not place:
            return None
        rates = [
            sum(each.failures for each in of) / sum(each.requests for each in of)
            for of in (seen[:place], seen[place:])
        ]
        return Growth(seen[place].run, seen[place - 1].run, *rates)


def _rise(history: History) -> int:
    """Return from which run on far more requests fail than before; 0: none."""
    runs = len(history)
    if runs == 1:
        return 0
    counts = np.array([seen.failures for seen in history], float)
    requests = np.array([seen.requests for seen in history], float)
    shares = counts / requests
    ranks = pd.Series(shares).rank().to_numpy()
    before = np.arange(1, runs)
    since = runs - before
    failed, asked, ranked = (of.cumsum()[:-1] for of in (counts, requests, ranks))
    failed_since, asked_since = counts.sum() - failed, requests.sum() - asked
    low, high = failed / asked, failed_since / asked_since
    matters = (high >= _RATIO * low) & ((high - low) * asked_since >= _FAILURES)
    higher = (ranks.sum() - ranked) / since - ranked / before
    spread = ranks.std(ddof=1) * np.sqrt(1 / before + 1 / since)
    times = np.array(
        [
            1.0
            if comb(runs, min(place, runs - place, 8)) >= _DEALS
            else _FAR_MORE.get(place, _MORE)
            for place in range(1, runs)
        ]
    )
    worst = np.maximum.accumulate(shares)[:-1]
    least = np.minimum.accumulate(shares[::-1])[::-1][1:]
    certain = (least > times * worst) | (higher >= _DEVIATIONS * spread)
    # How much better two rates explain the runs than one does.
    gain = failed * np.log(low) + failed_since * np.log(np.maximum(high, low))
    found = np.where(matters & certain, gain, -np.inf)
    return int(found.argmax()) + 1 if np.isfinite(found).any() else 0


def groups_of(
    runs: Sequence[RunSummary], wanted: Iterable[RunSummary]
) -> Iterator[tuple[Failure, Group]]:
    """Yield the episodes in as few groups as there must have been beginnings."""
    failures = failures_of(wanted)
    groups: dict[Failure, list[Group]] = {}
    for branch, numbers in enumerate(branches(runs)):
        for known, of in histories(runs, numbers, failures).items():
            larger = groups.setdefault(known, [])
            own = []
            for at_once in episodes(of):
                rest: list[Episode] = []
                for episode in at_once:
                    group = next((one for one in larger if one.takes(episode)), None)
                    (rest if group is None else group.others).append(episode)
                own += _merged(Group(branch=branch, episodes=tuple(part)) for part in _parts(rest))
            larger += own
    return ((known, group) for known, alike in groups.items() for group in alike)


def _parts(at_once: Sequence[Episode]) -> list[list[Episode]]:
    """Return the episodes of one time, by start, in as few parts as explain all their beginnings.

    Those that are no evidence of a beginning of their own are in the first part; so are those that
    began when it grew.
    """
    if not at_once:
        return []
    first = at_once[0].first
    base: list[Episode] = []
    late: list[Episode] = []
    for episode in at_once:
        own = episode.sharp and not episode.may_begin(first) and not _like(base, episode)
        (late if own else base).append(episode)
    grew = Group(branch=0, episodes=tuple(base)).grew
    parts = [base]
    for episode in late:
        if grew and episode.first >= grew.run and episode.may_begin(grew.run):
            base.append(episode)
        elif part := next((of for of in parts[:0:-1] if episode.may_begin(of[0].first)), None):
            part.append(episode)
        else:
            parts.append([episode])
    return parts


def _like(base: Sequence[Episode], episode: Episode) -> bool:
    """Say whether an endpoint that fails from some run on may be like those that did before."""
    if len(base) < _SOME:
        return False
    history = together((*of.before, *of.sightings, *of.after) for of in base)
    earlier = [seen for seen in history if base[0].first <= seen.run < episode.first]
    missed = [seen for seen in episode.before if seen.run >= base[0].first]
    rate = sum(seen.failures for seen in earlier) / sum(seen.requests for seen in earlier)
    often = statistics.fmean(
        [
            seen.failures > 0
            for of in base
            for seen in (*of.before, *of.sightings, *of.after)
            if of.first <= seen.run < episode.first
        ]
    )
    luck = max((1 - often) ** len(missed), (1 - rate) ** sum(seen.requests for seen in missed))
    since = sum(seen.failures for seen in episode.sightings)
    asked = sum(max(seen.requests, seen.failures) for seen in episode.sightings)
    return bool(luck >= CHANCE and since <= _AS_OFTEN * rate * asked + _FAILURES)


def _merged(parts: Iterable[Group]) -> list[Group]:
    """Return groups in which the same run is that since which they are as they are, as one."""
    by_run: dict[int, Group] = {}
    for part in parts:
        grew = part.grew
        since = part.first if grew is None else grew.run
        known = by_run.get(since)
        both = (*known.episodes, *part.episodes) if known else part.episodes
        by_run[since] = replace(part, episodes=both)
    return [*by_run.values()]
