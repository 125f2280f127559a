"""The tests' own runner: it must not be more forgiving than GitHub's."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from action.commands import Command, FileCommandError, parse_log, parse_pairs
from action.expressions import Outputs, UnknownExpressionError, evaluate, fill, holds
from action.runner import BASH, Ran, Runner, UnknownStepError

CONTEXTS: dict[str, Any] = {
    "inputs": {"name": "Shop", "empty": ""},
    "steps": {"judge": {"outputs": Outputs(code="1"), "outcome": "failure"}},
    "needs": {"a": {"result": "success"}, "b": {"result": "skipped"}},
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("inputs.name == 'shop'", True),
        ("inputs.name != ''", True),
        ("steps.judge.outputs.none == ''", True),
        ("!cancelled() && !inputs.empty", True),
        ("inputs.empty || 'it''s'", "it's"),
        ("true || true && false", True),
        ("join(needs.*.result, ' ')", "success skipped"),
    ],
)
def test_expressions(text: str, value: object) -> None:
    """The part of the language that the workflows use."""
    assert evaluate(text, CONTEXTS) == value


@pytest.mark.parametrize(
    "text",
    [
        *("input.name", "inputs.nam", "steps.jugde.outputs.code", "hashFiles('x')", "(true", "1"),
        *("inputs.name = 'x'", "inputs.name ==", "true false", "== true", "!true == false"),
    ],
)
def test_what_is_not_known_is_an_error(text: str) -> None:
    """GitHub takes much of this for an empty text, which tests nothing."""
    with pytest.raises(UnknownExpressionError):
        evaluate(text, CONTEXTS)


@pytest.mark.parametrize(
    ("condition", "well", "after_a_failure"),
    [
        (None, True, False),
        ("inputs.name == 'shop'", True, False),  # success is implied
        ("always()", True, True),
        ("${{ !cancelled() && inputs.empty == '' }}", True, True),
        ("failure()", False, True),
        ("success()", True, False),
        (False, False, False),
    ],
)
def test_conditions(condition: object, well: bool, after_a_failure: bool) -> None:
    """As GitHub has them, with and without the braces."""
    assert holds(condition, CONTEXTS, failed=False) is well
    assert holds(condition, CONTEXTS, failed=True) is after_a_failure


def test_texts_are_filled() -> None:
    """Booleans as a runner writes them."""
    assert fill("${{ inputs.name }}-${{ true }}", CONTEXTS) == "Shop-true"


@pytest.mark.parametrize(
    ("log", "found"),
    [
        ("::error title=a%3Ab,line=3::x%0Ay%25", [("error", "x\ny%", "a:b")]),
        ("  ::Error::x", [("error", "x", "")]),
        ("a\r::error::x", [("error", "x", "")]),
        ("text ##[error]x", [("error", "x", "")]),
        ("x ::error::y", []),
        ("::errors::y", []),
    ],
)
def test_commands_in_a_log(log: str, found: list[tuple[str, str, str]]) -> None:
    """Whatever GitHub's runner would obey is found."""
    assert parse_log(log) == [Command(name=n, text=t, title=c) for n, t, c in found]


def test_outputs_are_read() -> None:
    """Of `=` and `<<` the first counts; what GitHub refuses fails the step."""
    assert parse_pairs("a=1\n\nb=x=y\n") == {"a": "1", "b": "x=y"}
    assert parse_pairs("a<<E\nb=2\nEE\nE\nc=<<E\n") == {"a": "b=2\nEE", "c": "<<E"}
    assert parse_pairs("a<<E\n\nE\n") == {"a": ""}
    for refused in ("just text\n", "a<<E\nb\n", "=x\n", "a<<\n"):
        with pytest.raises(FileCommandError):
            parse_pairs(refused)


def _run(tmp_path: Path, *steps: str) -> Ran:
    if BASH is None:
        pytest.skip("no bash")
    file = tmp_path / "job.yml"
    lines = "".join(f"      - {{ {step} }}\n" for step in steps)
    file.write_text(f"env: {{ A: '1' }}\njobs:\n  it:\n    steps:\n{lines}", "utf-8")
    return Runner(workspace=tmp_path, temp=tmp_path).run_job(file, "it")


def test_a_failure_skips_what_follows(tmp_path: Path) -> None:
    """But not what is to run always, and not where a step may fail."""
    ran = _run(
        tmp_path,
        'id: one, run: "echo told=$A$B >> $GITHUB_OUTPUT; exit 3", continue-on-error: true, env: { B: 2 }',
        'id: hard, run: "echo $C; false | true; false", env: { C: "${{ steps.one.outputs.told }}" }',
        "id: next, run: 'true'",
        'id: last, if: always(), run: "echo hi >> $GITHUB_STEP_SUMMARY"',
    )
    ends = {step.id: step.outcome for step in ran.steps}
    assert ends == {"one": "failure", "hard": "failure", "next": "skipped", "last": "success"}
    assert (ran.outcome, ran.log, ran.summary) == ("failure", "12\n", "hi\n")


def test_what_a_step_leaves_running_ends_with_the_job(tmp_path: Path) -> None:
    """And no step waits for it."""
    ran = _run(tmp_path, 'run: "sleep 3600 & echo $! > late", id: one')
    assert ran.outcome == "success"
    command = ["ps", "-o", "stat=", "-p", (tmp_path / "late").read_text().strip()]
    for _ in range(1200):
        state = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        if state.strip()[:1] in {"", "Z"}:
            break
        time.sleep(0.1)
    assert state.strip()[:1] in {"", "Z"}


@pytest.mark.parametrize(
    "step",
    [
        "uses: someone/something@v1",
        "id: x, run: 'true', shell: pwsh",
        "id: x, run: 'true', timeout: 3",
        "id: x, run: 'echo A=1 >> $GITHUB_ENV'",
    ],
)
def test_unknown_steps_are_errors(step: str, tmp_path: Path) -> None:
    """None is taken for a success."""
    with pytest.raises(UnknownStepError):
        _run(tmp_path, step)
