"""Lint of status texts: wordings that take other numbers for a status."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from loadgate.globs import STATUS_PLACE, StatusText, TextGlob, too_open
from loadgate.locustfile import Lesson
from loadgate.model import Classification, Policy
from loadgate.rules.lint.findings import PRESET, Check, Finding
from loadgate.rules.lint.samples import not_statuses
from loadgate.status import messages

_NUMBER = "409"
_BODIES = (
    ' {"id": {status}} ',
    "order {status} ",
    "[{status}]",
    "({status})",
    "'{status}'",
    ": {status},",
)
"""What may stand in a message, with a number that is no status."""


def _broad(policy: Policy, _: Sequence[Classification]) -> Iterator[Finding]:
    """Yield each wording that is too open for `rules teach` to write it."""
    for wording in policy.status_texts:
        reason = too_open(wording.text)
        if reason:
            yield Finding(
                file=wording.origin,
                sentence=f'status text "{wording.text}" could read any number: {reason}',
                remedy="Write the words of the message around {status}.",
                pattern=wording.text,
            )


def _ambiguous(policy: Policy, _: Sequence[Classification]) -> Iterator[Finding]:
    """Yield each wording that is not broad, and still takes a number for a status in some text."""
    for wording in policy.status_texts:
        text = next((text for text in _texts_for(wording.text) if _read(wording, text)), None)
        if text is not None and not too_open(wording.text):
            yield Finding(
                file=wording.origin,
                sentence=f'status text "{wording.text}" would read status {_NUMBER} from "{text}"',
                remedy="Write more words of the message around {status}; or, if a locustfile writes"
                " it so, name that with --locustfile.",
                pattern=wording.text,
            )


def _read(wording: StatusText, text: str) -> bool:
    return any(map(wording.statuses, messages(text)))


def _texts_for(wording: str) -> Iterator[str]:
    """Yield texts with a number that is no status: any, and those in which a star stands for it."""
    yield from not_statuses(_NUMBER)
    head, _, tail = wording.partition(STATUS_PLACE)
    if head.startswith("*") and not any(map(str.isalpha, head + tail)):
        yield f"order {head}{_NUMBER}{tail}".replace("*", "")
    for body in _BODIES:
        number = body.replace(STATUS_PLACE, _NUMBER)
        for side, place in ((head, head.rfind("*")), (tail, tail.find("*"))):
            if place >= 0:
                filled = side[:place] + number + side[place:]
                text = filled + tail if side is head else head + filled
                yield text.replace("*", "")


def _not_taught(policy: Policy, lesson: Lesson) -> Iterator[Finding]:
    """Yield each ambiguous wording that the locustfiles do not teach: their messages were tried."""
    taught = {wording.text for wording in lesson.taught}
    others = tuple(wording for wording in policy.status_texts if wording.text not in taught)
    return _ambiguous(replace(policy, status_texts=others), ())


def _gone(policy: Policy, lesson: Lesson) -> Iterator[Finding]:
    """Yield each wording that no message of the locustfiles can be read with."""
    for wording in policy.status_texts:
        glob = TextGlob(wording.text.replace(STATUS_PLACE, "*"))
        if not wording.origin.startswith(PRESET) and not any(
            glob.could_match(text) for text in lesson.masked
        ):
            yield Finding(
                file=wording.origin,
                sentence=f'no message of the locustfile fits status text "{wording.text}"',
                remedy="Remove it, or correct it; `loadgate rules teach` prints those that fit.",
                pattern=wording.text,
            )


CHECKS = (
    Check(
        code="broad-status-text",
        about="A status text could read any number as a status.",
        severity="error",
        find=_broad,
    ),
    Check(
        code="ambiguous-status-text",
        about="A status text also reads numbers that are no status.",
        severity="warning",
        find=_ambiguous,
        learned=_not_taught,
    ),
    Check(
        code="gone-status-text",
        about="No message of the locustfile fits the status text any more.",
        severity="warning",
        find=lambda *_: (),
        learned=_gone,
    ),
)
