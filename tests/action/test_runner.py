"""The tests' own runner: it must not be more forgiving than GitHub's."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from action.commands import Command, FileCommandError, parse_log, parse_pairs
from action.expressions import Outputs, UnknownExpressionError, evaluate, fill, holds
from action.runner import BASH, Runner, UnknownStepError

CONTEXTS: dict[str, Any] = {
    "inputs": {"name": "Shop", "empty": ""},
    "steps": {"judge": {"outputs": Outputs(code="1"), "outcome": "failure"}},
    "needs": {"a": {"result": "success"}, "b": {"result": "skipped"}},
    "matrix": {"n": 3.0},
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("inputs.name == 'shop'", True, id="texts-without-case"),
        pytest.param("inputs.name != ''", True, id="unequal"),
        pytest.param("steps.judge.outputs.none == ''", True, id="an-output-may-be-missing"),
        pytest.param("steps.judge.outputs.code == 1", True, id="text-and-number"),
        pytest.param("matrix.n > 2 && !inputs.empty", True, id="and-not"),
        pytest.param("inputs.empty || 'other'", "other", id="or-is-a-value"),
        pytest.param("(true || true) && false", False, id="parentheses"),
        pytest.param("true || true && false", True, id="and-binds-tighter"),
        pytest.param("contains(needs.*.result, 'skipped')", True, id="of-all"),
        pytest.param("contains(inputs.name, 'HO')", True, id="part-of-a-text"),
        pytest.param("format('{0}-{1}', inputs.name, 'it''s')", "Shop-it's", id="format"),
        pytest.param("startsWith(inputs.name, 's')", True, id="start"),
        pytest.param("join(needs.*.result)", "success,skipped", id="join"),
    ],
)
def test_expressions(text: str, value: object) -> None:
    """The part of the language that the workflows use."""
    assert evaluate(text, CONTEXTS) == value


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("input.name", id="no-such-context"),
        pytest.param("inputs.nam", id="no-such-input"),
        pytest.param("steps.jugde.outputs.code", id="no-such-step"),
        pytest.param("hashFiles('x')", id="no-such-function"),
        pytest.param("inputs.name = 'x'", id="no-such-operator"),
        pytest.param("inputs.name ==", id="half"),
        pytest.param("(true", id="open"),
        pytest.param("true false", id="too-much"),
        pytest.param("== true", id="no-value"),
    ],
)
def test_what_is_not_known_is_an_error(text: str) -> None:
    """GitHub takes much of this for an empty text, which tests nothing."""
    with pytest.raises(UnknownExpressionError):
        evaluate(text, CONTEXTS)


@pytest.mark.parametrize(
    ("condition", "failed", "holds_"),
    [
        pytest.param(None, False, True, id="none"),
        pytest.param(None, True, False, id="none-after-a-failure"),
        pytest.param("inputs.name == 'shop'", True, False, id="success-is-implied"),
        pytest.param("always()", True, True, id="always"),
        pytest.param("${{ !cancelled() && inputs.empty == '' }}", True, True, id="not-cancelled"),
        pytest.param("failure()", False, False, id="failure"),
        pytest.param("success()", True, False, id="success"),
        pytest.param(False, False, False, id="a-boolean"),
    ],
)
def test_conditions(condition: object, failed: bool, holds_: bool) -> None:
    """As GitHub has them, with and without the braces."""
    assert holds(condition, CONTEXTS, failed=failed) is holds_


def test_texts_are_filled() -> None:
    """Numbers and booleans as a runner writes them."""
    assert fill("${{ inputs.name }}-${{matrix.n}}-${{ true }}", CONTEXTS) == "Shop-3-true"


@pytest.mark.parametrize(
    ("log", "found"),
    [
        pytest.param("::error title=a%3Ab,line=3::x%0Ay%25", [("error", "x\ny%", "a:b")], id="new"),
        pytest.param("  ::Error::x", [("error", "x", "")], id="spaces-and-case"),
        pytest.param("a\r::error::x", [("error", "x", "")], id="carriage-return"),
        pytest.param("text ##[error]x", [("error", "x", "")], id="old-form-anywhere"),
        pytest.param("x ::error::y", [], id="not-at-the-start"),
        pytest.param("::errors::y", [], id="unknown"),
    ],
)
def test_commands_in_a_log(log: str, found: list[tuple[str, str, str]]) -> None:
    """Whatever GitHub's runner would obey is found."""
    assert parse_log(log) == [Command(name=n, text=t, title=c) for n, t, c in found]


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        pytest.param("a=1\n\nb=x=y\n", {"a": "1", "b": "x=y"}, id="lines"),
        pytest.param("a<<E\nb=2\nEE\nE\nc=<<E\n", {"a": "b=2\nEE", "c": "<<E"}, id="heredoc"),
        pytest.param("a<<E\n\nE\n", {"a": ""}, id="empty"),
    ],
)
def test_outputs_are_read(text: str, pairs: dict[str, str]) -> None:
    """Of `=` and `<<` the first counts."""
    assert parse_pairs(text) == pairs


@pytest.mark.parametrize("text", ["just text\n", "a<<E\nb\n", "=x\n", "a<<\n"])
def test_outputs_that_github_refuses(text: str) -> None:
    """The step would fail."""
    with pytest.raises(FileCommandError):
        parse_pairs(text)


JOB = """
name: a job
on: push
env: {{ A: "1" }}
jobs:
  it:
    runs-on: x
    env: {{ B: "${{{{ env.A }}}}2" }}
    outputs:
      told: ${{{{ steps.one.outputs.told }}}}
    steps:
      {steps}
"""


def _run(tmp_path: Path, *steps: str) -> Any:
    if BASH is None:
        pytest.skip("no bash")
    file = tmp_path / "job.yml"
    lines = "\n".join(f"- {{ {step} }}" for step in ("id: zero, run: 'true'", *steps))
    file.write_text(JOB.format(steps=lines.replace("\n", "\n      ")), "utf-8")
    runner = Runner(workspace=tmp_path, temp=tmp_path)
    return runner.run_job(file, "it")


def test_steps_share_what_they_export(tmp_path: Path) -> None:
    """By GITHUB_ENV, GITHUB_OUTPUT and GITHUB_PATH."""
    ran = _run(
        tmp_path,
        'id: one, run: "echo told=$B >> $GITHUB_OUTPUT; echo C=3 >> $GITHUB_ENV; echo /x >> $GITHUB_PATH"',
        'id: two, run: "echo $C $D ${PATH%%:*}; echo hi >> $GITHUB_STEP_SUMMARY", env: { D: "${{ env.C }}" }',
    )
    assert ran.outcome == "success"
    assert ran.outputs == {"told": "12"}
    assert ran.step("two").log == "3 3 /x\n"
    assert ran.summary == "hi\n"


def test_a_failure_skips_what_follows(tmp_path: Path) -> None:
    """But not what is to run always; what may fail is a failure only to those who ask."""
    ran = _run(
        tmp_path,
        "id: one, run: 'exit 3', continue-on-error: true",
        "id: hard, run: 'false | true; false'",
        "id: next, run: 'true'",
        "id: last, if: always(), run: 'true'",
    )
    ends = {step.id: (step.outcome, step.conclusion) for step in ran.steps}
    assert ran.outcome == "failure"
    assert ends["one"] == ("failure", "success")
    assert ends["hard"] == ("failure", "failure")
    assert ends["next"] == ("skipped", "skipped")
    assert ends["last"] == ("success", "success")


def test_what_a_step_leaves_running_ends_with_the_job(tmp_path: Path) -> None:
    """And no step waits for it."""
    ran = _run(tmp_path, 'id: one, run: "sleep 3600 & echo $! > late"')
    assert ran.outcome == "success"
    late = int((tmp_path / "late").read_text())
    for _ in range(1200):
        if not _alive(late):
            break
        time.sleep(0.1)
    assert not _alive(late)


def _alive(pid: int) -> bool:
    """Say whether a process runs; one that has ended may still be in the list."""
    command = ["ps", "-o", "stat=", "-p", str(pid)]
    state = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    return not state.startswith("Z") if state else False


@pytest.mark.parametrize(
    "step",
    [
        pytest.param("uses: someone/something@v1", id="an-action"),
        pytest.param("run: 'true', shell: pwsh", id="a-shell"),
        pytest.param("run: 'true', timeout: 3", id="a-key"),
    ],
)
def test_unknown_steps_are_errors(step: str, tmp_path: Path) -> None:
    """None is taken for a success."""
    with pytest.raises(UnknownStepError):
        _run(tmp_path, step)
