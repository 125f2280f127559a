"""What was read from an error text."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A status and where it comes from, or why there is none."""

    status: int | None = None
    """The HTTP status of the response, 100 to 599, if that is certain; only this may excuse."""
    source: str = ""
    """Where the status comes from: "client", "taught", "pair", "label" or "reason"; "": unknown."""
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


UNKNOWN = Reading(why="no number stands where only a status can stand")
NO_NUMBER = Reading(
    why="no number from 100 to 599 outside of URLs and identifiers", teachable=False
)

_ALSO = {
    401: ("unauthorised", "unauthenticated"),
    403: ("access denied",),
    409: ("version conflict",),
    413: ("request entity too large", "payload too large", "content too large"),
    414: ("request-uri too long", "uri too long"),
    416: ("requested range not satisfiable", "range not satisfiable"),
    422: ("unprocessable entity", "unprocessable content"),
    429: (
        "rate limited",
        "rate limit exceeded",
        "rate limit hit",
        "rate limit reached",
        "throttled",
    ),
    503: ("service temporarily unavailable",),
    504: ("gateway time-out",),
}


@cache
def reasons(status: int) -> tuple[str, ...]:
    """Return the reason phrases of a registered status, lower case; none: it is not registered.

    Some were renamed by RFC 9110, and in Python 3.13 with it, and servers go on writing both.
    """
    from http import HTTPStatus

    try:
        registered = HTTPStatus(status).phrase.lower()
    except ValueError:
        return ()
    return tuple(dict.fromkeys((registered, *_ALSO.get(status, ()))))
