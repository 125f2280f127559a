"""Expressions of GitHub Actions, as a runner evaluates them.

Only what is written down here is known: any other context, function or operator is an error, never
an empty string, so that a typing error cannot look like a condition that does not hold.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

Contexts = Mapping[str, Any]
"""Name of a context (`inputs`, `steps`, ...) -> what is in it; strings at the leaves."""

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>-?\d+(?:\.\d+)?)(?![\w.])"
    r"|(?P<name>[A-Za-z_][\w-]*(?:\.(?:[A-Za-z_][\w-]*|\*))*)"
    r"|(?P<sign>==|!=|<=|>=|&&|\|\||[!<>(),]))"
)
_EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_STATUS = ("always", "success", "failure", "cancelled")


class UnknownExpressionError(Exception):
    """An expression that this small runner does not know, or that does not exist."""


def fill(text: str, contexts: Contexts, *, failed: bool = False) -> str:
    """Return a value of a workflow with each `${{ }}` in it replaced."""
    return _EXPRESSION.sub(
        lambda found: as_text(evaluate(found.group(1), contexts, failed=failed)), text
    )


def holds(condition: object, contexts: Contexts, *, failed: bool) -> bool:
    """Say whether the `if:` of a step holds; without a status function it implies `success()`."""
    if condition is None:
        return not failed
    text = as_text(condition).strip()
    whole = _EXPRESSION.fullmatch(text)
    text = whole.group(1) if whole else text
    if "${{" in text:
        raise UnknownExpressionError(f"an if: that is a text with expressions in it: {text}")
    value = _truth(evaluate(text, contexts, failed=failed))
    if re.search(rf"\b(?:{'|'.join(_STATUS)})\s*\(", text):
        return value
    return value and not failed


def evaluate(text: str, contexts: Contexts, *, failed: bool = False) -> Any:
    """Return the value of an expression without its `${{ }}`."""
    tokens = []
    place = 0
    text = text.strip()
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None:
            raise UnknownExpressionError(f"{text!r}, at {text[place:]!r}")
        kind = found.lastgroup or ""
        tokens.append((kind, found.group(kind)))
        place = found.end()
    reader = _Reader(tokens, contexts, failed=failed)
    value = reader.either()
    if reader.tokens:
        raise UnknownExpressionError(f"{text!r}, at {reader.tokens[0][1]!r}")
    return value


def as_text(value: Any) -> str:
    """Return a value as a runner puts it into a text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _truth(value: Any) -> bool:
    return True if isinstance(value, Mapping | list) else bool(value)


def _number(value: Any) -> float:
    if value is None or value == "":
        return 0.0
    try:
        return float(value)
    except (TypeError, ValueError):
        return float("nan")


def _equal(one: Any, other: Any) -> bool:
    """Compare as GitHub does: texts without regard to case, different types as numbers."""
    if isinstance(one, str) and isinstance(other, str):
        return one.lower() == other.lower()
    if type(one) is type(other):
        return bool(one == other)
    return _number(one) == _number(other)


class _Reader:
    """What is left of an expression; a method for each level of binding."""

    def __init__(self, tokens: list[tuple[str, str]], contexts: Contexts, *, failed: bool) -> None:
        self.tokens = tokens
        self._contexts = contexts
        self._failed = failed

    def either(self) -> Any:
        value = self._both()
        while self._take("||"):
            other = self._both()
            value = value if _truth(value) else other
        return value

    def _both(self) -> Any:
        value = self._comparison()
        while self._take("&&"):
            other = self._comparison()
            value = other if _truth(value) else value
        return value

    def _comparison(self) -> Any:
        value = self._single()
        for sign, compare in _COMPARISONS.items():
            if self._take(sign):
                return compare(value, self._single())
        return value

    def _single(self) -> Any:
        if self._take("!"):
            return not _truth(self._single())
        if self._take("("):
            value = self.either()
            self._demand(")")
            return value
        if not self.tokens:
            raise UnknownExpressionError("an expression that ends too early")
        kind, token = self.tokens.pop(0)
        if kind == "text":
            return token[1:-1].replace("''", "'")
        if kind == "number":
            return float(token)
        if kind != "name":
            raise UnknownExpressionError(f"an expression with {token!r} where a value should be")
        if self._take("("):
            return self._call(token)
        literals = {"true": True, "false": False, "null": None}
        return literals[token] if token in literals else self._look_up(token)

    def _call(self, name: str) -> Any:
        values: list[Any] = []
        while not self._take(")"):
            if values:
                self._demand(",")
            values.append(self.either())
        if name in _STATUS and not values:
            known = {"always": True, "success": not self._failed, "failure": self._failed}
            return known.get(name, False)
        if name not in _FUNCTIONS:
            raise UnknownExpressionError(f"the function {name}()")
        return _FUNCTIONS[name](*values)

    def _look_up(self, name: str) -> Any:
        before, star, after = name.partition(".*")
        value = _at(self._contexts, before.split("."), name)
        if not star:
            return value
        members = value.values() if isinstance(value, Mapping) else value
        return [_at(member, after.split(".")[1:], name) for member in members]

    def _take(self, sign: str) -> bool:
        if self.tokens and self.tokens[0] == ("sign", sign):
            self.tokens.pop(0)
            return True
        return False

    def _demand(self, sign: str) -> None:
        if not self._take(sign):
            raise UnknownExpressionError(f"an expression that lacks {sign!r}")


def _at(value: Any, parts: list[str], name: str) -> Any:
    for part in parts:
        if isinstance(value, Outputs):
            value = value.get(part, "")
        elif isinstance(value, Mapping) and part in value:
            value = value[part]
        else:
            raise UnknownExpressionError(f"{name}: there is no {part!r}")
    return value


class Outputs(dict[str, str]):
    """What a step or job put out; what it did not is empty, as a step may be skipped."""


def _contains(where: Any, what: Any) -> bool:
    if isinstance(where, list):
        return any(_equal(one, what) for one in where)
    return as_text(what).lower() in as_text(where).lower()


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "==": _equal,
    "!=": lambda one, other: not _equal(one, other),
    "<=": lambda one, other: _number(one) <= _number(other),
    ">=": lambda one, other: _number(one) >= _number(other),
    "<": lambda one, other: _number(one) < _number(other),
    ">": lambda one, other: _number(one) > _number(other),
}
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "contains": _contains,
    "startsWith": lambda text, start: as_text(text).lower().startswith(as_text(start).lower()),
    "endsWith": lambda text, end: as_text(text).lower().endswith(as_text(end).lower()),
    "format": lambda text, *values: as_text(text).format(*map(as_text, values)),
    "join": lambda values, by=",": as_text(by).join(map(as_text, values)),
    "toJSON": lambda value: json.dumps(value, indent=2),
}
