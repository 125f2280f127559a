"""Wordings that would make likely statuses certain, for a reviewer to accept or refuse."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from loadgate.globs import STATUS_PLACE, PatternError, StatusText, too_open
from loadgate.model import OTHER_SIGNATURES, FailureKind
from loadgate.status import RECORDED, may_have_status, messages, read_status

TEACH_HINT = (
    "some messages hold a number that may be the status;"
    " `loadgate rules teach LOCUSTFILE` learns from their source how to read it"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LikelyStatuses:
    """The true failures of a run whose statuses are likely, not certain."""

    counts: tuple[tuple[int, int], ...]
    """Each status and its failures, most first."""
    wordings: tuple[str, ...]
    """What would make them certain as `[[status_texts]]`, in the order of their failures."""


def likely_statuses(kinds: Iterable[FailureKind]) -> LikelyStatuses:
    """Sum up the likely statuses of a run; its kinds may be masked."""
    statuses: Counter[int] = Counter()
    wordings: Counter[str] = Counter()
    for kind in kinds:
        if kind.decision == "true" and kind.likely_status is not None:
            statuses[kind.likely_status] += kind.count
            text = wording(kind.signature, kind.likely_status)
            if text:
                wordings[text] += kind.count
    return LikelyStatuses(
        counts=tuple(sorted(statuses.items(), key=lambda each: (-each[1], each[0]))),
        wordings=tuple(sorted(wordings, key=lambda text: (-wordings[text], text))),
    )


def wording(signature: str, status: int) -> str:
    """Return the wording that reads a status from the texts of a signature; "": none is safe."""
    *_, message = messages(signature)
    before, *after = re.split(rf"(?<![0-9]){status}(?![0-9])", message)
    if signature == OTHER_SIGNATURES or len(after) != 1:
        return ""
    try:
        pattern = StatusText(f"{before}{STATUS_PLACE}{after[0]}")
    except PatternError:
        return ""
    safe = pattern.statuses(message) == {status} and not too_open(pattern.text)
    return pattern.text if safe else ""


def may_be_taught(kinds: Iterable[FailureKind]) -> bool:
    """Say whether a true failure in a locustfile's words has a number that may be its status."""
    return any(
        kind.decision == "true"
        and kind.status is None
        and kind.status_from not in RECORDED
        and "CatchResponseError(" in kind.signature
        and may_have_status(kind.signature)
        and read_status(kind.signature).teachable
        for kind in kinds
    )
