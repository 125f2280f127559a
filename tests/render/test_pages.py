"""Which page says more about a check, and about a verdict."""

from __future__ import annotations

import pytest
from builders import check, classification, failure_kind, run, verdict

from loadgate.model import Check
from loadgate.published import Page, address
from loadgate.render.verdict.pages import page_of, pages


@pytest.mark.parametrize(
    ("of", "page"),
    [
        pytest.param(check(), "red-build#exit-code-1", id="rate"),
        pytest.param(check("expected_failure_rate <= 5%", rule="x"), "budgets", id="budget"),
        pytest.param(check("p95 <= 1s"), "latency", id="latency"),
        pytest.param(check("p95 <= 1s", result="missing"), "how-it-decides", id="missing"),
        pytest.param(check("p95 <= baseline + 5ms", baseline="1ms"), "baseline", id="baseline"),
        pytest.param(check("p95 <= 1s after 60s"), "rules#windows", id="window"),
        pytest.param(check("idle_rules <= 0"), "keeping-rules", id="upkeep"),
        pytest.param(check("aborts <= 0"), "recorder", id="aborted"),
    ],
)
def test_a_check_has_a_page(of: Check, page: Page) -> None:
    """By what it limits, unless there is no number to limit."""
    assert page_of(of) == address(page)


def test_a_verdict_names_each_page_once() -> None:
    """What failed first, then what is doubtful; nothing where all is well."""
    assert pages(verdict(check())) == []
    likely = failure_kind("HTTP: 409", decision="true", status=None, likely=409)
    of = classification(
        of=run(partial=True, contradictions=("x",)), failures=[likely], warnings=("x", "y")
    )
    failed = [check(result="failed"), check(result="failed"), check(severity="warning", rule="r")]
    expected: list[Page] = [
        "red-build#exit-code-1",
        "inputs#what-stops-a-check",
        "red-build#warnings",
        "reading-statuses",
    ]
    assert pages(verdict(*failed, of=of, outcome="failed")) == [*map(address, expected)]
    assert pages(verdict(outcome="no-evidence"))[0] == address("red-build#exit-code-3")
