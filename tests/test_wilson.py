"""Tests of the Wilson bound: whether a value is beyond a limit, and not by chance."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import binomtest

from loadgate.model import Operator
from loadgate.wilson import CERTAIN, beyond_for_good, holds, wilson_beyond

TENTH = Fraction(1, 10)


@pytest.mark.parametrize(
    ("operator", "below", "on", "above"),
    [
        pytest.param("<=", True, True, False, id="at-most"),
        pytest.param("<", True, False, False, id="below"),
        pytest.param(">=", False, True, True, id="at-least"),
        pytest.param(">", False, False, True, id="above"),
    ],
)
def test_limits_are_met_exactly(operator: Operator, *, below: bool, on: bool, above: bool) -> None:
    """A value on the limit meets the limits that include it."""
    values = [Fraction(99, 1000), TENTH, Fraction(101, 1000)]
    assert [holds(value, operator, TENTH) for value in values] == [below, on, above]


@pytest.mark.parametrize("operator", ["<", "<="])
@pytest.mark.parametrize("requests", [1, 5, 50])
def test_a_lower_limit_is_stricter(operator: Operator, requests: int) -> None:
    """What is beyond a limit is beyond each lower one; "< 100%" alone leaves nothing to chance."""
    limits = [Fraction(percent, 100) for percent in range(100)]
    for failures in range(requests + 1):
        actual = Fraction(failures, requests)
        beyond = [
            not holds(actual, operator, limit)
            and wilson_beyond(actual, requests, operator, limit, 0.95)
            for limit in limits
        ]
        assert beyond == sorted(beyond, reverse=True)
    assert wilson_beyond(Fraction(1), requests, "<", Fraction(1), 0.95)


@pytest.mark.parametrize(
    ("failures", "confidence", "beyond"),
    [
        # z = 1.645: 100 (p - 0.1)^2 must exceed 1.645^2 * 0.1 * 0.9 = 0.2435
        pytest.param(14, 0.95, False, id="14-of-100-may-be-chance"),
        pytest.param(15, 0.95, True, id="15-of-100-is-none"),
        # z = 2.326: 0.487
        pytest.param(16, 0.99, False, id="16-of-100-may-be-chance"),
        pytest.param(17, 0.99, True, id="17-of-100-is-none"),
        # z = 0.842: 0.0637
        pytest.param(12, 0.8, False, id="12-of-100-may-be-chance"),
        pytest.param(13, 0.8, True, id="13-of-100-is-none"),
    ],
)
def test_how_far_beyond_is_no_chance(failures: int, confidence: float, *, beyond: bool) -> None:
    """The bounds that a table of the Wilson score gives for at most 10 % of 100."""
    assert wilson_beyond(Fraction(failures, 100), 100, "<=", TENTH, confidence) is beyond


@pytest.mark.parametrize(
    ("operator", "beyond"),
    [
        pytest.param("<=", False, id="at-most"),
        pytest.param(">=", False, id="at-least"),
        pytest.param("<", True, id="below"),
        pytest.param(">", True, id="above"),
    ],
)
def test_a_bound_on_the_limit(operator: Operator, *, beyond: bool) -> None:
    """At confidence 0.5 the bound is the value: on the limit it misses only those without it."""
    assert wilson_beyond(TENTH, 100, operator, TENTH, 0.5) is beyond


@given(
    requests=st.integers(1, 100_000),
    share=st.floats(0, 1),
    limit=st.floats(0.0001, 0.9999),
    confidence=st.sampled_from([0.6, 0.8, 0.9, 0.95, 0.99, 0.999]),
)
def test_the_bounds_are_those_of_scipy(
    requests: int, share: float, limit: float, confidence: float
) -> None:
    """It computes them as Wilson wrote them, with a square root, for both sides."""
    failures = round(share * requests)
    actual = Fraction(failures, requests)
    most = actual > Fraction(limit)
    test = binomtest(failures, requests, alternative="greater" if most else "less")
    bounds = test.proportion_ci(confidence, method="wilson")
    bound = bounds.low if most else bounds.high
    assume(abs(bound - limit) > 1e-9)  # its numbers are rounded
    beyond = bound > limit if most else bound < limit
    operators: tuple[Operator, ...] = ("<=", "<") if most else (">=", ">")
    for operator in operators:
        found = wilson_beyond(actual, requests, operator, Fraction(limit), confidence)
        assert found == beyond


# --- while the run is on --------------------------------------------------------------------------


def ever_beyond(rate: float, looks: int, beyond: Callable[[int, int], bool]) -> float:
    """Return the chance that a run is beyond a limit at any of its requests, exactly."""
    alive, gone, least = np.array([1.0]), 0.0, 0
    for requests in range(1, looks + 1):
        alive = np.append(alive * (1 - rate), 0.0) + np.append(0.0, alive * rate)
        while least <= requests and not beyond(least, requests):
            least += 1
        gone += float(alive[least:].sum())
        alive = alive[:least]
    return gone


@pytest.mark.parametrize("limit", [Fraction(1, 10), Fraction(1, 100), Fraction(1, 1000)])
def test_a_run_at_the_limit_is_hardly_ever_beyond_it(limit: Fraction) -> None:
    """However often it is looked at; the bound for a single look is crossed far too often."""
    looks = 5_000

    def by_wilson(bad: int, requests: int) -> bool:
        rate = Fraction(bad, requests)
        return rate > limit and wilson_beyond(rate, requests, "<=", limit, CERTAIN)

    chance = ever_beyond(
        float(limit),
        looks,
        lambda bad, requests: beyond_for_good(Fraction(bad, requests), requests, "<=", limit),
    )
    assert 0 < chance <= 1 - CERTAIN
    assert ever_beyond(float(limit), looks, by_wilson) > 20 * (1 - CERTAIN)


@pytest.mark.parametrize(("times", "requests"), [(1.5, 20_000), (2, 4_000), (5, 400), (50, 10)])
def test_a_bad_run_is_soon_beyond_the_limit(times: float, requests: int) -> None:
    """With a limit of 1 %, by this many requests."""
    rate = Fraction(times / 100).limit_denominator(1000)
    assert beyond_for_good(rate, requests, "<=", Fraction(1, 100))
    assert not beyond_for_good(rate, requests // 10, "<=", Fraction(1, 100))


@pytest.mark.parametrize("operator", ["<=", "<"])
def test_a_lower_limit_is_an_upper_one_of_the_others(operator: Operator) -> None:
    """At least 90 % is at most 10 % of the others."""
    lower: Operator = ">=" if operator == "<=" else ">"
    for bad in range(101):
        assert beyond_for_good(Fraction(bad, 100), 100, operator, TENTH) == beyond_for_good(
            Fraction(100 - bad, 100), 100, lower, 1 - TENTH
        )


def test_limits_that_one_request_settles() -> None:
    """A failure where none is allowed cannot be undone; more than all cannot be."""
    assert beyond_for_good(Fraction(1, 10**6), 10**6, "<=", Fraction(0))
    assert not beyond_for_good(Fraction(0), 10**6, "<=", Fraction(0))
    assert not beyond_for_good(Fraction(1), 10**6, "<", Fraction(1))
    assert not beyond_for_good(Fraction(1), 0, "<=", TENTH)
    assert beyond_for_good(Fraction(2), 10, "<=", TENTH)
