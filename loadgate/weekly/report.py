"""Putting the report on a period together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from loadgate.share import all_failed, told_hopeless
from loadgate.summary import Collection, known_sum
from loadgate.text import NAMELESS, classes, counted, endpoint_label
from loadgate.weekly import significance
from loadgate.weekly.actions import action_items, other_runs
from loadgate.weekly.model import Period, Report
from loadgate.weekly.trends import day_cells, endpoint_trends, kind_trends, rule_trends, whole_runs
from loadgate.weekly.words import percent


def report(collection: Collection, period: Period, previous: Period, *, today: date) -> Report:
    """Say what the runs of a period say, compared with those of the period before it.

    A run belongs to the period in which it started.
    """
    now, before = (
        tuple(run for run in collection.records if of.begins <= run.started < of.ends)
        for of in (period, previous)
    )
    older = [run for run in collection.records if run.started < previous.begins]
    true_rate, p95 = whole_runs(now, before)
    draft = Report(
        period=period,
        previous=previous,
        today=today,
        headline="",
        action_items=(),
        runs=now,
        runs_before=before,
        outside=len(collection.records) - len(now) - len(before),
        requests=sum(run.requests for run in now),
        expected=sum(run.expected for run in now),
        true=sum(run.true for run in now),
        true_rate=true_rate,
        p95=p95,
        endpoints=endpoint_trends(now, before),
        kinds=kind_trends(now, before, older),
        rules=rule_trends(now, today),
        days=day_cells(now, period),
        collection=collection,
        tested=significance.testable(),
        allowed=known_sum(run.allowed for run in now),
        allowed_before=known_sum(run.allowed for run in before),
    )
    return replace(draft, headline=_headline(draft), action_items=action_items(draft))


def _headline(report: Report) -> str:
    """Return how the period was, in one sentence."""
    if not report.runs:
        return f"{'; '.join(filter(None, ('Nothing ran', other_runs(report))))}."
    parts = [_outcome(report) + _rates(report), *_alarms(report)]
    return f"{counted(len(report.runs), 'run')}, {'; '.join(parts)}."


def _outcome(report: Report) -> str:
    outcomes = Counter(run.outcome for run in report.runs)
    failed, without = outcomes["failed"], outcomes["no-evidence"]
    if len(report.runs) == 1:
        return "failed" if failed else "without evidence" if without else "passed"
    if without:
        return f"{failed:,} failed, {without:,} without evidence"
    return f"{failed:,} failed" if failed else "all passed"


def _rates(report: Report) -> str:
    rate, before = report.true_rate.now, report.true_rate.before
    if rate is None:
        return ""
    if not rate:
        return "; no true failures"
    text = f": {percent(rate)} true failures"
    if before is not None:
        text += f", {percent(before)} in the period before"
    most = max(report.endpoints, key=lambda trend: trend.true)
    if most.true * 2 > sum(trend.true for trend in report.endpoints):
        text += f", mostly {most.endpoint or NAMELESS}"
    return text


def _alarms(report: Report) -> Iterator[str]:
    """Yield what passed runs hide, too: failures allowed, all of them, exceptions in tasks."""
    runs = report.runs
    moved = [trend.endpoint or NAMELESS for trend in report.endpoints if trend.moved]
    if moved:
        more = f" and {counted(len(moved) - 1, 'more endpoint')}" if len(moved) > 1 else ""
        yield f"the locustfile now allows failures at {moved[0]}{more}"
    failing = Counter(
        endpoint_label(row.method, row.name) or NAMELESS
        for run in runs
        for row in run.endpoints
        if all_failed(row.true, row.requests)
    )
    if failing:
        (name, times), *others = failing.most_common()
        of_runs = f" in {times:,} of {len(runs):,} runs" if len(runs) > 1 else ""
        more = f"; the same at {counted(len(others), 'more endpoint')}" if others else ""
        yield f"{told_hopeless(name)}{of_runs}{more}"
    if exceptions := sum(run.task_exceptions or 0 for run in runs):
        raised = Counter[str]()
        for run in runs:
            raised.update(dict(run.task_errors))
        yield counted(exceptions, "task exception") + classes(raised.most_common())
