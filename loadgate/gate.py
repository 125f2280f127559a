"""A classification and a policy in, the verdict out: every threshold and budget, held or not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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
    RuleResult,
    Threshold,
    Verdict,
)
from loadgate.share import share

_RULES_NAMED = 5
_RULES_COUNTED: dict[str, Callable[[RuleResult], bool]] = {
    # A carve-out that matched nothing is as it should be.
    "idle_rules": lambda result: result.state == "idle" and result.rule.excuses,
    "expired_rules": lambda result: result.state == "expired",
    "expiring_rules": lambda result: result.expiring,
}


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
        yield _check(threshold, classification.total, None, classification)
        return
    occurred = False
    for row in classification.endpoints:
        stats = row.stats
        if (stats.requests or row.failures) and threshold.endpoint.matches(
            stats.method, stats.name
        ):
            occurred = True
            endpoint = f"{stats.method} {stats.name}".strip()
            yield _check(threshold, row, endpoint, classification)
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
    threshold: Threshold, row: EndpointResult, endpoint: str | None, classification: Classification
) -> Check:
    """Hold one threshold against one endpoint, or the run."""
    actual, note = _actual(threshold.metric, row, classification)
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
    actual = share(use.expected, use.stats.requests) or Fraction(0)
    limit = use.rule.at_most or Fraction(0)
    return Check(
        require=f"expected_failure_rate <= {use.rule.at_most_text}",
        endpoint=f"{use.stats.method} {use.stats.name}".strip(),
        metric=Metric(name="expected_failure_rate", kind="rate"),
        actual=actual,
        limit=limit,
        result="passed" if actual <= limit else "failed",
        severity="error",
        rule=use.rule.id,
        note=f"{use.expected:,} of {use.stats.requests:,} requests",
    )


def _actual(
    metric: Metric, row: EndpointResult, classification: Classification
) -> tuple[Fraction | None, str]:
    """Return the value of a metric in the unit of its kind; without one, None and why."""
    match metric.kind:
        case "rate":
            value = share(_count(metric.name.replace("_rate", "s"), row), row.stats.requests)
            return value, "" if value is not None else "no requests"
        case "count" if metric.name == "task_exceptions":
            exceptions = classification.run.task_exceptions
            if exceptions is None:
                return None, "there is no exceptions file"
            return Fraction(exceptions), ""
        case "count" if metric.name in _RULES_COUNTED:
            rules = [r.rule.id for r in classification.rules if _RULES_COUNTED[metric.name](r)]
            more = f" and {len(rules) - _RULES_NAMED:,} more" if len(rules) > _RULES_NAMED else ""
            return Fraction(len(rules)), ", ".join(rules[:_RULES_NAMED]) + more
        case "count":
            return Fraction(_count(metric.name, row)), ""
        case "throughput":
            return _number(row.stats.rps)
    return _latency(metric, row)


def _count(name: str, row: EndpointResult) -> int:
    counts = {
        "requests": row.stats.requests,
        "failures": row.failures,
        "expected_failures": row.expected,
        "true_failures": row.true,
    }
    return counts[name]


def _latency(metric: Metric, row: EndpointResult) -> tuple[Fraction | None, str]:
    latency = row.stats.latency
    if not row.stats.requests:
        return None, "no requests"
    if metric.percentile is None:
        named = {
            "avg": latency.avg,
            "min": latency.min,
            "max": latency.max,
            "median": latency.median,
        }
        return _number(named[metric.name])
    percentiles = dict(latency.percentiles)
    if metric.percentile not in percentiles:
        have = ", ".join(f"p{percentile}" for percentile in percentiles) or "no percentiles"
        return None, f"not in the files, which have {have}"
    return _number(percentiles[metric.percentile])


def _number(value: float | None) -> tuple[Fraction | None, str]:
    """Take a number as the files write it: 0.1 is a tenth, not the nearest binary fraction."""
    if value is None:
        return None, "the files do not say"
    return Fraction(repr(value)), ""


def _holds(actual: Fraction, operator: Operator, limit: Fraction) -> bool:
    comparisons = {"<=": actual <= limit, "<": actual < limit, ">=": actual >= limit}
    return comparisons.get(operator, actual > limit)


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
