"""A tag about which everything is as it should be, for the tests of the release."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from action.documents import load
from action.runner import ROOT, Runner
from loadgate import published

RELEASE = ROOT / ".github" / "workflows" / "release.yml"
JOBS = load(RELEASE)["jobs"]
SHA = "6b8c1f0e5d3a49727c61b0a94e8f2d5c3b7a1e09"
REPOSITORY = published.REPOSITORY.removeprefix("https://github.com/")
CHANGES = """\
# Changelog

## [1.2.3] - 2026-11-27

### Added

- A gate.

## [1.2.2] - 2026-10-01

- An older one.
"""
NOTES = "### Added\n\n- A gate."


def ci_run(number: int = 7, **fields: Any) -> dict[str, Any]:
    """Return a run of ci.yml as GitHub's API describes it; one that passed on main."""
    run = {"run_number": number, "head_sha": SHA, "head_branch": "main", "event": "push"}
    run |= {
        "status": "completed",
        "conclusion": "success",
        "html_url": f"https://x.example/{number}",
    }
    return run | fields


def set_version(machine: Runner, version: str) -> None:
    """Write the version into the package."""
    (machine.workspace / "loadgate" / "__init__.py").write_text(f'__version__ = "{version}"\n')


def answer(github: Path, path: str, answer: object, repository: str = REPOSITORY) -> None:
    """Have GitHub's API answer so about a path of the repository."""
    file = github / f"repos/{repository}/{path}".replace("/", "_")
    file.write_text(json.dumps(answer), "utf-8")


def tag(machine: Runner, github: Path) -> Runner:
    """Make it a machine on which everything about the tag v1.2.3 is as it should be."""
    machine.github = {"repository": REPOSITORY, "sha": SHA, "ref": "refs/tags/v1.2.3"}
    machine.github |= {"ref_name": "v1.2.3", "ref_type": "tag"}
    set_version(machine, "1.2.3")
    (machine.workspace / "CHANGELOG.md").write_text(CHANGES, "utf-8")
    answer(github, f"compare/main...{SHA}", {"status": "behind"})
    answer(github, "actions/workflows/ci.yml/runs", {"workflow_runs": [ci_run()]})
    return machine
