"""The path of a rules file in, what it holds as TOML or JSON says it out."""

from __future__ import annotations

import json
import stat
import tomllib
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

from loadgate.errors import RulesError, UnreadableRulesError
from loadgate.nearest import quoted

_DEEPEST_KEY = 500
SIZE_LIMIT = 1 << 20
"""Bytes that a rules file may have at most."""

_DEEPEST = 20
"""Levels of tables and lists; the format has four."""


def read_document(path: str, origin: str) -> Any:  # noqa: ANN401 - what a file holds is anything
    """Return what the file holds; the name `origin` is what errors call it.

    A name that ends in `.json` says JSON, any other TOML. Dates of TOML are given as ISO texts
    where the format has a date, as JSON has them. Raises RulesError with the one problem for which
    nothing can be read.
    """
    data = _read(path, origin)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RulesError(origin, (f"is not UTF-8 text (byte {error.start + 1})",)) from error
    if any(line.partition("=")[0].count(".") > _DEEPEST_KEY for line in text.splitlines()):
        # tomllib takes a time that grows with the square of the parts of a dotted key
        raise RulesError(origin, ("is nested too deeply",))
    language = "JSON" if path.lower().endswith(".json") else "TOML"
    try:
        document = _json(text) if language == "JSON" else _with_iso_dates(tomllib.loads(text))
        _refuse_monsters(document)
    except RecursionError as error:
        raise RulesError(origin, ("is nested too deeply",)) from error
    except ValueError as error:  # both decoders' errors are, and so is that of a huge number
        raise RulesError(origin, (f"is no valid {language}: {error}",)) from error
    return document


def _read(path: str, origin: str) -> bytes:
    try:
        # A pipe would wait for ever, a device never end.
        if not stat.S_ISREG(Path(path).stat().st_mode):
            raise UnreadableRulesError(origin, "is not a regular file")
        with Path(path).open("rb") as file:
            data = file.read(SIZE_LIMIT + 1)
    except FileNotFoundError as error:
        raise UnreadableRulesError(origin, "there is no such file") from error
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = error.strerror if isinstance(error, OSError) else "its path holds a NUL"
        raise UnreadableRulesError(origin, f"cannot be read: {reason}") from error
    if len(data) > SIZE_LIMIT:
        raise RulesError(origin, (f"is larger than {SIZE_LIMIT:,} bytes",))
    return data


def _json(text: str) -> Any:  # noqa: ANN401 - as read_document
    return json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse_constant)


def _unique(pairs: Iterable[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:  # decoders keep the last one, readers see the first
            raise ValueError(f"the key {quoted(key)} stands twice in one object")
        found[key] = value
    return found


def _refuse_constant(constant: str) -> object:
    raise ValueError(f"{constant} is no number")


def _with_iso_dates(document: dict[str, Any]) -> dict[str, Any]:
    """Turn the dates of `expires` into texts; dates elsewhere stay, for the schema to refuse."""
    rules = document.get("rules")
    for rule in rules if isinstance(rules, list) else ():
        expires = rule.get("expires") if isinstance(rule, dict) else None
        if isinstance(expires, date) and not isinstance(expires, datetime):
            rule["expires"] = expires.isoformat()
    return document


def _refuse_monsters(document: object) -> None:
    """Raise for what decoders let through and what nobody could print afterwards."""
    _refuse_depth(document, _DEEPEST)
    try:
        # Raises ValueError, too, for a hexadecimal number of more than 4,300 digits.
        json.dumps(document, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError:
        raise ValueError("a \\u escape names half a character") from None


def _refuse_depth(value: object, room: int) -> None:
    if not room:
        raise RecursionError
    match value:
        case dict():
            children: Iterable[object] = value.values()
        case list():
            children = value
        case _:
            return
    for child in children:
        _refuse_depth(child, room - 1)
