"""The workflows, run as a runner would: the load test of this project, its weekly report, its release."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import sys
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from action.documents import load
from action.runner import BASH, ROOT, Ran, Runner

WORKFLOWS = ROOT / ".github" / "workflows"
NEEDED = ("locust", "sqlalchemy", "pip")
MISSING = [name for name in NEEDED if importlib.util.find_spec(name) is None]

pytestmark = pytest.mark.skipif(BASH is None, reason="no bash")


@pytest.fixture
def checkout(tmp_path: Path) -> Runner:
    """Return a machine with this checkout as its workspace, and the test's own Python on PATH."""
    workspace = tmp_path / "work"
    workspace.mkdir()
    for name in (".github", "examples", "loadgate", "rules"):
        shutil.copytree(ROOT / name, workspace / name)
    for name in ("action.yml", "pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md"):
        shutil.copy(ROOT / name, workspace)
    temp = tmp_path / "temp"
    temp.mkdir()
    return Runner(workspace=workspace, temp=temp)


# --- one check for all ------------------------------------------------------------------------------


def test_all_green_waits_for_all() -> None:
    """The one check that a branch is protected by depends on every other job, whatever happens."""
    jobs = load(WORKFLOWS / "ci.yml")["jobs"]
    assert set(jobs["all-green"]["needs"]) == set(jobs) - {"all-green"}
    assert jobs["all-green"]["if"] == "always()"


@pytest.mark.parametrize(
    ("result", "outcome"),
    [("success", "success"), *((bad, "failure") for bad in ("failure", "cancelled", "skipped"))],
)
def test_all_green_is_green_only_then(checkout: Runner, result: str, outcome: str) -> None:
    """A job that failed, was cancelled or skipped turns it red."""
    needs = {"one": {"result": result}, "other": {"result": "success"}}
    assert checkout.run_job(WORKFLOWS / "ci.yml", "all-green", needs=needs).outcome == outcome


# --- the load test --------------------------------------------------------------------------------


@pytest.mark.prove
@pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")
def test_the_load_test_passes_by_its_rules_and_fails_without(
    checkout: Runner, installed: Mapping[str, str], tmp_path: Path
) -> None:
    """The example service, a real Locust, and the action twice: what the workflow must find."""
    text = (WORKFLOWS / "load-test.yml").read_text("utf-8")
    # It ends by what it counted, and no answer is too slow: no machine is, either.
    text = text.replace("RUN_TIME: 60s", "RUN_TIME: 600s").replace(":8321", ":8322")
    text = text.replace("locking/locustfile.py", f"locking/locustfile.py,{ROOT}/tests/counted.py")
    checkout.env |= {"COUNTED_PREFIX": "results/run", "COUNTED_REQUESTS": "2000"}
    rules = checkout.workspace / "examples" / "optimistic-locking" / "loadgate.toml"
    rules.write_text(rules.read_text("utf-8").replace("500ms", "300s"), "utf-8")
    file = tmp_path / "load-test.yml"
    file.write_text(text, "utf-8")
    checkout.reuse = {"install": installed}
    ran = checkout.run_job(file, "load-test")
    assert ran.outcome == "success", ran.log
    by_the_rules, without = ran.step("by-the-rules"), ran.step("without-rules")
    ends = [(step.outputs["outcome"], step.outcome) for step in (by_the_rules, without)]
    assert ends == [("passed", "success"), ("failed", "failure")]
    assert int(by_the_rules.outputs["expected-failures"]) > 0
    (artifact,) = checkout.artifacts
    assert artifact == "loadgate-result-1658821493-1"
    (document,) = checkout.artifacts[artifact].glob("*.json")
    run = json.loads(document.read_text("utf-8"))["run"]
    assert (run["label"], run["branch"]) == ("example service", "main")
    assert "PASSED" in ran.summary
    assert "FAILED" in ran.summary


# --- the weekly report ----------------------------------------------------------------------------

WEEKLY = WORKFLOWS / "weekly-report.yml"
GH = """\
#!{python}
# Stands in for GitHub's CLI: answers as recorded, and refuses what it does not know.
import json, os, sys
from pathlib import Path
answers = Path({answers!r})
match sys.argv[1:]:
    case ["api", *_, path]:
        answer = answers / path.partition("?")[0].replace("/", "_")
        sys.exit(f"HTTP 404: {{path}}") if not answer.exists() else None
        sys.stdout.buffer.write(answer.read_bytes())
    case ["issue", "list", *options]:
        assert "app/github-actions" in options and "all" in options, options
        issues = json.loads((answers / "issues").read_text())
        found = [one["number"] for one in issues if one["title"] == os.environ["TITLE"]]
        print(*found[:1])
    case ["issue", "edit" | "create" as verb, *options]:
        body = Path(options[options.index("--body-file") + 1]).read_text("utf-8")
        (answers / "written").write_text(json.dumps([verb, options, body]))
    case other:
        sys.exit(f"unknown: {{other}}")
"""


@pytest.fixture
def github(checkout: Runner, tmp_path: Path) -> Path:
    """Return the folder of a stand-in for GitHub's CLI, which is on the machine's PATH."""
    answers = tmp_path / "answers"
    answers.mkdir()
    (answers / "issues").write_text("[]")
    folder = tmp_path / "bin"
    folder.mkdir()
    # Installing it is tested elsewhere; here loadgate is that of this environment.
    python = f'#!/bin/sh\n[ "$2" = pip ] && exit 0\nexec "{sys.executable}" "$@"\n'
    gh = GH.format(python=sys.executable, answers=str(answers))
    for name, text in (("gh", gh), ("python", python)):
        (folder / name).write_text(text, "utf-8")
        (folder / name).chmod(0o755)
    checkout.env["PATH"] = f"{folder}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    checkout.actions["actions/setup-python"] = lambda _call: {}
    return answers


def _artifact(number: int, **fields: Any) -> dict[str, Any]:
    """Return an artifact as GitHub's API describes it; by default of a run of yesterday."""
    run = {"head_branch": "main", "repository_id": 1, "head_repository_id": 1}
    run.update({key: fields.pop(key) for key in run.keys() & fields})
    yesterday = datetime.now(UTC) - timedelta(days=1)
    return {
        "id": number,
        "name": f"loadgate-result-{number}",
        "expired": False,
        "created_at": yesterday.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "workflow_run": run,
        **fields,
    }


def _recorded(answers: Path, artifacts: list[dict[str, Any]]) -> None:
    """Answer with these artifacts, on two pages; each holds the result document of a real run."""
    pages = [{"artifacts": artifacts[:1]}, {"artifacts": artifacts[1:]}]
    (answers / "repos_octo_shop_actions_artifacts").write_text(json.dumps(pages), "utf-8")
    night = ROOT / "examples" / "weeks" / "2026-11-17.json"
    document = json.loads(night.read_text("utf-8"))
    for place, artifact in enumerate(artifacts):
        minute = f"2026-11-17T02:0{place}"  # two runs that are alike are one run
        document["run"]["label"] = f"night {artifact['id']} | <b>`x`"
        document["run"] |= {"started": f"{minute}:00Z", "ended": f"{minute}:12Z"}
        _archive(answers, artifact["id"], json.dumps(document))


def _archive(answers: Path, number: int, text: str) -> None:
    target = answers / f"repos_octo_shop_actions_artifacts_{number}_zip"
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("run.json", text)


def _report(checkout: Runner, outcome: str = "success") -> Ran:
    ran = checkout.run_job(WEEKLY, "report", inputs={"week": "2026-W47"})
    assert ran.outcome == outcome, ran.log
    return ran


def _post(checkout: Runner, outcome: str = "success", **outputs: str) -> Ran:
    """Run the second job, on a machine of its own, which has only the artifact."""
    outputs = {"week": "2026-W47", "unreadable": "false", **outputs}
    checkout.workspace = checkout.temp / "second machine"
    checkout.workspace.mkdir()
    ran = checkout.run_job(WEEKLY, "issue", needs={"report": {"outputs": outputs}})
    assert ran.outcome == outcome, ran.log
    return ran


def test_the_weekly_report_is_of_the_runs_of_the_branch(checkout: Runner, github: Path) -> None:
    """Not those of another branch, of a fork, of another name, too old or gone."""
    others: dict[str, Any] = {
        "head_branch": "feature",
        "head_repository_id": 2,
        "name": "coverage",
        "expired": True,
        "created_at": "2020-01-01T00:00:00Z",
        "workflow_run": None,
    }
    wrong = [_artifact(n, **{key: others[key]}) for n, key in enumerate(others, 10)]
    _recorded(github, [_artifact(1), *wrong, _artifact(2)])
    ran = _report(checkout)
    assert set(re.findall(r"night (\d+)", ran.summary)) == {"1", "2"}
    assert "# Load tests, 2026-W47\n\n✅ **Fine**: 2 runs passed" in ran.summary
    files = {file.name for file in checkout.artifacts["weekly-report"].iterdir()}
    assert files == {"report.md", "report.html", "report.json"}


@pytest.mark.parametrize(
    ("issues", "verb"),
    [
        pytest.param([], "create", marks=pytest.mark.prove, id="the-first-time"),
        pytest.param([{"number": 7, "title": "Load tests, 2026-W47"}], "edit", id="again"),
        pytest.param([{"number": 7, "title": "Load tests, 2026-W470"}], "create", id="another"),
    ],
)
def test_there_is_one_issue_for_each_week(
    issues: list[dict[str, Any]], verb: str, checkout: Runner, github: Path
) -> None:
    """It is made once and refreshed from then on."""
    _recorded(github, [_artifact(1)])
    (github / "issues").write_text(json.dumps(issues))
    ran = _report(checkout)
    _post(checkout, **ran.outputs)
    done, options, body = json.loads((github / "written").read_text())
    assert done == verb
    assert ("7" in options) is (verb == "edit")
    assert body.rstrip() == ran.summary.rstrip()


@pytest.mark.prove
def test_a_week_without_results_says_so(checkout: Runner, github: Path) -> None:
    """Nothing to report is reported."""
    _recorded(github, [])
    ran = _report(checkout)
    assert "**Nothing ran**" in ran.summary
    assert ran.outputs["unreadable"] == "false"


def test_a_broken_result_fails_the_job_behind_the_report(checkout: Runner, github: Path) -> None:
    """The report is published, and lists what it could not read."""
    _recorded(github, [_artifact(1)])
    _archive(github, 1, '{"format": "loadgate.result", "version": 1')
    ran = _report(checkout)
    assert "could not be read" in ran.summary
    posted = _post(checkout, "failure", **ran.outputs)
    assert (github / "written").exists()
    assert posted.steps[-1].outcome == "failure"


def _artifact_of_a_report(checkout: Runner, text: str) -> Path:
    folder = checkout.temp / "artifact"
    folder.mkdir()
    (folder / "report.md").write_text(text, "utf-8")
    checkout.artifacts["weekly-report"] = folder
    return folder


@pytest.mark.parametrize("letter", ["é", "𝛂", "x"])
def test_a_report_that_an_issue_cannot_hold_is_cut(
    letter: str, checkout: Runner, github: Path
) -> None:
    """Between two characters, and what is left says where the whole is."""
    _artifact_of_a_report(checkout, letter * 70_000)
    _post(checkout)
    _, _, body = json.loads((github / "written").read_text())
    assert body.startswith(letter * 65_000 + "\n\n")
    assert "https://github.com/octo/shop/actions/runs/1658821493" in body
    assert len(body) < 65_536


@pytest.mark.parametrize("week", ["", "$(id)", "2026-W47\nx", "2026-W47 @everybody", "week"])
def test_the_title_of_an_issue_is_a_week(week: str, checkout: Runner, github: Path) -> None:
    """The first job runs code of others, so the second takes nothing else from it."""
    _artifact_of_a_report(checkout, "# Report")
    assert "not a week" in _post(checkout, "failure", week=week).log
    assert not (github / "written").exists()


def test_a_report_is_a_file_and_no_link(checkout: Runner, github: Path) -> None:
    """A link would publish a file of the machine, such as its environment with the token."""
    folder = _artifact_of_a_report(checkout, "")
    (folder / "report.md").unlink()
    (folder / "report.md").symlink_to("/proc/self/environ")
    assert "no file report.md" in _post(checkout, "failure").log
    assert not (github / "written").exists()


def test_an_answer_that_fails_is_told(checkout: Runner, github: Path) -> None:
    """Without its results there is no report, and the log says what GitHub was asked."""
    ran = _report(checkout, "failure")
    assert "gh api repos/octo/shop/actions/artifacts" in ran.log
    assert not (github / "written").exists()


# --- the release ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tag", "version", "changes", "outcome"),
    [
        ("v1.2.3", "1.2.3", "## [1.2.3] - 2026-11-23", "success"),
        ("v1.2.4", "1.2.3", "## [1.2.4]", "failure"),
        ("v1.2.3", "1.2.3", "## [Unreleased]", "failure"),
        ("v1$(id)", "1$(id)", "## [1]", "failure"),
    ],
)
def test_a_release_is_what_its_tag_says(
    checkout: Runner, tag: str, version: str, changes: str, outcome: str
) -> None:
    """Version, change log and tag must agree before anything is built."""
    (checkout.workspace / "loadgate" / "__init__.py").write_text(f'__version__ = "{version}"\n')
    (checkout.workspace / "CHANGELOG.md").write_text(f"# Changelog\n\n{changes}\n")
    checkout.github = {"ref_name": tag}
    document = load(WORKFLOWS / "release.yml")
    (step,) = [s for s in document["jobs"]["build"]["steps"] if "TAG" in s.get("env", {})]
    file = checkout.temp / "one-step.yml"
    job = {**document["jobs"]["build"], "steps": [step]}
    file.write_text(json.dumps({**document, "jobs": {"build": job}}), "utf-8")
    assert checkout.run_job(file, "build").outcome == outcome
