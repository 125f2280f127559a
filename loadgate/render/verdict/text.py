"""A verdict as text, for a terminal or the end of a CI log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from loadgate.model import Verdict
from loadgate.render import words as wording
from loadgate.render.terminal import UNWRAPPED, hanging, painted, table_lines
from loadgate.render.verdict import tables
from loadgate.text import cut, listed, one_line

LINES = 100

_ROWS = 15  # of a table; fewer where the whole would be too long
_LONG = 25  # lines after which the verdict is said again, where the reader of a log looks
_BESIDE_LABEL = 30  # columns that a label leaves to what stands beside it


@dataclass(frozen=True, slots=True, kw_only=True)
class _Size:
    """How much room there is."""

    columns: int
    rows: int
    """Of each table and list."""


def render(verdict: Verdict, *, color: bool = False, columns: int = UNWRAPPED) -> str:
    """Return the verdict in at most LINES lines of so many columns, ANSI colours aside.

    The first line says the verdict and why. Texts of the run cannot steer the terminal, nor start
    a line that the log of a CI system takes for a command.
    """
    size = _Size(columns=columns, rows=_ROWS)
    lines = list(_lines(verdict, size))
    while len(lines) > LINES and size.rows > 1:
        size = replace(size, rows=size.rows * 2 // 3)
        lines = list(_lines(verdict, size))
    text = "".join(f"{line}\n" for line in lines)
    return painted(text) if color else text


def _lines(verdict: Verdict, size: _Size) -> Iterator[str]:
    classification = verdict.classification
    head = list(_head(verdict, size))
    body = [
        *_partial(verdict, size),
        *_checks(verdict, size),
        *table_lines(tables.true_failures(verdict), size.rows, size.columns),
        *_rules(verdict, size),
        *table_lines(tables.endpoints(classification), size.rows, size.columns),
        *_bullets("WARNINGS", wording.other_warnings(classification), size),
        "",
        *_named("rules", classification.origins, size),
        *_named("files", wording.files(classification), size),
        *_named("baseline", verdict.baseline, size),
    ]
    yield from head
    yield from body
    if len(body) > _LONG:
        yield ""
        yield from head


def _head(verdict: Verdict, size: _Size) -> Iterator[str]:
    columns = size.columns
    label = cut(one_line(verdict.classification.run.label), columns - _BESIDE_LABEL)
    word = wording.VERDICTS[verdict.outcome]
    yield from hanging(
        f"{word}  ", f"{label}: {one_line(wording.headline(verdict))}", lines=4, columns=columns
    )
    yield from hanging("  ", wording.summary(verdict.classification), lines=3, columns=columns)


def _partial(verdict: Verdict, size: _Size) -> Iterator[str]:
    run = verdict.classification.run
    if verdict.outcome == "no-evidence":
        yield ""
        yield from hanging("", wording.NO_EVIDENCE, lines=2, columns=size.columns)
    if run.partial:
        yield ""
        yield from hanging("", wording.PARTIAL, lines=2, columns=size.columns)
        yield from _bullets("", run.contradictions, size)


def _bullets(title: str, texts: Sequence[str], size: _Size) -> Iterator[str]:
    if not texts:
        return
    if title:
        yield ""
        yield title
    for text in listed(texts, size.rows):
        # A warning without its middle is none: paths take their room, and the remedy comes last.
        yield from hanging("- ", text, lines=8, columns=size.columns)


def _named(name: str, texts: Sequence[str], size: _Size) -> Iterator[str]:
    if texts:
        yield from hanging(f"{name}  ", ", ".join(texts), lines=3, columns=size.columns)


def _checks(verdict: Verdict, size: _Size) -> Iterator[str]:
    lines = wording.check_lines(verdict)
    shown = [line for line in lines if line.mark != "passed" or line.check.rule is None]
    yield from table_lines(tables.checks(shown), size.rows, size.columns)
    passed = len(lines) - len(shown)
    if passed:
        yield f"{wording.counted(passed, 'budget check')} passed, see RULES"


def _rules(verdict: Verdict, size: _Size) -> Iterator[str]:
    classification = verdict.classification
    used = [result for result in classification.rules if result.matched]
    yield from table_lines(tables.rules(classification, used), size.rows, size.columns)
    idle = wording.idle_rules(verdict)
    if idle:
        if not used:
            yield ""
        yield from hanging("", idle, lines=2, columns=size.columns)
