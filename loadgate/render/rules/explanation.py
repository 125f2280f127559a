"""Explanations of failures as text, for a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from loadgate.explain import Explained, Explanation
from loadgate.masked import masked
from loadgate.model import OTHER_SIGNATURES, SERVER_ERRORS, UNEXPLAINED, Classification, FailureKind
from loadgate.published import address
from loadgate.render import words as wording
from loadgate.render.rules.reasons import (
    attempt_entries,
    decision,
    remedy,
    remedy_page,
    status_text,
)
from loadgate.render.terminal import COLUMNS, hanging, painted
from loadgate.tally import SIGNATURES_KEPT
from loadgate.text import toml_string

LINES = 220
"""Of an output that is not asked to be full."""

_LABEL = 12  # columns
_RULES = 8  # entries about rules of one explanation
_RULES_OF_TEXT = 20  # of a text without an endpoint, which any rule may be for
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """How much room there is, and how it is filled."""

    columns: int
    full: bool
    """Everything is shown, however long."""

    def row(self, label: str, text: str, *, hang: int = 0) -> Iterator[str]:
        """Yield a text behind its label, further lines of it `hang` columns further in."""
        lines = 12 if self.full else 4
        start, indent = f"{label:<{_LABEL}}", _LABEL + hang
        return hanging(start, text, lines=lines, columns=self.columns, indent=indent)

    def sentence(self, text: str) -> Iterator[str]:
        """Yield a text of its own, indented after a line so that no text of a run starts one."""
        return hanging("", text, lines=4, columns=self.columns, indent=2)


def render_explained(
    explained: Explained, *, full: bool = False, color: bool = False, columns: int = COLUMNS
) -> str:
    """Return the explanations in at most LINES lines, or if `full` all of them.

    What is left out is counted. Texts of the run cannot steer the terminal, nor start a line.
    """
    of_run = explained.classification
    endpoints = [row.stats for row in of_run.endpoints] if of_run else []
    explained = masked(explained, endpoints=endpoints)
    page = _Page(columns=columns, full=full)
    shown = len(explained.explanations)
    lines = list(_lines(explained, shown, page))
    while len(lines) > LINES and shown > 1 and not full:
        shown -= 1
        lines = list(_lines(explained, shown, page))
    text = "".join(f"{line}\n" for line in lines).lstrip("\n")
    return painted(text) if color else text


def _lines(explained: Explained, shown: int, page: _Page) -> Iterator[str]:
    of_run = explained.classification
    if of_run is not None:
        yield from _head(of_run, page)
    linked: set[str] = set()
    for group in _alike(explained.explanations[:shown]):
        yield ""
        yield from _failures(group, page)
        yield from _decided(group, explained.origins[0], page, linked)
    if of_run is not None:
        yield from _left_out(explained, of_run, shown, page)
    yield ""
    yield from page.row("rules", ", ".join(explained.origins))
    yield f"{'statuses':<{_LABEL}}{address('reading-statuses')}"
    if of_run is not None:
        yield from page.row("files", ", ".join(wording.files(of_run)))


def _head(of_run: Classification, page: _Page) -> Iterator[str]:
    run = of_run.run
    yield from page.row("FAILURES", f"{run.label}: {wording.summary(of_run)}")
    if run.partial:
        yield ""
        yield from page.sentence(wording.PARTIAL)
        for text in run.contradictions[: None if page.full else _RULES]:
            yield from page.sentence(f"- {text}")


def _left_out(
    explained: Explained, of_run: Classification, shown: int, page: _Page
) -> Iterator[str]:
    """Say what is not explained, and why."""
    where = f" at {explained.endpoint}" if explained.endpoint is not None else ""
    counts = []
    for name in ("true", "expected"):
        kinds = [kind.count for kind in explained.kinds[shown:] if kind.decision == name]
        if kinds:
            failures = wording.counted(sum(kinds), f"{name} failure")
            counts.append(f"{failures} of {wording.counted(len(kinds), 'kind')}")
    text = ""
    if not explained.kinds:
        text = f"No failures{where}, so there is nothing to explain."
        if not of_run.total.stats.requests:
            text = f"No requests were made. {wording.NO_EVIDENCE}"
    elif counts:
        none = "" if shown else f"No true failures{where}. "
        text = f"{none}Not shown: {' and '.join(counts)}; use --all."
    if text:
        yield ""
        yield from page.sentence(text)


# --- one decision ---------------------------------------------------------------------------------


def _alike(explanations: Sequence[Explanation]) -> list[list[Explanation]]:
    """Put kinds together that the same rules decided for the same reason, in their order."""
    groups: dict[object, list[Explanation]] = {}
    for explanation in explanations:
        tried = tuple((rule.place, rule.unmet, rule.around) for rule in explanation.attempts)
        reason = tried, decision(explanation), remedy(explanation)
        groups.setdefault(reason, []).append(explanation)
    return list(groups.values())


def _failures(group: Sequence[Explanation], page: _Page) -> Iterator[str]:
    """Yield what failures say that are decided alike; a text of several endpoints once."""
    first = group[0]
    decided = first.kind.decision.upper()
    where = wording.endpoint(first.kind)
    count = wording.counted(sum(explanation.kind.count for explanation in group), "failure")
    if first.text is None and len(group) == 1:
        yield from page.row(decided, f"{count} of {where}")
    elif first.text is None:
        yield from page.row(decided, f"{count} of {len(group):,} kinds, decided the same way")
    elif not first.anywhere:
        yield from page.row(decided, where)
    texts: dict[tuple[str, ...], list[FailureKind]] = {}
    for explanation in group:
        texts.setdefault(tuple(_said(explanation, page)), []).append(explanation.kind)
    for said, kinds in texts.items():
        for kind in kinds if len(group) > 1 else ():
            yield from page.row(f"  {wording.narrow(kind.count)}", wording.endpoint(kind))
        yield from said


def _said(explanation: Explanation, page: _Page) -> Iterator[str]:
    """Yield what failures of a kind say, and the status that was read."""
    kind, reading = explanation.kind, explanation.reading
    yield from page.row("TEXT" if explanation.anywhere else "  text", _text(explanation))
    if explanation.text is None and explanation.example not in {None, kind.signature}:
        yield from page.row("  such as", explanation.example or wording.EMPTY)
    undecided = reading and explanation.rule is None and kind.status not in SERVER_ERRORS
    if explanation.text is not None or undecided:
        # As a rule takes it: whole, on one line. TOML has no lone surrogates, and what is masked is
        # a star to a glob, too.
        glob = _SURROGATE.sub("*", kind.signature)
        if glob not in {OTHER_SIGNATURES, UNEXPLAINED} and glob.strip("* "):
            yield f"{'  paste':<{_LABEL}}error = {toml_string(glob)}"
    yield from page.row("  status", status_text(reading))


def _text(explanation: Explanation) -> str:
    """Return what failures say, and what stands for it where there are many texts or none."""
    if explanation.text is not None:
        return explanation.text or wording.EMPTY
    text = wording.error(explanation.kind)
    if explanation.reading is None:
        return f"{text}: the statistics count them, but no error text explains them"
    if explanation.kind.signature == OTHER_SIGNATURES:
        kept = f"the first {SIGNATURES_KEPT} kinds of one endpoint, status and rule"
        return f"{text}: everything beyond {kept}"
    return text


def _decided(
    group: Sequence[Explanation], origin: str, page: _Page, linked: set[str]
) -> Iterator[str]:
    """Yield how kinds that are decided alike were decided, and what can be done about them.

    A remedy has a link unless it is among those that are `linked`.
    """
    first = group[0]
    if first.reading is not None:
        statuses = {explanation.kind.status for explanation in group}
        status = str(first.kind.status or "unknown") if len(statuses) == 1 else ""
        entries = list(attempt_entries(first, status, origin, full=page.full))
        yield from _entries(entries, _RULES_OF_TEXT if first.anywhere else _RULES, page)
    yield from page.row("  decision", decision(first))
    if first.rule is not None:
        yield from page.row("  why", first.rule.why)
    if advice := remedy(first):
        yield from page.row("  remedy", advice)
        more = address(remedy_page(first))
        if more not in linked:
            yield f"{'  see':<{_LABEL}}{more}"
        linked.add(more)


def _entries(entries: Sequence[str], limit: int, page: _Page) -> Iterator[str]:
    """Yield at most so many entries: the first ones, and the last, which decided if any did."""
    if len(entries) > limit and not page.full:
        middle = len(entries) - limit + 1
        entries = [*entries[: limit - 2], f"... {middle:,} more with --all", entries[-1]]
    label = "  rules"
    for entry in entries or ["there are none"]:
        yield from page.row(label, entry, hang=3)
        label = ""
