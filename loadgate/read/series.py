"""A run over time, made of the rows of a history CSV."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Literal

from loadgate.read.times import from_epoch
from loadgate.time_series import (
    MOST_INTERVALS,
    PERCENTILES,
    Interval,
    TimeSeries,
    TimesOf,
    drawable,
    joined,
)

_MOST_KEPT = 8 * MOST_INTERVALS
"""Intervals in memory, however long the file is."""
_TOLD = 3
"""Seconds after which workers tell the master what they counted."""
_NO_TIMES = (None,) * len(PERCENTILES)


class SeriesBuilder:
    """Makes intervals of totals that grow, a row of the history after the other."""

    def __init__(self) -> None:
        """Begin before the first row."""
        self._intervals: list[Interval] = []
        self._resets: list[float] = []
        self._length = 1
        self._late = 0.0
        """Seconds by which the clock of the file was set back."""
        self._begin = self._last = 0.0
        self._totals: tuple[int, int] | None = None
        self._timed = False
        self._zeros = False
        self._longest: float | None = None
        self._shrank = False

    def add(
        self,
        time: datetime,
        totals: tuple[int, int],
        users: int | None,
        times: Sequence[float | None],
    ) -> None:
        """Take a row: requests and failures so far, and users and times of this moment.

        Behind the PERCENTILES, `times` has the longest.
        """
        now = time.timestamp() + self._late
        if self._totals is None:  # the first row of some releases counts a second already
            self._begin = self._last = now - bool(totals[0])
            self._totals = 0, 0
        self._late += max(0.0, self._last - now)
        self._last = now = max(now, self._last)
        before = self._totals
        if totals[0] < before[0]:
            self._resets.append(now)
            self._totals = before = 0, 0
            self._longest = None
        new = totals[0] - before[0], max(0, totals[1] - before[1])
        if not any(new):
            if not self._intervals and not users:
                self._begin = now  # Locust waits for somebody to begin
                return
            # The master of a distributed run hears of requests every three seconds.
            if now - self._begin < _TOLD:
                return
        self._look(times)
        # Only zeros are no times, as in the first second or behind a reset.
        shown = times[: len(PERCENTILES)] if any(times) else _NO_TIMES
        interval = Interval(
            begin=self._begin,
            end=now,
            requests=new[0],
            failures=new[1],
            users=users,
            times=tuple(shown),
        )
        self._totals, self._begin = totals, now
        self._intervals[-1:] = joined([*self._intervals[-1:], interval], self._length)
        while len(self._intervals) > _MOST_KEPT:
            self._length *= 2
            self._intervals = joined(self._intervals, self._length)

    def _look(self, times: Sequence[float | None]) -> None:
        """Take in what tells of which part of the run times are; the first ones may be unset."""
        longest = times[-1]
        self._zeros = self._zeros or (longest == 0 and not self._timed)
        self._timed = self._timed or any(times)
        if longest is not None:
            shrank = self._longest is not None and longest < self._longest
            self._shrank = self._shrank or shrank
            self._longest = longest

    def series(self, *, full: bool) -> TimeSeries | None:
        """Return what was read; None: nothing that can be drawn.

        `full`: endpoints have rows, too; then newer releases tell of times of the last 10 seconds.
        """
        of: TimesOf = "unknown" if full else "start"
        return series_of(
            "history",
            self._intervals,
            "recent" if self._zeros or self._shrank else of,
            self._resets,
        )


def series_of(
    source: Literal["history", "report"],
    intervals: Sequence[Interval],
    times_of: TimesOf,
    resets: Sequence[float],
) -> TimeSeries | None:
    """Return intervals as seconds from their begin; those behind the last users go."""
    last = max((at for at, each in enumerate(intervals) if not each.idle), default=-1)
    first = next((at for at, each in enumerate(intervals) if not each.idle), 0)
    found = intervals[first : last + 1]
    zero = found[0].begin if found else None
    started = from_epoch(zero)
    if zero is None or started is None:
        return None
    moved = [replace(each, begin=each.begin - zero, end=each.end - zero) for each in found]
    return TimeSeries(
        source=source,
        started=started,
        times_of=times_of,
        intervals=drawable(moved),
        resets=tuple(at - zero for at in resets),
    )
