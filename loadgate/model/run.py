"""What Locust wrote: a run, its endpoints and failures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

from loadgate.text import endpoint_label

if TYPE_CHECKING:
    from loadgate.recording.counts import Counts, Key
    from loadgate.time_series import TimeSeries

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
