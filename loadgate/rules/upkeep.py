"""Upkeep of rules: which expire soon, have no reason yet, or are not what they seem."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from loadgate.characters import odd_character
from loadgate.matching import would_match
from loadgate.model import FailureKind, Policy, Rule, RuleResult
from loadgate.name_pattern import Effort

EXPIRING_DAYS = 30
"""Days before a rule's last day from which on it is said to expire soon."""

_TO_DO = re.compile(r"\W*(TODO|FIXME|TBD)\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+")


def unfinished(rule: Rule) -> str:
    """Return what shows that a rule's `why` is no reason, "begins with TODO"; "": it is one."""
    found = _TO_DO.match(rule.why)
    if found:
        return f"begins with {found[1]}"
    new = _words(rule.why) - _words(rule.id) - _words(rule.endpoint.text)
    letters = len({*"".join(new)})  # of "n/a" and "xxx x" there are too few
    return "" if len(new) > 1 and letters > 2 else "is a single word, or repeats its id or endpoint"


def _words(text: str) -> set[str]:
    """Return the words; in Chinese and Japanese, without blanks between them, each character."""
    spaced = (
        f" {c} " if "\u3040" <= c <= "\u30ff" or "\u3400" <= c <= "\u9fff" else c
        for c in text.casefold()
    )
    return set(_WORD.findall("".join(spaced)))


def days_left(rule: Rule, policy: Policy) -> int | None:
    """Return how many days after today the rule still excuses, where that is soon."""
    days = (rule.expires - policy.today).days if rule.expires else -1
    return days if 0 <= days <= EXPIRING_DAYS else None


def when(days: int) -> str:
    """Return a number of days from today in words."""
    return {0: "today", 1: "tomorrow"}.get(days, f"in {days} days")


def proposed_patterns(results: Iterable[RuleResult]) -> tuple[str, ...]:
    """Return the patterns that warnings may propose for rules, as they stand there."""
    globs = [glob for result in results for _, glob in result.rule.globs]
    return tuple(f'"{glob.around().text}"' for glob in globs if glob != glob.around())


def overlooked(
    rule: Rule, policy: Policy, kinds: Iterable[FailureKind], effort: Effort
) -> tuple[str, int] | None:
    """Return the patterns that find the words of a rule anywhere, and the failures they match.

    None where the rule has them already, or where no failure is known that they would match: a
    signature that a glob matches stands for texts that it matches.
    """
    changed = {key: glob.around() for key, glob in rule.globs if glob != glob.around()}
    if not changed:
        return None
    wider = replace(rule, globs=tuple({**dict(rule.globs), **changed}.items()))
    before = {other.id for other in policy.rules[: policy.rules.index(rule)]}
    count = sum(
        kind.count for kind in kinds if kind.rule not in before and would_match(wider, kind, effort)
    )
    patterns = " and ".join(f'{key} = "{glob.text}"' for key, glob in changed.items())
    return (patterns, count) if count else None


def lost_carve_outs(policy: Policy, kinds: Sequence[FailureKind], effort: Effort) -> Iterator[str]:
    """Yield which carve-outs of extended files are replaced by a rule that excuses, or overtaken.

    What a file excuses although one that it extends calls it a failure is never silent.
    """
    rules = {rule.id: rule for rule in policy.rules}
    excused = [kind for kind in kinds if kind.decision == "expected"]
    asked = [(len(rules), rule) for rule in policy.replaced] + list(enumerate(policy.rules))
    for place, carve_out in asked:
        if carve_out.excuses:
            continue
        name = f"carve-out {carve_out.id} of {carve_out.origin}"
        if rules[carve_out.id].excuses:
            yield f"rule {carve_out.id} of {rules[carve_out.id].origin} replaces the {name}"
        above = {rule.id for rule in policy.rules[:place] if rule.origin != carve_out.origin}
        takers: Counter[str | None] = Counter()
        for kind in excused if above else ():
            if kind.rule in above and would_match(carve_out, kind, effort):
                takers[kind.rule] += kind.count
        for taker, count in takers.items():
            yield f"rule {taker} excuses {count:,} failures that the {name} calls true"


def odd_characters(policy: Policy) -> Iterator[tuple[str, Rule | None, str]]:
    """Yield each text of a policy with a character that is not what it seems.

    That is the file, the rule if it is of one, and what is odd.
    """
    for rule in policy.rules:
        texts = {
            "id": rule.id,
            "endpoint": rule.endpoint.text,
            "method": ", ".join(sorted(rule.endpoint.methods or ())),
            **{key: glob.text for key, glob in rule.globs},
            "why": rule.why,
            "owner": rule.owner,
            "ticket": rule.ticket,
        }
        for key, text in texts.items():
            odd = odd_character(text, prose=key != "endpoint" or "/" not in text)
            if odd:
                yield rule.origin, rule, f"has in its {key} {odd}"
                break
    texts_of = [(text.origin, "a status text", text.text, True) for text in policy.status_texts]
    for threshold in policy.thresholds:
        if threshold.endpoint:
            name = threshold.endpoint.text
            what = f"the threshold {threshold.require}"
            texts_of.append((threshold.origin, what, name, "/" not in name))
    for origin, what, text, prose in texts_of:
        odd = odd_character(text, prose=prose)
        if odd:
            yield origin, None, f"{what} has {odd}"
