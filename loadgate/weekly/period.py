"""The period that options mean, and the one before it."""

from __future__ import annotations

import re
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from loadgate.errors import UsageError
from loadgate.weekly.model import Period

_WEEK = re.compile(r"(\d{4})-?W(\d{1,2})")
_DAY = timedelta(days=1)


def choose_period(  # noqa: PLR0913 - one parameter an option
    *,
    week: str | None = None,
    months: int | None = None,
    since: str | None = None,
    until: str | None = None,
    timezone: str = "UTC",
    today: date,
) -> tuple[Period, Period]:
    """Return the period and, of as many days or months, the one right before it.

    By default the last full ISO week before `today`; `months` are the last full calendar months
    before it; `until` is today where only `since` is given. Both days are part of the period, and
    days are those of the time zone. Raises UsageError.
    """
    zone = _zone(timezone)
    given = {"--week": week, "--months": months, "--since": since, "--until": until}
    first, *others = [name for name, value in given.items() if value is not None] or [""]
    if first in {"--week", "--months"} and others:
        raise UsageError(f"{first} already sets the period; leave out {' and '.join(others)}")
    if since is None and until is not None:
        raise UsageError("--until needs --since, the first day of the period")
    try:
        if months is not None:
            month = 12 * today.year + today.month - 1 - months
            return _months(month, months, zone), _months(month - months, months, zone)
        if since is None:
            monday = _monday(week, today)
            return _week(monday, zone), _week(monday - 7 * _DAY, zone)
        begin, end = _day("--since", since), today if until is None else _day("--until", until)
        if end < begin:
            raise UsageError(f"--until {end} is before --since {begin}")
        days = end - begin + _DAY
        return _span(begin, end, zone), _span(begin - days, begin - _DAY, zone)
    except OverflowError:
        raise UsageError(
            "the period, or the one before it, is not within the years 1 to 9999; choose another"
            " --today, --week, --months or --since"
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


def _months(month: int, number: int, zone: ZoneInfo) -> Period:
    """Return so many months; `month` is the first, counted from January of the year 0."""
    first, last, behind = map(_first_of, (month, month + number - 1, month + number))
    names = dict.fromkeys(f"{day}"[: len("2026-10")] for day in (first, last))
    return _period(" to ".join(names), first, behind - _DAY, zone)


def _first_of(month: int) -> date:
    year, number = divmod(month, 12)
    if not MINYEAR <= year <= MAXYEAR:
        raise OverflowError
    return date(year, number + 1, 1)


def _span(first: date, last: date, zone: ZoneInfo) -> Period:
    return _period(f"{first}" if first == last else f"{first} to {last}", first, last, zone)


def _period(name: str, first: date, last: date, zone: ZoneInfo) -> Period:
    """Return a period of whole days; where the clock changes, one has 23 or 25 hours."""
    begins, ends = (
        datetime.combine(day, time(), zone).astimezone(UTC) for day in (first, last + _DAY)
    )
    return Period(name=name, first=first, last=last, begins=begins, ends=ends, zone=zone)
