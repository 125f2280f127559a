"""A run over time: intervals that add up to the run, whatever it was read from."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from builders import failure_kind, policy, rule
from hypothesis import given
from hypothesis import strategies as st
from test_windows import (
    BEGAN,
    FAILED,
    REQUESTS,
    RULES,
    Read,
    Request,
    read,  # noqa: F401 - a fixture
    recording,
    steady,
)

from loadgate import read_run
from loadgate.classify import classify
from loadgate.model import Run
from loadgate.over_time import time_series
from loadgate.read.history import read_history
from loadgate.read.report_series import read_report_series
from loadgate.recording.counts import Mark
from loadgate.time_series import MOST_INTERVALS, TimeSeries, length_for

POLICY = policy(*RULES)
HEAD = "Timestamp,User Count,Type,Name,50%,95%,99%,100%,Total Request Count,Total Failure Count\n"


def series_of(run: Run) -> TimeSeries:
    """Return a run over time, which something tells."""
    found = time_series(classify(run, POLICY), POLICY)
    assert found is not None
    return found


# --- recordings -----------------------------------------------------------------------------------


@given(REQUESTS, st.sampled_from([1, 5, 30]))
def test_intervals_add_up_to_the_run(read: Read, requests: list[Request], width: int) -> None:  # noqa: F811
    """Nothing is lost or counted twice; what is not certain is between its bounds."""
    run = read(recording(requests, width=width))
    judged, found = classify(run, POLICY), series_of(run)
    total = judged.total
    assert sum(each.requests for each in found.intervals) == total.stats.requests
    assert sum(each.failures for each in found.intervals) == total.failures
    true = sum(each.true or 0 for each in found.intervals)
    expected = sum(each.expected or 0 for each in found.intervals)
    either = sum(each.either for each in found.intervals)
    assert true <= total.true <= true + either
    assert expected <= total.expected <= expected + either
    assert all(each.either >= 0 for each in found.intervals)
    counted = Counter(
        {
            kind: times
            for kind, times in zip(judged.failures, found.kinds, strict=True)
            if times is not None and not times.shared
        }
    )
    for kind, times in counted.items():
        assert sum(times.counts) == kind.count  # type: ignore[attr-defined]
    for one, other in zip(found.intervals, found.intervals[1:], strict=False):
        assert one.end == pytest.approx(other.begin)


def test_texts_that_tell_failures_apart_have_no_time(read: Read) -> None:  # noqa: F811
    """Of one status at one endpoint both are possible, but where only one happened."""
    lost = [Request(second=second, status=409, error="lost update") for second in (5, 6)]
    fine = [Request(second=second, status=409, error="conflict") for second in (5, 30, 30, 30)]
    found = series_of(read(recording([*lost, *fine, *steady()])))
    assert (found.intervals[5].true, found.intervals[5].either) == (0, 2)
    assert (found.intervals[30].expected, found.intervals[30].either) == (1, 2)
    assert [times and times.shared for times in found.kinds] == [True, True]


def test_when_a_kind_began_and_ended(read: Read) -> None:  # noqa: F811
    """From the first second in which it was seen to the last, and how many there were."""
    bad = [*steady(range(20, 25), 2, **FAILED), *steady([40], 1, **FAILED)]
    found = series_of(read(recording([*steady(), *bad])))
    (times,) = found.kinds
    assert times is not None
    assert (times.first, times.last) == pytest.approx((19.6, 39.6))
    assert (times.counts[20], times.counts[25], times.counts[40]) == (2, 0, 1)
    assert found.started == datetime.fromtimestamp(BEGAN + 0.4, UTC)


def test_phases_and_users(read: Read) -> None:  # noqa: F811
    """All users are there from 10.3 s on; what is before is the ramp-up."""
    found = series_of(read(recording(steady())))
    assert [phase.name for phase in found.phases] == ["ramp-up", "steady", "ramp-down"]
    assert [phase.begin for phase in found.phases] == pytest.approx([0, 9.9, 58.8])
    assert [phase.end for phase in found.phases] == pytest.approx([9.9, 58.8, 59.3])
    assert [found.intervals[at].users for at in (0, 4, 5, 10, 30)] == [0, 0, 3, 5, 5]
    assert found.intervals[0].begin == 0
    assert found.intervals[-1].end == pytest.approx(59.6)


def test_users_that_were_never_all_there(read: Read) -> None:  # noqa: F811
    """Then there are no phases, but everything else; nor of clocks that differ."""
    assert series_of(read(recording(steady(), spawned=(), users=()))).phases == ()
    early = series_of(read(recording([*steady(), Request(second=-30)])))
    assert early.phases == ()
    assert early.intervals[0].begin == pytest.approx(-30.4)


def test_a_recording_that_does_not_say_when_it_began(read: Read) -> None:  # noqa: F811
    """Its first request is the start."""
    found = series_of(read(recording(steady(range(7, 9)), started=None)))
    assert found.intervals[0].begin == 0
    assert found.started == datetime.fromtimestamp(BEGAN + 7, UTC)


def test_a_recording_beyond_all_clocks(read: Read) -> None:  # noqa: F811
    """A start in the year 50,000 is none."""
    run = read(recording(steady()))
    assert run.recorded is not None
    late = replace(run, recorded=replace(run.recorded, started=1.5e12))
    assert time_series(classify(late, POLICY), POLICY) is None


def test_a_clock_that_ends(tmp_path: Path) -> None:
    """Behind the year 9999 there is no time of day."""
    last = 253_402_300_799 - START
    found = history(tmp_path, [(last, 5, 10, 0), (0, 5, 20, 0), (5, 5, 30, 0)])
    assert found is not None
    assert (found.clock(0), found.clock(6)) == ("23:59:58", "")


def test_merged_runs_have_no_phases_in_common(read: Read) -> None:  # noqa: F811
    """Each has a start of its own."""
    document = recording(steady())
    document.counts.marks += [Mark(at=BEGAN + at, kind="start") for at in (0.4, 20.0)]
    assert series_of(read(document)).phases == ()


def test_a_recording_without_requests(read: Read) -> None:  # noqa: F811
    """There is nothing to draw."""
    run = read(recording([]))
    assert time_series(classify(run, POLICY), POLICY) is None


def test_response_times_are_of_the_interval(read: Read) -> None:  # noqa: F811
    """One slow second is the worst of its interval, however long that is."""
    slow = steady([30], 10, micros=200)
    found = series_of(read(recording([*steady(micros=20), *slow])))
    assert found.intervals[30].times[2] == 0.2
    assert [*found.intervals[29].times] == [0.02, 0.02, 0.02]


def test_the_worst_second_of_a_long_run(read: Read) -> None:  # noqa: F811
    """It does not vanish in an interval of many seconds: of true failures, as others are expected."""
    conflicts = steady([100], 9, status=409, error="conflict")
    bad = [*steady([100], 4, **FAILED), *steady([101], 1, **FAILED)]
    found = series_of(read(recording([*steady(range(600)), *conflicts, *bad], ended=BEGAN + 601.0)))
    assert found.length == 5
    worst = max(found.intervals, key=lambda each: each.peak)
    assert worst.begin == pytest.approx(99.6)
    assert [worst.true, worst.failures, worst.peak] == [5, 14, 4]
    assert {each.peak for each in found.intervals} == {0, 4}


def test_a_failure_without_a_name(read: Read) -> None:  # noqa: F811
    """It has no text, and still a time."""
    found = series_of(read(recording([*steady(), *steady([9], 1, name=None, **FAILED)])))
    (times,) = found.kinds
    assert times is not None
    assert times.counts[9] == 1


def test_a_kind_that_a_recording_does_not_have(read: Read) -> None:  # noqa: F811
    """It is nowhere in time."""
    judged = classify(read(recording(steady())), POLICY)
    found = time_series(replace(judged, failures=(failure_kind(),)), POLICY)
    assert found is not None
    assert found.kinds == (None,)


def test_a_run_without_error_texts(tmp_path: Path) -> None:
    """Its history is all there is."""
    run = files(tmp_path, GREW, "POST,/a/state,x,4\n")
    (tmp_path / "run_failures.csv").unlink()
    run = read_run(tmp_path, over_time=True)
    assert run.failure_log is None
    assert series_of(run).kinds == ()


def test_a_run_without_history() -> None:
    """The seed has statistics and failures alone."""
    run = read_run("examples/seed-run", over_time=True)
    assert time_series(classify(run, POLICY), POLICY) is None


# --- histories ------------------------------------------------------------------------------------

Row = tuple[float, int | str, int, int]
"""Seconds, users, requests and failures so far."""
START = 1_795_000_000


def history(
    tmp_path: Path, rows: Sequence[Row], times: str = "5,9,12,12", between: str = ""
) -> TimeSeries | None:
    """Return what a history with these rows says over time."""
    text = "".join(
        f"{START + second},{users},,Aggregated,{times},{requests},{failures}\n{between}"
        for second, users, requests, failures in rows
    )
    path = tmp_path / "run_stats_history.csv"
    path.write_text(HEAD + text, encoding="utf-8")
    found = read_history(str(path), over_time=True)
    assert (
        found is None
        or found.series is None
        or read_history(str(path)) == replace(found, series=None)
    )
    return found.series if found else None


def numbers(series: TimeSeries | None) -> list[tuple[float, float, float, float]]:
    """Return begin, end, requests and failures of each interval."""
    assert series is not None
    return [(each.begin, each.end, each.requests, each.failures) for each in series.intervals]


def test_each_second_of_a_history(tmp_path: Path) -> None:
    """Totals grow, and what they grow by is of the second before."""
    found = history(tmp_path, [(0, 0, 0, 0), (1, 5, 10, 1), (2, 9, 40, 1), (3, 0, 40, 1)])
    assert numbers(found) == [(0, 1, 10, 1), (1, 2, 30, 0)]
    assert found is not None
    assert [each.users for each in found.intervals] == [5, 9]
    assert [*found.intervals[0].times] == [5, 9, 12]
    assert (found.source, found.times_of, found.decided) == ("history", "start", False)
    assert found.started == datetime.fromtimestamp(START, UTC)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param([(0, 5, 20, 2)], [(0, 1, 20, 2)], id="one-row"),
        pytest.param(
            [(0, 0, 0, 0), (1, 5, 10, 0), (61, 5, 70, 6)],
            [(0, 1, 10, 0), (1, 61, 60, 6)],
            id="gap",
        ),
        pytest.param(
            [(0, 0, 0, 0), (1, 5, 10, 0), (2, 5, 5, 1), (3, 5, 9, 1)],
            [(0, 1, 10, 0), (1, 2, 5, 1), (2, 3, 4, 0)],
            id="reset",
        ),
        pytest.param(
            [
                (0, 5, 0, 0),
                (1, 5, 0, 0),
                (3, 5, 90, 0),
                (4, 5, 90, 0),
                (5, 5, 90, 0),
                (6, 5, 180, 9),
            ],
            [(0, 3, 90, 0), (3, 6, 90, 9)],
            id="distributed",
        ),
        pytest.param(
            [(0, 5, 10, 0), (1, 5, 20, 0), (4, 5, 20, 0), (5, 5, 30, 0)],
            [(0, 1, 10, 0), (1, 2, 10, 0), (2, 5, 0, 0), (5, 6, 10, 0)],
            id="server-that-hangs",
        ),
        pytest.param(
            [(0, 5, 10, 0), (1, 5, 20, 0), (-3599, 5, 30, 1), (-3598, 5, 40, 1)],
            [(0, 1, 10, 0), (1, 2, 20, 1), (2, 3, 10, 0)],
            id="clock-that-is-set-back",
        ),
        pytest.param(
            [(0, 0, 0, 0), (500, 0, 0, 0), (501, 5, 9, 0), (502, 0, 9, 0), (900, 0, 9, 0)],
            [(0, 1, 9, 0)],
            id="waiting-before-and-after",
        ),
        pytest.param(
            [(0, 5, 10, 2), (1, 5, 20, 1)], [(0, 1, 10, 2), (1, 2, 10, 0)], id="fewer-failures"
        ),
    ],
)
def test_histories_that_are_odd(
    tmp_path: Path, rows: list[Row], expected: list[tuple[float, float, float, float]]
) -> None:
    """Gaps are long intervals, resets begin anew, time never runs backwards."""
    assert numbers(history(tmp_path, rows)) == expected


def test_a_master_whose_totals_fall_to_nothing(tmp_path: Path) -> None:
    """That is one reset, though its workers report later."""
    rows: list[Row] = [(0, 5, 60, 1), (1, 5, 0, 0), (2, 5, 0, 0), (3, 5, 50, 0)]
    found = history(tmp_path, rows)
    assert found is not None
    assert [*found.resets] == [2]
    assert sum(each.requests for each in found.intervals) == 110


def test_two_tests_in_one_file(tmp_path: Path) -> None:
    """The second one begins with a reset, behind a gap without users."""
    rows: list[Row] = [(0, 5, 60, 0), (1, 0, 60, 0), (300, 0, 60, 0), (301, 5, 20, 4)]
    found = history(tmp_path, rows)
    assert numbers(found) == [(0, 1, 60, 0), (1, 301, 0, 0), (301, 302, 20, 4)]
    assert found is not None
    assert [*found.resets] == [302]


def test_a_history_that_says_nothing(tmp_path: Path) -> None:
    """There are rows, and nobody was there."""
    assert history(tmp_path, [(0, 0, 0, 0), (9, 0, 0, 0)]) is None


def test_long_histories_are_as_short_as_what_is_drawn(tmp_path: Path) -> None:
    """Of two days each failure is still there, and the worst times."""
    rows: list[Row] = [(second, 5, 7 * second, second // 1000) for second in range(1, 9_000)]
    found = history(tmp_path, rows)
    assert found is not None
    assert len(found.intervals) <= MOST_INTERVALS
    assert sum(each.requests for each in found.intervals) == 7 * 8_999
    assert sum(each.failures for each in found.intervals) == 8
    assert max(each.peak for each in found.intervals) == 1
    assert found.length == 64


@pytest.mark.parametrize(
    ("times", "between", "of"),
    [
        pytest.param(["5,9,12,12"] * 3, "", "start", id="totals-alone"),
        pytest.param(["5,9,12,12"] * 3, "9,5,GET,/a,1,1,1,1,9,0\n", "unknown", id="with-endpoints"),
        pytest.param(["0,0,0,0", "5,9,12,12", "5,9,12,12"], "", "recent", id="zeros-first"),
        pytest.param(["5,9,12,12", "5,9,12,11", "5,9,12,11"], "", "recent", id="longest-shrinks"),
        pytest.param(["N/A,N/A,N/A,N/A", "x,9,12,12", "5,9,12,12"], "", "start", id="no-numbers"),
    ],
)
def test_what_response_times_are_of(
    tmp_path: Path, times: list[str], between: str, of: str
) -> None:
    """A longest time that shrinks is of the last seconds; none in a file says so itself."""
    lines = "".join(
        f"{START + at},5,,Aggregated,{text},{10 * at + 10},0\n{between}"
        for at, text in enumerate(times)
    )
    path = tmp_path / "h.csv"
    path.write_text(HEAD + lines)
    found = read_history(str(path), over_time=True)
    assert found is not None
    assert found.series is not None
    assert found.series.times_of == of


def test_percentiles_that_a_history_lacks(tmp_path: Path) -> None:
    """Who changes Locust's percentiles may have others."""
    path = tmp_path / "h.csv"
    head = "Timestamp,User Count,Type,Name,25%,99%,Total Request Count,Total Failure Count\n"
    path.write_text(f"{head}{START},5,,Aggregated,3,9,10,0\n")
    found = read_history(str(path), over_time=True)
    assert found is not None
    assert found.series is not None
    assert [*found.series.intervals[0].times] == [None, None, 9]


def files(tmp_path: Path, rows: Sequence[Row], failures: str) -> Run:
    """Return a run with CSV files; 40 requests, 4 of which failed."""
    count = sum(int(line.rsplit(",", 1)[1]) for line in failures.splitlines())
    names = "Request Count,Failure Count,Median Response Time,Average Response Time"
    (tmp_path / "run_stats.csv").write_text(
        f"Type,Name,{names}\nPOST,/a/state,40,{count},5,5\n,Aggregated,40,{count},5,5\n"
    )
    (tmp_path / "run_failures.csv").write_text(f"Method,Name,Error,Occurrences\n{failures}")
    history(tmp_path, rows)
    return read_run(tmp_path, over_time=True)


GREW: list[Row] = [(0, 5, 10, 1), (1, 5, 40, 4)]


@pytest.mark.parametrize(
    ("failures", "rows", "sums"),
    [
        pytest.param(
            "POST,/a/state,500 Server Error: x for url: /a,4\n", GREW, (4, 0), id="all-true"
        ),
        pytest.param(
            "POST,/a/state,409 Client Error: Conflict for url: /a,4\n",
            GREW,
            (0, 4),
            id="all-expected",
        ),
        pytest.param(
            "POST,/a/state,409 Client Error: Conflict for url: /a,3\nPOST,/a/state,500 Server Error: x for url: /a,1\n",
            GREW,
            None,
            id="both",
        ),
        pytest.param("", [(0, 5, 10, 0), (1, 5, 40, 0)], (0, 0), id="none"),
        pytest.param(
            "POST,/a/state,500 Server Error: x for url: /a,4\n",
            [(0, 5, 9, 9), (1, 5, 40, 4)],
            None,
            id="reset",
        ),
    ],
)
def test_true_failures_are_known_where_all_are(
    tmp_path: Path, failures: str, rows: list[Row], sums: tuple[int, int] | None
) -> None:
    """A history does not tell them apart: of two sorts nobody knows, nor of what was reset."""
    if sums is None and "409" not in failures:
        rows = [(-1, 5, 50, 9), *GREW]
    conflict = policy(rule("conflict", endpoint="/**", statuses=(409,)))
    found = time_series(classify(files(tmp_path, rows, failures), conflict), conflict)
    assert found is not None
    assert found.decided == (sums is not None)
    if sums is not None:
        true = sum(each.true or 0 for each in found.intervals)
        assert (true, sum(each.expected or 0 for each in found.intervals)) == sums


# --- lengths --------------------------------------------------------------------------------------


@given(st.floats(0, 1e7), st.sampled_from([1, 5, 10, 30, 60, 3600]))
def test_no_run_has_more_intervals_than_can_be_drawn(seconds: float, unit: int) -> None:
    """However long it is; cells of a recording stay whole."""
    length = length_for(seconds, unit)
    assert length % unit == 0
    assert seconds / length <= MOST_INTERVALS


# --- first and last times of failures ------------------------------------------------------------

SEEN = """Method,Name,Error,Occurrences,First Seen,Last Seen
POST,/a/state,500 Server Error: 17 for url: /a,2,2026-11-18T11:06:42Z,2026-11-18T11:06:44Z
POST,/a/state,500 Server Error: 18 for url: /a,1,2026-11-18T11:06:41Z,2026-11-18T11:06:43Z
POST,/a/state,409 Client Error: Conflict for url: /a,1,2026-11-18T11:06:40Z,2026-11-18T11:06:40Z
"""
"""From 1 s after START on."""


def seen_at(run: Run) -> tuple[TimeSeries | None, list[tuple[float, float] | None]]:
    """Return a run over time, and when each kind was seen."""
    found = time_series(classify(run, POLICY), POLICY)
    kinds = found.kinds if found else ()
    return found, [None if times is None else (times.first, times.last) for times in kinds]


def with_times(tmp_path: Path, text: str) -> Run:
    """Return a run with such failures and a history."""
    files(tmp_path, GREW, "POST,/a/state,x,4\n")
    (tmp_path / "run_failures.csv").write_text(text)
    return read_run(tmp_path, over_time=True)


def test_locust_says_when_a_text_was_seen(tmp_path: Path) -> None:
    """Since 2.44; texts that are one kind have the first and the last time of them all."""
    found, kinds = seen_at(with_times(tmp_path, SEEN))
    zero = datetime.fromtimestamp(START - 1, UTC)
    assert found is not None
    assert found.started == zero
    at = [datetime(2026, 11, 18, 11, 6, second, tzinfo=UTC) for second in (41, 44, 40)]
    first, last, conflict = ((each - zero).total_seconds() for each in at)
    assert kinds == [(max(0, first), last), (max(0, conflict), max(0, conflict))]


@pytest.mark.parametrize("times", [",", "soon,later"])
def test_a_text_without_a_time(tmp_path: Path, times: str) -> None:
    """Then nobody knows when its kind began; of others it is known."""
    text = SEEN.replace("2026-11-18T11:06:42Z,2026-11-18T11:06:44Z", times)
    _, kinds = seen_at(with_times(tmp_path, text))
    assert kinds[0] is None
    assert kinds[1] is not None
    again = SEEN.replace("2026-11-18T11:06:41Z,2026-11-18T11:06:43Z", times)
    assert seen_at(with_times(tmp_path, again))[1][0] is None


def test_times_of_failures_alone(tmp_path: Path) -> None:
    """Without a history there is nothing else over time."""
    with_times(tmp_path, SEEN)
    (tmp_path / "run_stats_history.csv").unlink()
    found, kinds = seen_at(read_run(tmp_path, over_time=True))
    assert found is not None
    assert (found.source, found.intervals) == ("failures", ())
    assert kinds == [(1, 4), (0, 0)]
    old = "\n".join(line.rsplit(",", 2)[0] for line in SEEN.splitlines())
    (tmp_path / "run_failures.csv").write_text(f"{old}\n")
    assert seen_at(read_run(tmp_path, over_time=True)) == (None, [])


# --- reports --------------------------------------------------------------------------------------


def report(tmp_path: Path, data: object) -> TimeSeries | None:
    """Return what the history of a report since Locust 2.21 says."""
    path = tmp_path / "run.html"
    path.write_text(f"<html>window.templateArgs = {json.dumps(data)}\n</html>")
    return read_report_series(str(path))


def row(time: str, rps: object = 20, **fields: object) -> dict[str, object]:
    """Return a row of the history."""
    return {"time": time, "current_rps": rps, "current_fail_per_sec": 2, "user_count": 9} | fields


def test_a_report_has_rates(tmp_path: Path) -> None:
    """Every five seconds, of the last ten; as numbers, or behind their time since 2.31."""
    times = [f"2026-11-23T06:00:{second}Z" for second in ("05", "10", "15")]
    found = report(
        tmp_path,
        {
            "start_time": "2026-11-23T06:00:02Z",
            "history": [
                row(times[0], **{"response_time_percentile_0.5": 7}),
                row(times[1], [times[1], 30], user_count=[times[1], 12]),
                row(times[2], None, user_count=True),
            ],
        },
    )
    assert numbers(found) == [(0, 3, 60, 6), (3, 8, 150, 10), (8, 13, 0, 10)]
    assert found is not None
    assert [each.users for each in found.intervals] == [9, 12, None]
    assert [*found.intervals[0].times] == [7, None, None]
    assert (found.source, found.times_of) == ("report", "recent")


@pytest.mark.parametrize(
    ("charted", "fields", "times"),
    [
        pytest.param([0.5, 0.95], {"_1": 8, "_2": 20}, (8, 20, None), id="places"),
        pytest.param([0.95, 0.99], {"_1": 8, "_2": 20}, (None, 8, 20), id="other-places"),
        pytest.param([0.95], {"_0.95": 21, "_1": 8, "_2": 20}, (8, 21, None), id="both"),
        pytest.param([0.6, 0.7, 0.8], {"_1": 8, "_2": 20}, (None, None, None), id="unknown"),
        pytest.param(None, {"_50": 8, "_95": 20}, (8, 20, None), id="old"),
        pytest.param([0.5, 0.99], {"_0.5": 8, "_0.99": 0}, (8, None, None), id="nothing-yet"),
    ],
)
def test_percentiles_of_a_report(
    tmp_path: Path,
    charted: object,
    fields: dict[str, int],
    times: tuple[float | None, ...],
) -> None:
    """Each release names them in another way."""
    named = {f"response_time_percentile{name}": value for name, value in fields.items()}
    data = {"history": [row("2026-11-23T06:00:05Z", **named)]}
    found = report(tmp_path, data | ({} if charted is None else {"percentiles_to_chart": charted}))
    assert found is not None
    assert found.intervals[0].times == times


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param(
            [row("23:59:58"), row("00:00:03")], [(0, 5, 100, 10), (5, 10, 100, 10)], id="midnight"
        ),
        pytest.param(
            [row("2026-11-23 06:00:05"), row("2026-11-23 06:00:01"), row("2026-11-23 06:00:09")],
            [(0, 5, 100, 10), (5, 9, 80, 8)],
            id="clock-that-is-set-back",
        ),
        pytest.param([row("soon"), row("06:00:05"), "x"], [(0, 5, 100, 10)], id="no-time"),
    ],
)
def test_times_of_a_report(
    tmp_path: Path, rows: list[object], expected: list[tuple[float, float, float, float]]
) -> None:
    """Old releases tell the time of day, and a clock may run backwards."""
    assert numbers(report(tmp_path, {"history": rows})) == expected


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"history": 5},
        {"history": []},
        {"history": [{}]},
        {"history": [row("0001-01-01T00:00:01Z")]},
        {"history": [row("2026-11-23T06:00:05Z", 1e308, user_count=-1, current_fail_per_sec=1e99)]},
    ],
)
def test_a_report_without_history(tmp_path: Path, data: object) -> None:
    """There is nothing to draw."""
    assert report(tmp_path, data) is None


SCRIPT = """<h2>Request Statistics</h2><table></table>
<p>During: 2026-11-23 05:57:20 - 2026-11-23 05:57:49</p>
<script>var stats_history = {{
    "time": ["05:57:29", "05:57:34"].map(server_time => new Date()),
    "user_count": [{{"value": 40}}, {{"value": 41}}],
    "current_rps": [{{"users": 40, "value": 20}}, {{"users": 40, "value": 30}}],
    "current_fail_per_sec": [{{"value": 0}}, {{"value": 1}}],
    "response_time_percentile_1": [{{"value": 8}}, {{"value": null}}],
    "damaged": [{{],
    "markers": [],
}};
{}</script></html>
"""


def test_reports_before_2_21(tmp_path: Path) -> None:
    """Their history is a script, and what percentiles there are, too."""
    path = tmp_path / "run.html"
    path.write_text(SCRIPT.format("var percentile1 = 0.95\n var percentile2 = 0.99"))
    found = read_report_series(str(path))
    assert numbers(found) == [(0, 9, 180, 0), (9, 14, 150, 5)]
    assert found is not None
    assert [each.times for each in found.intervals] == [(None, 8, None), (None, None, None)]
    path.write_text(SCRIPT.format("").replace("stats_history", "x"))
    assert read_report_series(str(path)) is None
