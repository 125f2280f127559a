"""What real Locust writes of a locustfile's messages, read with the wordings learned from it."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from threading import Thread

import pytest

from loadgate import read_run
from loadgate.globs import StatusText
from loadgate.locustfile import learn
from loadgate.model import Status
from loadgate.status import read_taught
from locustfile.styles import EXPRESSIONS

_STATUSES = (409, 503, 200)
_NOT_OF_REQUESTS = frozenset(("status",))
"""Styles with an attribute that responses of requests do not have."""
_NOT_OF_FAST = frozenset(("the response",))
"""Styles that show the status with HttpUser only."""
_FILE = """
import json
from string import Template

from locust import FastHttpUser, HttpUser, events, task
from locust.exception import CatchResponseError, ResponseError

STATUSES = {statuses}
oid, who, x, items = 7, "Ann", 0, []
left = {{"http", "fast"}}


class Refused(ResponseError):
    def __init__(self, what, code):
        super().__init__(f"{{what}} was refused: {{code}}")


def describe(response, what):
    return "%s: %d is what it's called" % (what, response.status_code)


class Steps:
    def one(self, number, status):
        return self.client.get(f"/{{status}}", name=f"{{number}} {{status}}", catch_response=True)

    def others(self, status):
        with self.one("helper", status) as r:
            r.failure(describe(r, "Paying"))
        with self.one("raised", status) as r:
            raise Refused("Buying", r.status_code)
        with self.one("caught", status) as r:
            try:
                assert not r.status_code, f"Looking gave {{r.status_code}}"
            except AssertionError as error:
                r.failure(error)
        with self.one("quoted", status) as r:
            r.failure(f"\\"It's\\" <b>{{r.status_code}}</b> & more")
        with self.one("fired", status) as r:
            r.success()
        events.request.fire(
            request_type="GET", name=f"event {{status}}", response_time=1, response_length=0,
            exception=ValueError(f"Event with {{r.status_code}}"), context={{}},
        )


class Http(Steps, HttpUser):
    host = "{host}"

    @task
    def run_all(self):
        for status in STATUSES:
            self.others(status)
{http}
        left.discard("http")
        if not left:
            self.environment.runner.quit()
        self.stop()


class Fast(Steps, FastHttpUser):
    host = "{host}"

    @task
    def run_all(self):
        for status in STATUSES:
            self.others(status)
{fast}
        left.discard("fast")
        if not left:
            self.environment.runner.quit()
        self.stop()
"""


class _Answers(BaseHTTPRequestHandler):
    """Answers `/409` with 409."""

    def do_GET(self) -> None:
        """Answer."""
        body = b'{"error": "no such order: 404"}'
        self.send_response(int(self.path[1:]))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Write nothing."""


@pytest.fixture
def host() -> Iterator[str]:
    """Serve statuses while the test runs."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def _blocks(left_out: frozenset[str]) -> str:
    blocks = [
        f"with self.one({number}, status) as response:\n    {style.source}"
        for number, style in enumerate(EXPRESSIONS)
        if style.taught and style.name not in left_out
    ]
    return textwrap.indent("\n".join(blocks), " " * 12)


@pytest.mark.skipif(find_spec("locust") is None, reason="not installed: locust")
def test_every_message_with_its_status_is_read(tmp_path: Path, host: str) -> None:
    """With HttpUser and FastHttpUser, after the wordings are learned: no more, no less."""
    source = _FILE.format(
        statuses=_STATUSES,
        host=host,
        http=_blocks(_NOT_OF_REQUESTS),
        fast=_blocks(_NOT_OF_REQUESTS | _NOT_OF_FAST),
    )
    (tmp_path / "locustfile.py").write_text(source, "utf-8")
    done = subprocess.run(
        [
            *(sys.executable, "-W", "ignore", "-m", "locust", "--headless", "--users=2"),
            *("--spawn-rate=2", "--html=run.html", "--csv=run", "--stop-timeout=60"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    learned = learn([str(tmp_path / "locustfile.py")])
    wordings = [StatusText(wording.text) for wording in learned.taught]
    run = read_run(str(tmp_path / "run.html"))
    read: dict[str, Status | None] = {}
    assert run.failure_log is not None
    for _, name, error, *_ in run.failure_log.rows([]):
        reading = read_taught(error, wordings)
        read[f"{name}: {error}"] = reading.status if reading else None
    assert len(read) > 3 * len(_STATUSES) * len(EXPRESSIONS) // 4, done.stderr
    wrong = {
        text: status
        for text, status in read.items()
        if str(status) != text.partition(":")[0].rpartition(" ")[2]
    }
    assert wrong == {}
    assert {one.code for one in learned.findings} == {"hidden-success"}
