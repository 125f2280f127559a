"""Tests of the words for numbers and checks."""

from __future__ import annotations

import json
from fractions import Fraction
from html import unescape

import pytest
from builders import (
    check,
    classification,
    endpoint_result,
    failure_kind,
    limit_of,
    metric,
    policy,
    run,
    threshold,
    verdict,
)
from conftest import Pinned
from hypothesis import given

from loadgate.gate import evaluate
from loadgate.model import Check
from loadgate.render import FORMATS, FormatName, render
from loadgate.render import words as wording
from loadgate.share import share

from .strategies import FRACTIONS, PROPERTY


@pytest.mark.parametrize(
    ("name", "value", "limit", "text"),
    [
        pytest.param("true_failure_rate", Fraction(881, 825_874), "0.1%", "0.107%", id="rate"),
        pytest.param("true_failure_rate", Fraction(1, 1000), "0.1%", "0.1%", id="at-the-limit"),
        pytest.param("true_failure_rate", limit_of("0.1001%"), "0.1%", "0.1001%", id="just-over"),
        pytest.param("true_failure_rate", limit_of("0.09999%"), "0.1%", "0.09999%", id="under"),
        pytest.param("true_failure_rate", Fraction(0), "0%", "0%", id="none"),
        pytest.param("true_failure_rate", Fraction(1, 10**12), "0%", "1.00e-10%", id="tiny"),
        pytest.param("true_failure_rate", Fraction(1, 3), "33.3333333333333333%",
                     "just over 33.3333333333%", id="closer-than-twelve-digits"),
        pytest.param("true_failure_rate", limit_of("33.3333333333333%"), "33.3333333333333%",
                     "33.3333333333%", id="a-limit-of-many-digits"),
        pytest.param("true_failure_rate", 1 - Fraction(1, 10**20), "100%",
                     "just under 100%", id="almost-all"),
        pytest.param("p95", Fraction("812.4999"), "1s", "812 ms", id="latency"),
        pytest.param("p95", Fraction("12345.6"), "1s", "12,346 ms", id="whole-milliseconds"),
        pytest.param("p95", Fraction(10**300), "1s", "1.00e+300 ms", id="absurd"),
        pytest.param("rps", Fraction("205.37"), "100", "205/s", id="throughput"),
        pytest.param("failures", Fraction(825_874), "1", "825,874", id="count"),
        pytest.param("failures", Fraction(1, 2), "1", "0.5", id="half-a-count"),
    ],
)  # fmt: skip
def test_a_value_has_the_digits_that_its_limit_asks_for(
    name: str, value: Fraction, limit: str, text: str
) -> None:
    """Numbers are short, but on the same side of the limit as the exact value."""
    assert wording.value_text(metric(name), value, limit_of(limit)) == text


@PROPERTY
@given(FRACTIONS, FRACTIONS)
def test_a_value_never_crosses_its_limit(value: Fraction, limit: Fraction) -> None:
    """What is shown compares with the limit as the exact value does, or says which side."""
    text = wording.value_text(metric("true_failure_rate"), value, limit)
    if text.startswith("just"):
        assert ("over" in text) == (value > limit)
    else:
        shown = Fraction(text.rstrip("%").replace(",", "")) / 100
        assert value == limit or ((shown > limit) == (value > limit) and shown != limit)


@PROPERTY
@given(FRACTIONS, FRACTIONS)
def test_two_values_compare_as_they_are_shown(value: Fraction, other: Fraction) -> None:
    """A limit that was computed is rounded no more than the value beside it allows."""
    one, two = wording.pair_text(metric("true_failure_rate"), value, other)
    if one.startswith("just"):
        assert ("over" in one) == (value > other)
    else:
        shown, beside = (Fraction(text.rstrip("%").replace(",", "")) for text in (one, two))
        assert (shown < beside, shown > beside) == (value < other, value > other)


@pytest.mark.parametrize(
    ("value", "other", "texts"),
    [
        pytest.param("0.1318%", "0.1316%", ("0.1318%", "0.1316%"), id="both-have-more-digits"),
        pytest.param("0.13181%", "0.13181%", ("0.132%", "0.132%"), id="equal"),
        pytest.param(
            "33.33333333333334%",
            "33.33333333333333%",
            ("just over 33.3333333333%", "33.3333333333%"),
            id="closer-than-twelve-digits",
        ),
        pytest.param("5%", "-0.05%", ("5%", "-0.05%"), id="below-zero"),
    ],
)
def test_pairs(value: str, other: str, texts: tuple[str, str]) -> None:
    """Both values have as many digits as it takes."""
    assert wording.pair_text(metric(), limit_of(value), limit_of(other)) == texts


@pytest.mark.parametrize(
    ("told", "mark"),
    [
        pytest.param(
            check("p95 <= baseline + 10%", actual="41ms", limit="110ms", baseline="100ms"),
            "passed", id="baseline"),
        pytest.param(
            check("p95 <= baseline", actual=None, limit="110ms", baseline="100ms",
                  result="missing", note="why"),
            "FAILED", id="no-value"),
        pytest.param(
            check("p95 <= baseline", actual="41ms", result="missing", note="why"),
            "FAILED", id="no-limit"),
        pytest.param(check(), "passed", id="passed"),
        pytest.param(
            check("p95 <= 0.8s", actual="812ms", result="failed", endpoint="GET /a", note="why"),
            "FAILED", id="failed"),
        pytest.param(
            check("rps >= 5", actual="4", result="failed", severity="warning"),
            "warning", id="warning"),
        pytest.param(
            check("expected_failure_rate <= 25%", actual="26%", result="failed", rule="r"),
            "FAILED", id="budget"),
        pytest.param(
            check(actual="0%", result="not-enough-data", note="5 of the 10 requests it needs"),
            "skipped", id="skipped"),
        pytest.param(
            check(actual=None, result="missing", endpoint="GET /b", note="no match"),
            "FAILED", id="no-such-endpoint"),
        pytest.param(
            check("duration >= 5m", actual=Fraction(87), result="failed"),
            "FAILED", id="duration"),
        pytest.param(
            check("duration >= 60m", actual=Fraction(3599, 2), result="failed"),
            "FAILED", id="half-a-second"),
        pytest.param(
            Check(require="duration >= baseline - 10%", endpoint=None, metric=metric("duration"),
                  actual=Fraction(7325), limit=Fraction(270), result="passed", severity="error",
                  baseline=Fraction(300)),
            "passed", id="duration-of-the-baseline"),
        pytest.param(
            Check(require="duration >= baseline - 10%", endpoint=None, metric=metric("duration"),
                  actual=None, limit=Fraction(559, 2), result="missing", severity="error",
                  baseline=Fraction(621, 2)),
            "FAILED", id="no-duration"),
    ],
)  # fmt: skip
def test_a_check_is_told_in_one_sentence(told: Check, mark: str, pinned: Pinned) -> None:
    """Which limit, which value, which endpoint, and what to do where there is no value."""
    (one,) = wording.check_lines(verdict(told))
    assert one.mark == mark
    pinned(one.sentence)


def test_checks_that_fail_come_first() -> None:
    """The order is failed, warning, skipped, passed, and else that of the policy."""
    checks = [
        check(),
        check("p50 <= 1s", actual="2s", result="failed", severity="warning"),
        check("p95 <= 1s", actual=None, result="not-enough-data"),
        check("p99 <= 1s", actual="2s", result="failed"),
        check("avg <= 1s", actual="2s", result="failed"),
    ]
    assert [one.check for one in wording.check_lines(verdict(*checks))] == [
        checks[3],
        checks[4],
        checks[1],
        checks[2],
        checks[0],
    ]


FAILED = check(result="failed")


@pytest.mark.parametrize(
    "checks",
    [
        pytest.param([check()], id="one"),
        pytest.param([check(), check()], id="two"),
        pytest.param(
            [check(), check(result="not-enough-data"), check(result="failed", severity="warning")],
            id="others",
        ),
        pytest.param([FAILED], id="failed"),
        pytest.param([FAILED] * 2, id="two-failed"),
        pytest.param([FAILED] * 3, id="three-failed"),
    ],
)
def test_the_headline_says_why(checks: list[Check], pinned: Pinned) -> None:
    """The first check that failed, or how many hold."""
    pinned(wording.headline(verdict(*checks)))


@pytest.mark.parametrize(
    ("rows", "exceptions", "alarms"),
    [
        pytest.param([(10, 9)], 0, "", id="nothing"),
        pytest.param([(10, 10)], 1, "; every request to GET /0 was a true failure; 1 task exception", id="one-of-each"),
        pytest.param([(10, 10), (1, 1)], None, "; every request to GET /0 and 1 more endpoint was a true failure", id="two"),
        pytest.param([(10, 12), (1, 1), (2, 2)], 14_715, "; every request to GET /0 and 2 more endpoints was a true failure; 14,715 task exceptions", id="three"),
        pytest.param([(0, 3)], None, "", id="no-requests"),
    ],
)  # fmt: skip
def test_the_headline_hides_no_alarm(
    rows: list[tuple[int, int]], exceptions: int | None, alarms: str
) -> None:
    """Whatever the verdict is, endpoints where everything failed and exceptions stand in it."""
    endpoints = [
        endpoint_result(f"/{number}", method="GET", requests=requests, expected=0, true=true)
        for number, (requests, true) in enumerate(rows)
    ]
    of = classification(of=run(task_exceptions=exceptions), endpoints=endpoints)
    assert wording.headline(verdict(of=of)) == f"1 check passed{alarms}"
    nothing = verdict(of=of, outcome="no-evidence")
    assert wording.headline(nothing) == f"no requests were made{alarms}"


@pytest.mark.parametrize("form", [name for name in FORMATS if name != "csv"])
def test_every_output_says_what_passed(form: FormatName) -> None:
    """No limit, an endpoint where everything failed and exceptions stand in all of them."""
    rows = [
        endpoint_result("/docs", method="GET", requests=10, expected=0, true=10),
        endpoint_result("/a", method="GET", requests=2574, expected=0),
    ]
    of = classification(of=run(task_exceptions=14_715), endpoints=rows, rules=[])
    judged = evaluate(of, policy(thresholds=[threshold("true_failure_rate <= 100%")]))
    assert judged.outcome == "passed"
    text = unescape(render(judged, form)).replace("%25", "%")
    shown = " ".join(text.split())
    assert "no limit on true failures" in shown
    assert "every request to GET /docs" in shown.replace("`", "")
    if form == "json":
        assert json.loads(text)["totals"]["task_exceptions"] == 14_715
    else:
        assert ("14,715 exceptions" if form == "codequality" else "14,715 task exceptions") in shown


def test_nothing_is_nameless() -> None:
    """An endpoint or an error text that is empty has words of its own."""
    kind = failure_kind("", method="", name="")
    assert (wording.endpoint(kind), wording.error(kind)) == ("(no name)", "(empty error text)")


@pytest.mark.parametrize(
    ("part", "requests", "expected"),
    [
        pytest.param(1, 4, Fraction(1, 4), id="share"),
        pytest.param(1, 0, Fraction(1), id="failures-without-requests"),
        pytest.param(5, 4, Fraction(1), id="more-failures-than-requests"),
        pytest.param(4, 4, Fraction(1), id="all"),
        pytest.param(0, 4, Fraction(0), id="none-of-some"),
        pytest.param(0, 0, None, id="neither"),
    ],
)
def test_a_share_of_no_requests(part: int, requests: int, expected: Fraction | None) -> None:
    """Failures without requests are all there is; none of none is no number."""
    assert share(part, requests) == expected
