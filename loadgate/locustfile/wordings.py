"""Wordings: what `[[status_texts]]` must hold to read the status in a locustfile's messages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from loadgate.locustfile.conditions import only
from loadgate.locustfile.messages import Site
from loadgate.locustfile.values import ANY, CHANGED, OTHER, is_mark, marks
from loadgate.patterns import STATUS_PLACE, PatternError, StatusText

LONGEST = 1000
"""Characters that a rules file takes."""
_AROUND = 400
_NUMBERS = ("409", "500")
_MOST_HOLES = 20
_STATUSES = ("418", "417", "421", "431")
"""Numbers for the status itself where a wording is tried: one that the text does not hold."""
_HOLE = re.compile(f"[{ANY}{CHANGED}{OTHER}]+")
_WORD = re.compile(r"[^\W\d_]{2}|[^\W\d_a-zA-Z]")
_MORE_WORDS = 'put words beside the status, e.g. f"Order refused: HTTP {response.status_code}"'
_BARE = re.compile(r"(?:\w+\()?.\)?")


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a locustfile."""

    path: str
    line: int

    def __str__(self) -> str:
        """Return the place as messages name it."""
        return f"{self.path}:{self.line}"


@dataclass(slots=True, kw_only=True)
class Wording:
    """A wording that reads the status in a message."""

    text: str
    places: list[Place] = field(default_factory=list)
    """Where the message is, first one first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A message with its status for which no wording is safe."""

    text: str
    """The message, `*` for what is not known."""
    place: Place
    reason: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WithoutStatus:
    """A message that does not say its status."""

    text: str
    place: Place
    status: int | None
    """The only status that the response can have there; None: others are possible."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wordings:
    """All that the messages of some locustfiles teach."""

    taught: tuple[Wording, ...]
    refused: tuple[Refused, ...]
    without_status: tuple[WithoutStatus, ...]
    bare: tuple[Place, ...]
    """Where the message is the status and nothing else, which is read without a wording."""
    messages: int
    """Places where a message reaches Locust."""
    masked: tuple[str, ...] = ()
    """Every message, with `***` for what is not known of it, and a number for the status."""


@dataclass(frozen=True, slots=True)
class _Message:
    """One text of one place."""

    text: str
    place: Place
    shown: str
    status: int
    """A number for its status that it does not hold otherwise."""
    samples: tuple[str, ...]
    """The message with numbers that are no status in what is not known of it."""


def _message(text: str, place: Place) -> _Message:
    status = next(number for number in (*_STATUSES, "499") if number not in text)
    known = "".join(status if is_mark(character) else character for character in text)
    parts = _HOLE.split(known)
    holes = len(parts) - 1
    samples = dict.fromkeys(number.join(parts) for number in _NUMBERS)
    for number in _NUMBERS:
        for hole in range(min(holes, _MOST_HOLES)):
            fills = ["x"] * holes
            fills[hole] = number
            samples["".join(map("".join, zip(parts, [*fills, ""], strict=True)))] = None
    return _Message(text, place, shown(text), int(status), tuple(samples))


def wordings(sites: Sequence[Site]) -> Wordings:
    """Return the wordings for what reaches Locust at some places of locustfiles."""
    messages = [
        _message(text, Place(site.path, site.line))
        for site in sites
        for text in site.texts
        if text.strip(ANY)
    ]
    taught: dict[str, Wording] = {}
    refused: dict[str, Refused] = {}
    bare: dict[Place, None] = {}
    for message in messages:
        if len(marks(message.text)) == 1 and _BARE.fullmatch(message.text):
            bare[message.place] = None
            continue
        if not _has_status(message.text):
            continue
        known = taught.get(message.shown)
        if known is not None:
            known.places += [message.place] if message.place not in known.places else []
            continue
        problem = _problem(message, messages)
        if problem is None:
            taught[message.shown] = Wording(text=message.shown, places=[message.place])
        else:
            reason, remedy = problem
            refused.setdefault(
                message.shown,
                Refused(text=message.shown, place=message.place, reason=reason, remedy=remedy),
            )
    return Wordings(
        taught=tuple(taught.values()),
        refused=tuple(refused.values()),
        without_status=tuple(_without_status(sites)),
        bare=tuple(bare),
        messages=len({message.place for message in messages}),
        masked=tuple({_masked(message.text): None for message in messages}),
    )


def shown(text: str) -> str:
    """Return a text with holes as a wording: `{status}` once, `*` for all else that varies."""
    # A wording has no way to write these as themselves.
    text = text.replace(STATUS_PLACE, ANY).replace("*", ANY)
    text = "".join(c if c.isprintable() or is_mark(c) or c in "\n\r\t" else ANY for c in text)
    found = next((place for place, c in enumerate(text) if is_mark(c)), None)
    if found is None:
        wording = _stars(text)
        return wording if len(wording) <= LONGEST else f"{wording[: 2 * _AROUND]}*"
    head, tail = _stars(text[:found]), _stars(text[found + 1 :])
    if len(head) + len(tail) + len(STATUS_PLACE) > LONGEST:
        head = head if len(head) <= _AROUND else f"*{head[-_AROUND:]}"
        tail = tail if len(tail) <= _AROUND else f"{tail[:_AROUND]}*"
    return f"{head}{STATUS_PLACE}{tail}"


def _masked(text: str) -> str:
    return _stars("".join(_NUMBERS[0] if is_mark(c) else c for c in text)).replace("*", "***")


def _stars(text: str) -> str:
    starred = "".join("*" if c in {ANY, CHANGED, OTHER} or is_mark(c) else c for c in text)
    return re.sub(r"\*+", "*", starred)


def _has_status(text: str) -> bool:
    return bool(marks(text)) or CHANGED in text or OTHER in text


def _problem(message: _Message, messages: Sequence[_Message]) -> tuple[str, str] | None:
    """Return why no wording for a message is safe, and what to do; None: it is."""
    if not marks(message.text) and OTHER in message.text:
        return (
            "its status is that of another response than the one that fails",
            "write the status of the response whose failure() it is",
        )
    if not marks(message.text):
        return (
            "its status is computed with or formatted, so that it is no longer three digits",
            "write {response.status_code} as it is",
        )
    if len(marks(message.text)) > 1:
        return (
            "it names the statuses of two responses, and only one of them is that of the failure",
            "name only the status of the response that failed",
        )
    reason = too_open(message.shown)
    if reason:
        return reason, _MORE_WORDS
    other = _misread(StatusText(message.shown), messages)
    if other is not None:
        return (
            f'the same words stand around something else in "{other.shown}" ({other.place})',
            "word one of them differently",
        )
    return None


def too_open(wording: str) -> str:
    """Return why a wording could read a number that is no status; "": it is narrow enough."""
    try:
        StatusText(wording)
    except PatternError:
        return "it has no words beside the status"
    head, _, tail = wording.partition(STATUS_PLACE)
    left, right = head.rpartition("*")[2], tail.partition("*")[0]
    if (not left and "*" in head) or (not right and "*" in tail):
        return "nothing separates the status from what varies beside it"
    at_ends = f"{head.partition('*')[0]} {tail.rpartition('*')[2]}"
    if _WORD.search(f"{left} {right} {at_ends}"):
        return ""
    if _WORD.search(head + tail) and (left + right).strip():
        return ""
    return "it has too few words near the status, so another number could be read there"


def _misread(wording: StatusText, messages: Sequence[_Message]) -> _Message | None:
    """Return a message in which a wording reads a number that is no status."""
    for message in messages:
        for sample in message.samples:
            if wording.statuses(sample) - {message.status}:
                return message
    return None


def _without_status(sites: Sequence[Site]) -> Iterator[WithoutStatus]:
    """Yield each message of a response none of whose texts has the status."""
    for site in sites:
        if site.sink != "failure" or any(map(_has_status, site.texts)):
            continue
        for text in site.texts:
            yield WithoutStatus(
                text=shown(text), place=Place(site.path, site.line), status=only(site.possible)
            )
