"""The charts of the weekly report as Mermaid, which GitHub draws from Markdown.

No text of a run comes into a diagram: labels are dates and numbers of our own, so nothing in them
can end the block, link anywhere or be a directive. (Mermaid's xychart has neither legends nor gaps,
so each picture has one series, and runs without a number are left out.)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from statistics import median

from loadgate.render.weekly import words
from loadgate.summary import RunSummary
from loadgate.weekly.model import Report

_BARS = 31
"""Runs that are drawn one by one; of more the days are drawn."""

_BLUE, _ORANGE, _GREEN = "#0072B2", "#D55E00", "#009E73"  # Okabe and Ito: for all kinds of eyes
_DIGITS = 4

Point = tuple[str, float]
Number = Callable[[Sequence[RunSummary]], float | None]


def diagrams(report: Report) -> Iterator[str]:
    """Yield the lines of every diagram that has two numbers or more to draw."""
    drawn = (
        ("True failures, % of requests", _ORANGE, _share(lambda run: run.true)),
        ("Expected failures, % of requests", _BLUE, _share(lambda run: run.expected)),
        ("p95, milliseconds", _GREEN, _p95),
    )
    for title, color, number in drawn:
        points = [*_points(report, number)]
        if len(points) > 1:
            yield ""
            yield from _diagram(title, color, points, _per(report))


def _share(count: Callable[[RunSummary], int]) -> Number:
    def of(records: Sequence[RunSummary]) -> float | None:
        requests = sum(record.requests for record in records)
        return 100 * min(sum(map(count, records)), requests) / requests if requests else None

    return of


def _p95(records: Sequence[RunSummary]) -> float | None:
    known = [run.p95 for run in records if run.requests and run.p95 is not None]
    return median(known) if known else None


def _per(report: Report) -> str:
    return "per run" if len(report.runs) <= _BARS else "per day"


def _points(report: Report, number: Number) -> Iterator[Point]:
    """Yield label and number of each run, or of each day where there are too many runs."""
    zone = report.period.zone
    days: dict[date, list[RunSummary]] = defaultdict(list)
    for record in report.runs:
        days[words.local(record.started, zone).date()].append(record)
    for day, records in sorted(days.items()):
        label = f"{words.DAYS[day.weekday()]} {day.day}"
        groups = [[run] for run in records] if _per(report) == "per run" else [records]
        for place, group in enumerate(groups, start=1):
            value = number(group)
            if value is not None:
                yield f"{label} #{place}" if len(groups) > 1 else label, value


def _diagram(title: str, color: str, points: Sequence[Point], per: str) -> Iterator[str]:
    labels = ", ".join(f'"{label}"' for label, _ in points)
    values = ", ".join(_number(value) for _, value in points)
    top = max(value for _, value in points) or 1.0
    yield "```mermaid"
    yield f'%%{{init: {{"themeVariables": {{"xyChart": {{"plotColorPalette": "{color}"}}}}}}}}%%'
    yield "xychart-beta"
    yield f'  title "{title}, {per}"'
    yield f"  x-axis [{labels}]"
    yield f"  y-axis 0 --> {_number(1.1 * top)}"
    yield f"  bar [{values}]"
    yield "```"


def _number(value: float) -> str:
    """Return a number without an exponent, which Mermaid does not read."""
    return (
        f"{value:.{_DIGITS}f}" if value < 1 else f"{value:.6g}" if value < 1e6 else f"{value:.0f}"
    )
