"""A verdict in, GitHub-flavoured Markdown for a step summary or a comment out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from loadgate.model import Classification, Verdict
from loadgate.render import words as wording
from loadgate.render.markdown import BYTES, code, escape, left_out, section, sentence
from loadgate.text import first_of

_ROWS = 100  # of a table; fewer where the document would be too large
_BADGES = {"passed": "✅", "failed": "❌", "no-evidence": "⚠️"}
_MARKS = {
    "FAILED": "❌ failed",
    "warning": "⚠️ warning",
    "skipped": "⏭️ skipped",
    "passed": "✅ passed",
}


def render_markdown(verdict: Verdict) -> str:
    """Return the verdict as headings and tables, in less than BYTES bytes of UTF-8.

    What is left out for its size is counted where it is missing.
    """
    rows = _ROWS
    text = _document(verdict, rows)
    while len(text.encode()) >= BYTES and rows > 1:
        rows //= 2
        text = _document(verdict, rows)
    return text


def _document(verdict: Verdict, rows: int) -> str:
    return "".join(f"{line}\n" for line in _lines(verdict, rows))


def _lines(verdict: Verdict, rows: int) -> Iterator[str]:
    classification = verdict.classification
    run = classification.run
    badge = _BADGES[verdict.outcome]
    yield f"### {badge} {wording.VERDICTS[verdict.outcome]}: {code(run.label)}"
    yield ""
    named = wording.names(verdict)
    yield sentence(wording.decision(verdict), named)
    for alarm in wording.alarms(classification):
        yield ""
        yield f"⚠️ {sentence(alarm, named)}"
    yield ""
    yield f"**{wording.summary(classification)}**"
    if verdict.outcome == "no-evidence":
        yield ""
        yield wording.NO_EVIDENCE
    if run.partial:
        yield from _list(f"⚠️ {wording.PARTIAL}", run.contradictions, rows, always=True)
    yield from _checks(verdict, rows)
    yield from _true_failures(verdict, rows)
    yield from _rules(verdict, rows)
    yield from _endpoints(verdict, rows)
    yield from _list("Warnings", wording.other_warnings(classification), rows)
    yield ""
    yield "**Judged**"
    yield ""
    yield f"- Rules: {_named(classification.origins, rows)}"
    yield f"- Files: {_named(wording.files(verdict.classification), rows)}"
    if verdict.baseline:
        yield f"- Baseline: {_named(verdict.baseline, rows)}"


def _named(texts: Sequence[str], rows: int) -> str:
    return first_of([escape(text) for text in texts], rows) or "none"


def _list(title: str, texts: Sequence[str], rows: int, *, always: bool = False) -> Iterator[str]:
    if not texts and not always:
        return
    yield ""
    yield f"**{title}**"
    yield ""
    for text in texts[:rows]:
        yield f"- {escape(text)}"
    if len(texts) > rows:
        yield f"- and {len(texts) - rows:,} more like these"


def _checks(verdict: Verdict, rows: int) -> Iterator[str]:
    told = wording.told(verdict)
    if told:
        lines = [
            (
                _MARKS[one.mark],
                code(one.limit),
                one.actual,
                _where(one),
                escape(one.note),
            )
            for one in told[:rows]
        ]
        header = ("Result", "Limit", "Actual", "Endpoint", "Note")
        yield from section(
            "Checks", header, lines, left_out(len(told) - rows, "checks"), right=(2,)
        )


def _where(one: wording.CheckLine) -> str:
    """Return the endpoint of a check, and the rule of a budget outside of the endpoint's code."""
    if one.check.endpoint is None:
        return escape(one.where)
    if one.check.rule is None:
        return code(one.where)
    endpoint = one.where.removesuffix(f" (rule {one.check.rule})")
    return f"{code(endpoint)} by rule {escape(one.check.rule)}"


def _true_failures(verdict: Verdict, rows: int) -> Iterator[str]:
    kinds = wording.kinds(verdict.classification, "true")
    if kinds:
        lines = [
            (
                f"{kind.count:,}",
                str(kind.status or "unknown"),
                code(wording.endpoint(kind)),
                code(wording.error(kind)),
            )
            for kind in kinds[:rows]
        ]
        rest = kinds[rows:]
        more = left_out(len(rest), "kinds", sum(kind.count for kind in rest))
        header = ("Failures", "Status", "Endpoint", "Error")
        yield from section("True failures", header, lines, more, right=(0, 1))


def _rules(verdict: Verdict, rows: int) -> Iterator[str]:
    classification = verdict.classification
    if classification.rules:
        lines = [
            (
                f"{result.matched:,}",
                wording.counted_as(result) if result.matched else result.state,
                escape(wording.rule_text(result)),
                escape(result.rule.why),
                *_budget(classification, result.rule.id),
            )
            for result in classification.rules[:rows]
        ]
        rest = classification.rules[rows:]
        more = left_out(len(rest), "rules", sum(result.matched for result in rest))
        header = ("Count", "Verdict", "Rule", "Why", "Budget used", "Most at")
        yield from section("Rules", header, lines, more, right=(0,))


def _budget(classification: Classification, rule: str) -> tuple[str, str]:
    """Return how much of its budget a rule used where it used most, and the endpoint."""
    most = wording.highest_use(classification, rule)
    if most is None:
        return "", ""
    used = wording.share_text(most.expected, most.stats.requests)
    return f"{used} of at most {most.rule.at_most_text}", code(wording.endpoint(most.stats))


def _endpoints(verdict: Verdict, rows: int) -> Iterator[str]:
    failing = wording.failing_endpoints(verdict.classification)
    if failing:
        lines = [
            (
                f"{row.stats.requests:,}",
                f"{row.failures:,}",
                f"{row.expected:,}",
                f"{row.true:,}",
                wording.share_text(row.true, row.stats.requests),
                code(wording.endpoint(row.stats)),
            )
            for row in failing[:rows]
        ]
        rest = failing[rows:]
        more = left_out(len(rest), "endpoints", sum(row.failures for row in rest))
        header = ("Requests", "Failures", "Expected", "True", "True rate", "Endpoint")
        yield from section("Endpoints with failures", header, lines, more, right=(0, 1, 2, 3, 4))
