"""Records and broken sources in any order in, a collection in which no run counts twice, out."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from loadgate.week import Broken, Collection, EndpointCounts, KindCount, Record, RuleUse


def merge(read: Iterable[Record | Broken]) -> Collection:
    """Sort records by start and drop those of a run that is there already.

    Two records are of one run if all counts of all endpoints are the same and so are start and end;
    the times do not matter where one of the two is a guess, as the time of a file is. Of such
    records the one that was judged for this report is kept, else the one whose source sorts first,
    and what it does not say of itself (branch, commit, link, when) the others say.
    """
    records: dict[object, list[Record]] = defaultdict(list)
    broken: list[Broken] = []
    for one in read:
        if isinstance(one, Broken):
            broken.append(one)
        else:
            records[_fingerprint(one)].append(_interned(one))
    kept: list[Record] = []
    repeated: list[str] = []
    for same in records.values():
        for run in _runs(same):
            kept.append(_united(run))
            repeated += [record.source for record in run[1:]]
    return Collection(
        records=tuple(sorted(kept, key=lambda one: (one.started, one.label, one.source))),
        broken=tuple(sorted(set(broken), key=lambda one: (one.source, one.problem))),
        repeated=tuple(sorted(repeated)),
    )


def _fingerprint(record: Record) -> object:
    """Return what all records of one run have in common; no two runs with requests share it.

    Rules decide what is expected, so that is no part of it.
    """
    rows = frozenset((row.method, row.name, row.requests, row.failures) for row in record.endpoints)
    if not record.requests:
        return rows, record.started, record.ended
    return rows, record.requests, record.failures


def _runs(records: list[Record]) -> list[list[Record]]:
    """Divide records with the same counts by their times; the one to keep comes first in each."""
    ordered = sorted(records, key=_preference)
    runs: dict[object, list[Record]] = {}
    for record in ordered:
        if record.time_from != "file":
            runs.setdefault((record.started, record.ended), []).append(record)
    guessed = [record for record in ordered if record.time_from == "file"]
    if guessed:
        first = min(runs, default=None, key=str)
        runs.setdefault(first, []).extend(guessed)
        runs[first].sort(key=_preference)
    return list(runs.values())


def _preference(record: Record) -> tuple[bool, str]:
    return (not record.judged_anew, record.source)


def _united(run: list[Record]) -> Record:
    """Return the first record, with what only the others know."""
    kept = run[0]
    told = next((one for one in run if not one.judged_anew), kept)
    when = kept
    if kept.time_from == "file":
        when = next((one for one in run if one.time_from != "file"), kept)
    return replace(
        kept,
        label=told.label,
        started=when.started,
        ended=when.ended,
        time_from=when.time_from,
        branch=kept.branch or _first(one.branch for one in run),
        commit=kept.commit or _first(one.commit for one in run),
        link=kept.link or _first(one.link for one in run),
    )


def _first(texts: Iterable[str]) -> str:
    return next(filter(None, texts), "")


def _interned(record: Record) -> Record:
    """Return the record with texts that it shares with others kept once.

    What came from another process has texts of its own, of which a year of runs has millions.
    """
    return replace(
        record,
        endpoints=tuple(EndpointCounts._make(map(_intern, row)) for row in record.endpoints),
        kinds=tuple(KindCount._make(map(_intern, kind)) for kind in record.kinds),
        rules=tuple(RuleUse._make(map(_intern, rule)) for rule in record.rules),
    )


def _intern(value: object) -> object:
    return sys.intern(value) if isinstance(value, str) else value
