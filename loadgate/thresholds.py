"""A demand such as "p95 <= 800ms" in, the metric, operator and exact limit that it names out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import cast, get_args

from loadgate.errors import UsageError
from loadgate.model import Metric, MetricKind, Operator, Threshold
from loadgate.nearest import hint, quoted

COMMAND_LINE = "--threshold"
"""Threshold.origin of what the command line demands."""

OF_RULES: dict[str, MetricKind] = {
    "idle_rules": "count",
    "expired_rules": "count",
    "expiring_rules": "count",
}
"""Metrics that are about the rules, not about what was tested."""

PER_RUN_ONLY = {
    "task_exceptions": "Locust does not say which endpoint a task was at",
    **dict.fromkeys(OF_RULES, "a rule may be about many endpoints"),
}
"""The metrics that no endpoint has, and why."""

STRICT_RULES = tuple(f"{name} <= 0" for name in OF_RULES)
"""What `--strict-rules` demands."""

_KINDS: dict[str, MetricKind] = {
    "requests": "count",
    "failures": "count",
    "expected_failures": "count",
    "true_failures": "count",
    "task_exceptions": "count",
    "failure_rate": "rate",
    "expected_failure_rate": "rate",
    "true_failure_rate": "rate",
    "avg": "latency",
    "min": "latency",
    "max": "latency",
    "median": "latency",
    "rps": "throughput",
    **OF_RULES,
}
METRICS = (*_KINDS, "p50", "p90", "p95", "p99", "p99.9")
"""Every metric but for percentiles, of which the usual ones stand for all."""

# In the unit of the kind: a share of 1, milliseconds, and numbers as they are.
_UNITS: dict[MetricKind, dict[str, Fraction]] = {
    "count": {"": Fraction(1)},
    "rate": {"%": Fraction(1, 100)},
    "latency": {"ms": Fraction(1), "s": Fraction(1000)},
    "throughput": {"": Fraction(1)},
}
_UNIT_SENTENCES: dict[MetricKind, str] = {
    "count": "is a count: a whole number without a unit, such as 100",
    "rate": "is a share of the requests, written with %, such as 0.5%",
    "latency": "is a time, written with ms or s, such as 800ms",
    "throughput": "is a number of requests a second without a unit, such as 250",
}

_DEMAND = re.compile(r"\s*([^\s<>=!≤≥≠]+)\s*([<>=!≤≥≠]+)\s*(.*?)\s*", re.DOTALL)
_VALUE = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z%]*)")
_PERCENTILE = re.compile(r"p([0-9]+(?:\.[0-9]+)?)")
_PERCENT = re.compile(r"([0-9]+(?:\.[0-9]+)?)%")
_NUMBER_LENGTH = 30


class DemandError(ValueError):
    """A demand that cannot be followed; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What a threshold demands, apart from where it holds."""

    require: str
    """As written, with white space only around the operator."""
    metric: Metric
    operator: Operator
    limit: Fraction
    """In the unit of the metric's kind."""


def parse_demand(text: str) -> Demand:
    """Read `METRIC OP VALUE`; raise DemandError where it is anything else.

    The limit is exact: `0.1%` is one thousandth, not the nearest float.
    """
    match = _DEMAND.fullmatch(text)
    if match is None:
        raise DemandError('must be METRIC OP VALUE, such as "true_failure_rate <= 0.5%"')
    name, sign, value = match.groups()
    metric = _metric(name)
    if sign not in get_args(Operator):
        raise DemandError(f"there is no operator {quoted(sign)}; the operators are <=, <, >=, >")
    limit, written = _limit(metric, value)
    return Demand(
        require=f"{name} {sign} {written}",
        metric=metric,
        operator=cast("Operator", sign),
        limit=limit,
    )


def parse_share(text: str) -> Fraction:
    """Read a share of requests, "25%", exactly; raise DemandError unless it is 0% to 100%."""
    match = _PERCENT.fullmatch(text)
    if match is None or len(match[1]) > _NUMBER_LENGTH:
        raise DemandError('must be a share of the requests, such as "25%" or "0.5%"')
    share = Fraction(match[1]) / 100
    if share > 1:
        raise DemandError("must be 100% or less: it is a share of the requests")
    return share


def command_line_thresholds(texts: Sequence[str]) -> tuple[Threshold, ...]:
    """Read thresholds on the whole run; raise UsageError that names all that cannot be read."""
    thresholds = []
    problems = []
    for text in texts:
        try:
            thresholds.append(run_threshold(text, COMMAND_LINE))
        except DemandError as error:
            problems.append(f"{COMMAND_LINE} {_echoed(text)}: {error}")
    if problems:
        raise UsageError("\n".join(problems))
    return tuple(thresholds)


def run_threshold(text: str, origin: str) -> Threshold:
    """Return the threshold on the whole run that `text` demands; raise DemandError."""
    demand = parse_demand(text)
    return Threshold(
        require=demand.require,
        metric=demand.metric,
        operator=demand.operator,
        limit=demand.limit,
        origin=origin,
    )


def _echoed(text: str) -> str:
    return f"'{quoted(text)[1:-1]}'"


def _metric(name: str) -> Metric:
    kind = _KINDS.get(name)
    if kind is not None:
        return Metric(name=name, kind=kind)
    match = _PERCENTILE.fullmatch(name)
    if match is None:
        raise DemandError(
            f"there is no metric {quoted(name)}; the metrics are {', '.join(_KINDS)}"
            f" and percentiles such as p95 or p99.9{hint(name, METRICS)}"
        )
    if len(match[1]) > _NUMBER_LENGTH or not 0 < Fraction(match[1]) <= 100:
        raise DemandError(f"the percentile of {quoted(name)} must be above 0 and at most 100")
    return Metric(name=name, kind="latency", percentile=_shortest(match[1]))


def _shortest(number: str) -> str:
    """Return a decimal number without the zeros that say nothing, as Locust's columns have it."""
    whole, _, decimals = number.partition(".")
    decimals = decimals.rstrip("0")
    return (whole.lstrip("0") or "0") + (f".{decimals}" if decimals else "")


def _limit(metric: Metric, value: str) -> tuple[Fraction, str]:
    """Return the limit in the unit of the metric's kind, and as written without white space."""
    match = _VALUE.fullmatch(value)
    if match is None or len(match[1]) > _NUMBER_LENGTH:
        raise DemandError(
            f"{quoted(value)} is no number such as 10 or 0.1 with its unit,"
            f" {_NUMBER_LENGTH} characters at most; {metric.name} {_UNIT_SENTENCES[metric.kind]}"
        )
    number, unit = match.groups()
    factor = _UNITS[metric.kind].get(unit)
    if factor is None or (metric.kind == "count" and "." in number):
        raise DemandError(
            f"the value {quoted(value)} does not fit: {metric.name} {_UNIT_SENTENCES[metric.kind]}"
        )
    limit = Fraction(number) * factor
    if metric.kind == "rate" and limit > 1:
        raise DemandError(f"{metric.name} never is above 100%")
    return limit, number + unit
