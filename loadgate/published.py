"""Where loadgate is published: the addresses in messages, schemas and on the package page.

They are written here alone. A test holds every other file to them, and the release workflow refuses
to publish from another repository.
"""

from __future__ import annotations

from typing import Literal

REPOSITORY = "https://github.com/loadgate-ci/loadgate"
"""The repository, without a slash at the end."""

DOCS = "https://loadgate-ci.github.io/loadgate/"
"""The documentation site, with a slash at the end; `docs/ci.md` is its page `ci.html`."""

ISSUES = f"{REPOSITORY}/issues"
"""Where bugs are reported."""

Page = Literal[
    "index",
    "baseline",
    "budgets",
    "ci#comment-on-the-pull-request",
    "ci#compare-with-main",
    "ci#github-actions",
    "ci-others#merge-request-note",
    "compare",
    "explain",
    "first-rules",
    "fleets",
    "fleets#a-dask-cluster",
    "how-it-decides",
    "inputs",
    "inputs#encodings",
    "inputs#folders",
    "inputs#what-stops-a-check",
    "keeping-rules",
    "latency",
    "outputs",
    "outputs#files",
    "outputs#warnings",
    "reading-statuses",
    "recorder",
    "red-build#exit-code-1",
    "red-build#exit-code-2",
    "red-build#exit-code-3",
    "red-build#warnings",
    "reference",
    "refusals#limits",
    "rules",
    "rules#examples",
    "rules#rules",
    "rules#status-texts",
    "rules#thresholds",
    "rules#windows",
    "rules-lint",
    "several-runs",
    "teach",
    "tutorial#install",
    "weekly-report",
]
"""The pages, and sections of pages, that messages link to; a test holds them to docs/."""

FindingsPage = Literal["rules-lint", "teach"]
"""The pages with a section for each code of a finding."""


def address(page: Page) -> str:
    """Return where a page is published, or a section of one."""
    name, _, section = page.partition("#")
    return DOCS if page == "index" else _address(name, section)


def finding(page: FindingsPage, code: str) -> str:
    """Return where a finding is explained: its page has a section for each code."""
    return _address(page, code)


def subject(address: str) -> str:
    """Return what a page is about, or a section of one, in the words of its address."""
    page, _, section = address.rpartition("/")[2].partition("#")
    return (section or page.removesuffix(".html")).replace("-", " ")


def see(address: str) -> str:
    """Return the line that links a message to a page; it is never wrapped or cut."""
    return f"  See {address}"


def _address(name: str, section: str) -> str:
    return f"{DOCS}{name}.html" + (f"#{section}" if section else "")
