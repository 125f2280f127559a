"""The status of a response, read from an error text; unknown wherever there is doubt.

First what Locust and its clients write themselves (`clients`: exact, by class), then people's own
messages: their words (`words`, by the vocabulary in `vocabulary.txt`) must be, as a whole, one of
the forms in `forms` for the status to be certain; where a person would guess, it is likely
(`likely`). All of them read the skeleton of the text, in which URLs, paths and numbers that cannot
be a status are masked, so none of those can be mistaken for one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from loadgate.globs import StatusText
from loadgate.status.clients import messages, read_form, silent
from loadgate.status.reading import NO_NUMBER, RECORDED, UNKNOWN, Reading, recorded
from loadgate.status.signature import normalise, template

__all__ = [
    "NO_NUMBER",
    "RECORDED",
    "UNKNOWN",
    "Reading",
    "agree",
    "may_have_status",
    "messages",
    "read_status",
    "read_taught",
    "read_template",
    "recorded",
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
        return silent(text) or NO_NUMBER
    form = read_form(text)
    if isinstance(form, Reading):
        return form
    from loadgate.status.people import read_message  # its vocabulary only where it is needed

    reading = read_message(form)
    return reading if reading.shown is not None else silent(text) or reading


def read_taught(text: str, wordings: Sequence[StatusText]) -> Reading | None:
    """Read the status by the user's own wordings; None: none of them fits the text.

    They are tried on the text as it stands and on the message inside it. What two wordings, or two
    places of one, read differently is unknown.
    """
    found: dict[int, str] = {}
    for message in messages(text):
        for wording in wordings:
            found |= dict.fromkeys(wording.statuses(message), wording.text)
    if not found:
        return None
    status, fitting = next(iter(found.items()))
    if len(found) > 1:
        return Reading(why="wordings of [[status_texts]] read different statuses", wording=fitting)
    why = f'by the wording "{fitting}" of [[status_texts]]'
    return Reading(status=status, source="taught", why=why, wording=fitting)


def agree(reading: Reading, taught: Reading | None) -> Reading:
    """Return what both say, the taught one where the text says nothing certain; else unknown.

    What was recorded stands in the place of the taught one, and is asked alone.
    """
    if taught is None:
        return reading
    if taught.source in RECORDED:
        return taught
    if taught.status is None or reading.status in {None, taught.status}:
        return taught
    return Reading(
        why=f'the wording "{taught.wording}" of [[status_texts]] reads {taught.status}, and the'
        f" text says {reading.status}",
        wording=taught.wording,
    )
