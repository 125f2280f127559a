"""The table of contents of the site."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

SECTIONS = {
    "Start": ("Tutorial <tutorial>", "first-rules", "ci", "ci-others", "red-build", "faq"),
    "Reference": (
        "Overview <reference>",
        "reference/commands",
        "reference/exit-codes",
        "rules",
        "reference/rules-schema",
        "reference/metrics",
        "reference/presets",
        "inputs",
        "outputs",
        "api",
        "rules-lint",
    ),
    "How-to guides": (
        "recorder",
        "cookbook",
        "teach",
        "budgets",
        "latency",
        "baseline",
        "custom-users",
        "several-runs",
        "keeping-rules",
        "explain",
        "compare",
        "weekly-report",
        "fleets",
    ),
    "Explanation": (
        "why-budgets",
        "why-not-locust-alone",
        "development/who-is-fooled",
        "reading-statuses",
        "how-it-decides",
        "refusals",
        "threat-model",
    ),
    "Development": (),
    "Project": (),
}
"""Sections in the order in which a newcomer needs them; pages that are not there are left out."""

OTHERS = "Explanation"
"""The section that takes in a page which nobody has put anywhere: better found than missing."""


def toctrees(docs: Path, below: Collection[str]) -> str:
    """Return a hidden toctree of each section; made pages that nobody has placed stand last.

    Pages `below` others are in the toctrees of these.
    """
    known = {_page(entry) for entries in SECTIONS.values() for entry in entries}
    there = {page.relative_to(docs).with_suffix("").as_posix() for page in docs.rglob("*.md")}
    left = sorted(there - known - {"index"} - {f"reference/{name}" for name in below})
    text = ""
    for section, entries in SECTIONS.items():
        listed = [entry for entry in entries if _page(entry) in there]
        listed += [page for page in left if page.startswith(f"{section.lower()}/")]
        if section == OTHERS:
            listed += [page for page in left if "/" not in page]
        lines = ("```{toctree}", ":hidden:", f":caption: {section}", "", *listed, "```")
        text += "\n\n" + "\n".join(lines) + "\n"
    return text


def _page(entry: str) -> str:
    """Return the page of an entry, which may be `TITLE <PAGE>`."""
    return entry.rpartition("<")[2].rstrip(">")


def weight(page: str, below: Collection[str]) -> float:
    """Return what a word counts for on a page that the search finds, against 1 in a guide.

    Least where little else stands than examples of every status, for those who look for 409, and
    where a page is for contributors or programs. Options that commands share are first found at
    `check`.
    """
    aside = page.startswith(("development/", "project/")) or page.endswith("-schema")
    if aside or page in {"reading-statuses", "reference/statuses"}:
        return 0.05
    name = page.removeprefix("reference/")
    return 0.5 if name != page and name in below and name != "check" else 1
