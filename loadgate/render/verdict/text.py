"""A verdict in, what a person reads in a terminal or at the end of a CI log out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from loadgate.model import Verdict
from loadgate.render import words as wording
from loadgate.render.terminal import COLUMNS, drawn_table, hanging, left_out
from loadgate.text import cut, one_line

LINES = 100

_ROWS = 15  # of a table; fewer where the whole would be too long
_LONG = 25  # lines after which the verdict is said again, where the reader of a log looks
_BESIDE_LABEL = 30  # columns that a label, or
_BESIDE_LIMIT = 40  # a limit leaves to what stands beside it
_STYLES = {
    "PASSED": "1;32",
    "FAILED": "1;31",
    "NO EVIDENCE": "1;33",
    "PARTIAL RESULTS": "1;33",
    "passed": "32",
    "warning": "33",
    "skipped": "2",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Size:
    """How much room there is."""

    columns: int
    rows: int
    """Of each table and list."""


def render_text(verdict: Verdict, *, color: bool = False, columns: int = COLUMNS) -> str:
    """Return the verdict in at most LINES lines of so many columns, ANSI colours aside.

    The first line says the verdict and why. Texts of the run cannot steer the terminal, nor start
    a line that the log of a CI system takes for a command.
    """
    size = _Size(columns=columns, rows=_ROWS)
    lines = list(_lines(verdict, size))
    while len(lines) > LINES and size.rows > 1:
        size = replace(size, rows=size.rows * 2 // 3)
        lines = list(_lines(verdict, size))
    return "".join(f"{_painted(line) if color else line}\n" for line in lines)


def _painted(line: str) -> str:
    """Colour the word that says how something ended, and titles; no text of a run starts a line."""
    for word, style in _STYLES.items():
        if line.startswith(word):
            return f"\x1b[{style}m{word}\x1b[0m{line[len(word) :]}"
    return f"\x1b[1m{line}\x1b[0m" if line.isupper() else line


def _lines(verdict: Verdict, size: _Size) -> Iterator[str]:
    classification = verdict.classification
    head = list(_head(verdict, size))
    body = [
        *_partial(verdict, size),
        *_checks(verdict, size),
        *_true_failures(verdict, size),
        *_rules(verdict, size),
        *_endpoints(verdict, size),
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
    for text in texts[: size.rows]:
        # A warning without its middle is none: paths take their room, and the remedy comes last.
        yield from hanging("- ", text, lines=8, columns=size.columns)
    yield from left_out(len(texts) - size.rows, "like these")


def _named(name: str, texts: Sequence[str], size: _Size) -> Iterator[str]:
    if texts:
        yield from hanging(f"{name}  ", ", ".join(texts), lines=3, columns=size.columns)


def _checks(verdict: Verdict, size: _Size) -> Iterator[str]:
    told = wording.told(verdict)
    held = sum(one.mark == "passed" and one.check.rule is not None for one in told)
    shown = [one for one in told if one.mark != "passed" or one.check.rule is None]
    if shown:
        lines = [
            (
                (one.mark, cut(one_line(one.limit), size.columns - _BESIDE_LIMIT), one.actual),
                (one.where, one.note),
            )
            for one in shown[: size.rows]
        ]
        header = ("result", "limit", "actual", "endpoint")
        yield from drawn_table("CHECKS", header, lines, lines=4, columns=size.columns)
    yield from _more_checks([one.mark for one in shown[size.rows :]])
    if held:
        yield f"{wording.counted(held, 'budget check')} passed, see RULES"


def _more_checks(marks: Sequence[str]) -> Iterator[str]:
    """Say what the table of checks leaves out, by how they ended."""
    ends = {"FAILED": "failed", "warning": "warned", "skipped": "were skipped", "passed": "passed"}
    counts = Counter(marks)
    if len(counts) == 1:
        yield from left_out(len(marks), f"checks that {ends[marks[0]]}")
    elif counts:
        told = ", ".join(f"{counts[mark]:,} {end}" for mark, end in ends.items() if counts[mark])
        yield f"... and {len(marks):,} more checks: {told}"


def _true_failures(verdict: Verdict, size: _Size) -> Iterator[str]:
    kinds = wording.kinds(verdict.classification, "true")
    if not kinds:
        return
    lines = [
        (
            (wording.narrow(kind.count), str(kind.status or "-")),
            (wording.endpoint(kind), wording.error(kind)),
        )
        for kind in kinds[: size.rows]
    ]
    header = ("failures", "status", "endpoint and error")
    yield from drawn_table("TRUE FAILURES", header, lines, right=(0, 1), columns=size.columns)
    rest = kinds[size.rows :]
    yield from left_out(len(rest), "kinds", sum(kind.count for kind in rest))


def _rules(verdict: Verdict, size: _Size) -> Iterator[str]:
    classification = verdict.classification
    used = [result for result in classification.rules if result.matched]
    if used:
        lines = []
        for result in used[: size.rows]:
            budget = wording.budget_text(classification, result.rule.id)
            cells = (wording.narrow(result.matched), wording.counted_as(result))
            lines.append((cells, (wording.rule_text(result), result.rule.why, budget)))
        yield from drawn_table(
            "RULES", ("count", "verdict", "rule"), lines, right=(0,), columns=size.columns
        )
        rest = used[size.rows :]
        yield from left_out(len(rest), "rules", sum(result.matched for result in rest))
    idle = wording.idle_rules(verdict)
    if idle:
        if not used:
            yield ""
        yield from hanging("", idle, lines=2, columns=size.columns)


def _endpoints(verdict: Verdict, size: _Size) -> Iterator[str]:
    failing = wording.failing_endpoints(verdict.classification)
    if not failing:
        return
    lines = [
        (
            (
                wording.narrow(row.stats.requests),
                wording.narrow(row.failures),
                wording.narrow(row.expected),
                wording.narrow(row.true),
                wording.share_text(row.true, row.stats.requests),
            ),
            (wording.endpoint(row.stats),),
        )
        for row in failing[: size.rows]
    ]
    header = ("requests", "failures", "expected", "true", "true rate", "endpoint")
    yield from drawn_table(
        "ENDPOINTS WITH FAILURES", header, lines, right=(0, 1, 2, 3, 4), columns=size.columns
    )
    rest = failing[size.rows :]
    yield from left_out(len(rest), "endpoints", sum(row.failures for row in rest))
