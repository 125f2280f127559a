"""Inputs that change while they are read, or are no files at all: a clear error, never a pass."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import WriteRun

from faults.processes import HEAVY, few, linux, loadgate, prove
from loadgate.cli import run

pytestmark = linux

BAD = [("GET", "/x", 1000, 500)], [("GET", "/x", "boom", 500)]


@pytest.fixture(autouse=True)
def _here(write_run: WriteRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_run(folder="ok")
    monkeypatch.chdir(tmp_path)


SPECIAL = [
    "pipe",
    "socket",
    "/dev/null",
    "/dev/zero",
    "loop",
    "missing",
    "x_stats.csv",
    "empty.csv",
]
COMMANDS = {
    "check": ["check", "{0}"],
    "report": ["report", "{0}"],
    "compare": ["compare", "ok", "{0}"],
    "explain": ["explain", "{0}"],
    "suggest": ["rules", "suggest", "{0}"],
    "lint-run": ["rules", "lint", "optimistic-locking", "{0}"],
    "rules": ["check", "ok", "--rules", "{0}"],
    "lint": ["rules", "lint", "{0}"],
    "test": ["rules", "test", "{0}"],
    "baseline": ["check", "ok", "--baseline", "{0}"],
}


@pytest.fixture
def _special() -> None:
    os.mkfifo("pipe")
    Path("loop").symlink_to("loop")
    Path("x_stats.csv").mkdir()
    Path("empty.csv").touch()
    with socket.socket(socket.AF_UNIX) as unix:
        unix.bind("socket")


@pytest.mark.usefixtures("_special")
def test_all_that_are_no_files() -> None:
    """One after the other, in one process: nothing waits for ever, and each is named."""
    ended = loadgate("check", *SPECIAL).sound()
    assert ended.code == 2
    for special in SPECIAL:
        assert f"{special}: " in ended.err, special


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("special", few(SPECIAL, {"pipe"}))
@pytest.mark.usefixtures("_special")
def test_what_is_no_file(command: str, special: str) -> None:
    """As anything that a command reads."""
    arguments = [argument.replace("{0}", special) for argument in COMMANDS[command]]
    ended = loadgate(*arguments).sound()
    assert ended.code == 2
    assert special in ended.err + ended.out


def test_one_that_cannot_be_read_does_not_hide_others(write_run: WriteRun) -> None:
    """The worst exit code wins: an error before a failure, and each verdict is given."""
    write_run(*BAD, folder="bad")
    command = ["check", "ok", "pipe", "bad", "--output", "json:{label}.json"]
    os.mkfifo("pipe")
    assert loadgate(*command).sound().code == 2
    outcomes = {
        name: json.loads(Path(f"{name}.json").read_text())["outcome"] for name in ("ok", "bad")
    }
    assert outcomes == {"ok": "passed", "bad": "failed"}


@pytest.mark.parametrize("command", ["check", "report", "compare"])
def test_folders_that_lead_in_circles(command: str, write_run: WriteRun) -> None:
    """Each folder is searched once."""
    write_run(folder="round")
    Path("round/self").symlink_to(".")
    Path("round/up").symlink_to("..")
    arguments = [command, *["round"] * (2 if command == "compare" else 1)]
    ended = loadgate(*arguments, "--output", "json").sound()
    assert ended.code == 0, ended.err


def _append(file: str) -> None:
    with Path(file).open("a", encoding="utf-8") as appended:
        appended.write("GET,/x,got 409,7\n")


def _replace(file: str) -> None:
    Path("other").write_text("nothing of Locust", "utf-8")
    Path("other").replace(file)


def _make_a_folder(file: str) -> None:
    Path(file).unlink()
    Path(file).mkdir()


WAYS: dict[str, Callable[[str], None]] = {
    "deleted": os.unlink,
    "cut": lambda file: os.truncate(file, Path(file).stat().st_size - 30),
    "emptied": lambda file: os.truncate(file, 0),
    "appended": _append,
    "replaced": _replace,
    "a-folder": _make_a_folder,
}


@pytest.mark.parametrize("changed", ["_stats.csv", "_failures.csv"])
@pytest.mark.parametrize("way", WAYS)
def test_a_file_changes_while_it_is_read(
    changed: str,
    way: str,
    write_run: WriteRun,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Before each time that it is opened: what should fail never passes, and no error is a bug.

    The run is one that fails by its true failures, of which the file that changes may tell less.
    """
    opened = open
    codes = []
    for at in range(1, 6):
        folder = tmp_path / str(at)
        stats = write_run(*BAD, folder=str(at))
        times = 0

        def open_changed(file: Any, *rest: Any, at: int = at, **more: Any) -> Any:
            nonlocal times
            if str(file).endswith(f"run{changed}"):
                times += 1
                if times == at:
                    WAYS[way](file)
            return opened(file, *rest, **more)

        monkeypatch.chdir(folder)
        with monkeypatch.context() as patched:
            patched.setattr("builtins.open", open_changed)
            code = run(["check", str(stats), "--output", "json"])
        assert code in {1, 2}, (at, capsys.readouterr())
        codes.append(code)
        if times < at:
            break
    assert times > 0
    assert 2 in codes


@prove
def test_results_that_are_rewritten_all_the_time(write_run: WriteRun) -> None:
    """A check beside a running test passes no run that fails in each of its states."""
    write_run(*BAD)
    states = []
    for failures in (500, 700):
        write_run([("GET", "/x", 1000, failures)], [("GET", "/x", "boom", failures)])
        states.append([Path(f"run_{name}.csv").read_bytes() for name in ("stats", "failures")])
    stop = threading.Event()

    def rewrite() -> None:
        while not stop.is_set():
            for texts in states:
                for name, text in zip(("stats", "failures"), texts, strict=True):
                    Path(f"run_{name}.csv").write_bytes(text)

    writer = threading.Thread(target=rewrite)
    writer.start()
    try:
        codes = [
            loadgate("check", "run", "--output", "json").sound().code for _ in range(HEAVY or 8)
        ]
    finally:
        stop.set()
        writer.join()
    assert set(codes) <= {1, 2}


@pytest.mark.parametrize(
    "encoding", ["utf-8-sig", "utf-16", "cp1252", "cp932", "utf-16-le", "utf-32"]
)
@pytest.mark.parametrize("ends", ["\n", "\r\n"], ids=["unix", "windows"])
def test_code_pages(
    encoding: str, ends: str, write_run: WriteRun, capsys: pytest.CaptureFixture[str]
) -> None:
    """Results are read alike in any encoding; rules are UTF-8, or an error."""
    name = "/größe" if encoding == "cp1252" else "/冲"
    write_run([("GET", name, 1000, 500)], [("GET", name, f"boom {name}", 500)])
    for path in Path().glob("run_*.csv"):
        text = path.read_text("utf-8").replace("\r\n", "\n").replace("\n", ends)
        path.write_bytes(text.encode(encoding))
    assert run(["check", "run"]) == 1
    rules = 'version = 1\n[[thresholds]]\nrequire = "failures <= 500"\n# größe\n'.replace(
        "\n", ends
    )
    Path("rules.toml").write_bytes(rules.encode(encoding, "replace"))
    code = run(["rules", "test", "rules.toml"])
    if encoding == "utf-8-sig":
        assert code == 3
    elif encoding != "cp932":  # which has no ö, so that it is ASCII
        assert code == 2
        assert "rules.toml" in capsys.readouterr().err
