"""Findings about rules that are never reached."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from loadgate.lint.findings import PRESET, Finding, about, own_rules
from loadgate.model import Policy, Rule
from loadgate.patterns import TextGlob

_ANY_TEXT = TextGlob("*")


def overtaken_rules(policy: Policy) -> Iterator[Finding]:
    """Yield each rule that never decides, as others of its file take all that it could match.

    Rules of the file that extends it may overtake it as they like: that is what extending is for.
    """
    above: dict[str, list[Rule]] = {}
    for rule in own_rules(policy):
        others = above.setdefault(rule.origin, [])
        takers = _takers(rule, others)
        if len(takers) == 1 and _takers(takers[0], [rule]):
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


def overtaken_presets(policy: Policy) -> Iterator[Finding]:
    """Yield each extended preset of which no rule is ever left to decide."""
    for preset in extended_presets(policy):
        left = []
        for number, rule in enumerate(policy.rules):
            if rule.origin == preset and not _takers(rule, policy.rules[:number]):
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


def _takers(rule: Rule, above: Sequence[Rule]) -> list[Rule]:
    """Return the rules that together take all that `rule` could match; none if something is left.

    Methods and statuses may be shared out among several rules; name and text one rule must take
    as a whole.
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
        if taken and _takes_text(other, rule) and other.endpoint.includes_names(rule.endpoint):
            takers.append(other)
            left -= taken
    return takers if not left else []


def _takes_text(other: Rule, rule: Rule) -> bool:
    return other.error is None or other.error.includes(rule.error or _ANY_TEXT)
