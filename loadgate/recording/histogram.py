"""Latencies as counts in log-linear buckets of microseconds; to merge is to add."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import accumulate, chain, pairwise
from math import ceil

MANTISSA = 7  # bits: a bucket is less than 0.8 % wide
LONGEST = 1 << 53
"""Microseconds; anything longer is no latency, and JSON could not say it exactly."""
_EXACT = 1 << (MANTISSA + 1)
"""Below this each bucket is one microsecond."""
_HALF = 1 << MANTISSA


def bucket_of(micros: int) -> int:
    """Return the bucket of a latency."""
    if micros < _EXACT:
        return micros
    shift = micros.bit_length() - MANTISSA - 1
    return (shift << MANTISSA) + (micros >> shift)


def upper_edge(bucket: int) -> int:
    """Return the longest latency of a bucket, in microseconds."""
    if bucket < _EXACT:
        return bucket
    shift = (bucket >> MANTISSA) - 1
    return (((bucket & (_HALF - 1)) + _HALF + 1) << shift) - 1


def to_text(buckets: Mapping[int, int]) -> str:
    """Return requests by bucket as a recording has them: steps between buckets, and how many."""
    places = sorted(buckets)
    above = (place - before for before, place in pairwise([0, *places]))
    pairs = zip(above, map(buckets.__getitem__, places), strict=True)
    return " ".join(map(str, chain.from_iterable(pairs)))


def from_text(text: str) -> dict[int, int]:
    """Return the requests by bucket that a text holds.

    Raises:
        ValueError: It holds none.
    """
    numbers = [*map(int, text.split())]
    above, requests = numbers[::2], numbers[1::2]
    if min(numbers, default=0) < 0 or sum(above) > bucket_of(LONGEST):
        raise ValueError("the longest latency is missing")
    buckets = dict(zip(accumulate(above), requests, strict=True))
    if len(buckets) < len(above) or 0 in requests:
        raise ValueError("a bucket occurs twice or is empty")
    return buckets


@dataclass(slots=True)
class Cell:
    """The requests of one key in one span of time. It is changed in place, once per request."""

    count: int = 0
    """Requests."""
    untimed: int = 0
    """Those of them without a usable response time."""
    total: int = 0
    """Sum of the latencies, in microseconds."""
    least: int | None = None
    """The shortest latency; None: there is none."""
    most: int | None = None
    """The longest latency; None: there is none."""
    _buckets: dict[int, int] | str = field(default_factory=dict)
    """Requests by bucket, or their text: it needs a tenth of the memory."""

    @property
    def buckets(self) -> dict[int, int]:
        """Requests by bucket."""
        return from_text(self._buckets) if isinstance(self._buckets, str) else self._buckets

    @property
    def text(self) -> str:
        """Requests by bucket as a recording has them."""
        return self._buckets if isinstance(self._buckets, str) else to_text(self._buckets)

    def pack(self) -> None:
        """Need less memory, as nothing is counted here for now."""
        self._buckets = self.text

    def record(self, micros: int | None) -> None:
        """Count a request; None: it has no usable response time."""
        if micros is None:
            self.count += 1
            self.untimed += 1
            return
        # As in bucket_of, which would be a call for each request.
        shift = micros.bit_length() - 8
        bucket = micros if shift <= 0 else (shift << MANTISSA) + (micros >> shift)
        buckets = self._buckets
        if isinstance(buckets, str):
            buckets = self._buckets = from_text(buckets)
        before = buckets.get(bucket, 0)
        # No calls from here on: a Ctrl-C, which Python raises behind one, would leave half of it.
        buckets[bucket] = before + 1
        self.count += 1
        self.total += micros
        if self.least is None or micros < self.least:
            self.least = micros
        if self.most is None or micros > self.most:
            self.most = micros

    def add(self, other: Cell) -> None:
        """Count the requests of another cell here, too."""
        self.count += other.count
        self.untimed += other.untimed
        self.total += other.total
        if other.least is not None and (self.least is None or other.least < self.least):
            self.least = other.least
        if other.most is not None and (self.most is None or other.most > self.most):
            self.most = other.most
        buckets = self._buckets = self.buckets
        for bucket, count in other.buckets.items():
            buckets[bucket] = buckets.get(bucket, 0) + count

    @property
    def problem(self) -> str | None:
        """What contradicts itself in the cell; None: nothing."""
        timed, buckets = self.count - self.untimed, self.buckets
        if sum(buckets.values()) != timed:
            return "the buckets do not add up to the requests"
        if (self.least is None or self.most is None) or not timed:
            empty = timed == self.total == 0 and self.least is self.most is None
            return None if empty else "latencies without requests, or the other way round"
        if (bucket_of(self.least), bucket_of(self.most)) != (min(buckets), max(buckets)):
            return "the shortest or longest latency is not in its bucket"
        if not timed * self.least <= self.total <= timed * self.most:
            return "the sum of the latencies is out of their range"
        return None


def percentile(cells: Mapping[int, int], share: Fraction | float, most: int) -> int:
    """Return the latency that this share of requests, from 0 to 1, does not exceed.

    It is the upper edge of the bucket, and never more than the exact maximum `most`.
    """
    wanted = ceil(share * sum(cells.values()))
    reached = 0
    for bucket in sorted(cells):
        reached += cells[bucket]
        if reached >= wanted:
            return min(upper_edge(bucket), most)
    return most
