"""Users of gRPC, of a database and of servers that do not answer: errors without a status."""

from __future__ import annotations

import os
import socket
import sqlite3
import time
from typing import Any

import gevent
import grpc
import grpc.experimental.gevent as grpc_gevent
from locust import FastHttpUser, HttpUser, User, events, task

grpc_gevent.init_gevent()

ROUNDS = 5
STATUSES = ("OK", "ABORTED", "RESOURCE_EXHAUSTED", "UNKNOWN")
GRPC = os.environ["GRPC"]
"""The address of the server."""
CLOSED = os.environ["CLOSED"]
"""An address at which nothing listens."""
done: list[str] = []


def quit_when_done(environment: Any, **_: object) -> None:
    """End the load test when each of the users is done."""

    def wait() -> None:
        while len(done) < 5:
            gevent.sleep(0.05)
        environment.runner.quit()

    gevent.spawn(wait)


events.init.add_listener(quit_when_done)  # type: ignore[no-untyped-call] # it has no types


class CallFailed(Exception):  # noqa: N818 - as in docs/custom-users.md
    """As there."""

    def __init__(self, error: Any) -> None:
        super().__init__(f"{error.code().name}: {error.details()}")
        self.code = error.code


class Reporting(grpc.UnaryUnaryClientInterceptor):  # type: ignore[misc] # it has no types
    """Reports each call as the interceptor in Locust's own documentation does."""

    def __init__(self, environment: Any) -> None:
        self.environment = environment

    def intercept_unary_unary(self, continuation: Any, details: Any, request: Any) -> Any:
        """Make the call."""
        response = exception = None
        start = time.perf_counter()
        try:
            response = continuation(details, request)
            response.result()
        except grpc.RpcError as error:
            exception = error
        self.environment.events.request.fire(
            request_type="grpc",
            name=details.method,
            response_time=(time.perf_counter() - start) * 1000,
            response_length=0,
            response=response,
            context=None,
            exception=exception,
        )
        return response


class OnceUser(User):
    """A user who does all there is to do, then nothing any more."""

    abstract = True

    @task
    def all(self) -> None:
        """Do it."""
        for _ in range(ROUNDS):
            self.round()
        done.append(type(self).__name__)
        while True:
            gevent.sleep(60)

    def round(self) -> None:
        """Make a few requests."""

    def report(self, method: str, name: str, exception: BaseException | None) -> None:
        """Report a request that has no response."""
        self.environment.events.request.fire(
            request_type=method, name=name, response_time=1, response_length=0, exception=exception
        )


class Documented(OnceUser):
    """As docs/custom-users.md shows it."""

    fixed_count = 1

    def round(self) -> None:
        """Call the server, and where none is."""
        for address, statuses in ((GRPC, STATUSES), (CLOSED, ("UNAVAILABLE",))):
            with grpc.insecure_channel(address) as channel:
                take = channel.unary_unary("/shop.Stock/Take")
                for status in statuses:
                    failure = None
                    try:
                        take(status.encode())
                    except grpc.RpcError as error:
                        failure = CallFailed(error)
                    self.report("grpc", "/shop.Stock/Take", failure)


class Intercepted(OnceUser):
    """As Locust's own documentation shows it."""

    fixed_count = 1

    def round(self) -> None:
        """Call the server."""
        with grpc.insecure_channel(GRPC) as plain:
            put = grpc.intercept_channel(plain, Reporting(self.environment)).unary_unary(
                "/shop.Stock/Put"
            )
            for status in STATUSES:
                try:
                    put(status.encode())
                except grpc.RpcError:
                    continue


class Database(OnceUser):
    """A database that refuses what it is told."""

    fixed_count = 1

    def round(self) -> None:
        """Ask for a table that there is none of."""
        try:
            sqlite3.connect(":memory:").execute("select * from nowhere")
        except sqlite3.Error as error:
            self.report("DB query", "read stock", error)


class Silent:
    """Users of a server that never answers, of one that drops the connection, and of none."""

    abstract = True
    client: Any
    quick: dict[str, float]

    def round(self) -> None:
        """Ask each of them."""
        with socket.create_server(("127.0.0.1", 0)) as mute:
            self.client.get(
                f"http://127.0.0.1:{mute.getsockname()[1]}/", name="/mute", **self.quick
            )
        self.client.get("/drop")
        self.client.get(f"http://{CLOSED}/", name="/closed")


class Http(Silent, OnceUser, HttpUser):
    """The client of requests."""

    abstract = False
    fixed_count = 1
    quick = {"timeout": 0.2}  # noqa: RUF012 - nobody changes it


class Fast(Silent, OnceUser, FastHttpUser):
    """The client of gevent."""

    abstract = False
    fixed_count = 1
    network_timeout = 0.2
    quick: dict[str, float] = {}  # noqa: RUF012 - as above
