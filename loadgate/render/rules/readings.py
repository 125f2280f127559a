"""Readings: the status that was read from an error text, and how, in words."""

from __future__ import annotations

from loadgate.status import Reading


def status_text(reading: Reading) -> str:
    """Return a status, where it comes from and how it was read, or why it is unknown."""
    if reading.status is None:
        return f"unknown: {reading.why}"
    return f"{reading.status} ({reading.source}): {reading.why}"
