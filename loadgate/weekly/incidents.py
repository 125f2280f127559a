"""Incidents: true failures that belong together, with the run in which they began.

What has one status and began at one time is one incident, at however many endpoints. Where it was
always there at a few endpoints, and became far more often, it is the same incident, which grew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import comb

import numpy as np
import pandas as pd

from loadgate.masking import Endpoint
from loadgate.model import SERVER_ERRORS
from loadgate.summary import RunSummary
from loadgate.text import status_order
from loadgate.weekly.episodes import (
    CHANCE,
    Episode,
    Failure,
    History,
    branches,
    episodes,
    failure,
    failures_of,
    histories,
    luck_of,
    together,
)
from loadgate.weekly.model import Incident, IncidentEndpoint, KindState

OVER = 0.25
"""Good runs at the end that are less likely than this are no luck: it is over."""

# When it grew: all runs since have so many times the largest share before, of so many runs before;
# or their ranks are so many standard deviations higher. Fewer failures more are no growth.
_DEALS = 200
_ABOVE = {1: 10.0, 2: 5.0}
_ABOVE_MANY = 3.0
_DEVIATIONS = 3.0
_RATIO = 2.0
_FAILURES = 5
_ALIKE = 5.0
_SPREAD = 3

_TEXTS = 20  # of an incident


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """Episodes with one beginning, or one growth: what an incident is made of."""

    branch: int
    episodes: tuple[Episode, ...]
    """Those of the branch that says since when."""
    others: tuple[Episode, ...] = ()
    """Those of other branches."""

    @property
    def first(self) -> int:
        """Return the number of the first bad run."""
        return min(episode.first for episode in self.episodes)

    @property
    def good(self) -> int | None:
        """Return the number of the last good run before the first bad one; None: there is none."""
        before = [each for of in self.episodes for each in of.before if each.run < self.first]
        bad = {each.run for each in before if each.count}
        return max({each.run for each in before} - bad, default=None)

    @property
    def counts(self) -> Counter[tuple[Endpoint, int]]:
        """Return true failures by endpoint and number of the run."""
        counts: Counter[tuple[Endpoint, int]] = Counter()
        for episode in (*self.episodes, *self.others):
            for seen in episode.sightings:
                counts[episode.endpoint, seen.run] += seen.count
        return +counts

    @property
    def over(self) -> bool:
        """Say whether the good runs since the last bad one are hardly luck."""
        seen = [each for of in self.episodes for each in of.sightings]
        bad = {each.run for each in seen if each.count}
        after = [each for of in self.episodes for each in of.after if each.run > max(bad)]
        often = len(bad) / (len({each.run for each in seen}) + 1)
        luck = (1 - often) ** len({each.run for each in after})
        return max(luck, luck_of(seen, after)) <= OVER

    def takes(self, episode: Episode) -> bool:
        """Say whether an episode of a smaller branch is a part of it: it began while this is on."""
        if episode.endpoint not in {of.endpoint for of in self.episodes}:
            return False
        good = self.good
        last = max(of.sightings[-1].run for of in self.episodes)
        return (good is None or good < episode.first) and (episode.first < last or not self.over)

    @property
    def grew(self) -> tuple[int, int] | None:
        """Return the numbers of the first run with far more failures, and of the one before it."""
        histories = ((*of.before, *of.sightings, *of.after) for of in self.episodes)
        last = max(of.sightings[-1].run for of in self.episodes)
        seen = [of for of in together(histories) if self.first <= of.run <= last]
        place = _rise(seen)
        return (seen[place].run, seen[place - 1].run) if place else None


def _rise(seen: History) -> int:
    """Return from which run on far more requests fail than before; 0: none."""
    counts = np.array([each.count for each in seen], float)
    requests = np.array([each.requests for each in seen], float)
    shares = counts / requests
    ranks = pd.Series(shares).rank().to_numpy()
    runs = len(seen)
    most, found = 0.0, 0
    for place in range(1, runs):
        low, high = (
            counts[of].sum() / requests[of].sum() for of in (slice(place), slice(place, None))
        )
        if high < _RATIO * low or (high - low) * requests[place:].sum() < _FAILURES:
            continue
        deviations = (ranks[place:].mean() - ranks[:place].mean()) / (
            ranks.std(ddof=1) * np.sqrt(1 / place + 1 / (runs - place))
        )
        times = 1.0 if comb(runs, place) >= _DEALS else _ABOVE.get(place, _ABOVE_MANY)
        above = shares[place:].min() > times * shares[:place].max()
        # How much better two rates explain the runs than one does.
        gain = sum(
            part.sum() * np.log(part.sum() / of.sum())
            for part, of in ((counts[:place], requests[:place]), (counts[place:], requests[place:]))
            if part.sum()
        )
        if (above or deviations >= _DEVIATIONS) and (not found or gain > most):
            most, found = gain, place
    return found


def incidents(
    runs: Sequence[RunSummary], now: Sequence[RunSummary], before: Sequence[RunSummary]
) -> tuple[Incident, ...]:
    """Return the incidents of two periods, of which `runs` are all runs up to their end.

    Each true failure of a kind is in exactly one. Those of the period before only are gone.
    """
    this_period = range(len(runs) - len(now), len(runs))
    both = range(this_period.start - len(before), len(runs))
    found = [
        _incident(known, group, runs, this_period)
        for known, group in _groups(runs, (*before, *now))
        if any(number in both for _, number in group.counts)
    ]
    return tuple(sorted(found, key=_most_urgent_first))


def _groups(
    runs: Sequence[RunSummary], wanted: Iterable[RunSummary]
) -> Iterator[tuple[Failure, _Group]]:
    """Yield the episodes in as few groups as there must have been beginnings."""
    failures = failures_of(wanted)
    groups: dict[Failure, list[_Group]] = {}
    for branch, numbers in enumerate(branches(runs)):
        for known, of in histories(runs, numbers, failures).items():
            larger = groups.setdefault(known, [])
            own = []
            for at_once in episodes(of):
                rest = []
                for episode in at_once:
                    place = next(
                        (at for at, group in enumerate(larger) if group.takes(episode)), None
                    )
                    if place is None:
                        rest.append(episode)
                    else:
                        group = larger[place]
                        larger[place] = replace(group, others=(*group.others, episode))
                own += _merged(_Group(branch=branch, episodes=tuple(part)) for part in _parts(rest))
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
    grew = _Group(branch=0, episodes=tuple(base)).grew
    parts = [base]
    for episode in late:
        if grew and episode.first >= grew[0] and episode.may_begin(grew[0]):
            base.append(episode)
        elif part := next((of for of in parts[:0:-1] if episode.may_begin(of[0].first)), None):
            part.append(episode)
        else:
            parts.append([episode])
    return parts


def _like(base: Sequence[Episode], episode: Episode) -> bool:
    """Say whether an endpoint that fails from some run on may be like those that did before."""
    if len(base) < _SPREAD:
        return False
    seen = [
        each
        for of in base
        for each in (*of.before, *of.sightings, *of.after)
        if of.first <= each.run < episode.first
    ]
    missed = [each for each in episode.before if each.run >= base[0].first]
    requests = sum(each.requests for each in seen)
    rate = sum(each.count for each in seen) / requests if requests else 0.0
    often = sum(each.count > 0 for each in seen) / len(seen)
    luck = max(
        (1 - often) ** len(missed), (1 - min(rate, 1)) ** sum(each.requests for each in missed)
    )
    since = sum(max(each.requests, each.count) for each in episode.sightings)
    return (
        luck >= CHANCE
        and sum(each.count for each in episode.sightings) <= _ALIKE * rate * since + _FAILURES
    )


def _merged(parts: Iterable[_Group]) -> list[_Group]:
    """Return groups in which the same run is that since which they are as they are, as one."""
    by_run: dict[int, _Group] = {}
    for part in parts:
        since = part.grew[0] if part.grew else part.first
        known = by_run.get(since)
        both = (*known.episodes, *part.episodes) if known else part.episodes
        by_run[since] = replace(part, episodes=both)
    return [*by_run.values()]


def _incident(
    known: Failure, group: _Group, runs: Sequence[RunSummary], this_period: range
) -> Incident:
    numbers = {number for _, number in group.counts}
    counts: Counter[Endpoint] = Counter()
    for (endpoint, number), count in group.counts.items():
        counts[endpoint] += count * (number in this_period)
    some = any(counts.values())
    requests = _requests(runs[this_period.start :], counts)
    texts: Counter[str] = Counter()
    certain = likely = None
    for number in sorted(numbers):
        for kind in runs[number].kinds:
            if (kind.key, number) in group.counts and failure(kind) == known:
                texts[kind.signature] += kind.failures
                certain = kind.status if certain is None else certain
                likely = kind.likely_status if likely is None else likely
    endpoints = [
        IncidentEndpoint(method=key[0], name=key[1], requests=requests[key], count=count)
        for key, count in counts.items()
        if count or not some
    ]
    first, good, grew = group.first, group.good, group.grew
    earlier = [run for run in runs[:first] if run.branch == runs[first].branch and run.requests]
    undated = good is None and not earlier
    state: KindState = "known"
    if group.over or not some:
        state = "gone"
    elif first in this_period and not undated:
        state = "new"
    elif grew and grew[0] in this_period:
        state = "growing"
    return Incident(
        kind="failures",
        status=certain,
        likely_status=None if certain is not None else likely,
        signatures=tuple(sorted(texts, key=lambda text: (-texts[text], text))[:_TEXTS]),
        endpoints=tuple(sorted(endpoints, key=lambda one: (-one.count, one.name, one.method))),
        count=sum(counts.values()),
        runs=sum(number in this_period for number in numbers),
        state=state,
        first=runs[first],
        last=runs[max(numbers)],
        good=None if good is None else runs[good],
        undated=undated,
        grew=None if grew is None else runs[grew[0]],
        before_grew=None if grew is None else runs[grew[1]],
    )


def _requests(runs: Iterable[RunSummary], endpoints: Iterable[Endpoint]) -> Counter[Endpoint]:
    wanted = {*endpoints}
    requests: Counter[Endpoint] = Counter()
    for run in runs:
        for row in run.endpoints:
            if row.key in wanted:
                requests[row.key] += row.requests
    return requests


def _most_urgent_first(incident: Incident) -> tuple[object, ...]:
    status = incident.likely_status if incident.status is None else incident.status
    return (
        *(incident.state == "gone", incident.kind == "slower"),
        *(status not in SERVER_ERRORS, -incident.count, incident.first.started),
        *(status_order(status), incident.signatures, [one.key for one in incident.endpoints]),
    )
