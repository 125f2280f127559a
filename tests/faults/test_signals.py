"""Signals at any moment: the right exit code, no traceback, no half of a file, no process left."""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
import signal
import time
from pathlib import Path

import pytest
from conftest import WriteRun

from faults.processes import HEAVY, Ended, few, interrupted, loadgate, of_session, prove

RUNS = HEAVY or 4
"""Of each kind."""
SIGNALS = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}
_FRAMES = re.compile(r'File "([^"]+)"')
_STARTING = re.compile("Could not import runpy module|Fatal Python error: init_import_site")
_OUTPUTS = "--output=json:out/v.json --output=markdown:out/v.md"
COMMANDS = {
    "check": f"check run {_OUTPUTS} --output=junit:out/v.xml --output=csv:out/rest",
    "report": "report runs --jobs 2 --output markdown:out/r.md",
}


@pytest.fixture(autouse=True)
def _runs(write_run: WriteRun, _here: None) -> None:
    """Write a run that takes its time, several for a report, and the folder of all outputs."""
    rows = [("POST", f"/{n}/state", 10, 5) for n in range(300)]
    write_run(rows, [(method, name, "boom", 5) for method, name, _, _ in rows])
    for number in range(8):
        write_run([("POST", "/a/state", 1000 + number, 0)], [], folder=f"runs/{number}")
    Path("out").mkdir()


def held(ended: Ended, number: signal.Signals, verdict: int, after: float) -> bool:
    """Check how an interrupted process ended; say whether it was interrupted.

    Before the first lines of loadgate run, and when all is done and Python ends, the signal is
    Python's: it ends by the signal itself, for SIGINT with a traceback of its own start. Before it
    has found what to run, SIGINT is even its exit code 1, and nobody can change that.
    """
    if ended.code == -number or (number == signal.SIGINT and _STARTING.search(ended.err)):
        if "Traceback" in ended.err:
            assert number == signal.SIGINT
            frames = _FRAMES.findall(ended.err)
            early = {"__init__.py", "__main__.py", "signals.py"} if ended.code == -number else set()
            assert {Path(frame).name for frame in frames if "/loadgate/" in frame} <= early, (
                after, ended,
            )  # fmt: skip
        return True
    ended.sound()
    assert ended.code in {verdict, SIGNALS[number]}, (after, ended)
    if ended.code == SIGNALS[number]:
        assert ended.err in {"", f"loadgate: interrupted by {number.name}\n"}, (after, ended.err)
    return ended.code != verdict


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
def test_a_check_is_interrupted_while_it_writes(number: signal.Signals) -> None:
    """It waits for the reader of a pipe, which is one moment on every machine."""
    os.mkfifo("pipe")
    with contextlib.ExitStack() as stack:

        def first_byte(_pid: int) -> None:
            reader = stack.enter_context(Path("pipe").open("rb", buffering=0))
            assert reader.read(1) == b"{"

        command = f"check run --output=json:pipe {_OUTPUTS}"
        ended, left = interrupted(command, number, wait=first_byte)
    assert (ended.code, left) == (SIGNALS[number], [])
    assert ended.err == f"loadgate: interrupted by {number.name}\n"
    for path in Path("out").iterdir():
        assert path.name == "v.md" or json.loads(path.read_text())["outcome"] == "failed"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
def test_a_report_is_interrupted_while_others_work_for_it(number: signal.Signals) -> None:
    """None of its processes is left behind, not even where it is killed."""

    def two_processes(pid: int) -> None:
        while pid in (alive := of_session(pid)) and len(alive) < 3:
            time.sleep(0.01)

    ended, left = interrupted(COMMANDS["report"], number, wait=two_processes)
    assert left == []
    assert ended.code in {0, -number, SIGNALS.get(number)}, ended


@prove
@pytest.mark.parametrize("number", [*SIGNALS, signal.SIGKILL], ids=lambda number: number.name)
@pytest.mark.parametrize("how", ["check", "report", "report-and-its-processes"])
def test_interrupted_at_any_moment(how: str, number: signal.Signals) -> None:
    """A target is a whole file or none, and none that is in doubt; no process is left."""
    command, verdict = COMMANDS[how.partition("-")[0]], 1 if how == "check" else 0
    begin = time.monotonic()
    assert loadgate(command).sound().code == verdict
    full = time.monotonic() - begin
    whole = {path.name: path.read_bytes() for path in Path("out").iterdir()}
    assert len(whole) == (5 if how == "check" else 1)
    chance = random.Random(f"{number}{how}")  # noqa: S311 - delays, no secrets
    hits = tries = 0
    while tries < RUNS or not hits:
        tries += 1
        for name, text in whole.items():
            Path("out", name).write_bytes(text + b"\n")
        after = chance.uniform(0, full * 1.1)
        ended, left = interrupted(command, number, after=after, group="-" in how)
        assert left == [], (after, ended)
        if number == signal.SIGKILL:  # which nobody can heed
            hits += ended.code == -number
            continue
        if held(ended, number, verdict, after):
            hits += 1
        else:  # it had ended, having been slower when it was measured
            full = min(full, after)
        for path in Path("out").iterdir():
            assert path.read_bytes() in {whole[path.name], whole[path.name] + b"\n"}


def test_a_signal_that_is_ignored_stays_so() -> None:
    """As nohup does it: the terminal goes, the check goes on."""

    def nohup() -> None:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        os.kill(os.getpid(), signal.SIGHUP)

    ended = loadgate("check ok --output json", before=nohup).sound()
    assert ended.code == 0
    assert json.loads(ended.out)["outcome"] == "passed"


@pytest.mark.parametrize("form", few(["json", "markdown", "text", "junit"], {"json"}))
def test_a_reader_that_goes_away(form: str, write_run: WriteRun) -> None:
    """`loadgate ... | head -1` is quiet, and what failed stays failed whoever reads it."""
    rows = [(m, f"/{n}/state", 9, 0) for n in range(3000) for m in ("GET", "POST")]
    write_run(rows, [], folder="long")
    chance = random.Random(form)  # noqa: S311 - delays, no secrets
    for command, code in ((f"check long --output {form}", 0), (f"check bad --output {form}", 1)):
        for _ in range(HEAVY or 1):
            taken, wait = chance.choice((0, 1, 70_000)), f"{chance.uniform(0, 0.4):.3f}"
            ended = loadgate(command, redirect=f"> >(sleep {wait}; head -c {taken} >&2)")
            assert ended.code == code, ended
            for word in ("Traceback", "loadgate:", "Exception"):
                assert word not in ended.err
