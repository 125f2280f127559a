"""Standard streams that are closed, full, or left by their reader: the exit code still tells."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import WriteRun

from faults.processes import linux, loadgate

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


@pytest.mark.parametrize("how", BROKEN_ERRORS)
@pytest.mark.parametrize("command", FAILING)
def test_an_error_that_nobody_can_be_told(command: str, how: str) -> None:
    """Neither 0, as click ends where a pipe broke, nor 1, as Python does: that is a failed gate."""
    ended = loadgate(*FAILING[command], redirect=BROKEN_ERRORS[how])
    assert ended.sound().code == 2
    assert "loadgate:" not in ended.out
    assert "Error:" not in ended.out


@pytest.mark.parametrize(
    ("redirect", "message"),
    [
        pytest.param(">&-", "standard output: is closed", id="closed"),
        pytest.param(">/dev/full", "standard output: cannot be written: No space", id="full"),
    ],
)
@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["check", "run"], id="passed"),
        pytest.param(["check", "failed"], id="failed"),
        pytest.param(["check", "run", "--output", "json"], id="json"),
        pytest.param(["report", "."], id="report"),
        pytest.param(["compare", "run", "failed"], id="compare"),
        pytest.param(["explain", "failed"], id="explain"),
        pytest.param(["rules", "lint", "optimistic-locking"], id="lint"),
        pytest.param(["rules", "suggest", "failed"], id="suggest"),
        pytest.param(["schema", "rules"], id="schema"),
        pytest.param(["completion", "bash"], id="completion"),
    ],
)
def test_a_text_that_cannot_be_written(arguments: list[str], redirect: str, message: str) -> None:
    """What was asked for and could not be printed is an error, with one message."""
    ended = loadgate(*arguments, redirect=redirect).sound()
    assert ended.code == 2
    assert ended.err.count(message) == 1
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
