"""Merging: recordings of several runs, such as shards or regions, as one."""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from loadgate.recording.counts import Counts, Mark
from loadgate.recording.document import Document, Totals


def merged(documents: Sequence[Document]) -> Document:
    """Return several runs as one; their order changes nothing.

    All counts are added. Users are added while their runs are on, from the first start to the last
    stop. The problems of one recording are those of the whole.
    """
    counts = Counts(bounded=False)
    for document in documents:
        counts.add(document.counts)
    counts.users = _users(documents)
    counts.marks = _marks(documents)
    finished = all(document.state == "finished" for document in documents)
    return Document(
        run="+".join(sorted(document.run for document in documents)),
        state="finished" if finished else "running",
        started=min(_known(document.started for document in documents), default=None),
        ended=max(_known(document.ended for document in documents), default=None),
        locust=", ".join(sorted({document.locust for document in documents})),
        recorder=", ".join(sorted({document.recorder for document in documents})),
        workers=[worker for document in documents for worker in document.workers],
        locust_totals=_totals(documents),
        lacking=sorted({name for document in documents for name in document.lacking}),
        errors=[error for document in documents for error in document.errors],
        counts=counts,
    )


def _known(times: Iterable[float | None]) -> Iterator[float]:
    return (time for time in times if time is not None)


def _marks(documents: Sequence[Document]) -> list[Mark]:
    """Return all marks; each run has a stop, and what was spawned is told with all users then."""
    histories = [_history(document) for document in documents]
    marks = []
    for number, document in enumerate(documents):
        others = [history for at, history in enumerate(histories) if at != number]
        stop = document.stopped
        if stop is not None and all(mark.kind != "stop" for mark in document.counts.marks):
            marks.append(Mark(at=stop, kind="stop"))
        for mark in document.counts.marks:
            users = mark.users
            if mark.kind == "spawned" and users is not None:
                users += sum(_users_at(mark.at, history) for history in others)
            marks.append(replace(mark, users=users))
    return sorted(marks, key=lambda mark: (mark.at, mark.kind, mark.users or 0))


def _history(document: Document) -> list[tuple[float, int]]:
    """Return how many users a run had, by the time at which that is certain."""
    counts = document.counts
    history = [(second + 1.0, users) for second, users in counts.users.items()]
    history += [
        (mark.at, mark.users)
        for mark in counts.marks
        if mark.kind == "spawned" and mark.users is not None
    ]
    stopped = document.stopped
    if stopped is not None:
        history = [*(entry for entry in history if entry[0] < stopped), (stopped, 0)]
    return sorted(history)


def _users_at(at: float, history: list[tuple[float, int]]) -> int:
    place = bisect_right(history, (at, sys.maxsize))
    return history[place - 1][1] if place else 0


def _users(documents: Sequence[Document]) -> dict[int, int]:
    """Return how many users there were, by second; those of a run that is over are none."""
    changes: Counter[int] = Counter()
    for document in documents:
        before = 0
        for second, users in sorted(document.counts.users.items()):
            changes[second] += users - before
            before = users
        if before and document.stopped is not None:
            last = max(document.counts.users)
            changes[max(last, int(document.stopped)) + 1] -= before
    known: dict[int, int] = {}
    users = 0
    for second in sorted(changes):
        users += changes[second]
        known[second] = users
    return known


def _totals(documents: Sequence[Document]) -> Totals | None:
    """Return Locust's own totals of all runs; None: those of one that made requests are unknown."""
    known = [document.locust_totals for document in documents if document.counts.requests]
    totals = [each for each in known if each is not None]
    if len(totals) < len(known):
        return None
    return Totals(
        requests=sum(each.requests for each in totals),
        failures=sum(each.failures for each in totals),
        reset=any(each.reset for each in totals),
    )
