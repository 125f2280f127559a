"""Findings of `rules lint`, and which rules of a policy are looked at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

from loadgate.model import Policy, Rule, Severity

Code = Literal[
    "invalid",
    "shadowed-rule",
    "duplicate-rule",
    "lost-carve-out",
    "too-broad",
    "broad-status-text",
    "odd-pattern",
    "odd-characters",
    "no-budget",
    "no-limit",
    "todo",
    "expired",
    "expiring",
    "failing-example",
    "no-example",
    "unused-preset",
    "idle",
    "budget-nearly-spent",
]
"""What a finding is called; each has its section in docs/rules-lint.md."""

CODES: tuple[Code, ...] = get_args(Code)
INVALID: Code = "invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something wrong with a rules file that its schema does not see."""

    code: Code
    severity: Severity
    file: str
    """The rules file or preset that has to be changed."""
    sentence: str
    """What is wrong."""
    remedy: str
    """What to do, one sentence or two."""
    pattern: str = ""
    """What in these two is a pattern of the user, and so never masked; "": nothing is."""
    rule: str | None = None
    """The id of the rule that it is about; None: it is about something else."""
    preset: str | None = None
    """The name of the extended preset that it is about."""
    example: int | None = None
    """The number of the example that it is about, from 1."""
    line: int | None = None
    """Where it is in the file, from 1; None: not known."""
    ignored: bool = False
    """The rule says by `lint_ignore` that this is meant; such a finding does not count."""


PRESET = "preset "
"""What the origin of a bundled preset's rules begins with."""


def own_rules(policy: Policy) -> Iterator[Rule]:
    """Yield the rules that are judged: all but those of presets that are only extended."""
    for rule in policy.rules:
        if rule.origin == policy.origins[0] or not rule.origin.startswith(PRESET):
            yield rule


def about(
    rule: Rule, code: Code, sentence: str, remedy: str, severity: Severity = "error"
) -> Finding:
    """Return a finding about a rule, in the file that holds it."""
    return Finding(
        code=code,
        severity=severity,
        file=rule.origin,
        sentence=sentence,
        remedy=remedy,
        rule=rule.id,
    )
