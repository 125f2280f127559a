"""Recordings: what `loadgate locust` wrote of a run, with the status of each response."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, Literal

from loadgate.errors import ResultError
from loadgate.model import (
    OTHER_SIGNATURES,
    AllowedRow,
    Answer,
    EndpointStats,
    FailureRow,
    Latency,
    Recorded,
    Run,
    Source,
)
from loadgate.read.documents import Document, decode_json
from loadgate.read.failures import FailuresInMemory
from loadgate.read.histogram import PERCENTILES
from loadgate.read.raw import read_packed
from loadgate.read.statistics import Statistics, add_up
from loadgate.read.times import from_epoch, span
from loadgate.recording.counts import ABORT, Counts, Key
from loadgate.recording.document import FORMAT, VERSION, problems
from loadgate.recording.document import Document as Recording
from loadgate.recording.histogram import Cell, percentile
from loadgate.recording.journal import assemble, lines
from loadgate.schemas import FieldError, conforming

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
    return document_of(path, load_recording(path))


def run_so_far(recording: Recording, label: str) -> Run:
    """Return a recording as a run, also while it is on; what is wrong with it is said."""
    document = document_of(label, recording)
    finished = recording.state == "finished"
    return Run(
        label=label,
        sources=(Source(role="statistics", path=label), Source(role="failures", path=label)),
        endpoints=document.statistics.endpoints,
        total=document.statistics.total,
        failure_log=FailuresInMemory(document.failures or [], (), document.answers),
        task_exceptions=document.task_exceptions,
        task_errors=document.task_errors,
        time=document.time,
        users=document.users,
        allowed=document.allowed,
        aborted=document.aborted,
        recorded=None if finished and document.statistics.contradictions else document.recorded,
        partial=True,
        contradictions=document.statistics.contradictions if finished else (),
    )


def document_of(
    path: str,
    recording: Recording,
    damage: Sequence[str] = (),
    source: Literal["recording", "requests"] = "recording",
) -> Document:
    """Return what a recording, or a request log, says of its run, or several that were merged."""
    time = span(map(from_epoch, (recording.started, recording.stopped)), source)
    failures = [*_failures(recording.counts)]
    rows = [row for row, _ in failures]
    known_from = "recorder" if source == "recording" else source
    answers = tuple(Answer(key.status, key.exception, known_from) for _, key in failures)
    return Document(
        statistics=_statistics(path, recording, [*problems(recording), *damage]),
        failures=rows,
        answers=answers,
        allowed=tuple(_allowed(recording.counts)),
        aborted=tuple(mark.reason for mark in recording.counts.marks if mark.kind == ABORT),
        task_exceptions=sum(recording.counts.task_errors.values()),
        task_errors=_task_errors(recording.counts),
        time=time,
        users=max(recording.counts.users.values(), default=None),
        recorded=Recorded(
            counts=recording.counts,
            log=FailuresInMemory(rows, answers=answers),
            keys=[key for _, key in failures],
            started=recording.started,
            stopped=recording.stopped,
            ended=recording.ended,
        ),
    )


def load_recording(path: str) -> Recording:
    """Return the recording in a file; raises ResultError."""
    packed = read_packed(path, LARGEST_RECORDING + 1)
    if len(packed) > LARGEST_RECORDING:
        most = LARGEST_RECORDING // 1024 // 1024
        raise ResultError(path, f"is larger than {most} MiB", _REMEDY, page="refusals#limits")
    try:
        return assemble(_sound(lines(packed, decode_json)))
    except ValueError as error:
        raise ResultError(path, f"is a damaged recording: {error}", _REMEDY) from error


def _sound(values: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the document, then the parts, as far as their schemas describe them."""
    for value in values:
        if value.get("format") != FORMAT:
            yield conforming(value, "recording", "part")
            continue
        version = value.get("version")
        if isinstance(version, int) and version > VERSION:
            raise FieldError(f"version: needs a newer loadgate; this one reads version {VERSION}")
        yield conforming(value, "recording")


# --- statistics -----------------------------------------------------------------------------------


def _statistics(path: str, recording: Recording, found: list[str]) -> Statistics:
    total, failed = Cell(), recording.counts.failures
    endpoints: dict[tuple[str, str], tuple[Cell, int]] = {}
    for (_, key), cell in recording.counts.cells.items():
        failures = cell.count if key.failed else 0
        at, before = endpoints.setdefault(endpoint_of(key), (Cell(), 0))
        at.add(cell)
        endpoints[endpoint_of(key)] = at, before + failures
    for at, _ in endpoints.values():
        total.add(at)
    seconds = _seconds(recording)
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
    most, buckets = cell.most, cell.buckets
    return Latency(
        avg=cell.total / timed / _MILLISECOND,
        min=cell.least / _MILLISECOND,
        max=most / _MILLISECOND,
        median=percentile(buckets, Fraction(1, 2), most) / _MILLISECOND,
        percentiles=tuple(
            (name, percentile(buckets, Fraction(name) / 100, most) / _MILLISECOND)
            for name, _ in PERCENTILES
        ),
        quantile=lambda share: percentile(buckets, share, most) / _MILLISECOND,
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


def _seconds(recording: Recording) -> float:
    started, stopped = recording.started, recording.stopped
    return 0.0 if started is None or stopped is None else stopped - started
