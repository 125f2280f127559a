"""Limits are met or not by exact fractions: one failure more or less decides, whatever the size."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import ceil, floor

import pytest
from builders import STATE, failure_row, latency, limit_of, policy, rule, run, stats
from builders import threshold as build_threshold
from hypothesis import given
from hypothesis import strategies as st

from loadgate import load_policy
from loadgate.classify import classify
from loadgate.gate import evaluate
from loadgate.model import Threshold
from loadgate.rules.thresholds import command_line_thresholds

from .worlds import PROPERTY

REQUESTS = st.integers(1, 10**9)
PERCENT = st.tuples(st.integers(0, 100), st.integers(0, 8), st.integers(0, 10**8 - 1)).map(
    lambda of: f"{of[0]}.{of[2]:08}"[: len(str(of[0])) + 1 + of[1]].rstrip(".")
)
"""From 0 to below 101 with up to eight decimal places, as somebody would write it."""


def outcome(threshold: Threshold, failures: int, requests: int) -> str:
    """Judge a run with so many true failures."""
    of = run(endpoints=[stats(requests=requests, failures=failures)])
    judged = policy(thresholds=[threshold, written("true_failure_rate <= 100%")])
    return evaluate(classify(of, judged), judged).outcome


def written(require: str) -> Threshold:
    """Return a threshold as the command line reads it."""
    (found,) = command_line_thresholds([require])
    return found


@PROPERTY
@given(REQUESTS, PERCENT.filter(lambda text: Fraction(text) <= 100))
def test_a_rate_meets_its_limit_by_exact_fractions(requests: int, percent: str) -> None:
    """The largest number of failures that is within the limit passes; one more does not."""
    exact = Fraction(percent) / 100 * requests
    at_most, below = floor(exact), ceil(exact) - 1
    for operator, last in (("<=", at_most), ("<", below)):
        threshold = written(f"true_failure_rate {operator} {percent}%")
        if last >= 0:
            assert outcome(threshold, last, requests) == "passed"
        if last + 1 <= requests:
            assert outcome(threshold, last + 1, requests) == "failed"
    for operator, first in ((">=", ceil(exact)), (">", floor(exact) + 1)):
        threshold = build_threshold(f"true_failure_rate {operator} {percent}%")
        if first <= requests:
            assert outcome(threshold, first, requests) == "passed"
        if first > 0:
            assert outcome(threshold, first - 1, requests) == "failed"


@PROPERTY
@given(REQUESTS, PERCENT.filter(lambda text: 0 < Fraction(text) <= 100))
def test_a_budget_is_met_by_exact_fractions(requests: int, percent: str) -> None:
    """The last conflict within the budget passes, the next does not."""
    last = floor(Fraction(percent) / 100 * requests)
    judged = policy(rule(at_most=f"{percent}%"), thresholds=[written("true_failures <= 0")])
    for conflicts, expected in ((last, "passed"), (last + 1, "failed")):
        if 0 < conflicts <= requests:
            of = run(
                endpoints=[stats(requests=requests, failures=conflicts)],
                failures=[failure_row(count=conflicts)],
            )
            assert evaluate(classify(of, judged), judged).outcome == expected


@PROPERTY
@given(st.integers(0, 10**12))
def test_a_count_meets_its_limit_exactly(limit: int) -> None:
    """Counts beyond what a float can tell apart are told apart."""
    requests = 2 * limit + 2
    assert outcome(written(f"true_failures <= {limit}"), limit, requests) == "passed"
    assert outcome(written(f"true_failures <= {limit}"), limit + 1, requests) == "failed"
    assert outcome(written(f"true_failures < {limit + 1}"), limit, requests) == "passed"
    assert outcome(written(f"true_failures < {limit + 1}"), limit + 1, requests) == "failed"


@pytest.mark.parametrize("sign", ["<=", "<"])
@pytest.mark.parametrize("value", [0.1, 0.3, 1.1, 2.675, 800.0, 1e-7])
def test_a_latency_is_the_decimal_number_that_the_file_writes(value: float, sign: str) -> None:
    """0.1 in a file meets a limit of 0.1 ms: it is a tenth, not the nearest binary fraction."""
    times = latency(avg=value, percentiles=(("95", value),))
    row = stats(requests=10, failures=0, latency=times)
    of = run(endpoints=[row], total=replace(row, method="", name="Aggregated"))
    for metric in ("avg", "p95"):
        judged = policy(thresholds=[written(f"{metric} {sign} {value:.10f}ms")])
        expected = "passed" if sign == "<=" else "failed"
        assert evaluate(classify(of, judged), judged).outcome == expected


def test_the_seed_of_the_project_is_on_the_edge() -> None:
    """881 true failures in 825,874 requests: below 0.11 %, above 0.10 %."""
    of = run(
        endpoints=[stats(STATE, requests=825_874, failures=1000)],
        failures=[failure_row(count=119)],
    )
    for limit, expected in (("0.11%", "passed"), ("0.10%", "failed")):
        judged = load_policy("optimistic-locking", thresholds=[f"true_failure_rate <= {limit}"])
        assert evaluate(classify(of, judged), judged).outcome == expected


@PROPERTY
@given(
    st.integers(1, 10**6),
    st.sampled_from(("0%", "0.1%", "1%", "20%", "99%", "100%")),
    st.tuples(st.floats(0.5, 0.9999), st.floats(0.5, 0.9999)).map(sorted),
    st.tuples(st.fractions(0, 1), st.fractions(0, 1)).map(sorted),
)
def test_leeway_for_chance_is_bounded_and_only_shrinks(
    requests: int, limit: str, levels: list[float], shares: list[Fraction]
) -> None:
    """More failures, or less confidence asked for, never pass; within the limit nothing fails."""
    few, many = (floor(share * requests) for share in shares)
    results = {
        (level, failures): outcome(
            replace(written(f"true_failure_rate <= {limit}"), confidence=level), failures, requests
        )
        for level in levels
        for failures in (few, many)
    }
    low, high = levels
    for level in levels:
        assert (results[level, few], results[level, many]) != ("failed", "passed")
    for failures in (few, many):
        assert (results[low, failures], results[high, failures]) != ("passed", "failed")
        if failures <= limit_of(limit) * requests:
            assert results[low, failures] == results[high, failures] == "passed"
    if few < many and limit == "0%":
        assert results[high, many] == "failed"
