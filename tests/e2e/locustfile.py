"""Simulated users of every kind that Locust has in, requests to the example service out.

Each kind of user works on entities of a kind of its own, so that the service's own count tells
them apart. It runs in Locust 1.6 to the newest, so it is written for Python 3.8.
"""

from __future__ import annotations

import json
import os
import random
import time
import uuid
from typing import Any, ClassVar

from locust import HttpUser, between
from locust.contrib.fasthttp import FastHttpUser

# Seconds after which users make no more requests, so that none is under way when the test ends.
SECONDS = float(os.environ["E2E_SECONDS"])
STARTED = time.monotonic()
TAKEN = "taken"


def over() -> bool:
    """Say whether the time for requests is over."""
    return time.monotonic() - STARTED >= SECONDS


class Toggler:
    """What all users do: switch entities, open them, open what is not there, take a taken name."""

    abstract = True
    wait_time = between(0.02, 0.1)
    kind: ClassVar[str]
    ids: ClassVar[list[str]]
    client: Any

    def on_start(self) -> None:
        """Learn the two oldest entities."""
        if over():
            return
        with self.client.get(f"/{self.kind}", catch_response=True) as response:
            if response.status_code == 200:
                response.success()
                type(self).ids = [each["id"] for each in json.loads(response.text)[:2]]
            else:
                response.failure(f"Expected [200], got {response.status_code}")

    def one_of_them(self) -> str:
        """Return the id of an entity that other users work on, too."""
        return random.choice(self.ids)  # noqa: S311 - a load test encrypts nothing

    def send(self, method: str, path: str, name: str | None, expected: int, **request: Any) -> None:
        """Make one request; what is not expected is a failure in this kind's own way."""
        raise NotImplementedError

    def toggle(self) -> None:
        """Switch an entity on or off: often the loser of a race."""
        if over() or not self.ids:
            return
        path = f"/{self.kind}/{self.one_of_them()}/state?activate=true"
        self.send("POST", path, f"/{self.kind}/[id]/state", 200)

    def look(self) -> None:
        """Open an entity."""
        if over() or not self.ids:
            return
        self.send("GET", f"/{self.kind}/{self.one_of_them()}", f"/{self.kind}/[id]", 200)

    def miss(self) -> None:
        """Open what is not there: a true failure."""
        if over():
            return
        self.send("GET", f"/{self.kind}/{uuid.uuid4().hex}", f"/{self.kind}/[id]", 200)

    def take(self) -> None:
        """Create what is there already: a 409 that is no lost race, so a true failure."""
        if over():
            return
        self.send("POST", f"/{self.kind}", None, 201, json={"name": TAKEN})

    # Not by decorators: those are looked for in subclasses of User only.
    tasks: ClassVar[list[Any]] = [*8 * [toggle], *2 * [look], miss, take]


class Caught(Toggler):
    """A locustfile that says in its own words what failed."""

    abstract = True

    def send(self, method: str, path: str, name: str | None, expected: int, **request: Any) -> None:
        """Report any other status as a failure in the test's own words."""
        call = self.client.get if method == "GET" else self.client.post
        with call(path, name=name, catch_response=True, **request) as response:
            if response.status_code == expected:
                response.success()
            else:
                response.failure(f"Expected {[expected, 409]}, got {response.status_code}")


class Plain(Toggler):
    """A locustfile that leaves it to Locust to say what failed."""

    abstract = True

    def send(self, method: str, path: str, name: str | None, expected: int, **request: Any) -> None:  # noqa: ARG002 - as declared
        """Make the request; every other one without a name, so that its URL becomes one."""
        call = self.client.get if method == "GET" else self.client.post
        call(path, name=random.choice((name, None)), **request)  # noqa: S311 - as above


class CaughtUser(Caught, HttpUser):
    """HttpUser with catch_response."""

    abstract = False
    kind = "tools"
    ids: ClassVar[list[str]] = []


class PlainUser(Plain, HttpUser):
    """HttpUser without it."""

    abstract = False
    kind = "servers"
    ids: ClassVar[list[str]] = []


class FastPlainUser(Plain, FastHttpUser):
    """FastHttpUser without catch_response."""

    abstract = False
    kind = "gateways"
    ids: ClassVar[list[str]] = []


class FastCaughtUser(Caught, FastHttpUser):
    """FastHttpUser with catch_response."""

    abstract = False
    kind = "prompts"
    ids: ClassVar[list[str]] = []


if hasattr(FastHttpUser, "rest"):  # since Locust 2.15

    class RestUser(Toggler, FastHttpUser):
        """FastHttpUser.rest(), which wants JSON and a status below 400."""

        abstract = False
        kind = "resources"
        ids: ClassVar[list[str]] = []

        def send(
            self,
            method: str,
            path: str,
            name: str | None,
            expected: int,  # noqa: ARG002 - as declared
            **request: Any,
        ) -> None:
            """Make the request."""
            with self.rest(method, path, name=name, **request):
                pass
