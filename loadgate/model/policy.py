"""What the team decided: rules, thresholds, the policy."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Literal

from loadgate.globs import StatusText, TextGlob
from loadgate.model.run import Answer, AtEndpoint, Status
from loadgate.patterns import EndpointPattern

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
"""What a run may be compared with: the runs of --baseline, or the last ones of --history."""


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
