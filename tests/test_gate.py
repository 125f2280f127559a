"""A classification and a policy in, the verdict out."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from statistics import NormalDist
from typing import Literal

import builders
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadgate.classify import classify
from loadgate.gate import evaluate
from loadgate.model import (
    BudgetUse,
    Check,
    Classification,
    EndpointResult,
    EndpointStats,
    Latency,
    Metric,
    MetricKind,
    Operator,
    Policy,
    Rule,
    Run,
    Severity,
    Threshold,
    Verdict,
)
from loadgate.patterns import EndpointPattern

LATENCY = Latency(
    avg=10.1, min=1.0, max=99.0, median=9.0, percentiles=(("50", 9.0), ("95", 50.0), ("99", None))
)


def result(
    name: str = "/a",
    *,
    requests: int = 1000,
    expected: int = 0,
    true: int = 0,
    latency: Latency = LATENCY,
    rps: float | None = 5.0,
) -> EndpointResult:
    """Return a GET endpoint with its failures sorted."""
    stats = EndpointStats(
        method="GET",
        name=name,
        requests=requests,
        failures=expected + true,
        latency=latency,
        rps=rps,
    )
    return EndpointResult(
        stats=stats, failures=expected + true, expected=expected, true=true, unexplained=0
    )


def threshold(
    metric: str = "true_failure_rate",
    kind: MetricKind = "rate",
    limit: Fraction = Fraction(1, 1000),
    *,
    operator: Operator = "<=",
    endpoint: str | None = None,
    optional: bool = False,
    min_requests: int = 0,
    confidence: float | None = None,
    severity: Severity = "error",
) -> Threshold:
    """Return a threshold; by default true_failure_rate <= 0.1%."""
    return Threshold(
        require=f"{metric} {operator} x",
        metric=Metric(
            name=metric, kind=kind, percentile=metric[1:] if metric.startswith("p") else None
        ),
        operator=operator,
        limit=limit,
        endpoint=None if endpoint is None else EndpointPattern.parse(endpoint),
        optional=optional,
        min_requests=min_requests,
        confidence=confidence,
        severity=severity,
    )


def judge(
    *thresholds: Threshold,
    total: EndpointResult | None = None,
    endpoints: tuple[EndpointResult, ...] = (),
    budgets: tuple[BudgetUse, ...] = (),
    task_exceptions: int | None = None,
) -> Verdict:
    """Hold a run against thresholds."""
    whole = total or result("Aggregated")
    classification = Classification(
        run=Run(
            label="run",
            sources=(),
            endpoints=(),
            total=whole.stats,
            failure_log=None,
            task_exceptions=task_exceptions,
        ),
        origins=(),
        total=whole,
        endpoints=endpoints,
        failures=(),
        rules=(),
        budgets=budgets,
        warnings=(),
    )
    policy = Policy(
        origins=(), rules=(), thresholds=thresholds, status_texts=(), today=date(2026, 11, 23)
    )
    return evaluate(classification, policy)


def check(
    one: Threshold, total: EndpointResult | None = None, task_exceptions: int | None = None
) -> Check:
    """Hold a run against one threshold and return the check."""
    (found,) = judge(one, total=total, task_exceptions=task_exceptions).checks
    return found


@pytest.mark.parametrize(
    ("operator", "true", "passes"),
    [
        pytest.param("<=", 1, True, id="at-most-on-the-limit"),
        pytest.param("<=", 2, False, id="at-most-above"),
        pytest.param("<", 1, False, id="below-on-the-limit"),
        pytest.param("<", 0, True, id="below"),
        pytest.param(">=", 1, True, id="at-least-on-the-limit"),
        pytest.param(">=", 0, False, id="at-least-below"),
        pytest.param(">", 1, False, id="above-on-the-limit"),
        pytest.param(">", 2, True, id="above"),
    ],
)
def test_rates_compare_exactly(operator: Operator, true: int, *, passes: bool) -> None:
    """0.1% of 1,000 is 1, and 1 is on the limit, not beside it."""
    verdict = judge(threshold(operator=operator), total=result(true=true))
    assert verdict.outcome == ("passed" if passes else "failed")
    assert verdict.checks[0].actual == Fraction(true, 1000)


@pytest.mark.parametrize(
    ("metric", "kind", "actual"),
    [
        pytest.param("requests", "count", Fraction(1000), id="requests"),
        pytest.param("failures", "count", Fraction(7), id="failures"),
        pytest.param("expected_failures", "count", Fraction(4), id="expected"),
        pytest.param("true_failures", "count", Fraction(3), id="true"),
        pytest.param("task_exceptions", "count", Fraction(2), id="exceptions"),
        pytest.param("failure_rate", "rate", Fraction(7, 1000), id="failure-rate"),
        pytest.param("expected_failure_rate", "rate", Fraction(4, 1000), id="expected-rate"),
        pytest.param("true_failure_rate", "rate", Fraction(3, 1000), id="true-rate"),
        pytest.param("avg", "latency", Fraction(101, 10), id="avg-is-decimal"),
        pytest.param("min", "latency", Fraction(1), id="min"),
        pytest.param("max", "latency", Fraction(99), id="max"),
        pytest.param("median", "latency", Fraction(9), id="median"),
        pytest.param("p95", "latency", Fraction(50), id="percentile"),
        pytest.param("rps", "throughput", Fraction(5), id="rps"),
    ],
)
def test_metrics(metric: str, kind: MetricKind, actual: Fraction) -> None:
    """Every metric has its value, in the unit of its kind."""
    found = check(threshold(metric, kind), total=result(expected=4, true=3), task_exceptions=2)
    assert (found.actual, found.note) == (actual, "")


@pytest.mark.parametrize(
    ("metric", "kind", "total", "note"),
    [
        pytest.param(
            "p97",
            "latency",
            result(),
            "not in the files, which have p50, p95, p99",
            id="no-such-percentile",
        ),
        pytest.param("p99", "latency", result(), "the files do not say", id="not-available"),
        pytest.param(
            "p50",
            "latency",
            result(latency=Latency()),
            "not in the files, which have no percentiles",
            id="none",
        ),
        pytest.param(
            "avg", "latency", result(latency=Latency()), "the files do not say", id="no-average"
        ),
        pytest.param("rps", "throughput", result(rps=None), "the files do not say", id="no-rps"),
        pytest.param(
            "task_exceptions", "count", result(), "there is no exceptions file", id="exceptions"
        ),
    ],
)
def test_a_number_that_is_not_there_fails(
    metric: str, kind: MetricKind, total: EndpointResult, note: str
) -> None:
    """A threshold on a number that the files do not have is missing, which fails the gate."""
    verdict = judge(threshold(metric, kind, operator=">="), total=total)
    assert verdict.outcome == "failed"
    assert verdict.checks[0].result == "missing"
    assert verdict.checks[0].note == note


def test_no_requests_are_no_evidence() -> None:
    """Without requests there is no verdict, whatever the thresholds say."""
    nothing = result(requests=0)
    one = threshold("requests", "count", Fraction(0))
    verdict = judge(one, threshold(), threshold("avg", "latency"), total=nothing)
    assert verdict.outcome == "no-evidence"
    assert [(found.result, found.note) for found in verdict.checks] == [
        ("passed", ""),
        ("missing", "no requests"),
        ("missing", "no requests"),
    ]
    assert judge(threshold(), total=result(requests=0, true=5)).outcome == "no-evidence"


def test_endpoints_are_held_one_by_one() -> None:
    """A threshold on endpoints fails if any matching one does; others do not count."""
    verdict = judge(
        threshold(endpoint="/a/**"),
        endpoints=(result("/a/1", true=2), result("/a/2"), result("/b", true=9)),
    )
    assert [(found.endpoint, found.result) for found in verdict.checks] == [
        ("GET /a/1", "failed"),
        ("GET /a/2", "passed"),
    ]
    assert verdict.outcome == "failed"


@pytest.mark.parametrize("optional", [True, False], ids=["optional", "required"])
def test_endpoints_that_never_occur(*, optional: bool) -> None:
    """An endpoint without requests or failures fails the gate unless it is optional."""
    one = threshold(endpoint="/x", optional=optional)
    verdict = judge(one, endpoints=(result("/x", requests=0), result("/y")))
    assert verdict.outcome == ("passed" if optional else "failed")
    assert verdict.checks[0].result == ("not-enough-data" if optional else "missing")
    assert verdict.checks[0] == Check(
        require=one.require,
        endpoint="/x",
        metric=one.metric,
        actual=None,
        limit=Fraction(1, 1000),
        result="not-enough-data" if optional else "missing",
        severity="error",
        note="no endpoint of the run matches" + (" (optional)" if optional else ""),
    )


def test_failures_without_requests_are_all_failures() -> None:
    """An endpoint with failures and no requests has a rate of 100 %."""
    verdict = judge(
        threshold(endpoint="/x", confidence=0.95), endpoints=(result("/x", requests=0, true=3),)
    )
    assert verdict.checks[0].actual == 1
    assert verdict.outcome == "failed"


def test_too_few_requests_do_not_fail() -> None:
    """Below min_requests a threshold is shown as not enough data."""
    found = check(threshold(min_requests=1001), total=result(true=500))
    assert found.result == "not-enough-data"
    assert "1,000 of the 1,001" in found.note
    assert check(threshold(min_requests=1000), total=result(true=500)).result == "failed"


def test_a_check_repeats_its_threshold() -> None:
    """Outputs say what was demanded, of what, and what it came to."""
    one = threshold(severity="warning")
    assert check(one, total=result(true=2)) == Check(
        require="true_failure_rate <= x",
        endpoint=None,
        metric=one.metric,
        actual=Fraction(2, 1000),
        limit=Fraction(1, 1000),
        result="failed",
        severity="warning",
        note="",
    )


@pytest.mark.parametrize(
    ("lengths", "named", "more"),
    [
        pytest.param([3] * 5, 5, "", id="all-that-there-are"),
        pytest.param([3] * 6, 5, " and 1 more", id="five-at-most"),
        pytest.param([3] * 1005, 5, " and 1,000 more", id="many"),
        pytest.param([29, 29, 3], 2, " and 1 more", id="two-just-fit"),
        pytest.param([29, 30, 3], 1, " and 2 more", id="two-are-too-wide"),
        pytest.param([13, 13, 13, 13, 3], 4, " and 1 more", id="four-fit"),
        pytest.param([32] * 5, 1, " and 4 more", id="long-names"),
        pytest.param([61], 1, "", id="one-is-named-however-long"),
    ],
)
def test_names_that_have_no_room_are_counted(lengths: list[int], named: int, more: str) -> None:
    """Two names are never cut into one: what does not fit is one more."""
    ids = [f"{n:x>{length}}" for n, length in enumerate(lengths)]
    rules = [builders.rule(one, endpoint=f"POST /{one}") for one in ids]
    of = builders.policy(*rules, thresholds=[builders.threshold("idle_rules <= 0")])
    quiet = builders.run(endpoints=[builders.stats(requests=10, failures=0)])
    (found,) = evaluate(classify(quiet, of), of).checks
    assert found.note == ", ".join(ids[:named]) + more


def test_warnings_never_fail() -> None:
    """A threshold of severity warning is shown as failed, but the gate passes."""
    verdict = judge(threshold(severity="warning"), total=result(true=500))
    assert verdict.checks[0].result == "failed"
    assert verdict.outcome == "passed"


def wilson(share: float, requests: int, z: float, side: Literal[-1, 1]) -> float:
    """Return the Wilson score bound by its textbook formula."""
    centre = share + z * z / (2 * requests)
    spread = z * (share * (1 - share) / requests + z * z / (4 * requests**2)) ** 0.5
    return float((centre + side * spread) / (1 + z * z / requests))


@given(
    st.integers(1, 5000),
    st.floats(0, 1),
    st.integers(1, 999),
    st.sampled_from([0.5, 0.9, 0.95, 0.999]),
    st.sampled_from(["<=", "<", ">=", ">"]),
)
def test_confidence_is_the_wilson_bound(
    requests: int, share: float, limit: int, confidence: float, operator: Operator
) -> None:
    """The exact comparison agrees with the textbook formula wherever that is not on the edge."""
    true = round(share * requests)
    one = threshold(limit=Fraction(limit, 1000), operator=operator, confidence=confidence)
    found = check(one, total=result(requests=requests, true=true))
    z = NormalDist().inv_cdf(confidence)
    if operator in {"<=", "<"}:
        distance = wilson(true / requests, requests, z, -1) - limit / 1000
    else:
        distance = limit / 1000 - wilson(true / requests, requests, z, 1)
    if abs(distance) > 1e-9:
        assert (found.result == "failed") is (distance > 0)


def test_confidence_says_what_it_did() -> None:
    """A limit exceeded only by chance passes, and the note says so."""
    one = threshold(confidence=0.95)
    found = check(one, total=result(true=2))
    assert found.result == "passed"
    by = "by the one-sided 0.95 Wilson bound of 1,000 requests"
    assert found.note == f"beyond the limit but not {by}"
    assert check(one, total=result(true=20)).note == f"beyond the limit even {by}"


@pytest.mark.parametrize(
    ("at_most", "expected", "passes"),
    [
        pytest.param(Fraction(1, 4), 250, True, id="on-the-budget"),
        pytest.param(Fraction(1, 4), 251, False, id="above"),
        pytest.param(Fraction(1, 4), 0, True, id="nothing-excused"),
        pytest.param(Fraction(0), 0, True, id="nothing-of-nothing"),
        pytest.param(Fraction(0), 1, False, id="one-of-nothing"),
    ],
)
def test_budgets(at_most: Fraction, expected: int, *, passes: bool) -> None:
    """Expected failures above their rule's budget fail the gate; a budget of 0% is one too."""
    rule = Rule(
        id="conflict",
        endpoint=EndpointPattern.parse("/a"),
        statuses=frozenset({409}),
        error=None,
        excuses=True,
        why="because",
        at_most=at_most,
        at_most_text="so much",
    )
    use = BudgetUse(rule=rule, stats=result("/a").stats, expected=expected)
    verdict = judge(budgets=(use,))
    assert verdict.outcome == ("passed" if passes else "failed")
    assert verdict.checks == (
        Check(
            require="expected_failure_rate <= so much",
            endpoint="GET /a",
            metric=Metric(name="expected_failure_rate", kind="rate"),
            actual=Fraction(expected, 1000),
            limit=at_most,
            result="passed" if passes else "failed",
            severity="error",
            rule="conflict",
            note=f"{expected:,} of 1,000 requests",
        ),
    )
