"""A recording as a whole: the run, its workers, its counts, and what makes it no evidence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from loadgate.recording.counts import Counts
from loadgate.recording.form import from_json, to_json

FORMAT = "loadgate.recording"
VERSION = 1
LOCAL = "local"
"""The id of the only worker of a run without workers."""


@dataclass(slots=True, kw_only=True)
class Worker:
    """What one worker recorded, and what of it arrived."""

    id: str
    """As Locust calls it, or `local`."""
    parts: int = 0
    """Parts that arrived, each counted once."""
    missing: int = 0
    """Parts that never arrived although later ones did."""
    resent: int = 0
    """Parts that arrived by being sent again."""
    arrived: int = 0
    """Requests in the parts that arrived."""
    recorded: int = 0
    """Requests that the worker had recorded when it sent its last part."""
    finished: bool = False
    """Whether its last part was sent after its users had stopped."""
    silent: bool = False
    """Whether it reported to Locust without the recorder's part."""
    errors: int = 0
    """Errors of the recorder itself there."""
    error: str | None = None
    """The first of them."""


@dataclass(slots=True, kw_only=True)
class Totals:
    """What Locust itself counted."""

    requests: int
    """All requests."""
    failures: int
    """Those that failed."""
    reset: bool
    """Whether the statistics were reset during the run."""


@dataclass(slots=True, kw_only=True)
class Document:
    """A recording."""

    run: str
    """A random id of the run."""
    state: str = "running"
    """`running` or `finished`."""
    started: float | None = None
    """Seconds since the epoch at which the test started; None: it did not."""
    ended: float | None = None
    """Seconds since the epoch at which the recording was finished."""
    locust: str = ""
    """Locust's version."""
    recorder: str = ""
    """The version of loadgate that recorded."""
    workers: list[Worker] = field(default_factory=list)
    """All workers that took part."""
    locust_totals: Totals | None = None
    """Locust's own totals at the end; None: not known."""
    lacking: list[str] = field(default_factory=list)
    """Internals of Locust that the recorder uses and this release does not have."""
    errors: list[str] = field(default_factory=list)
    """Errors of the recorder in the process that wrote this."""
    counts: Counts = field(default_factory=Counts)
    """All counts."""

    @property
    def stopped(self) -> float | None:
        """Seconds since the epoch at which all users had stopped, as far as it says."""
        stops = [mark.at for mark in self.counts.marks if mark.kind == "stop"]
        ends = [second + self.counts.width for second, _ in self.counts.cells]
        return stops[-1] if stops else self.ended or max(ends, default=None)


def problems(document: Document) -> Iterator[str]:
    """Yield what makes a recording no evidence; nothing: it is complete."""
    if document.state != "finished":
        yield "the run did not finish: the recording ends before its end"
    for worker in document.workers:
        yield from _of_worker(worker)
    for error in document.errors:
        yield f"error of the recorder: {error}"
    own, totals = document.counts, document.locust_totals
    if document.state != "finished" or own.requests == 0:
        return
    if totals is None:
        yield "Locust's own totals are not known"
    elif not totals.reset:
        again = any(worker.resent for worker in document.workers)
        yield from _difference("requests", own.requests, totals.requests, more=again)
        yield from _difference("failures", own.failures, totals.failures, more=again)


def _of_worker(worker: Worker) -> Iterator[str]:
    if worker.silent:
        yield f"worker {worker.id} reported to Locust but not to the recorder"
    elif not worker.finished:
        yield f"worker {worker.id} sent no last report"
    if worker.missing:
        yield f"worker {worker.id}: {worker.missing} of its reports are missing"
    elif worker.recorded != worker.arrived:
        yield f"worker {worker.id} recorded {worker.recorded} requests, {worker.arrived} arrived"
    if worker.errors:
        yield f"worker {worker.id}: {worker.errors} errors of the recorder, first {worker.error}"


def _difference(what: str, own: int, locust: int, *, more: bool) -> Iterator[str]:
    """Yield how a total differs; with `more`, Locust may have lost what the recorder sent again."""
    if own < locust or (own > locust and not more):
        yield f"{own} {what} were recorded, Locust counted {locust}"


# --- as JSON --------------------------------------------------------------------------------------


def document_to_json(document: Document) -> dict[str, Any]:
    """Return the document that is written."""
    totals = document.locust_totals
    return {
        "format": FORMAT,
        "version": VERSION,
        "state": document.state,
        "run": document.run,
        "started": document.started,
        "ended": document.ended,
        "locust": document.locust,
        "recorder": document.recorder,
        "workers": [
            asdict(worker) for worker in sorted(document.workers, key=lambda worker: worker.id)
        ],
        "locust_totals": None if totals is None else asdict(totals),
        "lacking": document.lacking,
        "errors": document.errors,
        **to_json(document.counts),
    }


def document_from_json(value: dict[str, Any]) -> Document:
    """Return the recording that a document, which keeps to the schema, holds.

    Raises:
        ValueError: It contradicts itself; the text says where.
    """
    totals = value["locust_totals"]
    return Document(
        run=value["run"],
        state=value["state"],
        started=value["started"],
        ended=value["ended"],
        locust=value["locust"],
        recorder=value["recorder"],
        workers=[Worker(**worker) for worker in value["workers"]],
        locust_totals=None if totals is None else Totals(**totals),
        lacking=value["lacking"],
        errors=value["errors"],
        counts=from_json(value),
    )
