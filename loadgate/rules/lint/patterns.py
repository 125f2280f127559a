"""Findings about patterns and texts that mean something else than they seem to."""

from __future__ import annotations

import re
from collections.abc import Iterator

from loadgate.characters import odd_character
from loadgate.model import Policy, Rule
from loadgate.patterns import HTTP_METHODS
from loadgate.rules.lint.findings import Finding, about

_TYPE_IT_ANEW = (
    "Delete it and type it on the keyboard; or copy the text from an output of loadgate, if Locust"
    " has it so."
)
_ANY = frozenset(("ANY", "ALL", "any", "all"))

# What looks like another language of patterns, what it is here, and what to write.
_ODD = (
    (
        re.compile(r"\.[*+]|^\^|\$$|\\[dw./]|\[\^"),
        "looks like a regular expression, but patterns take this literally",
        "Write * for any run of characters but /, ** for any run, {word} for one segment.",
    ),
    (
        re.compile(r"(?<=/):[A-Za-z_]\w*"),
        "has a segment that begins with a colon, which is taken literally",
        "Write {word} for one segment; Locust's own name, such as [id], as it is.",
    ),
    (
        re.compile(r"/\?(?=/|$)"),
        "has a question mark as a segment, which is taken literally",
        "Write {word} for one segment.",
    ),
)


def spelling(rule: Rule) -> Iterator[Finding]:
    """Yield at most one finding: whatever is odd, the pattern has to be looked at again."""
    methods, name = rule.endpoint.methods, rule.endpoint.name.text
    if methods is None and name in HTTP_METHODS:
        yield _odd(
            rule,
            f"is about an endpoint that is called {name}, not about every {name}",
            f'Write endpoint = "{name} **" to cover all of them.',
        )
        return
    any_method = re.match(r"\*+(?= [/*])", name) if methods is None else None
    if any_method or not _ANY.isdisjoint(methods or ()):
        yield _odd(
            rule,
            "has a word for any method, which is taken literally, as part of the name or as a"
            " request type",
            "Remove that word: an endpoint without a method means any method.",
        )
        return
    for sign, sentence, remedy in _ODD:
        found = sign.search(name)
        if found:
            yield _odd(rule, f"{sentence}: {found[0]}", remedy)
            return
    if methods and re.match(r"[a-z]", name) and "/" in name and "://" not in name:
        yield _odd(
            rule,
            "has a path without its first slash, so it matches no path that has one",
            "Begin the path with a slash; or, where the names in the results have none, with **.",
        )


def _odd(rule: Rule, sentence: str, remedy: str) -> Finding:
    return about(rule, "odd-pattern", sentence, remedy, "warning")


def odd_characters(policy: Policy) -> Iterator[Finding]:
    """Yield each rule, wording or threshold that has a character which is not what it seems."""
    for rule in policy.rules:
        texts = {
            "id": rule.id,
            "endpoint": rule.endpoint.text,
            "method": ", ".join(sorted(rule.endpoint.methods or ())),
            "error": rule.error.text if rule.error else "",
            "why": rule.why,
            "owner": rule.owner,
            "ticket": rule.ticket,
        }
        for key, text in texts.items():
            odd = odd_character(text, prose=key != "endpoint" or "/" not in text)
            if odd:
                yield about(rule, "odd-characters", f"has in its {key} {odd}", _TYPE_IT_ANEW)
                break
    others = [(one.origin, "a status text", one.text, True) for one in policy.status_texts]
    others += [
        (
            one.origin,
            f"the threshold {one.require}",
            one.endpoint.text,
            "/" not in one.endpoint.text,
        )
        for one in policy.thresholds
        if one.endpoint
    ]
    for origin, what, text, prose in others:
        odd = odd_character(text, prose=prose)
        if odd:
            yield Finding(
                code="odd-characters",
                severity="error",
                file=origin,
                sentence=f"{what} has {odd}",
                remedy=_TYPE_IT_ANEW,
            )
