"""Builders of judged runs, which name only the field under test."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from builders import SERVER_ERROR, STATE

from loadgate.model import Decision, Outcome, RuleState, TimeSource
from loadgate.summary import (
    Collection,
    EndpointCounts,
    KindCount,
    RuleUse,
    RunSummary,
    Unreadable,
    known_sum,
)
from loadgate.weekly.model import Period

TODAY = date(2026, 11, 23)
MONDAY = datetime(2026, 11, 16, tzinfo=UTC)
WEEK = timedelta(days=7)


def endpoint_counts(
    name: str = STATE,
    *,
    method: str = "POST",
    requests: int = 1000,
    expected: int = 0,
    true: int = 0,
    p95: float | None = 40.0,
    allowed: int | None = None,
) -> EndpointCounts:
    """Return what one run says of one endpoint."""
    return EndpointCounts(method, name, requests, expected + true, expected, true, p95, allowed)


def kind_count(
    signature: str = SERVER_ERROR,
    *,
    method: str = "POST",
    name: str = STATE,
    status: int | None = 500,
    decision: Decision = "true",
    rule: str | None = None,
    failures: int = 5,
) -> KindCount:
    """Return what one run says of one kind of failure."""
    return KindCount(method, name, status, decision, signature, rule, failures)


def rule_use(
    id: str = "state-conflict",  # noqa: A002 - the field is called that
    *,
    matched: int = 10,
    state: RuleState = "used",
    excuses: bool = True,
    budget: float | None = 0.25,
    used: float | None = 0.1,
    expires: date | None = None,
    allowed: int | None = None,
) -> RuleUse:
    """Return what one run says of one rule."""
    why = "The loser gets 409."
    return RuleUse(id, why, matched, state, excuses, budget, used, expires, allowed)


def record(
    started: datetime = MONDAY,
    *,
    label: str = "",
    branch: str = "main",
    commit: str = "",
    outcome: Outcome = "passed",
    time_from: TimeSource = "report",
    endpoints: Iterable[EndpointCounts] | None = None,
    kinds: Iterable[KindCount] = (),
    rules: Iterable[RuleUse] = (),
    p95: float | None = 40.0,
    failed_checks: tuple[str, ...] = (),
    task_exceptions: int | None = None,
) -> RunSummary:
    """Return a run; its totals are the sums of its endpoints, by default one without failures."""
    rows = (endpoint_counts(),) if endpoints is None else tuple(endpoints)
    return RunSummary(
        source=f"{started:%Y-%m-%dT%H%M}{label}.json",
        label=label or f"run {started:%Y-%m-%d %H:%M}",
        started=started,
        ended=started + timedelta(minutes=5),
        time_from=time_from,
        branch=branch,
        commit=commit,
        link="",
        outcome=outcome,
        partial=False,
        rejudged=False,
        rules_from=("loadgate.toml",),
        requests=sum(row.requests for row in rows),
        failures=sum(row.failures for row in rows),
        expected=sum(row.expected for row in rows),
        true=sum(row.true for row in rows),
        p95=p95,
        endpoints=rows,
        kinds=tuple(kinds),
        rules=tuple(rules),
        failed_checks=failed_checks,
        task_exceptions=task_exceptions,
        allowed=known_sum(row.allowed for row in rows),
    )


def nights(*days: int, week: int = 0) -> list[datetime]:
    """Return the starts of nightly runs: of these days of the week, or of one before it."""
    return [MONDAY + week * WEEK + timedelta(days=day, hours=2) for day in days]


def collection(*records: RunSummary, broken: Iterable[Unreadable] = ()) -> Collection:
    """Return a collection, sorted as collecting does it."""
    return Collection(
        records=tuple(sorted(records, key=lambda one: (one.started, one.label, one.source))),
        broken=tuple(broken),
        repeated=(),
    )


def period(first: date = date(2026, 11, 16), *, days: int = 7) -> Period:
    """Return a period of whole days in UTC; by default the week that the other builders mean."""
    begins = datetime.combine(first, datetime.min.time(), UTC)
    return Period(
        name=f"{first.isocalendar().year}-W{first.isocalendar().week:02}",
        first=first,
        last=first + timedelta(days=days - 1),
        begins=begins,
        ends=begins + timedelta(days=days),
        zone=ZoneInfo("UTC"),
    )


THIS_WEEK = period()
WEEK_BEFORE = period((MONDAY - WEEK).date())
