"""Conditions of a rule in words: what each is called, and how one that is not met is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from loadgate.explain import Attempt
from loadgate.matching import Condition
from loadgate.model import Rule
from loadgate.patterns import EndpointPattern


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """How one condition is told."""

    name: str = ""
    """What it is called where it alone keeps a rule from matching; "": that is not told."""
    unmet: Callable[[Attempt, str], str]
    """Says that failures with some status do not meet it."""


def about(rule: Rule) -> str:
    """Return the endpoints that a rule is about, with its methods."""
    pattern = rule.endpoint
    if EndpointPattern.parse(pattern.text).methods == pattern.methods:
        return pattern.text
    return f"{', '.join(sorted(pattern.methods or ()))} {pattern.text}".lstrip()


def either(rule: Rule) -> str:
    """Return the statuses that a rule wants: "409 or 412"."""
    *others, last = (str(status) for status in sorted(rule.statuses or ()))
    return f"{', '.join(others)} or {last}" if others else last


def _not_about(attempt: Attempt, _: str) -> str:
    return f"is about {about(attempt.rule)}"


def _other_status(attempt: Attempt, status: str) -> str:
    return f"wants {either(attempt.rule)}, the status is {status}"


def _other_text(attempt: Attempt, _: str) -> str:
    error = attempt.rule.error
    would = f"; {attempt.around} would" if attempt.around else ""
    return f"its text pattern does not match: {error.text if error else ''}{would}"


CONDITIONS: dict[Condition, Wording] = {
    "status": Wording(name="status", unmet=_other_status),
    "error": Wording(name="text pattern", unmet=_other_text),
    "method": Wording(name="method", unmet=_not_about),
    "endpoint": Wording(unmet=_not_about),
}
"""In the order in which rules are told that are near."""
