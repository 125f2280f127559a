"""Lint of examples: those that are decided otherwise, and rules without one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from loadgate.model import Classification, Policy
from loadgate.rules.examples import run_examples, shown_rules
from loadgate.rules.lint.findings import Check, Finding, about, own_rules


def _failing(policy: Policy, _: Sequence[Classification]) -> Iterator[Finding]:
    """Yield each example of the policy's own file that is not decided as it says."""
    for result in run_examples(policy):
        example = result.example
        if result.problem is not None:
            yield Finding(
                file=example.origin,
                sentence=f"{example.endpoint}: {result.problem}",
                remedy="Change the rules, or what the example expects; `loadgate explain --text`"
                " shows which rules were tried.",
                example=example.number,
            )


def _missing(policy: Policy, _: Sequence[Classification]) -> Iterator[Finding]:
    """Yield each rule of which no example shows what it decides."""
    shown = shown_rules(policy)
    for rule in own_rules(policy):
        decision, expect = ("expected", "expected") if rule.excuses else ("true", "failure")
        if (rule.id, decision) not in shown:
            yield about(
                rule,
                "has no example of what it decides",
                f'Add [[examples]] with a real error text, expect = "{expect}" and'
                f' rule = "{rule.id}".',
            )


CHECKS = (
    Check(
        code="failing-example",
        about="The rules do not decide an example as it expects.",
        severity="error",
        find=_failing,
    ),
    Check(
        code="no-example",
        about="No example shows what the rule decides.",
        severity="warning",
        find=_missing,
        strict=True,
    ),
)
