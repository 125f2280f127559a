"""Findings about examples: those that are decided otherwise, and rules without one."""

from __future__ import annotations

from collections.abc import Iterator

from loadgate.model import Policy
from loadgate.rules.examples import run_examples, shown_rules
from loadgate.rules.lint.findings import Finding, about, own_rules


def failing_examples(policy: Policy) -> Iterator[Finding]:
    """Yield each example of the policy's own file that is not decided as it says."""
    for result in run_examples(policy):
        if result.problem is None:
            continue
        example = result.example
        yield Finding(
            code="failing-example",
            severity="error",
            file=example.origin,
            sentence=f"{example.endpoint}: {result.problem}",
            remedy="Change the rules, or what the example expects. `loadgate explain --text` says"
            " which rules were asked.",
            example=example.number,
        )


def missing_examples(policy: Policy) -> Iterator[Finding]:
    """Yield each rule of which no example shows what it decides."""
    shown = shown_rules(policy)
    for rule in own_rules(policy):
        expect = "expected" if rule.excuses else "true"
        if (rule.id, expect) in shown:
            continue
        word = "expected" if rule.excuses else "failure"
        yield about(
            rule,
            "no-example",
            "has no example of what it decides",
            f'Add [[examples]] with a real error text, expect = "{word}" and rule = "{rule.id}".',
            "warning",
        )
