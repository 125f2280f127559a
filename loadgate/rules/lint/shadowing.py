"""Findings about rules that are never reached."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import TypeVar

from loadgate.errors import LoadgateError
from loadgate.model import Policy, Rule
from loadgate.name_pattern import Effort
from loadgate.patterns import TextGlob
from loadgate.rules.lint.findings import PRESET, Finding, about, own_rules

T = TypeVar("T")

_ANY_TEXT = TextGlob("*")


def overtaken_rules(policy: Policy) -> Iterator[Finding]:
    """Yield each rule that never decides, as others of its file take all that it could match.

    Rules of the file that extends it may overtake it as they like: that is what extending is for.
    """
    above: dict[str, list[Rule]] = {}
    effort = Effort()
    for rule in own_rules(policy):
        others = above.setdefault(rule.origin, [])
        takers = takers_of(rule, others, effort)
        if len(takers) == 1 and takers_of(takers[0], [rule], effort):
            yield about(
                rule,
                "duplicate-rule",
                f"matches exactly the same as {takers[0].id} above it",
                "Keep one of the two.",
            )
        elif takers:
            names = ", ".join(taker.id for taker in takers)
            yield about(
                rule,
                "shadowed-rule",
                f"never decides: {names} above it matches everything that it could"
                + _consequence(rule, takers),
                f"Move it above {names}, or remove it.",
            )
        others.append(rule)


def _consequence(rule: Rule, takers: Sequence[Rule]) -> str:
    """Say what goes wrong, where the rule would have decided otherwise than those that do."""
    if not rule.excuses and any(taker.excuses for taker in takers):
        return "; what it calls a failure is excused"
    if rule.excuses and any(not taker.excuses for taker in takers):
        return "; what it should excuse counts as true"
    return ""


def lost_carve_outs(policy: Policy) -> Iterator[Finding]:
    """Yield each rule by which a carve-out of an extended file no longer decides all it names.

    Raises LoadgateError where comparing has taken too much effort.
    """
    effort = Effort()
    rules = {rule.id: rule for rule in policy.rules}
    for carve_out in policy.replaced:
        rule = rules[carve_out.id]
        if not carve_out.excuses and (rule.excuses or not takers_of(carve_out, [rule], effort)):
            yield _lost(rule, carve_out, "replaces a carve-out of")
    for number, carve_out in enumerate(policy.rules):
        for rule in policy.rules[:number] if not carve_out.excuses else ():
            if rule.excuses and rule.origin != carve_out.origin and _meet(rule, carve_out, effort):
                yield _lost(rule, carve_out, f"excuses what {carve_out.id} calls a failure in")


def _lost(rule: Rule, carve_out: Rule, what: str) -> Finding:
    return about(
        rule,
        "lost-carve-out",
        f"{what} {carve_out.origin}",
        "Let it excuse something else; or, where those who answer for the carve-out agree, say so"
        " with lint_ignore.",
    )


def _meet(rule: Rule, other: Rule, effort: Effort) -> bool:
    """Say whether some failures surely match both rules."""
    met = (
        _share(rule.endpoint.methods, other.endpoint.methods)
        and _share(rule.statuses, other.statuses)
        and (_takes_text(rule, other) or _takes_text(other, rule))
        and (
            rule.endpoint.includes_names(other.endpoint, effort)
            or other.endpoint.includes_names(rule.endpoint, effort)
        )
    )
    _check_effort(rule, effort)
    return met


def _share(some: frozenset[T] | None, others: frozenset[T] | None) -> bool:
    """Say whether two sets, of which None is everything, have something in common."""
    return some is None or others is None or not some.isdisjoint(others)


def overtaken_presets(policy: Policy) -> Iterator[Finding]:
    """Yield each extended preset of which no rule is ever left to decide."""
    effort = Effort()
    for preset in extended_presets(policy):
        left = []
        for number, rule in enumerate(policy.rules):
            if rule.origin == preset and not takers_of(rule, policy.rules[:number], effort):
                left.append(rule)
        if not left:
            yield unused(
                policy,
                preset,
                "has no effect: all its rules are replaced, or never decide because of rules"
                " above them",
            )


def extended_presets(policy: Policy) -> Iterator[str]:
    """Yield the origins of presets that files of the policy extend."""
    yield from (origin for origin in policy.origins[1:] if origin.startswith(PRESET))


def unused(policy: Policy, preset: str, sentence: str) -> Finding:
    """Return a finding about an extended preset."""
    name = preset.removeprefix(PRESET)
    return Finding(
        code="unused-preset",
        severity="warning",
        file=policy.origins[0],
        sentence=sentence,
        remedy=f'Remove "{name}" from extends.',
        preset=name,
    )


def takers_of(rule: Rule, above: Sequence[Rule], effort: Effort) -> list[Rule]:
    """Return the rules that together take all that `rule` could match; none if something is left.

    Methods and statuses may be shared out among several rules; name and text one rule must take
    as a whole. Raises LoadgateError where comparing has taken too much effort.
    """
    left = set(product(rule.endpoint.methods or (None,), rule.statuses or (None,)))
    takers = []
    for other in above:
        taken = {
            (method, status)
            for method, status in left
            if (other.endpoint.methods is None or method in other.endpoint.methods)
            and (other.statuses is None or status in other.statuses)
        }
        effort.steps += len(left)
        alike = taken and _takes_text(other, rule)
        if alike and other.endpoint.includes_names(rule.endpoint, effort):
            takers.append(other)
            left -= taken
        _check_effort(rule, effort)
    return takers if not left else []


def _check_effort(rule: Rule, effort: Effort) -> None:
    if effort.exhausted:
        raise LoadgateError(
            f"{rule.origin}: rules up to {rule.id} are too many or too intricate to compare\n"
            "  Write fewer rules, or fewer wildcards, methods and statuses in each."
        )


def _takes_text(other: Rule, rule: Rule) -> bool:
    return other.error is None or other.error.includes(rule.error or _ANY_TEXT)
