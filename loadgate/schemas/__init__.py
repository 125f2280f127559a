"""Schemas of all documents, and what a document says that keeps to one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from itertools import repeat
from pathlib import Path
from typing import Any

from loadgate.text import encodable, quoted

FOLDER = Path(__file__).parent

LARGEST_COUNT = 10**15
"""More than any run has; sums of such counts still fit into the integers that pandas knows."""
LARGEST_NUMBER = 1e300

Schema = dict[str, Any]


class FieldError(ValueError):
    """A document that cannot be; the text says which field is wrong, and what it must be."""


@cache
def schema(document: str) -> Schema:
    """Return the schema of a kind of document: "rules"."""
    loaded: Schema = json.loads((FOLDER / f"{document}.json").read_bytes())
    return loaded


def conforming(value: Any, schema: Schema) -> Any:  # noqa: ANN401 - any JSON
    """Return what a schema describes of a value, and nothing else.

    Whole numbers are `int` in it, other numbers `float`, and UTF-8 can say all texts. Raises
    FieldError with the first field that the schema refuses, or a number that is too large.

    This knows the keywords of our own schemas. jsonschema takes ten times as long, and its import
    longer than all else that `check` does for a small run. Tests hold both to the same answers.
    """
    return _conforming(value, schema, schema.get("$defs", {}), "")


def valid(value: object, schema: Schema) -> bool:
    """Say whether a value keeps to a schema; False may also be for a number that is too large."""
    try:
        conforming(value, schema)
    except FieldError:
        return False
    return True


def _conforming(value: Any, schema: Schema, definitions: Schema, place: str) -> Any:  # noqa: ANN401 - as above
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    for keyword, wanted in schema.items():
        if keyword not in _ELSEWHERE and not _KEYWORDS[keyword](value, wanted):
            raise FieldError(f"{place}: must be {_must(keyword, wanted)}, not {_shown(value)}")
    if isinstance(value, str):
        return encodable(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _number(value, schema, place)
    if isinstance(value, dict):
        return _object(value, schema, definitions, place)
    if isinstance(value, list):
        return _list(value, schema, definitions, place)
    return value


def _object(value: Schema, schema: Schema, definitions: Schema, place: str) -> Schema:
    inside = f"{place}." if place else ""
    for key in schema.get("required", ()):
        if key not in value:
            raise FieldError(f"{inside}{key}: is missing")
    known, others = schema.get("properties", {}), schema.get("additionalProperties")
    if others is False and not value.keys() <= known.keys():
        raise FieldError(f"{place}: has an unknown key")
    if others:  # any keys of one form
        for key in value:
            _conforming(key, schema["propertyNames"], definitions, place)
        known = dict.fromkeys(value, others)
    return {
        key: _conforming(value[key], of_key, definitions, inside + key)
        for key, of_key in known.items()
        if key in value
    }


def _list(value: list[Any], schema: Schema, definitions: Schema, place: str) -> list[Any]:
    of_each = schema.get("prefixItems") or repeat(schema["items"])
    return [
        _conforming(item, of_item, definitions, f"{place}[{at}]")
        for at, (item, of_item) in enumerate(zip(value, of_each, strict=False))
    ]


def _number(value: float, schema: Schema, place: str) -> float:
    if "integer" in schema.get("type", ()):
        if value > LARGEST_COUNT and "maximum" not in schema:
            raise FieldError(f"{place}: must be at most {LARGEST_COUNT:,}")
        return int(value)  # 3.0 is the same in JSON
    if not abs(value) <= LARGEST_NUMBER:
        raise FieldError(f"{place}: must be a finite number")
    return float(value)


# --- keywords -------------------------------------------------------------------------------------

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


_ELSEWHERE = {
    *("$id", "$schema", "$defs", "title", "description", "default", "examples"),
    *("required", "properties", "additionalProperties", "propertyNames"),
    *("items", "prefixItems"),
}


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


_KEYWORDS: dict[str, Callable[[Any, Any], bool]] = {
    "type": _has_type,
    "const": _equal,
    "enum": lambda value, wanted: any(_equal(value, choice) for choice in wanted),
    "anyOf": lambda value, options: any(valid(value, option) for option in options),
    "dependentRequired": _of(
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


def _must(keyword: str, wanted: Any) -> str:  # noqa: ANN401 - as above
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


def _shown(value: object) -> str:
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
