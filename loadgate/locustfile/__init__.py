"""Locustfiles: which wordings read the status in their messages, and what they hide.

The source is read as a syntax tree; nothing of it is run or imported.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from loadgate.locustfile.findings import ABOUT, CODES, Finding, Place, hidden, unseen
from loadgate.locustfile.messages import Walker
from loadgate.locustfile.source import load
from loadgate.locustfile.wordings import (
    Wording,
    all_messages,
    learn_wordings,
    masked,
    without_status,
)

__all__ = ["ABOUT", "CODES", "Finding", "Lesson", "Place", "Wording", "learn"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """All that some locustfiles teach."""

    taught: tuple[Wording, ...]
    findings: tuple[Finding, ...]
    """By file and line."""
    bare: int
    """Messages that are the status and nothing else, which is read without a wording."""
    messages: int
    """Places where a message reaches Locust."""
    sources: frozenset[str] = frozenset()
    """Where each module is that was read, without links: the locustfiles, and what they import."""
    masked: tuple[str, ...] = ()
    """Every message, with `***` for what is not known of it, and a number for the status."""


def learn(paths: Sequence[str]) -> Lesson:
    """Return what locustfiles teach; a path may be a folder.

    Raises a LoadgateError where one cannot be read.
    """
    walker = Walker(load(paths))
    sites = walker.walk()
    found = all_messages(sites)
    learned = list(learn_wordings(found))
    findings = [
        *(one for one in learned if isinstance(one, Finding)),
        *without_status(sites),
        *hidden(sites),
        *(finding for source in walker.sources for finding in unseen(source)),
    ]
    once = {(one.code, one.place, one.text): one for one in findings}
    return Lesson(
        taught=tuple(one for one in learned if isinstance(one, Wording)),
        findings=tuple(sorted(once.values(), key=lambda one: (one.place, CODES.index(one.code)))),
        bare=len({message.place for message in found if message.is_bare}),
        sources=frozenset(source.path for source in walker.sources),
        messages=len({message.place for message in found}),
        masked=tuple({masked(message.text): None for message in found}),
    )
