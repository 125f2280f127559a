"""Signals at any moment: the right exit code, no traceback, no half of a file, no process left."""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import WriteRun

from faults.processes import (
    HEAVY,
    Ended,
    few,
    interrupted,
    linux,
    loadgate,
    of_session,
    prove,
)

pytestmark = linux

RUNS = HEAVY or 4
"""Of each kind."""
SIGNALS = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}
_FRAMES = re.compile(r'File "([^"]+)"')
_STARTING = re.compile("Could not import runpy module|Fatal Python error: init_import_site")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def lasting(command: Callable[[], Ended]) -> float:
    """Return how many seconds a command takes that nobody interrupts."""
    begin = time.monotonic()
    command().sound()
    return time.monotonic() - begin


def held(ended: Ended, number: signal.Signals, verdict: int, *, after: float) -> bool:
    """Check how an interrupted process ended; say whether it was interrupted.

    Before the first lines of loadgate run, and when all is done and Python ends, the signal is
    Python's: it ends by the signal itself, for SIGINT with a traceback of its own start. Before it
    has found what to run, SIGINT is even its exit code 1, and nobody can change that.
    """
    if ended.code == -number or (number == signal.SIGINT and _STARTING.search(ended.err)):
        if "Traceback" in ended.err:
            assert number == signal.SIGINT
            ours = {
                Path(frame).name for frame in _FRAMES.findall(ended.err) if "/loadgate/" in frame
            }
            early = {"__init__.py", "__main__.py", "signals.py"} if ended.code == -number else set()
            assert ours <= early, (after, ended)
        return True
    ended.sound()
    assert ended.code in {verdict, SIGNALS[number]}, (after, ended)
    if ended.code == SIGNALS[number] and number != verdict:
        assert ended.err in {"", f"loadgate: interrupted by {number.name}\n"}, (after, ended.err)
    return ended.code != verdict


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
def test_a_check_is_interrupted_while_it_writes(
    number: signal.Signals, write_run: WriteRun
) -> None:
    """It waits for the reader of a pipe, which is one moment on every machine."""
    rows = [("POST", f"/{n}/state", 10, 5) for n in range(300)]
    stats = write_run(rows, [(method, name, "boom", 5) for method, name, _, _ in rows])
    os.mkfifo("pipe")
    Path("out").mkdir()
    outputs = ["json:out/v.json", "json:pipe", "markdown:out/v.md"]
    with contextlib.ExitStack() as stack:

        def first_byte(_pid: int) -> None:
            reader = stack.enter_context(Path("pipe").open("rb", buffering=0))
            assert reader.read(1) == b"{"

        command = ["check", str(stats), *(f"--output={output}" for output in outputs)]
        ended, left = interrupted(*command, number=number, wait=first_byte)
    assert ended.code == SIGNALS[number], ended
    assert ended.err == f"loadgate: interrupted by {number.name}\n"
    assert left == []
    for path in Path("out").iterdir():
        assert path.name == "v.md" or json.loads(path.read_text())["outcome"] == "failed"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
def test_a_report_is_interrupted_while_others_work_for_it(
    number: signal.Signals, write_run: WriteRun
) -> None:
    """None of its processes is left behind, not even where it is killed."""
    for run in range(8):
        write_run([("POST", "/a/state", 1000 + run, 0)], [], folder=f"runs/{run}")
    command = ["report", "runs", "--jobs", "2", "--output", "markdown:r.md"]

    def two_processes(pid: int) -> None:
        while pid in (alive := of_session(pid)) and len(alive) < 3:
            time.sleep(0.01)

    ended, left = interrupted(*command, number=number, wait=two_processes)
    assert left == []
    assert ended.code in {0, -number, SIGNALS.get(number)}, ended


@prove
@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
def test_a_check_is_interrupted_at_any_moment(number: signal.Signals, write_run: WriteRun) -> None:
    """The target is a whole file or none, whenever the signal comes, and none that is in doubt."""
    rows = [("POST", f"/{n}/state", 10, 5) for n in range(300)]
    stats = write_run(rows, [(method, name, "boom", 5) for method, name, _, _ in rows])
    Path("out").mkdir()
    targets = {"json": "v.json", "markdown": "v.md", "junit": "v.xml", "csv": "rest"}
    outputs = [f"--output={form}:out/{name}" for form, name in targets.items()]
    command = ["check", str(stats), *outputs]
    full = lasting(lambda: loadgate(*command))
    whole = {path.name: path.read_bytes() for path in Path("out").iterdir()}
    assert len(whole) == 5
    hits = 0
    chance = random.Random(number)  # noqa: S311 - delays, no secrets
    tries = 0
    while tries < RUNS * 2 or not hits:
        tries += 1
        for name, text in whole.items():
            Path("out", name).write_bytes(text + b"\n")
        after = chance.uniform(0, full * 1.1)
        ended, left = interrupted(*command, number=number, after=after)
        if held(ended, number, 1, after=after):
            hits += 1
        else:  # it had ended, having been slower when it was measured
            full = min(full, after)
        assert left == []
        for path in Path("out").iterdir():
            assert path.read_bytes() in {whole[path.name], whole[path.name] + b"\n"}


@prove
@pytest.mark.parametrize("group", [False, True], ids=["alone", "with-its-processes"])
@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
def test_a_report_is_interrupted_at_any_moment(
    number: signal.Signals, group: bool, write_run: WriteRun
) -> None:
    """None of its processes is left behind, whoever is sent the signal."""
    for run in range(8):
        write_run([("POST", "/a/state", 1000 + run, 0)], [], folder=f"runs/{run}")
    Path("out").mkdir()
    command = ["report", "runs", "--jobs", "2", "--output", "markdown:out/r.md"]
    full = lasting(lambda: loadgate(*command))
    whole = Path("out/r.md").read_bytes()
    chance = random.Random(number + 100 * group)  # noqa: S311 - as above
    for _ in range(RUNS // 2):
        Path("out/r.md").write_bytes(whole + b"\n")
        after = chance.uniform(0, full * 1.1)
        ended, left = interrupted(*command, number=number, after=after, group=group)
        held(ended, number, 0, after=after)
        assert left == [], (after, ended)
        assert {path.name for path in Path("out").iterdir()} <= {"r.md"}
        if Path("out/r.md").exists():
            assert Path("out/r.md").read_bytes() in {whole + b"\n", whole}


@prove
def test_processes_end_with_the_one_that_started_them(write_run: WriteRun) -> None:
    """Also where it is killed, which nobody can heed."""
    for run in range(8):
        write_run([("POST", "/a/state", 1000 + run, 0)], [], folder=f"runs/{run}")
    command = ["report", "runs", "--jobs", "2", "--output", "markdown:r.md"]
    full = lasting(lambda: loadgate(*command))
    for share in range(1, RUNS + 1):
        after = full * share / (RUNS + 1)
        _, left = interrupted(*command, number=signal.SIGKILL, after=after)
        assert left == [], after


def test_a_signal_that_is_ignored_stays_so(write_run: WriteRun) -> None:
    """As nohup does it: the terminal goes, the check goes on."""

    def nohup() -> None:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        os.kill(os.getpid(), signal.SIGHUP)

    ended = loadgate("check", write_run(), "--output", "json", before=nohup).sound()
    assert ended.code == 0
    assert json.loads(ended.out)["outcome"] == "passed"


@pytest.mark.parametrize("form", few(["json", "markdown", "text", "junit"], {"json"}))
def test_a_reader_that_goes_away(form: str, write_run: WriteRun) -> None:
    """`loadgate ... | head -1` is quiet, and what failed stays failed whoever reads it."""
    passed = write_run([(m, f"/{n}/state", 9, 0) for n in range(3000) for m in ("GET", "POST")], [])
    failed = write_run([("GET", "/x", 10, 9)], [("GET", "/x", "boom", 9)], folder="failed")
    chance = random.Random(form)  # noqa: S311 - delays, no secrets
    for stats, code in ((passed, 0), (failed, 1)):
        for _ in range(HEAVY or 1):
            wait = f"{chance.uniform(0, 0.4):.3f}"
            ended = loadgate(
                "check", stats, "--output", form,
                redirect=f"> >(sleep {wait}; head -c {chance.choice((0, 1, 70_000))} >&2)",
            )  # fmt: skip
            assert ended.code == code, ended
            for word in ("Traceback", "loadgate:", "Exception"):
                assert word not in ended.err
