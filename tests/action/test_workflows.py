"""The workflows, run as a runner would: the load test of this project, its weekly report."""

from __future__ import annotations

import importlib.util
import json
import re
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


@pytest.mark.skipif(sys.platform != "linux", reason="others have no locale C.UTF-8, nor this job")
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
    assert "not of a week" in _post(checkout, "failure", week=week).log
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
