"""The action's own steps, run by bash as a runner would run them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import WriteRun

from action.conftest import FAILED, RunAction
from action.github_server import Answer, GitHub, serve
from action.runner import Ran, Runner

PWNED = "pwned"
ANNOTATIONS = {"error", "warning", "notice"}
OUTCOMES = {
    "passed": (0, "", "success"),
    "failed": (1, "The gate failed", "success"),
    "error": (2, "Some or all runs could not be judged", "failure"),
    "no-evidence": (3, "No evidence", "failure"),
}
"""Exit code, message, and how the job ends with `fail-on-gate: false`."""


def _titles(ran: Ran) -> set[str]:
    return {command.title for command in ran.commands}


def _last_error(ran: Ran) -> str:
    return next(command.text for command in reversed(ran.commands) if command.name == "error")


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_a_run_ends_the_job_as_it_should(
    outcome: str, act: RunAction, write_run: WriteRun, runner: Runner
) -> None:
    """Each exit code has its message, and what was judged is uploaded before the job fails.

    With fail-on-gate: false, what could not be judged still fails the job.
    """
    if outcome == "failed":
        write_run(*FAILED, folder="workspace")
    elif outcome == "no-evidence":
        write_run([], (), folder="workspace")
    elif outcome == "error":
        (runner.workspace / "run_stats.csv").write_text("Type,Name\nGET,/x", "utf-8")
    code, message, softened = OUTCOMES[outcome]
    ran = act(artifact_name="results")
    assert ran.outcome == ran.steps[-1].outcome == ("failure" if message else "success")
    assert ran.outputs["outcome"] == outcome
    assert ran.step("judge").outputs["exit-code"] == str(code)
    assert not message or _last_error(ran).startswith(message)
    if outcome == "error":
        assert runner.artifacts == {}
        assert "run_stats.csv" in ran.summary
    else:
        (file,) = runner.artifacts["results"].iterdir()
        assert file.read_bytes() == Path(ran.outputs["result-json"]).read_bytes()
        document = json.loads(file.read_bytes())
        assert (document["outcome"], document["run"]["branch"]) == (outcome, "main")
    assert _titles(ran) <= {"loadgate", "loadgate run"}
    ran = act(fail_on_gate="False")
    assert (ran.outcome, ran.outputs["outcome"]) == (softened, outcome)


def test_several_runs(act: RunAction, write_run: WriteRun, runner: Runner) -> None:
    """Each is judged, the worst decides, and the artifact has all documents."""
    for name in ("a", "b c"):
        write_run(folder=f"workspace/{name}")
    write_run(*FAILED, folder="workspace/z")
    ran = act(results="*/\n./a", artifact_name="all")
    assert ran.outcome == "failure"
    assert (ran.outputs["true-failures"], ran.outputs["expected-failures"]) == ("500", "20")
    files = sorted(file.name for file in runner.artifacts["all"].iterdir())
    assert files == ["a.json", "b_c.json", "z.json"]
    assert "3 runs: 2 passed, 1 failed" in ran.log


def test_nothing_is_written_unless_asked(
    act: RunAction, write_run: WriteRun, runner: Runner
) -> None:
    """Neither an artifact nor annotations nor a summary."""
    write_run(*FAILED, folder="workspace")
    ran = act(annotations="false", summary="false")
    assert (runner.artifacts, ran.summary) == ({}, "")
    assert [command.text[:15] for command in ran.commands] == ["The gate failed"]


def _pull_request(runner: Runner, github: GitHub, number: str = "30") -> None:
    """Let the job be one of a pull request."""
    event = runner.temp / "event.json"
    head = {"sha": "6b8c1f0e5d3a49727c61b0a94e8f2d5c3b7a1e09", "repo": {"full_name": "octo/shop"}}
    event.write_text(json.dumps({"pull_request": {"number": 7, "head": head}}), "utf-8")
    runner.env["no_proxy"] = "*"
    runner.github = {
        "api_url": github.url, "event_name": "pull_request", "event_path": str(event),
        "job": "load-test", "run_id": number, "server_url": "https://github.com",
        "workflow_ref": "octo/shop/.github/workflows/load-test.yml@refs/pull/7/merge",
    }  # fmt: skip


def test_a_pull_request_has_one_comment(
    act: RunAction, write_run: WriteRun, runner: Runner
) -> None:
    """Each push changes it; it links to the run and to the artifact."""
    with serve() as github:
        _pull_request(runner, github)
        assert act(artifact_name="result", comment="true").outcome == "success"
        write_run(*FAILED, folder="workspace")
        _pull_request(runner, github, "31")
        runner.artifacts.clear()
        assert act(artifact_name="result", comment="true").outcome == "failure"
    (comment,) = github.comments
    assert comment["body"].startswith("### ❌ FAILED: `run`\n")
    assert "[Details](https://github.com/octo/shop/actions/runs/31)" in comment["body"]
    assert "artifact [`result`](https://github.com/artifacts/1)" in comment["body"]
    assert len(github.sent("POST")) == 1


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (Answer(status=403, message="Resource not accessible by integration"), "permissions:"),
        (Answer(status=500, message="broken"), "answered 500: broken"),
    ],
)
def test_no_comment_changes_no_verdict(
    answer: Answer, told: str, act: RunAction, runner: Runner
) -> None:
    """What keeps it from being written is a notice."""
    with serve() as github:
        _pull_request(runner, github)
        github.instead["POST /comments"] = [answer] * 9
        ran = act(comment="true")
    assert (ran.outcome, ran.outputs["outcome"]) == ("success", "passed")
    assert told in next(one.text for one in ran.commands if "no comment" in one.text)
    assert "no-token" not in ran.log


def test_a_failed_upload_does_not_hide_the_verdict(act: RunAction, write_run: WriteRun) -> None:
    """The last step says what the gate says, too."""
    write_run(*FAILED, folder="workspace")
    ran = act(artifact_name="a/b")
    assert ran.outcome == "failure"
    assert _last_error(ran).startswith("The gate failed")


# --- hostile inputs and results ---------------------------------------------------------------------

HOSTILE = {
    "substitution": f"$(touch {PWNED})",
    "backticks": f"`touch {PWNED}`",
    "semicolon": f"; touch {PWNED} #",
    "newline": f"x\ntouch {PWNED}",
    "quote": f'"; touch {PWNED}; "',
    "single-quote": f"'$(touch {PWNED})'",
    "option": "--rules=x",
    "help": "--help",
    "dash": "-",
    "command": "::error::pwned",
    "older-command": "##[error]pwned",
    "encoded-command": "%0A::error::pwned",
    "carriage-return": "x\r::error::pwned",
    "unicode": "\N{RIGHT-TO-LEFT OVERRIDE}dessap \N{SNOWMAN} \x1b[31m",
    "delimiter": "end-0\noutcome=passed\noutcome<<end-0",
    "path": "../../../../escape {label} %s ${{ github.token }}",
    "long": "a" * 5000,
}
LINES = ("results", "thresholds", "baseline")


@pytest.mark.parametrize(
    ("name", "evil"),
    [
        # A label fails no run, and so reaches every output; the others are mostly refused.
        *(("label", evil) for evil in HOSTILE),
        *((name, "all") for name in LINES),
        *(
            pytest.param(
                name, evil, marks=[] if name not in LINES and evil in {"substitution", "newline", "delimiter", "option"} else pytest.mark.prove
            )
            for name in (*LINES, "rules", "encoding")
            for evil in HOSTILE
        ),
    ],
)  # fmt: skip
def test_a_hostile_input_is_only_text(
    name: str, evil: str, act: RunAction, write_run: WriteRun, runner: Runner, tmp_path: Path
) -> None:
    """It runs nothing, gives no command to the log, and cannot turn a failed gate into a pass."""
    write_run(*FAILED, folder="workspace")
    before = sorted(runner.workspace.iterdir())
    text = "\n".join(HOSTILE.values()) if evil == "all" else HOSTILE[evil]
    ran = act(artifact_name="results", **{name: text})
    assert ran.outcome == "failure"
    assert ran.outputs["outcome"] == ("failed" if name == "label" else "error")
    assert sorted(runner.workspace.iterdir()) == before
    assert not [path for path in tmp_path.rglob("*") if path.name in {PWNED, "escape"}]
    assert {command.name for command in ran.commands} <= ANNOTATIONS
    assert all(title.startswith("loadgate") for title in _titles(ran))
    for path in filter(None, ran.outputs["result-json"].split("\n")):
        assert Path(path).resolve().is_relative_to(runner.temp.resolve())


def test_hostile_results_are_only_text(act: RunAction, write_run: WriteRun) -> None:
    """Names and error texts come from a load test, and a pull request may write that."""
    texts = HOSTILE.values()
    endpoints = [("GET", text, 900, 500) for text in texts]
    write_run(endpoints, [("GET", text, text, 500) for text in texts], folder="workspace")
    ran = act()
    assert ran.outputs["outcome"] == "failed"
    assert ran.outputs["true-failures"] == str(500 * len(HOSTILE))
    assert {command.name for command in ran.commands} <= ANNOTATIONS
    assert _titles(ran) == {"loadgate", "loadgate run"}


def test_modules_in_the_working_directory_are_not_imported(
    act: RunAction, write_run: WriteRun, runner: Runner
) -> None:
    """A pull request may put its own click.py there, and a step before may set PYTHONPATH."""
    write_run(*FAILED, folder="workspace")
    evil = f"import pathlib, sys; pathlib.Path('{PWNED}').touch(); sys.exit(0)\n"
    (runner.workspace / "loadgate").mkdir()
    names = ("click", "json", "sitecustomize", "usercustomize", "jsonschema")
    for name in (*names, *(f"loadgate/{name}" for name in ("__init__", "__main__", "action"))):
        (runner.workspace / f"{name}.py").write_text(evil, "utf-8")
    runner.env |= {"PYTHONPATH": str(runner.workspace), "PYTHONSTARTUP": "click.py"}
    assert act().outputs["outcome"] == "failed"
    assert not (runner.workspace / PWNED).exists()


# --- installing -------------------------------------------------------------------------------------


def test_the_jobs_python_stays(act: RunAction, runner: Runner) -> None:
    """The action's Python does not come onto the PATH of later steps."""
    act()
    assert "PATH" not in runner.env


FAKE = """#!/bin/bash
case "$*" in
  *version_info*) exit {version} ;;
  *"-m venv"*)
    mkdir -p "$5/{folder}" "$5/lib/python3.13/site-packages" "$5/Lib/site-packages"
    cp "$0" "$5/{folder}/{name}" ;;
  *"-m pip"*) echo "$@"; exit {pip} ;;
  *"import loadgate"*) ;;
  *loadgate.action*) {judge} ;;
esac
"""
"""A python3 of the runner's own, which the action uses where python-version is empty."""
PUT = 'echo exit-code={} >> "$GITHUB_OUTPUT"'


@pytest.mark.parametrize(
    ("how", "message"),
    [
        pytest.param(None, "This runner has no Python", id="none"),
        pytest.param({"version": "1"}, "loadgate needs Python 3.11 or newer", id="too-old"),
        pytest.param({"pip": "1"}, "loadgate could not be installed", id="no-network"),
        pytest.param({"folder": "lib"}, "loadgate cannot be imported", id="no-python-in-it"),
        pytest.param({}, "loadgate ended unexpectedly (exit code unknown)", id="silent"),
        pytest.param(
            {"folder": "Scripts", "name": "python.exe"}, "loadgate ended unexpectedly", id="windows"
        ),
        pytest.param({"judge": PUT.format(70)}, "A bug in loadgate", id="bug"),
        pytest.param({"judge": PUT.format(130)}, "loadgate ended unexpectedly", id="interrupted"),
        pytest.param({"judge": "exit 1"}, None, id="crash"),
    ],
)
def test_a_python_or_loadgate_that_breaks(
    how: dict[str, str] | None, message: str | None, runner: Runner, tmp_path: Path, act: RunAction
) -> None:
    """What is wrong is told, and nothing of it can pass, not even with fail-on-gate: false."""
    runner.reuse = {}
    folder = tmp_path / "fake"
    folder.mkdir()
    runner.env["PATH"] = str(folder)
    if how is None:
        (folder / "bash").symlink_to("/bin/bash")
    else:
        parts = {"version": "0", "folder": "bin", "name": "python", "pip": "0", "judge": ":", **how}
        (folder / "python3").write_text(FAKE.format(**parts), "utf-8")
        (folder / "python3").chmod(0o755)
        runner.env["PATH"] += ":/usr/bin:/bin"
    ran = act(python_version="", fail_on_gate="false")
    assert (ran.steps[0].outcome, ran.outcome) == ("skipped", "failure")
    if message:
        assert _last_error(ran).startswith(message)
    else:
        assert [step.outcome for step in ran.steps[-4:]] == ["failure", *["skipped"] * 3]
