"""Lint: what is wrong with the rules of a policy although its file is valid.

Nothing is reported that is not certain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from loadgate.locustfile import Wordings
from loadgate.model import Classification, Policy
from loadgate.rules.lint import (
    examples,
    expiry,
    limits,
    patterns,
    shadowing,
    status_texts,
    too_broad,
    unused,
)
from loadgate.rules.lint.findings import INVALID, Check, Finding

__all__ = ["CHECKS", "CODES", "Finding", "lint"]

CHECKS: tuple[Check, ...] = (
    *shadowing.CHECKS,
    *too_broad.CHECKS,
    *patterns.CHECKS,
    *expiry.CHECKS,
    *status_texts.CHECKS,
    *limits.CHECKS,
    *examples.CHECKS,
    *unused.CHECKS,
)
"""Every check, in the order in which findings about the same rule are shown."""

CODES = (INVALID, *(check.code for check in CHECKS))


def lint(
    policy: Policy,
    runs: Sequence[Classification] = (),
    *,
    strict: bool = False,
    lesson: Wordings | None = None,
) -> tuple[Finding, ...]:
    """Return what is wrong with the rules of a policy: errors first, each in the order of rules.

    `runs` were classified by the same policy. `strict` asks for examples, too. `lesson` is what
    the locustfiles teach that made the runs; None: they are not known. The rules of bundled
    presets are not checked, unless the policy is a preset: whoever extends one cannot change it.
    """
    rules = {rule.id: rule for rule in policy.rules}
    places = {identifier: place for place, identifier in enumerate(rules)}
    findings = [
        replace(
            finding,
            code=check.code,
            severity=check.severity,
            ignored=finding.rule is not None and check.code in rules[finding.rule].lint_ignore,
        )
        for check in CHECKS
        if (runs or not check.needs_runs) and (strict or not check.strict)
        for finding in (
            check.find(policy, runs)
            if lesson is None or check.learned is None
            else check.learned(policy, lesson)
        )
    ]
    return tuple(
        sorted(
            findings,
            key=lambda finding: (finding.severity, places.get(finding.rule or "", len(places))),
        )
    )
