"""Putting the report on a period together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date

from loadgate.share import all_failed, told_hopeless
from loadgate.summary import Collection, RunSummary
from loadgate.text import NAMELESS, counted, endpoint_label
from loadgate.weekly import significance
from loadgate.weekly.actions import action_items, nothing_ran
from loadgate.weekly.frames import BothPeriods, day_rows
from loadgate.weekly.model import Change, DayCell, EndpointTrend, Period, Report
from loadgate.weekly.numbers import percent
from loadgate.weekly.trends import endpoint_trends, kind_trends, rule_trends, whole_runs


def report(collection: Collection, period: Period, previous: Period, *, today: date) -> Report:
    """Say what the runs of a period say, compared with those of the period before it.

    A run belongs to the period in which it started.
    """
    sides = BothPeriods(now=_within(collection, period), before=_within(collection, previous))
    true_rate, p95 = whole_runs(sides)
    endpoints = endpoint_trends(sides)
    upto = [record for record in collection.records if record.started < period.ends]
    kinds = kind_trends(sides, upto)
    rules = rule_trends(sides.now, today)
    return Report(
        period=period,
        previous=previous,
        today=today,
        headline=_headline(sides, true_rate, endpoints),
        action_items=(
            *nothing_ran(sides, collection, period),
            *action_items(sides.now, (true_rate, p95), endpoints, kinds, rules, collection),
        ),
        runs=tuple(sides.now),
        runs_before=tuple(sides.before),
        outside=len(collection.records) - len(sides.now) - len(sides.before),
        requests=sum(record.requests for record in sides.now),
        expected=sum(record.expected for record in sides.now),
        true=sum(record.true for record in sides.now),
        true_rate=true_rate,
        p95=p95,
        endpoints=endpoints,
        kinds=kinds,
        rules=rules,
        days=_days(sides.now, period),
        collection=collection,
        tested=significance.testable(),
    )


def _within(collection: Collection, period: Period) -> Sequence[RunSummary]:
    return [run for run in collection.records if period.begins <= run.started < period.ends]


def _days(records: Sequence[RunSummary], period: Period) -> tuple[DayCell, ...]:
    rows = day_rows(records, period)
    columns = (rows[name].tolist() for name in ("method", "name", "day", "requests", "true"))
    return tuple(
        DayCell(method=method, name=name, day=day, requests=requests, true=true)
        for method, name, day, requests, true in zip(*columns, strict=True)
    )


def _headline(sides: BothPeriods, rate: Change, endpoints: Sequence[EndpointTrend]) -> str:
    """Return how the period was, in one sentence."""
    runs = sides.now
    if not runs:
        before = (
            f"; {counted(len(sides.before), 'run')} in the period before" if sides.before else ""
        )
        return f"Nothing ran{before}."
    failed = sum(run.outcome == "failed" for run in runs)
    without = sum(run.outcome == "no-evidence" for run in runs)
    outcome = f"{failed:,} failed" if failed else "all passed"
    if without:
        outcome = f"{failed:,} failed, {without:,} without evidence"
    if len(runs) == 1:
        outcome = {"passed": "passed", "failed": "failed", "no-evidence": "without evidence"}[
            runs[0].outcome
        ]
    told = "".join(f"; {alarm}" for alarm in _alarms(runs))
    rates = _rate_words(sides, rate, endpoints)
    return f"{counted(len(runs), 'run')}, {outcome}{rates}{told}."


def _alarms(runs: Sequence[RunSummary]) -> Iterator[str]:
    """Yield what passed runs hide, too: endpoints where everything failed, exceptions in tasks."""
    failing: Counter[str] = Counter()
    for run in runs:
        failing.update(
            endpoint_label(row.method, row.name) or NAMELESS
            for row in run.endpoints
            if all_failed(row.true, row.requests)
        )
    if failing:
        (name, times), *others = failing.most_common()
        more = f"; the same at {counted(len(others), 'more endpoint')}" if others else ""
        of = f" in {times:,} of {len(runs):,} runs" if len(runs) > 1 else ""
        yield f"{told_hopeless(name)}{of}{more}"
    exceptions = sum(run.task_exceptions or 0 for run in runs)
    if exceptions:
        yield counted(exceptions, "task exception")


def _rate_words(sides: BothPeriods, rate: Change, endpoints: Sequence[EndpointTrend]) -> str:
    if rate.now is None:
        return ""
    if not rate.now:
        return "; no true failures"
    told = f": {percent(rate.now)} true failures"
    if sides.before and rate.before is not None:
        told += f", {percent(rate.before)} in the period before"
    most = max(endpoints, key=lambda trend: trend.true)
    true = sum(trend.true for trend in endpoints)
    if most.true * 2 > true:
        told += f", mostly {most.endpoint or NAMELESS}"
    return told
