"""People's own messages: a certain status, or a likely one, or why there is none."""

from __future__ import annotations

from loadgate.status import certain, likely
from loadgate.status.clients import Message
from loadgate.status.reading import UNKNOWN, Reading
from loadgate.status.words import tokens


def read_message(message: Message) -> Reading:
    line = tokens(message.text)
    letters = "".join(token.letter for token in line)
    found = certain.read(line, letters, plain=message.plain)
    if found is not None:
        form, status = found
        return Reading(status=status, source=form.source, why=form.about)
    likely_status = likely.guess(line, letters, plain=message.plain)
    return Reading(likely=likely_status, why=UNKNOWN.why)
