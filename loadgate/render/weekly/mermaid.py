"""The chart of the last weeks as Mermaid, which GitHub draws from Markdown.

No text of a run comes into it: labels are dates and numbers of our own, so nothing in them can end
the block, link anywhere or be a directive. (Mermaid's xychart has neither legends nor gaps: what
the line means stands below it, and what made no requests is left out.)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from loadgate.render.weekly import words
from loadgate.weekly.model import Report, Weeks

_BARS = 31
"""Runs that are drawn one by one; of more the weeks are drawn."""

# Okabe and Ito: for all kinds of eyes.
_BLUE, _ORANGE = "#0072B2", "#D55E00"

Bar = tuple[str, float, float | None]
"""Date, true failures and their limit, in percent."""


def diagram(report: Report) -> Iterator[str]:
    """Yield the lines of the diagram; nothing where there are not two numbers to draw."""
    weeks = report.weeks
    if weeks is None:
        return
    by_run = len(weeks.runs) <= _BARS
    bars = [*(_runs(report, weeks) if by_run else _weeks(weeks))]
    if len(bars) < 2:
        return
    limits = [limit for _, _, limit in bars if limit is not None]
    drawn = limits if len(limits) == len(bars) else []
    top = max([value for _, value, _ in bars] + drawn) or 1.0
    colors = f"{_ORANGE}, {_BLUE}"
    yield ""
    yield "```mermaid"
    yield f'%%{{init: {{"themeVariables": {{"xyChart": {{"plotColorPalette": "{colors}"}}}}}}}}%%'
    yield "xychart-beta"
    yield f'  title "True failures, % of requests, per {"run" if by_run else "week"}"'
    yield "  x-axis [" + ", ".join(f'"{label}"' for label, _, _ in bars) + "]"
    yield f"  y-axis 0 --> {_number(1.1 * top)}"
    yield f"  bar [{_numbers([value for _, value, _ in bars])}]"
    if drawn:
        yield f"  line [{_numbers(drawn)}]"
    yield "```"
    if drawn:
        yield ""
        yield "The line is the limit."


def _runs(report: Report, weeks: Weeks) -> Iterator[Bar]:
    days = [words.local(run.started, report.period.zone).date() for run in weeks.runs]
    several, seen = Counter(days), Counter[object]()
    for day, run in zip(days, weeks.runs, strict=True):
        seen[day] += 1
        label = f"{day:%b} {day.day}" + (f" #{seen[day]}" if several[day] > 1 else "")
        if run.requests:
            value = 100 * min(run.true, run.requests) / run.requests
            yield label, value, _of_hundred(run.true_failure_limit)


def _weeks(weeks: Weeks) -> Iterator[Bar]:
    for week in weeks.weeks:
        if week.rate is not None:
            yield f"{week.first:%b} {week.first.day}", 100 * week.rate, _of_hundred(week.limit)


def _of_hundred(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _numbers(values: Sequence[float]) -> str:
    return ", ".join(map(_number, values))


def _number(value: float) -> str:
    """Return a number without an exponent, which Mermaid does not read."""
    return f"{value:.4f}" if value < 1 else f"{value:.6g}"
