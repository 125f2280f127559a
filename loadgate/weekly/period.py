"""The period that options mean, and the one before it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from loadgate.errors import UsageError
from loadgate.weekly.model import Period

_WEEK = re.compile(r"(\d{4})-?W(\d{1,2})")
_DAY = timedelta(days=1)


def choose_period(
    *,
    week: str | None = None,
    since: str | None = None,
    until: str | None = None,
    timezone: str = "UTC",
    today: date,
) -> tuple[Period, Period]:
    """Return the period and, of as many days, the one right before it.

    By default the last full ISO week before `today`; `until` is today where only `since` is given.
    Both days are part of the period, and days are those of the time zone. Raises UsageError.
    """
    zone = _zone(timezone)
    if week is not None and (since is not None or until is not None):
        raise UsageError("--week already sets the period; leave out --since and --until")
    if since is None and until is not None:
        raise UsageError("--until needs --since, the first day of the period")
    try:
        if since is None:
            first = _monday(week, today)
            return _week(first, zone), _week(first - 7 * _DAY, zone)
        first, last = _day("--since", since), today if until is None else _day("--until", until)
        if last < first:
            raise UsageError(f"--until {last} is before --since {first}")
        days = last - first + _DAY
        return _span(first, last, zone), _span(first - days, first - _DAY, zone)
    except OverflowError:
        raise UsageError(
            "the period, or the one before it, is not within the years 1 to 9999; choose another"
            " --today, --week or --since"
        ) from None


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):  # OSError: a folder of the time zone database
        raise UsageError(
            f"--timezone {name}: unknown time zone; expected a name such as Europe/Berlin"
        ) from None


def _monday(week: str | None, today: date) -> date:
    if week is None:
        return today - timedelta(days=today.weekday() + 7)
    year, number = found.groups() if (found := _WEEK.fullmatch(week)) else ("0", "0")
    try:
        return date.fromisocalendar(int(year), int(number), 1)
    except ValueError:
        raise UsageError(f"--week {week}: expected an ISO week, e.g. 2026-W47") from None


def _day(option: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{option} {text}: expected a date, e.g. 2026-11-16") from None


def _week(monday: date, zone: ZoneInfo) -> Period:
    year, number, _ = monday.isocalendar()
    return _period(f"{year:04}-W{number:02}", monday, monday + 6 * _DAY, zone)


def _span(first: date, last: date, zone: ZoneInfo) -> Period:
    return _period(f"{first}" if first == last else f"{first} to {last}", first, last, zone)


def _period(name: str, first: date, last: date, zone: ZoneInfo) -> Period:
    """Return a period of whole days; where the clock changes, one has 23 or 25 hours."""
    begins, ends = (
        datetime.combine(day, time(), zone).astimezone(UTC) for day in (first, last + _DAY)
    )
    return Period(name=name, first=first, last=last, begins=begins, ends=ends, zone=zone)
