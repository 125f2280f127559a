"""What was read from an error text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A status and where it comes from, or why there is none."""

    status: int | None = None
    """The HTTP status of the response, 100 to 599, if that is certain; only this may excuse."""
    source: str = ""
    """Where the status comes from: "recorder", "requests", "client", "taught", "pair", "label" or
    "reason"; "": unknown."""
    likely: int | None = None
    """The status that a person would guess, where none is certain."""
    why: str = ""
    """How the status was read, or why it is not certain, as a phrase."""
    wording: str = ""
    """The wording of [[status_texts]] that read it, or that reads otherwise than another."""
    answered: bool = True
    """False: the text says that there was no response, or that nobody looked at it."""
    teachable: bool = True
    """False: no wording could tell a status, as the text has none."""

    @property
    def shown(self) -> int | None:
        """The status that people see, certain or likely."""
        return self.likely if self.status is None else self.status


RECORDED = ("recorder", "requests")
"""Sources that know the response itself: the recorder, and Locust's own request log."""


def recorded(status: int | None, source: str = RECORDED[0]) -> Reading:
    """Return what was seen: the status of the response; None: there was no such response.

    No text is asked for it, neither a certain nor a likely one.
    """
    why = "there was no HTTP response" if status is None else "the response itself"
    return Reading(
        status=status, source=source, why=why, answered=status is not None, teachable=False
    )


UNKNOWN = Reading(why="no number stands where only a status can stand")
NO_NUMBER = Reading(why="no number from 100 to 599 outside URLs and identifiers", teachable=False)
