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
    """Return the form that a message is of, and the status; None: it is of none."""
    for form in WORDS:
        if plain or not form.plain:
            found = pattern(form.shape).fullmatch(letters)
            if found is not None:
                (status,) = tokens[place(found)].statuses
                if _holds(form, found, tokens, status):
                    return form, status
    return None


def _holds(form: Form, found: re.Match[str], tokens: Sequence[Token], status: int) -> bool:
    """Say whether the numbers and names are what the form takes them for."""
    wanted = expected(found)
    end = found.start("f") if found.groupdict().get("f") is not None else len(tokens)
    names = [tokens[at] for at in range(end) if tokens[at].letter == "R" and at not in wanted]
    return (
        all(tokens[at].statuses <= EXPECTABLE for at in wanted if tokens[at].letter == "N")
        and all(status in name.statuses for name in names)
        and (not form.named or any(_official(name, status) for name in names))
    )


def _official(name: Token, status: int) -> bool:
    return name.text in reasons(status) or name.text in {"server error", "client error"}


def place(found: re.Match[str]) -> int:
    """Return where the status stands."""
    return found.start(_group(found, "n"))


def expected(found: re.Match[str]) -> range:
    """Return where the statuses stand that were expected."""
    group = _group(found, "s")
    return range(*found.span(group)) if group else range(0)


def _group(found: re.Match[str], letter: str) -> str:
    return next((name for name, text in found.groupdict().items() if name[0] == letter and text), "")


@cache
def pattern(shape: str) -> re.Pattern[str]:
    """Return the expression of letters that a shape stands for."""
    letters = re.sub(r"[a-z_]{2,}", _letter, shape.format_map(PARTS))
    count = itertools.count()
    named = re.sub(r"\(\?P<([ns])>", lambda group: f"(?P<{group[1]}{next(count)}>", letters)
    return re.compile(re.sub(r"\s+", "", named), re.DOTALL)


def _letter(name: re.Match[str]) -> str:
    return re.escape(LETTERS.get(name.group()) or LETTERS[f"{name.group()}_"])
