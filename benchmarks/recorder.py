"""What the recorder costs: CPU per request, memory, size of the file.

    python benchmarks/recorder.py

The first two lines time the listener alone. The third times it inside Locust, in blocks of requests
with and without it in turn, against a server on this machine. The memory is that of a run
whose names and error texts never repeat, the file that of an hour of requests to 18 endpoints,
each with three statuses: 54 in all.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from time import process_time
from types import SimpleNamespace

from loadgate.recorder.collector import Collector
from loadgate.recorder.workers import Outbox
from loadgate.recording.counts import Counts
from loadgate.recording.form import to_json
from loadgate.recording.journal import pack

SERVER = """
from gevent.server import StreamServer
ANSWER = b"HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\n\\r\\n"
def answer(connection, _):
    while data := connection.recv(65536):
        connection.sendall(ANSWER * data.count(b"\\r\\n\\r\\n"))
server = StreamServer(("127.0.0.1", 0), answer)
server.start()
print(server.server_port, flush=True)
server.serve_forever()
"""
LOCUSTFILE = """
import statistics
from time import process_time
from locust import FastHttpUser, events, task
from loadgate.recorder import recorder

class Asking(FastHttpUser):
    def block(self):
        began = process_time()
        for _ in range(500):
            self.client.get("/")
        return (process_time() - began) / 500 * 1e6

    @task
    def ask(self):
        listener = recorder.collector.request
        events.request.remove_listener(listener)
        self.block()
        plain, added = [], []
        for _ in range({rounds}):
            before = self.block()
            events.request.add_listener(listener)
            recorded = self.block() + self.block()
            events.request.remove_listener(listener)
            after = self.block()
            plain.append((before + after) / 2)
            added.append((recorded - before - after) / 2)
        median = statistics.median
        print(f"cost: {{median(plain):.1f}} µs, {{median(added):+.1f}} µs", flush=True)
        self.environment.runner.quit()
"""


def listener(requests: int, **event: object) -> float:
    """Return the microseconds of CPU that the listener takes for one request."""
    collector = Collector()
    collector.begin("run", "local")
    began = process_time()
    for number in range(requests):
        collector.request(
            request_type="GET",
            name="/",
            response_time=12.3456 + number % 977,
            response_length=10,
            context={},
            **event,
        )
    return (process_time() - began) / requests * 1e6


def per_request(rounds: int) -> str:
    """Return what a request of FastHttpUser takes, and what the listener adds."""
    command = [sys.executable, "-c", SERVER]
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server,  # noqa: S603
    ):
        assert server.stdout is not None  # noqa: S101 - it is a pipe
        url = f"http://127.0.0.1:{server.stdout.readline().strip()}"
        Path(folder, "locustfile.py").write_text(LOCUSTFILE.format(rounds=rounds), "utf-8")
        try:
            done = subprocess.run(  # noqa: S603 - our own
                [sys.executable, "-m", "locust", "-H", url, "--headless", "-u1", "--only-summary"],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,  # the exit code is the gate's
            )
        finally:
            server.kill()
    return done.stdout.partition("cost: ")[2].partition("\n")[0]


def distinct(names: int) -> tuple[float, float]:
    """Return the peak of memory, in MB, with half of the names and texts, and with all."""
    peaks = []
    for number in (names // 2, names):
        tracemalloc.start()
        collector, counts = Collector(), Counts()
        collector.begin("run", "local")
        outbox = Outbox()
        for each in range(number):
            collector.request("GET", f"/{each}", 5.0, None, f"failed {each}")
            if each % 5_000 == 0 and (part := collector.take(final=False)):
                outbox.put(part)
                outbox.acknowledged(part.number)
                counts.add(part.counts)
        peaks.append(tracemalloc.get_traced_memory()[1] / 1e6)
        tracemalloc.stop()
    return peaks[0], peaks[1]


def hour(seconds: int, rate: int) -> tuple[float, int]:
    """Return the size, in MB, of the recording of a run so long, and the seconds of a cell."""
    chance = random.Random(1)  # noqa: S311 - it encrypts nothing
    counts = Counts()
    answers = [SimpleNamespace(status_code=status) for status in (200, 200, 200, 409, 503)]
    for second in range(seconds):
        collector = Collector()
        for _ in range(rate):
            answer = chance.choice(answers)
            failure = None if answer.status_code == 200 else f"HTTPError({answer.status_code})"
            collector.request(
                "GET", f"/{chance.randrange(18)}", chance.lognormvariate(3, 1), answer, failure
            )
        part = collector.take(final=False)
        if part is not None:
            cells = part.counts.cells.items()
            part.counts.cells = {(second, key): cell for (_, key), cell in cells}
            counts.add(part.counts)
    return len(pack(to_json(counts))) / 1e6, counts.width


def main() -> None:
    """Print one line for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--names", type=int, default=200_000)
    parser.add_argument("--seconds", type=int, default=3_600)
    parser.add_argument("--rate", type=int, default=2_000)
    chosen = parser.parse_args()
    success, failure = SimpleNamespace(status_code=200), SimpleNamespace(status_code=409)
    lines: list[tuple[str, Callable[[], str]]] = [
        ("listener, a success", lambda: f"{listener(chosen.requests, response=success):.2f} µs"),
        (
            "listener, a failure",
            lambda: f"{listener(chosen.requests, response=failure, exception='text'):.2f} µs",
        ),
        (
            "request of FastHttpUser, and what is added",
            lambda: per_request(chosen.rounds),
        ),
        (
            f"memory, {chosen.names // 2:,} and {chosen.names:,} names and texts",
            lambda: "{:.0f} MB, {:.0f} MB".format(*distinct(chosen.names)),
        ),
        (
            f"file, {chosen.seconds:,} s of {chosen.rate:,} a second",
            lambda: "{:.1f} MB, cells of {} s".format(*hour(chosen.seconds, chosen.rate)),
        ),
    ]
    for name, measure in lines:
        print(f"{name:<50} {measure()}", flush=True)


if __name__ == "__main__":
    main()
