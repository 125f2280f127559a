"""Merging collections of runs, so that no run counts twice."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from loadgate.model import UNEXPLAINED
from loadgate.summary import Collection, RunSummary, Unreadable

_UNKNOWN = b""
"""The digest of a run that no other can be, so that nobody needs it."""


def single(outcome: RunSummary | Unreadable) -> Collection:
    """Return the collection of a single source."""
    if isinstance(outcome, Unreadable):
        return Collection(records=(), broken=(outcome,), repeated=())
    return Collection(records=(outcome,), broken=(), repeated=())


def merge(collections: Iterable[Collection], *, rejudged: bool) -> Collection:
    """Return all that was collected, in order. Merging is associative and commutative.

    Of records of the same run (see `run_digest`) one is kept: with `rejudged` one that was judged
    for this report, else one that was judged when it ran; of several such, that of the first
    source.
    """
    kept: defaultdict[object, dict[bytes, RunSummary]] = defaultdict(dict)
    broken: set[Unreadable] = set()
    repeated: set[str] = set()

    def precedence(record: RunSummary) -> tuple[bool, str]:
        return record.rejudged != rejudged, record.source

    for collection in collections:
        broken.update(collection.broken)
        repeated.update(collection.repeated)
        for record in collection.records:
            alike = kept[_moment(record)]
            if _UNKNOWN in alike:
                first = alike.pop(_UNKNOWN)
                alike[run_digest(first)] = first
            key = run_digest(record) if alike else _UNKNOWN
            known = [alike[key]] if key in alike else []
            first, *others = sorted([*known, record], key=precedence)
            alike[key] = first
            repeated.update(other.source for other in others)
    records = (record for alike in kept.values() for record in alike.values())
    return Collection(
        records=tuple(sorted(records, key=_in_order)),
        broken=tuple(sorted(broken, key=lambda result: (result.source, result.problem))),
        repeated=tuple(sorted(repeated)),
    )


def joined(collection: Collection) -> Collection:
    """Return a whole collection without lists of --json that are a form of another run in it.

    A list holds no error texts and says when the run was, CSV files often the reverse: so the one
    has the counts, failures and response times of the other, which gets its time. With a third run
    of the same counts it is in doubt which of them it is of, so all stay.
    """
    if not any(map(_without_texts, collection.records)):
        return collection
    alike: defaultdict[object, list[RunSummary]] = defaultdict(list)
    for record in collection.records:
        counts = (row[:4] for row in record.endpoints if row.requests or row.failures)
        alike[tuple(sorted(counts))].append(record)
    kept = {id(record): record for record in collection.records}
    repeated = set(collection.repeated)
    for same in alike.values():
        run, form = min(same, key=_without_texts), max(same, key=_without_texts)
        one_has_texts = _without_texts(form) and not _without_texts(run)
        if len(same) == 2 and one_has_texts and _may_be_one(run, form):
            del kept[id(form)]
            repeated.add(form.source)
            if _timed(form):
                kept[id(run)] = replace(
                    run, started=form.started, ended=form.ended, time_from=form.time_from
                )
    return replace(
        collection,
        records=tuple(sorted(kept.values(), key=_in_order)),
        repeated=tuple(sorted(repeated)),
    )


def _in_order(record: RunSummary) -> tuple[datetime, str, str]:
    return record.started, record.label, record.source


def _timed(record: RunSummary) -> bool:
    return record.time_from not in {None, "file"}


def _without_texts(record: RunSummary) -> bool:
    """Say whether requests failed, and no text says why."""
    return bool(record.failures) and all(kind.signature == UNEXPLAINED for kind in record.kinds)


def _may_be_one(run: RunSummary, other: RunSummary) -> bool:
    """Say whether two runs of the same counts were as fast, and one does not say when it was."""
    if _timed(run) and _timed(other):
        return False
    times = {row.key: row.p95 for row in other.endpoints}
    pairs = [(row.p95, times.get(row.key)) for row in run.endpoints]
    return all(mine == theirs for mine, theirs in [*pairs, (run.p95, other.p95)])


def with_unique_labels(records: Sequence[RunSummary]) -> list[RunSummary]:
    """Return the records, those that have a label in common with their source behind it."""
    labels = Counter(record.label for record in records)
    return [
        replace(record, label=f"{record.label} ({record.source})")
        if labels[record.label] > 1
        else record
        for record in records
    ]


def run_digest(record: RunSummary) -> bytes:
    """Return what records of the same run have in common, and those of two runs have not.

    A digest of when it was, of each endpoint's requests and failures, and of what failed; not of
    its label, its source, nor how it was judged. A time that is a guess (the file's) differs
    between copies: then the response times stand in for it, unless there were no requests.

    Of two records with the same run_digest one is dropped, so what is in doubt is two runs: a run
    that counts twice hides nothing. (`identity.same_run` must err the other way.)
    """
    endpoints = sorted(
        (row.method, row.name, row.requests, row.failures) for row in record.endpoints
    )
    failed: Counter[tuple[str, str, str, str]] = Counter()
    for kind in record.kinds:
        failed[kind.method, kind.name, str(kind.status), kind.signature] += kind.failures
    when: object = [time.isoformat(timespec="seconds") for time in (record.started, record.ended)]
    if _is_guessed(record):
        when = (record.p95, sorted((row.method, row.name, row.p95) for row in record.endpoints))
    told = repr((when, endpoints, sorted(failed.items())))
    return hashlib.blake2b(told.encode(), digest_size=16).digest()


def _moment(record: RunSummary) -> object:
    """Return what is quickly found and the same where `run_digest` is: of most runs no other's."""
    return record.p95 if _is_guessed(record) else record.started.replace(microsecond=0)


def _is_guessed(record: RunSummary) -> bool:
    return record.time_from in {None, "file"} and record.requests > 0
