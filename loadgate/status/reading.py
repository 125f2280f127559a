"""What a reader found in an error text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reading:
    """A status, or that it is unknown, and from which words."""

    status: int | None
    """The HTTP status of the response, 100 to 599; None: unknown."""
    form: str
    """The rule of the grammar that decided, as docs/reading-statuses.md names it."""
    words: str = ""
    """The words it was read from."""


UNKNOWN = Reading(None, "unknown")
