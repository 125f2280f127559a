"""Schemas of all documents, and a quick check of whether a document keeps to one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


@cache
def schema(document: str) -> dict[str, Any]:
    """Return the schema of a kind of document: "rules"."""
    loaded: dict[str, Any] = json.loads((FOLDER / f"{document}.json").read_bytes())
    return loaded


def valid(value: Any, schema: dict[str, Any]) -> bool:  # noqa: ANN401 - it may be anything
    """Say whether a value keeps to a schema that has the keywords of rules.json or recording.json.

    jsonschema says what is wrong; to import it takes longer than all else that `check` does for a
    small run. A test holds both to the same answers.
    """
    return all(
        _KEYWORDS[keyword](value, wanted, schema)
        for keyword, wanted in schema.items()
        if keyword not in _TEXTS
    )


_Check = Callable[[Any, Any, dict[str, Any]], bool]
_TEXTS = {"$id", "$schema", "title", "description", "default", "examples"}
_TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "number": (int, float),
    "integer": int,
    "null": type(None),
}


def _of(kind: str, keeps: Callable[[Any, Any], bool]) -> _Check:
    """Return a check that asks something of values of one type only."""
    return lambda value, wanted, _: not _is(value, kind) or keeps(value, wanted)


def _is(value: object, kind: str) -> bool:
    if kind == "integer" and isinstance(value, float):
        return value.is_integer()
    # To Python, True is a number.
    return isinstance(value, _TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))


def _equal(value: object, wanted: object) -> bool:
    return value == wanted and isinstance(value, bool) == isinstance(wanted, bool)


_KEYWORDS: dict[str, _Check] = {
    "type": lambda value, wanted, _: any(
        _is(value, kind) for kind in ([wanted] if isinstance(wanted, str) else wanted)
    ),
    "const": lambda value, wanted, _: _equal(value, wanted),
    "enum": lambda value, wanted, _: any(_equal(value, choice) for choice in wanted),
    "anyOf": lambda value, wanted, _: any(valid(value, option) for option in wanted),
    "required": _of("object", lambda value, wanted: value.keys() >= set(wanted)),
    "dependentRequired": _of(
        "object",
        lambda value, wanted: all(
            value.keys() >= set(needed) for key, needed in wanted.items() if key in value
        ),
    ),
    "additionalProperties": lambda value, _, schema: (
        not isinstance(value, dict) or value.keys() <= schema["properties"].keys()
    ),
    "properties": _of(
        "object",
        lambda value, wanted: all(valid(value[key], wanted[key]) for key in wanted if key in value),
    ),
    "items": _of("array", lambda value, wanted: all(valid(entry, wanted) for entry in value)),
    "prefixItems": _of("array", lambda value, wanted: all(map(valid, value, wanted))),
    "minItems": _of("array", lambda value, wanted: len(value) >= wanted),
    "maxItems": _of("array", lambda value, wanted: len(value) <= wanted),
    "minLength": _of("string", lambda value, wanted: len(value) >= wanted),
    "maxLength": _of("string", lambda value, wanted: len(value) <= wanted),
    "pattern": _of("string", lambda value, wanted: bool(re.search(wanted, value))),
    # Not ">=": nan, which is neither, passes with jsonschema.
    "minimum": _of("number", lambda value, wanted: not value < wanted),
    "maximum": _of("number", lambda value, wanted: not value > wanted),
    "exclusiveMaximum": _of("number", lambda value, wanted: not value >= wanted),
}
