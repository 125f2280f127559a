"""The last reports of workers, which Locust's master does not wait for."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import gevent

from loadgate.recorder.workers import Ledger

LONGEST = 60.0
"""Seconds beyond the stop timeout, as Locust's own wait for workers to stop."""


def drain(runner: Any, ledger: Ledger, fail: Callable[[str], None]) -> None:  # noqa: ANN401 - Locust's own
    """Take what workers still send, until all have sent their last part or are gone.

    Locust's statistics get their reports, too: its tables then are whole.
    """
    end = time.monotonic() + LONGEST + (runner.environment.stop_timeout or 0)
    for worker in ledger.awaited():
        ledger.heard(worker)
    server = getattr(runner, "server", None)
    receive = getattr(server, "recv_from_client", None)
    if receive is None:
        fail("this Locust has no runner.server.recv_from_client: last reports may be lost")
        return
    while ledger.awaited() and time.monotonic() < end:
        if len(runner.greenlet):  # the runner itself still takes messages
            gevent.sleep(0.05)
            continue
        message = None
        with gevent.Timeout(0.5, False):  # noqa: FBT003 - it has no name
            try:
                _, message = receive()
            except Exception as error:  # noqa: BLE001 - as Locust itself, which takes the next
                fail(f"a message of a worker could not be read: {error}")
        if message is not None:
            _handle(runner, ledger, message)


def _handle(runner: Any, ledger: Ledger, message: Any) -> None:  # noqa: ANN401 - Locust's own
    worker = message.node_id
    if worker in ledger.workers:
        ledger.heard(worker)
    if message.type == "stats":
        runner.environment.events.worker_report.fire(client_id=worker, data=message.data)
    elif message.type == "exception":
        runner.log_exception(worker, message.data["msg"], message.data["traceback"])
