"""Lint: what is wrong with the rules of a policy although its file is valid.

Nothing is reported that is not certain.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib import import_module
from pkgutil import iter_modules

from loadgate.locustfile import Lesson
from loadgate.model import Classification, Policy, Severity
from loadgate.rules.lint.findings import INVALID, Check, Finding

__all__ = ["ABOUT", "CHECKS", "CODES", "Finding", "lint"]


def _checks() -> Iterator[Check]:
    """Yield what the modules of this package look for: each that does has CHECKS."""
    for module in iter_modules(__path__):
        yield from getattr(import_module(f"{__name__}.{module.name}"), "CHECKS", ())


CHECKS = tuple(_checks())
ABOUT: dict[str, tuple[Severity, str]] = {
    INVALID: ("error", "The rules file is not valid, or cannot be read."),
    **{check.code: (check.severity, check.about) for check in CHECKS},
}
"""The severity of each code, and what its findings have in common."""
CODES = tuple(ABOUT)


def lint(
    policy: Policy,
    runs: Sequence[Classification] = (),
    *,
    strict: bool = False,
    lesson: Lesson | None = None,
) -> tuple[Finding, ...]:
    """Return what is wrong with the rules of a policy: errors first, by rule, then by code.

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

    def order(finding: Finding) -> tuple[str, int, str]:
        return finding.severity, places.get(finding.rule or "", len(places)), finding.code

    return tuple(sorted(findings, key=order))
