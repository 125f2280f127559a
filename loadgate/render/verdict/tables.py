"""The tables of a verdict, for text and Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import TypeVar

from loadgate.model import Classification, EndpointResult, FailureKind, RuleResult, Verdict
from loadgate.render import words as wording
from loadgate.render.tables import Cell, Code, Column, Table
from loadgate.render.verdict.pages import page_of
from loadgate.render.words import CheckLine
from loadgate.share import share
from loadgate.text import status_label

Row = TypeVar("Row")


def checks(lines: Sequence[CheckLine]) -> Table[CheckLine]:
    """Return the table of checks."""
    return Table(
        title="Checks",
        columns=(
            Column("Result", _result),
            Column("Limit", lambda line: Code(line.limit)),
            Column("Actual", lambda line: line.actual, numeric=True),
            Column("Endpoint", _where, wide=True),
            Column("Note", lambda line: line.note, wide=True),
        ),
        rows=lines,
        noun="check",
        note=lambda rest: ", ".join(
            f"{number:,} {mark.lower()}"
            for mark, number in Counter(line.mark for line in rest).items()
        ),
        lines=4,
    )


def _result(line: CheckLine) -> Cell:
    """Return how a check ended; what is not as it should be leads to its page."""
    link = page_of(line.check) if line.mark in {"FAILED", "warning"} else ""
    return Cell(text=line.mark, mark=line.mark, link=link)


def _where(line: CheckLine) -> tuple[str, ...]:
    endpoint = line.endpoint if line.check.endpoint is None else Code(line.endpoint)
    return (endpoint, f"by rule {line.check.rule}") if line.check.rule else (endpoint,)


def _failures(counts: Iterable[int]) -> str:
    return wording.counted(sum(counts), "failure")


def true_failures(verdict: Verdict) -> Table[FailureKind]:
    """Return the table of true failures."""
    return Table(
        title="True failures",
        columns=(
            Column("Count", lambda kind: kind.count, numeric=True),
            Column(
                "Status", lambda kind: status_label(kind.status, kind.likely_status), numeric=True
            ),
            Column("Endpoint", lambda kind: Code(wording.endpoint(kind)), wide=True),
            Column("Error", lambda kind: Code(wording.error(kind)), wide=True),
        ),
        rows=[kind for kind in verdict.classification.failures if kind.decision == "true"],
        noun="failure kind",
        note=lambda rest: _failures(kind.count for kind in rest),
    )


def rules(classification: Classification, results: Sequence[RuleResult]) -> Table[RuleResult]:
    """Return the table of rules, with how much of its budget each used where it used most."""

    def budget(result: RuleResult) -> tuple[str, ...]:
        uses = [use for use in classification.budgets if use.rule.id == result.rule.id]
        if not uses:
            return ()
        use = max(uses, key=lambda use: share(use.counted, use.stats.requests) or Fraction(0))
        used = wording.share_text(use.counted, use.stats.requests)
        return f"{used} of at most {use.rule.at_most_text} at", Code(wording.endpoint(use.stats))

    return Table(
        title="Rules",
        columns=(
            Column("Count", lambda result: result.matched, numeric=True),
            *_allowed(classification, lambda result: result.allowed),
            Column("Verdict", _counted_as),
            Column("Rule", _rule, wide=True),
            Column("Why", lambda result: result.rule.why, wide=True),
            Column("Budget used", budget, wide=True),
        ),
        rows=results,
        noun="rule",
        note=lambda rest: _failures(result.matched for result in rest),
    )


def _allowed(
    classification: Classification, count: Callable[[Row], int]
) -> tuple[Column[Row], ...]:
    """Return the column of what the locustfile allowed, where it allowed any."""
    return (Column("Allowed", count, numeric=True),) if classification.total.allowed else ()


def _counted_as(result: RuleResult) -> str:
    """Return what the failures that a rule matched count as; its state, where it matched none."""
    if not result.matched:
        return "allowed" if result.allowed else result.state
    excused = result.rule.excuses and result.state != "expired"
    return "expected" if excused else "true"


def _rule(result: RuleResult) -> str:
    if result.state == "expired":
        return f"{result.rule.id} (expired on {result.rule.expires})"
    return result.rule.id + (f" (expires on {result.rule.expires})" if result.expiring else "")


def endpoints(classification: Classification) -> Table[EndpointResult]:
    """Return the table of endpoints that have failures."""
    return Table(
        title="Endpoints with failures",
        columns=(
            Column("Requests", lambda row: row.stats.requests, numeric=True),
            Column("Failures", lambda row: row.failures, numeric=True),
            Column("Expected", lambda row: row.expected, numeric=True),
            Column("True", lambda row: row.true, numeric=True),
            *_allowed(classification, lambda row: row.allowed),
            Column(
                "True rate",
                lambda row: wording.share_text(row.true, row.stats.requests),
                numeric=True,
            ),
            Column("Endpoint", lambda row: Code(wording.endpoint(row.stats)), wide=True),
        ),
        rows=[row for row in classification.endpoints if row.failures or row.allowed],
        noun="endpoint",
        note=lambda rest: _failures(row.failures for row in rest),
    )
