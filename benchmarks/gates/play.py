"""Running one situation: the service, a command beside it, and what the command took."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from gates.contestants import Case, Contestant, record
from gates.situations import SITUATIONS, Situation, kept

HERE = Path(__file__).resolve().parent
RECORDED = HERE / "recorded"
ENVIRONMENTS = HERE.parents[1] / ".venv" / "gates"
OWN = Path(sys.executable).parent
TIMEOUT = 300
# A process counts the memory of the one that started it until it begins, so a small one does.
STARTER = """
import json, os, sys, time
began = time.perf_counter()
_, status, used = os.wait4(os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ), 0)
taken = [os.waitstatus_to_exitcode(status), time.perf_counter() - began, used.ru_maxrss]
open(sys.argv[1], "w").write(json.dumps(taken))
"""
KEPT = ("_stats.csv", "_failures.csv", "_exceptions.csv", ".json", ".loadgate.json.gz")
"""What is kept of a recorded run."""


class UnusableError(Exception):
    """A gate that cannot be installed or started; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A command that ended."""

    code: int
    output: str
    seconds: float
    megabytes: float
    """The largest process of it, at its peak."""


def run(command: Sequence[str], folder: Path, test: dict[str, object]) -> Done:
    """Run a command; one that does not end is killed, with all it started."""
    environment = {key: text for key, text in os.environ.items() if not key.startswith("LOCUST_")}
    # No configuration of whoever runs this takes part.
    environment |= {"GATES_TEST": json.dumps(test), "NO_COLOR": "1", "HOME": str(folder)}
    taken = folder / "taken.json"
    taken.unlink(missing_ok=True)
    with (folder / "output.txt").open("w+b") as output:
        process = subprocess.Popen(  # noqa: S603 - our own
            [sys.executable, "-I", "-S", "-c", STARTER, str(taken), *command],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            process.wait(TIMEOUT)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        output.seek(0)
        text = output.read().decode("utf-8", "replace")
    if process.returncode == -signal.SIGKILL:
        return Done(code=process.returncode, output=text, seconds=TIMEOUT, megabytes=0)
    if process.returncode:
        raise UnusableError(text)
    code, seconds, used = json.loads(taken.read_text("utf-8"))
    return Done(
        code=code,
        output=text,
        seconds=seconds,
        megabytes=used / (2**20 if sys.platform == "darwin" else 2**10),
    )


@contextmanager
def service(situation: Situation) -> Iterator[str]:
    """Run the service of a situation and yield its URL."""
    command = [sys.executable, str(HERE / "service.py"), json.dumps(dict(situation.service))]
    with subprocess.Popen(  # noqa: S603 - our own
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()


def named(name: str) -> Situation:
    """Return the situation of that name."""
    return next(situation for situation in SITUATIONS if situation.name == name)


def keep(situation: Situation, folder: Path) -> None:
    """Let Locust run the situation in a folder, record it, and keep what gates of files read."""
    target = RECORDED / situation.name
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    if situation.test.get("broken"):  # nothing is written: the files are the last run's
        shutil.copytree(RECORDED / (situation.after or ""), target, dirs_exist_ok=True)
        return
    with service(situation) as url:
        case = Case(
            situation=situation,
            folder=folder,
            last=RECORDED / (situation.after or "clean"),
            tools=OWN,
            url=url,
        )
        run(record(case), folder, dict(situation.test))
    for ending in KEPT:
        path = folder / f"run{ending}"
        if path.exists() and (ending != ".json" or situation.report):
            shutil.copyfile(path, target / path.name)
    exceptions = target / "run_exceptions.csv"  # has tracebacks, with this machine's paths
    text = exceptions.read_text("utf-8").replace(f"{HERE.parents[1]}/", "")
    exceptions.write_text(text, "utf-8")


def ask(contestant: Contestant, situation: Situation, folder: Path) -> Done:
    """Let a contestant judge a situation, in a folder of its own."""
    tools = ENVIRONMENTS / contestant.name / "bin" if contestant.packages else OWN
    last = RECORDED / (situation.after or "clean")
    case = Case(situation=situation, folder=folder, last=last, tools=tools)
    if not contestant.runs_locust:
        kept(situation, RECORDED, folder)
        (folder / "run.loadgate.json.gz").unlink(missing_ok=True)
        return run(contestant.command(case), folder, {})
    if situation.after and contestant.remember is not None:
        before = named(situation.after)
        with service(before) as url:
            earlier = replace(case, situation=before, url=url)
            command = [*contestant.command(earlier), *contestant.remember]
            run(command, folder, dict(before.test))
    if situation.test.get("broken"):
        shutil.copytree(last, folder, dirs_exist_ok=True)
    with service(situation) as url:
        command = contestant.command(replace(case, url=url))
        return run(command, folder, dict(situation.test))
