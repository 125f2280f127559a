"""Load tests with the recorder: a server that counts, Locust's processes, what they leave."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from coverage import Coverage

from loadgate.recording.document import Document
from loadgate.recording.journal import assemble, lines

ROOT = Path(__file__).parents[2]
LOCUSTFILE = Path(__file__).with_name("locustfile.py")
COVERAGE = Path(__file__).with_name("coverage.toml")
PATIENCE = 60.0  # seconds until what should have happened is a failure: none may hang
USERS = 6

Answers = Counter[tuple[str, str, int | None]]


@dataclass(slots=True)
class Server:
    """A server that answers `/s/409` with 409 and counts what it answered."""

    url: str
    answers: Answers = field(default_factory=Counter)
    """By method, path and status; None: it dropped the connection."""


@contextmanager
def counting_server() -> Iterator[Server]:
    """Run the server while the block runs."""
    counting = Server("")
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            path = self.path.partition("?")[0]
            status = int(path[3:]) if path.startswith("/s/") else None
            with lock:
                counting.answers[self.command, path, status] += 1
            if status is None:
                self.close_connection = True
                self.connection.close()
                return
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def finish(self) -> None:
            if not self.wfile.closed and self.connection.fileno() >= 0:
                super().finish()

        def log_message(self, *_: object) -> None:
            pass

        do_GET = do_POST = do_PUT = answer  # noqa: N815 - as the library calls them

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 100

        def handle_error(self, *_: object) -> None:
            pass

    with Quiet(("127.0.0.1", 0), Handler) as server:
        counting.url = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield counting
        server.shutdown()


def surroundings(**settings: str) -> dict[str, str]:
    """Return the environment of a process that runs Locust."""
    found = {name: text for name, text in os.environ.items() if name[:7] != "LOCUST_"}
    if found.pop("COVERAGE_PROCESS_CONFIG", None):
        found["COVERAGE_PROCESS_START"] = str(COVERAGE)
        measured = Coverage.current()
        assert measured is not None
        found["COVERAGE_FILE"] = str(Path(str(measured.get_option("run:data_file"))).resolve())
    return found | {"USERS": str(USERS)} | settings


class Recorded:
    """A load test on its way, in a folder of its own."""

    def __init__(
        self,
        folder: Path,
        url: str,
        python: Path | str = sys.executable,
        locustfile: Path = LOCUSTFILE,
    ) -> None:
        """Start nothing yet."""
        self._locustfile = locustfile
        self.folder = folder
        self.log = folder / "log"
        self.processes: list[subprocess.Popen[bytes]] = []
        self._python = str(python)
        self._url = url
        self.port = free_port()
        """Of the master."""
        for name in ("done", "workers"):
            (folder / name).mkdir(parents=True)

    def start(
        self, *words: str, module: str = "loadgate.recorder", **settings: str
    ) -> subprocess.Popen[bytes]:
        """Start a Locust, by default with the recorder."""
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [self._python, "-P", "-W", "ignore", "-m", module, "-f", str(self._locustfile),
                 "-H", self._url, *words],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder,
                env=surroundings(PYTHONPATH=str(ROOT)) | settings,
            )  # fmt: skip
        self.processes.append(process)
        return process

    def headless(self, *words: str, **settings: str) -> subprocess.Popen[bytes]:
        """Start one that begins at once."""
        return self.start("--headless", f"-u{USERS}", f"-r{USERS}", *words, **settings)

    def distributed(
        self, workers: int, *words: str, module: str = "loadgate.recorder", **settings: str
    ) -> list[subprocess.Popen[bytes]]:
        """Start a master with workers; return the processes, the master first."""
        self.headless(
            "--master", "--master-bind-host=127.0.0.1", f"--master-bind-port={self.port}",
            f"--expect-workers={workers}", *words, **settings)  # fmt: skip
        for _ in range(workers):
            self.start("--worker", f"--master-port={self.port}", module=module, **settings)
        return self.processes

    def all_done(self, users: int = USERS) -> None:
        """Wait until the users make no more requests."""
        self.until(lambda: len(list((self.folder / "done").iterdir())) >= users, "not all are done")

    def until(self, happened: Callable[[], object], problem: str) -> None:
        """Wait for something."""
        deadline = time.monotonic() + PATIENCE
        while not happened():
            assert self.processes[0].poll() is None, self.log.read_text("utf-8")
            assert time.monotonic() < deadline, f"{problem}: {self.log.read_text('utf-8')}"
            time.sleep(0.05)

    def wait(self) -> int:
        """Wait for the end of all processes; return the exit code of the first."""
        try:
            for process in self.processes:
                process.wait(timeout=PATIENCE)
        finally:
            for process in self.processes:
                process.kill()
                process.wait()
            for worker in (self.folder / "workers").iterdir():  # forked ones, too
                with suppress(ProcessLookupError):
                    os.kill(int(worker.name), signal.SIGTERM)
        return self.processes[0].returncode

    def send(self, number: signal.Signals, *processes: subprocess.Popen[bytes]) -> None:
        """Send a signal."""
        for process in processes:
            process.send_signal(number)

    def document(self, name: str = "loadgate-run.loadgate.json.gz") -> Document:
        """Return the recording."""
        return assemble(lines((self.folder / name).read_bytes()))


def recorded(document: Document) -> Answers:
    """Return the HTTP requests of a recording as the server counts them."""
    answers: Answers = Counter()
    for (_, key), cell in document.counts.cells.items():
        assert key.method is not None
        assert key.name is not None
        if key.method in {"GET", "POST", "PUT"}:
            name = "/s/404" if key.name == "/named" else key.name
            answers[key.method, name, key.status if isinstance(key.status, int) else None] += (
                cell.count
            )
    return answers


def free_port() -> int:
    """Return a port on which nothing listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port
