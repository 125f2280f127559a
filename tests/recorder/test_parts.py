"""The recorder piece by piece: requests of any shape, parts in any order, files in any state."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from loadgate.cli import cli
from loadgate.errors import OutputError
from loadgate.recorder import verdict, workers
from loadgate.recorder.collector import Collector
from loadgate.recorder.file import RecordingFile
from loadgate.recorder.options import Options, options_of
from loadgate.recorder.run import Run
from loadgate.recorder.workers import Ledger, Outbox
from loadgate.recording import counts as bounds
from loadgate.recording.counts import Counts, Key
from loadgate.recording.histogram import Cell
from loadgate.recording.journal import assemble, lines, part_from_json, part_to_json


def response(status: object) -> object:
    """Return a response whose truth is that of requests'."""
    return SimpleNamespace(status_code=status)


class Odd:
    """What raises whatever is asked of it."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(name)

    def __str__(self) -> str:
        raise RuntimeError


class OddError(Exception):
    """What raises whatever is asked of it, as an exception."""

    def code(self, other: object) -> object:
        """Want more than gRPC's does."""
        raise NotImplementedError

    def __repr__(self) -> str:
        raise RuntimeError


class HttpError(Exception):
    """As requests and httpx raise it."""

    def __init__(self, status: int) -> None:
        """Take the response's status."""
        super().__init__("refused")
        self.response = response(status)


class Rpc(Exception):  # noqa: N818 - as gRPC names it
    """An error as gRPC has it."""

    def __init__(self, name: object) -> None:
        """Take the name of its status."""
        super().__init__("rpc")
        self.code = lambda: SimpleNamespace(name=name)


def one(**event: Any) -> tuple[Key, Counts]:
    """Return how a single request is counted."""
    recording = Collector()
    recording.request(**event)
    part = recording.take(final=False)
    assert part is not None
    ((_, key),) = part.counts.cells
    return key, part.counts


@pytest.mark.parametrize(
    ("event", "status", "exception", "failed"),
    [
        ({"response": response(409)}, 409, None, False),
        ({"response": response(409), "exception": "text"}, 409, None, True),
        ({"response": response(HTTPStatus.OK)}, 200, None, False),
        ({"response": response(0), "exception": ValueError()}, None, "ValueError", True),
        ({"response": response("409")}, None, None, False),
        ({"response": response(None)}, None, None, False),
        ({"response": object()}, None, None, False),
        ({"exception": Rpc("ABORTED")}, "grpc:ABORTED", "Rpc", True),
        ({"exception": Rpc("a b")}, None, "Rpc", True),
        ({"exception": Rpc(7)}, None, "Rpc", True),
        ({"exception": HttpError(409)}, 409, "HttpError", True),
        ({"exception": HttpError(409), "response": response(0)}, None, "HttpError", True),
        ({"exception": OddError()}, None, "OddError", True),
        ({"response": Odd()}, None, None, False),
        ({"exception": ""}, None, None, False),
        ({}, None, None, False),
    ],
)
def test_status(event: dict[str, Any], status: object, exception: str | None, failed: bool) -> None:
    """It is the response's own, or gRPC's, or unknown."""
    key, _ = one(request_type="GET", name="/", **event)
    assert key == Key("GET", "/", status, exception, failed)  # type: ignore[arg-type] # any


@pytest.mark.parametrize(
    ("milliseconds", "micros"),
    [(1, 1000), (0, 0), (0.0004, 0), (12.3456, 12346), (None, None), ("5", None), (-1, None),
     (float("nan"), None), (float("inf"), None), (1e300, None)],
)  # fmt: skip
def test_response_times(milliseconds: object, micros: int | None) -> None:
    """They are rounded to microseconds; what is none is counted as untimed."""
    _, counts = one(response_time=milliseconds)
    (cell,) = counts.cells.values()
    assert (cell.untimed, cell.least) == (int(micros is None), micros)


def test_names_of_any_kind() -> None:
    """A name that is no text is what it looks like."""
    assert one(request_type=None, name=7)[0][:2] == ("", "7")
    assert one(request_type="GET", name=["a"])[0][:2] == ("GET", "['a']")


def test_nothing_raises() -> None:
    """An error of the recorder is counted, and the rest goes on."""
    recording = Collector()
    recording.request(name=Odd())
    recording.request(request_type=Odd())
    recording.request(exception=OddError())
    recording.user_error(exception=KeyError())
    recording.request()
    part = recording.take(final=True)
    assert part is not None
    assert (part.errors, part.error, part.recorded) == (2, "RuntimeError: ", 2)
    assert part.counts.texts == {(Key("", "", None, "OddError", True), None): 1}
    assert part.counts.task_errors == {"KeyError": 1}
    assert recording.take(final=True) is None


def test_a_task_error_that_cannot_be_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an error of the recorder."""
    monkeypatch.setattr(Counts, "count_task_error", lambda *_: 1 / 0)
    recording = Collector()
    recording.user_error(exception=KeyError())
    assert recording.errors == 1


def test_error_texts() -> None:
    """As Locust has them, without addresses and secrets; too long ones are counted without."""
    recording = Collector()
    for exception in (
        ValueError("GET http://u:p@h/a?token=x"), "same", "same", "x" * 2001, f"<X object at {0xABC:#x}>"
    ):  # fmt: skip
        recording.request(exception=exception)
    part = recording.take(final=False)
    assert part is not None
    assert {text: n for (_, text), n in part.counts.texts.items()} == {
        "ValueError('GET http://***@h/a?***')": 1, "same": 2, None: 1, "<X object at 0x....>": 1
    }  # fmt: skip


def test_a_second_with_very_many_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cells that are merged while they are filled lose nothing."""
    monkeypatch.setattr(bounds, "MOST_CELLS", 3)
    recording = Collector()
    now = iter(range(1000))
    monkeypatch.setattr("time.monotonic", lambda: next(now) // 4)
    for number in range(40):
        recording.request(name=f"/{number % 2}")
    part = recording.take(final=True)
    assert part is not None
    assert part.counts.requests == part.recorded == 40


def test_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each request counts in the second in which it ended; a clock that is set moves none."""
    wall, monotonic = iter([1000.25, 5.0]), iter([0.25, 0.5, 0.875, 1.0, 3.5])
    monkeypatch.setattr("time.time", lambda: next(wall))
    monkeypatch.setattr("time.monotonic", lambda: next(monotonic))
    recording = Collector()
    for _ in range(4):
        recording.request(request_type="GET", name="/", response_time=5)
    part = recording.take(final=True)
    assert part is not None
    counts = {second: cell.count for (second, _), cell in part.counts.cells.items()}
    assert counts == {1000: 2, 1001: 1, 1003: 1}


@pytest.mark.parametrize(("owner", "name"), [(Cell, "record"), (Counts, "cell")])
def test_ctrl_c_while_requests_are_counted(
    monkeypatch: pytest.MonkeyPatch, owner: type, name: str
) -> None:
    """What was at hand is counted later, once; the recording does not contradict itself."""
    recording = Collector()
    for path in "abcab":
        recording.request(request_type="GET", name=path, response_time=5, exception="text")
    goes_on, calls = getattr(owner, name), iter(range(9))

    def interrupted(*words: Any) -> Any:
        if next(calls) == 1:
            raise KeyboardInterrupt
        return goes_on(*words)

    with monkeypatch.context() as patch:
        patch.setattr(owner, name, interrupted)
        with pytest.raises(KeyboardInterrupt):
            recording.take(final=True)
    part = recording.take(final=True)
    assert part is not None
    again = part_from_json(json.loads(json.dumps(part_to_json(part))))
    assert again.counts.requests == again.recorded == 5


# --- on the way to the master ---------------------------------------------------------------------


@given(
    st.lists(st.sampled_from(["request", "report", "lost", "ack lost", "other run"])), st.booleans()
)
def test_lost_and_doubled_reports(happens: list[str], told: bool) -> None:
    """Whatever is lost on the way, each request is counted once."""
    recording, outbox, ledger = Collector(), Outbox(), Ledger("run")
    recording.begin("run" if told else None, "w")
    arrived = 0
    for what in [*happens, "report"]:
        if what == "request":
            recording.request()
            continue
        sent = outbox.put(recording.take(final=what == "report"))
        if what == "other run":
            assert told == (not Ledger("other").receive("w", sent)) or not sent
        elif what != "lost":
            arrived += sum(part.counts.requests for part, _ in ledger.receive("w", sent))
            if what == "report":
                outbox.acknowledged(ledger.received("w")[1])
    worker = ledger.workers["w"]
    assert arrived == worker.arrived == worker.recorded == happens.count("request")
    assert (worker.missing, worker.finished) == (0, True)
    assert ledger.awaited() == []


def test_a_worker_that_reports_before_it_begins() -> None:
    """The numbers of its parts begin anew with the run: none is taken for one that arrived."""
    recording, outbox, ledger = Collector(), Outbox(), Ledger("run")
    ledger.receive("w", outbox.put(recording.take(final=True)))
    assert ledger.workers["w"].finished
    recording.begin("run", "w")
    recording.request()
    ledger.receive("w", Outbox().put(recording.take(final=False)))
    worker = ledger.workers["w"]
    assert (worker.arrived, worker.recorded, worker.finished) == (1, 1, False)
    assert ledger.received("w") == ("run", 1)


def test_a_gap_is_told() -> None:
    """A part that the master never got although it acknowledged it."""
    recording, outbox, ledger = Collector(), Outbox(), Ledger("run")
    recording.begin("run", "w")
    for _ in range(2):
        recording.request()
        sent = outbox.put(recording.take(final=True))
        outbox.acknowledged(1)
    ledger.receive("w", sent)
    worker = ledger.workers["w"]
    assert (worker.missing, worker.arrived, worker.recorded) == (1, 1, 2)


def test_a_master_that_never_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits for it is bounded; if it comes back it sees the gap."""
    monkeypatch.setattr(workers, "MOST_WAITING", 3)
    recording, outbox, ledger = Collector(), Outbox(), Ledger("run")
    recording.begin("run", "w")
    for number in range(1, 10):
        recording.request()
        sent = outbox.put(recording.take(final=False))
        assert len(sent) == min(number, 3)
    ledger.receive("w", sent)
    assert ledger.workers["w"].missing == 6


def test_whom_to_wait_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not for those that say nothing, nor for those that report to Locust only."""
    ledger = Ledger("run")
    ledger.expect("alive")
    ledger.silent("plain")
    assert ledger.awaited() == ["alive"]
    monkeypatch.setattr(workers, "SILENCE", -1)
    assert ledger.awaited() == []
    recording = Collector()
    recording.begin("run", "alive")
    recording.request()
    ledger.receive("alive", Outbox().put(recording.take(final=False)))
    ledger.silent("alive")
    assert not ledger.workers["alive"].silent


# --- the file -------------------------------------------------------------------------------------


def run_in(folder: Path) -> Run:
    """Return a run with some requests that is on."""
    run = Run(RecordingFile(str(folder / "new" / "run.gz")), "2.47.0", started=True)
    recording = Collector()
    recording.begin(run.id, "local")
    recording.request()
    run.receive("local", Outbox().put(recording.take(final=True)))
    return run


def test_a_run_in_its_file(tmp_path: Path) -> None:
    """First it is on, then finished; a further run takes its place."""
    run = run_in(tmp_path)
    path = tmp_path / "new" / "run.gz"
    document = assemble(lines(path.read_bytes()))
    assert (document.state, document.counts.requests) == ("running", 1)
    run.users(3)
    run.users(3)
    for _ in range(2):
        run.finish(None)
        document = assemble(lines(path.read_bytes()))
        assert (document.state, document.counts.requests) == ("finished", 1)
    assert list(document.counts.users.values()) == [3]
    run_in(tmp_path)
    assert assemble(lines(path.read_bytes())).state == "running"
    assert os.listdir(tmp_path / "new") == ["run.gz"]  # noqa: PTH208 - names


def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run goes on, is no evidence, and what was written stays."""
    run = run_in(tmp_path)

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    recording = Collector()
    recording.begin(run.id, "other")
    recording.request()
    monkeypatch.setattr(os, "write", full)
    run.receive("other", Outbox().put(recording.take(final=True)))
    run.fail("again")
    run.fail("again")
    with pytest.raises(OSError, match="No space"):
        run.finish(None)
    monkeypatch.undo()
    assert not run.written
    assert run.document.errors == ["OSError: [Errno 28] No space left on device", "again"]
    document = assemble(lines((tmp_path / "new" / "run.gz").read_bytes()))
    assert (document.state, document.counts.requests) == ("running", 1)
    assert os.listdir(tmp_path / "new") == ["run.gz"]  # noqa: PTH208 - names


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    """The message names it as the user did."""
    (tmp_path / "file").write_text("")
    path = str(tmp_path / "file" / "run.gz")
    with pytest.raises(OutputError) as error:
        RecordingFile(path).start({})
    assert str(error.value).startswith(f"{path}: ")


@pytest.mark.parametrize(
    "content", [b"", b"text", b"\x1f\x8b\x08\0\0\0\0\0\0\xff", b"\x1f\x8bno gzip", None]
)
def test_what_may_be_replaced(tmp_path: Path, content: bytes | None) -> None:
    """An empty file; nothing else that is no recording, nor a folder."""
    path = tmp_path / "run.gz"
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
    file = RecordingFile(str(path))
    if content == b"":
        file.start({})
        file.close()
        file.append(b"x")
        file.close()
    else:
        with pytest.raises(OutputError, match=r"run\.gz: "):
            file.start({})


@pytest.mark.skipif(os.name != "posix", reason="pipes and links with names")
def test_what_is_no_file_is_never_replaced(tmp_path: Path) -> None:
    """A pipe, which stands for devices, too: /dev/null has to stay; not behind a link either."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")
    for name in ("pipe", "link"):
        with pytest.raises(OutputError, match=f"{name}: not a file"):
            RecordingFile(str(tmp_path / name)).start({})
    assert (tmp_path / "pipe").is_fifo()
    assert (tmp_path / "link").is_symlink()


@pytest.mark.skipif(os.name != "posix", reason="links")
def test_a_link_stays(tmp_path: Path) -> None:
    """The file that it names is written, be it there or not."""
    (tmp_path / "run.gz").symlink_to("there/run.gz")
    for _ in range(2):
        file = RecordingFile(str(tmp_path / "run.gz"))
        file.start({"format": "loadgate.recording"})
        file.close()
    assert (tmp_path / "run.gz").is_symlink()
    assert (tmp_path / "there" / "run.gz").stat().st_size > 0


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    """It may be another run's by now."""
    run = run_in(tmp_path)
    (tmp_path / "new" / "run.gz").unlink()
    with pytest.raises(FileExistsError, match="another run"):
        run.finish(None)


# --- the command ----------------------------------------------------------------------------------


def test_options() -> None:
    """As Locust parsed them, or none."""
    assert options_of(None) == Options()
    parsed = argparse.Namespace(
        csv_prefix="x/run",
        locustfile="a/locustfile.py, b",
        loadgate_file=None,
        loadgate_rules="r.toml",
        loadgate_threshold=["p95 <= 1s"],
        loadgate_output=["json:a.json"],
        loadgate_baseline=["b", "c"],
        loadgate_baseline_optional=True,
        loadgate_history=["h", ""],
        loadgate_history_optional=True,
        loadgate_warning_exit_code="42",
    )
    assert options_of(parsed) == Options(
        file="x/run.loadgate.json.gz",
        rules="r.toml",
        locustfiles=("a/locustfile.py", "b"),
        thresholds=("p95 <= 1s",),
        outputs=("json:a.json",),
        baseline=("b", "c"),
        baseline_optional=True,
        history=("h",),
        history_optional=True,
        warning_exit_code="42",
    )
    empty = argparse.Namespace(
        loadgate_file="",
        loadgate_rules="",
        loadgate_threshold=[""],
        loadgate_warning_exit_code="",
    )
    assert options_of(empty) == Options()


@pytest.mark.parametrize(
    ("asked_for", "ended", "code"),
    [("", 0, 0), ("", 1, 1), ("", -9, 2), ("", 42, 2), ("42", 42, 42), ("42", 43, 2), ("42", 0, 0)],
)
def test_the_verdict(
    monkeypatch: pytest.MonkeyPatch, asked_for: str, ended: int, code: int
) -> None:
    """It is that of `loadgate check`; one that was killed judged nothing."""
    asked: list[list[str]] = []

    def run(command: list[str], **_: object) -> SimpleNamespace:
        asked.append(command)
        return SimpleNamespace(returncode=ended, stdout="text")

    monkeypatch.setattr(subprocess, "run", run)
    options = Options(file="f", rules="r", thresholds=("a", "b"), warning_exit_code=asked_for)
    found = verdict.judge(options, "folder")
    assert (found.code, found.text) == (code, "text")
    words = ["check", "f", "--rules", "r", "--threshold", "a", "--threshold", "b"]
    assert asked[0][4:12] == words
    assert asked[0][12:] == (["--warning-exit-code", asked_for] if asked_for else [])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (Options(outputs=("junit:a", "json:b")), "--output text --output junit:a --output json:b"),
        (Options(outputs=("markdown:a", "text")), "--output text --output markdown:a"),
        (Options(baseline=("a", "b")), "--baseline a --baseline b"),
        (Options(baseline=("a",), baseline_optional=True), "--baseline a --baseline-optional"),
        (Options(history=("a",), history_optional=True), "--history a --history-optional"),
    ],
)
def test_what_check_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, options: Options, words: str
) -> None:
    """The text is always printed, once."""
    asked: list[str] = []

    def run(command: list[str], **_: object) -> SimpleNamespace:
        asked.extend(command)
        return SimpleNamespace(returncode=0, stdout="")

    monkeypatch.setattr(subprocess, "run", run)
    verdict.judge(options, "folder")
    assert asked[4:] == ["check", "loadgate-run.loadgate.json.gz", *words.split()]


@pytest.mark.parametrize(("terminal", "columns"), [(True, "123"), (False, None)])
def test_the_verdict_fits_the_terminal(
    monkeypatch: pytest.MonkeyPatch, terminal: bool, columns: str | None
) -> None:
    """Although it comes through a pipe."""
    told: list[str | None] = []

    def run(*_: object, env: dict[str, str], **__: object) -> SimpleNamespace:
        told.append(env.get("COLUMNS"))
        return SimpleNamespace(returncode=0, stdout="")

    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(shutil, "get_terminal_size", lambda **_: os.terminal_size((123, 45)))
    monkeypatch.setattr(sys, "stdout", SimpleNamespace(isatty=lambda: terminal))
    verdict.judge(Options(), "folder")
    assert told == [columns]


def test_a_verdict_that_cannot_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that nobody could judge has not passed."""

    def run(*_: object, **__: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(subprocess, "run", run)
    found = verdict.judge(Options(file="f"), "folder")
    assert found.code == 2
    assert "loadgate check f" in found.text
    document = verdict.result_of(Options(file="f"), "folder", partial=False)
    assert document == ("", "cannot judge the run: [Errno 11] Resource temporarily unavailable")


@pytest.mark.parametrize(
    ("code", "stderr", "told"),
    [
        (0, "a hint", ("{}", "")),
        (1, "a hint", ("{}", "")),
        (3, "", ("{}", "")),
        (2, "not finished\n", ("", "not finished")),
        (70, "a bug", ("", "a bug")),
        (-9, "", ("", "loadgate check ended with -9")),
    ],
)
@pytest.mark.parametrize("partial", [True, False])
def test_the_document_of_a_verdict(
    monkeypatch: pytest.MonkeyPatch, code: int, stderr: str, told: tuple[str, str], partial: bool
) -> None:
    """It is that of `loadgate check`; without one, why."""
    asked: list[list[str]] = []

    def run(command: list[str], **_: object) -> SimpleNamespace:
        asked.append(command)
        return SimpleNamespace(returncode=code, stdout="{}", stderr=stderr)

    monkeypatch.setattr(subprocess, "run", run)
    assert verdict.result_of(Options(file="f", rules="r"), "folder", partial=partial) == told
    more = ["--allow-partial"] if partial else []
    assert asked[0][4:] == ["check", "f", "--rules", "r", "--output", "json", *more]


@pytest.mark.parametrize("system", ["posix", "nt"])
def test_the_command_is_locust(monkeypatch: pytest.MonkeyPatch, system: str) -> None:
    """With whatever words, in a process of its own."""
    ran: list[Any] = []

    def instead(*words: Any) -> int:
        ran.append(words[-1])
        return 7

    monkeypatch.setattr(os, "execv", instead)
    monkeypatch.setattr(subprocess, "call", instead)
    monkeypatch.setattr("loadgate.cli.run_locust.os", SimpleNamespace(name=system, execv=instead))
    done = CliRunner().invoke(cli, ["locust", "-f", "x", "--help"], standalone_mode=False)
    assert done.return_value == 7
    assert ran == [[sys.executable, "-P", "-m", "loadgate.recorder", "-f", "x", "--help"]]


def test_without_locust(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what to install."""
    find: Callable[[str], None] = lambda _: None  # noqa: E731 - its type is what matters
    monkeypatch.setattr("importlib.util.find_spec", find)
    done = CliRunner().invoke(cli, ["locust"], standalone_mode=False)
    assert "pip install locust" in str(done.exception)
