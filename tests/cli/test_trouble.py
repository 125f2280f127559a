"""What the system refuses in the middle of a command: one message, exit code 2, nothing lost."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import WriteRun

from loadgate.cli import console as streams
from loadgate.cli import outputs, run
from loadgate.errors import ResultError
from loadgate.judging import runs as judged
from loadgate.read import tables
from loadgate.render.terminal import UNWRAPPED
from loadgate.runs import executors as mapping
from loadgate.tally import TrueLog

Captured = pytest.CaptureFixture[str]


class _Broken(io.StringIO):
    """A stream that nobody reads."""

    def flush(self) -> None:
        raise BrokenPipeError


@pytest.mark.parametrize(
    ("raised", "message"),
    [
        pytest.param(MemoryError(), "out of memory", id="memory"),
        pytest.param(ImportError("no x"), "cannot import a library: no x", id="library"),
        pytest.param(OSError(24, "Too many open files"), "Too many open", id="files"),
        pytest.param(OSError(5, "Input/output error", "x.csv"), "x.csv: Input", id="named"),
        pytest.param(BrokenPipeError(32, "Broken pipe"), "", id="pipe"),
        pytest.param(SystemExit(1), "a worker process ended unexpectedly", id="exit-of-click"),
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
    monkeypatch.setattr(judged, "read_classified", refuse)
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
    assert "not enough memory" in capsys.readouterr().err
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
    assert "loadgate: run_failures.csv: was replaced" in capsys.readouterr().err
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
    assert "is the path of another output" in capsys.readouterr().err
    assert json.loads(Path("run.json").read_text())["outcome"] == "passed"
    other = write_run(prefix="other")
    assert run(["check", stats, "--output", f"json:{other}"]) == 2
    assert "loadgate did not write it" in capsys.readouterr().err


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


class _Terminal(io.StringIO):
    """A terminal, or none, that may not say how wide it is."""

    def __init__(self, *, terminal: bool = True) -> None:
        super().__init__()
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal

    def fileno(self) -> int:
        return 99


@pytest.mark.parametrize(
    ("told", "stdout", "wide", "columns"),
    [
        pytest.param("200", _Terminal(terminal=False), 120, 200, id="told"),
        pytest.param("40", _Terminal(), 120, 80, id="narrow"),
        pytest.param("9" * 5000, _Terminal(), 120, UNWRAPPED, id="beyond"),
        pytest.param("0", _Terminal(), 120, 120, id="zero"),
        pytest.param("wide", _Terminal(), 200, 200, id="no-number"),
        pytest.param("", _Terminal(), 0, 80, id="no-size"),
        pytest.param("", _Terminal(), None, 80, id="no-terminal-any-more"),
        pytest.param("", _Terminal(terminal=False), 120, UNWRAPPED, id="pipe"),
        pytest.param("", None, 120, UNWRAPPED, id="closed"),
    ],
)
def test_the_room_that_there_is(
    told: str,
    stdout: io.StringIO | None,
    wide: int | None,
    columns: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """COLUMNS, else the terminal, 80 at least; a pipe has no width."""

    def size(_descriptor: int) -> os.terminal_size:
        if wide is None:
            raise OSError
        return os.terminal_size((wide, 24))

    monkeypatch.setenv("COLUMNS", told)
    monkeypatch.setattr(os, "get_terminal_size", size)
    for name, of_errors in (("stdout", False), ("stderr", True)):
        with monkeypatch.context() as patch:
            patch.setattr(sys, name, stdout)
            assert streams.columns(of_errors=of_errors) == columns


def test_what_goes_to_a_pipe_is_not_wrapped(
    write_run: WriteRun, monkeypatch: pytest.MonkeyPatch, capsys: Captured, tmp_path: Path
) -> None:
    """Of every command, and what goes to a file neither."""
    monkeypatch.delenv("COLUMNS")
    monkeypatch.chdir(tmp_path)
    name = "/segment" * 250  # as long as a recording keeps it
    stats = str(write_run([("POST", name, 10, 5)], [("POST", name, f"boom {'word ' * 30}end", 5)]))
    why = "It is " + "right because of this " * 8 + "here."
    Path("loadgate.toml").write_text(
        f'version = 1\n[[rules]]\nid = "a"\nendpoint = "/a"\nstatus = 409\nwhy = "{why}"\n'
        f'[[examples]]\nendpoint = "POST {name[:960]}"\nerror = "HTTP 409"\nexpect = "expected"\n'
    )
    for arguments, whole in (
        (["check", stats, "--output", "text", "--output", "text:out.txt"], f"POST {name}\n"),
        (["explain", stats], f"TRUE        5 failures of POST {name}\n"),
        (["rules", "test", "loadgate.toml"], f"examples[1] POST {name[:960]}\n"),
        (["compare", stats, stats], f"POST {name}\n"),
    ):
        assert run(arguments) in {0, 1}
        assert whole in capsys.readouterr().out
    assert f"POST {name}\n" in Path("out.txt").read_text("utf-8")
    run(["rules", "lint", "loadgate.toml", "--run", stats])
    assert max(map(len, capsys.readouterr().out.splitlines())) > 80


def test_what_a_lesson_says_in_a_pipe_is_not_wrapped(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured, tmp_path: Path
) -> None:
    """It goes to standard error, whose width it has: that of COLUMNS, of a terminal, or none."""
    monkeypatch.delenv("COLUMNS")
    monkeypatch.chdir(tmp_path)
    Path("locustfile.py").write_text(
        "def task(self):\n"
        "    with self.client.get('/a', catch_response=True) as response:\n"
        "        if response.status_code in (200, 404):\n"
        "            response.success()\n"
    )
    remedy = "let a rule excuse what is expected: loadgate counts it, and can limit it with at_most"
    assert run(["rules", "teach", "locustfile.py"]) in {0, 1}
    assert remedy in capsys.readouterr().err
    monkeypatch.setenv("COLUMNS", "80")
    assert run(["rules", "teach", "locustfile.py"]) in {0, 1}
    wrapped = capsys.readouterr().err
    assert remedy not in wrapped
    assert remedy in " ".join(wrapped.split())
    assert max(map(len, wrapped.splitlines())) <= 80


def test_a_folder_that_takes_no_file(
    write_run: WriteRun, monkeypatch: pytest.MonkeyPatch, capsys: Captured, tmp_path: Path
) -> None:
    """Then there is nothing to put away."""
    monkeypatch.chdir(tmp_path)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "touch", refuse)
    assert run(["check", str(write_run()), "--output", "json:v.json"]) == 2
    assert "v.json: cannot be written: Permission denied" in capsys.readouterr().err
