"""A release of Locust and a scenario in, its results and the service's own count out."""

from __future__ import annotations

import csv
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOCUSTFILE = Path(__file__).with_name("locustfile.py")
SERVICE = ROOT / "examples" / "optimistic-locking" / "service.py"
USERS = 15
PATIENCE = 60.0  # seconds until a process that should have ended is a failure

Endpoint = tuple[str, str]
Truth = dict[Endpoint, Counter[int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a load test left behind."""

    folder: Path
    """Where Locust's files are, with the prefix `run`."""
    truth: Truth
    """What the service says it answered, per endpoint and status."""
    log: str
    """What Locust itself printed."""
    code: int
    """What it exited with."""

    @property
    def answers(self) -> int:
        """How many requests the service answered."""
        return sum(sum(statuses.values()) for statuses in self.truth.values())


class Service:
    """The example service as a process of its own."""

    def __init__(self, folder: Path) -> None:
        """Start it, with one fault in a hundred requests."""
        self._tally = folder / "tally.json"
        self._process = subprocess.Popen(
            [
                *(sys.executable, str(SERVICE), "--port=0", "--fault-rate=0.01"),
                *("--stop-at-eof", f"--tally={self._tally}"),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip()

    def stop(self) -> None:
        """End it, in its own time; it may have ended already."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=PATIENCE)
        self._process.stdout.close()

    def truth(self) -> Truth:
        """Return what it answered; it must have ended."""
        tally = json.loads(self._tally.read_text(encoding="utf-8"))
        return {
            endpoint_of(*name.split(" ", 1)): Counter({int(k): n for k, n in statuses.items()})
            for name, statuses in tally.items()
        }


@contextmanager
def service(folder: Path) -> Iterator[Service]:
    """Run the service while the block runs."""
    running = Service(folder)
    try:
        yield running
    finally:
        running.stop()


class LoadTest:
    """A Locust on its way, with its workers if it has any."""

    def __init__(
        self,
        python: Path,
        folder: Path,
        url: str,
        *options: str,
        workers: int = 0,
        seconds: float = 3600,
    ) -> None:
        """Start it; it writes its files into the folder, and makes requests for so many seconds."""
        self.folder = folder
        self._log = folder / "locust.log"
        self._python = python
        environment = {name: text for name, text in os.environ.items() if name[:7] != "LOCUST_"}
        self._environment = environment | {"E2E_SECONDS": str(seconds), "PYTHONFAULTHANDLER": "1"}
        common = ("-f", str(LOCUSTFILE), "-H", url)
        leading: tuple[str, ...] = ()
        self._workers = []
        if workers:
            port = str(free_port())
            leading = ("--master", f"--master-bind-port={port}", f"--expect-workers={workers}")
            self._workers = [
                self._start(*common, "--worker", f"--master-port={port}") for _ in range(workers)
            ]
        self.process = self._start(
            *common, *leading, "--headless", f"-u{USERS}", f"-r{USERS}", "--csv=run", *options
        )  # fmt: skip

    def _start(self, *arguments: str) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            return subprocess.Popen(
                [str(self._python), "-W", "ignore", "-m", "locust", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env=self._environment,
                preexec_fn=_heeding if os.name == "posix" else None,  # noqa: PLW1509 - no threads
            )

    def wait(self) -> str:
        """Wait for the end of all its processes; return what they printed."""
        try:
            for each in (self.process, *self._workers):
                each.wait(timeout=PATIENCE)
        finally:
            for each in (self.process, *self._workers):
                each.kill()
                each.wait()
        return self._log.read_text(encoding="utf-8", errors="replace")

    def outcome(self, running: Service) -> Outcome:
        """Wait for its end, and for the service's; return what both left behind."""
        log = self.wait()
        running.stop()
        code = self.process.returncode
        return Outcome(folder=self.folder, truth=running.truth(), log=log, code=code)

    def wait_for_requests(self, count: int) -> None:
        """Wait until its files say that so many requests were made, and agree on how many failed.

        Once a second Locust writes one file after the other; who kills it between two of them has
        failures that nothing explains.
        """
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            requests, failures, explained = self._written()
            if requests >= count and failures == explained:
                return
            assert self.process.poll() is None, self._log.read_text(encoding="utf-8")
            time.sleep(0.1)
        raise AssertionError(f"fewer than {count} requests in {PATIENCE} s")

    def _written(self) -> tuple[int, int, int]:
        """Return the requests and failures of its statistics, and the failures with a text."""
        stats, failures = (self._rows(f"run_{name}.csv") for name in ("stats", "failures"))
        if not stats or stats[-1][:2] != ["", "Aggregated"]:
            return 0, 0, 0
        return int(stats[-1][2]), int(stats[-1][3]), sum(int(row[3]) for row in failures[1:])

    def _rows(self, name: str) -> list[list[str]]:
        path = self.folder / name
        if not path.exists():
            return []
        with path.open(encoding="utf-8", newline="") as file:
            return [row for row in csv.reader(file) if len(row) > 3]

    def send(self, number: signal.Signals) -> None:
        """Send it a signal, as a runner that cancels a job does."""
        self.process.send_signal(number)


def _heeding() -> None:
    """Let a process heed SIGINT although this one, as a shell's background job, may ignore it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def endpoint_of(method: str, name: str) -> Endpoint:
    """Return the endpoint that a request belongs to, whether its entry has a name or its URL."""
    path = re.sub(r"\?.*", "", name)
    return method, re.sub(r"/[0-9a-f]{32}(?=/|$)", "/[id]", path)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
