"""What the schema has against a rules file, in plain sentences."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from loadgate.errors import RulesProblem
from loadgate.text import hint, nearest, quoted

SCHEMA = Path(__file__).parent.parent / "schemas" / "rules.json"

ID_FORM = "must be 1 to 100 letters, digits, dots, underscores or hyphens"

_SHOWN = 50
SOUGHT = 1000
"""Violations looked for: a file that holds nothing else would cost half a minute."""

Place = tuple[str | int, ...]
"""Keys and places in lists, from 0, that lead to a value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong where in a rules file."""

    place: Place
    text: str
    key: str = ""
    """The key of the table at the place that it is about, where that is no key of the format."""


def violations(document: Any) -> list[Problem]:  # noqa: ANN401 - it may be anything
    """Return what the schema has against the document, in the order in which it was found.

    Of more than anyone could fix, that is not all.
    """
    validator = Draft202012Validator(json.loads(SCHEMA.read_bytes()))
    found: dict[Problem, None] = {}
    for error in validator.iter_errors(document):
        # "required" comes once per missing key, and each time names all.
        found.update(dict.fromkeys(_problems(error)))
        if len(found) > SOUGHT:
            break
    return list(found)


def sound_entries(
    document: dict[str, Any], section: str, problems: Iterable[Problem]
) -> Iterator[tuple[Place, dict[str, Any]]]:
    """Yield the tables of a section with their places, without the keys that have problems."""
    bad = {problem.place[:3] for problem in problems}
    for number, entry in enumerate(document.get(section, ()) if (section,) not in bad else ()):
        at = (section, number)
        if isinstance(entry, dict):
            yield at, {key: value for key, value in entry.items() if (*at, key) not in bad}


def in_words(
    problems: Iterable[Problem],
    document: Any,  # noqa: ANN401 - as above
    file: str,
    lines: Mapping[Place, int],
) -> list[RulesProblem]:
    """Return `PLACE: PROBLEM` for each problem of a file, by line and place, with its line."""
    ordered = sorted(problems, key=lambda problem: (_order(problem.place), problem.text))
    found = [
        RulesProblem(
            text=f"{name(problem.place, document)}: {problem.text}",
            file=file,
            line=line_at(lines, (*problem.place, problem.key) if problem.key else problem.place),
        )
        for problem in ordered
    ]
    return sorted(found, key=lambda problem: problem.line or 0)


def line_at(lines: Mapping[Place, int], place: Place) -> int | None:
    """Return the line of a place, or of the nearest table or list around it; None: the file."""
    while place and place not in lines:
        place = place[:-1]
    return lines.get(place)


def bounded(problems: Sequence[RulesProblem | str]) -> tuple[RulesProblem | str, ...]:
    """Return the first problems, and in the last place how many more there are."""
    more = len(problems) - _SHOWN
    if more <= 0:
        return tuple(problems)
    number = f"{more}" if more < SOUGHT - _SHOWN else f"at least {more}"
    return (*problems[:_SHOWN], f"and {number} more")


def name(place: Place, document: Any) -> str:  # noqa: ANN401 - as above
    """Return a place as a user would look for it: from 1, and with the id where there is one."""
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
        if isinstance(step, int) and isinstance(value, dict) and isinstance(value.get("id"), str):
            text += f" {quoted(value['id'])}"
    return text


def _order(place: Place) -> list[str]:
    return [f"{step:09}" if isinstance(step, int) else step for step in place]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Breach:
    """A value that does not meet a keyword of the schema."""

    place: Place
    value: Any
    wanted: Any
    """What the schema has at the keyword."""
    schema: Any
    """The part of the schema that holds the keyword."""


def _problems(error: ValidationError) -> Iterator[Problem]:
    breach = _Breach(
        place=tuple(error.absolute_path),
        value=error.instance,
        wanted=error.validator_value,
        schema=error.schema,
    )
    if error.validator == "additionalProperties":
        yield from _unknown(breach)
    else:
        for text in _SENTENCES[str(error.validator)](breach):
            yield Problem(place=breach.place, text=text)


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
            return "a decimal number"
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


def _type(breach: _Breach) -> Iterator[str]:
    wanted = breach.wanted
    last = breach.place[-1] if breach.place else None
    kinds = " or ".join(_KINDS[kind] for kind in ([wanted] if isinstance(wanted, str) else wanted))
    if last == "expires":
        kinds = "a date"
    if last == "at_most":
        kinds = 'a share in quotation marks, such as "25%"'
    advice = ""
    if wanted == "array" and len(breach.place) == 1 and isinstance(breach.value, dict):
        advice = f"; write [[{last}]], with two brackets"
    if last == "status" and isinstance(breach.value, str):
        advice = "; write 409 or [409, 412], without quotation marks"
    yield f"must be {kinds}, not {_kind(breach.value)}{advice}"


def _misspelt(breach: _Breach) -> set[str]:
    """Return the keys for which an unknown key was probably meant: one problem, not two."""
    known = breach.schema["properties"]
    unknown = [key for key in breach.value if key not in known]
    return {near for near in (nearest(key, known) for key in unknown) if near}


def _required(breach: _Breach) -> Iterator[str]:
    for key in breach.wanted:
        if key not in breach.value and key not in _misspelt(breach):
            advice = "; begin the file with version = 1" if key == "version" else ""
            yield f'needs the key "{key}"{advice}'


def _any_of(breach: _Breach) -> Iterator[str]:
    if _misspelt(breach).isdisjoint({"status", "error"}):
        yield 'needs "status", "error" or both, to say which failures are meant'


def _dependent(breach: _Breach) -> Iterator[str]:
    for key, needed in breach.wanted.items():
        if key in breach.value:
            yield from (f'"{key}" needs "{more}"' for more in needed if more not in breach.value)


def _unknown(breach: _Breach) -> Iterator[Problem]:
    known = breach.schema["properties"]
    for key in breach.value:
        if key not in known:
            text = f"unknown key {quoted(key)}{hint(key, known)}"
            yield Problem(place=breach.place, text=text, key=key)


def _bounds(breach: _Breach) -> Iterator[str]:
    least = breach.schema["minimum"]
    if "maximum" in breach.schema:
        wanted = f"from {least} to {breach.schema['maximum']}"
    elif "exclusiveMaximum" in breach.schema:
        wanted = f"at least {least} and below {breach.schema['exclusiveMaximum']}"
    else:
        wanted = f"at least {least}"
    yield f"must be {wanted}, not {_shown(breach.value)}"


def _enum(breach: _Breach) -> Iterator[str]:
    choices = " or ".join(f'"{choice}"' for choice in breach.wanted)
    yield f"must be {choices}, not {_shown(breach.value)}"


def _const(breach: _Breach) -> Iterator[str]:
    given = _shown(breach.value)
    yield f"must be {breach.wanted}, the version that this loadgate reads, not {given}"


def _pattern(breach: _Breach) -> Iterator[str]:
    given = f", not {_shown(breach.value)}" if breach.value.strip() else ""
    yield f"{_FORMS[str(breach.place[-1])]}{given}"


def _empty(_: _Breach) -> Iterator[str]:
    yield "must not be empty"


def _long(breach: _Breach) -> Iterator[str]:
    yield f"must have at most {breach.wanted} characters, not {len(breach.value)}"


def _many(breach: _Breach) -> Iterator[str]:
    yield f"must have at most {breach.wanted} entries, not {len(breach.value)}"


_SENTENCES: dict[str, Callable[[_Breach], Iterator[str]]] = {
    "type": _type,
    "required": _required,
    "anyOf": _any_of,
    "dependentRequired": _dependent,
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
