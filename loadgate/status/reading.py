"""What a reader found in an error text."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reading:
    """A status, or that it is unknown, and from which words."""

    status: int | None
    """The HTTP status of the response, 100 to 599; None: unknown."""
    form: str
    """The rule of the grammar that decided, as docs/reading-statuses.md names it; where the status
    is unknown, why."""
    words: str = ""
    """The words it was read from; where the status is unknown, those that decided so, if any."""


UNKNOWN = Reading(None, "unknown")
"""There are numbers, and none stands where a status does."""
NO_NUMBER = Reading(None, "no-number")
SET_ASIDE = Reading(None, "set-aside")
"""There are numbers, all in parts of the text that cannot tell the status."""
CUT_OFF = Reading(None, "cut-off")
DATA = Reading(None, "data")
"""What is not a sentence: a list, a dictionary, the arguments of some exception."""

_NO_ANSWER = re.compile(r"\b(?:got |code[=:] ?|status:? )0(?![\w.*%-])")


def no_number(text: str, otherwise: Reading = NO_NUMBER) -> Reading:
    """Return why a text has no status in which no number could be one."""
    found = _NO_ANSWER.search(text)
    return Reading(None, "no-answer", found.group()) if found else otherwise
