"""Thresholds: parsing `p95 <= 800ms` into its metric, operator and exact limit."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import cast, get_args

from loadgate.errors import UsageError
from loadgate.metrics import (
    LISTED,
    METRICS,
    NEW_KINDS,
    PERCENTILE,
    UNITS,
    definition,
    meant,
    metric,
)
from loadgate.model import Metric, Offset, Operator, Threshold
from loadgate.nearest import nearest, quoted

COMMAND_LINE = "--threshold"
"""Threshold.origin of what the command line demands."""

UPPER: tuple[Operator, ...] = ("<=", "<")
"""The operators of an upper limit."""

_REVERSED: dict[Operator, Operator] = {"<=": ">=", "<": ">", ">=": "<=", ">": "<"}

DEFAULT = "true_failure_rate <= 1%"
"""What holds for the whole run unless the policy limits its true failures itself."""

_OF_TRUE_FAILURES = {"true_failures", "true_failure_rate", "failures", "failure_rate"}

STRICT_RULES = tuple(f"{name} <= 0" for name in ("idle_rules", "expired_rules", "expiring_rules"))
"""What `--strict-rules` demands."""

_SHARE = {"%": Fraction(1, 100)}
_OR_A_SHARE = ", or a share of the baseline's, such as 10%"
_AROUND = ", nor baseline, baseline + 5% or baseline - 5%"

_DEMAND = re.compile(
    r"\s*([^\s<>=!≤≥≠](?:[^<>=!≤≥≠]*[^\s<>=!≤≥≠])?)"
    r"\s*([<>=!≤≥≠]+)\s*(|\S(?:.*\S)?)\s*",
    re.DOTALL,
)
_OFFSET = re.compile(r"baseline(?:\s*([+-])\s*(.*))?", re.DOTALL)
_MEANT = re.compile("base", re.IGNORECASE)
_VALUE = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z%]*)")
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
    demand = Demand(
        require=f"{name} {sign} {written}",
        metric=metric,
        operator=cast("Operator", sign),
        limit=limit,
    )
    if _backwards(demand):
        better = f"{name} {_REVERSED[demand.operator]} {written}"
        raise DemandError(
            f'"{demand.require}" can only be met by a bad run; did you mean "{better}"?'
        )
    return demand


def _backwards(demand: Demand) -> bool:
    """Say whether only a run that is bad, or worse than the baseline, meets a demand."""
    bad, upper = definition(demand.metric.name).bad, demand.operator in UPPER
    beyond = demand.limit.amount if isinstance(demand.limit, Offset) else None
    if bad == "high" and not upper:
        # A floor under times is sound: who answers nothing answers fast.
        return demand.metric.kind != "latency" or (beyond is not None and beyond > 0)
    if bad == "low" and upper:
        return demand.limit == 0 if beyond is None else beyond < 0
    return False


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


def limits_true_failures(threshold: Threshold) -> bool:
    """Say whether a threshold that decides takes the place of the default one."""
    return (
        threshold.endpoint is None
        and threshold.severity == "error"
        and threshold.operator in UPPER
        and threshold.metric.name in _OF_TRUE_FAILURES
    )


def _echoed(text: str) -> str:
    return f"'{quoted(text)[1:-1]}'"


def _metric(name: str) -> Metric:
    percentile = PERCENTILE.fullmatch(name)
    if percentile is not None and (
        len(percentile[1]) > _NUMBER_LENGTH or not 0 < Fraction(percentile[1]) <= 100
    ):
        raise DemandError(f"the percentile of {quoted(name)} must be above 0 and at most 100")
    found = metric(name)
    if found is None:
        near = meant(name) or nearest(name, METRICS)
        better = f"did you mean {quoted(near)}?" if near else LISTED
        raise DemandError(f"there is no metric {quoted(name)}; {better}")
    return found


def _limit_or_offset(metric: Metric, value: str) -> tuple[Fraction | Offset, str]:
    """Return the limit, or how far it is from the baseline, and as written, white space folded."""
    match = _OFFSET.fullmatch(value)
    if match is None:
        limit, _, written = _amount(metric, value, UNITS[metric.kind].factors)
        if metric.kind == "rate" and limit > 1:
            raise DemandError(f"{metric.name} is never above 100%")
        return limit, written
    if not definition(metric.name).in_baseline:
        raise DemandError(f"a baseline has no {metric.name}; use a number, such as 0")
    sign, text = match.groups()
    if sign is None:
        return Offset(amount=Fraction(0), relative=False), "baseline"
    amount, unit, written = _amount(
        metric, text, {**_SHARE, **UNITS[metric.kind].factors}, _OR_A_SHARE
    )
    relative = unit == "%" and metric.kind != "rate"
    if unit == "%" and amount > 1 and (sign == "-" or not relative):
        raise DemandError(f"{quoted(value)} is more than 100% away from the baseline")
    offset = Offset(amount=-amount if sign == "-" else amount, relative=relative)
    return offset, f"baseline {sign} {written}"


def _amount(
    metric: Metric, value: str, units: Mapping[str, Fraction], otherwise: str = ""
) -> tuple[Fraction, str, str]:
    """Return a number in the unit of the metric's kind, its unit, and both as written."""
    sentence = f"is {UNITS[metric.kind].rule}" + ("" if metric.kind == "rate" else otherwise)
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
