"""The nouns of the weekly report: a record, a period, a trend, a report. They compute nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, NamedTuple

from loadgate.model import AtEndpoint, Decision, Outcome, RuleState, TimeSource

FORMAT, VERSION = "loadgate.result", 1
"""What a result document says that it is."""

# --- one run --------------------------------------------------------------------------------------


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


class KindCount(NamedTuple):
    """What one run says of one kind of failure."""

    method: str
    name: str
    status: int | None
    """HTTP status; None: unknown."""
    decision: Decision
    signature: str
    """The error text with what varies masked."""
    rule: str | None
    """The rule that decided; None: none did."""
    failures: int


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
    """The largest share that it did excuse at one endpoint; None: none, or no budget."""
    expires: date | None


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


# --- periods --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A span of whole days in one time zone."""

    name: str
    """As "2026-W47", or "2026-11-16 to 2026-11-20"."""
    first: date
    """First day."""
    last: date
    """Last day, which is part of it."""
    begins: datetime
    """First instant, in UTC."""
    ends: datetime
    """First instant behind it, in UTC."""
    zone: str
    """IANA name of the time zone whose days are meant."""


# --- what changed ---------------------------------------------------------------------------------

Direction = Literal["worse", "better", "same", "unclear", "new", "gone"]
"""unclear: too few runs, or no more than runs differ anyway; same: the evidence is for no change
that would matter; new, gone: in one of the periods only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """How a number of the runs of this period compares with that of the period before."""

    direction: Direction
    now: float | None
    """Of all runs of the period together: a share (0 to 1) or milliseconds."""
    before: float | None
    runs_now: int
    """Runs that have the number."""
    runs_before: int
    p_value: float | None
    """Of the permutation test over runs, after correction for how many were made; None: not made,
    for want of runs or of SciPy."""
    words: str
    """The change in plain words: "3 times as many", "120 ms slower"; empty where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointTrend(AtEndpoint):
    """One endpoint in both periods."""

    requests: int
    expected: int
    true: int
    """Of this period, as are requests and expected."""
    true_rate: Change
    p95: Change


@dataclass(frozen=True, slots=True, kw_only=True)
class KindTrend(AtEndpoint):
    """One kind of failure in both periods."""

    status: int | None
    decision: Decision
    signature: str
    rule: str | None
    count: int
    before: int
    """Count of the period before."""
    state: Literal["new", "gone", "growing", "known"]
    """new: not in any run before this period; gone: in the period before only."""
    first_run: str
    """Label of the first run given that had it, whatever its period."""
    first_seen: datetime
    last_run: str
    last_seen: datetime
    runs: int
    """Runs of this period that had it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleTrend:
    """One rule over this period."""

    id: str
    why: str
    matched: int
    runs: int
    """Runs that were judged by it."""
    runs_matched: int
    state: RuleState
    """As of the last run: "idle" only where no run of the period matched it."""
    excuses: bool
    budget: float | None
    used: float | None
    """The largest share used in any run; above the budget the gate failed."""
    expires: date | None
    days_left: int | None
    """Days from the day of the report to its last day; None: never; negative: expired."""


ActionKind = Literal[
    "nothing-ran",
    "gate-failed",
    "no-evidence",
    "new-kind",
    "endpoint-worse",
    "endpoint-slower",
    "budget",
    "rule-expired",
    "rule-expiring",
    "rule-idle",
    "flapping",
    "broken",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionItem:
    """Something that needs a person, most urgent first."""

    concern: ActionKind
    sentence: str
    """What it is, with its numbers; names are as in the runs, not escaped."""
    runs: tuple[str, ...] = ()
    """Labels of the runs that it is about."""
    names: tuple[str, ...] = ()
    """What in the sentence comes from runs and rules, so that it can be set apart: names of
    endpoints, error texts, paths."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCell(AtEndpoint):
    """True failures of one endpoint on one day of the period's zone."""

    day: date
    requests: int
    true: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What the runs of a period say."""

    period: Period
    previous: Period
    today: date
    headline: str
    """One sentence that says how the period was."""
    action_items: tuple[ActionItem, ...]
    runs: tuple[RunSummary, ...]
    """Those of this period, by start."""
    runs_before: tuple[RunSummary, ...]
    """Those of the period before, by start."""
    outside: int
    """Records of neither period."""
    requests: int
    expected: int
    true: int
    """Of this period, as are requests and expected."""
    true_rate: Change
    """Of the whole runs."""
    p95: Change
    endpoints: tuple[EndpointTrend, ...]
    """Worse first, then by true failures, then by name."""
    kinds: tuple[KindTrend, ...]
    """New true ones first, then growing, known, expected, gone; each with server errors first, then
    by count."""
    rules: tuple[RuleTrend, ...]
    days: tuple[DayCell, ...]
    """For the heat map: every day of the period that had runs, for endpoints with true failures."""
    collection: Collection
    tested: bool
    """Whether SciPy was there, so that changes could be tested."""
