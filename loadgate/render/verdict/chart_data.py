"""The rows that the charts of a run's page draw, and the limits that are lines in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from loadgate.model import Check, Verdict
from loadgate.time_series import PERCENTILES, Interval, TimeSeries

Point = dict[str, float | int | str | None]

_OF_METRIC = {
    "true_failure_rate": "true",
    "expected_failure_rate": "expected",
    "failure_rate": "failures",
    "median": "p50",
    **{f"p{name}": f"p{name}" for name in PERCENTILES},
    "rps": "rps",
    "users": "users",
}
"""Metrics whose limits are lines, and what they are a limit of."""
_DIGITS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A limit of the whole run, or of a window of it, that has a meaning at each moment."""

    field: str
    """What it is a limit of, by the name that points have it under."""
    check: Check
    value: float
    """In the unit of the field; of a rate of failures, the share of requests."""
    begin: float
    """In seconds from the start of the run, as is the end."""
    end: float

    @property
    def is_share(self) -> bool:
        """Say whether it is a share of requests, so that the line moves with these."""
        return self.check.metric.kind == "rate"


def lines(verdict: Verdict, series: TimeSeries) -> list[Line]:
    """Return the limits that can be drawn over the time of a run."""
    return [
        Line(
            field=_OF_METRIC[check.metric.name],
            check=check,
            value=float(check.limit),
            begin=0.0 if check.span is None else float(check.span[0]),
            end=series.intervals[-1].end if check.span is None else float(check.span[1]),
        )
        for check in verdict.checks
        if check.metric.name in _OF_METRIC
        and check.endpoint is None
        and check.rule is None
        and check.limit is not None
        and (check.window is None or check.span is not None)
    ]


def points(series: TimeSeries) -> list[Point]:
    """Return a row for each interval: what it had in a second, and the same in words."""
    return [_point(series, each) for each in series.intervals]


def _point(series: TimeSeries, each: Interval) -> Point:
    counts = {
        "failures": each.failures,
        "true": each.true,
        "expected": each.expected,
        "either": each.either,
        "rps": each.requests,
    }
    length = each.length or 1.0
    numbers: Point = {
        name: None if count is None else _short(count / length) for name, count in counts.items()
    }
    times = {f"p{name}": time for name, time in zip(PERCENTILES, each.times, strict=True)}
    counted = series.source != "report"
    told = {
        f"{name}_text": _count(count, length, counted=counted) for name, count in counts.items()
    }
    return {
        "begin": _short(each.begin),
        "end": _short(each.end),
        "middle": _short((each.begin + each.end) / 2),
        **numbers,
        **{name: None if time is None else _short(time) for name, time in times.items()},
        "peak": _short(max(each.peak, (each.true or 0.0) / length)) if each.peak else None,
        "peak_text": f"{each.peak:,.3g}/s" if each.peak else "",
        "top": _short(((each.true or 0.0) + each.either) / length),
        "users": each.users,
        **told,
        **{
            f"{name}_text": "" if time is None else f"{time:,.4g} ms"
            for name, time in times.items()
        },
        "users_text": "" if each.users is None else f"{each.users:,}",
        "time": f"{elapsed(each.begin)} to {elapsed(each.end)}",
        "clock": f"{series.clock(each.begin)} UTC",
    }


def _count(count: float | None, length: float, *, counted: bool) -> str:
    if count is None:
        return ""
    if not counted:
        return f"{count / length:,.3g}/s"
    return f"{count:,.0f}" + (f" ({count / length:,.3g}/s)" if count else "")


def limit_points(found: Sequence[Line], series: TimeSeries) -> list[Point]:
    """Return the segments of lines: shares of requests have one for each interval."""
    return [point for line in found for point in _segments(line, series)]


def _segments(line: Line, series: TimeSeries) -> Iterator[Point]:
    if not line.is_share:
        yield {"field": line.field, "begin": line.begin, "end": line.end, "value": line.value}
        return
    for each in series.intervals:
        begin, end = max(each.begin, line.begin), min(each.end, line.end)
        if begin < end and each.requests:
            value = _short(line.value * each.requests / (each.length or 1.0))
            yield {"field": line.field, "begin": begin, "end": end, "value": value}


def largest(rows: Sequence[Point], *fields: str) -> float:
    """Return the largest number in some fields of rows; 0: there is none."""
    values = (row.get(field) for row in rows for field in fields)
    return max((value for value in values if isinstance(value, (int, float))), default=0.0)


def smallest(rows: Sequence[Point], *fields: str) -> float:
    """Return the smallest number in some fields of rows; 0: there is none."""
    values = (row.get(field) for row in rows for field in fields)
    return min((value for value in values if isinstance(value, (int, float))), default=0.0)


def elapsed(seconds: float) -> str:
    """Return a time from the start of the run as a watch shows it: "1:05", "1:00:05"."""
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours:,}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def _short(number: float) -> float:
    """Return a number in as many digits as a picture shows."""
    return float(f"{number:.{_DIGITS}g}")
