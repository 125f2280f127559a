"""Published pages that say more about a verdict: what failed, and what to do."""

from __future__ import annotations

from loadgate.metrics import ABORTS
from loadgate.model import Check, Verdict
from loadgate.published import Page, address
from loadgate.render import words as wording
from loadgate.rules.wordings import likely_statuses


def page_of(check: Check) -> str:
    """Return the address of the page about what a check limits, or why it has no number."""
    return address(_page_of(check))


def _page_of(check: Check) -> Page:
    if check.metric.name == ABORTS:
        return "recorder"
    if check.metric.name.endswith("_rules"):
        return "keeping-rules"
    if check.rule is not None:
        return "budgets"
    if check.result == "missing":
        return "how-it-decides"
    if check.baseline is not None:
        return "baseline"
    if check.window is not None:
        return "rules#windows"
    return "latency" if check.metric.kind == "latency" else "red-build#exit-code-1"


def pages(verdict: Verdict) -> list[str]:
    """Return the address of each page about what is wrong with a run, or doubtful, once."""
    classification = verdict.classification
    lines = wording.check_lines(verdict)
    found = [page_of(line.check) for line in lines if line.mark in {"FAILED", "warning"}]
    if verdict.outcome == "no-evidence":
        found.insert(0, address("red-build#exit-code-3"))
    if classification.run.partial:
        found.append(address("inputs#what-stops-a-check"))
    if wording.other_warnings(classification):
        found.append(address("red-build#warnings"))
    if likely_statuses(classification.failures).counts:
        found.append(address("reading-statuses"))
    return list(dict.fromkeys(found))
