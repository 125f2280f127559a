"""A verdict in, what a person reads in a terminal or at the end of a CI log out: 80 columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from loadgate.model import Verdict
from loadgate.render import wording
from loadgate.render.display import cut, one_line, table, width, wrap

COLUMNS = 80
LINES = 100

_ROWS = 15  # of a table; fewer where the whole would be too long
_LONG = 25  # lines after which the verdict is said again, where the reader of a log looks
_LABEL = 50
_LIMIT = 40
_SPACES = 2
_STYLES = {
    "PASSED": "1;32",
    "FAILED": "1;31",
    "NO EVIDENCE": "1;33",
    "PARTIAL RESULTS": "1;33",
    "passed": "32",
    "warning": "33",
    "skipped": "2",
}


def render_text(verdict: Verdict, *, color: bool = False) -> str:
    """Return the verdict in at most LINES lines of at most COLUMNS columns, ANSI colours aside.

    The first line says the verdict and why. Texts of the run cannot steer the terminal, nor start
    a line that the log of a CI system takes for a command.
    """
    rows = _ROWS
    lines = list(_lines(verdict, rows))
    while len(lines) > LINES and rows > 1:
        rows = rows * 2 // 3
        lines = list(_lines(verdict, rows))
    return "".join(f"{_painted(line) if color else line}\n" for line in lines)


def _painted(line: str) -> str:
    """Colour the word that says how something ended, and titles; no text of a run starts a line."""
    for word, style in _STYLES.items():
        if line.startswith(word):
            return f"\x1b[{style}m{word}\x1b[0m{line[len(word) :]}"
    return f"\x1b[1m{line}\x1b[0m" if line.isupper() else line


def _lines(verdict: Verdict, rows: int) -> Iterator[str]:
    classification = verdict.classification
    head = list(_head(verdict))
    body = [
        *_partial(verdict, rows),
        *_checks(verdict, rows),
        *_true_failures(verdict, rows),
        *_rules(verdict, rows),
        *_endpoints(verdict, rows),
        *_bullets("WARNINGS", wording.other_warnings(classification), rows),
        "",
        *_named("rules", classification.origins),
        *_named("files", wording.files(classification)),
        *_named("baseline", verdict.baseline),
    ]
    yield from head
    yield from body
    if len(body) > _LONG:
        yield ""
        yield from head


def _head(verdict: Verdict) -> Iterator[str]:
    label = cut(one_line(verdict.classification.run.label), _LABEL)
    word = wording.VERDICTS[verdict.outcome]
    yield from hanging(f"{word}  ", f"{label}: {one_line(wording.headline(verdict))}", lines=4)
    yield from hanging("  ", wording.summary(verdict.classification), lines=3)


def hanging(start: str, text: str, *, lines: int) -> Iterator[str]:
    """Yield text behind a start, its further lines indented."""
    indent = min(len(start), 8)
    for line in wrap(one_line(text), COLUMNS - len(start), lines=lines):
        yield start + line
        start = " " * indent


def _partial(verdict: Verdict, rows: int) -> Iterator[str]:
    run = verdict.classification.run
    if verdict.outcome == "no-evidence":
        yield ""
        yield from hanging("", wording.NO_EVIDENCE, lines=2)
    if run.partial:
        yield ""
        yield from hanging("", wording.PARTIAL, lines=2)
        yield from _bullets("", run.contradictions, rows)


def _bullets(title: str, texts: Sequence[str], rows: int) -> Iterator[str]:
    if not texts:
        return
    if title:
        yield ""
        yield title
    for text in texts[:rows]:
        # A warning without its middle is none: paths take their room, and the remedy comes last.
        yield from hanging("- ", text, lines=8)
    yield from left_out(len(texts) - rows, "like these")


def _named(name: str, texts: Sequence[str]) -> Iterator[str]:
    if texts:
        yield from hanging(f"{name}  ", ", ".join(texts), lines=3)


def left_out(kinds: int, of: str, failures: int = 0) -> Iterator[str]:
    """Say what a table leaves out."""
    if kinds > 0:
        count = f" ({wording.counted(failures, 'failure')})" if failures else ""
        noun, _, rest = of.partition(" ")
        noun = noun.removesuffix("s") if kinds == 1 else noun
        what = f"{noun} {rest}".strip()
        yield f"... and {kinds:,} more {what}{count}"


def drawn_table(
    title: str,
    header: Sequence[str],
    rows: Sequence[tuple[Sequence[str], Sequence[str]]],
    *,
    right: Sequence[int] = (),
    lines: int = 2,
) -> Iterator[str]:
    """Yield a table whose last column takes the room that the others leave.

    A row is its narrow cells and the paragraphs of its last cell, which are wrapped; empty ones
    are left out.
    """
    narrow = [[one_line(cell) for cell in cells] for cells, _ in rows]
    widths = [max(map(width, column)) for column in zip(header[:-1], *narrow, strict=True)]
    room = COLUMNS - sum(widths) - _SPACES * len(widths)
    drawn: list[list[str]] = []
    for cells, (_, paragraphs) in zip(narrow, rows, strict=True):
        shown = [text for text in map(one_line, paragraphs) if text] or [""]
        texts = [line for text in shown for line in wrap(text, room, lines=lines)]
        drawn += [[*cells, texts[0]], *([""] * len(cells) + [text] for text in texts[1:])]
    widths.append(max(width(row[-1]) for row in (header, *drawn)))
    rule = ["-" * columns for columns in widths]
    yield ""
    yield title
    for line in table([header, rule, *drawn], style="plain", right=right).splitlines():
        yield line.rstrip()


def _checks(verdict: Verdict, rows: int) -> Iterator[str]:
    told = wording.told(verdict)
    held = sum(one.mark == "passed" and one.check.rule is not None for one in told)
    shown = [one for one in told if one.mark != "passed" or one.check.rule is None]
    if shown:
        lines = [
            (
                (one.mark, cut(one_line(one.limit), _LIMIT), one.actual),
                (one.where, one.note),
            )
            for one in shown[:rows]
        ]
        header = ("result", "limit", "actual", "endpoint")
        yield from drawn_table("CHECKS", header, lines, lines=4)
    yield from _more_checks([one.mark for one in shown[rows:]])
    if held:
        yield f"{wording.counted(held, 'more check')} of budgets passed, see RULES"


def _more_checks(marks: Sequence[str]) -> Iterator[str]:
    """Say what the table of checks leaves out, by how they ended."""
    ends = {"FAILED": "failed", "warning": "warned", "skipped": "were skipped", "passed": "passed"}
    counts = Counter(marks)
    if len(counts) == 1:
        yield from left_out(len(marks), f"checks that {ends[marks[0]]}")
    elif counts:
        told = ", ".join(f"{counts[mark]:,} {end}" for mark, end in ends.items() if counts[mark])
        yield f"... and {len(marks):,} more checks: {told}"


def _true_failures(verdict: Verdict, rows: int) -> Iterator[str]:
    kinds = wording.kinds(verdict.classification, "true")
    if not kinds:
        return
    lines = [
        (
            (wording.narrow(kind.count), str(kind.status or "-")),
            (wording.endpoint(kind), wording.error(kind)),
        )
        for kind in kinds[:rows]
    ]
    header = ("failures", "status", "endpoint and error")
    yield from drawn_table("TRUE FAILURES", header, lines, right=(0, 1))
    rest = kinds[rows:]
    yield from left_out(len(rest), "kinds", sum(kind.count for kind in rest))


def _rules(verdict: Verdict, rows: int) -> Iterator[str]:
    classification = verdict.classification
    used = [result for result in classification.rules if result.matched]
    if used:
        lines = []
        for result in used[:rows]:
            budget = wording.budget_text(classification, result.rule.id)
            cells = (wording.narrow(result.matched), wording.counted_as(result))
            lines.append((cells, (wording.rule_text(result), result.rule.why, budget)))
        yield from drawn_table("RULES", ("count", "verdict", "rule"), lines, right=(0,))
        rest = used[rows:]
        yield from left_out(len(rest), "rules", sum(result.matched for result in rest))
    idle = wording.idle_rules(classification)
    if idle:
        if not used:
            yield ""
        yield from hanging("", idle, lines=2)


def _endpoints(verdict: Verdict, rows: int) -> Iterator[str]:
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
        for row in failing[:rows]
    ]
    header = ("requests", "failures", "expected", "true", "true rate", "endpoint")
    yield from drawn_table("ENDPOINTS WITH FAILURES", header, lines, right=(0, 1, 2, 3, 4))
    rest = failing[rows:]
    yield from left_out(len(rest), "endpoints", sum(row.failures for row in rest))
