"""Locustfiles: which messages they give Locust, and which wordings read the status in them.

The source is read as a syntax tree; nothing of it is run or imported.
"""

from __future__ import annotations

from collections.abc import Sequence

from loadgate.locustfile.messages import Walker
from loadgate.locustfile.source import load
from loadgate.locustfile.wordings import Refused, WithoutStatus, Wording, Wordings, wordings

__all__ = ["Refused", "WithoutStatus", "Wording", "Wordings", "learn"]


def learn(paths: Sequence[str]) -> Wordings:
    """Return what the messages of locustfiles teach; a path may be a folder.

    Raises a LoadgateError where one cannot be read.
    """
    return wordings(Walker(load(paths)).walk())
