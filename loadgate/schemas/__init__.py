"""Schemas of all documents, and what a document says that keeps to one."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache, lru_cache, partial
from itertools import repeat
from pathlib import Path
from types import NoneType
from typing import Any

from loadgate.schemas.keywords import KEYWORDS, LARGEST_COUNT, LARGEST_NUMBER, must, shown
from loadgate.text import encodable

FOLDER = Path(__file__).parent

Schema = dict[str, Any]

_ELSEWHERE = {
    *("$id", "$schema", "$defs", "title", "description", "default", "examples"),
    *("required", "properties", "additionalProperties", "propertyNames"),
    *("items", "prefixItems", "anyOf"),
}
"""Keywords that ask nothing of the value itself, or are not in `keywords`."""
_NAMES = 256
"""Names of keys that are known to be of the right form."""


class FieldError(ValueError):
    """A document that cannot be; the text says which field is wrong, and what it must be."""


class _RefusedError(Exception):
    """A value that its schema refuses; whatever holds the value adds where it is."""

    def __init__(self, problem: str, place: str = "") -> None:
        super().__init__(problem)
        self.problem, self.place = problem, place


@cache
def schema(document: str) -> Schema:
    """Return the schema of a kind of document: "rules"."""
    loaded: Schema = json.loads((FOLDER / f"{document}.json").read_bytes())
    return loaded


def conforming(value: Any, document: str, part: str = "") -> Any:  # noqa: ANN401 - any JSON
    """Return what the schema of a document, or of a part, describes of a value, and nothing else.

    Whole numbers are `int` in it, other numbers `float`, and UTF-8 can say all texts. Raises
    FieldError with the first field that the schema refuses, or a number that is too large.

    This knows the keywords of our own schemas. jsonschema takes a hundred times as long, and its
    import longer than all else that `check` does for a small run. Tests hold both to the same
    answers.
    """
    try:
        return _check(document, part)(value)
    except _RefusedError as error:
        raise FieldError(f"{error.place.removeprefix('.')}: {error.problem}") from None


def valid(value: object, document: str) -> bool:
    """Say whether a value keeps to a schema; False may also be for a number that is too large."""
    try:
        conforming(value, document)
    except FieldError:
        return False
    return True


# --- checks, made once of each schema -------------------------------------------------------------

_Check = Callable[[Any], Any]
"""Returns what a schema describes of a value; raises _RefusedError."""
_Quick = Mapping[type, Callable[[Any], bool]]
"""Says by type of most values that they conform, and are returned as they are."""


@cache
def _check(document: str, part: str) -> _Check:
    whole = schema(document)
    definitions = whole.get("$defs", {})
    return check_of(definitions[part] if part else whole, definitions)


def check_of(schema: Schema, definitions: Schema) -> _Check:
    """Return what holds a value to a schema."""
    schema = _resolved(schema, definitions)
    keywords = [
        (KEYWORDS[keyword], keyword, wanted)
        for keyword, wanted in schema.items()
        if keyword not in _ELSEWHERE
    ]
    options = [check_of(option, definitions) for option in schema.get("anyOf", ())]
    number = partial(_number, schema)
    inside: dict[type, _Check] = {str: encodable, int: number, float: number}
    if "prefixItems" in schema or "items" in schema:
        inside[list] = _list(schema, definitions)
    else:
        inside[dict] = (_map if schema.get("additionalProperties") else _object)(
            schema, definitions
        )

    def check(value: Any) -> Any:  # noqa: ANN401 - any JSON
        for keeps, keyword, wanted in keywords:
            if not keeps(value, wanted):
                raise _RefusedError(f"must be {must(keyword, wanted)}, not {shown(value)}")
        if options and not any(_keeps(value, option) for option in options):
            raise _RefusedError("has none of the forms that it may have")
        of_type = inside.get(type(value))
        return value if of_type is None else of_type(value)

    return check


def _resolved(schema: Schema, definitions: Schema) -> Schema:
    """Return a schema, or that which it refers to."""
    name = schema.get("$ref", "").rpartition("/")[2]
    return definitions[name] if name else schema


def _quick(schema: Schema, definitions: Schema) -> _Quick:
    """Return the tests of a field; what passes none of them is checked by each keyword."""
    schema = _resolved(schema, definitions)
    types, asked = schema.get("type", ()), schema.keys() - _ELSEWHERE - {"type"}
    tests: dict[type, Callable[[Any], bool]] = {}
    if asked == {"enum"}:
        tests = dict.fromkeys((str, NoneType), frozenset(schema["enum"]).__contains__)
    elif asked <= {"minimum", "pattern"}:
        least = schema.get("minimum", -LARGEST_COUNT)
        if "integer" in types:
            tests[int] = range(least, LARGEST_COUNT + 1).__contains__
        elif "number" in types:
            tests[float] = lambda value: bool(least <= value <= LARGEST_NUMBER)
        if "string" in types and "pattern" not in asked:
            tests[str] = str.isascii
        for name, type_ in (("null", NoneType), ("boolean", bool)):
            if name in types:
                tests[type_] = _always
    return tests


def _always(_value: object) -> bool:
    return True


def _never(_value: object) -> bool:
    return False


def _keeps(value: object, check: _Check) -> bool:
    try:
        check(value)
    except _RefusedError:
        return False
    return True


def _object(schema: Schema, definitions: Schema) -> _Check:
    """Return the check of an object with known keys."""
    fields = [
        (key, _quick(of_key, definitions), check_of(of_key, definitions))
        for key, of_key in schema.get("properties", {}).items()
    ]
    keys = {key for key, _, _ in fields}
    required = schema.get("required", ())
    all_required = frozenset(required)
    closed = schema.get("additionalProperties") is False

    def check(value: Schema) -> Schema:
        if not all_required <= value.keys():
            missing = next(key for key in required if key not in value)
            raise _RefusedError("is missing", f".{missing}")
        if closed and not value.keys() <= keys:
            raise _RefusedError("has an unknown key")
        described = {}
        key = ""
        try:
            for key, quick, thorough in fields:
                if key in value:
                    item = value[key]
                    fine = quick.get(type(item), _never)
                    described[key] = item if fine(item) else thorough(item)
        except _RefusedError as error:
            error.place = f".{key}{error.place}"
            raise
        return described

    return check


def _map(schema: Schema, definitions: Schema) -> _Check:
    """Return the check of an object with any keys of one form."""
    of_each = schema["additionalProperties"]
    quick, thorough = _quick(of_each, definitions), check_of(of_each, definitions)
    check_name = lru_cache(maxsize=_NAMES)(check_of(schema["propertyNames"], definitions))

    def check(value: Schema) -> Schema:
        for name in value:
            check_name(name)
        types = {*map(type, value.values())}
        if len(types) == 1 and all(map(quick.get(types.pop(), _never), value.values())):
            return value
        described = {}
        name = ""
        try:
            for name, item in value.items():
                described[name] = thorough(item)
        except _RefusedError as error:
            error.place = f".{name}{error.place}"
            raise
        return described

    return check


def _list(schema: Schema, definitions: Schema) -> _Check:
    """Return the check of a list."""
    of_all = schema.get("prefixItems") or [schema["items"]]
    checks = [(_quick(of, definitions), check_of(of, definitions)) for of in of_all]
    of_each = checks if "prefixItems" in schema else repeat(checks[0])

    def check(value: list[Any]) -> list[Any]:
        described: list[Any] = []
        try:
            for item, (quick, thorough) in zip(value, of_each, strict=False):
                fine = quick.get(type(item), _never)
                described.append(item if fine(item) else thorough(item))
        except _RefusedError as error:
            error.place = f"[{len(described)}]{error.place}"
            raise
        return described

    return check


def _number(schema: Schema, value: float) -> float:
    if "integer" in schema.get("type", ()):
        if value > LARGEST_COUNT and "maximum" not in schema:
            raise _RefusedError(f"must be at most {LARGEST_COUNT:,}")
        return int(value)  # 3.0 is the same in JSON
    if not abs(value) <= LARGEST_NUMBER:
        raise _RefusedError("must be a finite number")
    return float(value)
