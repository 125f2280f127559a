"""What was found: a classified run, its checks, the verdict."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from loadgate.model.policy import Decision, Metric, Rule, RuleState, Severity, Window
from loadgate.model.run import AtEndpoint, EndpointStats, FailureLog, Run, Status

if TYPE_CHECKING:
    from loadgate.time_series import TimeSeries


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureKind(AtEndpoint):
    """Failures of one endpoint that have status, decision and signature in common."""

    status: Status | None
    """Status of the responses, where it is certain; None: unknown."""
    status_from: str = ""
    """Where the status comes from: "recorder", "requests", "client", "taught", "pair", "label",
    "reason"; "": unknown. The first two also know where there is none."""
    likely_status: int | None = None
    """What a person would take for the status, where none is certain. It excuses nothing."""
    exception: str | None = None
    """The class of the exception, where it was recorded and there was one."""
    decision: Decision
    signature: str
    """The error text with what varies masked by `*`; OTHER_SIGNATURES: many, rolled into one;
    UNEXPLAINED: failures without a text."""
    count: int
    rule: str | None
    """The id of the rule that decided, also a carve-out or an expired one; None: none matched."""


SERVER_ERRORS: frozenset[Status | None] = frozenset(range(500, 600)) | {
    f"grpc:{name}"
    for name in (
        *("DATA_LOSS", "DEADLINE_EXCEEDED", "INTERNAL", "UNAVAILABLE", "UNIMPLEMENTED", "UNKNOWN"),
    )
}
"""Statuses by which a server says that it failed; of gRPC those that OpenTelemetry counts as errors
of a server. Nothing that lists failures leaves one of these out in favour of another status."""

OTHER_SIGNATURES = "(other texts)"
UNEXPLAINED = "(no error text)"

IMPOSSIBLE = "impossible: "
"""What a warning of more failures than requests begins with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointResult:
    """One endpoint, or the whole run, with its failures sorted."""

    stats: EndpointStats
    failures: int
    """Always expected + true; more than stats.failures only where contradictions are allowed."""
    expected: int
    true: int
    unexplained: int
    """Those of the true failures that no error text explains."""
    allowed: int = 0
    """Responses with a status that a rule names and that are no failures, as the locustfile allows
    them. Budgets count them, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetUse:
    """What one rule with a budget excused at one endpoint."""

    rule: Rule
    stats: EndpointStats
    expected: int
    allowed: int = 0
    """As EndpointResult.allowed, by this rule."""

    @property
    def counted(self) -> int:
        """What counts against the budget."""
        return self.expected + self.allowed


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleResult:
    """A rule and what it decided."""

    rule: Rule
    matched: int
    """Failures the rule decided; for an expired rule those it would have excused."""
    state: RuleState
    allowed: int = 0
    """As EndpointResult.allowed, by this rule."""
    expiring: bool = False
    """Its last day is not over, and is at most rules.upkeep.EXPIRING_DAYS away."""
    no_effect: str = ""
    """Why an idle carve-out protects nothing; "": it waits, or no threshold counts idle rules."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Classification:
    """A run with every failure sorted into expected or true."""

    run: Run
    origins: tuple[str, ...]
    """Policy.origins."""
    total: EndpointResult
    endpoints: tuple[EndpointResult, ...]
    """Most true failures first, then most expected, then by name and method."""
    failures: tuple[FailureKind, ...]
    """True before expected, then most frequent first, then by name, method, status, signature."""
    rules: tuple[RuleResult, ...]
    """In the order of the policy."""
    budgets: tuple[BudgetUse, ...]
    """In the order of the policy, then of the endpoints; where a rule with a budget excused any."""
    warnings: tuple[str, ...]
    """Those of the run, those on rules, those on the texts; a sentence each."""
    contradictions: tuple[str, ...] = ()
    """As Run.contradictions, with those that showed when its failures were read."""
    true_log: FailureLog | None = None
    """Of the run's failure log what is true; None: there is no such log."""


Outcome = Literal["passed", "failed", "no-evidence"]
CheckResult = Literal["passed", "failed", "not-enough-data", "missing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One threshold or budget, held against the run or one endpoint.

    `actual` and `limit` are exact, in the unit of `metric.kind`: rates are shares from 0 to 1,
    latencies milliseconds, durations seconds, throughput requests per second.

    Example:
        >>> check = loadgate.judge("run_stats.csv", rules="strict.toml").failed_checks[0]
        >>> check.require, float(check.actual), float(check.limit)
        ('true_failure_rate <= 1%', 0.0427176..., 0.01)
    """

    require: str
    """Threshold.require, or for a budget "expected_failure_rate <= 25%"."""
    endpoint: str | None
    """"POST /tools/[id]/state" (the pattern where nothing matched it); None: the whole run."""
    metric: Metric
    actual: Fraction | None
    """In the unit of the metric's kind; None: there is no such number."""
    limit: Fraction | None
    """In the same unit; None: it would be what earlier runs have, which have no such number."""
    result: CheckResult
    """"missing" (no such endpoint, or no such number) fails, like "failed"; an optional endpoint
    that never occurs is "not-enough-data", which does not."""
    severity: Severity
    rule: str | None = None
    """For a budget, the id of its rule."""
    note: str = ""
    """What must be said beside the numbers: the Wilson bound, why there is no number."""
    baseline: Fraction | None = None
    """The value of the baseline or history that the limit was put on; None: none was."""
    aborts: bool = False
    """It has failed for certain, and the policy lets it stop a run that is on."""
    window: Window | None = None
    """Threshold.window."""
    origin: str = field(default="", compare=False)
    """As that of the threshold, or of the rule; "": it is of neither."""
    number: int = field(default=0, compare=False)
    """As above."""
    span: tuple[Fraction, Fraction] | None = None
    """The window that decided, in seconds from the start of the run; None: none did."""

    @property
    def fails(self) -> bool:
        """Say whether it fails the gate, and does not only warn."""
        return self.result in {"failed", "missing"} and self.severity == "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What was tested, and where to look; "" where it is not known."""

    branch: str = ""
    commit: str = ""
    link: str = ""
    """To the job that ran the test."""
    root: str = ""
    """The folder of the repository on this machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The decision on a run, with everything that led to it."""

    classification: Classification
    outcome: Outcome
    checks: tuple[Check, ...]
    """The default threshold where it holds, those in the order of the policy, then budgets."""
    provenance: Provenance = Provenance()
    baseline: tuple[str, ...] = ()
    """The runs of the baseline that it was held against, as the user would name them."""
    history: tuple[str, ...] = ()
    """Those of the history, the earliest first."""
    series: TimeSeries | None = None
    """The run over time; None: no output that draws it was asked for, or nothing tells it."""
