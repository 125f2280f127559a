"""Tests of intervals of differences, and of what is large enough to matter."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from loadgate.difference import (
    Difference,
    each_of,
    may_be_missed,
    quantile_difference,
    quantile_shares,
    rate_difference,
    student,
    throughput_difference,
    time_difference,
)

REQUESTS = st.integers(1, 100_000)
RUN = REQUESTS.flatmap(lambda requests: st.tuples(st.integers(0, requests), st.just(requests)))
RUNS = st.lists(RUN, min_size=1, max_size=6)
TIMES = st.lists(st.floats(0.0, 60_000.0), min_size=1, max_size=6)


def rates(base: list[tuple[int, int]], head: list[tuple[int, int]]) -> Difference:
    """Return the difference of shares that there are."""
    found = rate_difference(base, head)
    assert found is not None
    return found


# --- right answers --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "base", "low", "high"),
    [
        # Newcombe 1998, table II, method 10
        pytest.param((56, 70), (48, 80), 0.0524, 0.3339, id="a"),
        pytest.param((9, 10), (3, 10), 0.1705, 0.8090, id="b"),
        pytest.param((10, 10), (0, 20), 0.6791, 1.0, id="f"),
        pytest.param((10, 10), (0, 10), 0.6075, 1.0, id="g"),
    ],
)
def test_newcombes_own_examples(
    head: tuple[int, int], base: tuple[int, int], low: float, high: float
) -> None:
    """One run each: the published intervals."""
    found = rates([base], [head])
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)
    assert (found.by, found.confidence, found.of) == ("requests", 0.95, "points")


@pytest.mark.parametrize(
    ("base", "head", "change"),
    [
        pytest.param([(1, 1629)], [(0, 1601)], "chance", id="one-and-none"),
        pytest.param([(0, 1629)], [(40, 1601)], "more", id="none-and-forty"),
        pytest.param([(40, 1601)], [(0, 1629)], "less", id="forty-and-none"),
        pytest.param([(10_000, 100_000)], [(11_000, 100_000)], "small", id="sure-and-small"),
        pytest.param([(0, 3)], [(3, 3)], "few", id="sure-and-few"),
        pytest.param([(0, 10**6)], [(0, 10**6)], "chance", id="none"),
        pytest.param([(7, 7)], [(7, 7)], "chance", id="all"),
        pytest.param([(9, 7)], [(0, 7)], "less", id="more-failures-than-requests"),
        pytest.param([(1, 1000)] * 4, [(20, 1000)] * 4, "more", id="runs-alike"),
        pytest.param([(1, 1000)] * 4, [(77, 1000), *[(1, 1000)] * 3], "chance", id="a-bad-run"),
        pytest.param([(0, 1000)] * 7, [(40, 1000)], "more", id="never-before"),
        pytest.param([(0, 1000)] * 3, [(40, 1000), (0, 1000), (0, 1000)], "chance", id="one-of-six"),
        pytest.param([(1, 1000), (30, 1000)] * 3, [(40, 1000)], "chance", id="had-that-before"),
        pytest.param([(0, 0), (0, 1000)], [(40, 1000)], "more", id="without-requests"),
    ],
)  # fmt: skip
def test_failures(base: list[tuple[int, int]], head: list[tuple[int, int]], change: str) -> None:
    """Counts tell what is chance; with several runs, how much these differ does."""
    assert rates(base, head).change == change


def test_runs_are_compared_not_requests() -> None:
    """The same sums are a difference in one run each, and none where runs differ as much."""
    base, head = [(0, 5000), (30, 5000), (2, 5000)], [(60, 5000), (3, 5000), (5, 5000)]
    sums = [[(sum(run[0] for run in side), 15_000)] for side in (base, head)]
    assert rates(*sums).change == "more"
    of_runs = rates(base, head)
    assert (of_runs.change, of_runs.by) == ("chance", "runs")


def test_a_group_without_requests_has_no_difference() -> None:
    """Neither has a group without times."""
    assert rate_difference([(0, 0)], [(1, 10)]) is None
    assert rate_difference([(1, 10)], []) is None
    assert time_difference([], [5.0, 6.0, 7.0]) is None
    assert time_difference([5.0], [6.0]) is None


@pytest.mark.parametrize(
    ("base", "head", "change"),
    [
        pytest.param([210.0, 220, 200, 215], [380.0, 390, 370, 400], "more", id="slower"),
        pytest.param([380.0, 390, 370, 400], [210.0, 220, 200, 215], "less", id="faster"),
        pytest.param([210.0, 220, 200, 215], [380.0], "more", id="one-run-slower"),
        pytest.param([200.0, 201, 202, 200], [220.0, 221, 219, 220], "small", id="a-tenth"),
        pytest.param([1.0, 1], [2.0], "chance", id="rounded-to-milliseconds"),
        pytest.param([10.0, 10, 10, 10], [14.0, 14, 14, 14], "small", id="few-milliseconds"),
        pytest.param([100.0, 300, 150], [310.0, 120, 240], "chance", id="runs-differ"),
        pytest.param([0.0, 0, 0], [0.0, 0, 0], "chance", id="nothing"),
        pytest.param([0.0, 0, 0], [90.0, 90, 91], "more", id="from-nothing"),
    ],
)
def test_response_times(base: list[float], head: list[float], change: str) -> None:
    """Runs are compared; a fifth and five milliseconds are the least that matters."""
    found = time_difference(base, head)
    assert found is not None
    assert (found.change, found.by, found.of) == (change, "runs", "ratio")


def test_the_interval_of_times_is_that_of_students_t() -> None:
    """Of logarithms with one variance, as SciPy has it; rounding adds next to nothing here."""
    base, head = [2_103.0, 2_187, 2_094], [2_511.0, 2_390, 2_452, 2_617]
    logs = [[math.log(time) for time in side] for side in (base, head)]
    low, high = stats.ttest_ind(logs[1], logs[0]).confidence_interval(0.95)
    found = throughput_difference(base, head)
    assert found is not None
    assert (found.low, found.high) == pytest.approx((math.exp(low), math.exp(high)))


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 5, 12, 13, 100])
@pytest.mark.parametrize("confidence", [0.5, 0.95, 0.9999])
def test_students_t(freedom: int, confidence: float) -> None:
    """It is SciPy's, without SciPy."""
    exact = stats.t.ppf((1 + confidence) / 2, freedom)
    assert student(confidence, freedom) == pytest.approx(exact)


@pytest.mark.parametrize(
    ("share", "requests", "shares"),
    [
        # 0.95 * 1600 = 1520, and 1.96 * sqrt(1600 * 0.95 * 0.05) = 17.09
        pytest.param(0.95, 1600, (1502 / 1600, 1539 / 1600), id="p95"),
        pytest.param(0.5, 100, (40 / 100, 61 / 100), id="median"),
        pytest.param(0.99, 100, None, id="too-few-above"),
        pytest.param(0.01, 100, None, id="too-few-below"),
        pytest.param(0.5, 0, None, id="no-requests"),
    ],
)
def test_order_statistics(share: float, requests: int, shares: tuple[float, float] | None) -> None:
    """A quantile is between requests of known ranks, if there are that many."""
    assert quantile_shares(share, requests, 0.95) == shares


def test_quantiles_of_one_run_each() -> None:
    """Two intervals become one, as Newcombe makes one of Wilson's: squared and added."""
    found = quantile_difference((90.0, 100.0, 110.0), (190.0, 200.0, 210.0), 0.95)
    below = math.hypot(math.log(200 / 190), math.log(110 / 100))
    above = math.hypot(math.log(210 / 200), math.log(100 / 90))
    assert (found.low, found.high) == pytest.approx((2 / math.exp(below), 2 * math.exp(above)))
    assert (found.change, found.by) == ("more", "requests")
    assert quantile_difference((1.0, 1.0, 1.0), (2.0, 2.0, 2.0), 0.95).change == "small"


@pytest.mark.parametrize(
    ("failures", "requests", "others", "missed"),
    [
        pytest.param(1, 1601, 1629, True, id="one-in-as-many"),
        pytest.param(40, 1601, 1629, False, id="forty-in-as-many"),
        pytest.param(40, 1601, 50, True, id="few-others"),
        pytest.param(3, 1000, 999, False, id="three-on-average"),
        pytest.param(3, 1000, 998, True, id="fewer-than-three"),
    ],
)
def test_what_others_may_miss(failures: int, requests: int, others: int, missed: bool) -> None:
    """With less than three on average, none at all happens in over one of twenty runs."""
    assert may_be_missed(failures, requests, others) == missed


def test_intervals_of_a_table_hold_together() -> None:
    """The more endpoints there are, the wider each interval is."""
    assert [each_of(number) for number in (0, 1, 5)] == [0.95, 0.95, pytest.approx(0.99)]
    one, many = (rate_difference([(1, 100)], [(9, 100)], each_of(number)) for number in (1, 50))
    assert one is not None
    assert many is not None
    assert many.low < one.low < one.high < many.high


# --- what always holds ----------------------------------------------------------------------------


@given(RUNS, RUNS)
def test_swapped_rates_are_mirrored(
    base: list[tuple[int, int]], head: list[tuple[int, int]]
) -> None:
    """What is more from here is less from there."""
    here, there = rates(base, head), rates(head, base)
    assert (-here.high, -here.low) == pytest.approx((there.low, there.high))
    mirrored = {"more": "less", "less": "more"}
    assert mirrored.get(here.change, here.change) == there.change
    assert -1 - 1e-9 <= here.low <= here.high <= 1 + 1e-9


@given(TIMES, TIMES)
def test_swapped_times_are_mirrored(base: list[float], head: list[float]) -> None:
    """As are ratios."""
    here, there = time_difference(base, head), time_difference(head, base)
    assert (here is None) == (there is None) == (len(base) + len(head) < 3)
    if here is not None and there is not None:
        assert math.log(here.low) == pytest.approx(-math.log(there.high), abs=1e-9)
        mirrored = {"more": "less", "less": "more"}
        assert mirrored.get(here.change, here.change) == there.change


def test_however_little_is_known_there_are_numbers() -> None:
    """Three runs that differ wildly, in a table of many endpoints."""
    found = time_difference([1.0, 60_000.0], [9.0], each_of(10_000))
    assert found is not None
    assert 0 < found.low < found.high < math.inf


@given(RUNS, TIMES)
def test_a_group_and_itself_do_not_differ(runs: list[tuple[int, int]], times: list[float]) -> None:
    """Whatever the group is."""
    assert rates(runs, runs).change == "chance"
    of_times = time_difference(times, times)
    assert of_times is None or of_times.change == "chance"


@given(RUN, RUN, st.integers(2, 6))
def test_more_runs_of_the_same_narrow_the_interval(
    base: tuple[int, int], head: tuple[int, int], runs: int
) -> None:
    """From two runs on: before, nothing is known of how much runs differ."""
    few, more = (rates([base] * number, [head] * number) for number in (runs, runs + 1))
    assert more.high - more.low < few.high - few.low


@given(st.floats(0.0, 60_000.0), st.floats(0.0, 60_000.0), st.integers(2, 6))
def test_more_times_of_the_same_narrow_the_interval(base: float, head: float, runs: int) -> None:
    """As those of failures."""
    few, more = (time_difference([base] * number, [head] * number) for number in (runs, runs + 1))
    assert few is not None
    assert more is not None
    assert few.low < more.low <= more.high < few.high


@given(RUN, RUN)
def test_a_rate_is_in_its_own_interval(base: tuple[int, int], head: tuple[int, int]) -> None:
    """Rounding puts it out of none."""
    assume(base[1] and head[1])
    found = rates([base], [head])
    assert found.low <= head[0] / head[1] - base[0] / base[1] <= found.high
