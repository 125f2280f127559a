"""The nouns of the weekly report: a period, a change, a trend, an action item, the report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from loadgate.model import AtEndpoint, Decision, RuleState, Status
from loadgate.summary import Collection, RunSummary

# --- periods --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A span of whole days in one time zone."""

    name: str
    """As "2026-W47", "2026-11-16 to 2026-11-20" or "2026-05 to 2026-10"."""
    first: date
    """First day."""
    last: date
    """Last day, which is part of it."""
    begins: datetime
    """First instant, in UTC."""
    ends: datetime
    """First instant behind it, in UTC."""
    zone: ZoneInfo
    """Whose days are meant."""

    @property
    def by_week(self) -> bool:
        """Say whether it is longer than any month, so that weeks are shown instead of days."""
        return (self.last - self.first).days >= 31


# --- what changed ---------------------------------------------------------------------------------

FEWEST_RUNS = 4
"""Runs of each period below which nothing is tested: no outcome could be significant."""

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

    @property
    def told(self) -> bool:
        """Say whether there is something to say of it: a change, or that there is none.

        Not where nothing failed in both periods, nor where there are too few runs to tell.
        """
        if self.direction == "unclear" and self.p_value is None:
            return False
        return self.direction in {"new", "gone"} or bool(self.now or self.before)


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointTrend(AtEndpoint):
    """One endpoint in both periods."""

    requests: int
    expected: int
    true: int
    """Of this period, as are requests and expected."""
    true_rate: Change
    p95: Change
    allowed: int | None = None
    """Responses that a rule names and the locustfile counts as successes; None: no run of the
    period was recorded."""
    allowed_before: int | None = None
    """Of the period before."""
    moved: bool = False
    """Fewer requests failed than before, and so many more are allowed: no improvement."""


KindState = Literal["new", "gone", "growing", "known"]
"""new: not in any run before this period; gone: in the period before only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KindTrend(AtEndpoint):
    """One kind of failure in both periods."""

    status: Status | None
    likely_status: int | None
    decision: Decision
    signature: str
    rule: str | None
    count: int
    before: int
    """Count of the period before."""
    state: KindState
    first_run: str
    """Label of the first run given that had it, whatever its period."""
    first_seen: datetime
    last_run: str
    last_seen: datetime
    runs: int
    """Runs of this period that had it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentEndpoint(AtEndpoint):
    """What an incident is at one endpoint."""

    requests: int
    """Of this period, as is count."""
    count: int
    """True failures; 0 where it is slower."""
    before: float | None = None
    """Milliseconds at the p95 before it became slower, and after."""
    after: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """What belongs together: one status, or a slower p95, that began in one run, over endpoints."""

    kind: Literal["failures", "slower"]
    status: Status | None
    """Of failures, as is likely_status; both None: unknown."""
    likely_status: int | None
    signatures: tuple[str, ...]
    """Error texts, the most frequent first."""
    endpoints: tuple[IncidentEndpoint, ...]
    """The worst first."""
    count: int
    """True failures of this period."""
    runs: int
    """Runs of this period that have it."""
    state: KindState
    first: RunSummary
    """The first bad run, whatever its period: label, start, commit and link."""
    last: RunSummary
    """The last bad run."""
    good: RunSummary | None
    """The run right before the first bad one; None: there is none."""
    owners: tuple[str, ...] = ()
    """Who should look, as the rules file says; empty: it does not."""
    undated: bool = False
    """The first run given was bad already: it began some time before."""
    grew: RunSummary | None = None
    """The first run of those that have far more of it than before; None: it did not grow."""
    before_grew: RunSummary | None = None
    """The last run before that one."""
    rate_before: float | None = None
    """The share of requests that failed before it grew, from 0 to 1."""
    rate_since: float | None = None

    @property
    def since(self) -> RunSummary:
        """Return the run since which it is as it is: when it grew, or else began."""
        return self.grew or self.first


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
    allowed: int | None = None
    """As EndpointTrend.allowed, by this rule."""


# Most urgent first.
ActionKind = Literal[
    "nothing-ran",
    "gate-failed",
    "no-evidence",
    "incident",
    "allowed",
    "endpoint-worse",
    "endpoint-slower",
    "budget",
    "rule-expired",
    "rule-expiring",
    "flapping",
    "rule-idle",
    "broken",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionItem:
    """Something that needs a person, most urgent first."""

    kind: ActionKind
    sentence: str
    """What it is, with its numbers; names are as in the runs, not escaped."""
    runs: tuple[str, ...] = ()
    """Labels of the runs that it is about."""
    names: tuple[str, ...] = ()
    """What in the sentence comes from runs and rules, so that it can be set apart: names of
    endpoints, error texts, paths."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCell(AtEndpoint):
    """True failures of one endpoint on one day, or in one week, of the period's zone."""

    day: date
    """Of a week (Period.by_week), its first day in the period."""
    requests: int
    true: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """The runs of one week from Monday to Sunday, or of what the chart shows of it."""

    first: date
    last: date
    runs: int
    """0: nothing ran."""
    failed: int
    """Runs that the gate failed."""
    without_evidence: int
    """Runs without requests."""
    requests: int
    true: int
    rate: float | None
    """The share of all requests that are true failures, from 0 to 1; None: no requests."""
    limit: float | None
    """The lowest limit on that share that a run had; None: none says it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weeks:
    """What the chart of the last twelve weeks shows: up to the end of the period."""

    first: date
    """The first day: that of the period, if it is longer."""
    last: date
    """The last day of the period."""
    weeks: tuple[Week, ...]
    """All of them in order, also those without runs."""
    runs: tuple[RunSummary, ...]
    """Those of these days, by start, each with verdict, counts and true_failure_limit."""
    by_run: bool
    """There are few enough to draw one by one; else draw the weeks."""
    idle: tuple[tuple[date, date], ...]
    """First and last day of each time without runs that is longer than is usual between two runs:
    also inside a week, and up to today. None lies before the first run given."""


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
    """Every day of the period that had runs, or week (Period.by_week), for endpoints with true
    failures."""
    collection: Collection
    tested: bool
    """Whether SciPy was there, so that changes could be tested."""
    allowed: int | None = None
    """As EndpointTrend.allowed, of the whole runs, as is allowed_before."""
    allowed_before: int | None = None
    incidents: tuple[Incident, ...] = ()
    """Server errors first, then what is new or grew, then by count; what is over comes last."""
    weeks: Weeks | None = None
    """None: the report was put together without."""

    @property
    def shows_allowed(self) -> bool:
        """Say whether there is something to show of what the locustfile allowed."""
        return self.allowed is not None and bool(self.allowed or self.allowed_before)
