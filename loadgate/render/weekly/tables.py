"""The tables of the weekly report: each column once, for Markdown and HTML.

To add a column, add a `Column` to its table; the renderers know none by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from loadgate.masking import Endpoint, distinct
from loadgate.model import SERVER_ERRORS
from loadgate.render import words as wording
from loadgate.render.tables import Cell, Code, Column, Row, Table
from loadgate.render.weekly import words
from loadgate.render.weekly.words import shown
from loadgate.summary import RunSummary
from loadgate.text import and_more, endpoint_label, status_label
from loadgate.weekly.model import Change, EndpointTrend, KindTrend, Report, RuleTrend, Week
from loadgate.weekly.words import UNKNOWN, milliseconds, percent, what

KNOWN_KINDS = 10
"""Kinds of failures that are shown of those that are known, server errors aside."""

_OUTCOMES = ("failed", "no-evidence", "passed")
_CHECKS = 1  # of a run that failed
_RUNS = 8  # that are seen at once: a night each, and one more
_FIRST = 4  # runs that are seen where there are more than that
LISTED = 31
"""Runs of which the first are seen; of more the weeks tell, and all are folded."""
_SEEN = 5  # endpoints that are seen at once
_KINDS = 3  # of failures: the incidents above have said what they are
_MARKED = frozenset({"worse", "better", "new", "gone"})


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


def weeks(report: Report) -> Table[Week]:
    """Return the weeks of the chart: its numbers, and of many runs what they are together."""
    shown_weeks = [] if report.weeks is None else [week for week in report.weeks.weeks if week.runs]
    return Table(
        id="weeks",
        title="Weeks",
        columns=(
            Column("Week", lambda week: f"{week.first} to {week.last}"),
            Column("Runs", lambda week: week.runs, numeric=True),
            Column("Failed", lambda week: week.failed or "", numeric=True),
            Column("No requests", lambda week: week.without_evidence or "", numeric=True),
            Column("Requests", lambda week: week.requests, numeric=True),
            Column("True failures", lambda week: week.true, numeric=True),
            Column("True rate", lambda week: percent(week.rate), numeric=True),
            Column("Limit", lambda week: percent(week.limit), numeric=True),
        ),
        rows=shown_weeks,
        noun="week",
        unfolded=0,
    )


def runs(report: Report, most: int) -> Table[RunSummary]:
    """Return the runs of the period by time; of too many, those that failed stay."""
    failed_first = sorted(report.runs, key=lambda run: _OUTCOMES.index(run.outcome))
    kept, rest = _split(report.runs, failed_first[:most])
    zone = report.period.zone
    branches = len({run.branch for run in report.runs}) > 1
    checks = {run.failed_checks for run in report.runs if run.outcome == "failed"}
    return Table(
        id="runs",
        title="Runs",
        columns=(
            Column("Run", _run),
            Column("Verdict", lambda run: _verdict(run, differ=len(checks) > 1)),
            Column("Started", lambda run: _started(run, zone)),
            Column("Commit", lambda run: _commit(run, branch=branches)),
            Column("Requests", lambda run: run.requests, numeric=True),
            Column("Expected", lambda run: run.expected, numeric=True),
            *_allowed(report),
            Column("True failures", _true, numeric=True),
            Column(
                "p95", lambda run: milliseconds(run.p95 if run.requests else None), numeric=True
            ),
        ),
        rows=kept,
        rest=rest,
        noun="run",
        unfolded=_seen(len(report.runs)),
    )


def _seen(runs: int) -> int:
    return 0 if runs > LISTED else _FIRST if runs > _RUNS else runs


def _run(run: RunSummary) -> Cell:
    remark = "partial results" if run.partial else ""
    return Cell(text=run.label or run.source, link=run.link, remark=remark)


def _verdict(run: RunSummary, *, differ: bool) -> Cell:
    """Return the verdict, with the checks that failed where not all runs failed for the same."""
    return Cell(
        text=wording.VERDICTS[run.outcome].lower(),
        mark=run.outcome,
        remark="judged again" if run.rejudged else "",
        details=_first_checks(run) if differ and run.outcome == "failed" else (),
    )


def _first_checks(run: RunSummary) -> tuple[str, ...]:
    more = len(run.failed_checks) - _CHECKS
    return (*run.failed_checks[:_CHECKS], *([and_more(more)] if more > 0 else []))


def _commit(run: RunSummary, *, branch: bool) -> Cell:
    return Cell(text=words.commit(run.commit), remark=run.branch if branch else "")


def _true(run: RunSummary) -> Cell:
    rate = wording.share_text(run.true, run.requests) if run.true else ""
    return Cell(text=f"{run.true:,}", remark=rate)


def _started(run: RunSummary, zone: ZoneInfo) -> Cell:
    guessed = "by the file's time" if run.time_from == "file" else ""
    return Cell(text=words.when(run.started, zone), time=run.started, remark=guessed)


# --- endpoints ------------------------------------------------------------------------------------


def endpoints(report: Report) -> Table[EndpointTrend]:
    """Return the endpoints: first those that failed or changed, the worst of them first."""
    labels = distinct([(trend.method, trend.name) for trend in report.endpoints], shown)
    compared = bool(report.runs_before)
    failing, slower = (_in_incidents(report, kind) for kind in ("failures", "slower"))
    told, rest = _split(
        report.endpoints,
        [
            one
            for one in report.endpoints
            if one.true or one.moved or one.key in slower or (compared and _changed(one))
        ],
    )
    told.sort(key=lambda one: one.key not in failing.keys() | slower.keys())
    return Table(
        id="endpoints",
        title="Endpoints",
        columns=(
            Column("Endpoint", lambda trend: _endpoint(*labels[trend.method, trend.name])),
            Column("Requests", lambda trend: trend.requests, numeric=True),
            Column("Expected", lambda trend: trend.expected or "", numeric=True),
            *_allowed(report),
            Column("True failures", lambda trend: trend.true or "", numeric=True),
            Column("True rate", lambda trend: _now(trend.true_rate, percent), numeric=True),
            Column(
                "Change of rate",
                lambda trend: _change(trend.true_rate, failing.get(trend.key), told=compared),
            ),
            Column("p95", lambda trend: _now(trend.p95, milliseconds), numeric=True),
            Column(
                "Change of p95",
                lambda trend: _change(
                    trend.p95,
                    slower.get(trend.key),
                    # The column before says what is new or gone as a whole.
                    told=trend.p95.direction not in {"new", "gone"},
                ),
            ),
        ),
        rows=[*told, *rest],
        noun="endpoint",
        unfolded=min(len(told), _SEEN),
    )


def _in_incidents(report: Report, kind: str) -> dict[Endpoint, Cell]:
    """Return what is said of endpoints with an incident of the period that is not long known.

    A test of whole periods sees little of what began or ended within one.
    """
    return {
        endpoint.key: Cell(
            text=f"incident: {words.STATES[incident.state]}",
            mark="worse" if incident.state in {"new", "growing"} else "better",
            remark=what(incident) if kind == "failures" else "",
        )
        for incident in reversed(report.incidents)
        if incident.kind == kind and incident.state != "known" and (incident.runs or incident.count)
        for endpoint in incident.endpoints
    }


def _changed(trend: EndpointTrend) -> bool:
    return not _MARKED.isdisjoint({trend.true_rate.direction, trend.p95.direction})


def _change(of: Change, incident: Cell | None, *, told: bool) -> Cell | str:
    """Return a change if it is told, and an incident where the test sees no change."""
    if incident is not None and of.direction not in _MARKED:
        return incident
    return change(of) if told else ""


def _now(of: Change, text: Callable[[float | None], str]) -> Cell:
    """Return a number, and what it was where it changed."""
    was = of.direction in {"worse", "better"}
    nothing = not of.now and not of.before and text is percent
    return Cell(
        text="" if nothing else text(of.now), remark=f"was {text(of.before)}" if was else ""
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
        hint="" if of.p_value is None else f"p = {of.p_value:.2g}",
    )


# --- kinds of failures ----------------------------------------------------------------------------


def kinds(report: Report, most: int, server_errors: int) -> Table[KindTrend]:
    """Return the kinds with what changed: server errors first, else in their order.

    Where there is no room for all, server errors stay; of others that are known it shows
    KNOWN_KINDS, true ones before expected ones.
    """
    errors, others = _split(report.kinds, filter(_is_server_error, report.kinds))
    known = [kind for kind in others if kind.state == "known"]
    _, others = _split(others, known[KNOWN_KINDS:])
    kept = [*errors[:server_errors], *others[:most]]
    _, rest = _split(report.kinds, kept)
    urgent = [kind for kind in kept if kind.decision == "true" and kind.count]
    _, calm = _split(kept, urgent)
    return Table(
        id="kinds",
        title="Kinds of failures",
        columns=(
            Column("Error", lambda kind: Code(kind.signature or wording.EMPTY)),
            Column(
                "Status", lambda kind: status_label(kind.status, kind.likely_status), numeric=True
            ),
            Column("Endpoint", lambda kind: _endpoint(kind.method, kind.name)),
            Column(
                "State", lambda kind: Cell(text=words.STATES[kind.state], mark=f"{kind.state}-kind")
            ),
            Column("Verdict", _decision),
            Column("Failures", _count, numeric=True),
            Column("Before", lambda kind: kind.before or "", numeric=True),
            Column("First run", lambda kind: Cell(text=kind.first_run)),
            Column("Last run", lambda kind: Cell(text=kind.last_run)),
        ),
        rows=[*urgent, *calm],
        rest=rest,
        noun="kind",
        note=_left_out,
        unfolded=min(len(urgent), _KINDS),
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


def _decision(kind: KindTrend) -> Cell:
    return Cell(text=kind.decision, mark=kind.decision, remark=kind.rule or "")


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
        unfolded=0,  # what is wrong with one is something to do
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
