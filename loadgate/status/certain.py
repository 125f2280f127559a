"""Certain readings: messages that are, as a whole, one of the forms of people's words."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from functools import cache

from loadgate.status.forms import PARTS, WORDS, Form
from loadgate.status.reading import reasons
from loadgate.status.words import LETTERS, Token

EXPECTABLE = frozenset(
    (*range(200, 209), *range(300, 305), 307, 308, *range(400, 407), 409, 412, 413, 415, 418)
    + (422, 423, 424, 428, 429, 451, *range(500, 505))
)
"""Statuses that a test expects; 250 of "expected 250, got 409" is a count of something."""


def read(tokens: Sequence[Token], letters: str, *, plain: bool) -> tuple[Form, int] | None:
    """Return the form that a message is of, and where in it the status stands; None: none."""
    for form in WORDS:
        if plain or not form.plain:
            found = pattern(form.shape).fullmatch(letters)
            if found and _holds(form, found, tokens):
                return form, _place(found)
    return None


def _holds(form: Form, found: re.Match[str], tokens: Sequence[Token]) -> bool:
    """Say whether the numbers are what the form takes them for."""
    groups = found.groupdict()
    (status,) = tokens[_place(found)].statuses
    expected = range(*found.span("s")) if groups.get("s") else range(0)
    end = found.start("f") if groups.get("f") is not None else len(tokens)
    names = [tokens[at] for at in range(end) if tokens[at].letter == "R" and at not in expected]
    return (
        all(tokens[at].statuses <= EXPECTABLE for at in expected if tokens[at].letter == "N")
        and all(status in name.statuses for name in names)
        and (not form.named or any(name.text in reasons(status) for name in names))
    )


def _place(found: re.Match[str]) -> int:
    """Return where the number stands."""
    groups = found.groupdict()
    return next(found.start(name) for name in groups if name[0] == "n" and groups[name])


@cache
def pattern(shape: str) -> re.Pattern[str]:
    """Return the expression of letters that a shape stands for."""
    letters = re.sub(r"[a-z_]{2,}", _letter, shape.format_map(PARTS))
    count = itertools.count()
    named = re.sub(r"\(\?P<n>", lambda _: f"(?P<n{next(count)}>", re.sub(r"\s+", "", letters))
    return re.compile(named, re.DOTALL)


def _letter(name: re.Match[str]) -> str:
    return re.escape(LETTERS.get(name.group()) or LETTERS[f"{name.group()}_"])
