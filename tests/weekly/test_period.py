"""The periods that options mean."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadgate.errors import UsageError
from loadgate.weekly.period import choose_period

TODAY = date(2026, 11, 23)  # a Monday


@pytest.mark.parametrize(
    ("today", "name", "first"),
    [
        pytest.param(date(2026, 11, 23), "2026-W47", date(2026, 11, 16), id="monday"),
        pytest.param(date(2026, 11, 22), "2026-W46", date(2026, 11, 9), id="sunday"),
        pytest.param(date(2027, 1, 4), "2026-W53", date(2026, 12, 28), id="new-year"),
        pytest.param(date(2025, 1, 6), "2025-W01", date(2024, 12, 30), id="week-one"),
    ],
)
def test_the_default_is_the_last_full_week(today: date, name: str, first: date) -> None:
    """From Monday to Sunday, in UTC."""
    now, before = choose_period(today=today)
    assert (now.name, now.first, now.last) == (name, first, first + timedelta(days=6))
    assert now.begins == datetime(first.year, first.month, first.day, tzinfo=UTC)
    assert (before.last, before.ends) == (first - timedelta(days=1), now.begins)


@pytest.mark.parametrize("week", ["2026-W47", "2026W47"])
def test_a_week_by_its_name(week: str) -> None:
    """As ISO 8601 writes it, with or without the hyphen."""
    now, before = choose_period(week=week, today=TODAY)
    assert (now.name, before.name) == ("2026-W47", "2026-W46")


@pytest.mark.parametrize(
    ("since", "until", "name", "before"),
    [
        pytest.param("2026-11-20", "2026-11-22", "2026-11-20 to 2026-11-22",
                     "2026-11-17 to 2026-11-19", id="three-days"),
        pytest.param("2026-11-20", "2026-11-20", "2026-11-20", "2026-11-19", id="one-day"),
        pytest.param("2026-11-20", None, "2026-11-20 to 2026-11-23",
                     "2026-11-16 to 2026-11-19", id="until-today"),
    ],
)  # fmt: skip
def test_days(since: str, until: str | None, name: str, before: str) -> None:
    """Both are part of the period; the one before has as many days."""
    found = choose_period(since=since, until=until, today=TODAY)
    assert [one.name for one in found] == [name, before]


@pytest.mark.parametrize(
    ("months", "today", "name", "before", "days"),
    [
        pytest.param(6, date(2026, 11, 27), "2026-05 to 2026-10", "2025-11 to 2026-04", 184,
                     id="half-a-year"),
        pytest.param(1, date(2026, 11, 30), "2026-10", "2026-09", 31, id="last-day-of-a-month"),
        pytest.param(1, date(2026, 12, 1), "2026-11", "2026-10", 30, id="first-day-of-a-month"),
        pytest.param(1, date(2026, 1, 1), "2025-12", "2025-11", 31, id="new-year"),
        pytest.param(2, date(2026, 2, 28), "2025-12 to 2026-01", "2025-10 to 2025-11", 62,
                     id="over-new-year"),
        pytest.param(1, date(2024, 3, 31), "2024-02", "2024-01", 29, id="leap-year"),
        pytest.param(1, date(2100, 3, 1), "2100-02", "2100-01", 28, id="no-leap-year"),
        pytest.param(24, date(2026, 12, 31), "2024-12 to 2026-11", "2022-12 to 2024-11", 730,
                     id="years"),
    ],
)  # fmt: skip
def test_months(months: int, today: date, name: str, before: str, days: int) -> None:
    """Full calendar months that are over, and as many before them, however long each is."""
    now, earlier = choose_period(months=months, today=today)
    assert (now.name, earlier.name) == (name, before)
    assert (now.first.day, earlier.first.day) == (1, 1)
    assert now.last < today
    assert (now.last - now.first).days + 1 == days
    assert earlier.ends == now.begins


def test_months_are_those_of_the_zone() -> None:
    """From midnight to midnight there, with an hour more where the clock was put back."""
    now, before = choose_period(months=1, timezone="Europe/Berlin", today=date(2026, 11, 2))
    assert (now.begins, now.ends) == (
        datetime(2026, 9, 30, 22, tzinfo=UTC),
        datetime(2026, 10, 31, 23, tzinfo=UTC),
    )
    assert now.ends - now.begins == timedelta(days=31, hours=1)
    assert before.ends - before.begins == timedelta(days=30)


@pytest.mark.parametrize(
    ("week", "hours"),
    [
        pytest.param("2026-W13", 167, id="spring"),
        pytest.param("2026-W43", 169, id="autumn"),
        pytest.param("2026-W47", 168, id="winter"),
    ],
)
def test_days_are_those_of_the_zone(week: str, hours: int) -> None:
    """Where the clock changes a week has an hour less or more."""
    now, _ = choose_period(week=week, timezone="Europe/Berlin", today=TODAY)
    assert now.ends - now.begins == timedelta(hours=hours)
    assert now.zone == ZoneInfo("Europe/Berlin")
    assert now.begins.astimezone(UTC).hour in {22, 23}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        pytest.param({"week": "47"}, "expected an ISO week", id="week"),
        pytest.param({"week": "2026-W54"}, "expected an ISO week", id="no-such-week"),
        pytest.param({"week": "0000-W01"}, "expected an ISO week", id="year-zero"),
        pytest.param({"week": "2026-W01", "since": "2026-01-01"}, "leave out", id="both"),
        pytest.param(
            {"months": 1, "since": "2026-01-01", "until": "2026-01-02"},
            "--months already sets the period; leave out --since and --until",
            id="months-and-days",
        ),
        pytest.param(
            {"months": 1, "week": "2026-W01"},
            "--week already sets the period; leave out --months",
            id="months-and-week",
        ),
        pytest.param({"months": 12 * 2026}, "years 1 to 9999", id="months-before-the-calendar"),
        pytest.param({"months": 10**30}, "years 1 to 9999", id="more-months-than-there-were"),
        pytest.param({"until": "2026-01-01"}, "needs --since", id="until-alone"),
        pytest.param({"since": "now"}, "--since now: expected a date", id="since"),
        pytest.param(
            {"since": "2026-01-01", "until": "x"}, "--until x: expected a date", id="until"
        ),
        pytest.param(
            {"since": "2026-01-02", "until": "2026-01-01"}, "is before --since", id="backwards"
        ),
        pytest.param({"since": "0001-01-02"}, "years 1 to 9999", id="before-the-calendar"),
        pytest.param({"week": "9999-W52"}, "years 1 to 9999", id="behind-the-calendar"),
        pytest.param({"timezone": "Mars/Olympus"}, "unknown time zone", id="zone"),
        pytest.param({"timezone": "../etc"}, "unknown time zone", id="zone-that-is-a-path"),
        pytest.param({"timezone": "Europe"}, "unknown time zone", id="zone-that-is-a-folder"),
        pytest.param({"timezone": ""}, "unknown time zone", id="no-zone"),
    ],
)
def test_what_cannot_be_a_period(options: dict[str, Any], words: str) -> None:
    """One message says which option is wrong, and what it should be."""
    with pytest.raises(UsageError, match=words):
        choose_period(**options, today=TODAY)


@given(st.dates(date(1, 3, 1), date(9999, 12, 1)), st.integers(1, 30))
def test_months_follow_one_another(today: date, months: int) -> None:
    """Whatever the day, the last month is over, and the next one not yet."""
    try:
        now, before = choose_period(months=months, today=today)
    except UsageError:
        assert today.year <= 1 + months // 6
        return
    assert now.last < today <= now.last + timedelta(days=31)
    assert before.ends == now.begins
    assert now.first.month % 12 == (today.month - months) % 12


@given(st.dates(date(1, 1, 20), date(9999, 12, 1)))
def test_weeks_follow_one_another(today: date) -> None:
    """Whatever the day, the week is over, and the one before ends where it begins."""
    now, before = choose_period(today=today)
    assert now.last < today <= now.last + timedelta(days=7)
    assert before.ends == now.begins
    assert choose_period(week=now.name, today=today) == (now, before)
