"""Users that never cease."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import locust.runners
from locust import FastHttpUser, HttpUser, constant, events, task

locust.runners.HEARTBEAT_LIVENESS = 600  # a worker on a busy machine is slow, not gone


def start(environment: Any, **_: Any) -> None:
    """Say that a worker is there."""
    if isinstance(environment.runner, locust.runners.WorkerRunner):
        Path("workers", str(os.getpid())).touch()


events.init.add_listener(start)  # type: ignore[no-untyped-call] # Locust has no types for it


class Fast(FastHttpUser):
    """One of the kinds."""

    wait_time = constant(0.01)

    @task
    def ask(self) -> None:
        """Ask once."""
        self.client.get("/s/409")


class Plain(HttpUser):
    """The other kind."""

    wait_time = constant(0.01)

    @task
    def ask(self) -> None:
        """Ask once."""
        self.client.get("/s/200")
