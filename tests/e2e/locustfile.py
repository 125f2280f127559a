"""Simulated users of every kind that Locust has, against the example service.

Each kind of user works on entities of a kind of its own, so that the service's own count tells
them apart. It runs in Locust 1.6 to the newest, so it is written for Python 3.8.
"""

from __future__ import annotations

import json
import random
import threading
import time
import uuid
from pathlib import Path
from typing import Any, ClassVar

import locust.runners
from locust import HttpUser, between, events
from locust.contrib.fasthttp import FastHttpUser

# What the test and this file tell each other, as files in the folder in which Locust runs.
CEASE = Path("cease")  # users are to make no more requests
CEASED = Path("ceased")  # a file for each user who makes none any more: how many it made
QUIT = Path("quit")  # the load test is to end, as at the end of its time
PORT = Path("port")  # where the master listens
TAKEN = "taken"

# A worker on a busy machine is slow, not gone.
locust.runners.HEARTBEAT_LIVENESS = 600
locust.runners.MASTER_HEARTBEAT_TIMEOUT = 600


def start(environment: Any, **_: Any) -> None:
    """Say where the master listens; end when told to."""
    if isinstance(environment.runner, locust.runners.WorkerRunner):
        return
    if isinstance(environment.runner, locust.runners.MasterRunner):
        PORT.write_text(f"{environment.runner.server.port}\n")
    # Locust makes threads and sleeping those of gevent.
    threading.Thread(target=quit_when_told, args=(environment.runner,), daemon=True).start()


def quit_when_told(runner: Any) -> None:
    """End the load test."""
    while not QUIT.exists():
        time.sleep(0.1)
    runner.quit()


events.init.add_listener(start)  # type: ignore[no-untyped-call] # Locust has no types for it


class Toggler:
    """What all users do: switch entities, open them, open what is not there, take a taken name."""

    abstract = True
    wait_time = between(0.02, 0.1)
    kind: ClassVar[str]
    client: Any
    made = 0
    """How many requests."""
    ceased = False

    def on_start(self) -> None:
        """Learn the two oldest entities, and the versions that they have now."""
        self.seen: list[tuple[str, int]] = []
        while not self.seen and not self.over():
            self.made += 1
            with self.client.get(f"/{self.kind}", catch_response=True) as response:
                if response.status_code == 200:
                    response.success()
                    self.seen = [
                        (each["id"], each["version"]) for each in json.loads(response.text)[:2]
                    ]
                else:
                    response.failure(f"Expected [200], got {response.status_code}")

    def over(self) -> bool:
        """Say whether to make no more requests; the first time, say how many there were."""
        if not self.ceased and CEASE.exists():
            self.ceased = True
            CEASED.joinpath(uuid.uuid4().hex).write_text(f"{self.made}\n")
        return self.ceased

    def act(self, method: str, path: str, name: str | None, expected: int, **request: Any) -> None:
        """Make one request, unless it is time to cease."""
        if not self.over():
            self.made += 1
            self.send(method, path, name, expected, **request)

    def send(self, method: str, path: str, name: str | None, expected: int, **request: Any) -> None:
        """Make one request; what is not expected is a failure in this kind's own way."""
        raise NotImplementedError

    def toggle(self) -> None:
        """Switch an entity that others work on, too, on or off: often the loser of a race.

        Half of the time by what was seen at the start, which loses once anybody switched it: that
        there are conflicts is no matter of how fast the machine is.
        """
        id_, version = random.choice(self.seen or [("none", 0)])  # noqa: S311 - a load test encrypts nothing
        by = random.choice(("", f"&version={version}"))  # noqa: S311 - as above
        path = f"/{self.kind}/{id_}/state?activate=true{by}"
        self.act("POST", path, f"/{self.kind}/[id]/state", 200)

    def look(self) -> None:
        """Open an entity."""
        id_, _ = random.choice(self.seen or [("none", 0)])  # noqa: S311 - as above
        self.act("GET", f"/{self.kind}/{id_}", f"/{self.kind}/[id]", 200)

    def miss(self) -> None:
        """Open what is not there: a true failure."""
        self.act("GET", f"/{self.kind}/{uuid.uuid4().hex}", f"/{self.kind}/[id]", 200)

    def take(self) -> None:
        """Create what is there already: a 409 that is no lost race, so a true failure."""
        self.act("POST", f"/{self.kind}", None, 201, json={"name": TAKEN})

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


class PlainUser(Plain, HttpUser):
    """HttpUser without it."""

    abstract = False
    kind = "servers"


class FastPlainUser(Plain, FastHttpUser):
    """FastHttpUser without catch_response."""

    abstract = False
    kind = "gateways"


class FastCaughtUser(Caught, FastHttpUser):
    """FastHttpUser with catch_response."""

    abstract = False
    kind = "prompts"


if hasattr(FastHttpUser, "rest"):  # since Locust 2.15

    class RestUser(Toggler, FastHttpUser):
        """FastHttpUser.rest(), which wants JSON and a status below 400."""

        abstract = False
        kind = "resources"

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
