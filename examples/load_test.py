"""One load test: start the example service, run Locust against it, keep what both counted.

`python examples/load_test.py` does that once; examples/live.py does it twice and judges the runs.
"""

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
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import IO

HERE = Path(__file__).resolve().parent / "optimistic-locking"
LOCUSTFILE = HERE / "locustfile.py"
NEEDED = ("locust", "sqlalchemy", "loadgate")
RESULTS = (
    "run_stats.csv",
    "run_failures.csv",
    "run_exceptions.csv",
    "run_stats_history.csv",
    "run.html",
    "tally.json",
    "verdict.md",
    "verdict.json",
)
START_TIMEOUT = 120  # seconds that the service may take to start, on a machine that is busy
STOP_TIMEOUT = 120  # seconds that a child may take to stop before it is killed, likewise
IN_FLIGHT = 60  # seconds that users may take to finish what they do when the time is up
EXIT_ERROR = 2
EXIT_INTERRUPTED = 130


class DemoError(Exception):
    """What keeps the demonstration from running; the text says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a load test ended with."""

    exit_code: int
    """Locust's own: 1 if any request failed, expected or not; else 0."""
    tally: dict[str, dict[str, int]]
    """The service's own count of its answers, per "METHOD /template" and status."""


def main() -> int:
    """Run one load test."""
    parser = argparse.ArgumentParser(
        description="Run Locust against the example service once.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add_options(parser, seconds=20)
    parser.add_argument("--fault-rate", type=float, default=0.001, help="share of 500s; try 0.02")
    options = parser.parse_args()
    return guarded(lambda: run_once(options))


def run_once(options: argparse.Namespace) -> int:
    """Run the load test and say where its results are."""
    result = load_test(options.folder, options, f"--fault-rate={options.fault_rate}")
    print(f"Locust ended with exit code {result.exit_code}; all files are in {options.folder}")
    return 0


def add_options(parser: argparse.ArgumentParser, *, seconds: int) -> None:
    """Add the options that every load test has."""
    add = parser.add_argument
    add("--seconds", type=int, default=seconds, help="length of a test")
    add("--users", type=int, default=40, help="simulated users")
    add("--folder", type=Path, default=Path("demo/live"), help="where all files go")
    add("--locustfile", default=str(LOCUSTFILE), help="load test; several: A.py,B.py")


def guarded(run: Callable[[], int]) -> int:
    """Return what `run` returns, or the exit code of what kept it from running, and say that."""
    for name in ("SIGTERM", "SIGHUP"):  # a cancelled CI job, a closed terminal
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number and signal.getsignal(number) != signal.SIG_IGN:  # nohup ignores it
            signal.signal(number, interrupt)
    name = Path(sys.argv[0]).name
    try:
        require_modules()
        return run()
    except DemoError as error:
        sys.stderr.write(f"{name}: {error}\n")
        return EXIT_ERROR
    except KeyboardInterrupt:
        sys.stderr.write(f"{name}: interrupted; what it started is stopped\n")
        return EXIT_INTERRUPTED
    except BrokenPipeError:  # nobody reads on, as behind `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_ERROR


def load_test(folder: Path, options: argparse.Namespace, *service_options: str) -> Result:
    """Run the service and Locust; raises DemoError if one of them cannot do its work."""
    fresh_folder(folder)
    with service(folder, *service_options) as url:
        code = run_locust(url, folder, options)
    try:
        tally = json.loads((folder / "tally.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DemoError(f"the service did not stop as it should: {error}") from error
    return Result(exit_code=code, tally=tally)


def require_modules() -> None:
    """Raise DemoError if something is not installed."""
    sys.path.insert(0, "")  # as `python -m loadgate` does
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise DemoError(
            f"{sys.executable} has no {', '.join(missing)}; `make demo-live` installs everything"
            " into .venv and runs this file there"
        )


def fresh_folder(folder: Path) -> None:
    """Make the folder and take the results of an earlier run out: they must not be judged again."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in RESULTS:
            (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise DemoError(f"{folder}: {error.strerror}; choose another --folder") from error


@contextmanager
def service(folder: Path, *service_options: str) -> Iterator[str]:
    """Run the service on a free port and yield its URL; raises DemoError if it does not start."""
    command = [sys.executable, str(HERE / "service.py"), "--port=0", *service_options]
    # Its standard input is a pipe that only this process holds. However this process ends, the
    # pipe ends with it, and so does the service.
    command += ["--stop-at-eof", f"--tally={folder / 'tally.json'}"]
    with child(command, log=folder / "service.log", piped=True) as process:
        url = first_line(process)
        if not url:
            raise DemoError(f"the service did not start:\n{last_lines(folder / 'service.log')}")
        yield url


def run_locust(url: str, folder: Path, options: argparse.Namespace) -> int:
    """Run the load test; return Locust's exit code. Raises DemoError if there was no load test."""
    # Locust runs in the results folder, so that no locust.conf of a project changes the test.
    users, seconds = options.users, options.seconds
    command = [sys.executable, "-m", "locust", f"--locustfile={options.locustfile}"]
    command += ["--headless", f"--host={url}", f"--users={users}", f"--spawn-rate={users}"]
    command += [f"--run-time={seconds}s", "--csv=run", "--html=run.html"]
    # Without it Locust drops the requests that are under way at the end, which the service counts.
    command += [f"--stop-timeout={IN_FLIGHT}"]
    log = folder / "locust.log"
    with child(command, log=log, folder=folder) as process:
        try:
            code = process.wait(timeout=seconds + IN_FLIGHT + STOP_TIMEOUT)
        except subprocess.TimeoutExpired as error:
            raise DemoError(f"Locust does not come to an end:\n{last_lines(log)}") from error
    # It ends with 1 if a request failed, but also if it could not begin; then there is no report.
    if code not in {0, 1} or not (folder / "run.html").exists():
        raise DemoError(f"Locust ended with exit code {code}:\n{last_lines(log)}")
    return code


@contextmanager
def child(
    command: Sequence[str], *, log: Path, folder: Path | None = None, piped: bool = False
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command while the block runs, with its output in `log`, or `piped` to and from here."""
    environment = {name: text for name, text in os.environ.items() if name[:7] != "LOCUST_"}
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE if piped else subprocess.DEVNULL,
            stdout=subprocess.PIPE if piped else output,
            stderr=output,
            cwd=folder,
            env=environment,
            start_new_session=True,  # Ctrl-C reaches this process alone, which stops the others
        )
        try:
            yield process
        finally:
            stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a child, kindly at first; an impatient second Ctrl-C kills it at once."""
    try:
        if process.stdin:
            process.stdin.close()  # the service stops when its standard input ends
        else:
            process.terminate()
        process.wait(timeout=STOP_TIMEOUT)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        process.kill()
        process.wait()
    if process.stdout:
        process.stdout.close()


def first_line(process: subprocess.Popen[bytes]) -> str:
    """Return the first line a child prints, or "" if none comes in time."""
    lines: queue.Queue[bytes] = queue.Queue()

    def read(stream: IO[bytes]) -> None:
        lines.put(stream.readline())

    if process.stdout:
        threading.Thread(target=read, args=(process.stdout,), daemon=True).start()
    try:
        return lines.get(timeout=START_TIMEOUT).decode().strip()
    except queue.Empty:
        return ""


def last_lines(log: Path, count: int = 8) -> str:
    """Return the end of a log, indented."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(f"  {line}" for line in lines[-count:])


def interrupt(signum: int, frame: FrameType | None) -> None:  # noqa: ARG001 - as signal calls it
    """Treat a signal as Ctrl-C."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
