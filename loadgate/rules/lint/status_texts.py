"""Lint of status texts: wordings that take other numbers for a status."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from loadgate.globs import STATUS_PLACE, StatusText
from loadgate.model import Classification, Policy
from loadgate.rules.lint.findings import Check, Finding
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
    """Yield each wording that takes a number for a status which is none."""
    for wording in policy.status_texts:
        text = next((text for text in _texts_for(wording.text) if _read(wording, text)), None)
        if text is not None:
            yield Finding(
                file=wording.origin,
                sentence=f'status text "{wording.text}" would read status {_NUMBER} from "{text}"',
                remedy="Write the words of the message around {status}.",
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


CHECKS = (Check(code="broad-status-text", severity="error", find=_broad),)
