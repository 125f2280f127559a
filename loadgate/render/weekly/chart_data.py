"""The rows that the interactive charts draw, with texts as the page shows them."""

from __future__ import annotations

import math
from collections import defaultdict
from datetime import date, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from loadgate.masking import distinct
from loadgate.render import words as wording
from loadgate.render.weekly import words
from loadgate.render.weekly.words import shown
from loadgate.summary import RunSummary
from loadgate.weekly.model import Report
from loadgate.weekly.words import UNKNOWN, milliseconds

ENDPOINTS = 20
"""Rows of the heat map; the others are summed in one more."""

LEVELS = 5
"""Steps of the heat map's colours."""

_SLOWEST = 1e12  # milliseconds; scales of browsers end somewhere

OTHERS = "(all others)"

Point = dict[str, Any]
"""A row: numbers by which it is drawn, and texts as the page shows them."""


def run_points(report: Report) -> list[Point]:
    """Return the runs of the period before and of this one.

    Shares are percent, p95 milliseconds; None: not known, or no requests. Times are on the clock of
    the period's zone, written as if it were UTC for browsers to agree.
    """
    zone = report.period.zone
    return [
        _run_point(record, period, zone) | (_allowed(record) if report.shows_allowed else {})
        for period, records in (("before", report.runs_before), ("now", report.runs))
        for record in records
    ]


def values(report: Report) -> dict[str, list[float | None]]:
    """Return the numbers of all runs that are drawn over time: those that any run has."""
    points = run_points(report)
    fields = ("true", "expected", *(["allowed"] if report.shows_allowed else []), "p95")
    drawn = {field: [point[field] for point in points] for field in fields}
    return {field: of for field, of in drawn.items() if any(value is not None for value in of)}


def edges(report: Report) -> list[Point]:
    """Return where the periods begin and end; the one before is shown only where it had runs."""
    days = [report.period.first, report.period.last + timedelta(days=1)]
    if report.runs_before:
        days.insert(0, report.previous.first)
    return [{"at": f"{day.isoformat()}T00:00:00Z"} for day in days]


def _run_point(record: RunSummary, period: str, zone: ZoneInfo) -> Point:
    requests = record.requests
    return {
        "at": words.local(record.started, zone).isoformat(timespec="seconds") + "Z",
        "period": period,
        "outcome": wording.VERDICTS[record.outcome].lower(),
        "true": _percent(record.true, requests),
        "expected": _percent(record.expected, requests),
        "p95": None if record.p95 is None or not requests else min(record.p95, _SLOWEST),
        "run": shown(record.label),
        "when": words.when(record.started, zone),
        "what": f"{shown(record.branch)} {words.commit(record.commit)}".strip(),
        "requests": f"{requests:,}",
        "true_text": f"{wording.share_text(record.true, requests)} ({record.true:,})",
        "expected_text": f"{wording.share_text(record.expected, requests)} ({record.expected:,})",
        "p95_text": milliseconds(record.p95 if requests else None),
    }


def _allowed(record: RunSummary) -> Point:
    requests, allowed = record.requests, record.allowed
    if allowed is None:
        return {"allowed": None, "allowed_text": UNKNOWN}
    text = f"{wording.share_text(allowed, requests)} ({allowed:,})"
    return {"allowed": _percent(allowed, requests), "allowed_text": text}


def _percent(part: int, requests: int) -> float | None:
    if not requests:
        return None
    share = min(Fraction(part, requests), Fraction(1))  # of counts of any size
    return float(f"{float(100 * share):.6g}")


def days_of(report: Report) -> list[date]:
    """Return the days that the heat map has, in order."""
    return sorted({cell.day for cell in report.days})


def day_rows(report: Report) -> list[tuple[str, dict[date, tuple[int, int]]]]:
    """Return endpoints with their requests and true failures by day, the most failures first."""
    counts: defaultdict[tuple[str, str], dict[date, tuple[int, int]]] = defaultdict(dict)
    for cell in report.days:
        counts[cell.method, cell.name][cell.day] = (cell.requests, cell.true)
    ranked = sorted(counts, key=lambda of: (-sum(true for _, true in counts[of].values()), of))
    names = distinct(ranked, shown)
    rows = [(" ".join(names[of]).strip() or wording.NAMELESS, counts[of]) for of in ranked]
    others: dict[date, tuple[int, int]] = {}
    for _, days in rows[ENDPOINTS:]:
        for day, (requests, true) in days.items():
            more = others.get(day, (0, 0))
            others[day] = (more[0] + requests, more[1] + true)
    return rows[:ENDPOINTS] + ([(OTHERS, others)] if others else [])


def day_points(report: Report) -> list[Point]:
    """Return the cells of the heat map, row by row; level 0 is without failures."""
    rows = day_rows(report)
    most = max((true for _, days in rows for _, true in days.values()), default=0)
    return [
        {
            "day": day.isoformat(),
            "endpoint": endpoint,
            "true": true,
            "level": _level(true, most),
            "count": words.narrow(true) if true else "",
            "text": f"{true:,} of {wording.counted(requests, 'request')}"
            f" ({wording.share_text(true, requests)})",
        }
        for endpoint, days in rows
        for day, (requests, true) in sorted(days.items())
    ]


def _level(true: int, most: int) -> int:
    """Return a step of the colours: by powers, as a bad day may have thousands of times more."""
    return math.ceil(LEVELS * math.log(1 + true) / math.log(1 + most)) if true else 0
