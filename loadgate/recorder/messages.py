"""Messages between the workers and the master, within Locust's own or beside them."""

from __future__ import annotations

from typing import Any

import gevent

from loadgate.recorder.collector import Collector
from loadgate.recorder.run import Run
from loadgate.recorder.workers import ACKNOWLEDGE, FIELD, Outbox
from loadgate.recording.document import LOCAL


class Sender:
    """Hands on what this process recorded: a worker to its master, all others to the run."""

    def __init__(self, collector: Collector) -> None:
        """Take what it has."""
        self._collector = collector
        self._outbox = Outbox()

    def begin(self, run: str | None, worker: str) -> None:
        """Begin a run: what is left of an earlier one is gone."""
        self._outbox = Outbox()
        self._collector.begin(run, worker)

    def report(self, data: dict[str, Any], *, final: bool) -> None:
        """Add to a report of Locust's what is new, and what the master has not acknowledged."""
        data[FIELD] = self._outbox.put(self._collector.take(final=final))

    def acknowledged(self, run: str | None, number: int) -> None:
        """Forget what the master has."""
        if run == self._collector.run:
            self._outbox.acknowledged(number)

    def send_last(self, runner: Any) -> None:  # noqa: ANN401 - Locust's own
        """Send the last part of a worker now; Locust may send no report any more."""
        send = getattr(runner, "_send_stats", None)
        if send is not None:
            send()

    def hand_over(self, run: Run, *, final: bool) -> None:
        """Give what is new to the run of this process."""
        run.receive(LOCAL, self._outbox.put(self._collector.take(final=final)))
        self._outbox.acknowledged(run.ledger.received(LOCAL)[1])


def take_report(runner: Any, run: Run, worker: str, data: dict[str, Any]) -> None:  # noqa: ANN401 - Locust's own
    """Take what a worker sent to its master, and acknowledge it."""
    if FIELD not in data:
        run.ledger.silent(worker)
        return
    run.receive(worker, data[FIELD])
    if data[FIELD]:
        told, number = run.ledger.received(worker)
        message = {"run": told, "number": number}
        gevent.spawn(runner.send_message, ACKNOWLEDGE, message, client_id=worker)
