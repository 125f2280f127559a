"""The forms of error texts, from `forms.toml`: how they read, what they say, and examples."""

from __future__ import annotations

import itertools
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_CONCEPTS = {
    "action after article be body but code closing counted denied detail error expected failed": (
        "A z a b Z c k j K D y r E F"
    ),
    "instead instead_of label link mismatch object operation ornament owned plural preposition": (
        "i I L l v Y O o H P p"
    ),
    "received response retries said status surprise tag to unit versus with and or not": (
        "G Q e d S W T t U V w & | n"
    ),
    "name number digits masked class method data quoted unknown": "R N u m X M J q x",
    "colon comma line stop open close arrow dash slash": ": , ; . ( ) > - /",
}
LETTERS = {
    concept: letter
    for concepts, letters in _CONCEPTS.items()
    for concept, letter in zip(concepts.split(), letters.split(), strict=True)
}
"""The letter of each concept of the vocabulary, and of what else a message is made of: a number is
one that servers use as a status, digits are any other, masked is what a skeleton hides, a name is
that of a status, a class one such as 2xx, a method one of HTTP, a line the end of one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form of error text; forms.toml says what its fields mean."""

    name: str
    about: str
    shape: str
    classes: str = ""
    opening: str = ""
    needs: str = ""
    source: str = ""
    plain: bool = False
    named: bool = False
    examples: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


@cache
def _tables() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("forms.toml").read_text("utf-8"))


@cache
def forms(kind: str) -> tuple[Form, ...]:
    """Return the forms of `clients`, of certain `words`, or of `likely` ones."""
    return tuple(Form(**table) for table in _tables()[kind])


@cache
def letters_of(concepts: str) -> frozenset[str]:
    """Return the letters of some concepts."""
    return frozenset(LETTERS[concept] for concept in concepts.split())


@cache
def expression(shape: str) -> re.Pattern[str]:
    """Return the regular expression of letters that a shape of words stands for."""
    while "{" in shape:
        shape = re.sub(r"\{(\w+)\}", lambda part: f"(?:{_tables()['parts'][part[1]]})", shape)
    count = itertools.count()
    shape = re.sub(r"[a-z_]{2,}", lambda concept: re.escape(LETTERS[concept.group()]), shape)
    shape = re.sub(r"\(\?P<([ns])>", lambda group: f"(?P<{group[1]}{next(count)}>", shape)
    return re.compile(re.sub(r"\s+", "", shape), re.DOTALL)
