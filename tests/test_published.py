"""The addresses that loadgate names are those it is published at."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from loadgate import published

ROOT = Path(__file__).parent.parent
OWNER, NAME = published.REPOSITORY.removeprefix("https://github.com/").split("/")


def test_the_site_is_the_one_that_github_pages_makes_of_the_repository() -> None:
    """GitHub Pages decides the address of the site; a wrong one breaks every link."""
    assert f"https://{OWNER}.github.io/{NAME}/" == published.DOCS


def test_the_package_links_to_the_site_and_the_repository() -> None:
    """By names that the package index knows."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["urls"] == {
        "Homepage": published.DOCS,
        "Documentation": f"{published.DOCS}tutorial.html",
        "Source": published.REPOSITORY,
        "Issues": published.ISSUES,
        "Changelog": f"{published.DOCS}project/changelog.html",
    }
    assert project["authors"]
    assert project["maintainers"]


@pytest.mark.skipif(
    not (ROOT / ".git").exists(), reason="no checkout, so nothing says which files are ours"
)
def test_every_file_names_the_repository_and_the_site_as_published() -> None:
    """A reader who follows any of them, or pins the action, must end where releases are made."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", *"*.md *.py *.toml *.yml *.yaml *.json *.cff Dockerfile".split()],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    named = re.compile(
        rf"([\w-]+)/{NAME}(?:@|\.git\b)|github(?:usercontent)?\.com/([\w-]+)/{NAME}\b|([\w-]+)\.github\.io/{NAME}\b"
    )
    others = {
        (path, owner)
        for path in listed
        if path and path != "tests/test_published.py"
        for match in named.finditer((ROOT / path).read_text("utf-8"))
        for owner in match.groups()
        if owner not in (None, OWNER)
    }
    assert others == set()
