"""Real runs that are stopped because they are certain to fail."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from loadgate.recorder.abort import watch
from loadgate.recorder.file import RecordingFile
from loadgate.recorder.run import Run
from loadgate.recording.counts import ABORT
from loadgate.recording.document import problems
from loadgate.recording.journal import assemble, lines

from .runs import Recorded, counting_server, free_port
from .test_recorder import answers, asked, posix

BUSY = Path(__file__).with_name("busy.py")
RULES = """
version = 1
[[thresholds]]
require = "true_failures <= 20"
abort = true
"""


def reason(run: Recorded) -> str:
    """Return what the recording says of its abort, which must be whole otherwise."""
    document = run.document()
    assert list(problems(document)) == []
    (mark,) = [mark for mark in document.counts.marks if mark.kind == ABORT]
    kinds = [mark.kind for mark in document.counts.marks]
    assert kinds.index(ABORT) < kinds.index("stopping") < kinds.index("stop")
    log = run.log.read_text("utf-8")
    assert f"loadgate: aborting {mark.reason}" in log
    return mark.reason


@pytest.mark.parametrize(
    ("words", "rules", "expected"),
    [
        ([], RULES, "true_failures is "),
        (["--loadgate-abort"], "version = 1", "true_failure_rate is "),
        (
            ["--loadgate-abort", "--loadgate-threshold=status_409 <= 0"],
            "version = 1",
            "true_failure_rate is ",
        ),
    ],
)
def test_alone(tmp_path: Path, words: list[str], rules: str, expected: str) -> None:
    """Locust ends as by its run time, with its tables, the verdict and the gate's exit code."""
    with counting_server() as server:
        run = Recorded(tmp_path, server.url, locustfile=BUSY)
        (tmp_path / "loadgate.toml").write_text(rules)
        run.headless("--stop-timeout=60", "-t1h", *words)
        assert run.wait() == 1
        assert sum(server.answers.values()) == run.document().counts.requests
    assert reason(run).partition(": ")[2].startswith(expected)
    log = run.log.read_text("utf-8")
    assert log.index("Response time percentiles") < log.index("FAILED  ")
    assert "run: aborted after 00:" in log


@posix
@pytest.mark.parametrize("forked", [False, True])
def test_with_workers(tmp_path: Path, *, forked: bool) -> None:
    """The master stops its workers and has their last parts."""
    with counting_server() as server:
        run = Recorded(tmp_path, server.url, locustfile=BUSY)
        (tmp_path / "loadgate.toml").write_text(RULES)
        if forked:
            run.headless("--processes=2", "--stop-timeout=60")
        else:
            run.distributed(2, "--stop-timeout=60")
        assert run.wait() == 1
        assert sum(server.answers.values()) == run.document().counts.requests
    assert reason(run)
    assert len(run.document().workers) == 2


SHAPE = """
from locust import LoadTestShape
class Shape(LoadTestShape):
    def tick(self):
        return (4, 4)
"""


def test_a_shape(tmp_path: Path) -> None:
    """It has no end of its own."""
    with counting_server() as server:
        (tmp_path / "shape.py").write_text(SHAPE)
        run = Recorded(tmp_path, server.url, locustfile=Path(f"{BUSY},{tmp_path / 'shape.py'}"))
        (tmp_path / "loadgate.toml").write_text(RULES)
        run.start("--headless")
        assert run.wait() == 1
    assert reason(run)


def aborts(run: Recorded, number: int) -> bool:
    """Say whether so many tests were aborted."""
    return run.log.read_text("utf-8").count("aborting after") == number


def test_web_ui(tmp_path: Path) -> None:
    """The test stops, and the page stays; the next test is judged by itself."""
    with counting_server() as server:
        run, port = Recorded(tmp_path, server.url, locustfile=BUSY), free_port()
        (tmp_path / "loadgate.toml").write_text(RULES)
        run.start("--web-host=127.0.0.1", f"--web-port={port}")
        url = f"http://127.0.0.1:{port}"
        ids = set()
        for number in (1, 2):
            run.until(lambda: answers(url), "no web UI")
            asked(url, "/swarm", user_count="3", spawn_rate="3")
            run.until(partial(aborts, run, number), "it is not aborted")
            run.until(lambda: run.document().state == "finished", "it is not finished")
            assert reason(run)
            ids.add(run.document().run)
        assert len(ids) == 2
        assert answers(url)
        run.processes[0].terminate()
        assert run.wait() == 1


def test_web_ui_that_quits(tmp_path: Path) -> None:
    """As after its run time, with --autostart and --autoquit."""
    with counting_server() as server:
        run, port = Recorded(tmp_path, server.url, locustfile=BUSY), free_port()
        (tmp_path / "loadgate.toml").write_text(RULES)
        run.start(
            "--web-host=127.0.0.1", f"--web-port={port}", "-u3", "--autostart", "--autoquit=0"
        )
        assert run.wait() == 1
    assert reason(run)


@pytest.mark.parametrize(
    ("words", "rules", "said"),
    [
        (["--loadgate-rules=no.toml"], "version = 1", "no.toml"),
        ([], "version = 2", "version"),
        (["--loadgate-threshold=p95 = 1"], "version = 1", "unknown operator"),
        (["--loadgate-threshold=failures <= baseline"], "version = 1", "needs a baseline"),
        ([], RULES.replace("true_failures <= 20", "p95 <= 1s"), "abort: has no effect"),
        (["--loadgate-output=pdf:x.pdf"], "version = 1", "unknown format 'pdf'"),
    ],
)
def test_a_policy_with_a_problem(tmp_path: Path, words: list[str], rules: str, said: str) -> None:
    """Or an output: it ends Locust with 2 before the first request, and no older recording is left."""
    (tmp_path / "loadgate.toml").write_text(rules)
    with counting_server() as server:
        run = Recorded(tmp_path / "run", server.url)
        (tmp_path / "run" / "loadgate.toml").write_text(rules)
        run.headless(*words)
        assert run.wait() == 2
        assert not server.answers
    assert said in run.log.read_text("utf-8")
    assert run.document().state == "running"


# --- piece by piece -------------------------------------------------------------------------------


class Looks:
    """What judges a run: it gives one answer after the other, be it a problem."""

    def __init__(self, *answers: str) -> None:
        """Take the answers; one with a "!" is a problem."""
        self._answers: Iterator[str] = iter(answers)
        self.problem: str | None = None

    def look(self, run: Run) -> Any:
        """Return the next one; after the last the run ends by itself."""
        answer = next(self._answers, None)
        if answer is None:
            run.mark("stopping")
        self.problem = answer if answer and "!" in answer else None
        return None if answer is None or self.problem else SimpleNamespace(abort=answer)


class Locust:
    """An environment that says what was done to it."""

    def __init__(self, **options: object) -> None:
        """Take the options; with any there is a web UI."""
        self.done: list[str] = []
        self.runner = SimpleNamespace(
            quit=lambda: self.done.append("quit"), stop=lambda: self.done.append("stop")
        )
        stop = SimpleNamespace(stop=lambda: self.done.append("stop web"))
        self.web_ui = stop if options else None
        self.parsed_options = SimpleNamespace(**options)


def watched(folder: Path, looks: Looks, environment: Locust, *newest: bool) -> Run:
    """Watch a run until it ends; `newest` are the answers to whether it is the newest one."""
    run = Run(RecordingFile(str(folder / "run.gz")), "2.0", started=True)
    told = iter(newest)
    watch(looks, run, environment, lambda: next(told, True))  # type: ignore[arg-type]
    return run


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for no second."""
    monkeypatch.setattr("loadgate.recorder.abort._OFTEN", 0)


@pytest.mark.parametrize(
    ("options", "done"),
    [
        ({}, ["quit"]),
        ({"headless": False}, ["stop"]),
        ({"autostart": True, "autoquit": -1}, ["stop"]),
        ({"autostart": False, "autoquit": 0}, ["stop"]),
        ({"autostart": True, "autoquit": 0}, ["stop", "quit", "stop web"]),
    ],
)
def test_how_a_run_is_stopped(tmp_path: Path, options: dict[str, Any], done: list[str]) -> None:
    """As its run time stops it; the reason is in the file before."""
    environment = Locust(**options)
    run = watched(tmp_path, Looks("", "", "too bad"), environment)
    assert environment.done == done
    (mark,) = run.document.counts.marks
    assert (mark.kind, mark.reason) == (ABORT, "after 00:00:00: too bad")
    journal = assemble(lines((tmp_path / "run.gz").read_bytes()))
    assert journal.state == "running"
    assert journal.counts.marks == [mark]


@pytest.mark.parametrize(
    ("answers", "newest"),
    [
        ([""], ()),
        (["too bad"], (False,)),  # another test began
        (["too bad"], (True, False)),  # while it was judged
    ],
)
def test_a_run_that_is_over_is_not_stopped(
    tmp_path: Path, answers: list[str], newest: tuple[bool, ...]
) -> None:
    """It ended by itself."""
    environment = Locust()
    run = watched(tmp_path, Looks(*answers), environment, *newest)
    assert environment.done == []
    assert all(mark.kind != ABORT for mark in run.document.counts.marks)


def test_a_run_that_cannot_be_judged_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each problem is said once; the run is judged when it ends."""
    environment = Locust()
    watched(tmp_path, Looks("no memory!", "no memory!", "", "no file!", "too bad"), environment)
    assert environment.done == ["quit"]
    said = capsys.readouterr().err
    assert (said.count("no memory!"), said.count("no file!")) == (1, 1)


def test_a_long_reason(tmp_path: Path) -> None:
    """It fits into the schema."""
    run = watched(tmp_path, Looks("bad " * 5000), Locust())
    assert len(run.document.counts.marks[0].reason) == 1000
