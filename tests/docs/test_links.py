"""Every page: its links lead to files and headings that are there, its claims to tests that are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from docs.console import PAGES, ROOT

from loadgate.published import DOCS, REPOSITORY

FILES = f"{REPOSITORY}/main/".replace("//github.com/", "//raw.githubusercontent.com/")
LINKED = [
    *PAGES,
    ROOT / "SECURITY.md",
    ROOT / "CHANGELOG.md",
    ROOT / "docs" / "site" / "metrics.md",
    *sorted((ROOT / "examples").glob("*/README.md")),
]
EACH = pytest.mark.parametrize(
    "page", [pytest.param(page, id=str(page.relative_to(ROOT))) for page in LINKED]
)
_CODE = re.compile(r"^```.*?^```$|`[^`\n]*`", re.MULTILINE | re.DOTALL)
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def _anchors(page: Path) -> set[str]:
    """Return the anchors that GitHub gives to the headings of a page."""
    text = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    found: set[str] = set()
    for heading in re.findall(r"^#+ (.*)$", text, re.MULTILINE):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        anchor = re.sub(r"[^\w -]", "", plain).replace(" ", "-")
        repeats = sum(one == anchor or one.startswith(f"{anchor}-") for one in found)
        found.add(anchor if anchor not in found else f"{anchor}-{repeats}")
    return found


@EACH
def test_links_lead_somewhere(page: Path) -> None:
    """Relative links and pictures name files of the repository, and headings that these have."""
    text = _CODE.sub("`code`", page.read_text("utf-8"))
    for target in re.findall(r"\]\((?!https?:)([^)\s]+)\)", text):
        file, _, place = target.partition("#")
        linked = page.parent / file if file else page
        assert linked.exists(), target
        # What is made when the site is built is not there for who reads on GitHub.
        assert linked.parent.name not in {"reference", "project"}, target
        if place:
            assert place in _anchors(linked), target
    for name, place in re.findall(rf"{DOCS}([\w-]+)\.html(?:#([\w-]+))?", text):
        assert (ROOT / "docs" / f"{name}.md").exists(), name
        assert not place or place in _anchors(ROOT / "docs" / f"{name}.md"), (name, place)
    for path in re.findall(rf"{FILES}([^)\s]+)", text):
        assert (ROOT / path).is_file(), path


def test_tests_that_pages_point_to_are_there() -> None:
    """A claim that a test holds names one that exists, and the page of claims has them."""
    pointed = 0
    for page in PAGES:
        for file, name in _TEST.findall(page.read_text("utf-8")):
            assert f"def {name}(" in (ROOT / file).read_text("utf-8"), (
                f"{page.name}: {file}::{name}"
            )
            pointed += 1
    assert pointed > 50


def test_every_claim_names_a_test() -> None:
    """Each row of a table whose last column is "test" names one."""
    inside = False
    rows = 0
    for line in (ROOT / "docs" / "development" / "claims.md").read_text("utf-8").splitlines():
        if not line.startswith("|"):
            inside = False
        elif line.endswith("| test |"):
            inside = True
        elif inside and not set(line) <= set("|-"):
            assert _TEST.search(line.rsplit(" | ", 1)[1]), line
            rows += 1
    assert rows > 40
