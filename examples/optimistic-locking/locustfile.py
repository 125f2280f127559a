"""A load test of the example service, as most teams write it.

A task reports every status that it does not expect, 409 included, as a failure with a message. It
knows nothing of loadgate; loadgate.toml says which failures are expected.
"""

from __future__ import annotations

import random
from functools import partial

from locust import HttpUser, between, task
from locust.clients import ResponseContextManager

KINDS = ("gateways", "prompts", "resources", "servers", "tools")


def check(response: ResponseContextManager, *expected: int) -> bool:
    """Report any other status as a failure; say whether it was an expected one."""
    if response.status_code in expected:
        response.success()  # type: ignore[no-untyped-call]  # Locust has no types for it
        return True
    failure = f"Expected {list(expected)}, got {response.status_code}"
    response.failure(failure)  # type: ignore[no-untyped-call]  # nor for this
    return False


class Admin(HttpUser):
    """Someone who looks at things and switches them on and off."""

    wait_time = between(0.05, 0.25)

    def on_start(self) -> None:
        """Learn the oldest entities of each kind: so few that users meet at the same ones."""
        self.get = partial(self.client.get, catch_response=True)
        self.post = partial(self.client.post, catch_response=True)
        self.ids: dict[str, list[str]] = {}
        for kind in KINDS:
            with self.get(f"/{kind}") as response:
                if check(response, 200):
                    self.ids[kind] = [entity["id"] for entity in response.json()[:2]]

    @task(6)
    def toggle(self) -> None:
        """Switch an entity on or off; most work is done with tools and servers."""
        kind = random.choices(KINDS, weights=(1, 1, 1, 3, 4))[0]
        for id_ in self.one_of(kind):
            activate = random.choice(("true", "false"))
            path = f"/{kind}/{id_}/state?activate={activate}"
            with self.post(path, name=f"/{kind}/[id]/state") as response:
                check(response, 200, 404)

    @task(4)
    def look(self) -> None:
        """Open an entity."""
        kind = random.choice(KINDS)
        for id_ in self.one_of(kind):
            with self.get(f"/{kind}/{id_}", name=f"/{kind}/[id]") as response:
                check(response, 200, 404)

    @task(3)
    def browse(self) -> None:
        """Open a list."""
        with self.get(f"/{random.choice(KINDS)}") as response:
            check(response, 200)

    @task(1)
    def add_tool(self) -> None:
        """Create a tool. Twenty thousand names seemed plenty, but now and then one is taken.

        That is a 409, too, but no conflict: sent again it would fail again. It is a mistake of
        this file, so no rule excuses it.
        """
        name = f"load-{random.randrange(20_000)}"
        with self.post("/tools", json={"name": name}) as response:
            check(response, 201)

    @task(1)
    def health(self) -> None:
        """Ask as a load balancer does."""
        with self.get("/health") as response:
            check(response, 200)

    def one_of(self, kind: str) -> list[str]:
        """Return one id of a kind, or none where its list could not be read."""
        ids = self.ids.get(kind)
        return [random.choice(ids)] if ids else []
