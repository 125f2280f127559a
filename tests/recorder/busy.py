"""Users that never cease."""

from __future__ import annotations

import locust.runners
from locust import FastHttpUser, HttpUser, constant, task

locust.runners.HEARTBEAT_LIVENESS = 600  # a worker on a busy machine is slow, not gone


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
