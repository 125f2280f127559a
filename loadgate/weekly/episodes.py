"""Episodes: when a failure began at an endpoint, and when it ended.

A failure is known by its status, or where that is unknown by its error text. Each branch has a
history of its own, so that what was tried in one says nothing about another.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log2
from typing import NamedTuple

from loadgate.masking import Endpoint
from loadgate.model import OTHER_SIGNATURES, UNEXPLAINED, Status
from loadgate.summary import KindCount, RunSummary, main_branch

FEWEST_RUNS = 4
"""Runs that a branch needs for a history of its own; smaller ones have one together."""

CHANCE = 0.01
"""Good runs, or requests, that are less likely than this are no luck."""

ROLLED_UP = frozenset({OTHER_SIGNATURES, UNEXPLAINED})

Failure = tuple[Status | None, str]
"""What a failure is known by: its status, certain or likely, or else its signature."""


class Sighting(NamedTuple):
    """What one run says of a failure at an endpoint: it is bad if it counts any, else good."""

    run: int
    """Its number among all runs, by start."""
    requests: int
    failures: int


History = Sequence[Sighting]
"""By run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """A failure at one endpoint, from its first bad run to its last one."""

    endpoint: Endpoint
    before: History
    """What the runs of the same branch before it say."""
    sightings: History
    """From the first bad run to the last one."""
    after: History

    @property
    def first(self) -> int:
        """Return the number of the first bad run."""
        return self.sightings[0].run

    def may_begin(self, run: int) -> bool:
        """Say whether it may have begun in a run before its first, and by chance did not show.

        Failures come in bursts, so it is enough if so many good runs are no surprise, as often as
        it is bad since; or so many requests, as often as they fail since.
        """
        missed = [seen for seen in self.before if seen.run >= run]
        bad = sum(seen.failures > 0 for seen in self.sightings)
        runs, since = len(missed), len(self.sightings)
        by_requests = luck_of(self.sightings, missed)
        by_runs = max((1 - bad / since) ** runs, by_requests)
        # Of few runs, all bad, the next one need not be.
        by_both = (1 - bad / (since + 1)) ** runs if by_requests >= CHANCE**2 else 0.0
        return max(by_runs, by_both) >= CHANCE

    @property
    def sharp(self) -> bool:
        """Say whether so much of it at the end only is no luck, had it been there all the time.

        Many failures of one run say less than as many runs with one.
        """
        good = 0
        for seen in reversed(self.before):
            if seen.failures:
                break
            good += seen.requests
        since = sum(max(seen.requests, seen.failures) for seen in (*self.sightings, *self.after))
        weight = sum(1 + log2(seen.failures) for seen in self.sightings if seen.failures) - 1
        return float((since / (since + good)) ** weight) < CHANCE


def luck_of(since: History, missed: History) -> float:
    """Return how likely the requests missed are without failures, at the rate there is since."""
    requests = sum(max(seen.requests, seen.failures) for seen in since)
    rate = (sum(seen.failures for seen in since) - 0.5) / requests
    return float((1 - rate) ** sum(seen.requests for seen in missed))


def branches(runs: Sequence[RunSummary]) -> list[list[int]]:
    """Return the numbers of the runs of each branch, the main branch first.

    Runs of no known branch are with it. Those of branches with less than FEWEST_RUNS come last, all
    in one: none of them has a history.
    """
    main = main_branch(runs)
    by_branch: defaultdict[str, list[int]] = defaultdict(list)
    for number, run in enumerate(runs):
        by_branch[run.branch or main].append(number)
    first = by_branch.pop(main, [])
    ranked = sorted(by_branch.values(), key=lambda numbers: (-len(numbers), numbers))
    large = [numbers for numbers in ranked if len(numbers) >= FEWEST_RUNS]
    small = sorted(number for numbers in ranked[len(large) :] for number in numbers)
    return [first, *large, small] if small else [first, *large]


def failure(kind: KindCount) -> Failure:
    """Return what a failure is known by."""
    return failure_of(kind.status, kind.likely_status, kind.signature)


def failure_of(status: Status | None, likely: int | None, signature: str = "") -> Failure:
    """Return what a failure is known by: an uncertain status is better than none."""
    status = likely if status is None else status
    return status, signature if status is None else ""


def failures_of(runs: Iterable[RunSummary]) -> dict[Endpoint, set[Failure]]:
    """Return the true failures of runs, by endpoint."""
    failures: dict[Endpoint, set[Failure]] = defaultdict(set)
    for run in runs:
        for kind in run.kinds:
            if kind.decision == "true" and kind.failures:
                failures[kind.key].add(failure(kind))
    return failures


def histories(
    runs: Sequence[RunSummary], numbers: Iterable[int], failures: Mapping[Endpoint, set[Failure]]
) -> dict[Failure, dict[Endpoint, list[Sighting]]]:
    """Return what the runs with these numbers say of each failure; some cannot tell of it.

    Those without requests to the endpoint, or with failures there that may be the same, but do not
    say what they are, are neither good nor bad.
    """
    found: dict[Failure, dict[Endpoint, list[Sighting]]] = defaultdict(lambda: defaultdict(list))
    for number in numbers:
        counts: Counter[tuple[Failure, Endpoint]] = Counter()
        named: Counter[Endpoint] = Counter()
        for kind in runs[number].kinds:
            if kind.decision == "true" and kind.key in failures:
                known = failure(kind)
                counts[known, kind.key] += kind.failures
                named[kind.key] += kind.failures * (known[1] not in ROLLED_UP)
        rows = {row.key: row for row in runs[number].endpoints if row.key in failures}
        for (known, endpoint), count in counts.items():
            if count and known in failures[endpoint]:
                requests = rows[endpoint].requests if endpoint in rows else 0
                found[known][endpoint].append(Sighting(number, requests, count))
        for endpoint, row in rows.items():
            for known in failures[endpoint] if row.requests else ():
                unnamed = row.true - (0 if known[1] in ROLLED_UP else named[endpoint])
                if not counts[known, endpoint] and unnamed <= 0:
                    found[known][endpoint].append(Sighting(number, row.requests, 0))
    return found


def episodes(of: Mapping[Endpoint, History]) -> Iterator[list[Episode]]:
    """Yield the episodes of a failure at all endpoints, those of one time together, by start."""
    for first, last in _spans(together(of.values())):
        found = [
            episode
            for endpoint, history in of.items()
            if (episode := _within(endpoint, history, first, last)) is not None
        ]
        yield sorted(found, key=lambda episode: (episode.first, episode.endpoint))


def together(of: Iterable[History]) -> list[Sighting]:
    """Return what each run says of all endpoints, by run."""
    requests: Counter[int] = Counter()
    counts: Counter[int] = Counter()
    for history in of:
        for seen in history:
            requests[seen.run] += max(seen.requests, seen.failures)
            counts[seen.run] += seen.failures
    return [Sighting(run, requests[run], counts[run]) for run in sorted(requests)]


def _spans(history: History) -> Iterator[tuple[int, int]]:
    """Yield the first and last bad run of each time that is parted by too many good ones."""
    bad = [place for place, seen in enumerate(history) if seen.failures]
    pending = [bad] if bad else []
    while pending:
        places = pending.pop()
        gaps = [after - place - 1 for place, after in pairwise(places)]
        longest = max(gaps, default=0)
        # How often runs are bad apart from this gap and the two at its ends, which were chosen.
        others = places[-1] - places[0] + 1 - longest - 2
        often = (len(places) - 2 + 1) / (others + 2)
        cut = gaps.index(longest) + 1 if longest else 0
        good = history[places[cut - 1] + 1 : places[cut]] if cut else ()
        seen = [history[place] for place in places]
        if cut and max((1 - often) ** longest, luck_of(seen, good)) < CHANCE / 2:
            pending += [places[cut:], places[:cut]]
        else:
            yield history[places[0]].run, history[places[-1]].run


def _within(endpoint: Endpoint, history: History, first: int, last: int) -> Episode | None:
    bad = [
        place for place, seen in enumerate(history) if seen.failures and first <= seen.run <= last
    ]
    if not bad:
        return None
    begin, end = bad[0], bad[-1] + 1
    return Episode(
        endpoint=endpoint,
        before=history[:begin],
        sightings=history[begin:end],
        after=history[end:],
    )
