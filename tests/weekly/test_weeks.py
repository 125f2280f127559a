"""The weeks up to a period, and names that tell runs apart."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from week_builders import MONDAY, THIS_WEEK, TODAY, endpoint_counts, nights, period, record

from loadgate.model import Outcome
from loadgate.summary import RunSummary
from loadgate.weekly.names import named
from loadgate.weekly.weeks import RUNS, weeks_up_to


def run(
    start: datetime, true: int = 0, limit: float | None = None, outcome: Outcome = "passed"
) -> RunSummary:
    """Return a run of 1,000 requests."""
    rows = [] if outcome == "no-evidence" else [endpoint_counts(true=true)]
    return replace(record(start, endpoints=rows, outcome=outcome), true_failure_limit=limit)


def test_twelve_weeks_end_with_the_period() -> None:
    """Each with its runs, verdicts, rate and the lowest limit; those without runs, too."""
    runs = [
        run(nights(0, week=-12)[0], 9),  # longer ago
        run(nights(0, week=-11)[0], 1),
        run(nights(0, week=-1)[0], 500, 0.01, "failed"),
        run(nights(2, week=-1)[0], 0, 0.005),
        run(nights(4, week=-1)[0], outcome="no-evidence"),
        run(nights(5)[0], outcome="no-evidence"),
    ]
    of = weeks_up_to(THIS_WEEK, runs, TODAY)
    assert (of.first, of.last, len(of.weeks)) == (date(2026, 8, 31), date(2026, 11, 22), 12)
    assert [week.runs for week in of.weeks] == [1, *[0] * 9, 3, 1]
    last = of.weeks[-2]
    assert (last.failed, last.without_evidence, last.requests, last.true) == (1, 1, 2000, 500)
    assert (last.rate, last.limit) == (0.25, 0.005)
    assert (of.weeks[-1].rate, of.weeks[-1].limit) == (None, None)
    assert of.runs == tuple(runs[1:])
    assert of.by_run


def test_a_longer_period_is_shown_as_a_whole() -> None:
    """From its first day to its last one, in weeks that end on Sundays."""
    half_year = period(date(2026, 6, 3), days=183)
    of = weeks_up_to(half_year, [], TODAY)
    assert (of.first, of.last) == (half_year.first, half_year.last)
    assert (of.weeks[0].first, of.weeks[0].last) == (date(2026, 6, 3), date(2026, 6, 7))
    assert of.weeks[1].first == date(2026, 6, 8)
    assert of.weeks[-1].last == half_year.last
    assert of.idle == ()


def test_many_runs_are_shown_by_week() -> None:
    """One more than can be told apart."""
    runs = [run(MONDAY + timedelta(hours=hour)) for hour in range(RUNS + 1)]
    assert not weeks_up_to(THIS_WEEK, runs, TODAY).by_run
    assert weeks_up_to(THIS_WEEK, runs[1:], TODAY).by_run


def test_times_without_runs_are_those_longer_than_usual() -> None:
    """Between nightly runs, behind the last one, but not before the first one, nor after today."""
    week = [run(start) for start in nights(0, 1, 2, 3, 6, week=-1)]
    of = weeks_up_to(THIS_WEEK, [*week, run(nights(3)[0])], date(2026, 11, 21))
    assert of.idle == (
        (date(2026, 11, 13), date(2026, 11, 14)),
        (date(2026, 11, 16), date(2026, 11, 18)),
        (date(2026, 11, 20), date(2026, 11, 21)),
    )
    weekly = [run(nights(0, week=week)[0]) for week in (-4, -3, -2, -1, 0)]
    assert weeks_up_to(THIS_WEEK, weekly, TODAY).idle == ()
    long_ago = [run(nights(0, week=-30)[0])]
    assert weeks_up_to(THIS_WEEK, long_ago, TODAY).idle == (
        (date(2026, 8, 31), date(2026, 11, 22)),
    )
    twice_a_day = [run(start + timedelta(hours=hour)) for start in nights(0, 1) for hour in (0, 9)]
    assert weeks_up_to(THIS_WEEK, twice_a_day, date(2026, 11, 18)).idle == (
        (date(2026, 11, 18), date(2026, 11, 18)),
    )


def test_runs_of_one_label_are_told_apart_by_their_start() -> None:
    """On the clock of the zone; by the source where that is the same; the others keep theirs."""
    starts = nights(0, 1)
    runs = [
        record(starts[0], label="nightly"), record(starts[1], label="nightly"),
        record(starts[0], label="twin"), replace(record(starts[0], label="twin"), source="b.json"),
        record(starts[0], label="other"),
    ]  # fmt: skip
    assert [one.label for one in named(runs, ZoneInfo("Europe/Berlin"))] == [
        "nightly 2026-11-16 03:00",
        "nightly 2026-11-17 03:00",
        "twin (2026-11-16T0200twin.json)",
        "twin (b.json)",
        "other",
    ]
