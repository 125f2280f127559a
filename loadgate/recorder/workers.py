"""Parts on their way from the workers to the master: sent until acknowledged, counted once."""

from __future__ import annotations

import time
from collections.abc import Iterable

from loadgate.recording.document import Worker
from loadgate.recording.journal import Part, lines, pack, part_from_json, part_to_json

FIELD = "loadgate"
"""Of the reports that workers send by Locust's own message."""
ACKNOWLEDGE = "loadgate-ack"
"""The message by which the master tells a worker which part it has."""
MOST_WAITING = 100
"""Parts that wait for being acknowledged: some minutes. Of older ones the master sees the gap."""
SILENCE = 10.0
"""Seconds after which nothing more is expected of a worker that says nothing at all."""


class Outbox:
    """The parts of a worker that the master has not acknowledged."""

    def __init__(self) -> None:
        """Nothing is on its way."""
        self._waiting: dict[int, bytes] = {}

    def put(self, part: Part | None) -> list[bytes]:
        """Add a part; return all that are to be sent, oldest first."""
        if part is not None:
            self._waiting[part.number] = pack(part_to_json(part))
            self._waiting.pop(part.number - MOST_WAITING, None)
        return list(self._waiting.values())

    def acknowledged(self, number: int) -> None:
        """Forget the parts up to this one: the master has them."""
        for sent in [sent for sent in self._waiting if sent <= number]:
            del self._waiting[sent]


class Ledger:
    """What the master got of each worker."""

    def __init__(self, run: str) -> None:
        """Begin a run."""
        self.run = run
        self.workers: dict[str, Worker] = {}
        # Parts are numbered anew when a worker learns of the run: before, it sends some, too.
        self._last: dict[tuple[str, str | None], int] = {}
        self._told: dict[str, str | None] = {}
        self._heard: dict[str, float] = {}

    def expect(self, worker: str) -> None:
        """Note a worker that takes part."""
        self.workers.setdefault(worker, Worker(id=worker))
        self.heard(worker)

    def heard(self, worker: str) -> None:
        """Note that a worker is alive."""
        self._heard[worker] = time.monotonic()

    def silent(self, worker: str) -> None:
        """Note that a worker reported to Locust only."""
        self.expect(worker)
        if not self.workers[worker].parts:
            self.workers[worker].silent = True

    def receive(self, worker: str, packed: Iterable[bytes]) -> list[tuple[Part, bytes]]:
        """Take what a worker sent; return the parts that are new."""
        self.expect(worker)
        entry = self.workers[worker]
        new = []
        for one in packed:
            part = part_from_json(next(lines(one)))
            if part.run not in {None, self.run}:
                continue
            self._told[worker] = part.run
            last = self._last.get((worker, part.run), 0)
            if part.number > last:
                self._last[worker, part.run] = part.number
                entry.missing += part.number - last - 1
                self._count(entry, part)
                new.append((part, one))
        entry.resent += max(len(new) - 1, 0)
        return new

    @staticmethod
    def _count(entry: Worker, part: Part) -> None:
        entry.parts += 1
        entry.silent = False
        entry.arrived += part.counts.requests
        entry.recorded = part.recorded
        entry.finished = part.final
        entry.errors, entry.error = part.errors, part.error

    def received(self, worker: str) -> tuple[str | None, int]:
        """Return the run that the worker was told, and the number of its last part that arrived."""
        told = self._told.get(worker)
        return told, self._last.get((worker, told), 0)

    def awaited(self) -> list[str]:
        """Return the workers whose last part may still come."""
        now = time.monotonic()
        return [
            id_
            for id_, worker in self.workers.items()
            if not worker.finished and not worker.silent and now - self._heard[id_] < SILENCE
        ]
