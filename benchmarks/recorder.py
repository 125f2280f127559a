"""What the recorder costs: CPU per request, memory, size of the file.

    python benchmarks/recorder.py

The first two lines time the listener alone. The third compares whole load tests by Locust, with
and without the recorder in turn, against a server on this machine. The memory is that of a run
whose names and error texts never repeat, the file that of an hour of requests to ten endpoints.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
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
from locust import FastHttpUser, task
class Asking(FastHttpUser):
    @task
    def ask(self):
        for _ in range({requests}):
            self.client.get("/")
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


def locust(folder: str, url: str, module: str, requests: int) -> float:
    """Return the CPU seconds of a load test by one user."""
    path = Path(folder, "locustfile.py")
    path.write_text(LOCUSTFILE.format(requests=requests))
    words = ("-f", str(path), "-H", url, "--headless", "-u1", "--only-summary")
    before = os.times()
    subprocess.run(  # noqa: S603 - our own
        [sys.executable, "-W", "ignore", "-m", module, *words],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])},
        capture_output=True,
        check=module == "locust",  # the recorder exits with the gate's code
    )
    after = os.times()
    return after.children_user + after.children_system - before[2] - before[3]


def per_request(requests: int, rounds: int) -> tuple[float, float]:
    """Return the microseconds that a request takes, and those that the recorder adds.

    Each is the slope between a short test and a long one: starting up and judging cancel out.
    """
    short = requests // 10
    command = [sys.executable, "-c", SERVER]
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server,  # noqa: S603
    ):
        assert server.stdout is not None  # noqa: S101 - it is a pipe
        url = f"http://127.0.0.1:{server.stdout.readline().strip()}"

        def slope(module: str) -> float:
            long, brief = (locust(folder, url, module, number) for number in (requests, short))
            return (long - brief) / (requests - short) * 1e6

        pairs = [(slope("locust"), slope("loadgate.recorder")) for _ in range(rounds)]
        server.kill()
    return (
        statistics.median(plain for plain, _ in pairs),
        statistics.median(recorded - plain for plain, recorded in pairs),
    )


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


def hour(seconds: int, rate: int) -> float:
    """Return the size, in MB, of the recording of a run so long."""
    chance = random.Random(1)  # noqa: S311 - it encrypts nothing
    counts = Counts()
    answers = [SimpleNamespace(status_code=status) for status in (200, 200, 200, 409, 503)]
    for second in range(seconds):
        collector = Collector()
        for _ in range(rate):
            answer = chance.choice(answers)
            failure = None if answer.status_code == 200 else f"HTTPError({answer.status_code})"
            collector.request(
                "GET", f"/{chance.randrange(10)}", chance.lognormvariate(3, 1), answer, failure
            )
        part = collector.take(final=False)
        if part is not None:
            for (_, key), cell in part.counts.cells.items():
                counts.cell(second, counts.kept(key)).add(cell)
    return len(pack(to_json(counts))) / 1e6


def main() -> None:
    """Print one line for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=5)
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
            lambda: "{:.1f} µs, {:+.1f} µs".format(
                *per_request(chosen.requests // 5, chosen.rounds)
            ),
        ),
        (
            f"memory, {chosen.names // 2:,} and {chosen.names:,} names and texts",
            lambda: "{:.0f} MB, {:.0f} MB".format(*distinct(chosen.names)),
        ),
        (
            f"file, {chosen.seconds:,} s of {chosen.rate:,} a second",
            lambda: f"{hour(chosen.seconds, chosen.rate):.1f} MB",
        ),
    ]
    for name, measure in lines:
        print(f"{name:<50} {measure()}", flush=True)


if __name__ == "__main__":
    main()
