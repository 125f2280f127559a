"""Recordings: what `loadgate locust` wrote of a run, with the status of each response."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

from loadgate.errors import ResultError
from loadgate.model import (
    OTHER_SIGNATURES,
    AllowedRow,
    Answer,
    EndpointStats,
    FailureRow,
    Latency,
    Recorded,
    TimeSpan,
)
from loadgate.read.documents import Document, decode_json
from loadgate.read.failures import FailuresInMemory
from loadgate.read.histogram import PERCENTILES
from loadgate.read.raw import read_packed
from loadgate.read.statistics import Statistics, add_up
from loadgate.read.times import from_epoch, span
from loadgate.recording.counts import Counts, Key
from loadgate.recording.document import FORMAT, VERSION, problems
from loadgate.recording.document import Document as Recording
from loadgate.recording.histogram import Cell, percentile
from loadgate.recording.journal import assemble, lines
from loadgate.schemas import FieldError, conforming, schema

LARGEST_RECORDING = 256 * 1024 * 1024
"""Bytes of the file; an hour of 2,000 requests a second has under 15 MB."""
OTHER_ENDPOINTS = "(other endpoints)"
"""Stands for the names beyond those that a recording keeps. Their failures are true."""
OTHER_CLASSES = "(other classes)"

_NAMELESS = ("", OTHER_ENDPOINTS)
_FIRST_ERROR = 400
_MILLISECOND = 1000
_REMEDY = "Use the file as the recorder wrote it."


def read_recording(path: str, _encoding: str) -> Document:
    """Read a recording; what makes it no evidence is told in `statistics.contradictions`."""
    recording = _recording(path)
    time = _time(recording)
    failures = [*_failures(recording.counts)]
    rows = [row for row, _ in failures]
    answers = tuple(Answer(key.status, key.exception) for _, key in failures)
    started, stopped = _bounds(recording)
    return Document(
        statistics=_statistics(path, recording),
        failures=rows,
        answers=answers,
        allowed=tuple(_allowed(recording.counts)),
        task_exceptions=sum(recording.counts.task_errors.values()),
        task_errors=_task_errors(recording.counts),
        time=time,
        users=max(recording.counts.users.values(), default=None),
        recorded=Recorded(
            counts=recording.counts,
            log=FailuresInMemory(rows, answers=answers),
            keys=[key for _, key in failures],
            started=started,
            stopped=stopped,
            ended=recording.ended,
        ),
    )


def _recording(path: str) -> Recording:
    packed = read_packed(path, LARGEST_RECORDING + 1)
    if len(packed) > LARGEST_RECORDING:
        most = LARGEST_RECORDING // 1024 // 1024
        raise ResultError(path, f"is larger than {most} MiB", _REMEDY)
    try:
        return assemble(_sound(lines(packed, decode_json)))
    except ValueError as error:
        raise ResultError(path, f"is a damaged recording: {error}", _REMEDY) from error


def _sound(values: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the document, then the parts, as far as their schemas describe them."""
    whole = schema("recording")
    for value in values:
        if value.get("format") != FORMAT:
            yield conforming(value, {**whole["$defs"]["part"], "$defs": whole["$defs"]})
            continue
        version = value.get("version")
        if isinstance(version, int) and version > VERSION:
            raise FieldError(f"version: needs a newer loadgate; this one reads version {VERSION}")
        yield conforming(value, whole)


# --- statistics -----------------------------------------------------------------------------------


def _statistics(path: str, recording: Recording) -> Statistics:
    total, failed = Cell(), 0
    endpoints: dict[tuple[str, str], tuple[Cell, int]] = {}
    for (_, key), cell in recording.counts.cells.items():
        total.add(cell)
        failures = cell.count if key.failed else 0
        failed += failures
        at, before = endpoints.setdefault(endpoint_of(key), (Cell(), 0))
        at.add(cell)
        endpoints[endpoint_of(key)] = at, before + failures
    seconds = _seconds(recording)
    found = [*problems(recording)]
    known = recording.locust_totals
    rows = [_stats(*key, *counted, seconds) for key, counted in endpoints.items()]
    whole = _stats("", "Aggregated", total, failed, seconds)
    if found and known is not None and not known.reset:
        whole = replace(
            whole,
            requests=min(whole.requests, known.requests),
            failures=max(whole.failures, known.failures),
        )
    return add_up(path, sorted(rows, key=lambda row: (row.name, row.method)), whole, found)


def endpoint_of(key: Key) -> tuple[str, str]:
    """Return the endpoint as which requests of a key are counted."""
    return _NAMELESS if key.method is None or key.name is None else (key.method, key.name)


def _stats(method: str, name: str, cell: Cell, failures: int, seconds: float) -> EndpointStats:
    return EndpointStats(
        method=method,
        name=name,
        requests=cell.count,
        failures=failures,
        latency=_latency(cell),
        rps=cell.count / seconds if seconds > 0 else None,
    )


def _latency(cell: Cell) -> Latency:
    """Return response times, of which only the percentiles are rounded: up, by less than 0.8 %."""
    timed = cell.count - cell.untimed
    if cell.least is None or cell.most is None:
        return Latency(percentiles=tuple((name, None) for name, _ in PERCENTILES))
    most = cell.most
    return Latency(
        avg=cell.total / timed / _MILLISECOND,
        min=cell.least / _MILLISECOND,
        max=most / _MILLISECOND,
        median=percentile(cell.buckets, Fraction(1, 2), most) / _MILLISECOND,
        percentiles=tuple(
            (name, percentile(cell.buckets, Fraction(name) / 100, most) / _MILLISECOND)
            for name, _ in PERCENTILES
        ),
    )


# --- failures and times ---------------------------------------------------------------------------


def _failures(counts: Counts) -> Iterator[tuple[FailureRow, Key]]:
    """Yield each error text with the key of its failures.

    Failures whose endpoint is not known have no row, so that no rule matches them.
    """
    for (key, text), count in counts.texts.items():
        if key.method is not None and key.name is not None:
            error = OTHER_SIGNATURES if text is None else text
            yield (key.method, key.name, error, count), key


def _allowed(counts: Counts) -> Iterator[AllowedRow]:
    """Yield the responses with a status from 400 on that are no failures."""
    found: Counter[Key] = Counter()
    for (_, key), cell in counts.cells.items():
        found[key] += cell.count
    for key, count in found.items():
        if key.failed or not isinstance(key.status, int) or key.status < _FIRST_ERROR:
            continue
        if key.method is not None and key.name is not None:
            yield key.method, key.name, key.status, count


def _task_errors(counts: Counts) -> tuple[tuple[str, int], ...]:
    named = [(OTHER_CLASSES if name is None else name, n) for name, n in counts.task_errors.items()]
    return tuple(sorted(named, key=lambda of: (-of[1], of[0])))


def _bounds(recording: Recording) -> tuple[float | None, float | None]:
    """Return when the test began, and when its users had stopped, as far as it says."""
    stops = [mark.at for mark in recording.counts.marks if mark.kind == "stop"]
    ends = [second + recording.counts.width for second, _ in recording.counts.cells]
    return recording.started, stops[-1] if stops else recording.ended or max(ends, default=None)


def _seconds(recording: Recording) -> float:
    started, ended = _bounds(recording)
    return 0.0 if started is None or ended is None else ended - started


def _time(recording: Recording) -> TimeSpan | None:
    return span(map(from_epoch, _bounds(recording)), "recording")
