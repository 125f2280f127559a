"""The periods that options mean."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
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
def test_what_cannot_be_a_period(options: dict[str, str], words: str) -> None:
    """One message says which option is wrong, and what it should be."""
    with pytest.raises(UsageError, match=words):
        choose_period(**options, today=TODAY)


@given(st.dates(date(1, 1, 20), date(9999, 12, 1)))
def test_weeks_follow_one_another(today: date) -> None:
    """Whatever the day, the week is over, and the one before ends where it begins."""
    now, before = choose_period(today=today)
    assert now.last < today <= now.last + timedelta(days=7)
    assert before.ends == now.begins
    assert choose_period(week=now.name, today=today) == (now, before)
