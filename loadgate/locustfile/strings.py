"""What methods and operators of strings make of texts with holes."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Sequence
from collections.abc import Mapping as Keywords

from loadgate.locustfile.values import (
    ANY,
    CHANGED,
    MOST,
    Mapping,
    Opaque,
    Series,
    Value,
    Values,
    distinct,
    formatted,
    is_mark,
    joined,
    marks,
    texts,
)

_PERCENT = re.compile(
    r"%(?:\((?P<key>[^()]*)\))?(?P<flags>[#0 +-]*)(?P<width>\*|[0-9]*)"
    r"(?P<precision>\.(?:\*|[0-9]*))?[hlL]?(?P<type>[diouxXeEfFgGcrsa%])"
)
_DIGIT = re.compile("[0-9]")
_FIELD = re.compile(r"([^.\[]*)((?:\.\w+|\[[^\]]*\])*)")
_STEP = re.compile(r"\.(\w+)|\[([^\]]*)\]")
_SAME = frozenset(("lower", "upper", "swapcase", "casefold", "removeprefix"))
_SAME_ON_WORDS = frozenset(("title", "capitalize"))
_STRIPS = frozenset(("strip", "lstrip", "rstrip"))

Step = Callable[[Values, str, bool], Values]
"""Returns an attribute (True) or an item (False) of values, by its name."""


def call_method(text: str, name: str, args: Sequence[Values]) -> tuple[str, ...]:
    """Return what a method of a text makes of it; `*` where that is not known."""
    known = [value for values in args for value in values if len(values) == 1]
    whole = len(known) == len(args) and all(isinstance(v, str | int) for v in known)
    if name == "join":
        return _join(text, args[0]) if args else (ANY,)
    if not whole:
        return (_changed(text),)
    if name in _STRIPS:
        return (_strip(text, name, str(known[0]) if known else None),)
    if name in _SAME or (name in _SAME_ON_WORDS and ANY not in text):
        return (getattr(text, name)(*known),)
    longest = max((len(str(value)) for value in known), default=0)
    if name == "replace" and len(known) > 1 and longest < MOST and not _DIGIT.search(str(known[0])):
        return (text.replace(str(known[0]), str(known[1])),)
    if name in {"ljust", "rjust", "center"}:
        return ((ANY if name != "ljust" else "") + text + (ANY if name != "rjust" else ""),)
    return (_changed(text),)


def _changed(text: str) -> str:
    return CHANGED if marks(text) else ANY


def _strip(text: str, name: str, characters: str | None) -> str:
    if characters is not None and re.search("[0-9]", characters):
        return _changed(text)
    for side in ("lstrip", "rstrip"):
        if name in {"strip", side}:
            while (shorter := getattr(text, side)(characters)) != text:
                text = shorter
            # What is not known may be empty, and then what is beside it goes, too.
            if side == "lstrip" and text.startswith(ANY):
                text = ANY + text.lstrip(ANY).lstrip(characters)
            elif side == "rstrip" and text.endswith(ANY):
                text = text.rstrip(ANY).rstrip(characters) + ANY
    return text


def _join(between: str, values: Values) -> tuple[str, ...]:
    found: list[str] = []
    for value in values:
        if not isinstance(value, Series) or value.brackets in {"<>", ".."}:
            found.append(ANY)
            continue
        parts: list[Sequence[str]] = []
        for number, item in enumerate(value.items):
            parts += [(between,)] if number else []
            parts.append(texts(item))
        found += joined(parts)
    return tuple(distinct(found))


def cut(text: str, lower: int | None, upper: int | None) -> str:
    """Return `text[lower:upper]`."""
    if lower or (upper is not None and upper < 0):
        return _changed(text)
    at = 0
    for place, character in enumerate(text):
        if character in {ANY, CHANGED}:
            return text[:place] + ANY if upper is not None else text
        at += 3 if is_mark(character) else 1
        if upper is not None and at > upper:
            return text[:place] + (CHANGED if is_mark(character) else "")
    return text


# --- % and format ---------------------------------------------------------------------------------


def percent(text: str, right: Value) -> tuple[str, ...]:
    """Return what `text % right` gives."""
    positional = list(right.items) if isinstance(right, Series) and right.brackets == "()" else None
    left = [(right,)] if positional is None else positional
    parts: list[Sequence[str]] = []
    at = 0
    for found in _PERCENT.finditer(text):
        parts.append((text[at : found.start()],))
        at = found.end()
        if found["type"] == "%":
            parts.append(("%",))
            continue
        if found["key"] is not None:
            value = right.get(found["key"]) if isinstance(right, Mapping) else None
        else:
            value = left.pop(0) if left and "*" not in found[0] else None
            if isinstance(right, Opaque) and not right.mark:  # it may be a tuple
                value = None
        parts.append((ANY,) if value is None else _one_percent(found, value))
    return joined([*parts, (text[at:],)])


def _one_percent(found: re.Match[str], values: Values) -> tuple[str, ...]:
    kind = found["type"]
    align = "<" if "-" in found["flags"] else ">" if found["width"] else ""
    zero = "0" if "0" in found["flags"] and kind in "diu" else ""
    spec = f"{align}{zero}{found['width']}{found['precision'] or ''}"
    if kind in "sra":
        return formatted(values, "" if kind == "s" else kind, spec)
    if kind in "diu":
        numbers = tuple(v if not isinstance(v, str) else ANY for v in values)
        return formatted(numbers, "", None if "." in spec else spec)
    return tuple(distinct(_other_number(v, found) for v in values))


def _other_number(value: Value, found: re.Match[str]) -> str:
    if isinstance(value, int | float) and len(found[0]) < 8:
        return f"%{found['flags']}{found['width']}{found['precision'] or ''}{found['type']}" % value
    return formatted((value,), "", "x")[0]


def format_text(
    text: str, args: Sequence[Values], keywords: Keywords[str, Values], step: Step
) -> tuple[str, ...]:
    """Return what `text.format(*args, **keywords)` gives."""
    try:
        fields = list(string.Formatter().parse(text))
    except ValueError:
        return (ANY,)
    parts: list[Sequence[str]] = []
    automatic = 0
    for before, name, spec, conversion in fields:
        parts.append((before,))
        if name is None:
            continue
        first, steps = _FIELD.match(name).groups()  # type: ignore[union-attr] # it always matches
        if not first:
            first, automatic = str(automatic), automatic + 1
        if first.isdecimal():
            values = args[int(first)] if int(first) < len(args) else None
        else:
            values = keywords.get(first)
        if values is None:
            parts.append((ANY,))
            continue
        for attribute, item in _STEP.findall(steps):
            values = step(values, attribute or item, bool(attribute))
        parts.append(formatted(values, conversion or "", None if "{" in (spec or "") else spec))
    return joined(parts)
