"""A verdict as Markdown for GitHub, for a step summary or a comment."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from loadgate.model import Classification, Verdict
from loadgate.render import words as wording
from loadgate.render.markdown import (
    BADGES,
    bounded,
    code,
    escape,
    page_link,
    sentence,
    table_section,
)
from loadgate.render.verdict import tables
from loadgate.render.verdict.pages import pages
from loadgate.rules.wordings import likely_statuses
from loadgate.text import first_of, listed


def render(verdict: Verdict) -> str:
    """Return the verdict as headings and tables, in less than BYTES bytes of UTF-8.

    What is left out for its size is counted where it is missing.
    """
    return bounded(lambda rows: _lines(verdict, rows))


def _lines(verdict: Verdict, rows: int) -> Iterator[str]:
    classification = verdict.classification
    run = classification.run
    yield f"### {BADGES[verdict.outcome]}{wording.VERDICTS[verdict.outcome]}: {code(run.label)}"
    yield ""
    names = names_in(verdict)
    yield sentence(wording.decision(verdict), names)
    for alarm in wording.alarms(classification):
        yield ""
        yield f"⚠️ {sentence(alarm, names)}"
    yield ""
    yield f"**{wording.summary(classification)}**"
    if verdict.outcome == "no-evidence":
        yield ""
        yield wording.NO_EVIDENCE
    if run.partial:
        yield from _list(f"⚠️ {wording.PARTIAL}", run.contradictions, names, rows)
    yield from table_section(tables.checks(wording.check_lines(verdict)), rows)
    yield from table_section(tables.true_failures(verdict), rows)
    yield from table_section(tables.rules(classification, classification.rules), rows)
    yield from table_section(tables.endpoints(classification), rows)
    if warnings := wording.other_warnings(classification):
        yield from _list("Warnings", warnings, names, rows)
    yield from _likely(classification, rows)
    yield ""
    yield "**Inputs**"
    yield ""
    yield f"- Rules: {_named(classification.origins, rows)}"
    yield f"- Files: {_named(wording.files(classification), rows)}"
    if verdict.baseline:
        yield f"- Baseline: {_named(verdict.baseline, rows)}"
    if verdict.history:
        yield f"- History: {_named(verdict.history, rows)}"
    if more := pages(verdict):
        yield ""
        yield f"Help: {', '.join(map(page_link, more))}"


def names_in(verdict: Verdict) -> set[str]:
    """Return what stands as code in sentences about a verdict: endpoints, and rules of checks."""
    names = {row.stats.endpoint for row in verdict.classification.endpoints}
    return names | {name or "" for check in verdict.checks for name in (check.endpoint, check.rule)}


def _likely(classification: Classification, rows: int) -> Iterator[str]:
    statuses = likely_statuses(classification.failures)
    if not statuses.counts:
        return
    yield ""
    yield "**Likely statuses**"
    yield ""
    yield wording.likely(statuses) + (":" if statuses.wordings else ".")
    if statuses.wordings:
        yield ""
        yield "```toml"
        yield from wording.wording_lines(statuses, rows)
        yield "```"


def _named(texts: Sequence[str], rows: int) -> str:
    return first_of([escape(text) for text in texts], rows) or "none"


def _list(title: str, texts: Sequence[str], names: Collection[str], rows: int) -> Iterator[str]:
    yield ""
    yield f"**{title}**"
    yield ""
    for text in listed(texts, rows):
        yield f"- {sentence(text, names)}"
