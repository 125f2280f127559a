"""A run over time: its counts, users and response times in intervals, for pages that draw them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, TypeVar

Value = TypeVar("Value", int, float)

MOST_INTERVALS = 150
"""Intervals of a run that is drawn: more would be less than a few pixels wide each."""
PERCENTILES = ("50", "95", "99")
"""Those that are drawn."""

_LENGTHS = (1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 14400, 43200)
"""Lengths of an interval that people know from clocks, in seconds."""
TimesOf = Literal["interval", "recent", "start", "unknown"]
"""What response times are of: the interval, the last ten seconds before its end, or the run since
its start; unknown: one of the last two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """What happened in a part of a run."""

    begin: float
    """In seconds from the start of the run, as is the end."""
    end: float
    requests: float
    """A whole number, but where the source has only rates."""
    failures: float
    """True and expected ones."""
    true: float | None = None
    """Those that are certainly true; None: the source does not know."""
    expected: float | None = None
    """Those that are certainly expected; what is neither may be either."""
    peak: float = 0.0
    """The most failures per second of its parts, where it was joined: true ones, if these are told
    apart."""
    users: int | None = None
    """The most at one time; None: not known."""
    times: tuple[float | None, ...] = ()
    """Response times in milliseconds, one for each of PERCENTILES; None: not known."""

    @property
    def length(self) -> float:
        """Return how many seconds it has."""
        return self.end - self.begin

    @property
    def idle(self) -> bool:
        """Say whether nothing happened, nor was there anybody to let it happen."""
        return not (self.requests or self.failures or self.users)

    @property
    def either(self) -> float:
        """Return the failures of which it is known that they are true or expected, not which."""
        if self.true is None or self.expected is None:
            return 0
        return self.failures - self.true - self.expected

    def with_next(self, other: Interval) -> Interval:
        """Return it together with the one behind it: counts add up, the worst time is left."""
        return replace(
            self,
            end=other.end,
            requests=self.requests + other.requests,
            failures=self.failures + other.failures,
            peak=max(each.peak or each.failures / (each.length or 1) for each in (self, other)),
            users=_most((self.users, other.users)),
            times=tuple(_most(pair) for pair in zip(self.times, other.times, strict=True)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """A part of a run by its users."""

    name: Literal["ramp-up", "steady", "ramp-down"]
    begin: float
    """In seconds from the start of the run, as is the end."""
    end: float


@dataclass(frozen=True, slots=True, kw_only=True)
class KindTimes:
    """When failures of a kind happened."""

    first: float
    """Where the first second begins in which there were any, in seconds from the start."""
    last: float
    """Where the last one begins."""
    counts: tuple[int, ...]
    """How many there were in each interval; empty: not known."""
    shared: bool
    """Other kinds, told apart by their texts, have the same status and place: these are all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeSeries:
    """A run over time."""

    source: Literal["recording", "history", "report", "failures"]
    """What it was read from; a report has only rates, each the mean of the last ten seconds, and
    failures only the first and the last time of their kinds."""
    started: datetime
    """When the time is 0."""
    times_of: TimesOf
    intervals: tuple[Interval, ...]
    """In the order of time, without gaps; empty: not known."""
    phases: tuple[Phase, ...] = ()
    """Empty: not known."""
    resets: tuple[float, ...] = ()
    """When statistics were reset; what was counted before is in no total."""
    kinds: tuple[KindTimes | None, ...] = ()
    """One for each of Classification.failures, in their order; None: not known."""

    @property
    def decided(self) -> bool:
        """Say whether true failures are told from expected ones."""
        return all(each.true is not None for each in self.intervals)

    def clock(self, seconds: float) -> str:
        """Return what a clock shows then: "06:08:19"; "": it is beyond all clocks."""
        try:
            return f"{self.started + timedelta(seconds=seconds):%H:%M:%S}"
        except OverflowError:
            return ""

    @property
    def length(self) -> float:
        """Return the seconds of an interval, as most of them have."""
        lengths = sorted(each.length for each in self.intervals)
        return lengths[len(lengths) // 2] if lengths else 0.0


def length_for(seconds: float, unit: int = 1) -> int:
    """Return how long intervals are, so that so many seconds have no more than can be drawn.

    It is a multiple of `unit`.
    """
    least = seconds / MOST_INTERVALS
    known = (length for length in _LENGTHS if length >= least and length % unit == 0)
    return next(known, max(1, math.ceil(least / unit)) * unit)


def joined(intervals: Iterable[Interval], length: float) -> list[Interval]:
    """Return as one what begins in the same `length` of time, but for gaps that are longer.

    What has no length itself, as where a clock was set back, is part of what is before.
    """
    found: list[Interval] = []
    for each in intervals:
        begin = found[-1].begin // length if found and found[-1].length <= length else None
        if found and (
            each.length <= 0 or (each.length <= length and begin == each.begin // length)
        ):
            found[-1] = found[-1].with_next(each)
        else:
            found.append(each)
    return found


def drawable(intervals: Sequence[Interval]) -> tuple[Interval, ...]:
    """Return intervals, the first of which begins at 0, as few as can be drawn, aside from gaps."""
    return tuple(joined(intervals, length_for(intervals[-1].end)))


def _most(values: Iterable[Value | None]) -> Value | None:
    return max((value for value in values if value is not None), default=None)
