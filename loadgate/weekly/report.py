"""Putting the report on a period together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from loadgate.model import Owner
from loadgate.summary import Collection, known_sum
from loadgate.weekly import significance
from loadgate.weekly.actions import action_items
from loadgate.weekly.headline import headline
from loadgate.weekly.incidents import incidents
from loadgate.weekly.model import Period, Report
from loadgate.weekly.names import named
from loadgate.weekly.trends import day_cells, endpoint_trends, kind_trends, rule_trends, whole_runs
from loadgate.weekly.weeks import weeks_up_to


def report(
    collection: Collection,
    period: Period,
    previous: Period,
    *,
    today: date,
    owners: Sequence[Owner] = (),
) -> Report:
    """Say what the runs of a period say, compared with those of the period before it.

    A run belongs to the period in which it started. `owners` say who should look at an incident.
    """
    collection = replace(collection, records=named(collection.records, period.zone))
    now, before = (
        tuple(run for run in collection.records if of.begins <= run.started < of.ends)
        for of in (period, previous)
    )
    older = [run for run in collection.records if run.started < previous.begins]
    to_date = [run for run in collection.records if run.started < period.ends]
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
        incidents=incidents(to_date, now, before, owners),
        weeks=weeks_up_to(period, to_date, today),
    )
    return replace(draft, headline=headline(draft), action_items=action_items(draft))
