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

from action.runner import BASH, ROOT, Runner, load

WORKFLOWS = ROOT / ".github" / "workflows"
NEEDED = ("locust", "sqlalchemy", "pip")
MISSING = [name for name in NEEDED if importlib.util.find_spec(name) is None]

pytestmark = pytest.mark.skipif(BASH is None, reason="no bash")


@pytest.fixture
def checkout(tmp_path: Path) -> Runner:
    """Return a machine with this checkout as its workspace, and the test's own Python on PATH."""
    workspace = tmp_path / "work"
    workspace.mkdir()
    for name in (".github", "examples", "action.yml", "pyproject.toml", "loadgate", "rules"):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, workspace / name)
        else:
            shutil.copy(source, workspace)
    for name in ("README.md", "LICENSE", "CHANGELOG.md"):
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
    ("results", "outcome"),
    [
        pytest.param(["success", "success"], "success", id="all"),
        pytest.param(["success", "failure"], "failure", id="one-failed"),
        pytest.param(["cancelled", "success"], "failure", id="one-cancelled"),
        pytest.param(["skipped", "success"], "failure", id="one-skipped"),
    ],
)
def test_all_green_is_green_only_then(checkout: Runner, results: list[str], outcome: str) -> None:
    """A job that failed, was cancelled or skipped turns it red."""
    needs = {f"job-{place}": {"result": result} for place, result in enumerate(results)}
    assert checkout.run_job(WORKFLOWS / "ci.yml", "all-green", needs=needs).outcome == outcome


# --- the load test --------------------------------------------------------------------------------


@pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")
def test_the_load_test_passes_by_its_rules_and_fails_without(
    checkout: Runner, installed: Mapping[str, str], tmp_path: Path
) -> None:
    """The example service, a real Locust, and the action twice: what the workflow must find."""
    text = (WORKFLOWS / "load-test.yml").read_text("utf-8")
    short = text.replace("RUN_TIME: 60s", "RUN_TIME: 12s").replace(":8321", ":8322")
    file = tmp_path / "load-test.yml"
    file.write_text(short, "utf-8")
    checkout.reuse = {"install": installed}
    ran = checkout.run_job(file, "load-test")
    assert ran.outcome == "success", ran.log
    by_the_rules, without = ran.step("by-the-rules"), ran.step("without-rules")
    assert (by_the_rules.outputs["outcome"], by_the_rules.outcome) == ("passed", "success")
    assert (without.outputs["outcome"], without.outcome) == ("failed", "failure")
    assert int(by_the_rules.outputs["expected-failures"]) > 0
    (artifact,) = checkout.artifacts
    assert artifact == "loadgate-result-1658821493-1"
    (document,) = checkout.artifacts[artifact].glob("*.json")
    run = json.loads(document.read_text("utf-8"))["run"]
    assert (run["label"], run["branch"]) == ("example service", "main")
    assert "PASSED" in ran.summary
    assert "FAILED" in ran.summary


# --- the weekly report ----------------------------------------------------------------------------

GH = """\
#!{python}
# Stands in for GitHub's CLI: answers as recorded, and refuses what it does not know.
import sys
from pathlib import Path
answers = Path({answers!r})
command, *_, path = sys.argv[1:]
assert command == "api", sys.argv
answer = answers / path.partition("?")[0].replace("/", "_")
sys.exit(f"HTTP 404: {{path}}") if not answer.exists() else None
sys.stdout.buffer.write(answer.read_bytes())
"""


@pytest.fixture
def github(checkout: Runner, tmp_path: Path) -> Path:
    """Return the folder of a stand-in for GitHub's CLI, which is on the machine's PATH."""
    answers = tmp_path / "answers"
    answers.mkdir()
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "gh").write_text(GH.format(python=sys.executable, answers=str(answers)), "utf-8")
    (folder / "gh").chmod(0o755)
    checkout.env["PATH"] = os.pathsep.join((str(folder), os.environ["PATH"]))
    return answers


def _artifact(number: int, **fields: Any) -> dict[str, Any]:
    """Return an artifact as GitHub's API describes it; by default of a run of yesterday."""
    run = {"head_branch": "main", "repository_id": 1, "head_repository_id": 1}
    run.update({key: fields.pop(key) for key in list(fields) if key in run})
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
    document = json.loads((ROOT / "tests" / "render" / "golden" / "passed.json").read_text("utf-8"))
    for artifact in artifacts:
        document["run"]["label"] = f"night {artifact['id']} | <b>`x`"
        target = answers / f"repos_octo_shop_actions_artifacts_{artifact['id']}_zip"
        with zipfile.ZipFile(target, "w") as archive:
            archive.writestr("run.json", json.dumps(document))


def test_the_weekly_report_lists_the_runs_of_the_branch(checkout: Runner, github: Path) -> None:
    """Not those of another branch, of a fork, of another name, too old or gone."""
    others: list[dict[str, Any]] = [
        {"head_branch": "feature"},
        {"head_repository_id": 2},
        {"name": "coverage"},
        {"expired": True},
        {"created_at": "2020-01-01T00:00:00Z"},
        {"workflow_run": None},
    ]
    artifacts = [_artifact(1), *(_artifact(n, **o) for n, o in enumerate(others, 10)), _artifact(2)]
    _recorded(github, artifacts)
    ran = checkout.run_job(WORKFLOWS / "weekly-report.yml", "weekly-report")
    assert ran.outcome == "success", ran.log
    assert re.findall(r"night (\d+)", ran.summary) == ["1", "2"]
    assert "<b>" not in ran.summary


def test_a_week_without_results_says_so(checkout: Runner, github: Path) -> None:
    """Nothing to report is reported."""
    _recorded(github, [])
    ran = checkout.run_job(WORKFLOWS / "weekly-report.yml", "weekly-report")
    assert ran.outcome == "success", ran.log
    assert "No load test left a result." in ran.summary


def test_an_answer_that_fails_is_told(checkout: Runner, github: Path) -> None:
    """Without its results there is no report, and the log says what GitHub was asked."""
    assert not list(github.iterdir())
    ran = checkout.run_job(WORKFLOWS / "weekly-report.yml", "weekly-report")
    assert ran.outcome == "failure"
    assert "gh api repos/octo/shop/actions/artifacts" in ran.log


# --- the release ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tag", "version", "changes", "outcome"),
    [
        pytest.param("v1.2.3", "1.2.3", "## [1.2.3] - 2026-11-23", "success", id="all-agree"),
        pytest.param("v1.2.4", "1.2.3", "## [1.2.4]", "failure", id="another-version"),
        pytest.param("v1.2.3", "1.2.3", "## [Unreleased]", "failure", id="no-section"),
        pytest.param("v1$(id)", "1$(id)", "## [1]", "failure", id="hostile-tag"),
    ],
)
def test_a_release_is_what_its_tag_says(
    checkout: Runner, tag: str, version: str, changes: str, outcome: str
) -> None:
    """Version, change log and tag must agree before anything is built."""
    (checkout.workspace / "loadgate" / "__init__.py").write_text(f'__version__ = "{version}"\n')
    (checkout.workspace / "CHANGELOG.md").write_text(f"# Changelog\n\n{changes}\n")
    checkout.contexts = {"github": {"ref_name": tag}}
    document = load(WORKFLOWS / "release.yml")
    (step,) = [s for s in document["jobs"]["build"]["steps"] if "TAG" in s.get("env", {})]
    file = checkout.temp / "one-step.yml"
    job = {**document["jobs"]["build"], "steps": [step]}
    file.write_text(json.dumps({**document, "jobs": {"build": job}}), "utf-8")
    assert checkout.run_job(file, "build").outcome == outcome
