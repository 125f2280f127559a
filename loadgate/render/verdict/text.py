"""A verdict as text, for a terminal or the end of a CI log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from loadgate.model import Verdict
from loadgate.render import words as wording
from loadgate.render.terminal import UNWRAPPED, hanging, painted, table_lines
from loadgate.render.verdict import tables
from loadgate.render.verdict.pages import pages
from loadgate.rules.wordings import likely_statuses
from loadgate.text import cut, listed, one_line

LINES = 100

_ROWS = 15  # of a table; fewer where the whole would be too long
_LONG = 25  # lines after which the verdict is said again, where the reader of a log looks
_BESIDE_LABEL = 30  # columns that a label leaves to what stands beside it


def render(verdict: Verdict, *, color: bool = False, columns: int = UNWRAPPED) -> str:
    """Return the verdict in at most LINES lines of so many columns, ANSI colours aside.

    The first line says the verdict and why. Texts of the run cannot steer the terminal, nor start
    a line that the log of a CI system takes for a command.
    """
    rows = _ROWS
    while len(lines := list(_lines(verdict, rows, columns))) > LINES and rows > 1:
        rows = rows * 2 // 3
    text = "".join(f"{line}\n" for line in lines)
    return painted(text) if color else text


def _lines(verdict: Verdict, rows: int, columns: int) -> Iterator[str]:
    head = list(_head(verdict, columns))
    body = list(_body(verdict, rows, columns))
    yield from head
    yield from body
    if len(body) > _LONG:
        yield ""
        yield from head


def _head(verdict: Verdict, columns: int) -> Iterator[str]:
    label = cut(one_line(verdict.classification.run.label), columns - _BESIDE_LABEL)
    word = wording.VERDICTS[verdict.outcome]
    why = f"{label}: {one_line(wording.headline(verdict))}"
    yield from hanging(f"{word}  ", why, lines=4, columns=columns)
    yield from hanging("  ", wording.summary(verdict.classification), lines=3, columns=columns)


def _body(verdict: Verdict, rows: int, columns: int) -> Iterator[str]:
    classification = verdict.classification
    run = classification.run
    if verdict.outcome == "no-evidence":
        yield ""
        yield from hanging("", wording.NO_EVIDENCE, lines=2, columns=columns)
    if run.partial:
        yield ""
        yield from hanging("", wording.PARTIAL, lines=2, columns=columns)
        yield from _bullets(run.contradictions, rows, columns)
    yield from _checks(verdict, rows, columns)
    yield from table_lines(tables.true_failures(verdict), rows, columns)
    yield from _rules(verdict, rows, columns)
    yield from table_lines(tables.endpoints(classification), rows, columns)
    if warnings := wording.other_warnings(classification):
        yield ""
        yield "WARNINGS"
        yield from _bullets(warnings, rows, columns)
    yield from _likely(verdict, rows, columns)
    yield ""
    named = {
        "rules": classification.origins,
        "files": wording.files(classification),
        "baseline": verdict.baseline,
        "history": verdict.history,
    }
    for name, texts in named.items():
        if texts:
            yield from hanging(f"{name}  ", ", ".join(texts), lines=3, columns=columns)
    for page in pages(verdict):
        yield f"see  {page}"


def _bullets(texts: Sequence[str], rows: int, columns: int) -> Iterator[str]:
    for text in listed(texts, rows):
        # A warning without its middle is none: paths take their room, and the remedy comes last.
        yield from hanging("- ", text, lines=8, columns=columns)


def _likely(verdict: Verdict, rows: int, columns: int) -> Iterator[str]:
    statuses = likely_statuses(verdict.classification.failures)
    if statuses.counts:
        end = ":" if statuses.wordings else "."
        yield ""
        yield "LIKELY STATUSES"
        yield from hanging("", wording.likely(statuses) + end, lines=8, columns=columns)
        yield from wording.wording_lines(statuses, rows)


def _checks(verdict: Verdict, rows: int, columns: int) -> Iterator[str]:
    lines = wording.check_lines(verdict)
    shown = [line for line in lines if line.mark != "passed" or line.check.rule is None]
    yield from table_lines(tables.checks(shown), rows, columns)
    if passed := len(lines) - len(shown):
        yield f"{wording.counted(passed, 'budget check')} passed, see RULES"


def _rules(verdict: Verdict, rows: int, columns: int) -> Iterator[str]:
    classification = verdict.classification
    used = [result for result in classification.rules if result.matched or result.allowed]
    yield from table_lines(tables.rules(classification, used), rows, columns)
    if idle := wording.idle_rules(verdict):
        if not used:
            yield ""
        yield from hanging("", idle, lines=2, columns=columns)
