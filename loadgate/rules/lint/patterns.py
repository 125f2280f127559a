"""Lint of patterns and texts that mean something else than they seem to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from loadgate.model import Classification, Policy, Rule
from loadgate.patterns import HTTP_METHODS
from loadgate.rules.lint.findings import Check, Finding, about, each_rule
from loadgate.rules.upkeep import odd_characters

_TYPE_IT_AGAIN = (
    "Delete it and type it again; or, if Locust writes it so, copy the text from an output of"
    " loadgate."
)
_ANY = frozenset(("ANY", "ALL", "any", "all"))

# What looks like another language of patterns, what it is here, and what to write.
_ODD = (
    (
        re.compile(r"\.[*+]|^\^|\$$|\\[dw./]|\[\^"),
        "looks like a regular expression, but this is matched literally",
        "Write * for any run of characters but /, ** for any run, {word} for one segment.",
    ),
    (
        re.compile(r"(?<=/):[A-Za-z_]\w*"),
        "has a segment that begins with a colon, which is matched literally",
        "Write {word} for one segment; write names that Locust uses, such as [id], as they are.",
    ),
    (
        re.compile(r"/\?(?=/|$)"),
        "has a question mark as a segment, which is matched literally",
        "Write {word} for one segment.",
    ),
)


def _odd_pattern(rule: Rule, _: Policy) -> tuple[str, str] | None:
    """Return what is odd about an endpoint, and the remedy; None: nothing."""
    methods, name = rule.endpoint.methods, rule.endpoint.name.text
    if methods is None and name in HTTP_METHODS:
        return (
            f"matches an endpoint named {name}, not every {name} request",
            f'Write endpoint = "{name} **" to cover all of them.',
        )
    any_method = re.match(r"\*+(?= [/*])", name) if methods is None else None
    if any_method or not _ANY.isdisjoint(methods or ()):
        return (
            "has a word for any method, which is matched literally, as part of the name or as a"
            " request type",
            "Remove that word: an endpoint without a method matches any method.",
        )
    for sign, sentence, remedy in _ODD:
        found = sign.search(name)
        if found:
            return f"{sentence}: {found[0]}", remedy
    if methods and re.match(r"[a-z]", name) and "/" in name and "://" not in name:
        return (
            "has a path without its first slash, so it matches no path that has one",
            "Start the path with a slash; or with **, where the names in the results have none.",
        )
    return None


def _odd_characters(policy: Policy, _: Sequence[Classification]) -> Iterator[Finding]:
    for origin, rule, sentence in odd_characters(policy):
        if rule is not None:
            yield about(rule, sentence, _TYPE_IT_AGAIN)
        else:
            yield Finding(file=origin, sentence=sentence, remedy=_TYPE_IT_AGAIN)


CHECKS = (
    Check(
        code="odd-pattern",
        about="A pattern is written in the syntax of another program.",
        severity="warning",
        find=each_rule(_odd_pattern),
    ),
    Check(
        code="odd-characters",
        about="A text has a character that reviewers cannot see, or take for another.",
        severity="error",
        find=_odd_characters,
    ),
)
