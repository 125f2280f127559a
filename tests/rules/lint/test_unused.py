"""Tests of rules that runs do not need, and of budgets that run short."""

from __future__ import annotations

import pytest
from builders import (
    budget_use,
    classification,
    endpoint_result,
    example,
    failure_kind,
    policy,
    rule,
    rule_result,
    run,
    stats,
)

from loadgate.model import BudgetUse, Classification, RuleState
from loadgate.rules.lint import lint

RULE = rule(at_most="25%")
CARVE_OUT = rule("carve-out", endpoint="POST /admin/**", excuses=False)
PRESET = rule("theirs", endpoint="POST **", statuses=[412], at_most="25%", origin="preset x")
ORIGINS = ("loadgate.toml", "preset x")


def judged(*uses: BudgetUse, label: str = "run", **matched: int) -> Classification:
    """Return a run in which rules matched so often: state_conflict=3."""
    counts = {name.replace("_", "-"): count for name, count in matched.items()}
    states: dict[bool, RuleState] = {True: "used", False: "idle"}
    results = [
        rule_result(of, matched=counts.get(of.id, 0), state=states[of.id in counts])
        for of in (RULE, CARVE_OUT, PRESET)
    ]
    rows = [endpoint_result(), endpoint_result("/admin/x", expected=0)]
    return classification(of=run(label=label), endpoints=rows, rules=results, budgets=uses)


def test_idle_rules() -> None:
    """A rule that no run needs is idle; one run that does is enough; carve-outs never are."""
    of = policy(CARVE_OUT, RULE)
    (idle,) = lint(of, [judged(), judged()])
    assert (idle.code, idle.rule, idle.severity) == ("idle", "state-conflict", "warning")
    assert idle.sentence == "matched nothing in any of 2 runs"
    assert lint(of, [judged(label="a")])[0].sentence == 'matched nothing in "a"'
    assert lint(of, [judged(), judged(state_conflict=1)]) == ()


def test_rules_that_overlook_failures() -> None:
    """An idle rule, or carve-out, whose words are in a text is told what its error should be."""
    for excuses in (True, False):
        words = rule(at_most="25%", statuses=None, error="stale revision", excuses=excuses)
        kinds = [
            failure_kind("CatchResponseError('17: stale revision')", status=None, rule=None),
            failure_kind("stale revision of *", status=None, rule=None, count=5),
        ]
        seen = classification(failures=kinds, rules=[rule_result(words, matched=0, state="idle")])
        (idle,) = lint(policy(words), [seen, seen])
        assert (idle.code, idle.pattern) == ("idle", 'error = "*stale revision*"')
        assert idle.remedy == (
            'A pattern must match the whole text: error = "*stale revision*" would match 30'
            " failures."
        )


def test_carve_outs_whose_endpoints_never_occur() -> None:
    """What a carve-out names is never called: a typing error, or a letter of another script."""
    of = policy(CARVE_OUT)
    missed = classification(rules=[rule_result(CARVE_OUT, matched=0, state="idle")])
    row = endpoint_result("/admin/x", expected=0)
    called = classification(
        endpoints=[row], rules=[rule_result(CARVE_OUT, matched=0, state="idle")]
    )
    (idle,) = lint(of, [missed, missed])
    assert (idle.code, idle.rule, idle.severity) == ("idle", "carve-out", "warning")
    assert idle.sentence == "is a carve-out for endpoints that never occur in any of 2 runs"
    assert lint(of, [missed, called]) == ()


def test_carve_outs_that_match_no_failure_at_their_endpoints() -> None:
    """Its status or error may be wrong, unless an example shows what it is for."""
    results = [rule_result(CARVE_OUT, matched=0, state="idle")]
    silent = endpoint_result("/admin/x", expected=0, true=3, unexplained=3)
    failed = endpoint_result("/admin/x", expected=4, true=3)
    quiet = classification(endpoints=[silent], rules=results)
    failing = classification(endpoints=[failed], rules=results)
    assert lint(policy(CARVE_OUT), [quiet]) == ()
    (idle,) = lint(policy(CARVE_OUT), [quiet, failing])
    assert (idle.code, idle.rule, idle.severity) == ("idle", "carve-out", "warning")
    assert idle.sentence == (
        "is a carve-out that matches none of the 7 failures at its endpoints in any of 2 runs"
    )
    shown = example(name="/admin/x", expect="true", rule="carve-out")
    assert lint(policy(CARVE_OUT, examples=[shown]), [failing]) == ()


def test_idle_presets() -> None:
    """A preset none of whose rules any run needs is unused, and its rules are not told one by one."""
    of = policy(RULE, PRESET, origins=ORIGINS)
    (unused,) = lint(of, [judged(state_conflict=1)])
    assert (unused.code, unused.preset, unused.rule) == ("unused-preset", "x", None)
    assert unused.remedy == 'Remove "x" from extends.'
    assert lint(of, [judged(state_conflict=1, theirs=1)]) == ()


def test_an_unused_preset_is_told_once() -> None:
    """That it can never decide says more than that it did not."""
    of = policy(RULE, origins=ORIGINS)
    (unused,) = lint(of, [judged(state_conflict=1)])
    assert unused.sentence.startswith("has no effect")


@pytest.mark.parametrize(
    ("expected", "found"),
    [
        pytest.param(200, "", id="eighty-percent-is-not-above"),
        pytest.param(201, "used 81% of its budget of 25%: 201 of 1,000 requests", id="above"),
        pytest.param(260, "exceeded its budget of 25%: 260 of 1,000 requests", id="beyond"),
    ],
)
def test_budgets(expected: int, found: str) -> None:
    """More than 80 % of a budget is nearly all, compared exactly."""
    findings = lint(policy(RULE), [judged(budget_use(RULE, expected=expected), state_conflict=1)])
    assert [one.code for one in findings] == (["budget-nearly-spent"] if found else [])
    assert all(found in one.sentence for one in findings)


def test_the_worst_endpoint_of_all_runs_is_told() -> None:
    """Of several uses in several runs the highest share counts."""
    first = budget_use(RULE, stats_of=stats("/a", requests=100), expected=22)
    worst = budget_use(RULE, stats_of=stats("/b", requests=100), expected=24)
    last = budget_use(RULE, stats_of=stats("/c", requests=1000), expected=230)
    runs = [judged(first, label="one", state_conflict=1), judged(worst, last, label="two")]
    (finding,) = lint(policy(RULE), runs)
    assert finding.sentence.endswith('24 of 100 requests of POST /b in "two"')


def test_a_budget_of_nothing_is_spent_by_anything() -> None:
    """at_most = "0%" has no share to be used, so any use is all of it."""
    none = rule("state-conflict", at_most="0%")
    (finding,) = lint(policy(none), [judged(budget_use(none, expected=1), state_conflict=1)])
    assert finding.sentence.startswith("used 100% of its budget of 0%")


def test_budgets_of_presets_are_told() -> None:
    """Whoever extends a preset can replace its rule by one with another budget."""
    of = policy(RULE, PRESET, origins=ORIGINS)
    use = budget_use(PRESET, expected=249)
    (finding,) = lint(of, [judged(use, state_conflict=1, theirs=249)])
    assert (finding.rule, finding.file) == ("theirs", "preset x")
