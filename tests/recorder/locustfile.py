"""Users that make so many requests each, of every outcome, and then none any more.

It runs in Locust 2.15 to the newest.
"""

from __future__ import annotations

import os
import time
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Any

import gevent
import locust.runners
from locust import FastHttpUser, HttpUser, constant, events, task
from locust.exception import RescheduleTask

ROUNDS = int(os.environ.get("ROUNDS", "10"))
USERS = int(os.environ.get("USERS", "6"))
DONE = Path("done")  # a file for each user who makes no more requests
QUIT = os.environ.get("QUIT", "1") == "1"  # whether the test ends when all are done
WORKER_PIDS = Path("workers")

# A worker on a busy machine is slow, not gone.
locust.runners.HEARTBEAT_LIVENESS = int(os.environ.get("LIVENESS", "600"))


def start(environment: Any, **_: Any) -> None:
    """End the load test when all users are done."""
    if isinstance(environment.runner, locust.runners.WorkerRunner):
        (WORKER_PIDS / str(os.getpid())).touch()
    elif QUIT:
        gevent.spawn(quit_when_done, environment.runner)


def quit_when_done(runner: Any) -> None:
    """Wait for all users."""
    while len(list(DONE.iterdir())) < USERS:
        time.sleep(0.05)
    runner.quit()


events.init.add_listener(start)  # type: ignore[no-untyped-call] # Locust has no types for it


class Both:
    """What both kinds of users do."""

    abstract = True
    wait_time = constant(0)
    client: Any
    environment: Any

    def rounds(self) -> None:
        """Make all requests, then none."""
        for number in range(ROUNDS):
            self.client.get("/s/200")
            self.client.get(f"/s/404?n={number}", name="/named")
            with self.client.post("/s/409", catch_response=True) as response:
                response.success()
            with self.client.put("/s/409", catch_response=True) as response:
                response.failure("says nothing")
            self.client.get("/s/503")
            self.client.get("/drop")
        self.environment.events.request.fire(
            request_type="custom", name="own", response_time=None, response_length=0, exception=None, context=None
        )  # fmt: skip
        self.environment.events.request.fire(
            request_type="GRPC", name="own", response_time=7, response_length=0, exception=Aborted()
        )
        self.raise_inside()
        (DONE / uuid.uuid4().hex).touch()
        while True:
            gevent.sleep(60)

    def raise_inside(self) -> None:
        """Raise inside the block, as a task would: no request is told."""
        try:
            with self.client.get("/s/418", catch_response=True):
                raise KeyError("inside")  # noqa: TRY301 - as a task would
        except KeyError as error:
            self.environment.events.user_error.fire(
                user_instance=self, exception=error, tb=error.__traceback__
            )
        with suppress(RescheduleTask), self.client.get("/s/418", catch_response=True):
            raise RescheduleTask  # of which Locust tells nobody


class Code:
    """As of gRPC."""

    name = "ABORTED"


class Aborted(Exception):  # noqa: N818 - as gRPC names a status
    """As gRPC raises it."""

    def code(self) -> Code:
        """Return the status."""
        return Code()


class Http(Both, HttpUser):
    """The client of requests."""

    abstract = False

    @task
    def all(self) -> None:
        """Do it."""
        self.rounds()


class Fast(Both, FastHttpUser):
    """The client of gevent."""

    abstract = False

    @task
    def all(self) -> None:
        """Do it."""
        self.rounds()
