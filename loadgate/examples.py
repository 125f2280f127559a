"""A policy in, how its rules decide each of its examples, and whether that is as it says, out."""

from __future__ import annotations

from dataclasses import dataclass

from loadgate.decide import Ruling, decide_text, expired
from loadgate.model import Decision, Example, Policy

_WORDS = {"expected": "expected", "true": "a failure"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleResult:
    """An example, and how the rules decide it."""

    example: Example
    ruling: Ruling
    problem: str | None
    """What is not as the example says, a clause without a full stop; None: all is."""


def run_examples(policy: Policy) -> tuple[ExampleResult, ...]:
    """Decide every example of the policy's own file; those of files that it extends are theirs.

    (An extended file's examples say what its rules mean by themselves. The file that extends it is
    free to decide otherwise, and says so by examples of its own.)
    """
    own = policy.origins[0]
    return tuple(_run(example, policy) for example in policy.examples if example.origin == own)


def _run(example: Example, policy: Policy) -> ExampleResult:
    ruling, _ = decide_text(policy, example.method, example.name, example.error)
    decided = ruling.rule.id if ruling.rule else None
    problem = None
    if ruling.decision != example.expect or example.rule not in {None, decided}:
        problem = f"{_expectation(example, ruling)}; {_reason(ruling, policy)}"
    return ExampleResult(example=example, ruling=ruling, problem=problem)


def _expectation(example: Example, ruling: Ruling) -> str:
    if ruling.decision != example.expect:
        return f"should be {_WORDS[example.expect]}, but is {_WORDS[ruling.decision]}"
    return f"rule {example.rule} should decide it"


def _reason(ruling: Ruling, policy: Policy) -> str:
    status = f"its status is {ruling.reading.status or 'unknown'}"
    if ruling.rule is None:
        return f"no rule matches, and {status}"
    if expired(ruling.rule, policy):
        return f"rule {ruling.rule.id} matches, but it expired on {ruling.rule.expires}"
    return f"rule {ruling.rule.id} decides, and {status}"


def shown_rules(policy: Policy) -> set[tuple[str, Decision]]:
    """Return the id of each rule that decides an example, with what the example expects."""
    shown = set()
    for example in policy.examples:
        ruling, _ = decide_text(policy, example.method, example.name, example.error)
        if ruling.rule is not None:
            shown.add((ruling.rule.id, example.expect))
    return shown
