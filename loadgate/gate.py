"""A classification and a policy in, the verdict out: every threshold and budget, held or not."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from loadgate.model import (
    BudgetUse,
    Check,
    CheckResult,
    Classification,
    EndpointResult,
    Metric,
    Operator,
    Outcome,
    Policy,
    Threshold,
    Verdict,
)


def evaluate(classification: Classification, policy: Policy) -> Verdict:
    """Hold the classification against every threshold and budget of the policy.

    All arithmetic that decides is exact: a rate is a fraction of two whole numbers, a limit the
    decimal number that was written, so 1 of 1,000 meets `<= 0.1%`.
    """
    checks = tuple(
        [check for threshold in policy.thresholds for check in _checks(threshold, classification)]
        + [_budget(use) for use in classification.budgets]
    )
    return Verdict(
        classification=classification, outcome=_outcome(classification, checks), checks=checks
    )


def _outcome(classification: Classification, checks: tuple[Check, ...]) -> Outcome:
    if classification.total.stats.requests == 0:
        return "no-evidence"
    broken = any(
        check.result in {"failed", "missing"} and check.severity == "error" for check in checks
    )
    return "failed" if broken else "passed"


def _checks(threshold: Threshold, classification: Classification) -> Iterator[Check]:
    """Hold one threshold against the run, or against each endpoint that it is about."""
    if threshold.endpoint is None:
        yield _check(threshold, classification.total, None, classification.run.task_exceptions)
        return
    occurred = False
    for row in classification.endpoints:
        stats = row.stats
        if (stats.requests or row.failures) and threshold.endpoint.matches(
            stats.method, stats.name
        ):
            occurred = True
            yield _check(threshold, row, f"{stats.method} {stats.name}".strip(), None)
    if not occurred:
        yield Check(
            require=threshold.require,
            endpoint=threshold.endpoint.text,
            metric=threshold.metric,
            actual=None,
            limit=threshold.limit,
            result="not-enough-data" if threshold.optional else "missing",
            severity=threshold.severity,
            note="no endpoint of the run matches" + (" (optional)" if threshold.optional else ""),
        )


def _check(
    threshold: Threshold, row: EndpointResult, endpoint: str | None, task_exceptions: int | None
) -> Check:
    """Hold one threshold against one endpoint, or the run."""
    actual, note = _actual(threshold.metric, row, task_exceptions)
    result: CheckResult
    if actual is None:
        result = "missing"
    elif row.stats.requests < threshold.min_requests:
        result = "not-enough-data"
        note = f"{row.stats.requests:,} of the {threshold.min_requests:,} requests it needs"
    elif _holds(actual, threshold.operator, threshold.limit):
        result = "passed"
    elif threshold.confidence is not None and row.stats.requests:
        beyond = _wilson_beyond(
            actual, row.stats.requests, threshold.operator, threshold.limit, threshold.confidence
        )
        result = "failed" if beyond else "passed"
        note = (
            f"beyond the limit {'even ' if beyond else 'but not '}by the one-sided"
            f" {threshold.confidence:.10g} Wilson bound of {row.stats.requests:,} requests"
        )
    else:
        result = "failed"
    return Check(
        require=threshold.require,
        endpoint=endpoint,
        metric=threshold.metric,
        actual=actual,
        limit=threshold.limit,
        result=result,
        severity=threshold.severity,
        note=note,
    )


def _budget(use: BudgetUse) -> Check:
    """Hold what a rule excused at one endpoint against the rule's budget."""
    assert use.rule.at_most is not None
    actual = rate(use.expected, use.stats.requests)
    return Check(
        require=f"expected_failure_rate <= {use.rule.at_most_text}",
        endpoint=f"{use.stats.method} {use.stats.name}".strip(),
        metric=Metric(name="expected_failure_rate", kind="rate"),
        actual=actual,
        limit=use.rule.at_most,
        result="passed" if actual is not None and actual <= use.rule.at_most else "failed",
        severity="error",
        rule=use.rule.id,
        note=f"{use.expected:,} of {use.stats.requests:,} requests",
    )


def rate(failures: int, requests: int) -> Fraction | None:
    """Return failures as a share of requests: 100 % without requests, None for none of none."""
    if requests:
        return Fraction(failures, requests)
    return Fraction(1) if failures else None


def _actual(
    metric: Metric, row: EndpointResult, task_exceptions: int | None
) -> tuple[Fraction | None, str]:
    """Return the value of a metric in the unit of its kind; without one, None and why."""
    stats = row.stats
    counts = {
        "failure": row.failures,
        "expected_failure": row.expected,
        "true_failure": row.true,
    }
    if metric.kind == "rate":
        value = rate(counts[metric.name.removesuffix("_rate")], stats.requests)
        return value, "" if value is not None else "no requests"
    if metric.kind == "count":
        if metric.name == "task_exceptions":
            note = "" if task_exceptions is not None else "there is no exceptions file"
            return (None if task_exceptions is None else Fraction(task_exceptions)), note
        if metric.name == "requests":
            return Fraction(stats.requests), ""
        return Fraction(counts[metric.name.removesuffix("s")]), ""
    if metric.kind == "throughput":
        return _number(stats.rps, "the files do not say")
    if not stats.requests:
        return None, "no requests"
    if metric.percentile is None:
        named = {
            "avg": stats.latency.avg,
            "min": stats.latency.min,
            "max": stats.latency.max,
            "median": stats.latency.median,
        }
        return _number(named[metric.name], "the files do not say")
    percentiles = dict(stats.latency.percentiles)
    if metric.percentile not in percentiles:
        have = ", ".join(f"p{percentile}" for percentile in percentiles) or "no percentiles"
        return None, f"not in the files, which have {have}"
    return _number(percentiles[metric.percentile], "the files do not say")


def _number(value: float | None, note: str) -> tuple[Fraction | None, str]:
    """Take a number as the files write it: 0.1 is a tenth, not the nearest binary fraction."""
    if value is None:
        return None, note
    return Fraction(repr(value)), ""


def _holds(actual: Fraction, operator: Operator, limit: Fraction) -> bool:
    match operator:
        case "<=":
            return actual <= limit
        case "<":
            return actual < limit
        case ">=":
            return actual >= limit
        case ">":
            return actual > limit


def _wilson_beyond(
    actual: Fraction, requests: int, operator: Operator, limit: Fraction, confidence: float
) -> bool:
    """Say whether the one-sided Wilson score bound too is beyond the limit (Wilson 1927).

    The bound of p is the p0 at which (p - p0)^2 n = z^2 p0 (1 - p0); so it is beyond the limit just
    when the left side is greater at p0 = limit, which needs no square root. z is the quantile of
    the normal distribution at `confidence`.
    """
    from statistics import NormalDist

    z = Fraction(NormalDist().inv_cdf(confidence))
    distance = (actual - limit) ** 2 * requests
    margin = z**2 * limit * (1 - limit)
    if operator in {"<=", ">="}:
        return distance > margin
    return distance >= margin
