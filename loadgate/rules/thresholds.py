"""Thresholds: parsing `p95 <= 800ms` into its metric, operator and exact limit."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import cast, get_args

from loadgate.errors import UsageError
from loadgate.metrics import (
    LISTED,
    METRICS,
    NEW_KINDS,
    PERCENTILE,
    UNITS,
    definition,
    metric,
)
from loadgate.model import Metric, Offset, Operator, Reference, Threshold, Window
from loadgate.rules.metric_names import meant
from loadgate.rules.window import parse_window, split_window
from loadgate.text import nearest, quoted
from loadgate.wilson import holds, wilson_beyond

COMMAND_LINE = "--threshold"
"""Threshold.origin of what the command line demands."""

UPPER: tuple[Operator, ...] = ("<=", "<")
"""The operators of an upper limit."""

DEFAULT = "true_failure_rate <= 1%"
"""What holds for the whole run unless the policy limits its true failures itself."""

_OF_TRUE_FAILURES = {"true_failures", "true_failure_rate", "failures", "failure_rate"}

STRICT_RULES = tuple(f"{name} <= 0" for name in ("idle_rules", "expired_rules", "expiring_rules"))
"""What `--strict-rules` demands."""

_SHARE = {"%": Fraction(1, 100)}
_OR_A_SHARE = ", or a share of the {of}'s, such as 10%"
_AROUND = "; or write {of}, {of} + 5% or {of} - 5%"

_DEMAND = re.compile(
    r"\s*([^\s<>=!≤≥≠](?:[^<>=!≤≥≠]*[^\s<>=!≤≥≠])?)"
    r"\s*([<>=!≤≥≠]+)\s*(|\S(?:.*\S)?)\s*",
    re.DOTALL,
)
_OFFSET = re.compile(r"(baseline|history)(?:\s*([+-])\s*(.*))?", re.DOTALL)
_MEANT = re.compile("base|(hist)", re.IGNORECASE)
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
    """In the unit of the metric's kind, or as far from what earlier runs have."""
    window: Window | None = None
    """None: the whole run."""


@lru_cache(maxsize=256)  # thousands of documents have the same few
def parse_demand(text: str) -> Demand:
    """Read `METRIC OP VALUE [WINDOW]`; raise DemandError where it is anything else.

    The limit is exact: `0.1%` is one thousandth, not the nearest float.
    """
    match = _DEMAND.fullmatch(text)
    if match is None:
        raise DemandError('must be METRIC OP VALUE, such as "true_failure_rate <= 0.5%"')
    name, sign, value = match.groups()
    value, words = split_window(value)
    metric = _metric(name)
    if sign not in get_args(Operator):
        raise DemandError(f"unknown operator {quoted(sign)}; use <=, <, >= or >")
    limit, written = _limit_or_offset(metric, value)
    window = _window(metric, limit, words) if words else None
    if window is not None:
        written += f" {window.text}"
    demand = Demand(
        require=f"{name} {sign} {written}",
        metric=metric,
        operator=cast("Operator", sign),
        limit=limit,
        window=window,
    )
    if _backwards(demand):
        sign = "<=" if sign in {">=", ">"} else ">" if limit == 0 else ">="
        raise DemandError(
            f'"{demand.require}" lets bad runs pass; did you mean "{name} {sign} {written}"?'
        )
    return demand


def _backwards(demand: Demand) -> bool:
    """Say whether the worse run meets a demand: the operator points the wrong way."""
    bad, upper = definition(demand.metric.name).bad, demand.operator in UPPER
    if bad == "low" and upper:  # a ceiling over the load is sound, but not one that is below it
        return demand.limit.amount < 0 if isinstance(demand.limit, Offset) else demand.limit == 0
    return bad == "high" and not upper


def _window(metric: Metric, limit: Fraction | Offset, words: Sequence[str]) -> Window:
    """Read a window; raise DemandError also for what is known only of the whole run."""
    try:
        window = parse_window(words)
    except ValueError as error:
        raise DemandError(str(error)) from None
    if not definition(metric.name).in_window:
        raise DemandError(
            f"{metric.name} is known only for the whole run; leave {quoted(window.text)} out"
        )
    if isinstance(limit, Offset):
        raise DemandError(
            f"a {limit.of} is about whole runs; leave {quoted(window.text)} out, or use a number"
        )
    return window


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
        raise UsageError("\n".join(problems), page="rules#thresholds")
    return tuple(thresholds)


def run_threshold(text: str, origin: str) -> Threshold:
    """Return the threshold on the whole run that `text` demands; raise DemandError."""
    demand = parse_demand(text)
    return Threshold(
        require=demand.require,
        metric=demand.metric,
        operator=demand.operator,
        limit=demand.limit,
        window=demand.window,
        origin=origin,
    )


def references(threshold: Threshold) -> tuple[Reference, ...]:
    """Return what a threshold holds a run against: the first of these that there is."""
    if isinstance(threshold.limit, Offset):
        return (threshold.limit.of,)
    return get_args(Reference) if threshold.metric.name == NEW_KINDS else ()


def why_no_abort(threshold: Threshold) -> str:
    """Return why a run cannot be stopped for failing a threshold; "": it can."""
    metric, operator, window = threshold.metric, threshold.operator, threshold.window
    if threshold.severity != "error":
        return "a warning never stops a run"
    for reference in references(threshold):
        return f"a run has no {reference} while it is on"
    if window is not None and (
        window.steady or window.until is not None or window.every is not None
    ):
        return f"{threshold.require} is known only when the run ends; use after alone"
    if metric.kind == "rate" or (definition(metric.name).rises and operator in UPPER):
        return ""
    return f"{threshold.require} may still be met until the run ends"


def limits_true_failures(threshold: Threshold) -> bool:
    """Say whether a threshold is an upper limit on the failures of the whole run, as an error.

    One on a part of its time is none: what fails in the rest would have no limit.

    It takes the place of the default one if it decides, and unless most requests may fail by it.
    """
    return (
        threshold.endpoint is None
        and threshold.window is None
        and threshold.severity == "error"
        and threshold.operator in UPPER
        and threshold.metric.name in _OF_TRUE_FAILURES
    )


def wants_no_limit(threshold: Threshold) -> bool:
    """Say whether a threshold is how somebody writes that true failures have no limit."""
    return (
        threshold.metric.name == "true_failure_rate"
        and threshold.operator == "<="
        and threshold.limit == 1
    )


def always_holds(threshold: Threshold) -> bool:
    """Say whether every run meets a threshold, whatever it and earlier ones measured."""
    limit, rate = threshold.limit, threshold.metric.kind == "rate"
    if threshold.operator in {">", "<"}:
        return False
    if threshold.operator == "<=":
        return rate and (limit.amount if isinstance(limit, Offset) else limit) >= 1
    if isinstance(limit, Offset):
        return (rate or limit.relative) and limit.amount <= -1
    return limit == 0


def allows(threshold: Threshold, limit: Fraction, failed: int, requests: int) -> bool:
    """Say whether a run meets an upper limit on failures when so many of its requests fail."""
    rate = threshold.metric.kind == "rate"
    actual = Fraction(failed, requests) if rate else Fraction(failed)
    if holds(actual, threshold.operator, limit):
        return True
    confidence = threshold.confidence  # of so few requests nothing may be certain enough
    return confidence is not None and not wilson_beyond(
        actual, requests, threshold.operator, limit, confidence
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
            raise DemandError(f"{metric.name} cannot exceed 100%")
        return limit, written
    of, sign, text = cast("tuple[Reference, str | None, str]", match.groups())
    if not definition(metric.name).in_baseline:
        raise DemandError(f"a {of} has no {metric.name}; use a number, such as 0")
    if sign is None:
        return Offset(amount=Fraction(0), relative=False, of=of), of
    units = {**_SHARE, **UNITS[metric.kind].factors}
    amount, unit, written = _amount(metric, text, units, _OR_A_SHARE.format(of=of))
    relative = unit == "%" and metric.kind != "rate"
    if unit == "%" and amount > 1 and (sign == "-" or not relative):
        raise DemandError(f"{quoted(value)} is more than 100% away from the {of}")
    offset = Offset(amount=-amount if sign == "-" else amount, relative=relative, of=of)
    return offset, f"{of} {sign} {written}"


def _amount(
    metric: Metric, value: str, units: Mapping[str, Fraction], otherwise: str = ""
) -> tuple[Fraction, str, str]:
    """Return a number in the unit of the metric's kind, its unit, and both as written."""
    match = _VALUE.fullmatch(value)
    number, unit = match.groups() if match else ("", "")
    fraction_of_one = metric.kind == "count" and not unit and "." in number
    if not match or unit not in units or fraction_of_one or len(number) > _NUMBER_LENGTH:
        expected = UNITS[metric.kind].rule + ("" if metric.kind == "rate" else otherwise)
        near = _MEANT.match(value)
        of = "history" if near and near[1] else "baseline"
        advice = _AROUND.format(of=of) if near else ""
        if len(number) > _NUMBER_LENGTH:
            advice = f"; write at most {_NUMBER_LENGTH} characters"
        raise DemandError(
            f"the value {quoted(value)} does not fit: {metric.name} is {expected}{advice}"
        )
    return Fraction(number) * units[unit], unit, number + unit
