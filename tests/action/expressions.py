"""Expressions of GitHub Actions: the part of the language that the workflows use.

Anything else is an error, never an empty text, so that a typing error cannot look like a condition
that does not hold.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_VALUE = r"'(?:[^']|'')*'|[\w.*-]+(?:\([^()]*\))?"
_TERM = re.compile(rf"(!)?({_VALUE})|({_VALUE})\s*([!=]=)\s*({_VALUE})")
_STATUS = ("always", "success", "failure", "cancelled")


class UnknownExpressionError(Exception):
    """An expression that is not known here, or that does not exist."""


class Outputs(dict[str, str]):
    """What a step or job put out; what it did not is empty, as a step may be skipped."""


def as_text(value: object) -> str:
    """Return a value as a runner puts it into a text."""
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def fill(text: str, contexts: Mapping[str, Any], *, failed: bool = False) -> str:
    """Return a value of a workflow with each `${{ }}` in it replaced."""
    return _EXPRESSION.sub(lambda found: as_text(evaluate(found[1], contexts, failed=failed)), text)


def holds(condition: object, contexts: Mapping[str, Any], *, failed: bool) -> bool:
    """Say whether the `if:` of a step holds; without a status function it implies `success()`."""
    if condition is None:
        return not failed
    text = as_text(condition).strip()
    whole = _EXPRESSION.fullmatch(text)
    value = bool(evaluate(whole[1] if whole else text, contexts, failed=failed))
    return value and (not failed or any(f"{status}()" in text for status in _STATUS))


def evaluate(text: str, contexts: Mapping[str, Any], *, failed: bool = False) -> Any:
    """Return the value of an expression without its `${{ }}`: terms with `&&`, then with `||`."""
    value: Any = None
    for either in text.split("||"):
        for term in either.split("&&"):
            value = _term(term.strip(), contexts, failed=failed)
            if not value:
                break
        if value:
            break
    return value


def _term(text: str, contexts: Mapping[str, Any], *, failed: bool) -> Any:
    found = _TERM.fullmatch(text)
    if found is None:
        raise UnknownExpressionError(text)
    negated, alone, one, sign, other = found.groups()
    if alone is not None:
        value = _value(alone, contexts, failed=failed)
        return not value if negated else value
    # GitHub compares texts without regard to case.
    one, other = (as_text(_value(each, contexts, failed=failed)).lower() for each in (one, other))
    return (one == other) is (sign == "==")


def _value(text: str, contexts: Mapping[str, Any], *, failed: bool) -> Any:
    if text.startswith("'"):
        return text[1:-1].replace("''", "'")
    known = {"true": True, "false": False, "cancelled()": False}
    known |= {"always()": True, "success()": not failed, "failure()": failed}
    if text in known:
        return known[text]
    if joined := re.fullmatch(r"join\(([\w.*-]+), '(.*)'\)", text):
        return joined[2].join(map(as_text, _look_up(joined[1].split("."), contexts)))
    return _look_up(text.split("."), contexts)


def _look_up(parts: list[str], value: Any) -> Any:
    for place, part in enumerate(parts, 1):
        if part == "*":
            return [_look_up(parts[place:], member) for member in value.values()]
        if not isinstance(value, Mapping) or (part not in value and not isinstance(value, Outputs)):
            raise UnknownExpressionError(f"{'.'.join(parts)}: there is no {part!r}")
        value = value.get(part, "")
    return value
