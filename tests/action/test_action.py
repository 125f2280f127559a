"""The action's own steps, run by bash as a runner would run them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from conftest import WriteRun

import loadgate
from action.conftest import RunAction
from action.runner import Ran, Runner

BROKEN = [("GET", "/x", "ConnectionResetError(104)", 500)]
PWNED = "pwned"


def _titles(ran: Ran) -> set[str]:
    return {command.title for command in ran.commands}


def _last_error(ran: Ran) -> str:
    return next(command.text for command in reversed(ran.commands) if command.name == "error")


def _run_of(write_run: WriteRun, outcome: str) -> None:
    """Write a run that ends so."""
    match outcome:
        case "passed":
            write_run(folder="workspace")
        case "failed":
            write_run([("GET", "/x", 900, 500)], BROKEN, folder="workspace")
        case "no-evidence":
            write_run([], (), folder="workspace")
        case "error":
            write_run(folder="workspace").write_text("Type,Name\nGET,/x", "utf-8")


@pytest.mark.parametrize(
    ("outcome", "code", "message"),
    [
        pytest.param("passed", 0, None, id="passed"),
        pytest.param("failed", 1, "The gate failed: ", id="failed"),
        pytest.param("error", 2, "Some or all runs could not be judged: ", id="broken-results"),
        pytest.param("no-evidence", 3, "No evidence: ", id="no-requests"),
    ],
)
def test_a_run_ends_the_job_as_it_should(
    outcome: str,
    code: int,
    message: str | None,
    act: RunAction,
    write_run: WriteRun,
    runner: Runner,
) -> None:
    """Each exit code has its message, and what was judged is uploaded before the job fails."""
    _run_of(write_run, outcome)
    ran = act(artifact_name="results")
    assert ran.outcome == ("failure" if message else "success")
    assert ran.outputs["outcome"] == outcome
    assert ran.step("judge").outputs["exit-code"] == str(code)
    if message:
        assert _last_error(ran).startswith(message)
        assert ran.steps[-1].outcome == "failure"
    if outcome == "error":
        assert runner.artifacts == {}
        assert "run_stats.csv" in ran.summary
    else:
        (file,) = runner.artifacts["results"].iterdir()
        assert file.read_bytes() == Path(ran.outputs["result-json"]).read_bytes()
        document = json.loads(file.read_bytes())
        assert document["outcome"] == outcome
        assert document["run"]["branch"] == "main"
    assert _titles(ran) <= {"loadgate", "loadgate run"}


@pytest.mark.parametrize(
    ("outcome", "ends"),
    [
        pytest.param("passed", "success", id="passed"),
        pytest.param("failed", "success", id="failed"),
        pytest.param("error", "failure", id="broken-results"),
        pytest.param("no-evidence", "failure", id="no-requests"),
    ],
)
def test_only_a_failed_gate_is_softened(
    outcome: str, ends: str, act: RunAction, write_run: WriteRun
) -> None:
    """With fail-on-gate: false, what could not be judged still fails the job."""
    _run_of(write_run, outcome)
    ran = act(fail_on_gate="False")
    assert ran.outcome == ends
    assert ran.outputs["outcome"] == outcome


@pytest.mark.parametrize(
    ("inputs", "told"),
    [
        pytest.param({"results": "gone_stats.csv"}, "gone_stats.csv: no such file", id="missing"),
        pytest.param({"results": "out/*"}, "input results: out/*: matches nothing", id="no-match"),
        pytest.param({"results": " \n"}, "input results: names no run", id="no-results"),
        pytest.param({"rules": "gone.toml"}, "gone.toml: there is no such file", id="no-rules"),
        pytest.param({"rules": "bad.toml"}, "bad.toml:2: ", id="bad-rules"),
        pytest.param({"thresholds": "p95 = 1"}, "p95 = 1", id="bad-threshold"),
        pytest.param({"summary": "maybe"}, "input summary: is 'maybe'; write true or false", id="switch"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_three_times(
    inputs: dict[str, str], told: str, act: RunAction, write_run: WriteRun, workspace: Path
) -> None:
    """In the log, in an annotation and in the summary, in loadgate's own words."""
    write_run(folder="workspace")
    (workspace / "bad.toml").write_text("version = 1\nrule = 3\n", "utf-8")
    ran = act(**inputs)
    assert ran.outcome == "failure"
    assert ran.outputs == {
        "outcome": "error",
        "true-failures": "",
        "true-failure-rate": "",
        "expected-failures": "",
        "result-json": "",
    }
    assert f"loadgate: {told}" in ran.log or told in ran.log
    assert any(told in command.text for command in ran.commands[:-1])
    assert "### ❌ NOT JUDGED" in ran.summary
    assert told in ran.summary


def test_several_runs(act: RunAction, write_run: WriteRun, runner: Runner) -> None:
    """Each is judged, the worst decides, and the artifact has all documents."""
    for name in ("a", "b c"):
        write_run(folder=f"workspace/{name}")
    write_run([("GET", "/x", 900, 500)], BROKEN, folder="workspace/z")
    ran = act(results="*/\n./a", artifact_name="all")
    assert ran.outcome == "failure"
    assert ran.outputs["true-failures"] == "500"
    assert ran.outputs["expected-failures"] == "20"
    assert [file.name for file in sorted(runner.artifacts["all"].iterdir())] == [
        *("a.json", "b_c.json", "z.json"),
    ]
    assert "3 runs: 2 passed, 1 failed" in ran.log


def test_nothing_is_uploaded_unless_asked(
    act: RunAction, write_run: WriteRun, runner: Runner
) -> None:
    """And neither annotations nor summary are written where they are not wanted."""
    write_run([("GET", "/x", 900, 500)], BROKEN, folder="workspace")
    ran = act(annotations="false", summary="false")
    assert runner.artifacts == {}
    assert ran.summary == ""
    assert [command.text[:16] for command in ran.commands] == ["The gate failed:"]


def test_a_failed_upload_does_not_hide_the_verdict(act: RunAction, write_run: WriteRun) -> None:
    """The last step says what the gate says, too."""
    write_run([("GET", "/x", 900, 500)], BROKEN, folder="workspace")
    ran = act(artifact_name="a/b")
    assert ran.outcome == "failure"
    assert _last_error(ran).startswith("The gate failed")


def test_a_nearly_full_summary(act: RunAction, write_run: WriteRun, runner: Runner) -> None:
    """GitHub would drop all of a summary that is too large."""
    write_run(folder="workspace")
    runner.summary = "x" * 999_900
    ran = act()
    assert ran.outcome == "success"
    assert ran.step("judge").summary.endswith(
        "x\n1 more in the log: a job summary has no room for them.\n"
    )


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
ALONE = {"substitution", "newline", "delimiter", "option"}


@pytest.mark.parametrize(
    ("name", "evil"),
    [
        # A label fails no run, and so reaches every output; the others are mostly refused.
        *(("label", evil) for evil in HOSTILE),
        *((name, evil) for name in ("rules", "encoding") for evil in sorted(ALONE)),
        *(
            pytest.param(name, evil, marks=pytest.mark.prove)
            for name in ("results", "rules", "thresholds", "baseline", "encoding")
            for evil in HOSTILE
            if name not in {"rules", "encoding"} or evil not in ALONE
        ),
    ],
)
def test_a_hostile_input_is_only_text(
    name: str, evil: str, act: RunAction, write_run: WriteRun, runner: Runner, tmp_path: Path
) -> None:
    """It runs nothing, gives no command to the log, and cannot turn a failed gate into a pass."""
    _only_text(name, HOSTILE[evil], act, write_run, runner, tmp_path)


@pytest.mark.parametrize("name", ["results", "thresholds", "baseline"])
def test_hostile_lines_are_only_text(
    name: str, act: RunAction, write_run: WriteRun, runner: Runner, tmp_path: Path
) -> None:
    """Likewise, of inputs that take lines: all at once."""
    _only_text(name, "\n".join(HOSTILE.values()), act, write_run, runner, tmp_path)


def _only_text(
    name: str, text: str, act: RunAction, write_run: WriteRun, runner: Runner, tmp_path: Path
) -> None:
    write_run([("GET", "/x", 900, 500)], BROKEN, folder="workspace")
    before = sorted(runner.workspace.iterdir())
    ran = act(artifact_name="results", **{name: text})
    assert ran.outcome == "failure"
    assert ran.outputs["outcome"] == ("failed" if name == "label" else "error")
    assert sorted(runner.workspace.iterdir()) == before
    assert not [path for path in tmp_path.rglob("*") if path.name in {PWNED, "escape"}]
    assert {command.name for command in ran.commands} <= {"error", "warning", "notice"}
    assert all(title.startswith("loadgate") for title in _titles(ran))
    for path in filter(None, ran.outputs["result-json"].split("\n")):
        assert Path(path).resolve().is_relative_to(runner.temp.resolve())


def test_hostile_results_are_only_text(act: RunAction, write_run: WriteRun) -> None:
    """Names and error texts come from a load test, and a pull request may write that."""
    write_run(
        [("GET", text, 900, 500) for text in HOSTILE.values()],
        [("GET", text, text, 500) for text in HOSTILE.values()],
        folder="workspace",
    )
    ran = act()
    assert ran.outputs["outcome"] == "failed"
    assert ran.outputs["true-failures"] == str(500 * len(HOSTILE))
    assert {command.name for command in ran.commands} <= {"error", "warning", "notice"}
    assert _titles(ran) == {"loadgate", "loadgate run"}


def test_modules_in_the_working_directory_are_not_imported(
    act: RunAction, write_run: WriteRun, runner: Runner
) -> None:
    """A pull request may put its own click.py there, and a step before may set PYTHONPATH."""
    write_run([("GET", "/x", 900, 500)], BROKEN, folder="workspace")
    evil = f"import pathlib, sys; pathlib.Path('{PWNED}').touch(); sys.exit(0)\n"
    for name in ("click", "json", "sitecustomize", "usercustomize", "jsonschema"):
        (runner.workspace / f"{name}.py").write_text(evil, "utf-8")
    (runner.workspace / "loadgate").mkdir()
    for name in ("__init__", "__main__", "action"):
        (runner.workspace / "loadgate" / f"{name}.py").write_text(evil, "utf-8")
    runner.env |= {"PYTHONPATH": str(runner.workspace), "PYTHONSTARTUP": "click.py"}
    ran = act()
    assert ran.outputs["outcome"] == "failed"
    assert not (runner.workspace / PWNED).exists()


# --- installing -------------------------------------------------------------------------------------


def test_the_version_is_that_of_the_action(installed: Mapping[str, str]) -> None:
    """What is installed is the checkout that the action's ref names."""
    done = subprocess.run(
        [installed["python"], "-I", "-m", "loadgate", "--version"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.split()[-1] == loadgate.__version__


FAKE = """#!/bin/bash
case "$*" in
  *version_info*) exit {version} ;;
  *"-m venv"*) mkdir -p "$4/{folder}" && cp "$0" "$4/{folder}/{name}" ;;
  *"-m pip"*) echo "$@"; exit {pip} ;;
  *loadgate.action*) {judge} ;;
esac
"""


def _with_python(runner: Runner, tmp_path: Path, **how: str) -> None:
    """Put a python3 on the runner that answers as told."""
    runner.reuse = {}
    folder = tmp_path / "fake"
    folder.mkdir()
    parts = {"version": "0", "folder": "bin", "name": "python", "pip": "0", "judge": ":", **how}
    (folder / "python3").write_text(FAKE.format(**parts), "utf-8")
    (folder / "python3").chmod(0o755)
    runner.env["PATH"] = f"{folder}:/usr/bin:/bin"


@pytest.mark.parametrize(
    ("how", "message"),
    [
        pytest.param({"version": "1"}, "loadgate needs Python 3.11 or newer", id="too-old"),
        pytest.param({"pip": "1"}, "loadgate could not be installed", id="no-network"),
        pytest.param({"folder": "lib"}, "loadgate could not be installed", id="no-python-in-it"),
        pytest.param({}, "loadgate ended unexpectedly (exit code unknown)", id="silent"),
        pytest.param({"folder": "Scripts", "name": "python.exe"}, "loadgate ended unexpectedly", id="windows"),
    ],
)  # fmt: skip
def test_the_runners_own_python(
    how: dict[str, str], message: str, runner: Runner, tmp_path: Path, act: RunAction
) -> None:
    """It is used where python-version is empty, and what is wrong with it is told."""
    _with_python(runner, tmp_path, **how)
    ran = act(python_version="")
    assert ran.steps[0].outcome == "skipped"
    assert ran.outcome == "failure"
    assert _last_error(ran).startswith(message)


def test_a_runner_without_python(runner: Runner, tmp_path: Path, act: RunAction) -> None:
    """The message says how to get one."""
    runner.reuse = {}
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "bash").symlink_to("/bin/bash")
    runner.env["PATH"] = str(tmp_path / "bin")
    ran = act(python_version="")
    assert _last_error(ran).startswith("This runner has no Python; ")


def test_the_jobs_python_stays(act: RunAction, write_run: WriteRun, runner: Runner) -> None:
    """The action's Python does not come onto the PATH of later steps."""
    write_run(folder="workspace")
    act()
    assert "PATH" not in runner.env


@pytest.mark.parametrize(
    ("judge", "message"),
    [
        pytest.param('echo exit-code=70 >> "$GITHUB_OUTPUT"', "A bug in loadgate: ", id="bug"),
        pytest.param('echo exit-code=130 >> "$GITHUB_OUTPUT"', "loadgate ended unexpectedly", id="interrupted"),
        pytest.param("exit 1", None, id="crash"),
    ],
)  # fmt: skip
def test_loadgate_itself_may_break(
    judge: str, message: str | None, runner: Runner, tmp_path: Path, act: RunAction
) -> None:
    """No bug can pass, not even with fail-on-gate: false."""
    _with_python(runner, tmp_path, judge=judge)
    ran = act(python_version="", fail_on_gate="false")
    assert ran.outcome == "failure"
    if message:
        assert _last_error(ran).startswith(message)
    else:
        assert [step.outcome for step in ran.steps[-3:]] == ["failure", "skipped", "skipped"]
