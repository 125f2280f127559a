"""The release: what it refuses, and that a dry run publishes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from action.documents import load
from action.expressions import evaluate
from action.release import (
    CHANGES,
    JOBS,
    NOTES,
    RELEASE,
    SHA,
    answer,
    ci_run,
    set_version,
)
from action.runner import BASH, Ran, Runner
from loadgate import published

PUSHED: Mapping[str, Any] = {"dry-run": ""}
DRY: Mapping[str, Any] = {"dry-run": True}
BRANCH = {"ref": "refs/heads/main", "ref_name": "main", "ref_type": "branch"}

pytestmark = pytest.mark.skipif(BASH is None, reason="no bash")


def _check(machine: Runner, inputs: Mapping[str, Any] = PUSHED) -> Ran:
    return machine.run_job(RELEASE, "check", inputs=inputs)


# --- what is released ---------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["behind", "identical"])
def test_a_tag_on_main_that_passed_ci_is_released(
    tagged: Runner, github: Path, status: str
) -> None:
    """With the section of the changelog as its notes, and nothing of the section below."""
    answer(github, f"compare/main...{SHA}", {"status": status})
    ran = _check(tagged)
    assert ran.outcome == "success", ran.log
    version = {"version": "1.2.3", "publish": "true", "prerelease": "false"}
    assert ran.outputs == {**version, "notes": NOTES}
    asked = (github / "calls").read_text("utf-8")
    assert f"head_sha={SHA}&branch=main&event=push" in asked


def test_a_release_candidate_is_no_latest_release(tagged: Runner) -> None:
    """Neither on GitHub nor as the image that people get without a tag."""
    set_version(tagged, "1.2.3rc1")
    tagged.github["ref_name"] = "v1.2.3rc1"
    changes = CHANGES.replace("## [1.2.3]", "## [1.2.3rc1]")
    (tagged.workspace / "CHANGELOG.md").write_text(changes, "utf-8")
    assert _check(tagged).outputs["prerelease"] == "true"


@pytest.mark.parametrize(
    ("runs", "said"),
    [
        pytest.param([], "CI has not run", id="none"),
        pytest.param([ci_run(conclusion="failure")], "ended with failure", id="failed"),
        pytest.param([ci_run(conclusion="cancelled")], "ended with cancelled", id="cancelled"),
        pytest.param([ci_run(conclusion="skipped")], "ended with skipped", id="skipped"),
        pytest.param(
            [ci_run(status="in_progress", conclusion=None)], "has not finished", id="pending"
        ),
        pytest.param([ci_run(status="queued", conclusion=None)], "has not finished", id="queued"),
        pytest.param(
            [ci_run(7), ci_run(8, conclusion="failure")], "example/8", id="a-later-one-failed"
        ),
        pytest.param(
            [ci_run(10, conclusion="failure"), ci_run(9)], "example/10", id="ten-is-after-nine"
        ),
        pytest.param([ci_run(event="pull_request")], "CI has not run", id="of-a-pull-request"),
        pytest.param([ci_run(head_branch="x")], "CI has not run", id="of-a-branch"),
        pytest.param([ci_run(head_sha="0" * 40)], "CI has not run", id="of-another-commit"),
    ],
)
def test_without_a_passed_ci_there_is_no_release(
    tagged: Runner, github: Path, runs: list[dict[str, Any]], said: str
) -> None:
    """Only the last run of this commit on main counts, and only when it has finished."""
    answer(github, "actions/workflows/ci.yml/runs", {"workflow_runs": runs})
    _refused(_check(tagged), said)


def _refused(ran: Ran, *said: str) -> None:
    assert ran.outcome == "failure"
    assert set(ran.outputs.values()) == {""}
    errors = [command.text for command in ran.commands if command.name == "error"]
    assert len(errors) == len(said)
    for error, words in zip(errors, said, strict=True):
        assert words in error


@pytest.mark.parametrize("status", ["ahead", "diverged"])
def test_a_commit_that_is_not_on_main_is_not_released(
    tagged: Runner, github: Path, status: str
) -> None:
    """Whoever may push a tag has not had it reviewed."""
    answer(github, f"compare/main...{SHA}", {"status": status})
    _refused(_check(tagged), "is not on main")


@pytest.mark.parametrize(
    ("version", "changes", "said"),
    [
        pytest.param("1.2.4", CHANGES.replace("1.2.3", "1.2.4"), ["the tag is v1.2.3"], id="tag"),
        pytest.param("1.2.3", CHANGES.replace("[1.2.3]", "[1.2.4]"), ["says nothing"], id="none"),
        pytest.param(
            "1.2.3", CHANGES.replace("2026-11-27", "soon"), ["says nothing"], id="undated"
        ),
        pytest.param("1.2.3", CHANGES.replace("- A gate.", ""), ["says nothing"], id="empty"),
        pytest.param(
            "1.2.3", CHANGES.replace("1.2.3", "1x2.3"), ["says nothing"], id="literal-dots"
        ),
        pytest.param(
            "1.2.3",
            "## [1.2.3] - 2026-11-27\n\n[1.2.3]: https://x.example\n",
            ["says nothing"],
            id="a-link-alone",
        ),
        pytest.param(
            "$(id)", CHANGES, ["the version '$(id)'", "says nothing", "$(id)"], id="shell"
        ),
    ],
)
def test_tag_version_and_changelog_agree(
    tagged: Runner, version: str, changes: str, said: list[str]
) -> None:
    """The notes of a release are written by people, before its tag."""
    set_version(tagged, version)
    (tagged.workspace / "CHANGELOG.md").write_text(changes, "utf-8")
    _refused(_check(tagged), *said)


def test_a_fork_releases_nothing(tagged: Runner, github: Path) -> None:
    """Releases come from the repository that the messages and pages link to."""
    tagged.github["repository"] = "octo/loadgate"
    answer(github, f"compare/main...{SHA}", {"status": "behind"}, "octo/loadgate")
    runs = {"workflow_runs": [ci_run()]}
    answer(github, "actions/workflows/ci.yml/runs", runs, "octo/loadgate")
    _refused(_check(tagged), f"releases are made in {published.REPOSITORY}")


def test_everything_that_is_wrong_is_said_at_once(tagged: Runner, github: Path) -> None:
    """Each attempt costs a tag."""
    tagged.github["ref_name"] = "v9.9.9"
    answer(github, f"compare/main...{SHA}", {"status": "diverged"})
    answer(github, "actions/workflows/ci.yml/runs", {"workflow_runs": []})
    _refused(_check(tagged), "the tag is v9.9.9", "is not on main", "CI has not run")


def test_without_an_answer_there_is_no_release(tagged: Runner, github: Path) -> None:
    """GitHub may be down, or may not know the commit."""
    next(github.glob("*compare*")).unlink()
    _refused(_check(tagged), "GitHub did not answer")


# --- the dry run --------------------------------------------------------------------------------------


def test_a_dry_run_checks_the_same(tagged: Runner, github: Path) -> None:
    """It is of a branch, and finds before the tag what the release would refuse."""
    tagged.github |= BRANCH
    ran = _check(tagged, DRY)
    assert (ran.outcome, ran.outputs["publish"]) == ("success", "false")
    answer(github, "actions/workflows/ci.yml/runs", {"workflow_runs": []})
    _refused(_check(tagged, DRY), "CI has not run")


def test_only_a_tag_is_published(tagged: Runner) -> None:
    """Also where somebody starts the workflow on a branch and asks for it."""
    tagged.github |= BRANCH
    _refused(_check(tagged, {"dry-run": False}), "main is not a tag")


def _needed(job: str) -> set[str]:
    """Return the jobs that must have succeeded before this one starts."""
    needs = JOBS[job].get("needs", [])
    direct = {needs} if isinstance(needs, str) else set(needs)
    return direct.union(*(_needed(name) for name in direct))


def test_by_hand_is_dry_unless_told_otherwise() -> None:
    """One click too many must not publish."""
    inputs = load(RELEASE)["on"]["workflow_dispatch"]["inputs"]
    assert inputs["dry-run"]["default"] is True


def test_what_may_write_waits_for_every_check() -> None:
    """Nothing is published that was not checked, built and tried, or in a dry run."""
    assert JOBS["publish"]["if"] == "needs.check.outputs.publish == 'true'"
    for publish in ("true", "false", ""):
        needs = {"check": {"outputs": {"publish": publish}}}
        assert evaluate(JOBS["publish"]["if"], {"needs": needs}) is (publish == "true")
    for name, job in JOBS.items():
        if "write" in job["permissions"].values():
            assert _needed(name) | {"publish"} == {"check", "build", "try", "image", "publish"}
            assert name == "publish" or "if" not in job
        else:
            assert "if" not in job
