"""Judged runs in short: what a report or a baseline needs of each result document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from loadgate.model import Decision, Outcome, RuleState, Status, TimeSource

FORMAT, VERSION = "loadgate.result", 1
"""What a result document says that it is."""


class EndpointCounts(NamedTuple):
    """What one run says of one endpoint; a tuple, as there may be millions of them."""

    method: str
    name: str
    requests: int
    failures: int
    expected: int
    true: int
    p95: float | None
    """95th percentile of the response time in milliseconds; None where the files do not say."""
    allowed: int | None = None
    """As EndpointResult.allowed; None: not known, as the run was not recorded."""

    @property
    def key(self) -> tuple[str, str]:
        """Return method and name, by which rows of the same endpoint are found."""
        return self.method, self.name


class KindCount(NamedTuple):
    """What one run says of one kind of failure."""

    method: str
    name: str
    status: Status | None
    """None: unknown."""
    decision: Decision
    signature: str
    """The error text with what varies masked."""
    rule: str | None
    """The rule that decided; None: none did."""
    failures: int
    likely_status: int | None = None
    """What is likely, where no status is certain."""
    status_from: str = ""
    """As FailureKind.status_from; "": unknown, or the document does not say."""
    exception: str | None = None
    """As FailureKind.exception."""

    @property
    def key(self) -> tuple[str, str]:
        """Return method and name, by which rows of the same endpoint are found."""
        return self.method, self.name


class RuleUse(NamedTuple):
    """What one run says of one rule."""

    id: str
    why: str
    matched: int
    state: RuleState
    excuses: bool
    budget: float | None
    """The largest share of an endpoint's requests that it may excuse, 0 to 1; None: no limit."""
    used: float | None
    """The largest share that it did excuse at one endpoint, and the locustfile allowed there; None:
    none, or no budget."""
    expires: date | None
    allowed: int | None = None
    """As EndpointCounts.allowed, by this rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """One judged run: what a report needs of a result document."""

    source: str
    """The file or URL that it was read from, as the user would name it."""
    label: str
    started: datetime
    """UTC."""
    ended: datetime
    time_from: TimeSource | None
    """What says when it was; "file" is a guess. None: the document does not tell."""
    branch: str
    commit: str
    link: str
    """Empty where not known, as are branch and commit."""
    outcome: Outcome
    partial: bool
    """Result files that contradict each other were allowed."""
    rejudged: bool
    """It was judged for this report; False: when it ran."""
    rules_from: tuple[str, ...]
    """Rules files and presets that it was judged by."""
    requests: int
    failures: int
    """Always expected + true."""
    expected: int
    true: int
    p95: float | None
    """Of the whole run, in milliseconds."""
    endpoints: tuple[EndpointCounts, ...]
    kinds: tuple[KindCount, ...]
    rules: tuple[RuleUse, ...]
    failed_checks: tuple[str, ...]
    """The demand and place of each check that failed: "p95 <= 800ms: POST /rpc"."""
    task_exceptions: int | None = None
    """Exceptions that tasks raised outside of requests; None: not known."""
    task_errors: tuple[tuple[str, int], ...] = ()
    """As Run.task_errors."""
    allowed: int | None = None
    """As EndpointCounts.allowed, of the whole run."""
    true_failure_limit: float | None = None
    """The lowest limit on its share of true failures, from 0 to 1; None: it had none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """A source that could not be read or judged."""

    source: str
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """Everything that was given to a report."""

    records: tuple[RunSummary, ...]
    """By start, then label and source; no run twice."""
    broken: tuple[Unreadable, ...]
    """By source."""
    repeated: tuple[str, ...]
    """Sources of runs that were there already, which count once."""


def main_branch(runs: Sequence[RunSummary]) -> str:
    """Return the branch that most runs are of; of several the one that ran last; "": none says."""
    counts = Counter(run.branch for run in reversed(runs) if run.branch)
    return max(counts, key=counts.__getitem__, default="")


def known_sum(counts: Iterable[int | None]) -> int | None:
    """Add up the counts that are known; None: none is."""
    known = [count for count in counts if count is not None]
    return sum(known) if known else None
