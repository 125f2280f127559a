"""A report in, the tables of its page out: runs, endpoints, kinds of failures, rules."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from loadgate.render import words as wording
from loadgate.render.masking import distinct
from loadgate.render.weekly import chart_data as points
from loadgate.render.weekly import words
from loadgate.render.weekly.page.elements import (
    MOST,
    NOTHING,
    SPACE,
    Html,
    Table,
    code,
    element,
    join,
    link,
    name,
    shown,
    small,
    table,
    text,
)
from loadgate.summary import RunSummary
from loadgate.text import endpoint_label
from loadgate.weekly.model import Change, EndpointTrend, KindTrend, Report, RuleTrend
from loadgate.weekly.numbers import milliseconds, percent


def runs(report: Report) -> Html:
    """Return the runs of the period, in the order of time."""
    if not report.runs:
        return element("p", text("No run of this period was given."), class_="calm")
    zone = ZoneInfo(report.period.zone)
    shown_runs = points.runs_shown(report, MOST)
    return table(
        Table(
            name="Runs of the period",
            columns=(
                *("Run", "Verdict", "Started", "Branch", "Commit", "Requests"),
                *("Failures = expected + true", "True rate", "p95"),
            ),
            rows=tuple(_run(record, zone) for record in shown_runs),
            left_out=len(report.runs) - len(shown_runs),
            numbers=frozenset({5, 6, 7, 8}),
            unfolded=14,
        )
    )


def _run(record: RunSummary, zone: ZoneInfo) -> tuple[Html, ...]:
    guessed = "by the file's time" if record.time_from == "file" else ""
    partial = "partial results" if record.partial else ""
    anew = "judged anew" if record.rejudged else ""
    outcome = element("span", text(words.OUTCOMES[record.outcome]), class_=f"mark {record.outcome}")
    failures = f"{record.failures:,} = {record.expected:,} + {record.true:,}"
    return (
        join((link(name(record.label or record.source), record.link), small(partial))),
        join((outcome, small(anew), *map(small, record.failed_checks[:3]))),
        join((_time(record.started, zone), small(guessed))),
        name(record.branch),
        element("span", code(words.commit(shown(record.commit))), class_="whole"),
        text(f"{record.requests:,}"),
        text(failures),
        text(wording.share_text(record.true, record.requests)),
        text(milliseconds(record.p95 if record.requests else None)),
    )


def endpoints(report: Report) -> Html:
    """Return the endpoints with what changed, the worst first."""
    names = distinct([(trend.method, trend.name) for trend in report.endpoints], shown)
    return table(
        Table(
            name="Endpoints, this period and the one before",
            columns=(
                *("Endpoint", "Requests", "Expected", "True"),
                *("True rate", "Before", "Change", "p95", "Before", "Change"),
            ),
            rows=tuple(
                _endpoint(trend, names[trend.method, trend.name]) for trend in report.endpoints
            ),
            numbers=frozenset({1, 2, 3, 4, 5, 7, 8}),
        )
    )


def _endpoint(trend: EndpointTrend, called: tuple[str, str]) -> tuple[Html, ...]:
    return (
        _endpoint_name(*called),
        text(f"{trend.requests:,}"),
        text(f"{trend.expected:,}"),
        text(f"{trend.true:,}"),
        *_evidence(trend.true_rate, percent),
        *_evidence(trend.p95, milliseconds),
    )


def _endpoint_name(method: str, path: str) -> Html:
    return code(endpoint_label(method, path) or wording.NAMELESS)


def _evidence(evidence: Change, number: Callable[[float | None], str]) -> tuple[Html, Html, Html]:
    remark = change(evidence)
    if evidence.p_value is not None:
        remark += f" (p = {evidence.p_value:.2g}, {_compared(evidence)})"
    return (
        text(number(evidence.now)),
        text(number(evidence.before)),
        join((marked(evidence), small(remark))),
    )


def kinds(report: Report) -> Html:
    """Return the kinds with what changed: all that matter, and of what is known some."""
    zone = ZoneInfo(report.period.zone)
    kinds, rest = points.kinds_shown(report, MOST // 2, MOST // 2)
    of = Table(
        name="Failure kinds",
        columns=("Error", "State", "Status", "Count", "Before", "First run", "Last run", "Rule"),
        rows=tuple(_kind(kind, zone) for kind in kinds),
        numbers=frozenset({2, 3, 4}),
    )
    failures = wording.counted(sum(kind.count for kind in rest), "failure")
    note = f"Left out: {wording.counted(len(rest), 'kind')} with {failures}."
    return join((table(of), element("p", text(note), class_="note") if rest else NOTHING))


def _kind(kind: KindTrend, zone: ZoneInfo) -> tuple[Html, ...]:
    marks = element(
        "span",
        element("span", text(kind.state), class_=f"mark {kind.state}-kind"),
        SPACE,
        element("span", text(kind.decision), class_=f"mark {kind.decision}"),
        class_="whole",
    )
    return (
        join(
            (
                code(kind.signature or wording.EMPTY),
                element("small", _endpoint_name(kind.method, kind.name)),
            )
        ),
        marks,
        text("unknown" if kind.status is None else str(kind.status)),
        join((text(f"{kind.count:,}"), small(f"in {wording.counted(kind.runs, 'run')}"))),
        text(f"{kind.before:,}"),
        join((name(kind.first_run), element("small", _time(kind.first_seen, zone)))),
        join((name(kind.last_run), element("small", _time(kind.last_seen, zone)))),
        code(kind.rule or ""),
    )


def _time(time: datetime, zone: ZoneInfo) -> Html:
    return element("time", text(words.when(time, zone)), datetime=time.isoformat(), class_="whole")


def rules(report: Report) -> Html:
    """Return the rules with what is left of their budgets and days."""
    return table(
        Table(
            name="Rules",
            columns=("Rule", "State", "Failures", "Runs", "Budget", "Expires", "Why"),
            rows=tuple(map(_rule, report.rules)),
            numbers=frozenset({2, 3}),
        )
    )


def _rule(rule: RuleTrend) -> tuple[Html, ...]:
    effect = "excuses" if rule.excuses else "counts as failure"
    return (
        code(rule.id),
        join((element("span", text(rule.state), class_=f"mark {rule.state}"), small(effect))),
        text(f"{rule.matched:,}"),
        text(f"{rule.runs_matched:,} of {rule.runs:,}"),
        _budget(rule),
        _expiry(rule),
        text(rule.why),
    )


def _budget(rule: RuleTrend) -> Html:
    if rule.budget is None:
        return text("no limit")
    used = f"{percent(rule.used or 0)} of at most {percent(rule.budget)}"
    of_budget = (rule.used or 0) / rule.budget if rule.budget else 1.0
    meter = element(
        "meter",
        text(used),
        min="0",
        max="1",
        high="0.8",
        value=f"{min(of_budget, 1):.3f}",
        aria_label="share of the budget that was used",
    )
    return join((text(used), meter))


def _expiry(rule: RuleTrend) -> Html:
    if rule.expires is None:
        return text("never")
    left = rule.days_left
    remark = ""
    if left is not None:
        days = wording.counted(abs(left), "day")
        remark = f"{days} left" if left >= 0 else f"{days} ago"
    return join((text(rule.expires.isoformat()), small(remark)))


# --- changes --------------------------------------------------------------------------------------


def change(evidence: Change) -> str:
    """Return how a number changed in words, else of what it was compared."""
    return evidence.words or _compared(evidence)


def marked(evidence: Change) -> Html:
    """Return the direction of a change as a mark; none where there is nothing to compare."""
    direction = evidence.direction
    if direction == "unclear" and evidence.now is None:
        return NOTHING
    return element("span", text(words.DIRECTIONS[direction]), class_=f"mark {direction}")


def _compared(evidence: Change) -> str:
    return f"{wording.counted(evidence.runs_now, 'run')}, {evidence.runs_before:,} before"
