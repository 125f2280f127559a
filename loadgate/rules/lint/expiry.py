"""Lint of reasons and dates: rules that somebody has to look at again."""

from __future__ import annotations

from loadgate.matching import expired
from loadgate.model import Policy, Rule
from loadgate.rules.lint.findings import Check, each_rule
from loadgate.rules.upkeep import days_left, unfinished, when

_RENEW = "Check whether the reason still holds; then set a new date or remove the rule."


def _todo(rule: Rule, _: Policy) -> tuple[str, str] | None:
    to_do = unfinished(rule)
    remedy = "Say why these failures are intended, or remove the rule."
    return (f"has no reason yet: its why {to_do}", remedy) if to_do else None


def _expired(rule: Rule, policy: Policy) -> tuple[str, str] | None:
    sentence = f"expired on {rule.expires} and no longer excuses anything"
    return (sentence, _RENEW) if expired(rule, policy) else None


def _expiring(rule: Rule, policy: Policy) -> tuple[str, str] | None:
    days = days_left(rule, policy)
    if days is None:
        return None
    return f"expires {when(days)}, on {rule.expires}; after that its failures are true", _RENEW


CHECKS = (
    Check(
        code="todo", about="The rule has no reason yet.", severity="error", find=each_rule(_todo)
    ),
    Check(
        code="expired",
        about="The rule's last day is over, so it excuses nothing.",
        severity="error",
        find=each_rule(_expired),
    ),
    Check(
        code="expiring",
        about="The rule's last day is within 30 days.",
        severity="warning",
        find=each_rule(_expiring),
    ),
)
