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

from faults.processes import HEAVY, loadgate, prove
from loadgate.cli import run

BAD = [("GET", "/x", 1000, 500)], [("GET", "/x", "boom", 500)]
SPECIAL = [
    "pipe", "socket", "/dev/null", "/dev/zero", "loop", "missing", "x_stats.csv", "empty.csv",
]  # fmt: skip
COMMANDS = [
    "check {}", "report {}", "compare ok {}", "explain {}", "rules suggest {}",
    "rules lint optimistic-locking --run {}", "check ok --rules {}", "rules lint {}", "rules test {}",
    "check ok --baseline {}",
]  # fmt: skip


@pytest.fixture
def _special() -> None:
    os.mkfifo("pipe")
    Path("loop").symlink_to("loop")
    Path("x_stats.csv").mkdir()
    Path("empty.csv").touch()
    with socket.socket(socket.AF_UNIX) as unix:
        unix.bind("socket")


@pytest.mark.parametrize(
    ("command", "special"),
    [
        ("check {}", " ".join(SPECIAL)),
        *(
            pytest.param(c, s, marks=() if s == "pipe" else prove)
            for c in COMMANDS
            for s in SPECIAL
        ),
    ],
)
@pytest.mark.usefixtures("_special")
def test_what_is_no_file(command: str, special: str) -> None:
    """As anything that a command reads; a check names all it is given. Nothing waits for ever."""
    ended = loadgate(command.format(special)).sound()
    assert ended.code == 2
    for name in special.split():
        assert name in ended.err + ended.out


def test_one_that_cannot_be_read_does_not_hide_others() -> None:
    """The worst exit code wins: an error before a failure, and each verdict is given."""
    os.mkfifo("pipe")
    assert loadgate("check ok pipe bad --output json:{label}.json").sound().code == 2
    documents = [json.loads(Path(f"{name}.json").read_text()) for name in ("ok", "bad")]
    assert [document["outcome"] for document in documents] == ["passed", "failed"]


@pytest.mark.parametrize("command", ["check round", "report round", "compare round round"])
def test_folders_that_lead_in_circles(command: str, write_run: WriteRun) -> None:
    """Each folder is searched once."""
    write_run(folder="round")
    Path("round/self").symlink_to(".")
    Path("round/up").symlink_to("..")
    ended = loadgate(f"{command} --output json").sound()
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
    changed: str, way: str, write_run: WriteRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before each time that it is opened: what should fail never passes, and no error is a bug.

    The run is one that fails by its true failures, of which the file that changes may tell less.
    """
    opened = open
    codes = []
    times = at = 0
    while times >= at and at < 5:
        at, times = at + 1, 0

        def open_changed(file: Any, *rest: Any, at: int = at, **more: Any) -> Any:
            nonlocal times
            if str(file).endswith(f"run{changed}"):
                times += 1
                if times == at:
                    WAYS[way](file)
            return opened(file, *rest, **more)

        stats = write_run(*BAD, folder=str(at))
        monkeypatch.chdir(stats.parent)
        with monkeypatch.context() as patched:
            patched.setattr("builtins.open", open_changed)
            codes.append(run(["check", str(stats), "--output", "json"]))
    assert at > 1
    assert {2} <= set(codes) <= {1, 2}


@prove
def test_results_that_are_rewritten_all_the_time(write_run: WriteRun) -> None:
    """A check beside a running test passes no run that fails in each of its states."""
    states = []
    for failures in (500, 700):
        write_run([("GET", "/x", 1000, failures)], [("GET", "/x", "boom", failures)])
        states.append([(path, path.read_bytes()) for path in Path().glob("run_*.csv")])
    stop = threading.Event()

    def rewrite() -> None:
        while not stop.is_set():
            for state in states:
                for path, text in state:
                    path.write_bytes(text)

    writer = threading.Thread(target=rewrite)
    writer.start()
    try:
        codes = {loadgate("check run --output json").sound().code for _ in range(HEAVY or 8)}
    finally:
        stop.set()
        writer.join()
    assert codes <= {1, 2}


@pytest.mark.parametrize(
    ("encoding", "rules_end"),
    [
        *(("utf-8-sig", 3), ("utf-16", 2), ("cp1252", 2), ("utf-16-le", 2), ("utf-32", 2)),
        ("cp932", None),  # which has no ö, so that the rules are ASCII
    ],
)
@pytest.mark.parametrize("ends", ["\n", "\r\n"], ids=["unix", "windows"])
def test_code_pages(
    encoding: str, rules_end: int | None, ends: str, write_run: WriteRun,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """Results are read alike in any encoding; rules are UTF-8, or an error."""
    name = "/größe" if encoding == "cp1252" else "/冲"
    write_run([("GET", name, 1000, 500)], [("GET", name, f"boom {name}", 500)])
    for path in Path().glob("run_*.csv"):
        text = path.read_text("utf-8").replace("\r\n", "\n").replace("\n", ends)
        path.write_bytes(text.encode(encoding))
    assert run(["check", "run"]) == 1
    rules = ["version = 1", "[[thresholds]]", 'require = "failures <= 500"', "# größe", ""]
    Path("rules.toml").write_bytes(ends.join(rules).encode(encoding, "replace"))
    code = run(["rules", "test", "rules.toml"])
    if rules_end:
        assert code == rules_end
        assert rules_end == 3 or "rules.toml" in capsys.readouterr().err
