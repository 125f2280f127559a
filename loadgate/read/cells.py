"""Cells: the numbers that CSV files and reports write."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

Value = TypeVar("Value")
_WHOLE = re.compile(r"([0-9]{1,18})(?:\.00?)?")
_PERCENTILE = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,6})?)%?")


def value(column: str, text: str, read: Callable[[str], Value]) -> Value:
    """Return what a cell holds; ValueError says what is wrong with its row."""
    try:
        return read(text)
    except ValueError as error:
        raise ValueError(f'has an invalid "{column}": {error}') from None


def count(text: str, what: str = "whole number", least: int = 0) -> int:
    """Return a whole number as Locust writes it; ValueError for any other text.

    Tools that keep numbers as floats make 200.0 of 200, which loses nothing. Three decimals are
    refused: 1.000 may be a thousand.
    """
    whole = _WHOLE.fullmatch(text)
    if whole is None or int(whole[1]) < least:
        raise ValueError(_flaw(text, what))
    return int(whole[1])


def occurrences(text: str) -> int:
    """Return how often an error occurred; ValueError for any other text.

    Locust never writes 0 of an error. Where it does not escape the error text (CSV files before
    1.1, reports before 2.10.2), a server could end its own row with one, and begin another row
    whose text a rule excuses.
    """
    return count(text, "number of failures", least=1)


def _flaw(text: str, wanted: str) -> str:
    """Say why a text is no number that can be judged by."""
    if re.fullmatch(r"[0-9]+(?:[.,][0-9]+)?[eE]\+?[0-9]+", text):
        return f"{text[:40]!r} is rounded, its last digits are lost"
    if re.fullmatch(r"[0-9]{1,3}(?:[^0-9A-Za-z-][0-9]{3})+", text):
        return f"{text[:40]!r} is ambiguous: a thousands or a decimal separator"
    if re.fullmatch(r"[0-9]+,[0-9]+", text):
        return f"{text[:40]!r} has a decimal comma"
    return f"{text[:40]!r} is not a {wanted}" if text else "it is empty"


def percentile(text: str) -> str | None:
    """Return "99.9%" or "99.999" as its shortest decimal number; None: it is no percentile."""
    found = _PERCENTILE.fullmatch(text.strip())
    if found is None or float(found.group(1)) > 100:
        return None
    whole, _, part = found.group(1).partition(".")
    part = part.rstrip("0")
    return f"{int(whole)}.{part}" if part else str(int(whole))


def number(text: str) -> float | None:
    """Return a time or rate; None for "N/A"; ValueError for what is no such number."""
    if text in {"N/A", ""}:
        return None
    if not re.fullmatch(r"[0-9]{1,18}(?:\.[0-9]{0,40})?(?:[eE]-[0-9]{1,2})?", text):
        raise ValueError(_flaw(text, "number"))
    return float(text)


def content_size(text: str) -> float | None:
    """Return bytes on average; None for what is no such number, as nothing is judged by it."""
    try:
        return number(text)
    except ValueError:
        return None
