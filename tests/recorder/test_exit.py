"""The exit code of Locust: the gate's, whoever else sets one or ends the process."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import locust.log
import pytest

from loadgate.recorder.exit import Exit
from loadgate.recorder.verdict import Judgement

from .runs import Recorded, counting_server

PASSED = Judgement(code=0, text="passed\n")
FAILED = Judgement(code=1, text="failed\n")
WARNED = Judgement(code=42, text="passed\n")
BUG = Judgement(code=70, text="a bug\n")
LOCUSTFILE = """
import loadgate.recorder
import sys
import gevent
from locust import HttpUser, events, task

class User(HttpUser):
    @task
    def ask(self):
        self.client.get("/s/500")
        {task}
        gevent.sleep(60)

@events.test_start.add_listener
def start(environment, **_):
    def end():
        while not environment.stats.total.num_requests:
            gevent.sleep(0.05)
        environment.runner.quit()
    gevent.spawn(end)

@events.{event}.add_listener
def other(environment=None, **_):
    {listener}
"""


def ended(folder: Path, module: str, *words: str, **parts: str) -> tuple[int, str]:
    """Return how a run of one request that fails ends, and what it printed."""
    parts = {"task": "pass", "event": "init", "listener": "pass"} | parts
    (folder / "own.py").write_text(LOCUSTFILE.format(**parts))
    with counting_server() as server:
        run = Recorded(folder, server.url, locustfile=folder / "own.py")
        run.start("--headless", *words, module=module)
        code = run.wait()
    return code, run.log.read_text("utf-8")


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        pytest.param({"event": "init", "listener": "sys.exit(0)"}, 2, id="init"),
        pytest.param(
            {"event": "test_stop", "listener": "sys.exit(0)"},
            2,
            id="test_stop",
            marks=pytest.mark.prove,
        ),
        pytest.param(
            {"event": "quitting", "listener": "sys.exit(0)"},
            2,
            id="quitting",
            marks=pytest.mark.prove,
        ),
        pytest.param({"event": "quit", "listener": "sys.exit(0)"}, 1, id="quit"),
        pytest.param({"task": "sys.exit(0)"}, 2, id="task"),
    ],
)
@pytest.mark.parametrize(
    "module", ["loadgate.recorder", pytest.param("locust", marks=pytest.mark.prove)]
)
def test_a_locustfile_that_exits(
    tmp_path: Path, module: str, parts: dict[str, str], code: int
) -> None:
    """With 0, wherever: the gate's code if there is a verdict, else 2; also in plain Locust."""
    found, log = ended(tmp_path, module, **parts)
    assert found == code, log
    assert ("FAILED" if code == 1 else "before there was a verdict") in log


@pytest.mark.parametrize("words", [["--json-file=own.py/x"], ["--html=own.py/x"]])
@pytest.mark.parametrize(
    "module", ["locust", pytest.param("loadgate.recorder", marks=pytest.mark.prove)]
)
def test_a_file_that_locust_cannot_write(tmp_path: Path, module: str, words: list[str]) -> None:
    """An exception of Locust's own ends with 2, before the verdict and after it."""
    code, log = ended(tmp_path, module, *words)
    assert code == 2, log
    assert "Traceback" in log


def test_a_listener_with_a_code_of_its_own(tmp_path: Path) -> None:
    """The gate's wins, and that is said."""
    code, log = ended(
        tmp_path, "locust", event="quitting", listener="environment.process_exit_code = 7"
    )
    assert code == 1
    assert "the exit code is the gate's, 1; a listener had set 7" in log
    assert log.index("Response time percentiles") < log.index("FAILED")


# --- the parts ------------------------------------------------------------------------------------


def judged(judgement: Judgement | None, other: int | None = None) -> tuple[Exit, Any]:
    """Return an exit of a run that was to be judged, and its environment."""
    environment = SimpleNamespace(process_exit_code=other)
    found = Exit()
    found.owe()
    if judgement is not None:
        found.judged(environment, judgement, other)
    return found, environment


@pytest.mark.parametrize(
    ("judgement", "ended_with", "code"),
    [
        pytest.param(PASSED, 0, 0, id="passed"),
        pytest.param(FAILED, 1, 1, id="failed"),
        pytest.param(WARNED, 42, 42, id="passed with warnings"),
        pytest.param(WARNED, 2, 2, id="an exception after warnings"),
        pytest.param(FAILED, 0, 1, id="another listener exits"),
        pytest.param(PASSED, 7, 0, id="another listener exits with its own"),
        pytest.param(PASSED, "text", 2, id="a text after the verdict"),
        pytest.param(PASSED, 2, 2, id="an exception after the verdict"),
        pytest.param(None, 0, 2, id="ended by somebody without a verdict"),
        pytest.param(None, -1, 2, id="no verdict"),
    ],
)
def test_a_run_that_was_to_be_judged(
    judgement: Judgement | None,
    ended_with: object,
    code: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It ends with the gate's code, or with 2; another code of Locust's is told."""
    found, _ = judged(judgement)
    assert found.final(ended_with, worker=False) == code
    said = f"the exit code is {code}; something had Locust end with {ended_with}"
    assert (said in capsys.readouterr().err) == (judgement is not None and ended_with != code)


@pytest.mark.parametrize(
    ("ended_with", "worker", "code"),
    [
        pytest.param(1, False, 2, id="no User class"),
        pytest.param("text", False, 2, id="a text"),
        pytest.param(0, False, 0, id="--help"),
        pytest.param(1, True, 1, id="a worker"),
        pytest.param("text", True, 2, id="a worker with a text"),
    ],
)
def test_nothing_was_to_be_judged(ended_with: object, worker: bool, code: int) -> None:
    """1 says that the gate failed, and nothing else; a worker has Locust's code."""
    assert Exit().final(ended_with, worker=worker) == code


def test_an_exception_that_nobody_handled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Locust's own 2 stays, and is told beside the verdict; a bug of ours counts more."""
    monkeypatch.setattr(locust.log, "unhandled_greenlet_exception", True)
    for judgement, code in ((PASSED, 2), (FAILED, 2), (WARNED, 2), (BUG, 70)):
        assert judged(judgement)[1].process_exit_code == code


def test_the_verdict_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    """However often Locust is told to end."""
    found, _ = judged(FAILED, other=0)
    found.tell(0)
    found.tell(1)
    told = capsys.readouterr()
    assert told.out == "\nfailed\n"
    assert told.err.splitlines() == [
        "loadgate: the exit code is the gate's, 1; a listener had set 0",
        "loadgate: the exit code is 0, not the gate's, which is 1",
    ]


class Gone(io.StringIO):
    """A stream that nobody reads."""

    encoding = "ascii"

    def flush(self) -> None:
        """Fail."""
        raise BrokenPipeError


@pytest.mark.parametrize("stream", [Gone(), None])
def test_nobody_reads_the_verdict(
    stream: io.StringIO | None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """That is said, and the code stays."""
    found, _ = judged(FAILED)
    monkeypatch.setattr(sys, "stdout", stream)
    assert found.final(1, worker=False) == 1
    assert "the verdict could not be printed" in capsys.readouterr().err


def test_a_stream_that_has_not_all_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    """The verdict is told with escapes."""
    written = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", written)
    judged(Judgement(code=0, text="prêt\n"))[0].tell(0)
    written.seek(0)
    assert written.read() == "\npr\\xeat\n"


@pytest.mark.parametrize(
    ("judgement", "crashed", "code"), [(None, False, 2), (FAILED, False, 1), (FAILED, True, 2)]
)
def test_python_ends_first(
    judgement: Judgement | None, crashed: bool, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The code then is set at the last moment; not where it was told, nor of another process."""
    ends: list[int] = []
    monkeypatch.setattr(os, "_exit", ends.append)
    monkeypatch.setattr("logging.shutdown", lambda: None)
    monkeypatch.delattr(sys, "last_value", raising=False)
    if crashed:
        monkeypatch.setattr(sys, "last_value", KeyError(), raising=False)
    found, _ = judged(judgement)
    found.at_exit()
    found.at_exit()
    Exit().at_exit()
    assert ends == [code]
