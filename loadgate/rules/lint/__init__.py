"""What is wrong with the rules of a policy, as they are kept.

Where something cannot be told, nothing is found: a finding is never a guess.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from loadgate.model import Classification, Policy
from loadgate.rules.lint.examples import failing_examples, missing_examples
from loadgate.rules.lint.expiry import upkeep
from loadgate.rules.lint.findings import INVALID, Finding, own_rules
from loadgate.rules.lint.limits import no_limit
from loadgate.rules.lint.patterns import odd_characters, spelling
from loadgate.rules.lint.shadowing import lost_carve_outs, overtaken_presets, overtaken_rules
from loadgate.rules.lint.too_broad import breadth, broad_status_texts
from loadgate.rules.lint.unused import budgets_nearly_spent, idle_presets, idle_rules

__all__ = ["INVALID", "Finding", "lint"]


def lint(
    policy: Policy, runs: Sequence[Classification] = (), *, strict: bool = False
) -> tuple[Finding, ...]:
    """Return what is wrong with the rules of a policy: errors first, each in the order of rules.

    `runs` were classified by the same policy; without any nothing is said of what they would show.
    `strict` asks for examples, too. The rules of bundled presets are not judged, unless the
    policy is a preset: whoever extends one cannot change it.
    """
    rules = {rule.id: rule for rule in policy.rules}
    places = {name: place for place, name in enumerate(rules)}
    found = [
        replace(finding, ignored=finding.code in rules[finding.rule].lint_ignore)
        if finding.rule is not None
        else finding
        for finding in _findings(policy, runs, strict=strict)
    ]
    return tuple(
        sorted(found, key=lambda one: (one.severity, places.get(one.rule or "", len(places))))
    )


def _findings(policy: Policy, runs: Sequence[Classification], *, strict: bool) -> Iterator[Finding]:
    yield from overtaken_rules(policy)
    yield from lost_carve_outs(policy)
    for rule in own_rules(policy):
        yield from breadth(rule, policy)
        yield from spelling(rule)
        yield from upkeep(rule, policy)
    yield from odd_characters(policy)
    yield from broad_status_texts(policy)
    yield from no_limit(policy, runs)
    yield from failing_examples(policy)
    unused = {finding.preset: finding for finding in overtaken_presets(policy)}
    if runs:
        yield from idle_rules(policy, runs)
        yield from budgets_nearly_spent(policy, runs)
        # A preset of which no rule is ever asked matches nothing either; that is told once.
        unused = {finding.preset: finding for finding in idle_presets(policy, runs)} | unused
    yield from unused.values()
    if strict:
        yield from missing_examples(policy)
