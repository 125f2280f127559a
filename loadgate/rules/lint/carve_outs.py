"""Carve-outs that matched nothing: whether they wait for a failure, or protect nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from loadgate.masking import Endpoint
from loadgate.model import FailureKind, Policy, Rule, Status
from loadgate.name_pattern import Effort
from loadgate.rules.examples import shown_rules
from loadgate.rules.lint.shadowing import covering_rules

_REFUSAL = 400
"""What an unknown status is taken for."""


def no_effect(
    policy: Policy,
    idle: Sequence[Rule],
    endpoints: Collection[Endpoint],
    kinds: Sequence[FailureKind],
) -> Iterator[tuple[str, str]]:
    """Yield the id of each idle carve-out that protects nothing, and why.

    One for a server error that did not happen waits, as it should. So does one that decides an
    example. Raises LoadgateError where comparing the rules has taken too much effort.
    """
    effort, asked = Effort(), Effort()
    shown = shown_rules(policy) if idle else set()
    for rule in idle:
        if not any(rule.endpoint.matches(*one, asked) for one in endpoints):
            yield rule.id, "no endpoint of the run is one of its endpoints"
            continue
        above = policy.rules[: policy.rules.index(rule)]
        covering = [one.id for one in covering_rules(rule, above, effort) if _loses(one)]
        match = "matches" if len(covering) == 1 else "match"
        if covering:
            yield rule.id, f"{', '.join(covering)} above it {match} everything that it could"
        elif (rule.id, "true") not in shown:
            own = {one.id for one in above if one.origin == rule.origin}
            missed = _missed(
                rule, {one.id for one in policy.rules if _loses(one)} - own, kinds, asked
            )
            if missed:
                yield (
                    rule.id,
                    f"it matches none of the {sum(missed.values()):,} failures at its endpoints"
                    f" that {', '.join(missed)} excuses",
                )


def _loses(rule: Rule) -> bool:
    """Say whether a rule excuses, and its file does not say that carve-outs may be lost by it."""
    return rule.excuses and "lost-carve-out" not in rule.lint_ignore


def _missed(
    rule: Rule, others: set[str], kinds: Sequence[FailureKind], effort: Effort
) -> Counter[str]:
    """Count the failures at a carve-out's endpoints that other rules excuse, by rule.

    Those count whose status is of the same hundred as one of its own: it may be mistyped.
    """
    hundreds = set(map(_hundred, rule.statuses or range(100, 600, 100)))
    missed: Counter[str] = Counter()
    for kind in kinds:
        if (
            kind.decision == "expected"
            and kind.rule in others
            and _hundred(kind.status or _REFUSAL) in hundreds
            and rule.endpoint.matches(kind.method, kind.name, effort)
        ):
            missed[kind.rule] += kind.count
    return missed


def _hundred(status: Status) -> int | str:
    """Return the hundred of a status; those of gRPC are one by themselves."""
    return "grpc" if isinstance(status, str) else status // 100
