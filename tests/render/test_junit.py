"""Tests of a verdict as a JUnit report."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from builders import check, classification, failure_kind, verdict
from hypothesis import given

from loadgate.model import Check, Verdict
from loadgate.published import address
from loadgate.render import render

from .cases import CASES
from .strategies import PROPERTY, verdicts


def suite(of: Verdict) -> ET.Element:
    """Return the parsed report."""
    return ET.fromstring(render(of, "junit"))  # noqa: S314 - it is our own output


@PROPERTY
@given(verdicts())
def test_any_verdict_is_well_formed(of: Verdict) -> None:
    """Whatever the texts, a parser reads the report, and its numbers are those of its cases."""
    root = suite(of)
    cases = root.findall("testcase")
    assert len({case.attrib["name"] for case in cases}) == len(cases)
    assert len(cases) == len(of.checks) + (of.outcome == "no-evidence")
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        assert int(root.attrib[name]) == len(root.findall(f"testcase/{tag}"))
    assert int(root.attrib["tests"]) == len(cases)
    severe = [c for c in of.checks if c.result in {"failed", "missing"} and c.severity == "error"]
    broken = int(root.attrib["failures"]) + int(root.attrib["errors"])
    assert broken == len(severe) + (of.outcome == "no-evidence")


def test_each_result_has_its_element() -> None:
    """Failed is a failure, without a number an error, without data skipped, a warning passes."""
    root = suite(
        verdict(
            check(result="failed", actual="1%"),
            check(result="missing", actual=None),
            check(result="not-enough-data", actual=None),
            check(result="failed", actual="1%", severity="warning"),
            check(endpoint="GET /a"),
            outcome="failed",
        )
    )
    elements = [[child.tag for child in case] for case in root.findall("testcase")]
    assert elements == [["failure"], ["error"], ["skipped"], ["system-out"], ["system-out"]]
    case = root.findall("testcase")[4]
    assert case.attrib == {
        "classname": "loadgate.run",
        "name": "true_failure_rate of GET /a",
        "time": "0",
    }
    assert case.findtext("system-out") == "true_failure_rate is 0%, must be <= 0.1%, for GET /a"


def names(*checks: Check) -> list[str]:
    """Return the names of the cases of these checks."""
    return [case.attrib["name"] for case in suite(verdict(*checks)).findall("testcase")]


def test_a_case_keeps_its_name_when_a_limit_or_a_result_changes() -> None:
    """What a server shows over many builds is one test; its limit stands in the message."""
    before = (
        check("p95 <= 800ms", endpoint="GET /a", actual="9ms"),
        check("true_failure_rate <= 1%"),
        check(
            "p95 <= baseline + 10%", endpoint="GET /a", actual="9ms", limit="9ms", baseline="8ms"
        ),
        check("expected_failure_rate <= 25%", endpoint="GET /a", actual="1%", rule="conflict"),
    )
    after = (
        check("p95 < 1.5s", endpoint="GET /a", actual="2s", result="failed"),
        check("true_failure_rate <= 0.05%", result="failed", severity="warning"),
        check(
            "p95 <= baseline + 2ms", endpoint="GET /a", actual="9ms", limit="7ms", baseline="5ms"
        ),
        check("expected_failure_rate <= 3%", endpoint="GET /a", actual="4%", rule="conflict"),
    )
    assert names(*before) == names(*after)
    assert names(*before) == [
        "p95 of GET /a",
        "true_failure_rate of the whole run",
        "p95 of GET /a (baseline)",
        "budget of rule conflict at GET /a",
    ]


def test_limits_on_one_metric_have_names_of_their_own() -> None:
    """A lower limit is told from an upper one; what is still the same is numbered in its order."""
    two = [check(f"users {limit}", actual="5") for limit in ("<= 9", ">= 1", "< 8", "< 7")]
    assert names(*two, check(endpoint="")) == [
        "users of the whole run",
        "users of the whole run (minimum)",
        "users of the whole run (2)",
        "users of the whole run (3)",
        "true_failure_rate of (no name)",
    ]


def test_a_failure_names_its_causes() -> None:
    """The value is in the message; the failures it may be about, and no others, in the body."""
    failure = suite(CASES["failed-threshold"]).findall("testcase/failure")[1]
    assert failure.attrib["message"] == "p95 is 812 ms, must be <= 0.8s, for POST /rpc"
    assert failure.text is not None
    assert "400 true: POST /rpc: ConnectionRefusedError" in failure.text
    assert "/state" not in failure.text


def test_causes_are_bounded() -> None:
    """Of many kinds of failures the most frequent are named, the rest counted."""
    of = classification(failures=[failure_kind(f"error {number}") for number in range(100)])
    failure = suite(verdict(check(result="failed"), of=of)).find("testcase/failure")
    assert failure is not None
    assert (failure.text or "").endswith(
        f"and 86 more failure kinds\nSee {address('red-build#exit-code-1')}"
    )


def test_no_evidence_is_an_error() -> None:
    """A run without requests is red, whatever its checks."""
    root = suite(verdict(outcome="no-evidence"))
    assert root.attrib["errors"] == "1"
    error = root.find("testcase/error")
    assert error is not None
    assert error.attrib["message"].startswith("no requests were made")


def test_partial_results_are_said() -> None:
    """The report's own output has the warnings and says that results are partial."""
    output = suite(CASES["partial"]).findtext("system-out") or ""
    assert "PARTIAL RESULTS" in output
    assert "warning: run.html counts 72 more requests" in output
