"""A document and its JSON Schema in, what is wrong out: place and sentence, for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

_TYPES = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a table",
}


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """What is wrong where; problems sort by their place in the document."""

    section: int
    """Where the top-level key stands in the schema; -1: the document itself."""
    number: int
    """Which entry of a list, from 1; 0: the list itself."""
    place: str
    sentence: str


def schema_problems(document: object, schema: Mapping[str, Any]) -> list[Problem]:
    """Return every place where the document is not what its schema demands."""
    return [
        problem_at(document, schema, list(error.path)[:2], sentence)
        for error in Draft202012Validator(schema).iter_errors(document)
        for sentence in _sentences(error)
    ]


def problem_at(
    document: Any,  # noqa: ANN401 - whatever a file holds
    schema: Mapping[str, Any],
    path: Sequence[str | int],
    sentence: str,
) -> Problem:
    """Return the problem at a path of a key and perhaps an index from 0."""
    if not path:
        return Problem(-1, 0, "top level", sentence)
    section = list(schema["properties"]).index(path[0])
    if len(path) == 1:
        return Problem(section, 0, str(path[0]), sentence)
    key, index = str(path[0]), int(path[1])
    return Problem(section, index + 1, entry_place(key, index + 1, document[key][index]), sentence)


def entry_place(key: str, number: int, entry: object) -> str:
    """Name the entry of a list as `rules[2] "state-conflict"`, counted from 1."""
    name = entry.get("id") if isinstance(entry, dict) else None
    if isinstance(name, str) and name.isprintable() and 0 < len(name) <= 100:
        return f'{key}[{number}] "{name}"'
    return f"{key}[{number}]"


def _sentences(error: ValidationError) -> Iterator[str]:
    """Say in words what a keyword of the schema demands."""
    path = list(error.path)
    key = next((str(part) for part in reversed(path[2:]) if isinstance(part, str)), "")
    said = f"{key}: " if key else ""
    value: Any = error.validator_value
    schema: Any = error.schema
    match error.validator:
        case "additionalProperties":
            known = list(schema["properties"])
            instance: Any = error.instance
            for unknown in sorted(set(instance) - set(known)):
                yield f"unknown key {_shown(unknown)}{_nearest(unknown, known)}"
        case "required":
            # jsonschema tells of each missing key by itself, and names it only in its message.
            yield f"{said}has no {next(name for name in value if repr(name) in error.message)!r}"
        case "anyOf":
            yield "needs a status or an error, or both: which failures are meant?"
        case "oneOf":
            yield f"{said}must be a status from 100 to 599, or a list of different ones"
        case "type":
            yield f"{said}must be {_TYPES[value]}"
        case "enum":
            yield f"{said}must be {' or '.join(repr(one) for one in value)}"
        case "const":
            yield f"must be {value!r}, the only version there is"
        case "minLength" | "minItems":
            yield f"{said}must not be empty"
        case "pattern":
            yield said + _PATTERNS.get(value, "must be one line without control characters")
        case _:
            low, high = schema.get("minimum"), schema.get("exclusiveMaximum")
            yield f"{said}must be at least {low}" + (f" and below {high}" if high else "")


_PATTERNS = {
    r"\S": "must say something",
    "^[A-Za-z0-9._-]{1,100}$": "must be 1 to 100 letters, digits, dots, dashes or underscores",
}


def _shown(key: str) -> str:
    return repr(key[:60])


def _nearest(unknown: str, known: list[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(unknown, known, n=1)
    return f"; did you mean {near[0]!r}?" if near else f"; there are {', '.join(known)}"
