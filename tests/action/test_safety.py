"""What must hold of every workflow, and of the action, whatever it does."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from action.documents import load
from action.runner import BASH, ROOT

ACTION = ROOT / "action.yml"
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
EVERY = pytest.mark.parametrize("file", [ACTION, *WORKFLOWS], ids=lambda file: file.name)
EVERY_WORKFLOW = pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
PINNED = re.compile(r"uses: (?P<name>[\w.-]+/[\w./-]+)@(?P<hash>[0-9a-f]{40}) # v\d+\.\d+\.\d+")


def _steps(file: Path) -> list[dict[str, Any]]:
    document = load(file)
    parts = [document["runs"]] if file == ACTION else document["jobs"].values()
    return [step for part in parts for step in part["steps"]]


def _jobs_with_rights() -> list[Any]:
    """Return every job that may write or that is given a secret: its workflow, name and body."""
    jobs = [(file, name, job) for file in WORKFLOWS for name, job in load(file)["jobs"].items()]
    return [
        pytest.param(job, id=f"{file.stem}-{name}")
        for file, name, job in jobs
        if "write" in job["permissions"].values() or "secrets." in str(job)
    ]


@EVERY
def test_no_expression_is_put_into_a_script(file: Path) -> None:
    """Whoever chooses a branch's name, a label or an input must not write shell."""
    assert WORKFLOWS
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
            command = [BASH, "-n", "-c", step["run"]]
            done = subprocess.run(command, text=True, capture_output=True, check=False)
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


FETCHED = re.compile(
    r"\b(pip|pipx|uv|uvx|npm|npx|node|python3?|make|apt|apt-get|curl|wget|git|build)\b|\./"
)
"""What a script runs or installs that neither the runner nor this workflow brought."""
RUNS_NOTHING_FETCHED = frozenset(
    """
    actions/attest actions/checkout actions/deploy-pages actions/download-artifact
    actions/upload-artifact github/codeql-action/analyze github/codeql-action/init
    github/codeql-action/upload-sarif ossf/scorecard-action pypa/gh-action-pypi-publish
    """.split()
)


@pytest.mark.parametrize("job", _jobs_with_rights())
def test_what_has_rights_runs_nothing_that_was_fetched(job: dict[str, Any]) -> None:
    """A package, or code of a pull request, must not come near a token that can write."""
    for step in job["steps"]:
        script = "\n".join(
            line for line in step.get("run", "").splitlines() if not line.lstrip().startswith("#")
        )
        assert not FETCHED.search(script), script
        assert "uses" not in step or step["uses"].partition("@")[0] in RUNS_NOTHING_FETCHED, step
        if step.get("uses", "").startswith("actions/checkout@"):
            assert not [other for other in job["steps"] if "run" in other], "code, and a script"


def test_jobs_with_rights_are_found() -> None:
    """So that the test above is never about nothing."""
    assert len(_jobs_with_rights()) >= 5


def test_the_image_is_built_of_what_is_pinned() -> None:
    """Its base by digest, its packages by hash, and no other stage or source."""
    text = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
    bases = re.findall(r"^FROM (\S+)", text, re.MULTILINE)
    assert re.fullmatch(r"[\w./-]+:[\w.-]+@sha256:[0-9a-f]{64}", bases[0])
    assert set(bases[1:]) == {"base"}
    for install in re.findall(r"\binstall [^&\n]*", text):
        assert "--require-hashes" in install or "--no-index" in install, install
    assert not re.search(r"^ADD|https?://(?!github\.com/)", text, re.MULTILINE)


def test_owners_own_what_is_there() -> None:
    """A path that has moved would be changed without their approval."""
    lines = (ROOT / ".github" / "CODEOWNERS").read_text("utf-8").splitlines()
    owned = [line.split()[0] for line in lines if line and not line.startswith("#")]
    assert {"/rules/", "/.github/", "/action.yml"} <= set(owned)
    for path in owned:
        assert (ROOT / path.lstrip("/")).exists(), path
