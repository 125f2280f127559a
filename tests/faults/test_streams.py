"""Standard streams that are closed, full, or left by their reader: the exit code still tells."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from faults.processes import loadgate, prove

FAILING = [
    "check nowhere", "check nowhere ok", "check --nope", "report nowhere", "compare nowhere ok",
    "explain nowhere", "rules suggest nowhere", "rules test nowhere", "init --file x.txt",
    "schema nothing",
]  # fmt: skip
BROKEN_ERRORS = {
    "full": "2>/dev/full",
    "closed": "2>&-",
    "left": "2> >(exec 0<&-)",  # that is gone before anything is written
    "both-closed": ">&- 2>&-",
}
PRINTING = [
    "check ok", "check bad", "check ok --output json", "report .", "compare ok bad", "explain bad",
    "rules lint optimistic-locking", "rules suggest bad", "schema rules", "completion bash",
]  # fmt: skip
BROKEN_OUTPUT = {
    "closed": (">&-", "standard output is closed"),
    "full": (">/dev/full", "No space"),
}


def every(commands: list[str], ways: dict[str, object]) -> pytest.MarkDecorator:
    """Pair every command with one way and one command with every way; `make prove` does all."""
    return pytest.mark.parametrize(
        ("command", "how"),
        [
            pytest.param(command, how, marks=() if how == "full" or command == commands[0] else prove)
            for command in commands
            for how in ways
        ],
    )  # fmt: skip


@every(FAILING, {**BROKEN_ERRORS})
def test_an_error_that_nobody_can_be_told(command: str, how: str) -> None:
    """Neither 0, as click ends where a pipe broke, nor 1, as Python does: that is a failed gate."""
    ended = loadgate(command, redirect=BROKEN_ERRORS[how]).sound()
    assert ended.code == 2
    assert "loadgate:" not in ended.out
    assert "Error:" not in ended.out


@every(PRINTING, {**BROKEN_OUTPUT})
def test_a_text_that_cannot_be_written(command: str, how: str) -> None:
    """What was asked for and could not be printed is an error, with one message."""
    redirect, message = BROKEN_OUTPUT[how]
    ended = loadgate(command, redirect=redirect).sound()
    assert (ended.code, ended.err.count(message), ended.out) == (2, 1, "")


def test_files_need_no_standard_output() -> None:
    """Where nothing is to be printed, nothing is missed; and no file takes the stream's place."""
    command = "check bad --output json:v.json --output markdown:v.md"
    assert loadgate(command, redirect="<&- >&- 2>&-", measured=True).sound().code == 1
    assert json.loads(Path("v.json").read_text())["outcome"] == "failed"
    assert "FAILED" in Path("v.md").read_text()


def test_help_that_cannot_be_written() -> None:
    """It is no bug of loadgate that the disk is full."""
    env = {"LOADGATE_DEBUG": None}
    ended = loadgate("--help", redirect=">/dev/full", env=env, measured=True).sound()
    assert ended.code == 2
    assert "No space left on device" in ended.err


def test_standard_output_by_its_name() -> None:
    """`--output json:/dev/stdout` goes where standard output goes: a pipe, or the same file."""
    ended = loadgate("check bad --output json:/dev/stdout").sound()
    assert ended.code == 1
    assert json.loads(ended.out)["outcome"] == "failed"
    command = "check ok --output json:/dev/stdout --output text"
    assert loadgate(command, redirect=">both.txt", measured=True).sound().code == 0
    document, _, text = Path("both.txt").read_text().partition("\n}\n")
    assert json.loads(f"{document}}}")["outcome"] == "passed"
    assert text.startswith("PASSED")


def test_no_standard_input() -> None:
    """Nothing is read from it."""
    assert loadgate("check ok", redirect="<&-").sound().code == 0
    ended = loadgate("check /dev/stdin", stdin=b"Type,Name\n").sound()
    assert ended.code == 2
    assert "/dev/stdin: " in ended.err
