"""A demand such as "p95 <= 800ms" in, the metric, operator and exact limit that it names out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import cast, get_args

from loadgate.errors import UsageError
from loadgate.model import Metric, MetricKind, Offset, Operator, Threshold
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

NEW_KINDS = "new_failure_kinds"
"""The metric that is about the difference to the baseline."""

STRICT_RULES = tuple(f"{name} <= 0" for name in OF_RULES)
"""What `--strict-rules` demands."""

_KINDS: dict[str, MetricKind] = {
    "requests": "count",
    "failures": "count",
    "expected_failures": "count",
    "true_failures": "count",
    "task_exceptions": "count",
    NEW_KINDS: "count",
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

_SHARE = {"%": Fraction(1, 100)}
_OR_A_SHARE = ", or a share of the baseline's, such as 10%"
_AROUND = ", nor baseline, baseline + 5% or baseline - 5%"

_DEMAND = re.compile(r"\s*([^\s<>=!≤≥≠]+)\s*([<>=!≤≥≠]+)\s*(|\S(?:.*\S)?)\s*", re.DOTALL)
_OFFSET = re.compile(r"baseline(?:\s*([+-])\s*(.*))?", re.DOTALL)
_MEANT = re.compile("base", re.IGNORECASE)
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
    limit: Fraction | Offset
    """In the unit of the metric's kind, or as far from what the baseline has."""


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
    limit, written = _limit_or_offset(metric, value)
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


def needs_baseline(threshold: Threshold) -> bool:
    """Say whether a threshold holds a run against others."""
    return isinstance(threshold.limit, Offset) or threshold.metric.name == NEW_KINDS


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


def _limit_or_offset(metric: Metric, value: str) -> tuple[Fraction | Offset, str]:
    """Return the limit, or how far it is from the baseline, and as written, white space folded."""
    match = _OFFSET.fullmatch(value)
    if match is None:
        limit, _, written = _amount(metric, value, _UNITS[metric.kind])
        if metric.kind == "rate" and limit > 1:
            raise DemandError(f"{metric.name} never is above 100%")
        return limit, written
    if metric.name in OF_RULES or metric.name == NEW_KINDS:
        raise DemandError(f"a baseline has no {metric.name}; demand a number, such as 0")
    sign, text = match.groups()
    if sign is None:
        return Offset(amount=Fraction(0), relative=False), "baseline"
    amount, unit, written = _amount(metric, text, _SHARE | _UNITS[metric.kind], _OR_A_SHARE)
    relative = unit == "%" and metric.kind != "rate"
    if unit == "%" and amount > 1 and (sign == "-" or not relative):
        raise DemandError(f"{quoted(value)} is more than 100% away from the baseline")
    offset = Offset(amount=-amount if sign == "-" else amount, relative=relative)
    return offset, f"baseline {sign} {written}"


def _amount(
    metric: Metric, value: str, units: Mapping[str, Fraction], otherwise: str = ""
) -> tuple[Fraction, str, str]:
    """Return a number in the unit of the metric's kind, its unit, and both as written."""
    sentence = _UNIT_SENTENCES[metric.kind] + ("" if metric.kind == "rate" else otherwise)
    match = _VALUE.fullmatch(value)
    if match is None or len(match[1]) > _NUMBER_LENGTH:
        raise DemandError(
            f"{quoted(value)} is no number such as 10 or 0.1 with its unit,"
            f" {_NUMBER_LENGTH} characters at most{_AROUND if _MEANT.match(value) else ''};"
            f" {metric.name} {sentence}"
        )
    number, unit = match.groups()
    if unit not in units or (metric.kind == "count" and not unit and "." in number):
        raise DemandError(f"the value {quoted(value)} does not fit: {metric.name} {sentence}")
    return Fraction(number) * units[unit], unit, number + unit
