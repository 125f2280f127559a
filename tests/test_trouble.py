"""What the system refuses in the middle of a command: one message, exit code 2, nothing lost."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from conftest import WriteRun

from loadgate import outputs
from loadgate.cli import check, run, streams
from loadgate.collect import mapping
from loadgate.decide import TrueLog
from loadgate.errors import ResultError
from loadgate.read import tables

Captured = pytest.CaptureFixture[str]


class _Broken(io.StringIO):
    """A stream that nobody reads."""

    def flush(self) -> None:
        raise BrokenPipeError


@pytest.mark.parametrize(
    ("raised", "message"),
    [
        pytest.param(MemoryError(), "not enough memory", id="memory"),
        pytest.param(OSError(24, "Too many open files"), "refuses: Too many open", id="files"),
        pytest.param(OSError(5, "Input/output error", "x.csv"), "x.csv: the system", id="named"),
        pytest.param(BrokenPipeError(32, "Broken pipe"), "", id="pipe"),
        pytest.param(SystemExit(1), "a process that it needs went away", id="exit-of-click"),
    ],
)
def test_trouble_is_no_bug(
    raised: BaseException,
    message: str,
    write_run: WriteRun,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Captured,
) -> None:
    """Nor a pass, as it is where click has the last word on a pipe that broke."""

    def refuse(*_: object, **__: object) -> None:
        raise raised

    stats = str(write_run())
    monkeypatch.setattr(check, "judge", refuse)
    monkeypatch.setattr(streams, "forget", lambda _: None)
    with monkeypatch.context() as patched:  # click puts wrappers of its own there
        patched.setattr(sys, "stdout", sys.stdout)
        patched.setattr(sys, "stderr", sys.stderr)
        assert run(["check", stats]) == 2
    assert message in capsys.readouterr().err


def test_errors_that_nobody_reads(write_run: WriteRun, monkeypatch: pytest.MonkeyPatch) -> None:
    """The exit code says it alone; where the stream is closed, too."""
    stats = str(write_run())
    for stream in (_Broken(), None):
        with monkeypatch.context() as patched:
            patched.setattr(sys, "stderr", stream)
            assert run(["check", "nowhere"]) == 2
            assert run(["check", "--nope"]) == 2
        with monkeypatch.context() as patched:
            patched.setattr(sys, "stdout", stream)
            assert run(["check", stats]) == (2 if stream is None else 0)
    streams.forget(None)

    def broken(_error: click.ClickException) -> None:
        raise BrokenPipeError

    monkeypatch.setattr(click.UsageError, "show", broken)
    monkeypatch.setattr(streams, "forget", lambda _: None)
    assert run(["check", "--nope"]) == 2


def test_one_output_needs_too_much(
    write_run: WriteRun, monkeypatch: pytest.MonkeyPatch, capsys: Captured, tmp_path: Path
) -> None:
    """The others are written."""
    monkeypatch.chdir(tmp_path)
    from loadgate.render import render

    def hungry(verdict: object, form: str) -> str:
        if form == "json":
            raise MemoryError
        return render(verdict, form)  # type: ignore[arg-type] # handed on as it came

    monkeypatch.setattr(outputs, "render", hungry)
    arguments = ["check", str(write_run()), "--output", "json:v.json", "--output", "junit:v.xml"]
    assert run(arguments) == 2
    assert "--output json: there is not enough memory" in capsys.readouterr().err
    assert Path("v.xml").exists()
    assert not Path("v.json").exists()


def test_failures_that_are_gone_leave_no_statistics(
    write_run: WriteRun, monkeypatch: pytest.MonkeyPatch, capsys: Captured, tmp_path: Path
) -> None:
    """The csv output reads them anew; statistics without them would be a run that never was."""
    monkeypatch.chdir(tmp_path)

    def replaced(_log: object, _damage: list[str]) -> Iterator[Any]:
        yield ("POST", "/a", "boom", 1), ()
        raise ResultError("run_failures.csv", "was replaced while it was read")

    monkeypatch.setattr(TrueLog, "full_rows", replaced)
    assert run(["check", str(write_run()), "--output", "csv:out", "--output", "junit:v.xml"]) == 2
    assert "loadgate: run_failures.csv: was replaced while it was read" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "run_failures.csv",
        "run_stats.csv",
        "v.xml",
    ]


def test_a_label_makes_two_targets_one(
    write_run: WriteRun, monkeypatch: pytest.MonkeyPatch, capsys: Captured, tmp_path: Path
) -> None:
    """Which is known only when the run is; a result of Locust is no target at all."""
    monkeypatch.chdir(tmp_path)
    stats = str(write_run())
    command = ["check", stats, "--output", "json:run.json", "--output", "junit:{label}.json"]
    assert run(command) == 2
    assert "is another output, too" in capsys.readouterr().err
    assert json.loads(Path("run.json").read_text())["outcome"] == "passed"
    other = write_run(prefix="other")
    assert run(["check", stats, "--output", f"json:{other}"]) == 2
    assert "is a result of Locust" in capsys.readouterr().err


def test_no_process_starts_in_a_deleted_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then this one does what there is to do."""

    def gone() -> str:
        raise FileNotFoundError

    monkeypatch.setattr(os, "getcwd", gone)
    assert not mapping._has_place()  # noqa: SLF001 - what decides it


def test_a_line_without_end(write_run: WriteRun, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines of a large file are read one by one, and a monster is refused."""
    stats = write_run([(m, f"/{n}", 1, 0) for n in range(200) for m in ("GET", "POST")], [])
    monkeypatch.setattr(tables, "LONGEST_CELL", 1000)
    assert run(["check", str(stats)]) == 0
    with stats.open("a") as file:
        file.write("x" * 5000)
    assert run(["check", str(stats)]) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="there are no named pipes in its folders")
def test_lint_waits_for_no_pipe(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured, tmp_path: Path
) -> None:
    """Of which it would show the lines."""
    monkeypatch.chdir(tmp_path)
    os.mkfifo("rules.toml")
    assert run(["rules", "lint", "rules.toml"]) == 2
    assert "is not a regular file" in capsys.readouterr().out
