"""The shape of result documents, as their published schema describes it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from loadgate.text import encodable, quoted

LARGEST_COUNT = 10**15
"""More than any run has; sums of such counts still fit into the integers that pandas knows."""
LARGEST_NUMBER = 1e300

Schema = dict[str, Any]

_FILE = Path(__file__).parent.parent / "schemas" / "result.json"


class FieldError(ValueError):
    """A document that no run has; the text says which field is wrong, and what it must be."""


@cache
def _schema() -> Schema:
    schema: Schema = json.loads(_FILE.read_bytes())
    return schema


def conforming_document(value: object) -> dict[str, Any]:
    """Return what the schema describes of a result document, and nothing else.

    Whole numbers are `int` in it, other numbers `float`, and UTF-8 can say all texts. Raises
    FieldError with the first field that the schema refuses, or a number that is too large.

    This knows the keywords that this schema uses, and says at once what is wrong. jsonschema takes
    ten times as long; a test holds both to the same answers.
    """
    document: dict[str, Any] = _conforming(value, _schema(), "")
    return document


def _conforming(value: Any, schema: Schema, place: str) -> Any:  # noqa: ANN401 - any JSON
    if "$ref" in schema:
        schema = _schema()["$defs"][schema["$ref"].rpartition("/")[2]]
    if "enum" in schema or "const" in schema:
        return _choice(value, schema, place)
    types = schema["type"]
    if value is None and "null" in types:
        return None
    kind = _KINDS[types if isinstance(types, str) else types[0]]
    if not isinstance(value, kind.types) or isinstance(value, bool) != (kind.types is bool):
        raise _wrong(place, kind.name, value)
    return kind.take(value, schema, place)


def _choice(value: Any, schema: Schema, place: str) -> Any:  # noqa: ANN401 - as above
    choices = schema.get("enum") or [schema["const"]]
    if value not in choices or isinstance(value, bool):  # to Python, true is 1
        names = ", ".join(str(choice or "null") for choice in choices)
        raise _wrong(place, f"one of {names}" if len(choices) > 1 else names, value)
    return value


def _object(value: dict[str, Any], schema: Schema, place: str) -> dict[str, Any]:
    inside = f"{place}." if place else ""
    for key in schema.get("required", ()):
        if key not in value:
            raise FieldError(f"{inside}{key}: is missing")
    known: dict[str, Any]
    if "properties" in schema:
        known = schema["properties"]
    else:  # any keys of one form
        for key in value:
            _text(key, schema["propertyNames"], place)
        known = dict.fromkeys(value, schema["additionalProperties"])
    return {
        key: _conforming(value[key], of_key, inside + key)
        for key, of_key in known.items()
        if key in value
    }


def _list(value: list[Any], schema: Schema, place: str) -> list[Any]:
    items = schema["items"]
    return [_conforming(item, items, f"{place}[{at}]") for at, item in enumerate(value)]


def _text(value: str, schema: Schema, place: str) -> str:
    if "pattern" in schema and not re.fullmatch(schema["pattern"], value):
        raise _wrong(place, f"a text that matches {schema['pattern']}", value)
    return encodable(value)


def _flag(value: bool, _schema: Schema, _place: str) -> bool:  # noqa: FBT001 - a value like any other
    return value


def _count(value: float, schema: Schema, place: str) -> int:
    """Return a whole number, as 3 or, which is the same in JSON, 3.0."""
    least = schema["minimum"]
    if value % 1:
        raise _wrong(place, "a whole number", value)
    if not least <= value <= LARGEST_COUNT:
        raise _wrong(place, f"from {least} to {LARGEST_COUNT:,}", value)
    return int(value)


def _number(value: float, schema: Schema, place: str) -> float:
    least = schema.get("minimum", -LARGEST_NUMBER)
    if not least <= value <= LARGEST_NUMBER:
        wanted = "a finite number" if least else "a number of at least 0"
        raise _wrong(place, wanted, value)
    return float(value)


class _Kind(NamedTuple):
    """How values of one type of JSON are read."""

    name: str
    types: type | tuple[type, ...]
    take: Callable[[Any, Schema, str], Any]


_KINDS = {
    "object": _Kind("an object", dict, _object),
    "array": _Kind("a list", list, _list),
    "string": _Kind("a text", str, _text),
    "boolean": _Kind("true or false", bool, _flag),
    "integer": _Kind("a whole number", (int, float), _count),
    "number": _Kind("a number", (int, float), _number),
}


def _wrong(place: str, wanted: str, value: object) -> FieldError:
    return FieldError(f"{place}: must be {wanted}, not {_shown(value)}")


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
        case _:
            return json.dumps(value)
