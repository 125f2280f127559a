"""How failures are sorted: every one once, whatever the order, as a plain reading of the rules says."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from typing import Any

from builders import TODAY
from hypothesis import given
from hypothesis import strategies as st

from loadgate.classify import classify
from loadgate.gate import evaluate
from loadgate.model import Classification, Rule, Threshold, Verdict

from .oracle import expected_by_endpoint
from .worlds import PROPERTY, RULES, WORLDS, World, built, policy_of, thresholds, written_rules


def counts(found: Classification) -> tuple[Any, ...]:
    """Return all that was counted, and nothing of how the input was written."""
    return (
        found.total,
        found.endpoints,
        found.failures,
        {result.rule.id: (result.matched, result.state) for result in found.rules},
        {(use.rule.id, use.stats): use.expected for use in found.budgets},
    )


@PROPERTY
@given(WORLDS, RULES)
def test_every_failure_is_counted_once(world: World, rules: list[Rule]) -> None:
    """`failures = expected + true`, of the run, of each endpoint, and of each kind of failure."""
    found = classify(world.run(), policy_of(rules))
    for row in (found.total, *found.endpoints):
        assert row.failures == row.expected + row.true
        assert min(row.expected, row.true, row.unexplained) >= 0
        assert row.failures == row.stats.failures
    for name in ("failures", "expected", "true", "unexplained"):
        whole = sum(getattr(row, name) for row in found.endpoints)
        assert getattr(found.total, name) == whole
    kinds: Counter[str] = Counter()
    for kind in found.failures:
        kinds[kind.decision] += kind.count
    assert kinds == +Counter(expected=found.total.expected, true=found.total.true)
    excused = sum(result.matched for result in found.rules if result.rule.excuses)
    assert excused >= found.total.expected


@PROPERTY
@given(WORLDS, st.lists(written_rules(), max_size=5))
def test_the_rules_mean_what_the_docs_say(world: World, written: list[dict[str, Any]]) -> None:
    """An independent, slow and plain reading of the rules excuses the same failures."""
    rules = [built(each, f"rule-{number}") for number, each in enumerate(written)]
    found = classify(world.run(), policy_of(rules))
    expected = expected_by_endpoint(world.failures, written, TODAY)
    by_endpoint = {(row.stats.method, row.stats.name): row.expected for row in found.endpoints}
    assert +Counter(by_endpoint) == expected


@PROPERTY
@given(WORLDS, RULES, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(
    world: World, rules: list[Rule], dice: random.Random
) -> None:
    """Locust orders failures by a hash; endpoints and rows may come in any order, or split."""
    policy = policy_of(rules)
    endpoints, failures = world.endpoints(), list(world.failures)
    pieces = []
    for each in failures:
        cut = dice.randint(0, each.count)
        pieces += [replace(each, count=count) for count in (cut, each.count - cut) if count]
    dice.shuffle(pieces)
    dice.shuffle(endpoints)
    of = world.run()
    again = replace(of, endpoints=tuple(endpoints))
    again = replace(again, failure_log=replace(world, failures=tuple(pieces)).run().failure_log)
    assert counts(classify(again, policy)) == counts(classify(of, policy))


@PROPERTY
@given(WORLDS, st.lists(written_rules(), min_size=2, max_size=5), st.data())
def test_the_order_of_independent_rules_changes_nothing(
    world: World, written: list[dict[str, Any]], data: st.DataObject
) -> None:
    """Rules that can never match one failure both may stand in any order."""
    apart = []
    for number, each in enumerate(written):
        # A status of its own for each: no failure has two.
        apart.append(built({**each, "status": [(404, 409, 412, 429, 500)[number]]}, f"r{number}"))
    shuffled = data.draw(st.permutations(apart))
    demanded = data.draw(st.lists(thresholds(), max_size=3))
    one, other = (
        evaluate(classify(world.run(), of), of)
        for of in (policy_of(apart, demanded), policy_of(shuffled, demanded))
    )
    assert counts(one.classification) == counts(other.classification)
    assert outcome(one) == outcome(other)


@PROPERTY
@given(WORLDS, RULES, st.lists(thresholds(), max_size=3), st.data())
def test_the_order_of_thresholds_changes_nothing(
    world: World, rules: list[Rule], demanded: list[Threshold], data: st.DataObject
) -> None:
    """Every threshold is held against the run by itself."""
    shuffled = data.draw(st.permutations(demanded))
    one, other = (
        evaluate(classify(world.run(), of), of)
        for of in (policy_of(rules, demanded), policy_of(rules, shuffled))
    )
    assert outcome(one) == outcome(other)


def outcome(of: Verdict) -> tuple[str, Counter[Any]]:
    """Return how a run was judged, and every check without its place."""
    return of.outcome, Counter((check.require, check.endpoint, check.result) for check in of.checks)
