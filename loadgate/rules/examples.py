"""Examples: whether a policy's rules decide each one as it says."""

from __future__ import annotations

from dataclasses import dataclass

from loadgate.matching import Match, decide_text, expired
from loadgate.model import Decision, Example, Policy

_WORDS = {"expected": "expected", "true": "a failure"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleResult:
    """An example, and how the rules decide it."""

    example: Example
    match: Match
    problem: str | None
    """What is not as the example says, a clause without a full stop; None: all is."""


def run_examples(policy: Policy) -> tuple[ExampleResult, ...]:
    """Decide every example of the policy's own file; those of files that it extends are theirs.

    (An extended file's examples say what its rules mean by themselves. The file that extends it is
    free to decide otherwise, and says so by examples of its own.)
    """
    own = policy.origins[0]
    return tuple(_run(example, policy) for example in policy.examples if example.origin == own)


def _match(example: Example, policy: Policy) -> Match:
    at = example.method, example.name
    return decide_text(policy, *at, example.error, example.recorded)[0]


def _run(example: Example, policy: Policy) -> ExampleResult:
    match = _match(example, policy)
    decided = match.rule.id if match.rule else None
    problem = None
    if match.decision != example.expect or example.rule not in {None, decided}:
        problem = f"{_expectation(example, match)}; {_reason(match, policy)}"
    return ExampleResult(example=example, match=match, problem=problem)


def _expectation(example: Example, match: Match) -> str:
    if match.decision != example.expect:
        return f"should be {_WORDS[example.expect]}, but is {_WORDS[match.decision]}"
    return f"rule {example.rule} should decide it"


def _reason(match: Match, policy: Policy) -> str:
    status = f"its status is {match.reading.status or 'unknown'}"
    if match.rule is None:
        return f"no rule matches, and {status}"
    if expired(match.rule, policy):
        return f"rule {match.rule.id} matches, but it expired on {match.rule.expires}"
    return f"rule {match.rule.id} decides, and {status}"


def shown_rules(policy: Policy) -> set[tuple[str, Decision]]:
    """Return the id of each rule that decides an example, with what the example expects."""
    shown = set()
    for example in policy.examples:
        match = _match(example, policy)
        if match.rule is not None:
            shown.add((match.rule.id, example.expect))
    return shown
