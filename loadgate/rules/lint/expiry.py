"""Lint of reasons and dates: rules that somebody has to look at again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from loadgate.matching import expired
from loadgate.model import Classification, Policy
from loadgate.rules.lint.findings import Check, Finding, about, own_rules
from loadgate.rules.upkeep import days_left, unfinished

_RENEW = "Check whether the reason still holds; then set a new date or remove the rule."


def _todo(policy: Policy, _: Sequence[Classification]) -> Iterator[Finding]:
    for rule in own_rules(policy):
        to_do = unfinished(rule)
        if to_do:
            yield about(
                rule,
                f"has no reason yet: its why {to_do}",
                "Say why these failures are intended, or remove the rule.",
            )


def _expired(policy: Policy, _: Sequence[Classification]) -> Iterator[Finding]:
    for rule in own_rules(policy):
        if expired(rule, policy):
            yield about(rule, f"expired on {rule.expires} and no longer excuses anything", _RENEW)


def _expiring(policy: Policy, _: Sequence[Classification]) -> Iterator[Finding]:
    for rule in own_rules(policy):
        days = days_left(rule, policy)
        if days is not None:
            when = {0: "today", 1: "tomorrow"}.get(days, f"in {days} days")
            yield about(
                rule,
                f"expires {when}, on {rule.expires}; after that its failures are true",
                _RENEW,
            )


CHECKS = (
    Check(code="todo", severity="error", find=_todo),
    Check(code="expired", severity="error", find=_expired),
    Check(code="expiring", severity="warning", find=_expiring),
)
