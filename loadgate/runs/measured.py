"""What each of several runs measured: its counts, times and load, no run twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from loadgate.baseline import NUMBERS, Measured
from loadgate.document.read import Summarised
from loadgate.masking import MASK, Endpoint
from loadgate.matching import DocumentMatcher
from loadgate.metrics import Row, by_status, exact
from loadgate.model import Decision, Policy
from loadgate.runs.candidate import NOTHING
from loadgate.runs.discover import find_candidates
from loadgate.runs.load import Task, load
from loadgate.runs.merge import joined, merge, single
from loadgate.summary import EndpointCounts, KindCount, RunSummary, Unreadable

Numbers = dict[str, Fraction]
"""Times in milliseconds, throughput and load by what metrics call them."""

_TOO_MANY = (
    "has too many failures to decide them again by so many rules. Give fewer documents,"
    " or the files of Locust."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredRuns:
    """Several runs, and what each of them measured."""

    runs: tuple[tuple[RunSummary, Measured], ...]
    """By start, then label and source."""
    broken: tuple[Unreadable, ...]
    """Paths behind which there is nothing that can be read."""
    sources: tuple[str, ...]
    """All paths that were read, also of what was a run for the second time."""


Given = str | Summarised | Unreadable
"""A path, or what was read from a document that is none."""


def measure(paths: Sequence[Given], task: Task, *, today: Policy | None = None) -> MeasuredRuns:
    """Read everything behind the paths; raw runs are judged by the policy of the task.

    `today`: so are the failures of documents, as far as their masked texts tell, in what they
    measured; their summaries stay as they were judged. What cannot be told is neither.
    """
    matcher = None if today is None else DocumentMatcher(today)
    measured: dict[str, Measured] = {}
    outcomes: list[RunSummary | Unreadable] = []
    sources: list[str] = []
    for path in paths:
        known = _loaded(path, task)
        if isinstance(path, str):
            sources += [outcome.source for outcome in known]
        for outcome in known:
            if isinstance(outcome, Unreadable):
                outcomes.append(outcome)
                continue
            summary = outcome.summary
            again = None if summary.rejudged else matcher
            measured[summary.source] = _measured(outcome, again)
            exhausted = again is not None and again.exhausted and summary.kinds
            refused = Unreadable(source=summary.source, problem=_TOO_MANY)
            outcomes.append(refused if exhausted else summary)
    collection = joined(merge(map(single, outcomes), rejudged=task.rejudged))
    return MeasuredRuns(
        runs=tuple((summary, measured[summary.source]) for summary in collection.records),
        broken=collection.broken,
        sources=tuple(sources),
    )


def _loaded(path: Given, task: Task) -> list[Summarised | Unreadable]:
    if not isinstance(path, str):
        return [path]
    loaded = (load(candidate, task) for candidate in find_candidates([path]))
    known = [outcome for outcome in loaded if outcome is not None]
    return known or [Unreadable(source=path, problem=NOTHING)]


def _measured(loaded: Summarised, today: DocumentMatcher | None) -> Measured:
    summary, document, quantiles = loaded
    load_ = {name: document["run"].get(name) for name in ("users", "duration")}
    numbers = _numbers(document["totals"]) | _exact(load_)
    kinds = [(kind, _decided(kind, today)) for kind in summary.kinds]
    counts: Counter[tuple[Endpoint | None, Decision | None]] = Counter()
    for kind, decision in kinds:
        counts[kind.key, decision] += kind.failures
        counts[None, decision] += kind.failures
    statuses = by_status(
        ((kind.method, kind.name), kind.status, kind.failures) for kind in summary.kinds
    )
    likely = by_status(
        ((kind.method, kind.name), kind.status or kind.likely_status, kind.failures)
        for kind in summary.kinds
    )

    def row(place: Endpoint | None, of: RunSummary | EndpointCounts, numbers: Numbers) -> Row:
        exceptions = of.task_exceptions if isinstance(of, RunSummary) else None
        return Row(
            runs=1,
            requests=of.requests,
            failures=of.failures,
            expected=of.expected if today is None else counts[place, "expected"],
            true=of.true if today is None else counts[place, "true"],
            task_exceptions=None if exceptions is None else Fraction(exceptions),
            numbers=numbers,
            statuses=statuses.get(place, {}),
            likely=likely.get(place, {}),
            allowed=of.allowed,
            quantile=quantiles.get(place),
        )

    names = {counted.key for counted in summary.endpoints}
    return Measured(
        total=row(None, summary, numbers),
        endpoints={
            counted.key: row(counted.key, counted, own)
            for counted, own in zip(
                summary.endpoints, map(_numbers, document["endpoints"]), strict=True
            )
            if counted.requests or counted.failures
        },
        unsure=frozenset(
            (method, name)
            for method, name in names
            if MASK in name and (method, f"{name} (2)") in names
        ),
        kinds=frozenset(
            (kind.method, kind.name, kind.status, kind.signature)
            for kind, decision in kinds
            if decision == "true"
        ),
    )


def _decided(kind: KindCount, today: DocumentMatcher | None) -> Decision | None:
    """Return how a kind was decided, or is today; None: its masked text does not tell."""
    if today is None:
        return kind.decision
    decisions = today.decisions(kind)
    return next(iter(decisions)) if len(decisions) == 1 else None


def _numbers(row: dict[str, Any]) -> Numbers:
    """Return the times and the throughput of a document's row by what metrics call them."""
    percentiles = {f"p{name}": time for name, time in row["percentiles"].items()}
    return _exact({name: row[name] for name in NUMBERS} | percentiles)


def _exact(numbers: Mapping[str, float | None]) -> Numbers:
    return {name: exact(value) for name, value in numbers.items() if value is not None}
