"""What a rules file holds in, everything that its schema has against it, in plain sentences, out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from loadgate.nearest import hint, quoted

SCHEMA = Path(__file__).parent / "schemas" / "rules.json"

ID_FORM = "must be 1 to 100 letters, digits, dots, underscores or hyphens"

_SOUGHT = 1000
"""Violations looked for: enough to fix, and a file that holds nothing else costs no minutes."""

Place = tuple[str | int, ...]
"""Keys and places in lists, from 0, that lead to a value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong where in a rules file."""

    place: Place
    text: str


def violations(document: Any) -> list[Problem]:  # noqa: ANN401 - what a file holds is anything
    """Return what the schema has against the document, in the order in which it was found."""
    validator = Draft202012Validator(json.loads(SCHEMA.read_bytes()))
    errors = islice(validator.iter_errors(document), _SOUGHT)
    found = [problem for error in errors for problem in _problems(error)]
    return list(dict.fromkeys(found))  # "required" comes once per missing key, and names all


def sound_entries(
    document: dict[str, Any], section: str, problems: Iterable[Problem]
) -> Iterator[tuple[Place, dict[str, Any]]]:
    """Yield the tables of a section with their places, without the keys that have problems."""
    bad = {problem.place[:3] for problem in problems}
    entries = document.get(section)
    for number, entry in enumerate(entries if isinstance(entries, list) else ()):
        at = (section, number)
        if isinstance(entry, dict):
            yield at, {key: value for key, value in entry.items() if (*at, key) not in bad}


def in_words(problems: Iterable[Problem], document: Any) -> list[str]:  # noqa: ANN401 - as above
    """Return `PLACE: PROBLEM` for each problem, sorted by place."""
    ordered = sorted(problems, key=lambda problem: (_order(problem.place), problem.text))
    return [f"{name(problem.place, document)}: {problem.text}" for problem in ordered]


def name(place: Place, document: Any) -> str:  # noqa: ANN401 - as above
    """Return a place as a user would find it: counted from 1, and with the id where there is one."""
    if not place:
        return "file"
    text = ""
    value = document
    for step in place:
        value = value[step] if isinstance(step, int) else value.get(step)
        if isinstance(step, int):
            text += f"[{step + 1}]"
        else:
            text += f": {step}" if text else step
        if isinstance(value, dict) and isinstance(value.get("id"), str):
            text += f" {quoted(value['id'])}"
    return text


def _order(place: Place) -> list[str]:
    return [f"{step:09}" if isinstance(step, int) else step for step in place]


def _problems(error: ValidationError) -> Iterator[Problem]:
    place = tuple(error.absolute_path)
    for text in _SENTENCES[str(error.validator)](error):
        yield Problem(place=place, text=text)


# --- a sentence for each keyword of the schema --------------------------------------------------

_KINDS: dict[str, str] = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a table",
}
_FORMS = {
    "id": ID_FORM,
    "rule": ID_FORM,
    "why": "must not be blank: a reason is what makes a rule reviewable",
    "at_most": 'must be a share of the requests, such as "25%" or "0.5%"',
    "expires": "must be a date such as 2027-06-30",
}


def _kind(value: object) -> str:
    match value:
        case bool():
            return "true or false"
        case int():
            return "a whole number"
        case float():
            return "a number"
        case str():
            return "text"
        case datetime():
            return "a date with a time"
        case date():
            return "a date"
        case list():
            return "a list"
        case dict():
            return "a table"
        case None:
            return "null"
        case _:
            return "a time"


def _shown(value: object) -> str:
    """Return a value as a sentence may repeat it: never more than a few characters of it."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return quoted(value)
        case int() | float():
            return quoted(str(value))[1:-1]
        case _:
            return _kind(value)


def _type(error: ValidationError) -> Iterator[str]:
    wanted = error.validator_value
    kinds = " or ".join(_KINDS[kind] for kind in ([wanted] if isinstance(wanted, str) else wanted))
    last = error.absolute_path[-1] if error.absolute_path else None
    if last == "expires":
        kinds = "a date"
    advice = ""
    if wanted == "array" and len(error.absolute_path) == 1 and isinstance(error.instance, dict):
        advice = f"; write [[{last}]], with two brackets"
    yield f"must be {kinds}, not {_kind(error.instance)}{advice}"


def _required(error: ValidationError) -> Iterator[str]:
    for key in error.validator_value:
        if key not in error.instance:
            advice = "; begin the file with version = 1" if key == "version" else ""
            yield f'needs the key "{key}"{advice}'


def _any_of(_: ValidationError) -> Iterator[str]:
    yield 'needs "status", "error" or both, to say which failures are meant'


def _dependent(error: ValidationError) -> Iterator[str]:
    for key, needed in error.validator_value.items():
        if key in error.instance:
            yield from (f'"{key}" needs "{other}"' for other in needed if other not in error.instance)


def _unknown(error: ValidationError) -> Iterator[str]:
    known = error.schema["properties"]
    for key in error.instance:
        if key not in known:
            yield f"unknown key {quoted(key)}{hint(key, known)}"


def _bounds(error: ValidationError) -> Iterator[str]:
    least = error.schema["minimum"]
    if "maximum" in error.schema:
        wanted = f"from {least} to {error.schema['maximum']}"
    elif "exclusiveMaximum" in error.schema:
        wanted = f"at least {least} and below {error.schema['exclusiveMaximum']}"
    else:
        wanted = f"at least {least}"
    yield f"must be {wanted}, not {_shown(error.instance)}"


def _enum(error: ValidationError) -> Iterator[str]:
    choices = " or ".join(f'"{choice}"' for choice in error.validator_value)
    yield f"must be {choices}, not {_shown(error.instance)}"


def _const(error: ValidationError) -> Iterator[str]:
    value = error.validator_value
    yield f"must be {value}, the version that this loadgate reads, not {_shown(error.instance)}"


def _pattern(error: ValidationError) -> Iterator[str]:
    given = f", not {_shown(error.instance)}" if error.instance.strip() else ""
    yield f"{_FORMS[str(error.absolute_path[-1])]}{given}"


def _empty(_: ValidationError) -> Iterator[str]:
    yield "must not be empty"


def _long(error: ValidationError) -> Iterator[str]:
    yield f"must have at most {error.validator_value} characters, not {len(error.instance)}"


def _many(error: ValidationError) -> Iterator[str]:
    yield f"must have at most {error.validator_value} entries, not {len(error.instance)}"


_SENTENCES: dict[str, Callable[[ValidationError], Iterator[str]]] = {
    "type": _type,
    "required": _required,
    "anyOf": _any_of,
    "dependentRequired": _dependent,
    "additionalProperties": _unknown,
    "minimum": _bounds,
    "maximum": _bounds,
    "exclusiveMaximum": _bounds,
    "enum": _enum,
    "const": _const,
    "pattern": _pattern,
    "minLength": _empty,
    "minItems": _empty,
    "maxLength": _long,
    "maxItems": _many,
}
