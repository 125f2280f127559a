"""Lint of the order of rules: those that are never reached, carve-outs that are lost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import product
from typing import TypeVar

from loadgate.errors import LoadgateError
from loadgate.matching import covers_text
from loadgate.model import Classification, Policy, Rule
from loadgate.name_pattern import Effort
from loadgate.rules.lint.findings import Check, Finding, about, own_rules
from loadgate.text import shown

T = TypeVar("T")


@lru_cache(maxsize=1)  # two checks ask for the same
def _covered(policy: Policy) -> tuple[tuple[Rule, tuple[Rule, ...], bool], ...]:
    """Return each rule that others of its file keep from ever deciding, and whether it is a copy.

    Rules of the file that extends it may cover it as they like: that is what extending is for.
    """
    above: dict[str, list[Rule]] = {}
    covered = []
    effort = Effort()
    for rule in own_rules(policy):
        others = above.setdefault(rule.origin, [])
        covering = covering_rules(rule, others, effort)
        if covering:
            copy = len(covering) == 1 and bool(covering_rules(covering[0], [rule], effort))
            covered.append((rule, tuple(covering), copy))
        others.append(rule)
    return tuple(covered)


def _shadowed(policy: Policy, _: Sequence[Classification]) -> Iterator[Finding]:
    for rule, covering, copy in _covered(policy):
        if not copy:
            names = ", ".join(other.id for other in covering)
            match = "matches" if len(covering) == 1 else "match"
            yield about(
                rule,
                f"is unreachable: {names} above it {match} everything this rule could"
                + _consequence(rule, covering),
                f"Move it above {names}, or remove it.",
            )


def _duplicates(policy: Policy, _: Sequence[Classification]) -> Iterator[Finding]:
    for rule, covering, copy in _covered(policy):
        if copy:
            yield about(
                rule,
                f"matches exactly the same as {covering[0].id} above it",
                "Keep one of the two.",
            )


def _shadowed_owners(policy: Policy, _: Sequence[Classification]) -> Iterator[Finding]:
    """Yield each owner who is never asked, as one above in the same file has all endpoints."""
    effort = Effort()
    for number, owner in enumerate(policy.owners):
        for other in policy.owners[:number]:
            mine, others = owner.endpoint.methods, other.endpoint.methods
            if (
                other.origin == owner.origin
                and (others is None or (mine is not None and mine <= others))
                and other.endpoint.includes_names(owner.endpoint, effort)
            ):
                yield Finding(
                    file=owner.origin,
                    sentence=f"owners: {shown(owner.endpoint.text)} is unreachable:"
                    f" {shown(other.endpoint.text)} above it matches every endpoint this could",
                    remedy="Move it up, or remove it.",
                    pattern=owner.endpoint.text,
                )
                break


def _consequence(rule: Rule, covering: Sequence[Rule]) -> str:
    """Say what goes wrong, where the rule would have decided otherwise than those that do."""
    if not rule.excuses and any(other.excuses for other in covering):
        return "; what it calls a failure is excused"
    if rule.excuses and any(not other.excuses for other in covering):
        return "; what it should excuse counts as true"
    return ""


def _lost_carve_outs(policy: Policy, _: Sequence[Classification]) -> Iterator[Finding]:
    """Yield each rule by which a carve-out of an extended file no longer decides all it names.

    Raises LoadgateError where comparing has taken too much effort.
    """
    effort = Effort()
    rules = {rule.id: rule for rule in policy.rules}
    for carve_out in policy.replaced:
        rule = rules[carve_out.id]
        if not carve_out.excuses and (
            rule.excuses or not covering_rules(carve_out, [rule], effort)
        ):
            yield _lost(rule, carve_out, "replaces a carve-out of")
    for number, carve_out in enumerate(policy.rules):
        for rule in policy.rules[:number] if not carve_out.excuses else ():
            if (
                rule.excuses
                and rule.origin != carve_out.origin
                and _overlap(rule, carve_out, effort)
            ):
                yield _lost(rule, carve_out, f"excuses what {carve_out.id} calls a failure in")


def _lost(rule: Rule, carve_out: Rule, what: str) -> Finding:
    return about(
        rule,
        f"{what} {carve_out.origin}",
        "Narrow this rule; or, if the owners of the carve-out agree, add lint_ignore.",
    )


def _overlap(rule: Rule, other: Rule, effort: Effort) -> bool:
    """Say whether some failures surely match both rules."""
    overlap = (
        _share(rule.endpoint.methods, other.endpoint.methods)
        and _share(rule.statuses, other.statuses)
        and (covers_text(rule, other) or covers_text(other, rule))
        and (
            rule.endpoint.includes_names(other.endpoint, effort)
            or other.endpoint.includes_names(rule.endpoint, effort)
        )
    )
    _check_effort(rule, effort)
    return overlap


def _share(some: frozenset[T] | None, others: frozenset[T] | None) -> bool:
    """Say whether two sets, of which None is everything, have something in common."""
    return some is None or others is None or not some.isdisjoint(others)


def covering_rules(rule: Rule, above: Sequence[Rule], effort: Effort) -> list[Rule]:
    """Return the rules that together match all that `rule` could; none if something is left.

    Methods and statuses may be shared out among several rules; name and text one rule must cover
    as a whole. Raises LoadgateError where comparing has taken too much effort.
    """
    left = set(product(rule.endpoint.methods or (None,), rule.statuses or (None,)))
    covering = []
    for other in above:
        taken = {
            (method, status)
            for method, status in left
            if (other.endpoint.methods is None or method in other.endpoint.methods)
            and (other.statuses is None or status in other.statuses)
        }
        effort.steps += len(left)
        alike = taken and covers_text(other, rule)
        if alike and other.endpoint.includes_names(rule.endpoint, effort):
            covering.append(other)
            left -= taken
        _check_effort(rule, effort)
    return covering if not left else []


def _check_effort(rule: Rule, effort: Effort) -> None:
    if effort.exhausted:
        raise LoadgateError(
            f"{rule.origin}: the rules up to {rule.id} are too many or too complex to compare\n"
            "  Write fewer rules, or fewer wildcards, methods and statuses in each."
        )


CHECKS = (
    Check(
        code="shadowed-rule",
        about="Rules above this one match everything that it could match, so it never decides.",
        severity="error",
        find=_shadowed,
    ),
    Check(
        code="shadowed-rule",
        about="Rules above this one match everything that it could match, so it never decides.",
        severity="error",
        find=_shadowed_owners,
    ),
    Check(
        code="duplicate-rule",
        about="Two rules match exactly the same, so the second never decides.",
        severity="error",
        find=_duplicates,
    ),
    Check(
        code="lost-carve-out",
        about="A rule excuses what an extended file calls a true failure.",
        severity="error",
        find=_lost_carve_outs,
    ),
)
