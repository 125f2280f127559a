"""Result documents and raw runs in, what each of them measured, no run twice, out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction

from loadgate.baseline import NUMBERS, Kind, Measured
from loadgate.errors import ResultError
from loadgate.masking import MASK, Endpoint
from loadgate.matching import DocumentMatcher
from loadgate.metrics import Row, by_status, exact
from loadgate.model import Decision, Policy
from loadgate.runs import result_json as document
from loadgate.runs.candidate import NOTHING
from loadgate.runs.discover import find_candidates
from loadgate.runs.fields import Fields
from loadgate.runs.load import Task, judge
from loadgate.runs.merge import joined, merge, one
from loadgate.summary import KindCount, RunSummary, Unreadable


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Several runs, and what each of them measured."""

    runs: tuple[tuple[RunSummary, Measured], ...]
    """By start, then label and source."""
    broken: tuple[Unreadable, ...]
    """Paths behind which there is nothing that can be read."""
    sources: tuple[str, ...]
    """All that was read, also what was a run for the second time."""


def measure(paths: Sequence[str], task: Task, *, today: Policy | None = None) -> Group:
    """Read everything behind the paths; raw runs are judged by the policy of the task.

    `today`: so are the failures of documents, as far as their masked texts tell, in what they
    measured; their records stay as they were judged. What cannot be told is neither.
    """
    measured: dict[str, Measured] = {}
    matcher = None if today is None else DocumentMatcher(today)

    def read(
        text: str, source: str, *, written: datetime | None, rejudged: bool = False
    ) -> RunSummary | None:
        found = document.read_all(text, source, written=written, rejudged=rejudged)
        if found is None:
            return None
        measured[source] = _measured(found[1], found[0], None if rejudged else matcher)
        return found[0]

    wanted = replace(task, read=read)
    found: list[RunSummary | Unreadable] = []
    for path in paths:
        outcomes = [judge(source, wanted) for source in find_candidates([path])]
        known = [outcome for outcome in outcomes if outcome is not None]
        found += known or [Unreadable(source=path, problem=NOTHING)]
    collection = joined(merge(map(one, found), anew=task.anew))
    return Group(
        runs=tuple((record, measured[record.source]) for record in collection.records),
        broken=collection.broken,
        sources=tuple(outcome.source for outcome in found),
    )


def _measured(fields: Fields, record: RunSummary, today: DocumentMatcher | None) -> Measured:
    kinds = [(kind, _decided(kind, today, record.source)) for kind in record.kinds]
    counts: Counter[tuple[Endpoint | None, Decision | None]] = Counter()
    for kind, decision in kinds:
        counts[(kind.method, kind.name), decision] += kind.failures
        counts[None, decision] += kind.failures
    names = {(row.method, row.name) for row in record.endpoints}
    numbers = [_numbers(of) for of in fields.each("endpoints")]
    run, totals = fields.inner("run"), fields.inner("totals")
    load = {name: run.later_number(name) for name in ("users", "duration")}
    exceptions = record.task_exceptions
    statuses = by_status(
        (kind.method, kind.name, kind.status, kind.failures) for kind in record.kinds
    )
    return Measured(
        total=Row(
            runs=1,
            requests=record.requests,
            failures=record.failures,
            expected=record.expected if today is None else counts[None, "expected"],
            true=record.true if today is None else counts[None, "true"],
            task_exceptions=None if exceptions is None else Fraction(exceptions),
            numbers=_numbers(totals) | _known(load),
            statuses=statuses.get(None, {}),
        ),
        endpoints={
            (row.method, row.name): Row(
                runs=1,
                requests=row.requests,
                failures=row.failures,
                expected=(
                    row.expected if today is None else counts[(row.method, row.name), "expected"]
                ),
                true=row.true if today is None else counts[(row.method, row.name), "true"],
                task_exceptions=None,
                numbers=of_row,
                statuses=statuses.get((row.method, row.name), {}),
            )
            for row, of_row in zip(record.endpoints, numbers, strict=True)
            if row.requests or row.failures
        },
        unsure=frozenset(
            (method, name)
            for method, name in names
            if MASK in name and (method, f"{name} (2)") in names
        ),
        kinds=frozenset(_kind(kind) for kind, decision in kinds if decision == "true"),
    )


def _decided(kind: KindCount, today: DocumentMatcher | None, source: str) -> Decision | None:
    """Return how a kind was decided, or is today; None: its masked text does not tell."""
    if today is None:
        return kind.decision
    found = today.decisions(kind)
    if today.exhausted:
        raise ResultError(
            source,
            "has too many failures to decide them again by so many rules",
            "Give --baseline fewer documents, or the files of Locust.",
        )
    return next(iter(found)) if len(found) == 1 else None


def _kind(kind: KindCount) -> Kind:
    return kind.method, kind.name, kind.status, kind.signature


def _numbers(of: Fields) -> dict[str, Fraction]:
    """Return the times and the throughput that an object has, as the files wrote them."""
    percentiles = of.inner("percentiles")
    read = {name: of.optional_number(name) for name in NUMBERS}
    read |= {f"p{name}": percentiles.optional_number(name) for name in percentiles}
    return _known(read)


def _known(numbers: Mapping[str, float | None]) -> dict[str, Fraction]:
    return {name: exact(value) for name, value in numbers.items() if value is not None}
