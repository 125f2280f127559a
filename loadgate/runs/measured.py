"""What each of several runs measured: its counts, times and load, no run twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from loadgate.baseline import NUMBERS, Measured
from loadgate.checks import times_and_rps
from loadgate.masking import MASK, Endpoint
from loadgate.matching import DocumentMatcher
from loadgate.metrics import Row, by_status, exact, seconds
from loadgate.model import Decision, Policy, Verdict
from loadgate.runs.candidate import NOTHING
from loadgate.runs.discover import find_candidates
from loadgate.runs.fields import Fields
from loadgate.runs.load import Loaded, Task, load
from loadgate.runs.merge import joined, merge, single
from loadgate.summary import EndpointCounts, KindCount, RunSummary, Unreadable

Numbers = dict[str, Fraction]
"""Times in milliseconds, throughput and load by what metrics call them."""

_TOO_MANY = (
    "has too many failures to decide them again by so many rules. Give --baseline fewer documents,"
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
    """All that was read, also what was a run for the second time."""


def measure(paths: Sequence[str], task: Task, *, today: Policy | None = None) -> MeasuredRuns:
    """Read everything behind the paths; raw runs are judged by the policy of the task.

    `today`: so are the failures of documents, as far as their masked texts tell, in what they
    measured; their summaries stay as they were judged. What cannot be told is neither.
    """
    matcher = None if today is None else DocumentMatcher(today)
    measured: dict[str, Measured] = {}
    outcomes: list[RunSummary | Unreadable] = []
    for path in paths:
        loaded = [load(candidate, task) for candidate in find_candidates([path])]
        known = [outcome for outcome in loaded if outcome is not None]
        for outcome in known or [Unreadable(source=path, problem=NOTHING)]:
            if isinstance(outcome, Unreadable):
                outcomes.append(outcome)
                continue
            summary = outcome.summary
            again = matcher if isinstance(outcome.details, Fields) else None
            measured[summary.source] = _measured(outcome, again)
            exhausted = again is not None and again.exhausted and summary.kinds
            refused = Unreadable(source=summary.source, problem=_TOO_MANY)
            outcomes.append(refused if exhausted else summary)
    collection = joined(merge(map(single, outcomes), rejudged=task.rejudged))
    return MeasuredRuns(
        runs=tuple((summary, measured[summary.source]) for summary in collection.records),
        broken=collection.broken,
        sources=tuple(outcome.source for outcome in outcomes),
    )


def _measured(loaded: Loaded, today: DocumentMatcher | None) -> Measured:
    summary = loaded.summary
    numbers, of_endpoints = _numbers(loaded.details)
    kinds = [(kind, _decided(kind, today)) for kind in summary.kinds]
    counts: Counter[tuple[Endpoint | None, Decision | None]] = Counter()
    for kind, decision in kinds:
        counts[(kind.method, kind.name), decision] += kind.failures
        counts[None, decision] += kind.failures
    statuses = by_status(
        (kind.method, kind.name, kind.status, kind.failures) for kind in summary.kinds
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
        )

    names = {(counted.method, counted.name) for counted in summary.endpoints}
    return Measured(
        total=row(None, summary, numbers),
        endpoints={
            (counted.method, counted.name): row((counted.method, counted.name), counted, own)
            for counted, own in zip(summary.endpoints, of_endpoints, strict=True)
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


def _numbers(details: Fields | Verdict) -> tuple[Numbers, list[Numbers]]:
    """Return the times, throughput and load of the whole run, and of its endpoints in order."""
    if isinstance(details, Fields):
        run = details.inner("run")
        load_ = {name: run.later_number(name) for name in ("users", "duration")}
        endpoints = [_exact(_read(fields)) for fields in details.each("endpoints")]
        return _exact(_read(details.inner("totals")) | load_), endpoints
    judged = details.classification
    load_ = {"users": judged.run.users, "duration": seconds(judged.run.time)}
    endpoints = [_exact(times_and_rps(row.stats)) for row in judged.endpoints]
    return _exact(times_and_rps(judged.total.stats) | load_), endpoints


def _read(fields: Fields) -> dict[str, float | None]:
    percentiles = fields.inner("percentiles")
    times = {name: fields.optional_number(name) for name in NUMBERS}
    return times | {f"p{name}": percentiles.optional_number(name) for name in percentiles}


def _exact(numbers: Mapping[str, float | None]) -> Numbers:
    return {name: exact(float(value)) for name, value in numbers.items() if value is not None}
