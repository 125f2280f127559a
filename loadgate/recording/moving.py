"""Cells of a recording in a window that moves on: what comes in is added, what leaves taken off."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from itertools import accumulate

from loadgate.recording.counts import Key
from loadgate.recording.histogram import LONGEST, Cell, percentile

_MILLISECOND = 1000


class MovingCells:
    """The cells of one endpoint, or of all, and what is in those of a window that moves on."""

    def __init__(self, cells: Mapping[int, Sequence[tuple[Key, Cell]]]) -> None:
        """Take the cells by the second in which they begin."""
        self.seconds = sorted(cells)
        self._cells = [cells[second] for second in self.seconds]
        counts = (sum(cell.count for _, cell in at) for at in self._cells)
        self.requests = [0, *accumulate(counts)]
        """In all cells before each."""
        self.buckets = sum(len(cell.buckets) for at in self._cells for _, cell in at)
        self._failures: Counter[Key] = Counter()
        self._failures_at = (0, 0)

    def failures(self, low: int, high: int) -> Counter[Key]:
        """Return the failures by key in the cells from one place in `seconds` to another."""
        for at, sign in _steps(self._failures_at, (low, high)):
            for key, cell in self._cells[at]:
                if key.failed:
                    self._failures[key] += sign * cell.count
                    if not self._failures[key]:
                        del self._failures[key]
        self._failures_at = low, high
        return self._failures

    def time(self, name: str, low: int, high: int) -> Fraction | None:
        """Return a response time in the cells from one place in `seconds` to another."""
        times = self._successes if name.endswith("_ok") else self._every
        return times.value(name.removesuffix("_ok"), low, high)

    @cached_property
    def _every(self) -> _Times:
        return _Times([[cell for _, cell in at] for at in self._cells])

    @cached_property
    def _successes(self) -> _Times:
        return _Times([[cell for key, cell in at if not key.failed] for at in self._cells])


class _Times:
    """The response times in those cells of a window that moves on."""

    def __init__(self, cells: Sequence[Sequence[Cell]]) -> None:
        """Take the cells in the order of time."""
        self._cells = [[cell for cell in at if cell.buckets] for at in cells]
        self._least = [min((cell.least or 0 for cell in at), default=LONGEST) for at in self._cells]
        self._most = [max((cell.most or 0 for cell in at), default=0) for at in self._cells]
        self._at = (0, 0)
        self._buckets: dict[int, int] = {}
        self._total = 0
        self._timed = 0

    def value(self, name: str, low: int, high: int) -> Fraction | None:
        """Return "avg", "min", "max", "median" or "p95" in milliseconds; None: there is none."""
        self._move(low, high)
        if not self._timed:
            return None
        most = max(self._most[low:high])
        if name == "avg":
            micros = Fraction(self._total, self._timed)
        elif name in {"min", "max"}:
            micros = Fraction(most if name == "max" else min(self._least[low:high]))
        else:
            share = Fraction(1, 2) if name == "median" else Fraction(name[1:]) / 100
            micros = Fraction(percentile(self._buckets, share, most))
        return micros / _MILLISECOND

    def _move(self, low: int, high: int) -> None:
        buckets = self._buckets
        for at, sign in _steps(self._at, (low, high)):
            for cell in self._cells[at]:
                self._total += sign * cell.total
                self._timed += sign * (cell.count - cell.untimed)
                for bucket, count in cell.buckets.items():
                    now = buckets.get(bucket, 0) + sign * count
                    if now:
                        buckets[bucket] = now
                    else:
                        del buckets[bucket]
        self._at = low, high


def _steps(old: tuple[int, int], new: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """Yield the places that come into a range as it moves, with 1, and those that leave, with -1.

    What does both, in a jump, is yielded twice.
    """
    for begin, end, sign in ((old[1], new[1], 1), (old[0], new[0], -1)):
        yield from ((at, sign) for at in range(begin, end))
        yield from ((at, -sign) for at in range(end, begin))
