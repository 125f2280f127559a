"""A classification and a policy in, the verdict out: every threshold and budget, held or not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from loadgate.baseline import Baseline, Comparison, identity, value
from loadgate.errors import UsageError
from loadgate.masking import Endpoint
from loadgate.model import (
    BudgetUse,
    Check,
    CheckResult,
    Classification,
    EndpointResult,
    FailureKind,
    Metric,
    Offset,
    Outcome,
    Policy,
    RuleResult,
    Threshold,
    Verdict,
)
from loadgate.share import share
from loadgate.thresholds import NEW_KINDS, needs_baseline
from loadgate.wilson import holds, wilson_beyond

_RULES_NAMED = 5
_KINDS_NAMED = 3
_IDS_WIDTH = 60
_RULES_COUNTED: dict[str, Callable[[RuleResult], bool]] = {
    # A carve-out that matched nothing is as it should be.
    "idle_rules": lambda result: result.state == "idle" and result.rule.excuses,
    "expired_rules": lambda result: result.state == "expired",
    "expiring_rules": lambda result: result.expiring,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """What thresholds are held against."""

    classification: Classification
    comparison: Comparison | None
    """None: there is no baseline."""
    optional: bool
    """That there is none was allowed."""


def evaluate(
    classification: Classification, policy: Policy, baseline: Baseline | None = None
) -> Verdict:
    """Hold the classification against every threshold and budget of the policy.

    Without a baseline, thresholds that need one are missing, which fails; where the baseline says
    that there is none, which was allowed, there is not enough data for them. Raises UsageError
    where the run itself is part of the baseline.

    All arithmetic that decides is exact: a rate is a fraction of two whole numbers, a limit the
    decimal number that was written, so 1 of 1,000 meets `<= 0.1%`.
    """
    measured = None
    if baseline is not None:
        classification = _beside(classification, policy, baseline)
        measured = baseline.measured
    judged = _Judged(
        classification=classification,
        comparison=None if measured is None else Comparison(classification, measured),
        optional=baseline is not None,
    )
    checks = tuple(
        [check for threshold in policy.thresholds for check in _checks(threshold, judged)]
        + [_budget(use) for use in classification.budgets]
    )
    return Verdict(
        classification=classification,
        outcome=_outcome(classification, checks),
        checks=checks,
        baseline=() if baseline is None else tuple(baseline.runs.values()),
    )


def _beside(classification: Classification, policy: Policy, baseline: Baseline) -> Classification:
    """Return the classification with what must be said of its baseline; refuse a run's own."""
    same = baseline.runs.get(identity(classification))
    if same is not None:
        raise UsageError(
            f"--baseline {same}: is the run that is judged, which never is worse than itself\n"
            "  Name runs that were there before it."
        )
    warnings = baseline.warnings
    if baseline.measured is not None and not any(map(needs_baseline, policy.thresholds)):
        warnings += ("no threshold looks at the baseline (new_failure_kinds <= 0 would)",)
    return replace(classification, warnings=(*classification.warnings, *warnings))


def _outcome(classification: Classification, checks: tuple[Check, ...]) -> Outcome:
    if classification.total.stats.requests == 0:
        return "no-evidence"
    broken = any(
        check.result in {"failed", "missing"} and check.severity == "error" for check in checks
    )
    return "failed" if broken else "passed"


def _checks(threshold: Threshold, judged: _Judged) -> Iterator[Check]:
    """Hold one threshold against the run, or against each endpoint that it is about."""
    classification = judged.classification
    if threshold.endpoint is None:
        yield _check(threshold, classification.total, None, judged)
        return
    occurred = False
    for row in classification.endpoints:
        stats = row.stats
        if (stats.requests or row.failures) and threshold.endpoint.matches(
            stats.method, stats.name
        ):
            occurred = True
            endpoint = f"{stats.method} {stats.name}".strip()
            yield _check(threshold, row, endpoint, judged)
    if not occurred:
        yield Check(
            require=threshold.require,
            endpoint=threshold.endpoint.text,
            metric=threshold.metric,
            actual=None,
            limit=None if isinstance(threshold.limit, Offset) else threshold.limit,
            result="not-enough-data" if threshold.optional else "missing",
            severity=threshold.severity,
            note="no endpoint of the run matches" + (" (optional)" if threshold.optional else ""),
        )


def _check(
    threshold: Threshold, row: EndpointResult, endpoint: str | None, judged: _Judged
) -> Check:
    """Hold one threshold against one endpoint, or the run."""
    place = None if endpoint is None else (row.stats.method, row.stats.name)
    actual, note = _actual(threshold.metric, row, judged, place)
    limit, base, lacking = _limit(threshold, judged, place)
    result: CheckResult
    if needs_baseline(threshold) and judged.comparison is None:
        result = "not-enough-data" if judged.optional else "missing"
        note = "there is no baseline"
    elif actual is None:
        result = "missing"
    elif row.stats.requests < threshold.min_requests:
        result = "not-enough-data"
        note = f"{row.stats.requests:,} of the {threshold.min_requests:,} requests it needs"
    elif limit is None:
        result = "not-enough-data" if threshold.optional else "missing"
        note = lacking + (" (optional)" if threshold.optional else "")
    elif holds(actual, threshold.operator, limit):
        result = "passed"
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
    )


def _limit(
    threshold: Threshold, judged: _Judged, place: Endpoint | None
) -> tuple[Fraction | None, Fraction | None, str]:
    """Return the limit, the value of the baseline that it was put on, and what that lacks."""
    if not isinstance(threshold.limit, Offset):
        return threshold.limit, None, ""
    of = None if judged.comparison is None else judged.comparison.row(place)
    if of is None:
        return None, None, "the baseline has no such endpoint"
    base = value(of, threshold.metric)
    if base is None:
        return None, None, f"the baseline has no {threshold.metric.name} here"
    offset = threshold.limit.amount * (base if threshold.limit.relative else 1)
    return base + offset, base, ""


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
    metric: Metric, row: EndpointResult, judged: _Judged, place: Endpoint | None
) -> tuple[Fraction | None, str]:
    """Return the value of a metric in the unit of its kind; without one, None and why."""
    classification = judged.classification
    match metric.kind:
        case "rate":
            rate = share(_count(metric.name.replace("_rate", "s"), row), row.stats.requests)
            return rate, "" if rate is not None else "no requests"
        case "count" if metric.name == "task_exceptions":
            exceptions = classification.run.task_exceptions
            if exceptions is None:
                return None, "there is no exceptions file"
            return Fraction(exceptions), ""
        case "count" if metric.name in _RULES_COUNTED:
            rules = [r.rule.id for r in classification.rules if _RULES_COUNTED[metric.name](r)]
            return Fraction(len(rules)), _ids(rules)
        case "count" if metric.name == NEW_KINDS:
            if judged.comparison is None:
                return None, ""
            kinds = judged.comparison.new_kinds(place)
            return Fraction(len(kinds)), _first([*map(_named, kinds)], _KINDS_NAMED, "; ")
        case "count":
            return Fraction(_count(metric.name, row)), ""
        case "throughput":
            return _number(row.stats.rps)
    return _latency(metric, row)


def _first(texts: list[str], number: int, between: str) -> str:
    more = f" and {len(texts) - number:,} more" if len(texts) > number else ""
    return between.join(texts[:number]) + more


def _ids(rules: list[str]) -> str:
    """Return the first ids, few enough that none is cut: two cut in one would be a third."""
    number = _RULES_NAMED
    while number > 1 and len(", ".join(rules[:number])) > _IDS_WIDTH:
        number -= 1
    return _first(rules, number, ", ")


def _named(kind: FailureKind) -> str:
    text = kind.signature or "no error text"
    return f"new at {kind.method} {kind.name}: {text}"


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
