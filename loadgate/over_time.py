"""A judged run over time: its true and expected failures, by its recording or its history."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from itertools import pairwise

from loadgate.model import (
    UNEXPLAINED,
    Classification,
    FailureKind,
    FailureLog,
    Policy,
    Recorded,
)
from loadgate.name_pattern import Effort
from loadgate.read.recording import endpoint_of
from loadgate.read.times import SEEN_COLUMNS, from_epoch, from_text
from loadgate.recording.counts import Key
from loadgate.recording.moving import MovingCells
from loadgate.tally import TrueLog
from loadgate.time_series import (
    PERCENTILES,
    Interval,
    KindTimes,
    Phase,
    TimeSeries,
    length_for,
)
from loadgate.windows import NoWindowError, Timeline

_Place = tuple[tuple[str, str], object, object]
"""Endpoint, status, exception: what a recording tells failures apart by at any time."""


def time_series(classification: Classification, policy: Policy) -> TimeSeries | None:
    """Return the run over time, before it is judged; None: nothing tells it."""
    run = classification.run
    if run.recorded is not None:
        return _of_recording(run.recorded, classification.failures, policy)
    series = None if run.series is None else _of_history(run.series, classification)
    kinds: tuple[KindTimes | None, ...] = ()
    started = series.started if series else run.time.started if run.time else None
    if run.failure_log is not None and started is not None:
        seen, zero = _seen(run.failure_log, policy), started.timestamp()
        kinds = tuple(_between(seen.get(_kind(kind)), zero) for kind in classification.failures)
    if started is None or not any(kinds):
        return series
    bare = TimeSeries(source="failures", started=started, times_of="unknown", intervals=())
    return replace(series or bare, kinds=kinds)


def _of_history(series: TimeSeries, classification: Classification) -> TimeSeries:
    """Tell failures apart where none of the run is true, or none expected."""
    total = classification.total
    known = total.failures and not ((total.true and total.expected) or series.resets)
    if not known and any(each.failures for each in series.intervals):
        return series
    intervals = (
        replace(each, true=each.failures if total.true else 0.0, expected=0.0)
        if not total.expected
        else replace(each, true=0.0, expected=each.failures)
        for each in series.intervals
    )
    return replace(series, intervals=tuple(intervals))


# --- recordings -----------------------------------------------------------------------------------


def _of_recording(
    recorded: Recorded, kinds: Sequence[FailureKind], policy: Policy
) -> TimeSeries | None:
    timeline = Timeline(recorded, policy, Effort())
    cells = timeline.cells.get(None)
    if cells is None:
        return None
    width = recorded.counts.width
    zero = float(cells.seconds[0]) if recorded.started is None else recorded.started
    started = from_epoch(zero)
    if started is None:  # no clock ever shows that
        return None
    first = min(cells.seconds[0], int(zero) // width * width)
    end = max(cells.seconds[-1] + width, int(recorded.stopped or zero))
    length = length_for(end - first, width)
    edges = [*range(first, end, length)]
    edges.append(edges[-1] + length)
    return TimeSeries(
        source="recording",
        started=started + timedelta(seconds=zero % 1),
        times_of="interval",
        intervals=tuple(_intervals(timeline, cells, edges, zero, recorded)),
        phases=tuple(_phases(timeline, zero)),
        kinds=tuple(_kinds(recorded, kinds, edges, zero)),
    )


def _intervals(
    timeline: Timeline, cells: MovingCells, edges: Sequence[int], zero: float, recorded: Recorded
) -> Iterator[Interval]:
    users = _Users(recorded)
    true_in = [_certainly_true(timeline, cells, at) for at in range(len(cells.seconds))]
    width = recorded.counts.width
    ends = max(cells.seconds[-1] + width, recorded.stopped or zero)
    for begin, end in pairwise(edges):
        low, high = bisect_left(cells.seconds, begin), bisect_left(cells.seconds, end)
        failures = cells.failures(low, high)
        failed, true, expected = timeline.sorted_failures(failures)
        yield Interval(
            begin=max(0.0, begin - zero) if begin <= zero < end else begin - zero,
            end=min(end, ends) - zero,
            requests=cells.requests[high] - cells.requests[low],
            failures=failed,
            true=failed - expected,
            expected=failed - true,
            peak=max(true_in[low:high], default=0) / width if end - begin > width else 0.0,
            users=users.most(begin, end),
            times=tuple(_time(cells, name, low, high) for name in PERCENTILES),
        )


def _certainly_true(timeline: Timeline, cells: MovingCells, at: int) -> int:
    failed, _, expected = timeline.sorted_failures(cells.failures(at, at + 1))
    return failed - expected


def _time(cells: MovingCells, name: str, low: int, high: int) -> float | None:
    value = cells.time(f"p{name}", low, high)
    return None if value is None else float(value)


class _Users:
    """How many users there were, by second."""

    def __init__(self, recorded: Recorded) -> None:
        counts = recorded.counts
        known = dict(counts.users)
        for mark in counts.marks:
            if mark.kind == "spawned" and mark.users is not None:
                known[int(mark.at)] = max(mark.users, known.get(int(mark.at), 0))
        self._seconds = sorted(known)
        self._users = [known[second] for second in self._seconds]

    def most(self, begin: int, end: int) -> int | None:
        """Return the most there were in some seconds; None: not known."""
        low = max(0, bisect_left(self._seconds, begin + 1) - 1)
        high = bisect_left(self._seconds, end)
        return max(self._users[low:high], default=None)


def _phases(timeline: Timeline, zero: float) -> Iterator[Phase]:
    try:
        (began, ended), (steady, stopping) = timeline.run, timeline.steady
    except NoWindowError:
        return
    if timeline.merged:  # each run has phases of its own
        return
    start = Fraction(zero)
    edges = [float(max(at - start, Fraction(0))) for at in (began, steady, stopping, ended)]
    yield Phase(name="ramp-up", begin=edges[0], end=edges[1])
    yield Phase(name="steady", begin=edges[1], end=edges[2])
    yield Phase(name="ramp-down", begin=edges[2], end=max(edges[2:]))


# --- kinds of failures ----------------------------------------------------------------------------


def _kinds(
    recorded: Recorded, kinds: Sequence[FailureKind], edges: Sequence[int], zero: float
) -> Iterator[KindTimes | None]:
    """Yield when there were failures of each kind: of those at its place, as texts have no time."""
    places = [_place_of(kind) for kind in kinds]
    twins = Counter(places)
    seconds: defaultdict[_Place, Counter[int]] = defaultdict(Counter)
    for (second, key), cell in recorded.counts.cells.items():
        if key.failed:
            for place in _places(key):
                seconds[place][second] += cell.count
    for place in places:
        found = seconds.get(place)
        if not found:
            yield None
            continue
        counts = [0] * (len(edges) - 1)
        for second, count in found.items():
            counts[(second - edges[0]) // (edges[1] - edges[0])] += count
        yield KindTimes(
            first=max(0.0, min(found) - zero),
            last=max(0.0, max(found) - zero),
            counts=tuple(counts),
            shared=twins[place] > 1,
        )


def _place_of(kind: FailureKind) -> _Place:
    if kind.signature == UNEXPLAINED:  # any at an endpoint whose name is not known
        return kind.key, UNEXPLAINED, None
    return kind.key, kind.status, kind.exception


def _places(key: Key) -> Iterator[_Place]:
    yield endpoint_of(key), key.status, key.exception
    if key.method is None or key.name is None:
        yield endpoint_of(key), UNEXPLAINED, None


# --- what newer releases say in their own files ---------------------------------------------------

_Kind = tuple[object, ...]
"""What is told apart in Classification.failures."""
_Span = tuple[float, float]
"""The first and last second in which a kind was seen, since the epoch."""


def _kind(kind: FailureKind) -> _Kind:
    known = kind.status, kind.status_from, kind.likely_status, kind.exception
    return kind.key, known, kind.rule, kind.decision, kind.signature


def _seen(log: FailureLog, policy: Policy) -> dict[_Kind, _Span | None]:
    """Return when kinds were seen first and last, as Locust 2.44 and newer say; None: not of all.

    Texts beyond those that are told apart have no time, as nobody knows which these are.
    """
    names = [name.strip().lower() for name in log.more]
    if not {*SEEN_COLUMNS} <= {*names}:
        return {}
    places = [names.index(name) for name in SEEN_COLUMNS]
    found: dict[_Kind, _Span | None] = {}
    for (method, name, *_), cells, match in TrueLog(log, policy).decided([]):
        reading, rule = match.reading, match.rule
        known = reading.status, reading.source, reading.likely, reading.exception
        decided = rule.id if rule else None, match.decision, match.signature
        kind = (method, name), known, *decided
        times = [from_text(cells[place]) for place in places]
        first, last = (None if time is None else time.timestamp() for time in times)
        span = None if first is None or last is None else (first, last)
        before = found.get(kind, span)
        both = None if span is None or before is None else (span, before)
        found[kind] = both and (min(one[0] for one in both), max(one[1] for one in both))
    return found


def _between(span: _Span | None, zero: float) -> KindTimes | None:
    if span is None:
        return None
    first, last = (max(0.0, at - zero) for at in span)
    return KindTimes(first=first, last=last, counts=(), shared=False)
