"""Shares and times in the sentences and tables of the weekly report."""

from __future__ import annotations

UNKNOWN = "–"  # noqa: RUF001 - a dash where there is no number

_PLAIN_FROM, _PLAIN_TO = 100, 10_000_000


def percent(share: float | None) -> str:
    """Return a share in percent, in three digits: "0.0123%"."""
    return UNKNOWN if share is None else f"{three_digits(100 * share)}%"


def milliseconds(time: float | None) -> str:
    """Return a time in milliseconds, in three digits or whole ones: "41.5 ms", "1,234 ms"."""
    return UNKNOWN if time is None else f"{three_digits(time)} ms"


def three_digits(number: float, digits: int = 3) -> str:
    """Return a number in so many significant digits, and in more where it is large."""
    if _PLAIN_FROM <= number < _PLAIN_TO:
        return f"{number:,.0f}"
    text = f"{number:.{digits}g}"
    return f"{number:.10f}".rstrip("0") if "e-" in text else text
