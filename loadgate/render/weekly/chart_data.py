"""What the chart of the last weeks draws: runs or weeks, limits, and when nothing ran."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

from loadgate.render import words as wording
from loadgate.render.weekly import words
from loadgate.render.weekly.words import shown
from loadgate.summary import RunSummary
from loadgate.weekly.model import Period, Report, Week, Weeks
from loadgate.weekly.words import percent

Point = dict[str, Any]
"""A row: numbers by which it is drawn, and texts as the page shows them."""

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - times are on the clock of the zone, see at()
_MIDDLE = timedelta(days=3.5)


def span(weeks: Weeks) -> tuple[date, date]:
    """Return the first day of the chart, no week before the first run's, and the day behind it."""
    first = next((week.first for week in weeks.weeks if week.runs), weeks.first)
    return first, weeks.last + timedelta(days=1)


def points(report: Report, weeks: Weeks) -> list[Point]:
    """Return the marks: each run, or each week where they are many."""
    if weeks.by_run:
        return [_run(run, report.period) for run in weeks.runs]
    return [_week(week) for week in weeks.weeks if week.runs]


def at(day: date) -> float:
    """Return a time as browsers count it: milliseconds, as if the zone's clock were UTC's."""
    time = day if isinstance(day, datetime) else datetime.combine(day, datetime.min.time())
    return (time - _EPOCH) / timedelta(milliseconds=1)


def _run(run: RunSummary, period: Period) -> Point:
    return {
        "at": at(words.local(run.started, period.zone)),
        **_rate(run.true, run.requests),
        "outcome": wording.VERDICTS[run.outcome].lower(),
        "limit": _of_hundred(run.true_failure_limit),
        "run": shown(run.label),
        "when": words.when(run.started, period.zone),
        "commit": f"{shown(run.branch)} {words.commit(run.commit)}".strip(),
        "limit_text": percent(run.true_failure_limit),
    }


def _week(week: Week) -> Point:
    outcome = "failed" if week.failed else "passed"
    return {
        "at": at(datetime.combine(week.first, datetime.min.time()) + _MIDDLE),
        **_rate(week.true, week.requests),
        "outcome": outcome if week.requests else "no evidence",
        "limit": _of_hundred(week.limit),
        "run": words.runs_of_week(week),
        "when": f"{week.first} to {week.last}",
        "commit": "",
        "limit_text": percent(week.limit),
    }


def _rate(true: int, requests: int) -> Point:
    """Return the share as it is drawn, in percent, and as text; without requests it is at 0."""
    share = min(Fraction(true, requests), Fraction(1)) if requests else Fraction(0)
    text = wording.share_text(true, requests)
    return {
        "rate": float(f"{float(100 * share):.6g}"),
        "true": f"{text} ({wording.narrow(true)})" if requests else text,
    }


def _of_hundred(share: float | None) -> float | None:
    return None if share is None else float(f"{100 * share:.6g}")


def limits(report: Report, weeks: Weeks) -> list[Point]:
    """Return the limit as lines, each as long as it holds."""
    return [*_limits(points(report, weeks), at(span(weeks)[1]))]


def _limits(marks: list[Point], end: float) -> Iterator[Point]:
    begin, limit = 0.0, None
    for mark in marks:
        if mark["limit"] != limit:
            if limit is not None:
                yield {"begin": begin, "end": mark["at"], "limit": limit}
            begin, limit = mark["at"], mark["limit"]
    if limit is not None:
        yield {"begin": begin, "end": end, "limit": limit}


def idle(weeks: Weeks) -> list[Point]:
    """Return the times in which nothing ran."""
    first, _ = span(weeks)
    return [
        {"begin": at(max(begin, first)), "end": at(end + timedelta(days=1))}
        for begin, end in weeks.idle
        if end >= first
    ]
