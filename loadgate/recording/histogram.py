"""Latencies as counts in log-linear buckets of microseconds; to merge is to add."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
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
    buckets: dict[int, int] = field(default_factory=dict)
    """Requests by bucket."""

    def record(self, micros: int | None) -> None:
        """Count a request; None: it has no usable response time."""
        self.count += 1
        if micros is None:
            self.untimed += 1
            return
        self.total += micros
        if self.least is None or micros < self.least:
            self.least = micros
        if self.most is None or micros > self.most:
            self.most = micros
        # As in bucket_of, which would be a call for each request.
        shift = micros.bit_length() - 8
        bucket = micros if shift <= 0 else (shift << MANTISSA) + (micros >> shift)
        self.buckets[bucket] = self.buckets.get(bucket, 0) + 1

    def add(self, other: Cell) -> None:
        """Count the requests of another cell here, too."""
        self.count += other.count
        self.untimed += other.untimed
        self.total += other.total
        if other.least is not None and (self.least is None or other.least < self.least):
            self.least = other.least
        if other.most is not None and (self.most is None or other.most > self.most):
            self.most = other.most
        for bucket, count in other.buckets.items():
            self.buckets[bucket] = self.buckets.get(bucket, 0) + count

    @property
    def problem(self) -> str | None:
        """What contradicts itself in the cell; None: nothing."""
        timed = self.count - self.untimed
        if sum(self.buckets.values()) != timed:
            return "the buckets do not add up to the requests"
        if (self.least is None or self.most is None) or not timed:
            empty = timed == self.total == 0 and self.least is self.most is None
            return None if empty else "latencies without requests, or the other way round"
        if (bucket_of(self.least), bucket_of(self.most)) != (min(self.buckets), max(self.buckets)):
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
