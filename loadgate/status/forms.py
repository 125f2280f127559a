"""The forms of error texts, from `forms.toml`: how they read, what they say, and examples."""

from __future__ import annotations

import itertools
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any


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
def tables() -> dict[str, Any]:
    """Return what stands in forms.toml."""
    return tomllib.loads(Path(__file__).with_name("forms.toml").read_text("utf-8"))


@cache
def forms(kind: str) -> tuple[Form, ...]:
    """Return the forms of `clients`, of certain `words`, or of `likely` ones."""
    return tuple(Form(**table) for table in tables()[kind])


@cache
def letters_of(concepts: str) -> frozenset[str]:
    """Return the letters of some concepts."""
    return frozenset(tables()["letters"][concept] for concept in concepts.split())


@cache
def statuses_of(name: str) -> frozenset[int]:
    """Return the statuses of a list such as 200-208."""
    parts = [part.partition("-") for part in tables()[name].split()]
    return frozenset(
        s for first, _, last in parts for s in range(int(first), int(last or first) + 1)
    )


@cache
def expression(shape: str) -> re.Pattern[str]:
    """Return the regular expression of letters that a shape of words stands for."""
    while "{" in shape:
        shape = re.sub(r"\{(\w+)\}", lambda part: f"(?:{tables()['parts'][part[1]]})", shape)
    count = itertools.count()
    shape = re.sub(r"[a-z_]{2,}", lambda word: re.escape(tables()["letters"][word.group()]), shape)
    shape = re.sub(r"\(\?P<([ns])>", lambda group: f"(?P<{group[1]}{next(count)}>", shape)
    return re.compile(re.sub(r"\s+", "", shape), re.DOTALL)


@cache
def reasons(status: int) -> tuple[str, ...]:
    """Return the reason phrases of a registered status, lower case; none: it is not registered.

    Some were renamed, in Python 3.13, too, and servers go on writing both.
    """
    from http import HTTPStatus

    try:
        registered = HTTPStatus(status).phrase.lower()
    except ValueError:
        return ()
    return tuple(dict.fromkeys((registered, *tables()["reasons"].get(str(status), ()))))
