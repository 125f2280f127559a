"""What `%`, `format` and the methods of strings make of texts with holes."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Mapping, Sequence

from loadgate.locustfile.values import (
    ANY,
    CHANGED,
    Items,
    Opaque,
    Value,
    Values,
    distinct,
    holds_status,
    is_mark,
    joined,
    texts,
)

_PERCENT = re.compile(r"%(?:\(([^()]*)\))?([-#0 +]*[0-9*]*(?:\.[0-9*]*)?)[hlL]?([a-zA-Z%])")
_PLAIN_SPEC = re.compile(r"[<>=^]?0?[0-3]?[dns]?")
"""Format specs that leave three digits as they are."""
_KEEP = frozenset(("strip", "lstrip", "rstrip", "lower", "upper", "casefold"))


def formatted(values: Values, conversion: str, spec: str | None) -> tuple[str, ...]:
    """Return how `{value!conversion:spec}` is written; the spec is None where it is not known."""
    written = texts(values, quoted=conversion in {"r", "a"})
    if spec == "":
        return written
    plain = spec is not None and _PLAIN_SPEC.fullmatch(spec)
    return tuple(
        text
        if plain and len(text) == 1 and is_mark(text)
        else CHANGED
        if holds_status(text)
        else ANY
        for text in written
    )


def percent(text: str, right: Value) -> tuple[str, ...]:
    """Return what `text % right` gives."""
    several = isinstance(right, Items) and right.brackets == "()"
    left = list(right.items) if several else [(right,)]
    parts: list[Sequence[str]] = []
    at = 0
    for found in _PERCENT.finditer(text):
        key, spec, kind = found.groups()
        parts.append((text[at : found.start()],))
        at = found.end()
        values: Values = (Opaque(computed=holds_status(right)),)
        if kind == "%":
            parts.append(("%",))
            continue
        if key is not None:
            values = item(right, key)
        elif left and not (isinstance(right, Opaque) and not right.mark):  # else it may be a tuple
            values = left.pop(0)
        parts.append(formatted(values, kind, spec if kind in "sradiu" else None))
    return joined([*parts, (text[at:],)])


def format_text(
    text: str,
    args: Sequence[Values],
    keywords: Mapping[str, Values],
    attribute: Callable[[Values, str], Values],
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
        first, *steps = name.split(".")
        if not first:
            first, automatic = str(automatic), automatic + 1
        values = keywords.get(first, (Opaque(),))
        if first.isdecimal() and int(first[:4]) < len(args):
            values = args[int(first)]
        for step in steps:
            values = attribute(values, step)
        parts.append(formatted(values, conversion or "", spec))
    return joined(parts)


def call_method(text: str, name: str, args: Sequence[Values]) -> Values:
    """Return what a method of a text makes of it; `*` where that is not known."""
    if name in _KEEP and not args:
        return (getattr(text, name)(),)
    if name == "join" and args:
        return tuple(distinct(t for value in args[0] for t in _join(text, value)))
    made = holds_status(text) or any(holds_status(v) for values in args for v in values)
    return (CHANGED if made else ANY,)


def _join(between: str, value: Value) -> tuple[str, ...]:
    if not isinstance(value, Items) or value.brackets == "{}":
        return (CHANGED if holds_status(value) else ANY,)
    parts: list[Sequence[str]] = []
    for number, entry in enumerate(value.items):
        parts += [(between,)] if number else []
        parts.append(texts(entry))
    return joined(parts)


def item(owner: Value, key: Value) -> Values:
    """Return `owner[key]`; all that it holds where the key is not known."""
    if isinstance(owner, Items):
        found: Values = ()
        if owner.keys:
            pairs = zip(owner.keys, owner.items, strict=True)
            found = tuple(v for known, values in pairs if known == key for v in values)
        elif isinstance(key, int) and -len(owner.items) <= key < len(owner.items):
            found = owner.items[key]
        return found or distinct(v for values in owner.items for v in values) or (Opaque(),)
    if isinstance(owner, Opaque) and owner.origin:
        return (part(owner, f"[{key}]" if isinstance(key, str | int) else "[]"),)
    return (Opaque(),)


def of_dictionary(owner: Items, name: str, args: Sequence[Values]) -> Values:
    """Return what a method of a dictionary gives; nothing: that is not known."""
    if name == "items":
        pairs = zip(owner.keys, owner.items, strict=True)
        return (Items("[]", tuple((Items("()", ((key,), v)),) for key, v in pairs)),)
    if name != "get" or not args:
        return ()
    key, default = args[0][0], args[1] if len(args) > 1 else (None,)
    if isinstance(key, str | int) and key not in owner.keys:
        return default
    return (*item(owner, key), *(default if key not in owner.keys else ()))


def part(owner: Opaque, name: str) -> Opaque:
    """Return what is known of a part of something: that it is the same each time."""
    origin = f"{owner.origin}{name}" if owner.origin and len(owner.origin) < 200 else ""
    return Opaque(origin, computed=owner.computed)


def cut(text: str, upper: int) -> str:
    """Return `text[:upper]`, as if all that is not known in it were short."""
    at = 0
    for place, character in enumerate(text):
        at += 3 if is_mark(character) else character not in {ANY, CHANGED}
        if at > upper:
            return text[:place] + (CHANGED if is_mark(character) else "")
    return text
