"""A number found in a message, and the words that it stands in."""

from __future__ import annotations

import re

from loadgate.status import context
from loadgate.status.reading import Reading
from loadgate.status.vocabulary import regex

_MARK = r" ?‹[a-z]+› ?"
"""What stands for a part that was taken out."""


BESIDE = frozenset({"refused", "sequence"})
"""Forms of readings that say no status of their own, but keep another one from being read."""


def certain(form: str, text: str, found: list[re.Match[str]]) -> list[Reading]:
    """Make readings of matches, and of the numbers beside the first.

    What may not be the status because of the words around it is no reading of its own, but still
    no other number can be read beside it.
    """
    readings = [
        reading_of(form if _may_be_it(text, match) else "refused", match) for match in found
    ]
    return readings + in_sequence(context.beside(text, found[0]) if found else [])


def _may_be_it(text: str, match: re.Match[str]) -> bool:
    if match.group()[0] == "<":  # <Response [409]> is one, also behind pytest's "assert"
        return True
    return context.goes_on(text, match) and not context.denied(context.before(text, match))


def in_sequence(numbers: list[re.Match[str]]) -> list[Reading]:
    """Make readings of the numbers that a status is in a sequence with."""
    return [reading_of("sequence", number) for number in numbers]


def reading_of(form: str, found: re.Match[str]) -> Reading:
    """Make the reading of a match whose first group is the number."""
    return Reading(int(found.group(1)), form, words_of(found.group()))


def words_of(text: str) -> str:
    """Return words of a text on one line, with the marks for what was taken out as dots."""
    return regex(_MARK).sub("…", " ".join(text.split()))
