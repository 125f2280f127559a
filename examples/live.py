"""`make demo-live`: run Locust against the example service and judge the run."""

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
from typing import IO

HERE = Path(__file__).resolve().parent / "optimistic-locking"
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
EXIT_ERROR = 2
EXIT_INTERRUPTED = 130


class DemoError(Exception):
    """What keeps the demonstration from running; the text says what to do."""


def main() -> int:
    """Run service, Locust and gate; return the gate's exit code."""
    options = parse_options()
    for name in ("SIGTERM", "SIGHUP"):  # a cancelled CI job, a closed terminal
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number and signal.getsignal(number) != signal.SIG_IGN:  # nohup ignores it
            signal.signal(number, interrupt)
    try:
        require_modules()
        folder = fresh_folder(options.folder)
        with service(folder, options.fault_rate) as url:
            say(f"{options.users} users work on {url} for {options.seconds} s ...")
            run_locust(url, folder, options)
        say(servers_own_count(folder / "tally.json"))
        return run_gate(folder, options.rules)
    except DemoError as error:
        say(f"live.py: {error}")
        return EXIT_ERROR
    except KeyboardInterrupt:
        say("live.py: interrupted; what it started is stopped")
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
    add("--fault-rate", type=float, default=0.001, help="share of true failures; try 0.02")
    add("--folder", type=Path, default=Path("demo/live"), help="where all files go")
    add("--locustfile", default=str(HERE / "locustfile.py"), help="load test; several: A.py,B.py")
    add("--rules", type=Path, default=HERE / "loadgate.toml", help="rules to judge by")
    return parser.parse_args()


def require_modules() -> None:
    """Raise DemoError if something is not installed."""
    sys.path.insert(0, "")  # as `python -m loadgate` does
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise DemoError(
            f"{sys.executable} has no {', '.join(missing)}; `make demo-live` installs everything"
            " into .venv and runs this file there"
        )


def fresh_folder(folder: Path) -> Path:
    """Make the folder and take the results of an earlier run out: they must not be judged again."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in RESULTS:
            (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise DemoError(f"{folder}: {error.strerror}; choose another --folder") from error
    return folder


@contextmanager
def service(folder: Path, fault_rate: float) -> Iterator[str]:
    """Run the service on a free port and yield its URL; raises DemoError if it does not start."""
    command = [sys.executable, str(HERE / "service.py"), "--port=0", f"--fault-rate={fault_rate}"]
    # Its standard input is a pipe that only this process holds. However this process ends, the
    # pipe ends with it, and so does the service.
    command += ["--stop-at-eof", f"--tally={folder / 'tally.json'}"]
    with child(command, log=folder / "service.log", piped=True) as process:
        url = first_line(process)
        if not url:
            raise DemoError(f"the service did not start:\n{last_lines(folder / 'service.log')}")
        yield url


def run_locust(url: str, folder: Path, options: argparse.Namespace) -> None:
    """Run the load test; raises DemoError if Locust itself fails."""
    # Locust runs in the results folder, so that no locust.conf of a project changes the test.
    users, seconds = options.users, options.seconds
    command = [sys.executable, "-m", "locust", f"--locustfile={options.locustfile}"]
    command += ["--headless", f"--host={url}", f"--users={users}", f"--spawn-rate={users}"]
    command += [f"--run-time={seconds}s", "--csv=run", "--html=run.html"]
    # It would exit with 1 for any failure, expected or not. Judging is the gate's business, so any
    # other code than 0 now means that Locust could not run the test.
    command += ["--exit-code-on-error=0"]
    log = folder / "locust.log"
    with child(command, log=log, folder=folder) as process:
        try:
            code = process.wait(timeout=seconds + STOP_TIMEOUT)
        except subprocess.TimeoutExpired as error:
            raise DemoError(f"Locust does not come to an end:\n{last_lines(log)}") from error
    if code:
        raise DemoError(f"Locust ended with exit code {code}:\n{last_lines(log)}")


def servers_own_count(tally: Path) -> str:
    """Return what the service says it answered, to hold the verdict against."""
    try:
        counts = json.loads(tally.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DemoError(f"the service did not stop as it should: {error}") from error
    answers = conflicts = others = 0
    for endpoint, statuses in counts.items():
        for status, count in statuses.items():
            answers += count
            if status == "409" and endpoint.endswith("/state"):
                conflicts += count
            elif int(status) >= 400:
                others += count
    return (
        f"The service counted {answers:,} answers: {conflicts:,} conflicts, {others:,} other"
        " failures.\nLocust may count a few less: it does not wait for requests that are under way"
        " at the end.\n"
    )


def run_gate(folder: Path, rules: Path) -> int:
    """Judge the run; return the gate's exit code."""
    command = [sys.executable, "-m", "loadgate", "check", str(folder / "run_stats.csv")]
    command += ["--rules", str(rules), "--output", "text"]
    command += ["--output", f"markdown:{folder / 'verdict.md'}"]
    command += ["--output", f"json:{folder / 'verdict.json'}"]
    return subprocess.run(command, check=False).returncode


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


def say(text: str) -> None:
    """Tell the person who watches; standard output is the gate's."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
