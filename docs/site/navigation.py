"""The table of contents of the site."""

from __future__ import annotations

from pathlib import Path

SECTIONS = {
    "Tutorial": ("tutorial",),
    "How-to guides": (
        "recorder",
        "first-rules",
        "cookbook",
        "ci",
        "ci-others",
        "red-build",
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
        "faq",
    ),
    "Explanation": (
        "why-budgets",
        "why-not-locust-alone",
        "who-is-fooled",
        "reading-statuses",
        "how-it-decides",
        "refusals",
        "threat-model",
    ),
    "Reference": (
        "reference",
        "rules",
        "inputs",
        "outputs",
        "rules-lint",
    ),
    "Development": (),
    "Project": (),
}
"""Sections in the order in which a newcomer needs them; pages that are not there are left out."""

OTHERS = "Explanation"
"""The section that takes in a page which nobody has put anywhere: better found than missing."""


def toctrees(docs: Path) -> str:
    """Return a hidden toctree of each section; pages that are made stand last."""
    known = {page for pages in SECTIONS.values() for page in pages}
    there = {page.stem for page in docs.glob("*.md")} - {"index"}
    text = ""
    for section, pages in SECTIONS.items():
        listed = [page for page in pages if page in there]
        if section == OTHERS:
            listed += sorted(there - known)
        made = section.lower()
        listed += sorted(f"{made}/{page.stem}" for page in docs.glob(f"{made}/*.md"))
        lines = ("```{toctree}", ":hidden:", f":caption: {section}", "", *listed, "```")
        text += "\n\n" + "\n".join(lines) + "\n"
    return text
