"""Standard streams that are closed, full, or left by their reader: the exit code still tells."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import WriteRun

from faults.processes import linux, loadgate, prove

pytestmark = linux

FAILING = {
    "check": ["check", "nowhere"],
    "check-two": ["check", "nowhere", "run_stats.csv"],
    "usage": ["check", "--nope"],
    "report": ["report", "nowhere"],
    "compare": ["compare", "nowhere", "run_stats.csv"],
    "explain": ["explain", "nowhere"],
    "suggest": ["rules", "suggest", "nowhere"],
    "test": ["rules", "test", "nowhere"],
    "init": ["init", "--file", "x.txt"],
    "schema": ["schema", "nothing"],
}
BROKEN_ERRORS = {
    "full": "2>/dev/full",
    "closed": "2>&-",
    "left": "2> >(exec 0<&-)",  # that is gone before anything is written
    "both-closed": ">&- 2>&-",
}


@pytest.fixture(autouse=True)
def _run_here(write_run: WriteRun, monkeypatch: pytest.MonkeyPatch) -> None:
    stats = write_run()
    write_run([("GET", "/x", 10, 9)], [("GET", "/x", "boom", 9)], folder="failed")
    monkeypatch.chdir(stats.parent)


@pytest.mark.parametrize(
    ("command", "how"),
    [  # every command with one of them, and one command with every of them
        pytest.param(
            command,
            how,
            marks=() if how == "full" or command == "check" else prove,
            id=f"{command}-{how}",
        )
        for command in FAILING
        for how in BROKEN_ERRORS
    ],
)
def test_an_error_that_nobody_can_be_told(command: str, how: str) -> None:
    """Neither 0, as click ends where a pipe broke, nor 1, as Python does: that is a failed gate."""
    ended = loadgate(*FAILING[command], redirect=BROKEN_ERRORS[how])
    assert ended.sound().code == 2
    assert "loadgate:" not in ended.out
    assert "Error:" not in ended.out


PRINTING = {
    "passed": ["check", "run"],
    "failed": ["check", "failed"],
    "json": ["check", "run", "--output", "json"],
    "report": ["report", "."],
    "compare": ["compare", "run", "failed"],
    "explain": ["explain", "failed"],
    "lint": ["rules", "lint", "optimistic-locking"],
    "suggest": ["rules", "suggest", "failed"],
    "schema": ["schema", "rules"],
    "completion": ["completion", "bash"],
}
BROKEN_OUTPUT = {
    ">&-": "standard output is closed",
    ">/dev/full": "standard output: cannot be written: No space",
}


@pytest.mark.parametrize(
    ("command", "redirect"),
    [
        pytest.param(
            command, redirect, marks=() if "full" in redirect or command == "passed" else prove
        )
        for command in PRINTING
        for redirect in BROKEN_OUTPUT
    ],
)
def test_a_text_that_cannot_be_written(command: str, redirect: str) -> None:
    """What was asked for and could not be printed is an error, with one message."""
    ended = loadgate(*PRINTING[command], redirect=redirect).sound()
    assert ended.code == 2
    assert ended.err.count(BROKEN_OUTPUT[redirect]) == 1
    assert ended.out == ""


def test_files_need_no_standard_output() -> None:
    """Where nothing is to be printed, nothing is missed; and no file takes the stream's place."""
    command = ["check", "failed", "--output", "json:v.json", "--output", "markdown:v.md"]
    ended = loadgate(*command, redirect="<&- >&- 2>&-", measured=True)
    assert ended.sound().code == 1
    assert json.loads(Path("v.json").read_text())["outcome"] == "failed"
    assert "FAILED" in Path("v.md").read_text()


def test_help_that_cannot_be_written() -> None:
    """It is no bug of loadgate that the disk is full."""
    ended = loadgate("--help", redirect=">/dev/full", env={"LOADGATE_DEBUG": ""}, measured=True)
    assert ended.sound().code == 2
    assert "No space left on device" in ended.err


def test_standard_output_by_its_name() -> None:
    """`--output json:/dev/stdout` goes where standard output goes: a pipe, or the same file."""
    ended = loadgate("check", "failed", "--output", "json:/dev/stdout").sound()
    assert ended.code == 1
    assert json.loads(ended.out)["outcome"] == "failed"
    command = ["check", "run", "--output", "json:/dev/stdout", "--output", "text"]
    assert loadgate(*command, redirect=">both.txt", measured=True).sound().code == 0
    document, _, text = Path("both.txt").read_text().partition("\n}\n")
    assert json.loads(f"{document}}}")["outcome"] == "passed"
    assert text.startswith("PASSED")


def test_no_standard_input() -> None:
    """Nothing is read from it."""
    assert loadgate("check", "run", redirect="<&-").sound().code == 0
    ended = loadgate("check", "/dev/stdin", stdin=b"Type,Name\n").sound()
    assert ended.code == 2
    assert "/dev/stdin: is not a regular file" in ended.err
