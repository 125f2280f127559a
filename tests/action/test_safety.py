"""What must hold of every workflow, and of the action, whatever it does."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from action.runner import BASH, ROOT, load

ACTION = ROOT / "action.yml"
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
EVERY = pytest.mark.parametrize(
    "file", [pytest.param(file, id=file.name) for file in (ACTION, *WORKFLOWS)]
)
EVERY_WORKFLOW = pytest.mark.parametrize(
    "file", [pytest.param(file, id=file.name) for file in WORKFLOWS]
)
PINNED = re.compile(r"uses: (?P<name>[\w.-]+/[\w./-]+)@(?P<hash>[0-9a-f]{40}) # v\d+\.\d+\.\d+")


def _steps(file: Path) -> Iterator[dict[str, Any]]:
    document = load(file)
    if "runs" in document:
        yield from document["runs"]["steps"]
    for job in document.get("jobs", {}).values():
        yield from job["steps"]


def test_there_are_workflows() -> None:
    """The tests below are of something."""
    assert WORKFLOWS


@EVERY
def test_no_expression_is_put_into_a_script(file: Path) -> None:
    """Whoever chooses a branch's name, a label or an input must not write shell."""
    for step in _steps(file):
        assert "${{" not in step.get("run", ""), step


@EVERY
def test_foreign_actions_are_pinned(file: Path) -> None:
    """By the full hash of a commit, with its version beside it for people."""
    for line in file.read_text("utf-8").splitlines():
        used = line.strip().removeprefix("- ")
        if used.startswith("uses:") and used.partition(" #")[0] != "uses: ./":
            assert PINNED.fullmatch(used), used


def test_an_action_is_pinned_alike_everywhere() -> None:
    """In the workflows, the action and the pages: an update that forgets one is seen."""
    pinned: dict[str, set[str]] = {}
    for file in (ACTION, *WORKFLOWS, *(ROOT / "docs").rglob("*.md")):
        for found in PINNED.finditer(file.read_text("utf-8")):
            pinned.setdefault(found["name"], set()).add(found.group())
    assert {name: uses for name, uses in pinned.items() if len(uses) > 1} == {}


@EVERY
def test_a_checkout_leaves_no_token_behind(file: Path) -> None:
    """What runs later, a load test of a fork for one, finds none in the repository's settings."""
    for step in _steps(file):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False, step


@EVERY
def test_scripts_are_shell(file: Path) -> None:
    """Each can be parsed by bash, which a runner finds out only when it comes to the step."""
    if BASH is None:
        pytest.skip("no bash")
    for step in _steps(file):
        if "run" in step and step.get("shell", "bash") == "bash":
            done = subprocess.run(
                [BASH, "-n"], input=step["run"], text=True, capture_output=True, check=False
            )
            assert done.stderr == "", step


@EVERY_WORKFLOW
def test_rights_are_given_job_by_job(file: Path) -> None:
    """A workflow has none, a job names its own; nothing runs longer than it says."""
    workflow = load(file)
    assert workflow["permissions"] == {}
    for name, job in workflow["jobs"].items():
        assert isinstance(job["permissions"], dict), name
        assert 0 < job["timeout-minutes"] <= 60, name


@EVERY_WORKFLOW
def test_strangers_start_nothing_that_has_rights(file: Path) -> None:
    """Events that run with the repository's rights on what a fork wrote are not used."""
    assert {"pull_request_target", "workflow_run", "issue_comment"}.isdisjoint(load(file)["on"])
