"""The nouns: a run, a policy, a classification, a verdict. They compute nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

from loadgate.globs import StatusText, TextGlob
from loadgate.patterns import EndpointPattern
from loadgate.text import endpoint_label

if TYPE_CHECKING:
    from loadgate.recording.counts import Counts, Key
    from loadgate.time_series import TimeSeries

# --- what Locust wrote ------------------------------------------------------------------------

Status = int | str
"""What a request ended with: an HTTP status, or how gRPC calls it: 409, "grpc:ABORTED"."""

FailureRow = tuple[str, str, str, int]
"""One row of a failures file: method, name, error text, occurrences."""

AllowedRow = tuple[str, str, int, int]
"""Responses that the locustfile counts as successes: method, name, status, how many."""

FILTERED = "loadgate: without the expected failures of "
"""How the last column of loadgate's own CSV begins, before the file that it was made of."""

LAG = Fraction(11, 10)
"""Requests of a complete source by those of a CSV snapshot, at most: in 84 runs of Locust 1.2 to
2.47 the CSV files lacked 0.5 to 8.3 %. Beyond, their writer died, or the run was very short."""


class Answer(NamedTuple):
    """What is known of failures besides their error text."""

    status: Status | None
    """That of the responses; None: there was none."""
    exception: str | None
    """The class of the exception, without its module; None: none, or the error was a text."""
    source: str = "recorder"
    """What knows it: the recorder, or "requests", Locust's request log, which has no exception."""


class FailureLog(Protocol):
    """The failures of a run, read anew from its files at every pass, a row at a time."""

    @property
    def answers(self) -> Sequence[Answer] | None:
        """What is known of each row besides; None: nothing is, but the error texts may say it."""
        ...

    @property
    def more(self) -> tuple[str, ...]:
        """The columns that the log has besides: "First Seen", "Last Seen"."""
        ...

    def rows(self, damage: list[str]) -> Iterator[FailureRow]:
        """Yield every failure row, in the order of the file.

        A row that cannot be read raises ContradictionError; where that is allowed (Run.partial)
        it is left out and said in `damage` instead.
        """
        ...

    def full_rows(self, damage: list[str]) -> Iterator[tuple[FailureRow, tuple[str, ...]]]:
        """Yield every failure row with its cells of the columns in `more`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """Response times in milliseconds; None where the files do not say."""

    avg: float | None = None
    min: float | None = None
    max: float | None = None
    median: float | None = None
    percentiles: tuple[tuple[str, float | None], ...] = ()
    """Percentile as its shortest decimal number ("50", "99.9") and value, in rising order."""
    quantile: Callable[[float], float | None] | None = field(
        default=None, compare=False, repr=False
    )
    """The time that a share of the requests, 0 to 1, does not exceed; None: the source has no
    histogram."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AtEndpoint:
    """What is said of one endpoint."""

    method: str
    """Locust's request type; mostly an HTTP method, may be empty."""
    name: str

    @property
    def endpoint(self) -> str:
        """Return both in one: "POST /tools/[id]/state"."""
        return endpoint_label(self.method, self.name)

    @property
    def key(self) -> tuple[str, str]:
        """Return both, by which rows of the same endpoint are found."""
        return self.method, self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointStats(AtEndpoint):
    """What the statistics say of one endpoint, or of the whole run."""

    requests: int
    failures: int
    latency: Latency
    rps: float | None
    """Requests a second, mean over the run; None where the files do not say."""
    content_size: float | None = None
    """Bytes of a response, on average; None where the files do not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file that a run was read from."""

    role: Literal["statistics", "failures", "exceptions", "supplement", "compared"]
    """"supplement": only numbers that the statistics lack come from it; "compared": it is of the
    same run, and was held against the statistics."""
    path: str
    """As the user would name it: below the path that the user passed."""
    numbers: tuple[str, ...] = ()
    """Of a supplement, what was taken from it: "p66", "rps"."""


TimeSource = Literal["recording", "requests", "history", "report", "json", "failures", "file"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeSpan:
    """When a run was, as far as its files say, to the second."""

    started: datetime
    ended: datetime
    source: TimeSource
    """What says so: the recording, the request log, the history CSV, the report, the JSON document,
    the times at which failures were seen, or only the time at which a file was written."""
    zone_known: bool = True
    """It is UTC. False: it may be in the time zone of the machine that ran the test, taken for UTC
    (a report as Locust 1.4 to 2.4 wrote it)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What only a recording knows of a run: its counts by time, apart for successes."""

    counts: Counts
    log: FailureLog
    """The error texts of requests whose endpoint is known."""
    keys: Sequence[Key]
    """Of each row of the log."""
    started: float | None
    """Seconds since the epoch; None: the test did not start."""
    stopped: float | None
    """When all users had stopped, as far as it says."""
    ended: float | None
    """When the recording was finished."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What one Locust test wrote, before it is judged: counts, and times in milliseconds.

    Example:
        >>> run = loadgate.read_run("run_stats.csv")
        >>> [loadgate.judge(run, rules=file).outcome for file in ("loadgate.toml", "strict.toml")]
        ['passed', 'failed']
    """

    label: str
    """What outputs call the run: unique among the runs of one check."""
    sources: tuple[Source, ...]
    endpoints: tuple[EndpointStats, ...]
    """No two with the same method and name."""
    total: EndpointStats
    """The whole run, as the files say or, where they do not, summed up."""
    failure_log: FailureLog | None
    """None: there is no source of error texts, so every failure is unexplained."""
    task_exceptions: int | None
    """Exceptions that tasks raised outside of requests; None: not known."""
    task_errors: tuple[tuple[str, int], ...] = ()
    """Their classes, the most frequent first; only a recording has them."""
    time: TimeSpan | None = None
    """None: not known."""
    users: int | None = None
    """The most simulated users at one time; None: not known."""
    warnings: tuple[str, ...] = ()
    """What a reader of the verdict must know about the sources, a sentence each."""
    partial: bool = False
    """Contradictions are allowed (`--allow-partial`) and counted in the strict way."""
    contradictions: tuple[str, ...] = ()
    """Those found while reading that were allowed; empty unless `partial`."""
    allowed: tuple[AllowedRow, ...] | None = None
    """Those from status 400 on; None: not known, as the run was not recorded."""
    aborted: tuple[str, ...] = ()
    """When and why the recorder stopped the run; empty: it did not. Such a run never passes."""
    recorded: Recorded | None = field(default=None, compare=False, repr=False)
    """None: it was not recorded, or the recording is no evidence. Verdicts do without."""
    series: TimeSeries | None = field(default=None, compare=False, repr=False)
    """The run over time, as a history has it; None: nobody asked for it, or there is none."""
    merged: bool = False
    """It is several runs, not all of them recorded, of which only the counts add up."""
    columns: tuple[tuple[str, str], ...] = ()
    """Those of its statistics CSV: the name, and what it holds, as read.statistics names it; "":
    something that loadgate does not read. Empty: there is no such file."""


# --- what the team decided ----------------------------------------------------------------------

RuleState = Literal["used", "idle", "expired"]
Severity = Literal["error", "warning"]
MetricKind = Literal["count", "rate", "latency", "throughput", "duration"]
Operator = Literal["<=", "<", ">=", ">"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Which failures are decided, how, and why."""

    id: str
    endpoint: EndpointPattern
    statuses: frozenset[Status] | None
    """Statuses meant; None: any, also an unknown one."""
    globs: tuple[tuple[str, TextGlob], ...]
    """What texts of failures must be: the key of the condition ("error", "exception") and its glob;
    empty: any."""
    excuses: bool
    """True: what matches is expected; False (`as = "failure"`): a carve-out, it is true."""
    why: str
    at_most: Fraction | None = None
    """Budget: largest share of each matching endpoint's requests that this rule may excuse."""
    at_most_text: str = ""
    """The budget as written, "25%"."""
    owner: str = ""
    ticket: str = ""
    expires: date | None = None
    """The last day (UTC) on which the rule excuses anything."""
    lint_ignore: frozenset[str] = frozenset()
    """Codes of findings that `rules lint` is not to count for this rule."""
    origin: str = ""
    """The rules file or preset that holds the rule."""
    number: int = field(default=0, compare=False)
    """Its place among the rules of its file, from 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A number that a threshold can be put on."""

    name: str
    """As written: "true_failure_rate", "p99.9"."""
    kind: MetricKind
    """Its unit: none, a share of requests (0 to 1), milliseconds, requests a second, seconds."""
    percentile: str | None = None
    """For pN: N as in Latency.percentiles."""


Reference = Literal["baseline", "history"]
"""What a limit may be put on: the runs that --baseline names, or of those that --history names the
last ones before the run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offset:
    """How far a limit is from the value that earlier runs have: "baseline + 10%"."""

    amount: Fraction
    """Negative: below that value."""
    relative: bool
    """True: the amount is a share of that value; False: in the unit of the kind."""
    of: Reference = "baseline"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The part of the run that a threshold is about, in seconds from its start."""

    text: str
    """As written: "during steady every 10s"."""
    steady: bool = False
    """While all users were there."""
    after: Fraction | None = None
    until: Fraction | None = None
    every: Fraction | None = None
    """The length of windows, each of which must meet the limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """A condition on a metric that the run, or each matching endpoint, must meet."""

    require: str
    """As written, white space folded: "true_failure_rate <= 0.1%"."""
    metric: Metric
    operator: Operator
    limit: Fraction | Offset
    """In the unit of the metric's kind, or as far from what earlier runs have."""
    window: Window | None = None
    """None: from the start of the run to its end."""
    endpoint: EndpointPattern | None = None
    """None: the whole run."""
    optional: bool = False
    min_requests: int = 0
    confidence: float | None = None
    """Fail only where the one-sided Wilson bound at this level is beyond the limit; 0.5 to 1."""
    severity: Severity = "error"
    abort: bool = False
    """Stop a run that has failed it for certain, while it is on."""
    abort_after: Fraction = Fraction(0)
    """Seconds of the run in which it is not stopped."""
    origin: str = ""
    """The rules file that holds it, or "--threshold"."""
    number: int = field(default=0, compare=False)
    """Its place among the thresholds of its file, from 1."""


Decision = Literal["expected", "true"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Example(AtEndpoint):
    """A failure, and how the rules are to decide it."""

    error: str
    """The text as Locust reports it."""
    recorded: Answer | None = None
    """What a recording says besides; None: what a run without one has, the text alone."""
    expect: Decision
    rule: str | None = None
    """The id of the rule that must decide; None: any, or none."""
    number: int = 1
    """Its place among the examples of its file, from 1."""
    origin: str = ""
    """The rules file that holds it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Who looks at what goes wrong at some endpoints. It decides nothing."""

    endpoint: EndpointPattern
    owner: str
    """As it is shown: "@team-payments"."""
    origin: str
    """The rules file that says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What is expected and what is demanded: a rules file with all that it extends.

    Example:
        >>> policy = loadgate.load_policy("loadgate.toml")
        >>> [loadgate.judge(path, rules=policy).passed for path in ("main", "pull")]
        [True, True]
    """

    origins: tuple[str, ...]
    """Where it came from: rules files and presets ("preset optimistic-locking"), own first."""
    rules: tuple[Rule, ...]
    """The first that matches decides. No two with the same id."""
    thresholds: tuple[Threshold, ...]
    """Those that somebody wrote; evaluate adds the default one where they do not replace it."""
    status_texts: tuple[StatusText, ...]
    today: date
    """The day on which rules expire or not."""
    examples: tuple[Example, ...] = ()
    """Those of all files; judging a run ignores them."""
    replaced: tuple[Rule, ...] = ()
    """Rules of extended files that never decide, as `rules` has another one of the same id."""
    abort: bool = False
    """The default threshold and budgets may stop a run, too, as Threshold.abort says."""
    owners: tuple[Owner, ...] = ()
    """The first that matches an endpoint says who owns it."""


# --- what was found -----------------------------------------------------------------------------


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
    """The id of the rule that decided, be it a carve-out or expired; None: no rule matched."""


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
