"""Explanations of failures as a person reads them in a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from loadgate.explain import Attempt, Explanation, RunExplanation, TextFit
from loadgate.model import OTHER_SIGNATURES, UNEXPLAINED, FailureKind
from loadgate.render import words as wording
from loadgate.render.masking import mask_run_explanation, masked
from loadgate.render.rules.drafts import toml_string
from loadgate.render.rules.readings import status_text
from loadgate.render.rules.remedies import SERVER, about, either, near_text, remedy
from loadgate.render.terminal import COLUMNS, wrap
from loadgate.tally import SIGNATURES_KEPT
from loadgate.text import first_of, one_line

LINES = 220
"""Of an output that is not asked to be full."""

_INDENT = 12
_TEXT = 3  # lines of a text; _FULL where the output may be long
_FULL = 12
_RULES = 8  # entries about rules of one explanation
_RULES_OF_TEXT = 20  # of a text without an endpoint, which any rule may be about
_NAMED = 4  # rules that are told by name where they share an entry
_STYLES = {"TRUE": "1;31", "EXPECTED": "1;32", "FAILURES": "1", "TEXT": "1", "PARTIAL": "1;33"}
_SURROGATE = re.compile("[\ud800-\udfff]")
_PAGE = "docs/reading-statuses.md says how a status is read"


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
    of: RunExplanation, *, full: bool = False, color: bool = False, columns: int = COLUMNS
) -> str:
    """Return the explanations in at most LINES lines, or if `full` all of them.

    What is left out is counted. Texts of the run cannot steer the terminal, nor start a line.
    """
    of = mask_run_explanation(of)
    page = _Page(columns=columns, full=full)
    shown = len(of.explanations)
    lines = list(_run(of, shown, page))
    while len(lines) > LINES and shown > 1 and not full:
        shown -= 1
        lines = list(_run(of, shown, page))
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
    matching_rules = [attempt for attempt in fit.attempts if not attempt.missed]
    decision = "true, at any endpoint: no rule fits"
    if matching_rules:
        decision = (
            "the first rule that fits and covers the endpoint decides; to name one:"
            " --endpoint 'METHOD NAME'"
        )
    lines = [
        *page.row("TEXT", fit.text or wording.EMPTY, page.lines),
        *_paste(fit.signature),
        *page.row("  status", status_text(fit.reading), _TEXT),
        *_entries([*_fits(fit, origins[0])], len(fit.attempts) if full else _RULES_OF_TEXT, page),
        *page.row("  decision", decision, _TEXT),
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


def _run(of: RunExplanation, shown: int, page: _Page) -> Iterator[str]:
    run = of.classification.run
    yield from page.row("FAILURES", f"{run.label}: {wording.summary(of.classification)}", _TEXT)
    if run.partial:
        yield ""
        yield from page.sentence(wording.PARTIAL)
        for text in run.contradictions[: None if page.full else _RULES]:
            yield from page.sentence(f"- {text}")
    no_log = run.failure_log is None
    for group in _alike(of.explanations[:shown], no_log=no_log):
        yield ""
        yield from _group(group, page)
        yield from _decided(group, of.classification.origins[0], page, no_log=no_log)
    yield from _rest(of, shown, page)
    yield from _foot(of.classification.origins, page)
    files = ", ".join(wording.files(of.classification))
    yield from page.row("files", files, _TEXT)


def _alike(explanations: Sequence[Explanation], *, no_log: bool) -> list[list[Explanation]]:
    """Return kinds that are decided alike together: by the same rules, for the same reason.

    Groups stand in the order of their first kinds.
    """
    groups: dict[object, list[Explanation]] = {}
    for of in explanations:
        asked = tuple((one.place, one.missed, one.around) for one in of.attempts)
        advice = remedy(of, no_log=no_log) if of.kind.decision == "true" else ""
        groups.setdefault((of.reading is None, asked, _decision(of), advice), []).append(of)
    return list(groups.values())


def _group(group: Sequence[Explanation], page: _Page) -> Iterator[str]:
    """Yield what failures say that are decided alike; a text of several endpoints once."""
    decision = group[0].kind.decision.upper()
    failures = wording.counted(sum(of.kind.count for of in group), "failure")
    if len(group) == 1:
        yield from page.row(decision, f"{failures} of {_where(group[0].kind)}", page.lines)
        yield from _said(group[0], page)
        return
    yield from page.row(decision, f"{failures} of {len(group):,} kinds, decided alike", _TEXT)
    texts: dict[tuple[str, ...], list[FailureKind]] = {}
    for of in group:
        texts.setdefault(tuple(_said(of, page)), []).append(of.kind)
    for said, kinds in texts.items():
        for kind in kinds:
            yield from page.row(f"  {wording.narrow(kind.count)}", _where(kind), page.lines)
        yield from said


def _where(kind: FailureKind) -> str:
    return kind.endpoint or wording.NAMELESS


def _rest(of: RunExplanation, shown: int, page: _Page) -> Iterator[str]:
    """Say what is not explained, and why."""
    rest = of.kinds[shown:]
    told = [_left_out(rest, decision) for decision in ("true", "expected")]
    left = " and ".join(text for text in told if text)
    where = f" at {of.endpoint}" if of.endpoint is not None else ""
    if not of.classification.total.stats.requests and not of.kinds:
        yield ""
        yield from page.sentence(f"No requests were made. {wording.NO_EVIDENCE}")
    elif not of.kinds:
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


def _said(of: Explanation, page: _Page) -> Iterator[str]:
    """Yield what failures of a kind say, and the status that was read."""
    kind = of.kind
    yield from page.row("  text", _text(of), page.lines)
    if of.text is None and of.example not in {None, kind.signature}:
        yield from page.row("  such as", of.example or wording.EMPTY, page.lines)
    if of.text is not None or (of.reading and of.rule is None and (kind.status or 0) < SERVER):
        yield from _paste(kind.signature)
    status = "unknown: there is no text to read it from"
    if of.reading is not None:
        status = status_text(of.reading)
    yield from page.row("  status", status, _TEXT)


def _decided(
    group: Sequence[Explanation], origin: str, page: _Page, *, no_log: bool = False
) -> Iterator[str]:
    """Yield how kinds that are decided alike were decided, and what can be done about them."""
    of = group[0]
    if of.reading is not None:
        statuses = {each.kind.status for each in group}
        status = str(of.kind.status or "unknown") if len(statuses) == 1 else "another"
        yield from _attempts(of, status, origin, page)
    yield from page.row("  decision", _decision(of), page.lines)
    if of.rule is not None:
        yield from page.row("  why", of.rule.why, page.lines)
    if of.kind.decision == "true":
        yield from page.row("  remedy", remedy(of, no_log=no_log), 6)


def _text(of: Explanation) -> str:
    """Return what failures say, and what stands for it where there are many texts or none."""
    if of.text is not None:
        return of.text or wording.EMPTY
    text = wording.error(of.kind)
    if of.reading is None:
        return f"{text}: the statistics count them, but no error text explains them"
    if of.kind.signature == OTHER_SIGNATURES:
        kept = f"the {SIGNATURES_KEPT} that are told apart"
        return f"{text}: those beyond {kept} of one endpoint, status and rule"
    return text


def _paste(signature: str) -> Iterator[str]:
    """Yield a signature as a rule takes it: whole, in one line, and matching the texts it is of."""
    # TOML has no lone surrogates, and what is masked is a star to a glob, too.
    glob = _SURROGATE.sub("*", signature)
    if glob not in {OTHER_SIGNATURES, UNEXPLAINED} and glob.strip("* "):
        yield f"{'  paste':<{_INDENT}}error = {toml_string(glob)}"


def _attempts(of: Explanation, status: str, origin: str, page: _Page) -> Iterator[str]:
    """Yield the rules in the order in which they were asked.

    Unless all is told, neighbours that are about other endpoints share an entry, and of many
    entries those in the middle are left out.
    """
    entries: list[str] = []
    waiting: list[Attempt] = []
    for attempt in of.attempts:
        if "endpoint" in attempt.missed and not page.full:
            waiting.append(attempt)
            continue
        entries += _elsewhere(waiting, origin)
        waiting = []
        entries.append(f"{_named(attempt, origin)}: {_outcome(attempt, status)}")
    entries += _elsewhere(waiting, origin)
    yield from _entries(entries, len(entries) if page.full else _RULES, page)


def _fits(fit: TextFit, origin: str) -> Iterator[str]:
    for attempt in fit.attempts:
        outcome = f"fits at {about(attempt.rule)}"
        if attempt.missed:
            outcome = _outcome(attempt, str(fit.reading.status or "unknown"))
        yield f"{_named(attempt, origin)}: {outcome}"


def _entries(entries: list[str], limit: int, page: _Page) -> Iterator[str]:
    """Yield at most so many entries: the first ones, and the last, which decided if any did."""
    if len(entries) > limit:
        middle = len(entries) - limit + 1
        entries = [*entries[: limit - 2], f"... {middle:,} more that --all shows", entries[-1]]
    label = "  rules"
    for entry in entries or ["there are none"]:
        yield from page.row(label, entry, _TEXT, hang=3)
        label = ""


def _named(attempt: Attempt, origin: str) -> str:
    """Return a rule by its place and id, and where it is from if that is another file."""
    rule = attempt.rule
    elsewhere = f" ({rule.origin})" if rule.origin != origin else ""
    return f"{attempt.place}. {rule.id}{elsewhere}"


def _elsewhere(attempts: Sequence[Attempt], origin: str) -> Iterator[str]:
    """Fold neighbours that are about other endpoints into one entry."""
    if len(attempts) == 1:
        yield f"{_named(attempts[0], origin)}: is about {about(attempts[0].rule)}"
    elif attempts:
        ids = first_of([attempt.rule.id for attempt in attempts], _NAMED)
        yield f"{attempts[0].place}-{attempts[-1].place}. about other endpoints: {ids}"


def _outcome(attempt: Attempt, status: str) -> str:
    """Return the first condition of a rule that the failures do not meet, or that it matches."""
    rule = attempt.rule
    if not attempt.missed:
        return "matches"
    if attempt.missed[0] == "status":
        return f"wants {either(rule)}, the status is {status}"
    if attempt.missed[0] == "error":
        would = f"; {attempt.around} would" if attempt.around else ""
        return f"its text pattern does not match: {rule.error.text if rule.error else ''}{would}"
    return f"is about {about(rule)}"


def _decision(of: Explanation) -> str:
    rule = of.rule
    if of.reading is None:
        return "true: what no text explains, no rule can excuse"
    if rule is None:
        return f"true: no rule matches{near_text(of)}"
    told = f"rule {rule.id} of {rule.origin}"
    if of.kind.decision == "expected":
        return f"expected: {told} excuses it"
    if of.expired:
        return f"true: {told} matches, but expired on {rule.expires}"
    return f'true: {told} says as = "failure"'
