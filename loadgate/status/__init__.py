"""The status of a response, read from an error text; unknown wherever there is doubt.

First what Locust and its clients write themselves (`forms`: exact, by class), then a conservative
grammar for people's own messages (`grammar`, its vocabulary in `words`, what the sentence around a
number must and must not say in `context`). Both read the skeleton of the text, in which URLs, paths
and numbers that cannot be a status are masked, so none of those can be mistaken for one. The
grammar is documented in docs/reading-statuses.md.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from loadgate.globs import StatusText
from loadgate.status.clients import messages, read_form, silent
from loadgate.status.message import read_message
from loadgate.status.reading import NO_NUMBER, UNKNOWN, Reading, no_number
from loadgate.status.signature import normalise, template

__all__ = [
    "NO_NUMBER",
    "UNKNOWN",
    "Reading",
    "agree",
    "may_have_status",
    "messages",
    "read_skeleton",
    "read_status",
    "read_taught",
]

_THREE_DIGITS = re.compile(r"[1-5１-５][0-9０-９]{2}")


def read_status(text: str) -> Reading:
    """Read the status out of an error text as Locust wrote it."""
    return read_template(normalise(template(text)))


def may_have_status(template: str) -> bool:
    """Say whether anything in the text could be a status; without it none is read."""
    return _THREE_DIGITS.search(template) is not None


def read_template(text: str) -> Reading:
    """Read the status out of a settled skeleton (see loadgate.status.signature)."""
    if not may_have_status(text):
        return silent(text) or no_number(text)
    form = read_form(text)
    if isinstance(form, Reading):
        return form
    return read_message(form)


def read_taught(text: str, wordings: Sequence[StatusText]) -> Reading | None:
    """Read the status by the user's own wordings; None: none of them fits the text.

    They are tried on the text as it stands and on the message inside it. What two wordings, or two
    places of one, read differently is unknown.
    """
    found: set[int] = set()
    matching_rules = ""
    for message in messages(text):
        for wording in wordings:
            statuses = wording.statuses(message)
            if statuses:
                matching_rules = wording.text
            found |= statuses
    if not found:
        return None
    if len(found) > 1:
        return UNKNOWN
    return Reading(found.pop(), "taught", matching_rules)


def agree(reading: Reading, taught: Reading | None) -> Reading:
    """Return what both say, the taught one where the grammar reads nothing; else unknown."""
    if taught is None:
        return reading
    if taught.status is None:
        return Reading(None, "wordings-disagree")
    if reading.status in {None, taught.status}:
        return taught
    return Reading(None, "taught-otherwise", reading.words)
