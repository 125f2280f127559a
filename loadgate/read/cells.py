"""Cells: the numbers that CSV files and reports write."""

from __future__ import annotations

import re

_WHOLE = re.compile(r"([0-9]{1,18})(?:\.00?)?")
_PERCENTILE = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,6})?)%?")


def count(text: str) -> int | None:
    """Return a whole number as Locust writes it; None: it is none.

    Tools that keep numbers as floats make 200.0 of 200, which loses nothing. Three decimals are
    none: 1.000 may be a thousand.
    """
    found = _WHOLE.fullmatch(text)
    return int(found[1]) if found else None


def invalid(column: str, text: str, wanted: str) -> str:
    """Say why a cell of a row is not the number that stands in its column."""
    return f'has an invalid "{column}": {flaw(text, wanted)}'


def flaw(text: str, wanted: str) -> str:
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
        raise ValueError(flaw(text, "number"))
    return float(text)


def content_size(text: str) -> float | None:
    """Return bytes on average; None for what is no such number, as nothing is judged by it."""
    try:
        return number(text)
    except ValueError:
        return None
