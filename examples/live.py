"""The example service and a real Locust in, a verdict on their run and the gate's exit code out."""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

HERE = Path(__file__).resolve().parent / "optimistic-locking"
NEEDED = ("locust", "sqlalchemy", "loadgate")
WRITTEN = (
    "run_stats.csv", "run_failures.csv", "run_exceptions.csv", "run_stats_history.csv", "run.html",
    "verdict.md", "verdict.json", "locust.log", "service.log", "tally.json",
)  # fmt: skip - one file a line would hide the rest of this file

START_TIMEOUT = 20.0  # seconds that the service may take to start
STOP_TIMEOUT = 10.0  # seconds that a child may take to stop before it is killed
EXIT_ERROR = 2
EXIT_INTERRUPTED = 130


class DemoError(Exception):
    """Something that keeps the demonstration from running; the text says what to do."""


def main() -> int:
    """Run service, Locust and gate, one after another; return the gate's exit code."""
    options = parse_options()
    for name in ("SIGTERM", "SIGHUP"):  # a closed terminal, a CI job that is cancelled
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), interrupt)
    try:
        require_modules()
        folder = fresh_folder(options.folder)
        with service(folder, options.fault_rate) as url:
            say(f"Service at {url}; {options.users} users for {options.seconds} s ...")
            run_locust(url, folder, options)
        say(server_truth(folder / "tally.json"))
        return run_gate(folder, options.rules)
    except DemoError as error:
        say(f"live.py: {error}")
        return EXIT_ERROR
    except KeyboardInterrupt:
        say("live.py: interrupted; everything it started was stopped")
        return EXIT_INTERRUPTED


def parse_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description="Judge a live run of the example service.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--seconds", type=int, default=20, help="length of the test")
    add("--users", type=int, default=40, help="simulated users")
    add("--fault-rate", type=float, default=0.001, help="share of requests the service fails; try 0.02")
    add("--folder", type=Path, default=Path("demo/live"), help="where all files go")
    add("--rules", type=Path, default=HERE / "loadgate.toml", help="rules to judge by")
    return parser.parse_args()


def require_modules() -> None:
    """Raise DemoError if something is not installed."""
    sys.path.insert(0, str(Path.cwd()))  # where "python -m loadgate" will look as well
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise DemoError(
            f"{' and '.join(missing)} cannot be imported by {sys.executable}; `make demo-live`"
            " installs all it needs into .venv and runs this"
        )


def fresh_folder(folder: Path) -> Path:
    """Make the folder, without the files of an earlier run: they must never be judged again."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in WRITTEN:
            (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise DemoError(f"{folder} cannot be used: {error.strerror}; name another --folder") from error
    return folder


@contextmanager
def service(folder: Path, fault_rate: float) -> Iterator[str]:
    """Run the service on a free port and yield its URL; raises DemoError if it does not start."""
    command = [
        sys.executable, str(HERE / "service.py"), "--port", "0", "--stop-at-eof",
        "--fault-rate", str(fault_rate), "--tally", str(folder / "tally.json"),
    ]  # fmt: skip - an option and its value belong on one line
    log = folder / "service.log"
    # Its standard input is a pipe that nobody writes to: should this process be killed, the pipe
    # ends, and with it the service.
    with log.open("wb") as errors, child(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors) as process:
        url = first_line(process)
        if not url.startswith("http"):
            raise DemoError(f"the service did not start; {log} says why:\n{tail(log)}")
        yield url
