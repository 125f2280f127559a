"""Checks that the numbers of a run agree with each other."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from fractions import Fraction

from loadgate.metrics import exact
from loadgate.model import IMPOSSIBLE, CheckResult, Outcome
from loadgate.rules.thresholds import DemandError, parse_demand
from loadgate.runs.fields import FieldError, Fields
from loadgate.share import share
from loadgate.summary import RunSummary
from loadgate.text import quoted
from loadgate.wilson import holds

RATES = ("failure_rate", "expected_failure_rate", "true_failure_rate")

_FIRST, _LAST = 1970, 2200
"""Years that a run may be of: time zones and pandas can count in them."""
_ROUNDED = 1e-6
"""How far a rate may be from its counts."""


FAILING = ("failed", "missing")
"""Results of a check that fail the gate, where it does not only warn."""

LIMITED = {"failures", "failure_rate", "true_failures", "true_failure_rate"}
"""Metrics of which one of the whole run always has a limit."""


def check_result(
    check: Fields, metric: str, actual: float | None, limit: float | None, result: CheckResult
) -> None:
    """Raise FieldError unless a check passed or failed as its numbers say."""
    require = check.text("require")
    try:
        demand = parse_demand(require)
    except DemandError as error:
        raise FieldError(f"{check.place('require')}: {error}") from error
    if demand.metric.name != metric:
        raise FieldError(f"{check.place('require')}: is no limit on {quoted(metric)}")
    if actual is None or limit is None:
        raise FieldError(f"{check.where}: {result} without a number and a limit")
    if isinstance(demand.limit, Fraction) and not math.isclose(demand.limit, limit):
        raise FieldError(f"{check.place('limit')}: is {limit:.6g}, and not as in {quoted(require)}")
    by_confidence = result == "passed" and "Wilson" in check.text("note")
    sure = not math.isclose(actual, limit) and not by_confidence
    if sure and holds(exact(actual), demand.operator, exact(limit)) != (result == "passed"):
        raise FieldError(
            f"{check.where}: {quoted(require)} cannot have {result} with {actual:.6g}"
            f" where the limit is {limit:.6g}"
        )


def check_actual(check: Fields, metric: str, actual: float | None, totals: Fields) -> None:
    """Raise FieldError where a check of the whole run has another number than the totals."""
    of, key = totals, metric
    if metric.startswith("p"):
        of, key = totals.inner("percentiles"), metric[1:]
    if key in of and actual is not None:
        known = of.optional_number(key)
        if known is None or not math.isclose(actual, known, rel_tol=_ROUNDED, abs_tol=_ROUNDED):
            raise FieldError(
                f"{check.place('actual')}: must be that of the totals, not {actual:.6g}"
            )


def check_span(started: datetime, ended: datetime) -> None:
    """Raise FieldError for times that no run has, or that pandas cannot count in."""
    for name, time in (("started", started), ("ended", ended)):
        if not _FIRST <= time.year < _LAST:
            raise FieldError(
                f"run.{name}: must be from {_FIRST} to {_LAST - 1}, not {time:%Y-%m-%d}"
            )
    if ended < started:
        raise FieldError("run.ended: is before run.started")


def check_order(where: str, times: Mapping[str, float | None]) -> None:
    """Raise FieldError where response times are in no order.

    Others may come from several files, the one a second older than the other.
    """
    for low, high in (("min", "max"), ("p50", "p95")):
        below, above = times.get(low), times.get(high)
        if below is not None and above is not None and below > above:
            raise FieldError(f"{where}: {low} is {below:.6g}, above {high}, {above:.6g}")


def failed_check(require: str, rule: str | None, endpoint: str | None) -> str:
    """Return a check that failed as summaries tell it."""
    demand = require if rule is None else f"{require} (rule {rule})"
    return demand if endpoint is None else f"{demand}: {endpoint}"


def check_sums(found: RunSummary, warnings: Sequence[str]) -> None:
    """Raise FieldError unless the counts and the outcome of a run agree with each other.

    A partial run was counted in the strict way: its endpoints need not add up. A run with more
    failures than requests says in a warning that it has them.
    """
    _check_totals(found)
    _check_outcome(found)
    _check_rules(found)
    if found.partial:
        return
    _check_kinds(found)
    _check_endpoints(found)
    if not any(text.startswith(IMPOSSIBLE) for text in warnings):
        _check_possible(found)


def unequal(failures: int, expected: int, true: int) -> str:
    """Return that a number of failures is not that of its parts."""
    return f"{expected:,} expected and {true:,} true failures do not add up to {failures:,}"


def _check_totals(found: RunSummary) -> None:
    if found.failures != found.expected + found.true:
        raise FieldError(f"totals: {unequal(found.failures, found.expected, found.true)}")
    for decision, count in (("expected", found.expected), ("true", found.true)):
        listed = sum(kind.failures for kind in found.kinds if kind.decision == decision)
        if listed != count:
            raise FieldError(
                f"failures: the {decision} ones add up to {listed:,}, but the totals say {count:,}"
            )
    names = {(row.method, row.name) for row in found.endpoints}
    if len(names) < len(found.endpoints):
        raise FieldError("endpoints: one is listed twice")


def check_rates(found: RunSummary, rates: Mapping[str, float | None]) -> None:
    """Raise FieldError unless the rates of a document are those of its counts."""
    counts = (found.failures, found.expected, found.true)
    for name, count in zip(RATES, counts, strict=True):
        rate, due = rates[name], share(count, found.requests)
        if rate is None and due is not None:
            raise FieldError(f"totals.{name}: must be {float(due):.6g}, not null")
        if rate is not None and (due is None or abs(rate - due) > _ROUNDED):
            raise FieldError(
                f"totals.{name}: is {rate:.6g}, and {count:,} of {found.requests:,} requests failed"
            )


def _check_outcome(found: RunSummary) -> None:
    due: Outcome = "failed" if found.failed_checks else "passed"
    if not found.requests:
        due = "no-evidence"
    if found.outcome != due:
        raise FieldError(
            f"outcome: must be {due}, not {found.outcome}: {len(found.failed_checks):,} checks"
            f" failed, {found.requests:,} requests were made"
        )


def _check_rules(found: RunSummary) -> None:
    """Hold the rules to the failures that name them: what excuses makes expected, and all of it."""
    rules = {rule.id: rule for rule in found.rules}
    if len(rules) < len(found.rules):
        raise FieldError("rules: one is listed twice")
    matched: Counter[str] = Counter()
    for number, kind in enumerate(found.kinds):
        rule = None if kind.rule is None else rules.get(kind.rule)
        if kind.rule is not None and rule is None:
            raise FieldError(f"failures[{number}].rule: {quoted(kind.rule)} is not in rules")
        excused = rule is not None and rule.excuses and rule.state != "expired"
        if excused != (kind.decision == "expected"):
            raise FieldError(f"failures[{number}].kind: cannot be {kind.decision} by its rule")
        if rule is not None:
            matched[rule.id] += kind.failures
    for number, rule in enumerate(found.rules):
        if matched[rule.id] != rule.matched:
            raise FieldError(
                f"rules[{number}].matched: is {rule.matched:,}, but {matched[rule.id]:,} failures"
                " name the rule"
            )
        if rule.state != "expired" and (rule.state == "used") != (rule.matched > 0):
            raise FieldError(f"rules[{number}].state: cannot be {rule.state}")


def _check_kinds(found: RunSummary) -> None:
    counted: Counter[tuple[str, str, str]] = Counter()
    for kind in found.kinds:
        counted[kind.method, kind.name, kind.decision] += kind.failures
    for number, row in enumerate(found.endpoints):
        for decision, count in (("expected", row.expected), ("true", row.true)):
            listed = counted[row.method, row.name, decision]
            if listed != count:
                raise FieldError(
                    f"endpoints[{number}]: says {count:,} {decision} failures, but its failures"
                    f" add up to {listed:,}"
                )


def _check_endpoints(found: RunSummary) -> None:
    for key in ("requests", "failures", "expected", "true"):
        summed = sum(getattr(row, key) for row in found.endpoints)
        if summed != getattr(found, key):
            raise FieldError(
                f"endpoints: their {key} add up to {summed:,}, but the totals say"
                f" {getattr(found, key):,}"
            )


def _check_possible(found: RunSummary) -> None:
    for row in found.endpoints:  # and so for their sum
        if row.failures > row.requests:
            raise FieldError(
                f"endpoints: {row.failures:,} failures of {row.requests:,} requests cannot be"
            )
