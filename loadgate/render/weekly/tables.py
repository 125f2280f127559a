"""The tables of the weekly report: each column once, for Markdown and HTML.

To add a column, add a `Column` to its table; the renderers know none by name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from loadgate.masking import distinct
from loadgate.model import SERVER_ERRORS
from loadgate.render import words as wording
from loadgate.render.tables import Cell, Code, Column, Row, Table
from loadgate.render.weekly import words
from loadgate.render.weekly.chart_data import ENDPOINTS, day_rows, days_of
from loadgate.render.weekly.words import shown
from loadgate.summary import RunSummary
from loadgate.text import endpoint_label, status_label
from loadgate.weekly.model import Change, EndpointTrend, KindTrend, Report, RuleTrend
from loadgate.weekly.words import UNKNOWN, milliseconds, percent

KNOWN_KINDS = 10
"""Kinds of failures that are shown of those that are known, server errors aside."""

_OUTCOMES = ("failed", "no-evidence", "passed")
_CHECKS = 3  # of a run that failed


def tables(report: Report, rows: int, server_errors: int) -> Iterator[Table[Any]]:
    """Yield the tables that have rows, each with so many rows, and kinds with so many errors."""
    made = (
        runs(report, rows),
        endpoints(report).first(rows),
        kinds(report, rows, server_errors),
        rules(report).first(rows),
    )
    return (table for table in made if table.rows)


def _split(rows: Sequence[Row], kept: Iterable[Row]) -> tuple[list[Row], list[Row]]:
    """Return the rows that are kept, and the others, both in their order."""
    ids = set(map(id, kept))
    return [row for row in rows if id(row) in ids], [row for row in rows if id(row) not in ids]


def _allowed(report: Report) -> tuple[Column[Any], ...]:
    """Return the column of what the locustfile allowed, where it allowed any."""

    def cell(row: RunSummary | EndpointTrend | RuleTrend) -> int | str:
        return UNKNOWN if row.allowed is None else row.allowed

    return (Column("Allowed", cell, numeric=True),) if report.shows_allowed else ()


# --- runs -----------------------------------------------------------------------------------------


def runs(report: Report, most: int) -> Table[RunSummary]:
    """Return the runs of the period by time; of too many, those that failed stay."""
    failed_first = sorted(report.runs, key=lambda run: _OUTCOMES.index(run.outcome))
    kept, rest = _split(report.runs, failed_first[:most])
    zone = report.period.zone
    return Table(
        id="runs",
        title="Runs",
        columns=(
            Column("Run", _run),
            Column("Verdict", _verdict),
            Column("Started", lambda run: _started(run, zone)),
            Column("Branch", lambda run: Cell(text=run.branch)),
            Column("Commit", lambda run: words.commit(run.commit)),
            Column("Requests", lambda run: run.requests, numeric=True),
            Column(
                "Failures = expected + true",
                lambda run: f"{run.failures:,} = {run.expected:,} + {run.true:,}",
                numeric=True,
            ),
            *_allowed(report),
            Column(
                "True rate", lambda run: wording.share_text(run.true, run.requests), numeric=True
            ),
            Column(
                "p95", lambda run: milliseconds(run.p95 if run.requests else None), numeric=True
            ),
        ),
        rows=kept,
        rest=rest,
        noun="run",
        unfolded=14,
    )


def _run(run: RunSummary) -> Cell:
    remark = "partial results" if run.partial else ""
    return Cell(text=run.label or run.source, link=run.link, remark=remark)


def _verdict(run: RunSummary) -> Cell:
    return Cell(
        text=wording.VERDICTS[run.outcome].lower(),
        mark=run.outcome,
        remark="judged again" if run.rejudged else "",
        details=run.failed_checks[:_CHECKS],
    )


def _started(run: RunSummary, zone: ZoneInfo) -> Cell:
    guessed = "by the file's time" if run.time_from == "file" else ""
    return Cell(text=words.when(run.started, zone), time=run.started, remark=guessed)


# --- endpoints ------------------------------------------------------------------------------------


def endpoints(report: Report) -> Table[EndpointTrend]:
    """Return the endpoints with what changed, the worst first."""
    labels = distinct([(trend.method, trend.name) for trend in report.endpoints], shown)
    return Table(
        id="endpoints",
        title="Endpoints",
        columns=(
            Column("Endpoint", lambda trend: _endpoint(*labels[trend.method, trend.name])),
            Column("Requests", lambda trend: trend.requests, numeric=True),
            Column("Expected", lambda trend: trend.expected, numeric=True),
            Column("True", lambda trend: trend.true, numeric=True),
            *_allowed(report),
            Column("True rate", lambda trend: percent(trend.true_rate.now), numeric=True),
            Column("Before", lambda trend: percent(trend.true_rate.before), numeric=True),
            Column("Change", lambda trend: change(trend.true_rate)),
            Column("p95", lambda trend: milliseconds(trend.p95.now), numeric=True),
            Column("Before", lambda trend: milliseconds(trend.p95.before), numeric=True),
            Column("Change", lambda trend: change(trend.p95)),
        ),
        rows=report.endpoints,
        noun="endpoint",
    )


def _endpoint(method: str, name: str) -> Code:
    return Code(endpoint_label(method, name) or wording.NAMELESS)


def change(of: Change) -> Cell:
    """Return direction and effect of a change; nothing where there is none, or nobody can tell."""
    if not of.told:
        return Cell(text="")
    marked = of.direction not in {"same", "unclear"}
    return Cell(
        text=words.DIRECTIONS[of.direction],
        mark=of.direction,
        remark=of.words if marked else "",
    )


# --- days -----------------------------------------------------------------------------------------

DayRow = tuple[str, dict[date, tuple[int, int]]]


def days(report: Report) -> Table[DayRow]:
    """Return true failures by endpoint and day, as numbers for who cannot see a picture."""

    def column(day: date) -> Column[DayRow]:
        title = f"{words.DAYS[day.weekday()]} {day:%m-%d}"
        return Column(title, lambda row: row[1][day][1] if day in row[1] else "", numeric=True)

    return Table(
        id="days",
        title=f"True failures by {'week' if report.period.by_week else 'day'}",
        columns=(Column("Endpoint", lambda row: Code(row[0])), *map(column, days_of(report))),
        rows=day_rows(report),
        noun="endpoint",
        unfolded=ENDPOINTS + 1,
    )


# --- kinds of failures ----------------------------------------------------------------------------


def kinds(report: Report, most: int, server_errors: int) -> Table[KindTrend]:
    """Return the kinds with what changed, in their order.

    Those with a server error come before others where there is no room for all; of others that are
    known it shows KNOWN_KINDS, true ones before expected ones.
    """
    errors, others = _split(report.kinds, filter(_is_server_error, report.kinds))
    known = [kind for kind in others if kind.state == "known"]
    _, others = _split(others, known[KNOWN_KINDS:])
    kept, rest = _split(report.kinds, [*errors[:server_errors], *others[:most]])
    zone = report.period.zone
    return Table(
        id="kinds",
        title="Kinds of failures",
        columns=(
            Column("Error", lambda kind: Code(kind.signature or wording.EMPTY)),
            Column("Endpoint", lambda kind: _endpoint(kind.method, kind.name)),
            Column("State", lambda kind: Cell(text=kind.state, mark=f"{kind.state}-kind")),
            Column("Verdict", lambda kind: Cell(text=kind.decision, mark=kind.decision)),
            Column("Rule", lambda kind: Code(kind.rule or "")),
            Column("Failures", _count, numeric=True),
            Column("Before", lambda kind: kind.before, numeric=True),
            Column(
                "Status", lambda kind: status_label(kind.status, kind.likely_status), numeric=True
            ),
            Column("First run", lambda kind: _seen(kind.first_run, kind.first_seen, zone)),
            Column("Last run", lambda kind: _seen(kind.last_run, kind.last_seen, zone)),
        ),
        rows=kept,
        rest=rest,
        noun="kind",
        note=_left_out,
    )


def _is_server_error(kind: KindTrend) -> bool:
    return (kind.status or kind.likely_status) in SERVER_ERRORS and kind.count > 0


def _left_out(kinds: Sequence[KindTrend]) -> str:
    failures = sum(kind.count for kind in kinds)
    errors = sum(map(_is_server_error, kinds))
    parts = [wording.counted(failures, "failure")] if failures else []
    parts += [f"{wording.counted(errors, 'kind')} with a 5xx status"] if errors else []
    return ", ".join(parts)


def _count(kind: KindTrend) -> Cell:
    return Cell(text=f"{kind.count:,}", remark=wording.counted(kind.runs, "run"))


def _seen(run: str, time: datetime, zone: ZoneInfo) -> Cell:
    return Cell(text=run, details=(words.when(time, zone),))


# --- rules ----------------------------------------------------------------------------------------


def rules(report: Report) -> Table[RuleTrend]:
    """Return the rules with what is left of their budgets and days."""
    return Table(
        id="rules",
        title="Rules",
        columns=(
            Column("Rule", lambda rule: Code(rule.id)),
            Column("State", _state),
            Column("Failures", lambda rule: rule.matched, numeric=True),
            *_allowed(report),
            Column("Runs", lambda rule: f"{rule.runs_matched:,} of {rule.runs:,}", numeric=True),
            Column("Budget used", _budget),
            Column("Expires", _expiry),
            Column("Why", lambda rule: rule.why),
        ),
        rows=report.rules,
        noun="rule",
    )


def _state(rule: RuleTrend) -> Cell:
    effect = "excuses" if rule.excuses else "counts as failure"
    return Cell(text=rule.state, mark=rule.state, remark=effect)


def _budget(rule: RuleTrend) -> Cell | str:
    if rule.budget is None or not rule.excuses:
        return "no limit" if rule.excuses else ""
    used = rule.used or 0
    return Cell(
        text=f"{percent(used)} of at most {percent(rule.budget)}",
        used=min(used / rule.budget, 1.0) if rule.budget else 1.0,
    )


def _expiry(rule: RuleTrend) -> Cell | str:
    if rule.expires is None:
        return "never" if rule.excuses else ""
    remark = ""
    if rule.days_left is not None:
        days = wording.counted(abs(rule.days_left), "day")
        remark = f"{days} left" if rule.days_left >= 0 else f"{days} ago"
    return Cell(text=rule.expires.isoformat(), remark=remark)
