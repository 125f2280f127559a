"""Inputs that change while they are read, or are no files at all: a clear error, never a pass."""

from __future__ import annotations

import json
import os
import socket
import threading
from pathlib import Path

import pytest
from conftest import WriteRun

from faults.processes import HEAVY, linux, loadgate

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


@pytest.mark.parametrize(
    ("command", "special"),
    [  # all with what could block or go on for ever, some with all
        (command, special)
        for command in COMMANDS
        for special in SPECIAL
        if special in {"pipe", "/dev/zero", "loop"} or command in {"check", "report", "lint"}
    ],
)
def test_what_is_no_file(command: str, special: str) -> None:
    """Nothing waits for ever, and the message names it."""
    os.mkfifo("pipe")
    Path("loop").symlink_to("loop")
    Path("x_stats.csv").mkdir()
    Path("empty.csv").touch()
    with socket.socket(socket.AF_UNIX) as unix:
        unix.bind("socket")
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


CHANGE = """
import builtins, os, sys
opened = builtins.open
def changing(file, *more, **named):
    if isinstance(file, str) and file.endswith(os.environ["CHANGED"]):
        left = int(os.environ["AT"]) - 1
        os.environ["AT"] = str(left)
        if left == 0:
            {how}
    return opened(file, *more, **named)
builtins.open = changing
"""
WAYS = {
    "deleted": "os.unlink(file)",
    "cut": "os.truncate(file, os.path.getsize(file) - 30)",
    "emptied": "os.truncate(file, 0)",
    "appended": "opened(file, 'a').write('GET,/x,got 409,7\\\\n')",
    "replaced": "opened(file + '~', 'w').write('nothing of Locust'); os.replace(file + '~', file)",
    "a-folder": "os.unlink(file); os.mkdir(file)",
}


@pytest.mark.parametrize("changed", ["_stats.csv", "_failures.csv"])
@pytest.mark.parametrize("way", WAYS)
def test_a_file_changes_while_it_is_read(changed: str, way: str, write_run: WriteRun) -> None:
    """Before each time that it is opened: what should fail never passes, and no error is a bug.

    The run is one that fails by its true failures, of which the file that changes may tell less.
    """
    Path("hook").mkdir()
    Path("hook/sitecustomize.py").write_text(
        CHANGE.replace("{how}", WAYS[way].replace("\\\\", "\\"))
    )
    codes = []
    for at in range(1, 6):
        stats = write_run(*BAD)
        if not stats.exists():
            continue
        env = {"PYTHONPATH": "hook", "CHANGED": f"run{changed}", "AT": str(at)}
        ended = loadgate("check", stats, "--output", "json", env=env).sound()
        assert ended.code in {1, 2}, (at, ended)
        codes.append(ended.code)
        if Path(f"run{changed}").is_dir():
            Path(f"run{changed}").rmdir()
    assert 2 in codes


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
def test_code_pages(encoding: str, ends: str, write_run: WriteRun) -> None:
    """Results are read alike in any encoding; rules are UTF-8, or an error."""
    name = "/größe" if encoding == "cp1252" else "/冲"
    write_run([("GET", name, 1000, 500)], [("GET", name, f"boom {name}", 500)])
    for path in Path().glob("run_*.csv"):
        text = path.read_text("utf-8").replace("\r\n", "\n").replace("\n", ends)
        path.write_bytes(text.encode(encoding))
    ended = loadgate("check", "run").sound()
    assert ended.code == 1
    rules = 'version = 1\n[[thresholds]]\nrequire = "failures <= 500"\n# größe\n'.replace(
        "\n", ends
    )
    Path("rules.toml").write_bytes(rules.encode(encoding, "replace"))
    ended = loadgate("rules", "test", "rules.toml").sound()
    if encoding == "utf-8-sig":
        assert ended.code == 3
    elif encoding != "cp932":  # which has no ö, so that it is ASCII
        assert ended.code == 2
        assert "rules.toml" in ended.err
