"""Wordings: what `[[status_texts]]` must hold to read the status in a locustfile's messages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from loadgate.globs import STATUS_PLACE, StatusText, too_open
from loadgate.locustfile.conditions import ALL, FINE, statuses
from loadgate.locustfile.findings import Finding, Place
from loadgate.locustfile.messages import Site
from loadgate.locustfile.values import ANY, CHANGED, OTHER, is_mark, marks

LONGEST = 1000
"""Characters that a rules file takes."""
_AROUND = 400
_NUMBERS = ("409", "500")
_MOST_HOLES = 20
_STATUSES = ("418", "417", "421", "431", "499")
"""Numbers for the status itself where a wording is tried: one that the text does not hold."""
_HOLE = re.compile(f"[{ANY}{CHANGED}{OTHER}]+")
_BARE = re.compile(r"(?:\w+\()?.\)?")


@dataclass(slots=True, kw_only=True)
class Wording:
    """A wording that reads the status in a message."""

    text: str
    places: list[Place] = field(default_factory=list)
    """Where the message is, first one first."""


@dataclass(frozen=True, slots=True)
class Message:
    """One text of one place."""

    text: str
    place: Place
    shown: str
    """The text as a wording."""
    status: int
    """A number for its status that it does not hold otherwise."""
    samples: tuple[str, ...]
    """The message with numbers that are no status in what is not known of it."""

    @property
    def has_status(self) -> bool:
        """Say whether a status is in it, in whatever way it is written."""
        return bool(marks(self.text)) or CHANGED in self.text or OTHER in self.text

    @property
    def name(self) -> str:
        """Return the message as a sentence names it."""
        return f'"{self.shown}"' if self.text.strip(ANY + CHANGED) else "this message"

    @property
    def is_bare(self) -> bool:
        """Say whether it is nothing but the status, which is read without a wording."""
        return len(marks(self.text)) == 1 and bool(_BARE.fullmatch(self.text))


def all_messages(sites: Sequence[Site]) -> list[Message]:
    """Return the messages that some places tell Locust."""
    return [
        _message(text, Place(site.path, site.line))
        for site in sites
        for text in site.texts
        if text.strip(ANY)
    ]


def _message(text: str, place: Place) -> Message:
    status = next((number for number in _STATUSES if number not in text), _STATUSES[0])
    known = "".join(status if is_mark(character) else character for character in text)
    parts = _HOLE.split(known)
    holes = len(parts) - 1
    samples = dict.fromkeys(number.join(parts) for number in _NUMBERS)
    for number in _NUMBERS:
        for hole in range(min(holes, _MOST_HOLES)):
            fills = ["x"] * holes
            fills[hole] = number
            samples["".join(map("".join, zip(parts, [*fills, ""], strict=True)))] = None
    return Message(text, place, shown(text), int(status), tuple(samples))


def learn_wordings(found: Sequence[Message]) -> Iterator[Wording | Finding]:
    """Yield the wording of each message with its status, or why there is none that is safe."""
    taught: dict[str, Wording] = {}
    for message in found:
        if message.is_bare or not message.has_status:
            continue
        known = taught.get(message.shown)
        if known is not None:
            known.places += [message.place] if message.place not in known.places else []
            continue
        problem = _problem(message, found)
        if problem is None:
            taught[message.shown] = Wording(text=message.shown, places=[message.place])
            yield taught[message.shown]
        else:
            yield Finding(
                code="no-safe-wording",
                place=message.place,
                sentence=f"no wording is safe for {message.name}: {problem[0]}",
                remedy=problem[1],
                text=message.shown,
            )


def without_status(sites: Sequence[Site]) -> Iterator[Finding]:
    """Yield each message about a response that may have failed, none of whose texts says how."""
    for site in sites:
        found = [_message(text, Place(site.path, site.line)) for text in site.texts]
        failed = bool(site.possible & ALL & ~FINE)
        certainly = failed and not site.possible & FINE
        told = failed if site.sink == "failure" else certainly and site.sink == "raise"
        if not told or any(message.has_status for message in found):
            continue
        only = statuses(site.possible)
        always = f", which is always {only[0]} here" if len(only) == 1 else ""
        for message in found:
            if not message.text.strip(ANY) and not site.quotes:
                continue
            yield Finding(
                code="message-without-status",
                place=message.place,
                sentence=f"{message.name} does not say the status{always}",
                remedy="Add {response.status_code}, so that a rule on a status can match.",
                text=message.shown,
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


def masked(text: str) -> str:
    """Return a message with `***` for what is not known of it, and a number for the status."""
    return _stars("".join(_NUMBERS[0] if is_mark(c) else c for c in text)).replace("*", "***")


def _stars(text: str) -> str:
    starred = "".join("*" if c in {ANY, CHANGED, OTHER} or is_mark(c) else c for c in text)
    return re.sub(r"\*+", "*", starred)


def _problem(message: Message, others: Sequence[Message]) -> tuple[str, str] | None:
    """Return why no wording for a message is safe, and what to do; None: it is."""
    found = marks(message.text)
    if not found and OTHER in message.text:
        return (
            "its status comes from another response than the one that fails",
            "Use the status of the response whose failure() is called.",
        )
    if not found:
        return (
            "its status is used in a calculation, formatted, or passed to a library function",
            "Write {response.status_code} unchanged.",
        )
    if len(found) > 1:
        return (
            "it names the statuses of two responses, and only one of them is that of the failure",
            "Name only the status of the response that failed.",
        )
    reason = too_open(message.shown)
    if reason:
        return (
            reason,
            'Put words beside the status, e.g. f"Order refused: HTTP {response.status_code}".',
        )
    wording = StatusText(message.shown)
    for other in others:
        if any(wording.statuses(sample) - {other.status} for sample in other.samples):
            return (
                f'the same words stand around something else in "{other.shown}" ({other.place})',
                "Word one of them differently.",
            )
    return None
