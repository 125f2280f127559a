"""Merging collections of runs, so that no run counts twice."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from loadgate.model import UNEXPLAINED
from loadgate.summary import Collection, EndpointCounts, KindCount, RuleUse, RunSummary, Unreadable


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
    Texts that records have in common are kept once in memory.
    """
    kept: dict[bytes, RunSummary] = {}
    broken: set[tuple[str, str]] = set()
    repeated: set[str] = set()
    texts: dict[str, str] = {}

    def precedence(record: RunSummary) -> tuple[bool, str]:
        return record.rejudged != rejudged, record.source

    for collection in collections:
        broken.update((each.source, each.problem) for each in collection.broken)
        repeated.update(collection.repeated)
        for record in collection.records:
            key = run_digest(record)
            rival = kept.get(key)
            if rival is None:
                kept[key] = _sharing(record, texts)
                continue
            first, second = sorted((rival, record), key=precedence)
            kept[key] = _sharing(first, texts)
            repeated.add(second.source)
    return Collection(
        records=tuple(sorted(kept.values(), key=_in_order)),
        broken=tuple(
            Unreadable(source=source, problem=problem) for source, problem in sorted(broken)
        ),
        repeated=tuple(sorted(repeated)),
    )


def joined(collection: Collection) -> Collection:
    """Return a whole collection without lists of --json that are a form of another run in it.

    A list holds no error texts and says when the run was, CSV files often the reverse: so the one
    has the counts, failures and response times of the other, which gets its time. With a third run
    of the same counts it is in doubt which of them it is of, so all stay.
    """
    alike: defaultdict[object, list[RunSummary]] = defaultdict(list)
    for record in collection.records:
        counts = (row[:4] for row in record.endpoints if row.requests or row.failures)
        alike[tuple(sorted(counts))].append(record)
    forms = {}
    for found in alike.values():
        texts = [record for record in found if not _without_texts(record)]
        if len(found) == 2 and len(texts) == 1:
            other = next(record for record in found if record is not texts[0])
            if _may_be_one(texts[0], other):
                forms[other.source] = texts[0]
    timed = {
        forms[record.source].source: record
        for record in collection.records
        if record.source in forms and _timed(record)
    }
    records = [
        _at_the_time_of(timed.get(record.source, record), record)
        for record in collection.records
        if record.source not in forms
    ]
    return replace(
        collection,
        records=tuple(sorted(records, key=_in_order)),
        repeated=tuple(sorted({*collection.repeated, *forms})),
    )


def _at_the_time_of(other: RunSummary, record: RunSummary) -> RunSummary:
    return replace(record, started=other.started, ended=other.ended, time_from=other.time_from)


def _in_order(record: RunSummary) -> tuple[datetime, str, str]:
    return record.started, record.label, record.source


def _timed(record: RunSummary) -> bool:
    return record.time_from not in {None, "file"}


def _without_texts(record: RunSummary) -> bool:
    """Say whether requests failed, and no text says why."""
    return bool(record.failures) and all(kind.signature == UNEXPLAINED for kind in record.kinds)


def _may_be_one(one_: RunSummary, other: RunSummary) -> bool:
    """Say whether two runs of the same counts were as fast, and one does not say when it was."""
    if _timed(one_) and _timed(other):
        return False
    times = {(row.method, row.name): row.p95 for row in other.endpoints}
    pairs = [(row.p95, times.get((row.method, row.name))) for row in one_.endpoints]
    return all(mine == theirs for mine, theirs in [*pairs, (one_.p95, other.p95)])


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
    that counts twice hides nothing. (`baseline.same_run` must err the other way.)
    """
    endpoints = sorted(
        (row.method, row.name, row.requests, row.failures) for row in record.endpoints
    )
    failed: Counter[tuple[str, str, str, str]] = Counter()
    for kind in record.kinds:
        failed[kind.method, kind.name, str(kind.status), kind.signature] += kind.failures
    when: object = [time.isoformat(timespec="seconds") for time in (record.started, record.ended)]
    if record.time_from in {None, "file"} and record.requests:
        when = (record.p95, sorted((row.method, row.name, row.p95) for row in record.endpoints))
    told = repr((when, endpoints, sorted(failed.items())))
    return hashlib.blake2b(told.encode(), digest_size=16).digest()


def _sharing(record: RunSummary, texts: dict[str, str]) -> RunSummary:
    """Return the record with every text that is in `texts` taken from there."""

    def shared(text: str) -> str:
        return texts.setdefault(text, text)

    return replace(
        record,
        endpoints=tuple(
            EndpointCounts(shared(row.method), shared(row.name), *row[2:])
            for row in record.endpoints
        ),
        kinds=tuple(
            KindCount(
                shared(kind.method),
                shared(kind.name),
                kind.status,
                kind.decision,
                shared(kind.signature),
                None if kind.rule is None else shared(kind.rule),
                kind.failures,
            )
            for kind in record.kinds
        ),
        rules=tuple(RuleUse(shared(rule.id), shared(rule.why), *rule[2:]) for rule in record.rules),
    )
