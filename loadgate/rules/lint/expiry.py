"""Findings about rules that a person has to look at again."""

from __future__ import annotations

from collections.abc import Iterator

from loadgate.matching import expired
from loadgate.model import Policy, Rule
from loadgate.rules.lint.findings import Finding, about
from loadgate.rules.upkeep import days_left, unfinished


def upkeep(rule: Rule, policy: Policy) -> Iterator[Finding]:
    """Yield what is unfinished about a rule, and whether its time is over."""
    to_do = unfinished(rule)
    if to_do:
        yield about(
            rule,
            "todo",
            f"has no reason yet: its why {to_do}",
            "Write why these failures are the system working as designed, or remove the rule.",
        )
    if expired(rule, policy):
        yield about(
            rule,
            "expired",
            f"expired on {rule.expires}, and excuses nothing now",
            "Check whether the reason still holds; then set a new date or remove the rule.",
        )
    left = days_left(rule, policy)
    if left is not None:
        when = "today" if left == 0 else "tomorrow" if left == 1 else f"in {left} days"
        yield about(
            rule,
            "expiring",
            f"expires {when}, on {rule.expires}: after that its failures are true",
            "Check whether the reason still holds; then set a new date or remove the rule.",
            "warning",
        )
