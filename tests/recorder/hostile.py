"""Users of a system that means harm: its texts and names want to be HTML. Then they rest.

It runs in Locust 2.15 to the newest.
"""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import gevent
import locust.runners
from locust import FastHttpUser, constant, events, task

ROUNDS = 20
SCRIPT = """</script><img src=x onerror="window.canary=1">"""
DONE = Path("done")  # a file for each user who makes no more requests

locust.runners.HEARTBEAT_LIVENESS = 600  # a worker on a busy machine is slow, not gone


class User(FastHttpUser):
    """Of everything a few."""

    wait_time = constant(0)

    @task
    def all(self) -> None:
        """Make all requests, then none."""
        for _ in range(ROUNDS):
            self.client.get("/s/200")
            self.client.put("/s/409")
            with self.client.post("/s/409", catch_response=True) as response:
                response.success()
            with self.client.get("/s/503", name=SCRIPT, catch_response=True) as response:
                response.failure(SCRIPT)
        (DONE / uuid.uuid4().hex).touch()
        while True:
            gevent.sleep(60)


def add_tab(environment: Any, **_: Any) -> None:
    """Add a tab of the user's own."""
    if environment.web_ui is not None:
        environment.web_ui.template_args["extended_tabs"] = [{"key": "own", "title": "Own"}]


def add_login(environment: Any, **_: Any) -> None:
    """Let who knows the word see the web UI, where a login is demanded."""
    if not getattr(environment.parsed_options, "web_login", False) or environment.web_ui is None:
        return
    from flask_login import UserMixin, login_user  # type: ignore[import-untyped]

    class Somebody(UserMixin):  # type: ignore[misc] # it has no types
        id = "somebody"

    def enter() -> str:
        login_user(Somebody())
        return "welcome"

    app = environment.web_ui.app
    app.secret_key = "secret"  # noqa: S105 - of a test
    environment.web_ui.login_manager.user_loader(lambda _: Somebody())
    app.add_url_rule("/enter", "enter", enter)


events.init.add_listener(add_tab)  # type: ignore[no-untyped-call] # as below
events.init.add_listener(add_login)  # type: ignore[no-untyped-call] # Locust has no types for it
