"""What was read from an error text."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from loadgate.model import Answer, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A status and where it comes from, or why there is none."""

    status: Status | None = None
    """The status of the response, if that is certain; only this may excuse."""
    source: str = ""
    """Where the status comes from: "recorder", "requests", "client", "taught", "pair", "label" or
    "reason"; "": unknown."""
    likely: int | None = None
    """The status that a person would guess, where none is certain."""
    exception: str | None = None
    """The class of the exception, if that was recorded."""
    why: str = ""
    """How the status was read, or why it is not certain, as a phrase."""
    wording: str = ""
    """The wording of [[status_texts]] that read it, or that reads otherwise than another."""
    answered: bool = True
    """False: the text says that there was no response, or that nobody looked at it."""
    teachable: bool = True
    """False: no wording could tell a status, as the text has none."""

    @property
    def shown(self) -> Status | None:
        """The status that people see, certain or likely."""
        return self.likely if self.status is None else self.status


RECORDED = ("recorder", "requests")
"""Sources that know the response itself: the recorder, and Locust's own request log."""


@lru_cache(maxsize=1024)
def recorded(answer: Answer) -> Reading:
    """Return what was seen. No text is asked for a status then, not even for a likely one."""
    answered = answer.status is not None
    return Reading(
        status=answer.status,
        source=answer.source,
        exception=answer.exception,
        why="the response itself" if answered else "there was no response",
        answered=answered,
        teachable=False,
    )


UNKNOWN = Reading(why="no number stands where only a status can stand")
NO_NUMBER = Reading(why="no number from 100 to 599 outside URLs and identifiers", teachable=False)
