"""A load test by some release of Locust: its results, and the service's own count."""

from __future__ import annotations

import csv
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOCUSTFILE = Path(__file__).with_name("locustfile.py")
SERVICE = ROOT / "examples" / "optimistic-locking" / "service.py"
USERS = 15
CONFLICTS = 40
"""So many show what happens to them."""
PATIENCE = 600.0  # seconds until what should have happened is a failure: none may hang

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What the CSV files of a run hold at a moment."""

    requests: int
    whole: bool
    """All failures that it counts are explained.

    Once a second Locust writes one file after the other; between two of them they differ.
    """
    conflicts: dict[str, int]
    """Lost races by kind of user."""
    unanswered: int
    """Failures without an answer."""


class LoadTest:
    """A Locust on its way, with its workers if it has any.

    Nothing in it goes by the clock: users make requests until they are told to cease.
    """

    def __init__(self, python: Path, folder: Path, url: str, *, workers: int = 0) -> None:
        """Start it; it writes its files into the folder."""
        self.folder = folder
        self._log = folder / "locust.log"
        self._python = python
        environment = {name: text for name, text in os.environ.items() if name[:7] != "LOCUST_"}
        self._environment = environment | {"PYTHONFAULTHANDLER": "1"}
        (folder / "ceased").mkdir()
        common = ("-f", str(LOCUSTFILE), "-H", url)
        leading: tuple[str, ...] = ()
        if workers:
            leading = ("--master", "--master-bind-host=127.0.0.1", "--master-bind-port=0")
            leading += (f"--expect-workers={workers}",)
        self._workers: list[subprocess.Popen[bytes]] = []
        self.process = self._start(
            *common, *leading, "--headless", f"-u{USERS}", f"-r{USERS}", "--csv=run", "--html=run.html"
        )  # fmt: skip
        if workers:
            self._wait_until((folder / "port").exists, "the master does not listen")
            self._wait_until((folder / "port").read_text, "the master has no port")
            port = (folder / "port").read_text().strip()
            self._workers = [
                self._start(*common, "--worker", f"--master-port={port}") for _ in range(workers)
            ]

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

    def wait_for(self, *, conflicts: int = 0, unanswered: int = 0) -> None:
        """Wait until its files have so many lost races in all, some of each of four kinds of users."""

        def enough() -> bool:
            files = self.written()
            return (
                files.whole
                and sum(files.conflicts.values()) >= conflicts
                and (len(files.conflicts) >= 4 or not conflicts)
                and files.unanswered >= unanswered
            )

        self._wait_until(enough, f"fewer than {conflicts} conflicts or {unanswered} unanswered")

    def end(self) -> None:
        """Let all users cease, and the test end when its files have every request."""
        (self.folder / "cease").touch()
        ceased = self.folder / "ceased"
        self._wait_until(lambda: len(_read(ceased)) >= USERS, "some users do not cease")
        made = sum(map(int, _read(ceased)))

        def complete() -> bool:
            files = self.written()
            return files.whole and files.requests == made

        self._wait_until(complete, f"its files never have the {made} requests that were made")
        (self.folder / "quit").touch()

    def _wait_until(self, happened: Callable[[], object], problem: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not happened():
            log = self._log.read_text(encoding="utf-8", errors="replace")
            assert self.process.poll() is None, log
            assert time.monotonic() < deadline, f"{problem}: {log}"
            time.sleep(0.1)

    def written(self) -> Written:
        """Return what its files hold now."""
        stats, failures = (self._rows(f"run_{name}.csv") for name in ("stats", "failures"))
        total = stats[-1] if stats and stats[-1][:2] == ["", "Aggregated"] else ["", "", "-1", "-1"]
        conflicts: Counter[str] = Counter()
        explained = unanswered = 0
        for method, name, error, number in (row[:4] for row in failures[1:]):
            endpoint = endpoint_of(method, name)[1]
            explained += int(number)
            if endpoint.endswith("/state") and re.search(r"\b409\b", error):
                conflicts[endpoint.split("/")[1]] += int(number)
            elif re.search("refused|reset|RemoteDisconnected|got 0", error):
                unanswered += int(number)
        return Written(
            requests=int(total[2]),
            whole=int(total[3]) == explained,
            conflicts=conflicts,
            unanswered=unanswered,
        )

    def _rows(self, name: str) -> list[list[str]]:
        path = self.folder / name
        if not path.exists():
            return []
        with path.open(encoding="utf-8", newline="") as file:
            return [row for row in csv.reader(file) if len(row) > 3]

    def stop_by(self, number: signal.Signals) -> None:
        """Send it a signal, as a runner that cancels a job does, at a moment when its files agree."""
        self.wait_for(conflicts=CONFLICTS)
        self._pause()
        while not self.written().whole:  # it was about to write the others
            self.process.send_signal(signal.SIGCONT)
            time.sleep(0.1)
            self._pause()
        self.process.send_signal(number)
        self.process.send_signal(signal.SIGCONT)

    def _pause(self) -> None:
        self.process.send_signal(signal.SIGSTOP)
        os.waitpid(self.process.pid, os.WUNTRACED)


def _heeding() -> None:
    """Let a process heed SIGINT although this one, as a shell's background job, may ignore it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def endpoint_of(method: str, name: str) -> Endpoint:
    """Return the endpoint that a request belongs to, whether its entry has a name or its URL."""
    path = re.sub(r"\?.*", "", name)
    return method, re.sub(r"/[0-9a-f]{32}(?=/|$)", "/[id]", path)


def _read(folder: Path) -> list[str]:
    """Return the texts of files that are written whole."""
    texts = (path.read_text(encoding="utf-8") for path in folder.iterdir())
    return [text for text in texts if text.endswith("\n")]
