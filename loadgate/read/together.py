"""Recordings read together: several runs as one, of which everything is exact."""

from __future__ import annotations

from collections.abc import Sequence

from loadgate.errors import UsageError
from loadgate.read.documents import Document
from loadgate.read.kinds import kind_of
from loadgate.read.recording import document_of, load_recording
from loadgate.read.requests import load_requests
from loadgate.recording.merge import merged


def read_together(paths: Sequence[str]) -> Document | None:
    """Return what recordings or request logs of several runs say as one; None: not all are these.

    Raises UsageError for two of one run.
    """
    loads = {"recording": load_recording, "requests": load_requests}
    found = [(path, loads[kind](path)) for path in paths if (kind := kind_of(path)) in loads]
    known: dict[str, str] = {}
    for path, recording in found:
        first = known.setdefault(recording.run, path)
        if first is not path:
            raise UsageError(twice(first, path), page="several-runs")
    if len(found) < len(paths):
        return None
    return document_of(paths[0], merged([recording for _, recording in found]))


def twice(path: str, other: str) -> str:
    """Say that two files are of one run."""
    return (
        f"--merge: {path} and {other} are of the same run, which counts once\n  Name one of them."
    )
