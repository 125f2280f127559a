"""People's own messages: a certain status, or a likely one, or why there is none."""

from __future__ import annotations

import re
from collections.abc import Sequence

from loadgate.masking import mask_secrets
from loadgate.status.clients import Message
from loadgate.status.forms import Form, expression, forms, letters_of, reasons, statuses_of
from loadgate.status.reading import UNKNOWN, Reading
from loadgate.status.words import Token, tokens

_LONGEST = 150
"""Words of a message that are looked at, so that no shape takes long."""
_NUMBERED = "(?<=[object counted unknown detail link said operation action])number"
_NOT_LISTED = frozenset("xDKEnVPz")
"""Letters of concepts that are in no certain form in front of the number or behind it."""
_OFFICIAL = frozenset({"server error", "client error"})
"""Names of many statuses; they go well with a number."""


def read_message(message: Message) -> Reading:
    """Read the status of a message, by all of its words."""
    line = tokens(message.text)
    letters = "".join(token.letter for token in line)
    if len(letters) > _LONGEST:
        letters = f"{letters[:_LONGEST]}x"  # what may say anything
    found = _first("words", line, letters, plain=message.plain)
    if found is not None:
        form, status = found
        return Reading(status=status, source=form.source, why=form.about)
    if "N" not in letters:
        return UNKNOWN
    # A number behind a noun is that of a thing: order 409, user 404.
    letters = expression(_NUMBERED).sub("u", letters)
    found = _first("likely", line, letters, plain=message.plain)
    return Reading(likely=found[1] if found else None, why=_why(line, letters, message.text))


def _first(
    kind: str, line: Sequence[Token], letters: str, *, plain: bool
) -> tuple[Form, int] | None:
    """Return the first form of a kind that the message is of, and the status in it."""
    present = set(letters)
    for form in forms(kind):
        if (plain or not form.plain) and (not form.needs or letters_of(form.needs) & present):
            status = _read(form, line, letters)
            if status is not None:
                return form, status
    return None


def _read(form: Form, line: Sequence[Token], letters: str) -> int | None:
    """Return the status that a form has, if all numbers and names are what it takes them for."""
    found = expression(form.shape).fullmatch(letters)
    if found is None:
        return None
    place, expected = found.start(_group(found, "n")), range(0)
    if group := _group(found, "s"):
        expected = range(*found.span(group))
    (status,) = line[place].statuses
    if not all(
        line[at].statuses <= statuses_of("expectable") for at in expected if line[at].letter == "N"
    ):
        return None
    free = found.start("f") if "f" in found.groupdict() and found["f"] is not None else len(line)
    near = range(free) if form.source else range(max(place - 3, 0), min(place + 3, free))
    names = [line[at] for at in near if line[at].letter == "R" and at not in expected]
    if not all(status in name.statuses for name in names):
        return None
    official = any(name.text in _OFFICIAL or name.text in reasons(status) for name in names)
    return status if official or not form.named else None


def _group(found: re.Match[str], letter: str) -> str:
    return next(
        (name for name, text in found.groupdict().items() if name[0] == letter and text), ""
    )


def _why(line: Sequence[Token], letters: str, message: str) -> str:
    """Return what keeps the number from being the status for certain, without a secret."""
    places = [at for at, letter in enumerate(letters) if letter == "N"]
    if len({line[at].statuses for at in places}) != 1:
        return "more than one number could be the status" if places else UNKNOWN.why
    masked = mask_secrets(message)
    for at in [*range(places[0])[::-1], *range(places[0] + 1, len(line))]:
        letter, word, _ = line[at]
        if letter in _NOT_LISTED and (letter != "x" or (word.isalpha() and word in masked)):
            side = "in front of" if at < places[0] else "behind"
            return f"`{word[:40]}` {side} the number is not on the list"
    if letters_of("label status") & set(letters[: places[0]]):
        return "the message as a whole is none of the certain forms"
    front = " ".join(token.text for token in line[: places[0]] if token.text[:1].isalpha())
    if front and "x" not in letters:
        return f"`{front[-60:]}` in front of the number does not say that it is the status"
    return "nothing says that the number is the status"
