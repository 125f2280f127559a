"""Windows: what a run measured in a part of its time, by its recording.

A recording counts by cells, of a second or more. Of what is only partly in a window nothing more
is known, so an upper limit must hold with it and without, and a lower limit without.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from loadgate.masking import Endpoint
from loadgate.metrics import Row, clock
from loadgate.model import Policy, Recorded, Status, Threshold, Window
from loadgate.name_pattern import Effort
from loadgate.read.recording import endpoint_of
from loadgate.recording.counts import Key
from loadgate.recording.histogram import Cell
from loadgate.recording.moving import MovingCells
from loadgate.rules.thresholds import UPPER
from loadgate.tally import TrueLog

SKEW = 2
"""Seconds by which the clock of a worker may differ from that of the master."""


_BUCKETS = 10
"""Of a cell, which come into a window and leave it in the time of a step of a name pattern."""


class NoWindowError(ValueError):
    """A window that the recording cannot tell; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A window, in seconds since the epoch."""

    first: int
    """Where its first cell begins."""
    end: int
    """Where its last cell ends."""
    began: Fraction
    """Where it itself begins, in a cell or at its edge."""
    ended: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What the run measured in a window."""

    span: tuple[Fraction, Fraction]
    """In seconds from the start of the run."""
    row: Row


class Timeline:
    """A recorded run by time. All is computed when it is asked for the first time."""

    def __init__(self, recorded: Recorded, policy: Policy, effort: Effort) -> None:
        """Take the recording of a run, and the policy that says which of its failures are true.

        `effort` is what has been done for the run.
        """
        self._recorded = recorded
        self._policy = policy
        self._effort = effort

    def times(self, place: Endpoint | None, name: str) -> Fraction | None:
        """Return a response time of an endpoint, or (None) of all, over the whole run."""
        cells = self.cells.get(place)
        return None if cells is None else cells.time(name, 0, len(cells.seconds))

    def windows(self, place: Endpoint | None, threshold: Threshold) -> Iterator[Measured]:
        """Yield all windows that a threshold is about, as measured at an endpoint, or at all.

        Of the windows of `every`, which begin at each cell, those with the same requests and users
        as the one before are left out. Raises NoWindowError.
        """
        window, upper = threshold.window or Window(text=""), threshold.operator in UPPER
        cells = self.cells.get(place) or MovingCells({})
        users = self._users[0] if threshold.metric.name == "users" else []
        if threshold.metric.kind == "latency":
            self._effort.spend(cells.buckets // _BUCKETS)
        for spans in self._spans(window, [*cells.seconds, *users], upper=upper):
            for span in spans:
                yield self._measured(cells, span, upper=upper)

    # --- where a window is ------------------------------------------------------------------------

    def _spans(
        self, window: Window, changes: Sequence[int], *, upper: bool
    ) -> Iterator[Iterable[Span]]:
        """Yield the spans of a window, those of the same length together and in order."""
        width = self._recorded.counts.width
        began, ended = self._edges(window)
        first, end = -(-began // width) * width, ended // width * width
        if first >= end:
            raise NoWindowError(
                f"the window is {clock(ended - began)} long, and the recording counts by"
                f" {clock(Fraction(width))}"
            )
        inner = Span(first=first, end=end, began=began, ended=ended)
        outer = self._outer(inner) if upper else inner
        for length in self._lengths(window.every) or {outer.end - outer.first}:
            if length < outer.end - outer.first:
                yield _sliding(outer, length, changes, width, self.run[0] % width)
            else:
                yield [outer]
            if outer != inner and length >= inner.end - inner.first:
                yield [inner]

    def _edges(self, window: Window) -> tuple[Fraction, Fraction]:
        """Return where the part of the run that is judged begins and ends."""
        start, stop = self.run
        if self.merged and (window.steady, window.after, window.until) != (False, None, None):
            raise NoWindowError("several runs were merged, and each has a start of its own")
        began, ended = self.steady if window.steady else (start, stop)
        if window.after is not None:
            began = max(began, start + window.after)
        if window.until is not None:
            ended = min(ended, start + window.until)
        if began >= ended:
            raise NoWindowError(
                f"nothing of the run, which took {clock(stop - start)}, is in the window"
            )
        return began, ended

    def _outer(self, inner: Span) -> Span:
        """Return a span with all cells that are only partly in it, or beyond the end of the run."""
        width, (start, stop) = self._recorded.counts.width, self.run
        first, end = inner.began // width * width, -(-inner.ended // width) * width
        seconds = self.cells[None].seconds if None in self.cells else [first]
        if inner.began == start:
            first = min(first, seconds[0])
        if inner.ended == stop:
            end = max(end, seconds[-1] + width)
        return Span(first=first, end=end, began=inner.began, ended=inner.ended)

    def _lengths(self, every: Fraction | None) -> set[int]:
        """Return how long windows of `every` are in whole cells: less, and more, if in between."""
        if every is None:
            return set()
        width = self._recorded.counts.width
        if every < width:
            raise NoWindowError(
                f"the recording counts by {clock(Fraction(width))}, as it has so many requests to"
                f" tell apart, so windows of {clock(every)} are not known"
            )
        return {every // width * width, -(-every // width) * width}

    @cached_property
    def run(self) -> tuple[Fraction, Fraction]:
        """When the test began, and when its users had stopped."""
        recorded = self._recorded
        if recorded.started is None or recorded.stopped is None or recorded.ended is None:
            raise NoWindowError("the recording does not say when the test began and ended")
        seconds = [second for second, _ in recorded.counts.cells]
        early = int(recorded.started) - min(seconds, default=int(recorded.started))
        late = max(seconds, default=0) - recorded.ended
        if early >= SKEW + recorded.counts.width or late > SKEW:
            raise NoWindowError(
                "there are requests before the start of the run, or behind its end: the clocks of"
                " master and workers differ"
            )
        return _exact(recorded.started), _exact(recorded.stopped)

    @property
    def merged(self) -> bool:
        """Whether these are the counts of several runs."""
        return sum(mark.kind == "start" for mark in self._recorded.counts.marks) > 1

    @cached_property
    def steady(self) -> tuple[Fraction, Fraction]:
        """From when the most users were there for the first time, to when they began to stop."""
        marks = self._recorded.counts.marks
        stopping = min((mark.at for mark in marks if mark.kind == "stopping"), default=None)
        if stopping is None:
            raise NoWindowError("the recording does not say when the users began to stop")
        spawned = [mark for mark in marks if mark.kind == "spawned" and mark.at < stopping]
        if not spawned:
            raise NoWindowError("the users were never all there")
        most = max(mark.users or 0 for mark in spawned)
        began = min(mark.at for mark in spawned if (mark.users or 0) == most)
        return _exact(began), _exact(stopping)

    # --- what was measured there ------------------------------------------------------------------

    def _measured(self, cells: MovingCells, span: Span, *, upper: bool) -> Measured:
        low, high = bisect_left(cells.seconds, span.first), bisect_left(cells.seconds, span.end)
        failures = cells.failures(low, high)
        self._effort.spend(1 + len(failures))
        failed, true, expected = self.sorted_failures(failures)
        requests = cells.requests[high] - cells.requests[low]
        statuses: Counter[Status | None] = Counter()
        for key, count in failures.items():
            statuses[key.status] += count
        numbers = {
            "rps": Fraction(requests, span.end - span.first),
            "duration": span.ended - span.began,
        }
        users = self._users_in(span)
        if users:
            numbers["users"] = Fraction(max(users) if upper else min(users))
        start = self.run[0]
        return Measured(
            span=(max(span.began - start, Fraction(0)), span.ended - start),
            row=Row(
                runs=1,
                requests=requests,
                failures=failed,
                expected=expected if upper else failed - true,
                true=true,
                task_exceptions=None,
                numbers=numbers,
                statuses=statuses,
                likely=statuses,
                times=lambda name: cells.time(name, low, high),
            ),
        )

    def sorted_failures(self, failures: Counter[Key]) -> tuple[int, int, int]:
        """Return how many failures these are, and how many at most are true, and expected."""
        true = expected = 0
        for key, count in failures.items():
            true += min(count, self.true[key])
            expected += min(count, self.failed[key] - self.true[key])
        return sum(failures.values()), true, expected

    @cached_property
    def cells(self) -> dict[Endpoint | None, MovingCells]:
        """The cells of each endpoint, and (None) all."""
        found: defaultdict[Endpoint | None, defaultdict[int, list[tuple[Key, Cell]]]]
        found = defaultdict(lambda: defaultdict(list))
        for (second, key), cell in self._recorded.counts.cells.items():
            found[endpoint_of(key)][second].append((key, cell))
            found[None][second].append((key, cell))
        return {place: MovingCells(cells) for place, cells in found.items()}

    @cached_property
    def failed(self) -> Counter[Key]:
        """All failures by key."""
        failed: Counter[Key] = Counter()
        for (_, key), cell in self._recorded.counts.cells.items():
            failed[key] += cell.count if key.failed else 0
        return failed

    @cached_property
    def true(self) -> Counter[Key]:
        """True failures by key: texts have no time. What has no text is true."""
        true = self.failed.copy()
        decided = TrueLog(self._recorded.log, self._policy).decided([])
        for key, ((*_, count), _, match) in zip(self._recorded.keys, decided, strict=True):
            true[key] -= count if match.decision == "expected" else 0
        return true

    @cached_property
    def _users(self) -> tuple[list[int], list[int]]:
        """The seconds in which the number of users changed, and the numbers."""
        counts = self._recorded.counts
        if self.merged:  # at a second each run has users of its own
            return [], []
        known = dict(counts.users)
        for mark in counts.marks:
            if mark.kind == "spawned" and mark.users is not None:
                known[int(mark.at)] = mark.users  # known at once, others up to a second later
        return sorted(known), [known[second] for second in sorted(known)]

    def _users_in(self, span: Span) -> list[int]:
        """Return the numbers of users that there were in a window."""
        seconds, users = self._users
        before = max(0, bisect_right(seconds, span.first) - 1)
        return users[before : bisect_left(seconds, span.end)]


def _exact(time: float) -> Fraction:
    """Return a time to the millisecond, as marks have it."""
    return Fraction(round(time * 1000), 1000)


def _sliding(
    span: Span, length: int, changes: Iterable[int], width: int, shift: Fraction
) -> Iterator[Span]:
    """Yield the windows of a length in a span that differ from the one before.

    `shift` is where in its cell the run began: people count from there.
    """
    last = span.end - length
    starts = {span.first, last}
    for second in changes:
        cell = second // width * width
        starts |= {cell - length, cell - length + width, cell, cell + width}
    for first in sorted(start for start in starts if span.first <= start <= last):
        end = first + length
        yield Span(first=first, end=end, began=first + shift, ended=end + shift)
