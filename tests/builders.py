"""Builders: whole nouns of loadgate.model from the field under test; all others have defaults."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Literal

from loadgate import metrics
from loadgate.globs import StatusText, TextGlob
from loadgate.model import (
    Answer,
    BudgetUse,
    Check,
    CheckResult,
    Classification,
    Decision,
    EndpointResult,
    EndpointStats,
    Example,
    FailureKind,
    FailureRow,
    Latency,
    Metric,
    Offset,
    Operator,
    Outcome,
    Policy,
    Provenance,
    Rule,
    RuleResult,
    RuleState,
    Run,
    Severity,
    Source,
    Threshold,
    TimeSpan,
    Verdict,
)
from loadgate.patterns import EndpointPattern
from loadgate.rules.thresholds import parse_demand
from loadgate.rules.window import in_window

STATE = "/tools/[id]/state"
CONFLICT = "CatchResponseError('Expected [200, 403, 404], got 409')"
SERVER_ERROR = "CatchResponseError('Expected [200, 403, 404, 409], got 500')"
TODAY = date(2026, 11, 23)
WHEN = TimeSpan(
    started=datetime(2026, 11, 23, 6, 0, tzinfo=UTC),
    ended=datetime(2026, 11, 23, 6, 5, tzinfo=UTC),
    source="history",
)


class Rows:
    """A failure log that is a list in memory, with sentences on what could not be read."""

    more: tuple[str, ...] = ()
    answers: Sequence[Answer] | None = None

    def __init__(self, rows: Iterable[FailureRow], damage: Iterable[str] = ()) -> None:
        self._rows = tuple(rows)
        self._damage = tuple(damage)

    def rows(self, damage: list[str]) -> Iterator[FailureRow]:
        """Yield the rows and say what is damaged."""
        damage.extend(self._damage)
        yield from self._rows

    def full_rows(self, damage: list[str]) -> Iterator[tuple[FailureRow, tuple[str, ...]]]:
        """Yield the rows with their other cells, of which there are none."""
        return ((row, ()) for row in self.rows(damage))


# --- what Locust wrote ----------------------------------------------------------------------------


def failure_row(
    error: str = CONFLICT, *, method: str = "POST", name: str = STATE, count: int = 1
) -> FailureRow:
    """Return a row of a failures file; by default one conflict of a state toggle."""
    return method, name, error, count


def latency(
    *,
    avg: float | None = 12.5,
    min: float | None = 1.0,  # noqa: A002 - the field is called that
    max: float | None = 250.0,  # noqa: A002 - as min
    median: float | None = 9.0,
    percentiles: tuple[tuple[str, float | None], ...] = (("50", 9.0), ("95", 40.0), ("99", 120.0)),
) -> Latency:
    """Return response times with three percentiles."""
    return Latency(avg=avg, min=min, max=max, median=median, percentiles=percentiles)


def stats(
    name: str = STATE,
    *,
    method: str = "POST",
    requests: int = 1000,
    failures: int = 10,
    latency: Latency | None = None,
    rps: float | None = 5.0,
    content_size: float | None = None,
) -> EndpointStats:
    """Return the statistics of an endpoint; by default 10 of 1,000 state toggles failed."""
    return EndpointStats(
        method=method,
        name=name,
        requests=requests,
        failures=failures,
        latency=_LATENCY if latency is None else latency,
        rps=rps,
        content_size=content_size,
    )


_LATENCY = latency()


def source(
    path: str = "run_stats.csv",
    *,
    role: Literal["statistics", "failures", "exceptions"] = "statistics",
) -> Source:
    """Return a file that a run was read from."""
    return Source(role=role, path=path)


def run(
    *,
    label: str = "run",
    sources: tuple[Source, ...] = (
        Source(role="statistics", path="run_stats.csv"),
        Source(role="failures", path="run_failures.csv"),
    ),
    endpoints: Iterable[EndpointStats] | None = None,
    total: EndpointStats | None = None,
    failures: Iterable[FailureRow] | None = (),
    damage: Iterable[str] = (),
    task_exceptions: int | None = None,
    warnings: tuple[str, ...] = (),
    partial: bool = False,
    contradictions: tuple[str, ...] = (),
    time: TimeSpan | None = WHEN,
    users: int | None = None,
) -> Run:
    """Return a run; its total is the sum of the endpoints unless it is given.

    `failures` are the rows of its failure log, `damage` what that log says could not be read; with
    `failures=None` there is no source of error texts.
    """
    rows = (stats(),) if endpoints is None else tuple(endpoints)
    summed = stats(
        "Aggregated",
        method="",
        requests=sum(row.requests for row in rows),
        failures=sum(row.failures for row in rows),
    )
    return Run(
        label=label,
        sources=sources,
        endpoints=rows,
        total=total or summed,
        failure_log=None if failures is None else Rows(failures, damage),
        task_exceptions=task_exceptions,
        warnings=warnings,
        partial=partial,
        contradictions=contradictions,
        time=time,
        users=users,
    )


# --- what the team decided ------------------------------------------------------------------------


def rule(
    id: str = "state-conflict",  # noqa: A002 - the field is called that
    *,
    endpoint: str = "POST /**/state",
    statuses: Iterable[int | str] | None = (409,),
    error: str | None = None,
    exception: str | None = None,
    excuses: bool = True,
    why: str = "Of two concurrent toggles the loser gets 409; no update is lost.",
    at_most: str = "",
    owner: str = "",
    ticket: str = "",
    expires: date | None = None,
    lint_ignore: Iterable[str] = (),
    origin: str = "loadgate.toml",
) -> Rule:
    """Return a rule; by default it excuses 409 on state changes. `at_most` is written "25%"."""
    return Rule(
        id=id,
        endpoint=EndpointPattern.parse(endpoint, wide=not excuses),
        statuses=None if statuses is None else frozenset(statuses),
        globs=tuple(
            (key, TextGlob(text))
            for key, text in (("error", error), ("exception", exception))
            if text is not None
        ),
        excuses=excuses,
        why=why,
        at_most=Fraction(at_most.rstrip("%")) / 100 if at_most else None,
        at_most_text=at_most,
        owner=owner,
        ticket=ticket,
        expires=expires,
        lint_ignore=frozenset(lint_ignore),
        origin=origin,
    )


def metric(name: str = "true_failure_rate") -> Metric:
    """Return the metric of that name, with its kind."""
    found = metrics.metric(name)
    assert found is not None, name
    return found


REFERENCES = ("baseline", "history")


def limit_of(value: str) -> Fraction:
    """Return a limit such as "0.1%", "800ms", "1.5s", "5m" or "100" in the unit of its kind."""
    factors = {"%": Fraction(1, 100), "ms": Fraction(1), "s": Fraction(1000), "m": Fraction(60)}
    for suffix, factor in factors.items():
        if value.endswith(suffix):
            return Fraction(value.removesuffix(suffix)) * factor
    return Fraction(value)


def threshold(
    require: str = "true_failure_rate <= 0.1%",
    *,
    endpoint: str | None = None,
    optional: bool = False,
    min_requests: int = 0,
    confidence: float | None = None,
    severity: Severity = "error",
    abort: bool = False,
    abort_after: int = 0,
    origin: str = "loadgate.toml",
) -> Threshold:
    """Return a threshold; metric, operator and limit follow from `require`, "METRIC OP VALUE"."""
    name, sign, value = require.split(maxsplit=2)
    operators: dict[str, Operator] = {"<=": "<=", "<": "<", ">=": ">=", ">": ">"}
    return Threshold(
        require=require,
        metric=metric(name),
        operator=operators[sign],
        limit=_offset_of(value, name) if value.startswith(REFERENCES) else limit_of(value),
        endpoint=None if endpoint is None else EndpointPattern.parse(endpoint, wide=True),
        optional=optional,
        min_requests=min_requests,
        confidence=confidence,
        severity=severity,
        abort=abort,
        abort_after=Fraction(abort_after),
        origin=origin,
    )


def _offset_of(value: str, name: str) -> Offset:
    """Return what "baseline + 10%", "baseline - 50ms" or "history" says of a metric."""
    of, *rest = value.split()
    amount = limit_of("".join(rest).lstrip("+-")) if rest else Fraction(0)
    relative = value.endswith("%") and metric(name).kind != "rate"
    amount = -amount if rest[:1] == ["-"] else amount
    return Offset(amount=amount, relative=relative, of="history" if of == "history" else "baseline")


def policy(
    *rules: Rule,
    thresholds: Iterable[Threshold] | None = None,
    status_texts: Iterable[str] = (),
    origins: tuple[str, ...] = ("loadgate.toml",),
    today: date = TODAY,
    examples: Iterable[Example] = (),
    replaced: Iterable[Rule] = (),
    abort: bool = False,
) -> Policy:
    """Return a policy of these rules; by default with the one threshold of `threshold()`."""
    return Policy(
        origins=origins,
        rules=rules,
        thresholds=(threshold(),) if thresholds is None else tuple(thresholds),
        status_texts=tuple(StatusText(text, origins[0]) for text in status_texts),
        today=today,
        examples=tuple(examples),
        replaced=tuple(replaced),
        abort=abort,
    )


def example(
    error: str = CONFLICT,
    *,
    method: str = "POST",
    name: str = STATE,
    expect: Decision = "expected",
    rule: str | None = None,
    origin: str = "loadgate.toml",
) -> Example:
    """Return an example; by default a conflict of a state toggle, which is expected."""
    return Example(method=method, name=name, error=error, expect=expect, rule=rule, origin=origin)


# --- what was found -------------------------------------------------------------------------------


def failure_kind(
    signature: str = CONFLICT,
    *,
    method: str = "POST",
    name: str = STATE,
    status: int | None = 409,
    likely: int | None = None,
    decision: Decision = "expected",
    count: int = 10,
    rule: str | None = "state-conflict",
) -> FailureKind:
    """Return failures of one kind; by default ten expected conflicts."""
    return FailureKind(
        method=method,
        name=name,
        status=None if likely else status,
        likely_status=likely,
        decision=decision,
        signature=signature,
        count=count,
        rule=rule,
    )


def endpoint_result(
    name: str = STATE,
    *,
    method: str = "POST",
    requests: int = 1000,
    expected: int = 10,
    true: int = 0,
    unexplained: int = 0,
    latency: Latency | None = None,
    rps: float | None = 5.0,
    content_size: float | None = None,
) -> EndpointResult:
    """Return an endpoint with its failures sorted; they are always expected + true."""
    return EndpointResult(
        stats=stats(
            name,
            method=method,
            requests=requests,
            failures=expected + true,
            latency=latency,
            rps=rps,
            content_size=content_size,
        ),
        failures=expected + true,
        expected=expected,
        true=true,
        unexplained=unexplained,
    )


def rule_result(
    of: Rule | None = None,
    *,
    matched: int = 10,
    state: RuleState = "used",
    expiring: bool = False,
    no_effect: str = "",
) -> RuleResult:
    """Return what a rule decided; by default it excused ten failures."""
    return RuleResult(
        rule=of or rule(), matched=matched, state=state, expiring=expiring, no_effect=no_effect
    )


def budget_use(
    of: Rule | None = None, *, stats_of: EndpointStats | None = None, expected: int = 10
) -> BudgetUse:
    """Return what a rule with a budget (25% by default) excused at one endpoint."""
    return BudgetUse(rule=of or rule(at_most="25%"), stats=stats_of or stats(), expected=expected)


def check(
    require: str = "true_failure_rate <= 0.1%",
    *,
    endpoint: str | None = None,
    actual: str | Fraction | None = "0%",
    result: CheckResult = "passed",
    severity: Severity = "error",
    rule: str | None = None,
    note: str = "",
    limit: str | None = None,
    baseline: str | None = None,
    span: tuple[str, str] | None = None,
) -> Check:
    """Return a check; metric and limit follow from `require`, `actual` may be text like a limit.

    For "p95 <= baseline + 10%" the limit that it leads to must be told, else there is none.
    """
    name, _, value = require.split(maxsplit=2)
    window = parse_demand(require).window if in_window(require) else None
    if window is not None:
        value = value.removesuffix(f" {window.text}")
    if not value.startswith(REFERENCES):
        limit = value
    return Check(
        require=require,
        endpoint=endpoint,
        metric=metric(name),
        actual=limit_of(actual) if isinstance(actual, str) else actual,
        limit=None if limit is None else limit_of(limit),
        result=result,
        severity=severity,
        rule=rule,
        note=note,
        baseline=None if baseline is None else limit_of(baseline),
        window=window,
        span=None if span is None else (Fraction(span[0]), Fraction(span[1])),
    )


def classification(
    *,
    of: Run | None = None,
    origins: tuple[str, ...] = ("loadgate.toml",),
    total: EndpointResult | None = None,
    endpoints: Iterable[EndpointResult] | None = None,
    failures: Iterable[FailureKind] | None = None,
    rules: Iterable[RuleResult] | None = None,
    budgets: Iterable[BudgetUse] = (),
    warnings: tuple[str, ...] = (),
) -> Classification:
    """Return a classification; its total is the sum of the endpoints unless it is given.

    By default ten conflicts of one endpoint, all excused by one rule. With `endpoints` but without
    `failures`, there are no kinds of failures.
    """
    rows = (endpoint_result(),) if endpoints is None else tuple(endpoints)
    summed = endpoint_result(
        "Aggregated",
        method="",
        requests=sum(row.stats.requests for row in rows),
        expected=sum(row.expected for row in rows),
        true=sum(row.true for row in rows),
        unexplained=sum(row.unexplained for row in rows),
    )
    kinds: Iterable[FailureKind] = failures or ()
    if failures is None and endpoints is None:
        kinds = (failure_kind(),)
    whole = total or summed
    true = (
        (kind.method, kind.name, kind.signature, kind.count)
        for kind in kinds
        if kind.decision == "true"
    )
    return Classification(
        true_log=Rows(true),
        run=of or run(endpoints=[row.stats for row in rows], total=whole.stats),
        origins=origins,
        total=whole,
        endpoints=rows,
        failures=tuple(kinds),
        rules=(rule_result(),) if rules is None else tuple(rules),
        budgets=tuple(budgets),
        warnings=warnings,
    )


def verdict(
    *checks: Check,
    outcome: Outcome = "passed",
    of: Classification | None = None,
    provenance: Provenance = Provenance(),  # noqa: B008 - it is frozen
    baseline: tuple[str, ...] = (),
    history: tuple[str, ...] = (),
) -> Verdict:
    """Return a verdict; by default it passed its only check."""
    return Verdict(
        classification=of or classification(),
        outcome=outcome,
        checks=checks or (check(),),
        provenance=provenance,
        baseline=baseline,
        history=history,
    )
