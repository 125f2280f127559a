"""Keywords of schemas that ask something of a value, and what they say of one that lacks it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from typing import Any

from loadgate.text import quoted

LARGEST_COUNT = 10**15
"""More than any run has; sums of such counts still fit into the integers that pandas knows."""
LARGEST_NUMBER = 1e300

_CALLED = {
    "object": "an object",
    "array": "a list",
    "string": "a text",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
}
_TYPES: dict[type, tuple[str, ...]] = {
    dict: ("object",),
    list: ("array",),
    str: ("string",),
    bool: ("boolean",),
    int: ("number", "integer"),
    float: ("number",),
    type(None): ("null",),
}
"""What the values of a decoder may be called in a schema; a float with a whole value also that."""


def _has_type(value: object, wanted: str | list[str]) -> bool:
    for kind in _TYPES.get(type(value), ()):
        if kind in wanted:  # no name of a type is part of another one
            return True
    return "integer" in wanted and isinstance(value, float) and value.is_integer()


def _equal(value: object, wanted: object) -> bool:
    return value == wanted and isinstance(value, bool) == isinstance(wanted, bool)


@cache
def _pattern(text: str) -> re.Pattern[str]:
    """Return a pattern, whose `$` is the end of the text, as in the language of JSON Schema."""
    return re.compile(re.sub(r"\$\Z", r"\\Z", text))


def _of(kind: str, keeps: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    """Return a check that asks something of values of one type only."""
    return lambda value, wanted: kind not in _TYPES.get(type(value), ()) or keeps(value, wanted)


KEYWORDS: dict[str, Callable[[Any, Any], bool]] = {
    "type": _has_type,
    "const": _equal,
    "enum": lambda value, wanted: any(_equal(value, choice) for choice in wanted),
    "dependencies": _of(
        "object",
        lambda value, wanted: all(
            value.keys() >= set(needed) for key, needed in wanted.items() if key in value
        ),
    ),
    "minItems": _of("array", lambda value, wanted: len(value) >= wanted),
    "maxItems": _of("array", lambda value, wanted: len(value) <= wanted),
    "minLength": _of("string", lambda value, wanted: len(value) >= wanted),
    "maxLength": _of("string", lambda value, wanted: len(value) <= wanted),
    "pattern": _of("string", lambda value, wanted: bool(_pattern(wanted).search(value))),
    "minimum": _of("number", lambda value, wanted: value >= wanted),
    "maximum": _of("number", lambda value, wanted: value <= wanted),
    "exclusiveMaximum": _of("number", lambda value, wanted: value < wanted),
}


def must(keyword: str, wanted: Any) -> str:  # noqa: ANN401 - any JSON
    """Return what a keyword asks, behind "must be"."""
    match keyword:
        case "type":
            return _CALLED[wanted if isinstance(wanted, str) else wanted[0]]
        case "enum":
            return f"one of {', '.join(str(choice or 'null') for choice in wanted)}"
        case "pattern":
            return f"a text that matches {wanted}"
        case "minimum":
            return f"at least {wanted}"
        case "maximum":
            return f"at most {wanted:,}"
    return str(wanted)


def shown(value: object) -> str:
    """Return a value of a document as an error message may show it, short and harmless."""
    match value:
        case dict():
            return "an object"
        case list():
            return "a list"
        case str():
            return quoted(value)
        case int() if abs(value) > LARGEST_COUNT:
            return "a number of many digits"
    return json.dumps(value, default=str)
