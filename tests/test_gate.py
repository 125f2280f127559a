"""Tests of the gate: the verdict on a classification."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from itertools import product
from statistics import NormalDist
from typing import Literal

import builders
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadgate.baseline import ABSENT
from loadgate.classify import classify
from loadgate.gate import evaluate
from loadgate.model import (
    UNEXPLAINED,
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
    TimeSource,
    Verdict,
)
from loadgate.patterns import EndpointPattern
from loadgate.rules.thresholds import run_threshold

HOW_LONG = (
    "no file says how long the run took; keep Locust's _stats_history.csv beside the statistics"
)
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
    (found,) = demanded(judge(one, total=total, task_exceptions=task_exceptions))
    return found


def demanded(verdict: Verdict) -> tuple[Check, ...]:
    """Return the checks of what the policy demands, without the default one."""
    return tuple(one for one in verdict.checks if one.note != "default limit")


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
            "p50, p95",
            id="no-such-percentile",
        ),
        pytest.param(
            "p99",
            "latency",
            result(),
            "p50, p95",
            id="not-available",
        ),
        pytest.param(
            "p50",
            "latency",
            result(latency=Latency()),
            "avg, median or max",
            id="none",
        ),
        pytest.param(
            "avg",
            "latency",
            result(latency=Latency()),
            "do not say",
            id="no-average",
        ),
        pytest.param(
            "rps",
            "throughput",
            result(rps=None),
            "do not say",
            id="no-rps",
        ),
        pytest.param(
            "task_exceptions",
            "count",
            result(),
            "_exceptions.csv",
            id="exceptions",
        ),
    ],
)
def test_a_number_that_is_not_there_fails(
    metric: str, kind: MetricKind, total: EndpointResult, note: str
) -> None:
    """A threshold on a number that the files do not have is missing, which fails the gate."""
    verdict = judge(threshold(metric, kind, operator=">="), total=total)
    assert verdict.outcome == "failed"
    (found,) = demanded(verdict)
    assert found.result == "missing"
    assert note in found.note


def test_no_requests_are_no_evidence() -> None:
    """Without requests there is no verdict, whatever the thresholds say."""
    nothing = result(requests=0)
    one = threshold("requests", "count", Fraction(0))
    verdict = judge(one, threshold(), threshold("avg", "latency"), total=nothing)
    assert verdict.outcome == "no-evidence"
    assert [(found.result, found.note) for found in demanded(verdict)] == [
        ("passed", ""),
        ("missing", "no requests"),
        ("missing", "no requests"),
    ]
    assert judge(threshold(), total=result(requests=0, true=5)).outcome == "no-evidence"
    (found,) = demanded(judge(threshold(endpoint="/x"), total=nothing))
    assert found.result == "missing"
    assert found.note


def test_endpoints_are_held_one_by_one() -> None:
    """A threshold on endpoints fails if any matching one does; others do not count."""
    verdict = judge(
        threshold(endpoint="/a/**"),
        endpoints=(result("/a/1", true=2), result("/a/2"), result("/b", true=9)),
    )
    assert [(found.endpoint, found.result) for found in demanded(verdict)] == [
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
    (found,) = demanded(verdict)
    assert found.note.endswith("(optional)" if optional else "optional = true")
    assert found == Check(
        require=one.require,
        endpoint="/x",
        metric=one.metric,
        actual=None,
        limit=Fraction(1, 1000),
        result="not-enough-data" if optional else "missing",
        severity="error",
        note=found.note,
    )


def test_failures_without_requests_are_all_failures() -> None:
    """An endpoint with failures and no requests has a rate of 100 %."""
    verdict = judge(
        threshold(endpoint="/x", confidence=0.95), endpoints=(result("/x", requests=0, true=3),)
    )
    assert demanded(verdict)[0].actual == 1
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
    (found,) = demanded(evaluate(classify(quiet, of), of))
    assert found.note == ", ".join(ids[:named]) + more


def test_idle_carve_outs_of_endpoints_that_never_occur_are_counted() -> None:
    """A carve-out that matches no endpoint protects nothing; one that waits is as it should be."""
    rules = [
        builders.rule("waits", endpoint="POST /x", excuses=False),
        builders.rule("mistyped", endpoint="POST /y", excuses=False),
    ]
    of = builders.policy(*rules, thresholds=[builders.threshold("idle_rules <= 0")])
    quiet = builders.run(endpoints=[builders.stats("/x", requests=10, failures=0)])
    (found,) = demanded(evaluate(classify(quiet, of), of))
    assert (found.result, found.note) == ("failed", "mistyped")


def test_warnings_never_fail() -> None:
    """A threshold of severity warning is shown as failed, but the gate passes."""
    verdict = judge(threshold(severity="warning"), total=result(true=5))
    assert [one.result for one in verdict.checks] == ["passed", "failed"]
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
    by = "0.95 Wilson bound of 1,000 requests"
    assert "but not" in found.note
    assert by in found.note
    beyond = check(one, total=result(true=20)).note
    assert "even" in beyond
    assert by in beyond


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
        globs=(),
        excuses=True,
        why="because",
        at_most=at_most,
        at_most_text="so much",
    )
    use = BudgetUse(rule=rule, stats=result("/a").stats, expected=expected)
    verdict = judge(budgets=(use,))
    assert verdict.outcome == ("passed" if passes else "failed")
    assert demanded(verdict) == (
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


# --- the default limit ------------------------------------------------------------------------------

DEFAULT = "true_failure_rate <= 1%"


def held(*thresholds: Threshold, true: int = 13, requests: int = 100) -> Verdict:
    """Hold a run of one endpoint, `POST STATE`, of which 13 of 100 requests truly failed."""
    row = builders.endpoint_result(requests=requests, expected=0, true=true)
    of = builders.classification(endpoints=[row], rules=())
    return evaluate(of, builders.policy(thresholds=thresholds))


@pytest.mark.parametrize(
    "thresholds",
    [
        pytest.param([], id="none"),
        pytest.param([builders.threshold("p95 <= 800ms")], id="another-metric"),
        pytest.param(
            [builders.threshold("true_failure_rate <= 5%", endpoint="GET /docs/**", optional=True)],
            id="an-endpoint-that-never-occurs",
        ),
        pytest.param(
            [builders.threshold("true_failure_rate <= 50%", endpoint="POST /**")],
            id="an-endpoint-that-passes",
        ),
        pytest.param(
            [builders.threshold("true_failure_rate <= 50%", severity="warning")], id="a-warning"
        ),
        pytest.param(
            [builders.threshold("true_failure_rate <= 50%", min_requests=101)], id="skipped"
        ),
        pytest.param([builders.threshold("true_failures >= 0")], id="from-below"),
        pytest.param([builders.threshold("expected_failure_rate <= 50%")], id="expected-ones"),
        pytest.param([builders.threshold("status_5xx <= 50")], id="a-status"),
        pytest.param([builders.threshold("idle_rules <= 0")], id="of-rules"),
    ],
)
def test_the_default_limit_holds_beside_others(thresholds: list[Threshold]) -> None:
    """No limit elsewhere takes the default one away, and its check says which it is."""
    verdict = held(*thresholds)
    assert verdict.outcome == "failed"
    assert verdict.checks[0] == Check(
        require=DEFAULT,
        endpoint=None,
        metric=Metric(name="true_failure_rate", kind="rate"),
        actual=Fraction(13, 100),
        limit=Fraction(1, 100),
        result="failed",
        severity="error",
        note="default limit",
    )
    assert held(*thresholds, true=1).outcome == "passed"


def test_the_default_limit_holds_where_there_is_no_baseline() -> None:
    """A limit beside the baseline decides nothing on the first run."""
    one = builders.threshold("true_failure_rate <= baseline + 50%")
    row = builders.endpoint_result(requests=100, expected=0, true=13)
    of = builders.classification(endpoints=[row], rules=())
    verdict = evaluate(of, builders.policy(thresholds=[one]), ABSENT)
    assert [(each.require, each.result) for each in verdict.checks] == [
        (DEFAULT, "failed"),
        (one.require, "not-enough-data"),
    ]


@pytest.mark.parametrize(
    "require",
    [
        "true_failure_rate <= 20%",
        "true_failure_rate < 20%",
        "true_failures <= 20",
        "failure_rate <= 20%",
        "failures < 20",
    ],
)
def test_an_own_limit_replaces_the_default_one(require: str) -> None:
    """An error on true failures, or failures, of the whole run is what the team decided."""
    verdict = held(builders.threshold(require))
    assert [one.require for one in verdict.checks] == [require]
    assert verdict.outcome == "passed"
    assert verdict.classification.warnings == ()
    assert held(builders.threshold(require), true=21).outcome == "failed"


def test_budgets_replace_no_limit() -> None:
    """A budget is about expected failures; the default one comes before it."""
    use = builders.budget_use(stats_of=result("/a").stats)
    verdict = judge(budgets=(use,), total=result(true=500))
    assert [one.rule for one in verdict.checks] == [None, "state-conflict"]
    assert verdict.outcome == "failed"


@pytest.mark.parametrize(
    "require",
    [
        pytest.param("failure_rate <= 100%", id="all-failures"),
        pytest.param("true_failure_rate < 100%", id="all-but-everything"),
        pytest.param("true_failure_rate <= 99.9%", id="nearly-everything"),
        pytest.param("failure_rate <= 51%", id="most"),
        pytest.param("true_failures <= 1000000000", id="more-than-any-run-has"),
        pytest.param("failures <= 100", id="as-many-as-there-are-requests"),
        pytest.param("true_failures <= 99", id="all-but-one"),
        pytest.param("true_failures < 52", id="one-more-than-half"),
    ],
)
def test_the_default_limit_holds_beside_one_by_which_most_may_fail(require: str) -> None:
    """Such a limit takes no other's place, whatever it is on, and every output says so."""
    verdict = held(builders.threshold(require))
    assert [(one.require, one.result) for one in verdict.checks] == [
        (DEFAULT, "failed"),
        (require, "passed"),
    ]
    said = (
        f"{require} would pass a run of 100 requests in which most fail, so the default limit"
        f" {DEFAULT} holds, too; set a lower limit"
    )
    assert verdict.classification.warnings == (said,)
    assert held(builders.threshold(require), true=1).outcome == "passed"
    both = held(builders.threshold(require), builders.threshold("true_failures <= 13"))
    assert (both.outcome, both.classification.warnings) == ("passed", ())


@pytest.mark.parametrize("require", ["true_failure_rate <= 50%", "failures <= 50", "failures < 51"])
def test_a_limit_of_half_is_what_its_author_wants(require: str) -> None:
    """A run in which most fail does not meet it."""
    verdict = held(builders.threshold(require), true=50)
    assert [one.require for one in verdict.checks] == [require]
    assert (verdict.outcome, held(builders.threshold(require), true=51).outcome) == (
        "passed",
        "failed",
    )


@pytest.mark.parametrize("require", ["true_failure_rate <= 100%", "true_failure_rate <= 100.0%"])
def test_who_wants_no_limit_says_so(require: str) -> None:
    """It is allowed, and every output says that nothing limits true failures."""
    verdict = held(builders.threshold(require))
    assert verdict.outcome == "passed"
    assert [one.require for one in verdict.checks] == [require]
    said = f"no limit on true failures: {require} replaces the default {DEFAULT}"
    assert verdict.classification.warnings == (said,)
    with_another = held(builders.threshold("failures <= 99"), builders.threshold(require))
    assert with_another.classification.warnings == (said,)
    limited = held(builders.threshold(require), builders.threshold("true_failures <= 13"))
    assert limited.classification.warnings == ()
    skipped = held(builders.threshold(require, min_requests=101))
    assert skipped.outcome == "failed"


def test_a_limit_that_nothing_is_certain_enough_for_is_no_limit() -> None:
    """One of one failed: that is beyond 50 %, but never by the bound of one request."""
    limit = builders.threshold("true_failure_rate <= 50%", confidence=0.95)
    verdict = held(limit, true=1, requests=1)
    assert verdict.outcome == "failed"
    assert any("most fail" in text for text in verdict.classification.warnings)
    assert held(builders.threshold("true_failure_rate <= 20%", confidence=0.95)).outcome == "passed"


def test_a_run_without_requests_says_nothing_of_limits() -> None:
    """Nothing was judged, so there is nothing that a limit could have let pass."""
    verdict = held(builders.threshold("true_failures <= 5"), true=0, requests=0)
    assert verdict.outcome == "no-evidence"
    assert verdict.classification.warnings == ()


# --- what the checks may not show -------------------------------------------------------------------


def test_task_exceptions_are_pointed_out() -> None:
    """Exceptions outside of requests are mentioned unless a threshold looks at them."""
    (warning,) = judge(task_exceptions=1003).classification.warnings
    assert warning.startswith("1,003 exceptions")
    assert "task_exceptions <= 0" in warning
    assert judge(task_exceptions=0).classification.warnings == ()
    looking = threshold("task_exceptions", "count", Fraction(5000))
    assert judge(looking, task_exceptions=1003).classification.warnings == ()


def test_endpoints_where_everything_failed_are_pointed_out() -> None:
    """Ten of ten at one endpoint are lost in the rate of the whole run."""
    rows = (
        *(result(f"/{number}", requests=10, true=10) for number in range(7)),
        result("/most", requests=10, true=9),
        result("/expected", requests=10, expected=10),
        result("/no-requests", requests=0, true=3),
    )
    said = (
        "every request to GET /0 (10), GET /1 (10), GET /2 (10), GET /3 (10),"
        " GET /4 (10) and 2 more was a true failure"
    )
    passed = judge(total=result(requests=100_000, true=82), endpoints=rows)
    assert passed.outcome == "passed"
    remedy = '; to fail the gate on that, add true_failure_rate <= 50% with endpoint = "**"'
    assert passed.classification.warnings == (said + remedy,)
    failed = judge(total=result(requests=100, true=82), endpoints=rows)
    assert failed.classification.warnings == (said,)


# --- metrics of the run and by status ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "found"),
    [
        pytest.param("history", (Fraction(300), "passed", ""), id="history"),
        pytest.param("report", (Fraction(300), "passed", ""), id="report"),
        pytest.param("json", (Fraction(300), "passed", ""), id="json"),
        pytest.param(
            "failures",
            (Fraction(300), "passed", "from the first failure to the last"),
            id="failures",
        ),
        pytest.param("file", (None, "missing", HOW_LONG), id="file"),
    ],
)
def test_durations(source: TimeSource, found: tuple[Fraction | None, str, str]) -> None:
    """A run is as long as its files say, not as the time of a file makes believe."""
    of = builders.classification(of=builders.run(time=replace(builders.WHEN, source=source)))
    verdict = evaluate(of, builders.policy(thresholds=[run_threshold("duration >= 5m", "here")]))
    (one,) = demanded(verdict)
    assert (one.actual, one.result, one.note) == found


def test_a_run_whose_time_is_not_known_has_no_duration() -> None:
    """A limit on what nobody knows fails."""
    of = builders.classification(of=builders.run(time=None))
    verdict = evaluate(of, builders.policy(thresholds=[run_threshold("duration >= 5m", "here")]))
    (one,) = demanded(verdict)
    assert (one.result, one.note) == ("missing", HOW_LONG)


@pytest.mark.parametrize(
    ("users", "found"),
    [
        pytest.param(50, ("passed", ""), id="enough"),
        pytest.param(49, ("failed", ""), id="too-few"),
        pytest.param(
            None,
            (
                "missing",
                "_stats_history.csv",
            ),
            id="unknown",
        ),
    ],
)
def test_users(users: int | None, found: tuple[str, str]) -> None:
    """The peak of the simulated users is a metric."""
    of = builders.classification(of=builders.run(users=users))
    verdict = evaluate(of, builders.policy(thresholds=[run_threshold("users >= 50", "here")]))
    (one,) = demanded(verdict)
    result, note = found
    assert (one.result, bool(one.note)) == (result, bool(note))
    assert note in one.note


@pytest.mark.parametrize(
    ("metric", "of_run", "of_endpoint"),
    [
        pytest.param("status_5xx", 7, 4, id="server-errors"),
        pytest.param("status_503", 4, 1, id="one-status"),
        pytest.param("status_409", 10, 10, id="expected-ones-too"),
        pytest.param("status_4xx", 10, 10, id="client-errors"),
        pytest.param("status_429", 0, 0, id="none"),
        pytest.param("status_unknown", 20, 8, id="unknown-and-unexplained"),
    ],
)
def test_statuses(metric: str, of_run: int, of_endpoint: int) -> None:
    """Failures by the status that they had, of the run and of each endpoint, and as rates."""
    kinds = [
        builders.failure_kind("a", status=500, decision="true", count=3),
        builders.failure_kind("b", status=503, decision="true", count=1),
        builders.failure_kind("c", name="/other", status=503, decision="true", count=3),
        builders.failure_kind("d", status=409, count=10),
        builders.failure_kind("e", status=None, decision="true", count=6),
        builders.failure_kind(UNEXPLAINED, status=None, decision="true", count=2),
        builders.failure_kind("f", name="/other", status=None, decision="true", count=12),
    ]
    rows = [
        builders.endpoint_result(requests=200, expected=10, true=12),
        builders.endpoint_result("/other", requests=300, true=15),
    ]
    of = builders.classification(endpoints=rows, failures=kinds, rules=())
    limits = [
        builders.threshold(f"{metric} <= 1"),
        builders.threshold(f"{metric}_rate <= 1%"),
        builders.threshold(f"{metric} <= 1", endpoint=builders.STATE),
        builders.threshold(f"{metric}_rate <= 1%", endpoint=builders.STATE),
    ]
    verdict = evaluate(of, builders.policy(thresholds=limits))
    assert [one.actual for one in demanded(verdict)] == [
        of_run,
        Fraction(of_run, 500),
        of_endpoint,
        Fraction(of_endpoint, 200),
    ]


@pytest.mark.parametrize(
    ("require", "result"),
    [
        pytest.param("status_429 <= 2", "missing", id="over-with-those"),
        pytest.param("status_429 < 5", "missing", id="reached-with-those"),
        pytest.param("status_5xx <= 3", "passed", id="all-of-them-would-do"),
        pytest.param("status_429 >= 1", "passed", id="a-floor"),
        pytest.param("status_429 <= 1", "failed", id="over-without-those"),
        pytest.param("status_429_rate <= 24%", "missing", id="rate"),
        pytest.param("status_429_rate <= 25%", "passed", id="rate-that-holds"),
        pytest.param("status_unknown <= 3", "passed", id="unknown-has-them"),
        pytest.param("true_failures <= 5", "passed", id="of-any-status"),
    ],
)
def test_status_without_text(require: str, result: str) -> None:
    """A failure without an error text may have any status: an upper limit counts it."""
    kinds = [
        builders.failure_kind("a", status=429, decision="true", count=2),
        builders.failure_kind(UNEXPLAINED, status=None, decision="true", count=3),
    ]
    rows = [builders.endpoint_result(requests=20, true=5, unexplained=3)]
    of = builders.classification(endpoints=rows, failures=kinds, rules=())
    verdict = evaluate(of, builders.policy(thresholds=[builders.threshold(require)]))
    *_, one = demanded(verdict)
    assert one.result == result
    assert one.note.startswith("3 failures ") if result == "missing" else one.note == ""


@pytest.mark.parametrize(
    ("require", "actual", "result"),
    [
        pytest.param("status_5xx <= 2", 3, "failed", id="upper"),
        pytest.param("status_5xx < 4", 3, "passed", id="upper-that-holds"),
        pytest.param("status_500_rate <= 10%", Fraction(3, 20), "failed", id="rate"),
        pytest.param("status_5xx >= 2", 1, "failed", id="floor"),
        pytest.param("status_unknown <= 1", 2, "failed", id="unknown-all-the-same"),
    ],
)
def test_likely_statuses(require: str, actual: Fraction, result: str) -> None:
    """Against an upper limit a likely status counts, against a floor it does not."""
    kinds = [
        builders.failure_kind("a", status=500, decision="true", count=1),
        builders.failure_kind("b", likely=500, decision="true", count=2),
    ]
    rows = [builders.endpoint_result(requests=20, true=3)]
    of = builders.classification(endpoints=rows, failures=kinds, rules=())
    limits = [builders.threshold(require)]
    *_, one = demanded(evaluate(of, builders.policy(thresholds=limits)))
    assert (one.actual, one.result) == (actual, result)
    assert ("likely" in one.note) == (actual in {3, Fraction(3, 20)})


@pytest.mark.parametrize(("limit", "result"), [("99%", "missing"), ("100%", "passed")])
def test_status_without_text_and_requests(limit: str, result: str) -> None:
    """More failures without a text than requests are all of them, not more."""
    rows = [builders.endpoint_result(requests=2, true=5, unexplained=5)]
    kinds = [builders.failure_kind(UNEXPLAINED, status=None, decision="true", count=5)]
    of = builders.classification(endpoints=rows, failures=kinds, rules=())
    limits = [builders.threshold(f"status_503_rate <= {limit}")]
    *_, one = demanded(evaluate(of, builders.policy(thresholds=limits)))
    assert one.result == result


def test_more_texts_than_are_kept_lose_no_status() -> None:
    """Texts beyond the bound are rolled into one, of each status by itself."""
    rows = [
        builders.failure_row(f"HTTPError('{status} Server Error: {word} for url: /x')", count=1)
        for status in (500, 503)
        for word in map("".join, product("abcdefgh", repeat=3))
    ]
    each = 8**3
    of = builders.run(
        endpoints=[builders.stats(requests=10_000, failures=2 * each + 5)], failures=rows
    )
    limits = [
        builders.threshold(f"{name} <= 1", endpoint=where)
        for name in ("status_500", "status_503", "status_5xx", "status_unknown")
        for where in (None, builders.STATE)
    ]
    judged = builders.policy(thresholds=limits)
    sorted_ = classify(of, judged)
    assert len(sorted_.failures) < each
    assert [one.actual for one in demanded(evaluate(sorted_, judged))] == [
        each,
        each,
        each,
        each,
        2 * each,
        2 * each,
        5,
        5,
    ]


# --- more failures than requests --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("requests", "expected", "true", "rates"),
    [
        pytest.param(10, 0, 12, (1, 0, 1), id="more"),
        pytest.param(10, 4, 8, (1, Fraction(2, 5), Fraction(4, 5)), id="more-together"),
        pytest.param(0, 0, 3, (1, 0, 1), id="no-requests"),
        pytest.param(0, 3, 0, (1, 1, 0), id="no-requests-all-expected"),
    ],
)
def test_rates_are_never_above_all_nor_unknown(
    requests: int, expected: int, true: int, rates: tuple[Fraction | int, ...]
) -> None:
    """Failures without their requests count as 100 %, for endpoints and for the run."""
    row = result("/x", requests=requests, expected=expected, true=true)
    names = ("failure_rate", "expected_failure_rate", "true_failure_rate")
    verdict = judge(
        *(threshold(name, endpoint="/x") for name in names),
        *(threshold(name) for name in names),
        endpoints=(row,),
        total=row if requests else result(requests=10, true=12),
    )
    assert tuple(one.actual for one in demanded(verdict))[:3] == rates
    if requests:
        assert tuple(one.actual for one in demanded(verdict))[3:] == rates
    else:
        assert demanded(verdict)[0].note == "3 failures and no requests"
    assert verdict.outcome == "failed"
