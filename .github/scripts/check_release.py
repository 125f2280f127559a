"""Say whether this commit may be released as its tag, and hand on the release notes.

release.yml calls it. It asks GitHub through `gh` whether the commit is on main and passed CI, and
prints everything that is wrong at once. A commit without a tag can only be a dry run.
"""

from __future__ import annotations

import json
import os
import re
import runpy
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

_VERSION = re.compile(r"\d+\.\d+\.\d+(?P<pre>(?:a|b|rc)\d+)?")
_HEADINGS_AND_LINKS = re.compile(r"#.*|\[[^\]]+\]: .*|\s*")


def main() -> int:
    """Check everything, hand on version and notes; return the exit code."""
    version = _version()
    notes = _section(version)
    dry_run = os.environ.get("DRY_RUN") == "true"
    problems = [
        *_about_the_repository(),
        *_about_the_version(version, notes),
        *_about_the_tag(version, dry_run=dry_run),
        *_about_main(),
        *_about_ci(),
    ]
    for problem in problems:
        print(f"::error title=release::{problem}")
    if problems:
        return 1
    pre = _VERSION.fullmatch(version)
    outputs = {
        "version": version,
        "publish": str(not dry_run).lower(),
        "prerelease": str(bool(pre and pre["pre"])).lower(),
    }
    end = uuid4()  # which no line of the notes is
    with Path(os.environ["GITHUB_OUTPUT"]).open("a", encoding="utf-8") as file:
        file.writelines(f"{name}={text}\n" for name, text in outputs.items())
        file.write(f"notes<<{end}\n{notes}\n{end}\n")
    print(f"{version} may be released" + (", but this is a dry run" if dry_run else ""))
    return 0


def _version() -> str:
    """Return the version of the package, read without importing it."""
    text = Path("loadgate/__init__.py").read_text("utf-8")
    found = re.search(r'^__version__ = "([^"]*)"$', text, re.MULTILINE)
    return found[1] if found else ""


def _section(version: str) -> str:
    """Return what CHANGELOG.md has below the dated heading of this version; empty if nothing."""
    text = Path("CHANGELOG.md").read_text("utf-8")
    heading = rf"^## \[{re.escape(version)}\] - \d{{4}}-\d\d-\d\d\n"
    found = re.search(rf"{heading}(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    lines = found[1].splitlines() if found else []
    if all(_HEADINGS_AND_LINKS.fullmatch(line) for line in lines):
        return ""
    return "\n".join(lines).strip()


def _about_the_repository() -> Iterator[str]:
    published = runpy.run_path("loadgate/published.py")["REPOSITORY"]
    here = f"{os.environ['GITHUB_SERVER_URL']}/{os.environ['GITHUB_REPOSITORY']}"
    if here != published:
        yield f"this is {here}; releases are made in {published} (loadgate/published.py)"


def _about_the_version(version: str, notes: str) -> Iterator[str]:
    if not _VERSION.fullmatch(version):
        yield f"loadgate/__init__.py has the version {version!r}; use a form like 1.2.3 or 1.2.3rc1"
    if not notes:
        yield (
            f"CHANGELOG.md says nothing below '## [{version}] - YYYY-MM-DD'; "
            "these lines become the release notes"
        )


def _about_the_tag(version: str, *, dry_run: bool) -> Iterator[str]:
    tag = os.environ["GITHUB_REF_NAME"]
    if os.environ["GITHUB_REF_TYPE"] != "tag":
        if not dry_run:
            yield f"{tag} is not a tag; only a tag is published, so start a dry run or push a tag"
    elif tag != f"v{version}":
        yield f"the tag is {tag}, but loadgate/__init__.py says {version}"


def _about_main() -> Iterator[str]:
    """Only what was reviewed and merged is released."""
    sha = os.environ["GITHUB_SHA"]
    # `behind` means that main has this commit and others since.
    if _api(f"compare/main...{sha}")["status"] not in ("identical", "behind"):
        yield f"{sha} is not on main; merge it first, then tag the commit on main"


def _about_ci() -> Iterator[str]:
    """Require that the last CI run of this commit on main passed.

    A pull request's run does not count: it may be of a fork's own ci.yml.
    """
    sha = os.environ["GITHUB_SHA"]
    wanted = {"head_sha": sha, "head_branch": "main", "event": "push"}
    query = f"head_sha={sha}&branch=main&event=push&per_page=100"
    answer = _api(f"actions/workflows/ci.yml/runs?{query}")
    runs = [run for run in answer["workflow_runs"] if wanted.items() <= run.items()]
    last = max(runs, key=lambda run: int(run["run_number"]), default=None)
    if last is None:
        yield f"CI has not run for {sha} on main"
    elif last["status"] != "completed":
        yield f"CI of {sha} has not finished; run this job again when it has: {last['html_url']}"
    elif last["conclusion"] != "success":
        yield f"CI of {sha} ended with {last['conclusion']}: {last['html_url']}"


def _api(path: str) -> dict[str, Any]:
    """Return GitHub's answer about this repository; end if there is none."""
    place = f"repos/{os.environ['GITHUB_REPOSITORY']}/{path}"
    done = subprocess.run(["gh", "api", place], stdout=subprocess.PIPE, check=False)
    if done.returncode:
        print(f"::error title=release::GitHub did not answer: gh api {place}")
        sys.exit(1)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


if __name__ == "__main__":
    sys.exit(main())
