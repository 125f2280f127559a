"""Whether the numbers of two periods differ for a reason."""

from __future__ import annotations

import random
from itertools import repeat
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadgate import difference
from loadgate.difference import Counts
from loadgate.weekly import significance
from loadgate.weekly.model import Change
from loadgate.weekly.significance import compare_rates, compare_times, judge


def rates(now: list[int], before: list[int], *, requests: int = 1000) -> Change:
    """Judge shares of failures by themselves."""
    pair = compare_rates(
        [(failures, requests) for failures in now], [(failures, requests) for failures in before]
    )
    return judge([pair])[0]


def times(now: list[float], before: list[float]) -> Change:
    """Judge response times by themselves."""
    return judge([compare_times(now, before)])[0]


@pytest.mark.parametrize(
    ("now", "before", "direction"),
    [
        pytest.param([9, 8, 9, 12, 10], [1, 0, 2, 1, 1], "worse", id="more"),
        pytest.param([1, 0, 2, 1, 1], [9, 8, 9, 12, 10], "better", id="fewer"),
        pytest.param([9, 8, 9, 12, 10], [0, 0, 0, 0, 0], "worse", id="from-none"),
        pytest.param([9, 8, 9, 12, 10], [10, 8, 9, 11, 9], "same", id="alike"),
        pytest.param([9, 8, 9], [1, 0, 2], "unclear", id="too-few-runs"),
        pytest.param([0, 0, 0, 0, 900], [1, 0, 2, 1, 1], "unclear", id="one-wild-run"),
        pytest.param([1, 1, 1, 1, 1], [0, 0, 0, 0, 0], "unclear", id="hardly-any-failures"),
        pytest.param([5] * 5, [5] * 5, "same", id="all-the-same"),
        pytest.param([], [1, 2, 3, 4], "gone", id="gone"),
        pytest.param([1, 2, 3, 4], [], "new", id="new"),
        pytest.param([], [], "unclear", id="nothing"),
        pytest.param([9] * 12, [1] * 12, "worse", id="many-runs"),
        pytest.param([5] * 12, [5] * 12, "same", id="many-runs-all-the-same"),
    ],
)
def test_shares_of_failures(now: list[int], before: list[int], direction: str) -> None:
    """A change is marked where the runs support it and it matters."""
    assert rates(now, before).direction == direction


@pytest.mark.parametrize(
    ("now", "before", "direction"),
    [
        pytest.param([90, 95, 99, 92, 91], [50, 52, 51, 49, 50], "worse", id="slower"),
        pytest.param([50, 52, 51, 49, 50], [90, 95, 99, 92, 91], "better", id="faster"),
        pytest.param([52, 53, 52, 53, 52], [50, 50, 51, 50, 50], "same", id="hardly-slower"),
        pytest.param([8, 8, 8, 8, 8], [4, 4, 4, 4, 4], "same", id="few-milliseconds"),
        pytest.param([900, 50, 51, 52, 50], [50, 52, 51, 49, 50], "same", id="one-wild-run"),
    ],
)
def test_response_times(now: list[float], before: list[float], direction: str) -> None:
    """Medians of runs are compared; five milliseconds and a fifth are the least that matters."""
    assert times(now, before).direction == direction


@pytest.mark.parametrize("runs", [5, 500])
def test_the_medians_of_more_runs_are_no_more(monkeypatch: pytest.MonkeyPatch, runs: int) -> None:
    """A median sorts all runs of a side, so it is taken once for each side, not for each run."""
    taken: list[list[float]] = []

    def counted(times: list[float]) -> float:
        taken.append(times)
        return median(times)

    for module in (significance, difference):
        monkeypatch.setattr(module, "median", counted)
    compare_times([50.0 + run for run in range(runs)], [60.0 + run for run in range(runs)])
    assert [len(times) for times in taken] == [runs, runs, 2 * runs]


def test_the_exact_p_value_is_that_of_all_ways_to_deal() -> None:
    """Of 252 ways to deal ten runs out to two weeks, two are as extreme as this one."""
    assert times([6, 7, 8, 9, 10], [1, 2, 3, 4, 5]).p_value == pytest.approx(2 / 252)


def test_p_values_are_corrected_for_how_many_there_are() -> None:
    """One of twenty endpoints must show more than one alone would have to."""
    changed = compare_times([90.0, 91, 92, 93, 94], [50.0, 51, 52, 53, 54])
    same = compare_times([50.0, 53, 51, 52, 54], [50.5, 51.5, 52.5, 49.5, 53.5])
    assert judge([changed])[0].direction == "worse"
    family = judge([changed, *repeat(same, 19)])
    assert family[0].direction == "unclear"
    assert family[0].p_value == pytest.approx(20 * 2 / 252)
    assert judge([*repeat(changed, 10), *repeat(same, 10)])[0].p_value == pytest.approx(4 / 252)


def test_response_times_that_drift_need_a_larger_difference() -> None:
    """What runs of one week differ by, two weeks may differ by without a reason."""
    before = [100.0, 110, 90, 120, 80, 100]
    assert times([ms + 30 for ms in before], before).direction == "same"
    assert times([ms + 80 for ms in before], before).direction == "worse"


def test_what_is_not_tested_costs_the_others_nothing() -> None:
    """Endpoints without failures are no comparisons."""
    none = compare_rates([(0, 1000)] * 5, [(0, 1000)] * 5)
    changed = compare_times([6.0, 7, 8, 9, 10], [1.0, 2, 3, 4, 5])
    assert judge([changed, *repeat(none, 50)])[0].p_value == pytest.approx(2 / 252)
    assert judge([none])[0] == Change(
        direction="unclear", now=0, before=0, runs_now=5, runs_before=5, p_value=None, words=""
    )


def test_without_scipy_nothing_is_tested(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is new or gone is so all the same."""
    monkeypatch.setattr(significance, "testable", lambda: False)
    assert rates([9, 8, 9, 12, 10], [1, 0, 2, 1, 1]).direction == "unclear"
    assert rates([9], []).direction == "new"


@pytest.mark.parametrize(
    ("now", "before", "words"),
    [
        pytest.param([1], [1], "", id="same"),
        pytest.param([], [1], "", id="no-run"),
        pytest.param([1], [0], "none before", id="from-none"),
        pytest.param([0], [1], "none now", id="to-none"),
        pytest.param([20], [1], "20 times as many", id="twenty"),
        pytest.param([5], [2], "2.5 times as many", id="two-and-a-half"),
        pytest.param([4], [2], "twice as many", id="two"),
        pytest.param([3], [2], "50% more", id="half-more"),
        pytest.param([3], [4], "25% fewer", id="a-quarter-fewer"),
        pytest.param([1001], [1000], "", id="hardly-more"),
        pytest.param([1], [2], "half as many", id="half"),
        pytest.param([1], [3], "3 times fewer", id="a-third"),
    ],
)
def test_rates_in_words(now: list[int], before: list[int], words: str) -> None:
    """The size of a change, as people say it."""
    assert rates(now, before, requests=10_000).words == words


@pytest.mark.parametrize(
    ("now", "before", "words"),
    [
        pytest.param([150.0], [100.0], "50 ms (50%) slower", id="slower"),
        pytest.param([100.0], [150.0], "50 ms (33%) faster", id="faster"),
        pytest.param([100.2], [100.0], "", id="hardly"),
        pytest.param([100.0], [0.0], "100 ms slower", id="from-nothing"),
        pytest.param([100.0], [], "", id="no-run-before"),
    ],
)
def test_times_in_words(now: list[float], before: list[float], words: str) -> None:
    """In milliseconds and percent."""
    assert times(now, before).words == words


@given(st.lists(st.integers(0, 1000), max_size=20), st.lists(st.integers(0, 1000), max_size=20))
def test_any_runs_can_be_compared(now: list[int], before: list[int]) -> None:
    """And the other way round the direction turns."""
    found, turned = rates(now, before), rates(before, now)
    other = {"worse": "better", "better": "worse", "new": "gone", "gone": "new"}
    assert turned.direction == other.get(found.direction, found.direction)
    assert found.p_value is None or 0 <= found.p_value <= 1


def test_weeks_in_which_nothing_changed_are_mostly_quiet() -> None:
    """Bursty failures of 20 endpoints, 7 runs a week: hardly a week has a false alarm.

    (benchmarks/weekly_evidence.py measures it for many kinds of weeks.)
    """
    dealt = random.Random(7)  # noqa: S311 - a simulation

    def sample() -> Counts:
        bursts = [
            sum(dealt.randint(1, 40) for _ in range(3) if dealt.random() < 0.3) for _ in range(7)
        ]
        return [(failures, 2000) for failures in bursts]

    alarms = sum(
        any(one.direction in {"worse", "better"} for one in judge(family))
        for family in ([compare_rates(sample(), sample()) for _ in range(20)] for _ in range(100))
    )
    assert alarms <= 10


def test_a_real_change_is_mostly_found() -> None:
    """Five times as many failures at one of 20 endpoints."""
    dealt = random.Random(8)  # noqa: S311 - as above

    def sample(times: int = 1) -> Counts:
        return [(times * dealt.randint(5, 15), 2000) for _ in range(7)]

    found = sum(
        judge(
            [
                compare_rates(sample(5), sample()),
                *(compare_rates(sample(), sample()) for _ in range(19)),
            ]
        )[0].direction
        == "worse"
        for _ in range(50)
    )
    assert found >= 45
