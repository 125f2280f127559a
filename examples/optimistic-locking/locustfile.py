"""Simulated users in, requests to the example service out: a locustfile as most teams write it.

Whatever a task does not expect, 409 included, it reports as a failure in its own words. Nothing
here knows of loadgate: telling the failures apart is left to loadgate.toml.
"""

from __future__ import annotations

import random

from locust import HttpUser, between, task

KINDS = ("gateways", "prompts", "resources", "servers", "tools")


class Admin(HttpUser):
    """Someone who looks at things and switches them on and off."""

    wait_time = between(0.05, 0.25)

    def on_start(self) -> None:
        """Learn which entities there are: a few of each kind, so users meet at the same ones."""
        self.ids = {kind: self._ids(kind) for kind in KINDS}

    @task(6)
    def toggle(self) -> None:
        """Switch one entity; mostly a tool or a server, those are what everybody works with."""
        kind = random.choices(KINDS, weights=(1, 1, 1, 3, 4))[0]
        for id_ in self._any(kind):
            self._call(
                "POST",
                f"/{kind}/{id_}/state",
                f"/{kind}/[id]/state",
                expected=(200, 404),
                params={"activate": random.choice(("true", "false"))},
            )

    @task(4)
    def look(self) -> None:
        """Open one entity."""
        kind = random.choice(KINDS)
        for id_ in self._any(kind):
            self._call("GET", f"/{kind}/{id_}", f"/{kind}/[id]", expected=(200, 404))

    @task(3)
    def browse(self) -> None:
        """Open a list."""
        kind = random.choice(KINDS)
        self._call("GET", f"/{kind}", f"/{kind}", expected=(200,))

    @task(1)
    def add_tool(self) -> None:
        """Create a tool. Twenty thousand names seemed plenty, so now and then one is taken already.

        That is a 409 as well, but no conflict: the same request would fail again. It is a mistake
        of this file, and no rule excuses it.
        """
        name = f"load-{random.randrange(20_000)}"
        self._call("POST", "/tools", "/tools", expected=(201,), json={"name": name})

    @task(1)
    def health(self) -> None:
        """Ask as a load balancer does."""
        self._call("GET", "/health", "/health", expected=(200,))

    def _ids(self, kind: str) -> list[str]:
        with self.client.get(f"/{kind}", name=f"/{kind}", catch_response=True) as response:
            if response.status_code != 200:
                response.failure(f"Expected [200], got {response.status_code}")
                return []
            return [entity["id"] for entity in response.json()[:2]]

    def _any(self, kind: str) -> list[str]:
        """Return one of the ids of a kind, or none if there are none."""
        ids = self.ids[kind]
        return random.sample(ids, k=min(1, len(ids)))

    def _call(
        self,
        method: str,
        path: str,
        name: str,
        *,
        expected: tuple[int, ...],
        params: dict[str, str] | None = None,
        json: dict[str, str] | None = None,
    ) -> None:
        with self.client.request(
            method, path, name=name, params=params, json=json, catch_response=True
        ) as response:
            if response.status_code in expected:
                response.success()
            else:
                response.failure(f"Expected {list(expected)}, got {response.status_code}")
