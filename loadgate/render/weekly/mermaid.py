"""The charts of the weekly report as Mermaid, which GitHub draws from Markdown.

No text of a run comes into a diagram: labels are dates and numbers of our own, so nothing in them
can end the block, link anywhere or be a directive. (Mermaid's xychart has neither legends nor gaps,
so each picture has one series, and runs without a number are left out.)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from statistics import median
from typing import Literal

from loadgate.render.weekly import words
from loadgate.summary import RunSummary
from loadgate.weekly.model import Report

_BARS = 31
"""Runs that are drawn one by one; of more the days are drawn."""

# Okabe and Ito: for all kinds of eyes.
_BLUE, _ORANGE, _GREEN, _PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"


def diagrams(report: Report) -> Iterator[str]:
    """Yield the lines of every diagram that has two numbers or more to draw."""
    groups = [*_groups(report)]
    per = "per run" if len(report.runs) <= _BARS else "per day"
    for title, color, number in (
        ("True failures, % of requests", _ORANGE, lambda runs: _share(runs, "true")),
        ("Expected failures, % of requests", _BLUE, lambda runs: _share(runs, "expected")),
        ("Allowed by the locustfile, % of requests", _PURPLE, _allowed),
        ("p95, milliseconds", _GREEN, _p95),
    ):
        if number is _allowed and not report.shows_allowed:
            continue
        points = [(label, found) for label, runs in groups if (found := number(runs)) is not None]
        if len(points) > 1:
            yield ""
            yield from _diagram(f"{title}, {per}", color, points)


def _groups(report: Report) -> Iterator[tuple[str, Sequence[RunSummary]]]:
    """Yield each run with its label, or each day where there are too many runs."""
    days: dict[date, list[RunSummary]] = defaultdict(list)
    for run in report.runs:
        days[words.local(run.started, report.period.zone).date()].append(run)
    for day, runs in sorted(days.items()):
        label = f"{words.DAYS[day.weekday()]} {day.day}"
        if len(report.runs) > _BARS or len(runs) == 1:
            yield label, runs
        else:
            yield from ((f"{label} #{place}", [run]) for place, run in enumerate(runs, start=1))


def _share(runs: Sequence[RunSummary], field: Literal["true", "expected"]) -> float | None:
    requests = sum(run.requests for run in runs)
    failures = sum(getattr(run, field) for run in runs)
    return 100 * min(failures, requests) / requests if requests else None


def _allowed(runs: Sequence[RunSummary]) -> float | None:
    recorded = [run for run in runs if run.allowed is not None]
    requests = sum(run.requests for run in recorded)
    allowed = sum(run.allowed or 0 for run in recorded)
    return 100 * allowed / requests if requests else None


def _p95(runs: Sequence[RunSummary]) -> float | None:
    known = [run.p95 for run in runs if run.requests and run.p95 is not None]
    return median(known) if known else None


def _diagram(title: str, color: str, points: Sequence[tuple[str, float]]) -> Iterator[str]:
    top = max(value for _, value in points) or 1.0
    yield "```mermaid"
    yield f'%%{{init: {{"themeVariables": {{"xyChart": {{"plotColorPalette": "{color}"}}}}}}}}%%'
    yield "xychart-beta"
    yield f'  title "{title}"'
    yield "  x-axis [" + ", ".join(f'"{label}"' for label, _ in points) + "]"
    yield f"  y-axis 0 --> {_number(1.1 * top)}"
    yield "  bar [" + ", ".join(_number(value) for _, value in points) + "]"
    yield "```"


def _number(value: float) -> str:
    """Return a number without an exponent, which Mermaid does not read."""
    if value < 1:
        return f"{value:.4f}"
    return f"{value:.6g}" if value < 1e6 else f"{value:.0f}"
