"""What the schema has against a rules file, in plain sentences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import NoneType
from typing import TYPE_CHECKING, Any

from loadgate.errors import RulesProblem
from loadgate.rules.window import WINDOW_LENGTHS
from loadgate.schemas import schema, valid
from loadgate.text import hint, nearest, quoted

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

ID_FORM = "must be 1 to 100 letters, digits, dots, underscores or hyphens"

_SHOWN = 50
SOUGHT = 1000
"""Problems looked for: a file that holds nothing else would cost half a minute."""

Place = tuple[str | int, ...]
"""Keys and places in lists, from 0, that lead to a value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong where in a rules file."""

    place: Place
    text: str
    key: str = ""
    """The key of the table at the place that it is about, where that is no key of the format."""


def schema_problems(document: Any) -> list[Problem]:  # noqa: ANN401 - it may be anything
    """Return what the schema has against the document, in the order in which it was found.

    Of more than anyone could fix, that is not all.
    """
    if valid(document, "rules"):
        return []
    from jsonschema import Draft7Validator  # takes longer to import than all the rest

    validator = Draft7Validator(schema("rules"))
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


def described(
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


# --- sentences ------------------------------------------------------------------------------------

_TYPES: dict[str, str] = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a table",
}
"""What the types of JSON Schema are called."""

_GIVEN = (
    (bool, "true or false"),
    (int, "a whole number"),
    (float, "a decimal number"),
    (str, "text"),
    (datetime, "a date with a time"),
    (date, "a date"),
    (list, "a list"),
    (dict, "a table"),
    (NoneType, "null"),
    (object, "a time"),
)
"""What a value is called: the first type that fits."""

_FORMS = {
    "id": ID_FORM,
    "rule": ID_FORM,
    "why": "must not be blank: a reason is what makes a rule reviewable",
    "at_most": 'must be a share of the requests, such as "25%" or "0.5%"',
    "expires": "must be a date such as 2027-06-30",
    "status": 'must be a number such as 409, or "grpc:" with one of gRPC\'s status codes',
    **dict.fromkeys(WINDOW_LENGTHS, 'must be a time with s, m or h, such as "60s" or "5m"'),
}
"""What a text must be, by its key."""


def _problems(error: ValidationError) -> Iterator[Problem]:
    """Yield what a keyword of the schema has against a value; several keys may be missing."""
    place = tuple(error.absolute_path)
    value: Any = error.instance
    wanted: Any = error.validator_value
    table: Any = error.schema
    texts: Iterable[str]
    match error.validator:
        case "additionalProperties":
            known = table["properties"]
            for key in (key for key in value if key not in known):
                text = f"unknown key {quoted(key)}{hint(key, known)}"
                yield Problem(place=place, text=text, key=key)
            return
        case "required":
            missing = [key for key in wanted if key not in {*value, *_misspelt(error)}]
            first = "; begin the file with version = 1"
            texts = [f'needs the key "{key}"{first if key == "version" else ""}' for key in missing]
        case "dependencies":
            needs = [(key, needed) for key in wanted if key in value for needed in wanted[key]]
            texts = [f'"{key}" needs "{needed}"' for key, needed in needs if needed not in value]
        case "anyOf":
            keys = [key for option in wanted for key in option["required"]]
            named = " or ".join(f'"{key}"' for key in keys)
            text = f"needs {named}, to say which failures are meant"
            texts = [text] if _misspelt(error).isdisjoint(keys) else []
        case _:
            keys = [step for step in place if isinstance(step, str)]  # of a list that of the list
            texts = [_expectation(error, keys[-1] if keys else "")]
    for text in texts:
        yield Problem(place=place, text=text)


def _misspelt(error: ValidationError) -> set[str]:
    """Return the keys for which an unknown key was probably meant: one problem, not two."""
    table: Any = error.schema
    value: Any = error.instance
    known = table["properties"]
    return {near for key in value if key not in known and (near := nearest(key, known))}


def _expectation(error: ValidationError, key: str) -> str:
    """Return what the value of a key must be, and what it is."""
    value: Any = error.instance
    wanted: Any = error.validator_value
    table: Any = error.schema
    match error.validator:
        case "type":
            return _type(value, wanted, key, whole_section=len(error.absolute_path) == 1)
        case "enum":
            expected = " or ".join(f'"{choice}"' for choice in wanted)
        case "const":
            expected = f"{wanted}, the version that this loadgate reads"
        case "pattern":
            return _FORMS[key] + (f", not {_shown(value)}" if value.strip() else "")
        case "minLength" | "minItems":
            return "must not be empty"
        case "maxLength":
            return f"must have at most {wanted} characters, not {len(value)}"
        case "maxItems":
            return f"must have at most {wanted} entries, not {len(value)}"
        case _:  # minimum, maximum, exclusiveMaximum
            expected = f"at least {table['minimum']}"
            if "maximum" in table:
                expected = f"from {table['minimum']} to {table['maximum']}"
            elif "exclusiveMaximum" in table:
                expected += f" and below {table['exclusiveMaximum']}"
    return f"must be {expected}, not {_shown(value)}"


def _type(value: object, wanted: str | list[str], key: str, *, whole_section: bool) -> str:
    types = [wanted] if isinstance(wanted, str) else wanted
    expected = {
        "expires": "a date",
        "at_most": 'a share in quotation marks, such as "25%"',
        "status": 'a status such as 409 or "grpc:ABORTED", or a list of them',
    }.get(key) or " or ".join(_TYPES[name] for name in types)
    advice = ""
    if whole_section and wanted == "array" and isinstance(value, dict):
        advice = f"; write [[{key}]], with two brackets"
    return f"must be {expected}, not {_given(value)}{advice}"


def _given(value: object) -> str:
    return next(name for kind, name in _GIVEN if isinstance(value, kind))


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
            return _given(value)
