"""The load test that recorded the run in this folder: users who switch the same few tools."""

from __future__ import annotations

import random

from locust import HttpUser, between, task


class Admin(HttpUser):
    """Someone who switches tools on and off."""

    wait_time = between(0.05, 0.25)

    def on_start(self) -> None:
        """Learn which tools there are: so few that users meet at the same ones."""
        self.tools = [tool["id"] for tool in self.client.get("/tools").json()]

    @task(3)
    def toggle(self) -> None:
        """Switch a tool on or off. Locust counts every 4xx and 5xx as a failure."""
        path = f"/tools/{random.choice(self.tools)}/state"
        activate = random.choice(("true", "false"))
        self.client.post(f"{path}?activate={activate}", name="/tools/[id]/state")

    @task(1)
    def health(self) -> None:
        """Ask as a load balancer does."""
        self.client.get("/health")
