"""Carve-outs that matched nothing in a run: which of them protect nothing, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from builders import CONFLICT, STATE, example, policy, rule, run, stats, threshold

from loadgate.classify import classify
from loadgate.model import Rule, RuleResult

WIDE = rule("wide", endpoint="POST /**", statuses=[409, 412])
THEIRS = replace(WIDE, origin="theirs.toml")
AGREED = replace(THEIRS, lint_ignore=frozenset(["lost-carve-out"]))
GET = "GET /**"

ABOVE = "wide above it matches everything that it could"
MISSED = "it matches none of the 10 failures at its endpoints that wide excuses"


def carve_out(*statuses: int, error: str | None = None, endpoint: str = "POST /**/state") -> Rule:
    """Return a carve-out with these conditions; by default of any status."""
    return rule("carve", endpoint=endpoint, statuses=statuses or None, error=error, excuses=False)


def judged(*rules: Rule, examples: Sequence[str] = ()) -> tuple[RuleResult, tuple[str, ...]]:
    """Return what is said of the carve-out after a run with ten conflicts, and all warnings."""
    seen = [stats(), stats("/quiet", method="GET", failures=0)]
    shown = [example(text, expect="true") for text in examples]
    of = policy(*rules, thresholds=[threshold("idle_rules <= 0")], examples=shown)
    result = classify(run(failures=[("POST", STATE, CONFLICT, 10)], endpoints=seen), of)
    (found,) = [one for one in result.rules if not one.rule.excuses]
    return found, result.warnings


@pytest.mark.parametrize(
    ("rules", "no_effect"),
    [
        pytest.param([carve_out(409), WIDE], "", id="matches"),
        pytest.param(
            [carve_out(409, endpoint="POST /x"), WIDE],
            "no endpoint of the run is one of its endpoints",
            id="endpoint",
        ),
        pytest.param([WIDE, carve_out(409)], ABOVE, id="below-a-wide-rule"),
        pytest.param([THEIRS, carve_out(409)], ABOVE, id="below-one-of-another-file"),
        pytest.param([AGREED, carve_out(409)], "", id="lost-and-agreed"),
        pytest.param([carve_out(410), WIDE], MISSED, id="status"),
        pytest.param([carve_out(error="*got 4O9*"), WIDE], MISSED, id="letter-for-a-digit"),
        pytest.param([carve_out(error="*\u0261ot 409*"), WIDE], MISSED, id="look-alike"),
        pytest.param([carve_out(error="got 409"), WIDE], MISSED, id="no-stars"),
        pytest.param([carve_out(409, error="*4O9*"), WIDE], MISSED, id="status-and-error"),
        pytest.param([THEIRS, carve_out(410)], MISSED, id="status-in-another-file"),
        pytest.param([WIDE, carve_out(410)], "", id="status-below-what-excuses"),
        pytest.param([carve_out(500), WIDE], "", id="a-server-error-that-did-not-happen"),
        pytest.param([carve_out(410, endpoint=GET), WIDE], "", id="no-failure-at-its-endpoints"),
        pytest.param([carve_out(410)], "", id="nothing-is-excused"),
    ],
)
def test_carve_outs_that_protect_nothing(rules: list[Rule], no_effect: str) -> None:
    """It is told apart from one that waits for a failure, in a warning and for `idle_rules`."""
    found, warnings = judged(*rules)
    assert found.no_effect == no_effect
    told = [text for text in warnings if "protects nothing" in text]
    assert told == ([f"carve-out carve protects nothing: {no_effect}"] if no_effect else [])


def test_an_example_shows_what_a_carve_out_waits_for() -> None:
    """A text that the rules decide by it; one that they decide by another shows nothing."""
    rules = [carve_out(error="*charged twice*"), WIDE]
    assert judged(*rules, examples=["charged twice"])[0].no_effect == ""
    assert judged(*rules, examples=["another"])[0].no_effect == MISSED


def test_carve_outs_where_nothing_counts_idle_rules() -> None:
    """Nobody asked, and comparing rules takes time."""
    result = classify(run(failures=[]), policy(WIDE, carve_out(409, endpoint="POST /x")))
    assert not any(one.no_effect for one in result.rules)
