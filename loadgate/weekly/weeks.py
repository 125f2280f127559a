"""The weeks up to a period: how many requests failed, what the gate said, when nothing ran."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise
from statistics import median

from loadgate.summary import RunSummary
from loadgate.weekly.model import Period, Week, Weeks

WEEKS = 12
"""Weeks that are looked back on, and more where the period is longer."""

RUNS = 60
"""Runs that are few enough to be shown one by one."""

_WEEK = timedelta(days=7)
_DAY = timedelta(days=1)


def weeks_up_to(period: Period, runs: Sequence[RunSummary], today: date) -> Weeks:
    """Return the last weeks up to the end of the period, or all of a longer one."""
    first = min(period.first, period.last - WEEKS * _WEEK + _DAY)
    days = [run.started.astimezone(period.zone).date() for run in runs]
    shown = [(day, run) for day, run in zip(days, runs, strict=True) if first <= day <= period.last]
    monday = first - timedelta(days=first.weekday())
    weeks = []
    while monday <= period.last:
        begin, end = max(monday, first), min(monday + _WEEK - _DAY, period.last)
        weeks.append(_week(begin, end, [run for day, run in shown if begin <= day <= end]))
        monday += _WEEK
    return Weeks(
        first=first,
        last=period.last,
        weeks=tuple(weeks),
        runs=tuple(run for _, run in shown),
        by_run=len(shown) <= RUNS,
        idle=tuple(
            _idle([day for day in days if day <= period.last], first, min(period.last, today))
        ),
    )


def _week(first: date, last: date, runs: Sequence[RunSummary]) -> Week:
    requests = sum(run.requests for run in runs)
    true = sum(run.true for run in runs)
    limits = {run.true_failure_limit for run in runs if run.true_failure_limit is not None}
    return Week(
        first=first,
        last=last,
        runs=len(runs),
        failed=sum(run.outcome == "failed" for run in runs),
        without_evidence=sum(run.outcome == "no-evidence" for run in runs),
        requests=requests,
        true=true,
        rate=min(true, requests) / requests if requests else None,
        limit=min(limits, default=None),
    )


def _idle(days: Sequence[date], first: date, last: date) -> Iterator[tuple[date, date]]:
    """Yield the days between runs, and behind the last one, that are more than is usual.

    Before the first run given, nobody knows whether any ran.
    """
    usual = median([(after - day).days for day, after in pairwise(sorted({*days}))] or [7])
    for day, after in pairwise([*sorted({*days}), last + _DAY]):
        begin, end = max(day + _DAY, first), min(after - _DAY, last)
        if (after - day).days > max(usual, 1) and begin <= end:
            yield begin, end
