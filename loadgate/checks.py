"""Checks: one threshold or budget of a policy, held against a run or one of its endpoints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING

from loadgate.baseline import Baseline, Pairing
from loadgate.masking import Endpoint
from loadgate.metrics import (
    ABORTS,
    NEW_KINDS,
    RECORD,
    Row,
    clock,
    definition,
    lacking,
    seconds,
    value,
)
from loadgate.model import (
    BudgetUse,
    Check,
    CheckResult,
    Classification,
    EndpointResult,
    EndpointStats,
    FailureKind,
    Metric,
    Offset,
    Reference,
    RuleResult,
    Run,
    Status,
    Threshold,
)
from loadgate.name_pattern import Effort
from loadgate.rules.thresholds import UPPER, references
from loadgate.share import share
from loadgate.text import class_counts, first_of
from loadgate.wilson import beyond_for_good, holds, wilson_beyond

if TYPE_CHECKING:
    from loadgate.windows import Timeline

_RULES_NAMED = 5
_KINDS_NAMED = 3
_IDS_WIDTH = 60
_BY_HARM: tuple[CheckResult, ...] = ("failed", "passed", "not-enough-data", "missing")
"""Of the windows of a threshold those without a number, as nothing happened there, come last."""
_TIMES = {"latency", "throughput"}
"""Kinds of metrics that do not follow from those of several runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What thresholds are held against."""

    classification: Classification
    earlier: Mapping[Reference, Baseline]
    """Baseline and history. One that has measured nothing is none, which was allowed."""
    pairings: Mapping[Reference, Pairing]
    """The run beside each of them that has measured something."""
    statuses: Mapping[Endpoint | None, Counter[Status | None]]
    """Failures by status, of each endpoint and of the whole run."""
    likely: Mapping[Endpoint | None, Counter[Status | None]]
    """The same, with what is likely where no status is certain."""
    rows: dict[Endpoint | None, Row] = field(default_factory=dict)
    """What was measured at each endpoint that was asked for, and (None) as a whole."""
    timeline: Timeline | None = None
    """None: the run was not recorded, or the recording is no evidence."""
    effort: Effort = field(default_factory=Effort)

    def reference(self, threshold: Threshold) -> Reference | None:
        """Return what a threshold holds the run against; None: nothing, or there is none."""
        return next((name for name in references(threshold) if name in self.pairings), None)


def checks_of(threshold: Threshold, judged: Judged) -> Iterator[Check]:
    """Hold one threshold against the run, or against each endpoint that it is about."""
    classification = judged.classification
    hold = _check if threshold.window is None else _worst
    if threshold.endpoint is None:
        yield hold(threshold, classification.total, None, judged)
        return
    occurred = False
    for row in classification.endpoints:
        stats = row.stats
        if (stats.requests or row.failures) and threshold.endpoint.matches(
            stats.method, stats.name, judged.effort
        ):
            occurred = True
            yield hold(threshold, row, stats.endpoint, judged)
    if not occurred:
        check = _missing(
            threshold, threshold.endpoint.text, _no_endpoint(threshold, classification)
        )
        yield replace(check, result="not-enough-data" if threshold.optional else "missing")


def _no_endpoint(threshold: Threshold, classification: Classification) -> str:
    note = "no endpoint of the run matches"
    if threshold.optional:
        return f"{note} (optional)"
    if not classification.total.stats.requests:
        return note
    return f"{note}; correct the pattern, or write optional = true"


def _worst(
    threshold: Threshold, row: EndpointResult, endpoint: str | None, judged: Judged
) -> Check:
    """Hold one threshold against the windows of an endpoint, or the run; return the worst check."""
    place = None if endpoint is None else row.stats.key
    skipped = ""

    def in_windows(timeline: Timeline) -> Iterator[Check]:
        nonlocal skipped
        for window in timeline.windows(place, threshold):
            stats = replace(row.stats, requests=window.row.requests)
            part = replace(row, stats=stats, unexplained=0)
            check = _check(threshold, part, endpoint, judged, window.row)
            if check.result == "not-enough-data":
                skipped = (
                    f"windows with fewer than {threshold.min_requests:,} requests were skipped"
                )
            yield replace(check, span=window.span)

    def harm(check: Check) -> tuple[int, Fraction]:
        actual = check.actual or Fraction(0)
        return _BY_HARM.index(check.result), -actual if _is_upper(threshold) else actual

    if judged.timeline is None:
        return _missing(threshold, endpoint, _no_times(judged))
    from loadgate.windows import NoWindowError  # as in the gate

    try:
        worst = min(in_windows(judged.timeline), key=harm)
    except NoWindowError as error:
        return _missing(threshold, endpoint, str(error))
    if worst.result == "missing" and threshold.optional:
        worst = replace(worst, result="not-enough-data", note=f"{worst.note} (optional)")
    every = threshold.window is not None and threshold.window.every is not None
    when = ("worst window: " if every else "from ") + " to ".join(map(clock, worst.span or ()))
    more = worst.note if worst.result == "not-enough-data" else skipped
    return replace(worst, note="; ".join(dict.fromkeys(filter(None, (when, worst.note, more)))))


def _missing(threshold: Threshold, endpoint: str | None, why: str) -> Check:
    return Check(
        require=threshold.require,
        endpoint=endpoint,
        metric=threshold.metric,
        actual=None,
        limit=None if isinstance(threshold.limit, Offset) else threshold.limit,
        result="missing",
        severity=threshold.severity,
        note=why,
        window=threshold.window,
        origin=threshold.origin,
        number=threshold.number,
    )


def _no_times(judged: Judged) -> str:
    if judged.classification.run.contradictions:
        return "partial results have no timeline"
    return f"only a recording has a timeline; {RECORD}"


def _check(
    threshold: Threshold,
    row: EndpointResult,
    endpoint: str | None,
    judged: Judged,
    measured: Row | None = None,
) -> Check:
    """Hold one threshold against one endpoint, or the run; `measured`: against a window of it."""
    place = None if endpoint is None else row.stats.key
    measured = measured or measured_row(row, place, judged)
    actual = value(measured, threshold.metric, likely=_is_upper(threshold))
    note = _note(threshold.metric, measured, actual, judged)
    if actual != value(measured, threshold.metric):
        note = "with those whose status is only likely"
    needed, of = references(threshold), judged.reference(threshold)
    limit, base, lacks = _limit(threshold, of, judged, place)
    result: CheckResult
    if needed and of is None:
        allowed = not judged.earlier.keys().isdisjoint(needed)
        result = "not-enough-data" if allowed else "missing"
        note = f"there is no {needed[0]}" + ("" if allowed else f"; name it by --{needed[0]}")
    elif actual is None:
        result = "missing"
    elif row.stats.requests < threshold.min_requests:
        result = "not-enough-data"
        note = f"{row.stats.requests:,} of the {threshold.min_requests:,} requests it needs"
    elif limit is None:
        result = "not-enough-data" if threshold.optional else "missing"
        note = lacks
    elif holds(actual, threshold.operator, limit):
        result = "passed"
        if not holds(_at_most(threshold, actual, row), threshold.operator, limit):
            result = "missing"
            note = (
                f"{row.unexplained:,} failures have no error text, so any status may be theirs;"
                " judge what locust --html wrote"
            )
    elif threshold.confidence is not None and row.stats.requests:
        beyond = wilson_beyond(
            actual, row.stats.requests, threshold.operator, limit, threshold.confidence
        )
        result = "failed" if beyond else "passed"
        note = (
            f"beyond the limit {'even ' if beyond else 'but not '}by the one-sided"
            f" {threshold.confidence:.10g} Wilson bound of {row.stats.requests:,} requests"
        )
    else:
        result = "failed"
    if of is not None and base is not None:
        note = "; ".join(filter(None, (judged.earlier[of].told, note)))
    return Check(
        require=threshold.require,
        endpoint=endpoint,
        metric=threshold.metric,
        actual=actual,
        limit=limit,
        result=result,
        severity=threshold.severity,
        note=note,
        baseline=base,
        window=threshold.window,
        origin=threshold.origin,
        number=threshold.number,
        aborts=result == "failed" and _aborts(threshold, row, actual, limit, judged),
    )


def _aborts(
    threshold: Threshold,
    row: EndpointResult,
    actual: Fraction | None,
    limit: Fraction | None,
    judged: Judged,
) -> bool:
    """Say whether a run that fails a threshold now is to be stopped, as nothing can mend it."""
    elapsed = seconds(judged.classification.run.time)
    if not threshold.abort or (elapsed or 0) < threshold.abort_after:
        return False
    if threshold.metric.kind != "rate" or actual is None or limit is None:
        return True
    return beyond_for_good(actual, row.stats.requests, threshold.operator, limit)


def _is_upper(threshold: Threshold) -> bool:
    return threshold.operator in UPPER


def _at_most(threshold: Threshold, actual: Fraction, row: EndpointResult) -> Fraction:
    """Return what an upper limit is held against: a failure without a text may have any status."""
    metric = threshold.metric
    if not _is_upper(threshold) or not definition(metric.name).of_status:
        return actual
    if metric.kind == "rate":
        return min(actual + (share(row.unexplained, row.stats.requests) or 0), Fraction(1))
    return actual + row.unexplained


def _limit(
    threshold: Threshold, of: Reference | None, judged: Judged, place: Endpoint | None
) -> tuple[Fraction | None, Fraction | None, str]:
    """Return the limit, the value of earlier runs that it was put on, and what these lack."""
    offset, likely = threshold.limit, _is_upper(threshold)
    if not isinstance(offset, Offset):
        return offset, None, ""
    if of is None:
        return None, None, ""
    row, fewest = judged.pairings[of].row(place), judged.earlier[of].fewest
    runs = () if row is None else row.each or (row,)
    known = sum(value(run, threshold.metric, likely=likely) is not None for run in runs)
    base = None if row is None else value(row, threshold.metric, likely=likely)
    if base is None or known < fewest:
        what = f"{threshold.metric.name} here" if row is not None else "such endpoint"
        lacks = f"the {of} has no {what}"
        if known:
            lacks = f"only {known} runs of the {of} have {what}, of {fewest} that it needs"
        remedy = "use a fixed limit" + (", or write optional = true" if place is not None else "")
        return None, None, f"{lacks} (optional)" if threshold.optional else f"{lacks}; {remedy}"
    return base + offset.amount * (base if offset.relative else 1), base, ""


def abort_check(run: Run) -> Check:
    """Return what fails a run that was stopped because it had failed."""
    count = len(run.aborted)
    return Check(
        require=f"{ABORTS} <= 0",
        endpoint=None,
        metric=Metric(name=ABORTS, kind="count"),
        actual=Fraction(count),
        limit=Fraction(0),
        result="failed",
        severity="error",
        note="; ".join(f"aborted {when_and_why}".strip() for when_and_why in run.aborted),
    )


def budget_check(use: BudgetUse, *, abort: bool = False) -> Check:
    """Hold what a rule excused at one endpoint against the rule's budget."""
    requests = use.stats.requests
    actual = share(use.counted, requests) or Fraction(0)
    limit = use.rule.at_most or Fraction(0)
    return Check(
        require=f"expected_failure_rate <= {use.rule.at_most_text}",
        endpoint=use.stats.endpoint,
        metric=Metric(name="expected_failure_rate", kind="rate"),
        actual=actual,
        limit=limit,
        result="passed" if actual <= limit else "failed",
        severity="error",
        rule=use.rule.id,
        origin=use.rule.origin,
        number=use.rule.number,
        note=f"{use.counted:,} of {requests:,} requests"
        + (f", {use.allowed:,} of them allowed by the locustfile" if use.allowed else ""),
        aborts=abort and actual > limit and beyond_for_good(actual, requests, "<=", limit),
    )


def measured_row(row: EndpointResult, place: Endpoint | None, judged: Judged) -> Row:
    """Return what the run measured at one endpoint, or (None) as a whole."""
    known = judged.rows.get(place)
    if known is not None:
        return known
    run = judged.classification.run
    numbers = times_and_rps(row.stats) if row.stats.requests else {"rps": row.stats.rps}
    named: dict[str, Sequence[str]] = {}
    if place is None:
        numbers |= {"duration": seconds(run.time), "users": run.users, ABORTS: len(run.aborted)}
        named = _named_rules(judged.classification.rules)
        if run.task_errors:
            named["task_exceptions"] = class_counts(run.task_errors)
    for pairing in judged.pairings.values():
        named.setdefault(NEW_KINDS, [*map(_named, pairing.new_kinds(place))])
    judged.rows[place] = found = Row(
        runs=1,
        requests=row.stats.requests,
        failures=row.failures,
        expected=row.expected,
        true=row.true,
        task_exceptions=None if run.task_exceptions is None else Fraction(run.task_exceptions),
        numbers={name: number for name, number in numbers.items() if number is not None},
        statuses=judged.statuses.get(place, {}),
        likely=judged.likely.get(place, {}),
        named=named,
        times=None if judged.timeline is None else partial(judged.timeline.times, place),
    )
    return found


def times_and_rps(stats: EndpointStats) -> dict[str, float | None]:
    """Return the response times and the throughput of an endpoint, as metrics call them."""
    latency = stats.latency
    return {
        "avg": latency.avg,
        "min": latency.min,
        "max": latency.max,
        "median": latency.median,
        **{f"p{percentile}": time for percentile, time in latency.percentiles},
        "rps": stats.rps,
    }


def _named_rules(rules: Sequence[RuleResult]) -> dict[str, Sequence[str]]:
    """Return the ids of the rules that metrics count."""
    return {
        # A carve-out that waits for a failure is as it should be.
        "idle_rules": [
            one.rule.id
            for one in rules
            if one.state == "idle" and (one.rule.excuses or one.no_effect)
        ],
        "expired_rules": [one.rule.id for one in rules if one.state == "expired"],
        "expiring_rules": [one.rule.id for one in rules if one.expiring],
    }


def _note(metric: Metric, row: Row, actual: Fraction | None, judged: Judged) -> str:
    """Return what must be said beside a value, or why there is none."""
    if actual is None:
        if judged.classification.run.merged and (metric.name == "users" or metric.kind in _TIMES):
            return "with --merge only recordings have it; record each run: loadgate locust ..."
        return lacking(row, metric)
    if metric.name in row.named:
        names = row.named[metric.name]
        return first_of(names, _KINDS_NAMED, "; ") if metric.name == NEW_KINDS else _ids(names)
    if metric.kind == "rate" and not row.requests:
        return f"{row.failures:,} failures and no requests"
    time = judged.classification.run.time
    if metric.name == "duration" and time is not None and time.source == "failures":
        return "from the first failure to the last"
    return ""


def _ids(rules: Sequence[str]) -> str:
    """Return the first ids, few enough that none is cut: two cut in one would be a third."""
    number = _RULES_NAMED
    while number > 1 and len(", ".join(rules[:number])) > _IDS_WIDTH:
        number -= 1
    return first_of(rules, number)


def _named(kind: FailureKind) -> str:
    text = kind.signature or "no error text"
    return f"new at {kind.endpoint}: {text}"
