"""The tables of a run's page: limits, endpoints, rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from loadgate.model import BudgetUse, Classification, EndpointResult, Metric, RuleResult, Verdict
from loadgate.render import words as wording
from loadgate.render.tables import Cell, Code, Column, Table
from loadgate.render.verdict.pages import page_of
from loadgate.render.words import CheckLine
from loadgate.share import share
from loadgate.time_series import PERCENTILES

_MEDIAN = "50"
_TIME = Metric(name="p50", kind="latency")


def milliseconds(time: float) -> str:
    """Return a response time as all outputs have it."""
    return wording.about(_TIME, Fraction(time))


def limits(verdict: Verdict) -> Table[CheckLine]:
    """Return the limits with what was measured, those that failed first.

    A budget that holds is in the table of rules.
    """
    lines = wording.check_lines(verdict)
    shown = [line for line in lines if line.check.rule is None or line.mark != "passed"]
    return Table(
        id="limits",
        title="Limits",
        columns=(
            Column("Limit", lambda line: Code(line.limit)),
            Column("Result", _result),
            Column("Measured", lambda line: line.actual, numeric=True),
            Column("Where", _where),
            Column("Note", lambda line: line.note),
        ),
        rows=shown,
        noun="limit",
    )


def _result(line: CheckLine) -> Cell:
    look = {"skipped": "idle"}.get(line.mark, line.mark.lower())
    link = page_of(line.check) if look in {"failed", "warning"} else ""
    return Cell(text=line.mark.lower(), mark=look, link=link)


def _where(line: CheckLine) -> Cell | Code:
    if line.check.rule is not None:
        return Cell(text=line.endpoint, remark=f"budget of {line.check.rule}")
    return Cell(text=line.endpoint) if line.check.endpoint is None else Code(line.endpoint)


def endpoints(classification: Classification) -> Table[EndpointResult]:
    """Return all endpoints, the worst first."""
    rows = classification.endpoints
    known = [
        name for name in PERCENTILES if any(_percentile(row, name) is not None for row in rows)
    ]
    return Table(
        id="endpoints",
        title="Endpoints",
        columns=(
            Column("Endpoint", lambda row: Code(wording.endpoint(row.stats))),
            Column("Requests", lambda row: row.stats.requests, numeric=True),
            Column("True", lambda row: row.true, numeric=True),
            Column("True rate", _true_rate, numeric=True),
            Column("Expected", lambda row: row.expected, numeric=True),
            *_allowed(classification),
            *(_times(name) for name in known),
        ),
        rows=rows,
        noun="endpoint",
    )


def _true_rate(row: EndpointResult) -> str:
    return wording.share_text(row.true, row.stats.requests) if row.true else ""


def _times(name: str) -> Column[EndpointResult]:
    def cell(row: EndpointResult) -> str:
        time = _percentile(row, name) if row.stats.requests else None
        return "" if time is None else milliseconds(time)

    return Column(f"p{name}", cell, numeric=True)


def _percentile(row: EndpointResult, name: str) -> float | None:
    latency = row.stats.latency
    known = dict(latency.percentiles).get(name)
    return latency.median if known is None and name == _MEDIAN else known


def _allowed(classification: Classification) -> Iterator[Column[Any]]:
    """Yield the column of what the locustfile allowed, where it allowed any."""
    if classification.total.allowed:
        yield Column("Allowed", lambda row: row.allowed, numeric=True)


def rules(classification: Classification) -> Table[RuleResult]:
    """Return the rules, each with how much of its budget was used where most was."""
    return Table(
        id="rules",
        title="Rules",
        columns=(
            Column("Rule", _rule),
            Column("State", _state),
            Column("Failures", lambda result: result.matched, numeric=True),
            *_allowed(classification),
            Column("Budget used", lambda result: _budget(classification.budgets, result)),
            Column("Why", lambda result: result.rule.why),
        ),
        rows=sorted(
            classification.rules, key=lambda result: not (result.matched or result.allowed)
        ),
        noun="rule",
    )


def _rule(result: RuleResult) -> Cell:
    rule = result.rule
    expires = "" if rule.expires is None else f"expires on {rule.expires}"
    return Cell(
        text=rule.id, remark=", ".join(filter(None, (rule.owner, expires))), link=rule.ticket
    )


def _state(result: RuleResult) -> Cell:
    remark = "" if result.rule.excuses else "counts as failures"
    return Cell(text=result.state, mark=result.state, remark=remark)


def _budget(budgets: Sequence[BudgetUse], result: RuleResult) -> Cell | str:
    uses = [use for use in budgets if use.rule.id == result.rule.id]
    if not uses:
        return f"none of {result.rule.at_most_text}" if result.rule.at_most_text else ""
    use = max(uses, key=_used)
    used, most = _used(use), use.rule.at_most or Fraction(0)
    text = wording.share_text(use.counted, use.stats.requests)
    return Cell(
        text=f"{text} of at most {use.rule.at_most_text}",
        remark=f"at {wording.endpoint(use.stats)}",
        used=float(min(used / most, Fraction(1))) if most else 1.0,
    )


def _used(use: BudgetUse) -> Fraction:
    return share(use.counted, use.stats.requests) or Fraction(0)
