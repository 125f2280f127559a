"""Explanations of failures as a person reads them in a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from loadgate.explain import Explanation, RunExplanation, TextFit
from loadgate.model import OTHER_SIGNATURES, UNEXPLAINED, FailureKind
from loadgate.render import words as wording
from loadgate.render.masking import mask_run_explanation, masked
from loadgate.render.rules.attempts import attempt_entries, decision, fit_entries
from loadgate.render.rules.drafts import toml_string
from loadgate.render.rules.readings import status_text
from loadgate.render.rules.remedies import SERVER, remedy
from loadgate.render.terminal import COLUMNS, wrap
from loadgate.tally import SIGNATURES_KEPT
from loadgate.text import docs, one_line

LINES = 220
"""Of an output that is not asked to be full."""

_INDENT = 12
_TEXT = 3  # lines of a text; _FULL where the output may be long
_FULL = 12
_RULES = 8  # entries about rules of one explanation
_RULES_OF_TEXT = 20  # of a text without an endpoint, which any rule may be about
_STYLES = {"TRUE": "1;31", "EXPECTED": "1;32", "FAILURES": "1", "TEXT": "1", "PARTIAL": "1;33"}
_SURROGATE = re.compile("[\ud800-\udfff]")
_PAGE = f"{docs('reading-statuses')} says how a status is read"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """How much room there is, and how it is filled."""

    columns: int
    full: bool
    """Everything is told, however long."""

    @property
    def lines(self) -> int:
        """Return the lines that a text may have."""
        return _FULL if self.full else _TEXT

    def row(self, label: str, text: str, lines: int, *, hang: int = 0) -> Iterator[str]:
        """Yield a text behind its label, further lines of it `hang` columns further in."""
        room = self.columns - _INDENT - hang
        for line in wrap(one_line(text), room, lines=lines):
            yield f"{label:<{_INDENT}}{line}".rstrip()
            label = " " * (_INDENT + hang)

    def sentence(self, text: str) -> Iterator[str]:
        """Yield a text of its own, indented after a line so that no text of a run starts one."""
        wrapped = wrap(one_line(text), self.columns - 2, lines=_TEXT)
        for number, line in enumerate(wrapped):
            yield f"  {line}" if number else line


def render_run(
    explained: RunExplanation, *, full: bool = False, color: bool = False, columns: int = COLUMNS
) -> str:
    """Return the explanations in at most LINES lines, or if `full` all of them.

    What is left out is counted. Texts of the run cannot steer the terminal, nor start a line.
    """
    explained = mask_run_explanation(explained)
    page = _Page(columns=columns, full=full)
    shown = len(explained.explanations)
    lines = list(_run(explained, shown, page))
    while len(lines) > LINES and shown > 1 and not full:
        shown -= 1
        lines = list(_run(explained, shown, page))
    return _joined(lines, color=color)


def render_one(
    explanation: Explanation,
    origins: Sequence[str],
    *,
    full: bool = False,
    color: bool = False,
    columns: int = COLUMNS,
) -> str:
    """Return the explanation of one failure by the rules of `origins`."""
    explanation, origins = masked((explanation, tuple(origins)))
    page = _Page(columns=columns, full=full)
    kind = explanation.kind
    lines = [
        *page.row(kind.decision.upper(), _where(kind), page.lines),
        *_said(explanation, page),
        *_decided([explanation], origins[0], page),
        *_foot(origins, page),
    ]
    return _joined(lines, color=color)


def render_fit(
    fit: TextFit,
    origins: Sequence[str],
    *,
    full: bool = False,
    color: bool = False,
    columns: int = COLUMNS,
) -> str:
    """Return what a text says by itself, and which rules it fits if the endpoint does."""
    fit, origins = masked((fit, tuple(origins)))
    page = _Page(columns=columns, full=full)
    matching_rules = [attempt for attempt in fit.attempts if not attempt.unmet]
    decided = "true, at any endpoint: no rule fits"
    if matching_rules:
        decided = (
            "the first rule that fits and covers the endpoint decides; to name one:"
            " --endpoint 'METHOD NAME'"
        )
    lines = [
        *page.row("TEXT", fit.text or wording.EMPTY, page.lines),
        *_paste(fit.signature),
        *page.row("  status", status_text(fit.reading), _TEXT),
        *_entries(
            [*fit_entries(fit, origins[0])], len(fit.attempts) if full else _RULES_OF_TEXT, page
        ),
        *page.row("  decision", decided, _TEXT),
        *_foot(origins, page),
    ]
    return _joined(lines, color=color)


def _joined(lines: Sequence[str], *, color: bool) -> str:
    return "".join(f"{_painted(line) if color else line}\n" for line in lines)


def _painted(line: str) -> str:
    word = line.partition(" ")[0]
    style = _STYLES.get(word)
    return f"\x1b[{style}m{word}\x1b[0m{line[len(word) :]}" if style else line


# --- a run ----------------------------------------------------------------------------------------


def _run(explained: RunExplanation, shown: int, page: _Page) -> Iterator[str]:
    run = explained.classification.run
    yield from page.row(
        "FAILURES", f"{run.label}: {wording.summary(explained.classification)}", _TEXT
    )
    if run.partial:
        yield ""
        yield from page.sentence(wording.PARTIAL)
        for text in run.contradictions[: None if page.full else _RULES]:
            yield from page.sentence(f"- {text}")
    no_log = run.failure_log is None
    for group in _alike(explained.explanations[:shown], no_log=no_log):
        yield ""
        yield from _group(group, page)
        yield from _decided(group, explained.classification.origins[0], page, no_log=no_log)
    yield from _rest(explained, shown, page)
    yield from _foot(explained.classification.origins, page)
    files = ", ".join(wording.files(explained.classification))
    yield from page.row("files", files, _TEXT)


def _alike(explanations: Sequence[Explanation], *, no_log: bool) -> list[list[Explanation]]:
    """Return kinds that are decided alike together: by the same rules, for the same reason.

    Groups stand in the order of their first kinds.
    """
    groups: dict[object, list[Explanation]] = {}
    for explanation in explanations:
        asked = tuple(
            (attempt.place, attempt.unmet, attempt.around) for attempt in explanation.attempts
        )
        advice = remedy(explanation, no_log=no_log) if explanation.kind.decision == "true" else ""
        groups.setdefault(
            (explanation.reading is None, asked, decision(explanation), advice), []
        ).append(explanation)
    return list(groups.values())


def _group(group: Sequence[Explanation], page: _Page) -> Iterator[str]:
    """Yield what failures say that are decided alike; a text of several endpoints once."""
    verdict = group[0].kind.decision.upper()
    failures = wording.counted(sum(explanation.kind.count for explanation in group), "failure")
    if len(group) == 1:
        yield from page.row(verdict, f"{failures} of {_where(group[0].kind)}", page.lines)
        yield from _said(group[0], page)
        return
    yield from page.row(verdict, f"{failures} of {len(group):,} kinds, decided alike", _TEXT)
    texts: dict[tuple[str, ...], list[FailureKind]] = {}
    for explanation in group:
        texts.setdefault(tuple(_said(explanation, page)), []).append(explanation.kind)
    for said, kinds in texts.items():
        for kind in kinds:
            yield from page.row(f"  {wording.narrow(kind.count)}", _where(kind), page.lines)
        yield from said


def _where(kind: FailureKind) -> str:
    return kind.endpoint or wording.NAMELESS


def _rest(explained: RunExplanation, shown: int, page: _Page) -> Iterator[str]:
    """Say what is not explained, and why."""
    rest = explained.kinds[shown:]
    parts = [_left_out(rest, decision) for decision in ("true", "expected")]
    left = " and ".join(text for text in parts if text)
    where = f" at {explained.endpoint}" if explained.endpoint is not None else ""
    if not explained.classification.total.stats.requests and not explained.kinds:
        yield ""
        yield from page.sentence(f"No requests were made. {wording.NO_EVIDENCE}")
    elif not explained.kinds:
        yield ""
        yield from page.sentence(f"No failures{where}: there is nothing to explain.")
    elif left:
        yield ""
        none = "" if shown else f"No true failures{where}. "
        yield from page.sentence(f"{none}Left out: {left}; --all shows them.")


def _left_out(kinds: Sequence[FailureKind], decision: str) -> str:
    left = [kind for kind in kinds if kind.decision == decision]
    if not left:
        return ""
    failures = wording.counted(sum(kind.count for kind in left), f"{decision} failure")
    return f"{failures} of {wording.counted(len(left), 'kind')}"


def _foot(origins: Sequence[str], page: _Page) -> Iterator[str]:
    yield ""
    yield from page.row("rules", ", ".join(origins), _TEXT)
    yield from page.row("statuses", _PAGE, 1)


# --- one kind of failures -------------------------------------------------------------------------


def _said(explanation: Explanation, page: _Page) -> Iterator[str]:
    """Yield what failures of a kind say, and the status that was read."""
    kind = explanation.kind
    yield from page.row("  text", _text(explanation), page.lines)
    if explanation.text is None and explanation.example not in {None, kind.signature}:
        yield from page.row("  such as", explanation.example or wording.EMPTY, page.lines)
    if explanation.text is not None or (
        explanation.reading and explanation.rule is None and (kind.status or 0) < SERVER
    ):
        yield from _paste(kind.signature)
    status = "unknown: there is no text to read it from"
    if explanation.reading is not None:
        status = status_text(explanation.reading)
    yield from page.row("  status", status, _TEXT)


def _decided(
    group: Sequence[Explanation], origin: str, page: _Page, *, no_log: bool = False
) -> Iterator[str]:
    """Yield how kinds that are decided alike were decided, and what can be done about them."""
    first = group[0]
    if first.reading is not None:
        statuses = {each.kind.status for each in group}
        status = str(first.kind.status or "unknown") if len(statuses) == 1 else "another"
        entries = list(attempt_entries(first, status, origin, full=page.full))
        yield from _entries(entries, len(entries) if page.full else _RULES, page)
    yield from page.row("  decision", decision(first), page.lines)
    if first.rule is not None:
        yield from page.row("  why", first.rule.why, page.lines)
    if first.kind.decision == "true":
        yield from page.row("  remedy", remedy(first, no_log=no_log), 6)


def _text(explanation: Explanation) -> str:
    """Return what failures say, and what stands for it where there are many texts or none."""
    if explanation.text is not None:
        return explanation.text or wording.EMPTY
    text = wording.error(explanation.kind)
    if explanation.reading is None:
        return f"{text}: the statistics count them, but no error text explains them"
    if explanation.kind.signature == OTHER_SIGNATURES:
        kept = f"the {SIGNATURES_KEPT} that are told apart"
        return f"{text}: those beyond {kept} of one endpoint, status and rule"
    return text


def _paste(signature: str) -> Iterator[str]:
    """Yield a signature as a rule takes it: whole, in one line, and matching the texts it is of."""
    # TOML has no lone surrogates, and what is masked is a star to a glob, too.
    glob = _SURROGATE.sub("*", signature)
    if glob not in {OTHER_SIGNATURES, UNEXPLAINED} and glob.strip("* "):
        yield f"{'  paste':<{_INDENT}}error = {toml_string(glob)}"


def _entries(entries: Sequence[str], limit: int, page: _Page) -> Iterator[str]:
    """Yield at most so many entries: the first ones, and the last, which decided if any did."""
    if len(entries) > limit:
        middle = len(entries) - limit + 1
        entries = [*entries[: limit - 2], f"... {middle:,} more that --all shows", entries[-1]]
    label = "  rules"
    for entry in entries or ["there are none"]:
        yield from page.row(label, entry, _TEXT, hang=3)
        label = ""
