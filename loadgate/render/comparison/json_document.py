"""A comparison as the published JSON document (schemas/comparison.json)."""

from __future__ import annotations

from typing import Any

from loadgate.difference import CONFIDENCE, Difference
from loadgate.metrics import Row
from loadgate.render.comparison.words import METRICS
from loadgate.render.json import encode
from loadgate.runs.compared import (
    Compared,
    EndpointPair,
    Group,
    KindDiff,
    expected_rate,
    true_rate,
)
from loadgate.since import ChangePoint
from loadgate.summary import RunSummary

FORMAT = "loadgate.comparison"
VERSION = 1

_NUMBERS = ("avg", "min", "max", "median")


def render(compared: Compared) -> str:
    """Return the document: the same bytes for the same runs.

    Rates are numbers from 0 to 1, latencies milliseconds.
    """
    return encode(
        {
            "format": FORMAT,
            "version": VERSION,
            "base": _side(compared.base),
            "head": _side(compared.head),
            "endpoints": [
                {
                    "method": pair.method,
                    "name": pair.name,
                    "base": pair.base and _row(pair.base),
                    "head": pair.head and _row(pair.head),
                    "differences": _differences(pair),
                }
                for pair in compared.endpoints
            ],
            "failures": [_kind(kind) for kind in compared.kinds],
            "rules": [
                {
                    "id": one.id,
                    "why": one.why,
                    "base": one.base,
                    "head": one.head,
                    "base_allowed": one.base_allowed,
                    "head_allowed": one.head_allowed,
                }
                for one in compared.rules
            ],
            "confidence": CONFIDENCE,
            "differences": _differences(compared.total),
            "since": [_since(point) for point in compared.since],
            "warnings": compared.warnings,
        }
    )


def _side(side: Group) -> dict[str, Any]:
    return {"runs": [_run(run) for run in side.runs], "totals": _row(side.measured.total)}


def _run(run: RunSummary) -> dict[str, Any]:
    return {
        "source": run.source,
        "label": run.label,
        "started": run.started,
        "ended": run.ended,
        "branch": run.branch or None,
        "commit": run.commit or None,
        "link": run.link or None,
        "outcome": run.outcome,
        "judged_anew": run.rejudged,
        "rules": run.rules_from,
    }


def _row(row: Row) -> dict[str, Any]:
    rates = {
        "true_failure_rate": true_rate(row),
        "expected_failure_rate": expected_rate(row),
    }
    numbers = {name: row.numbers.get(name) for name in _NUMBERS}
    percentiles = {name[1:]: row.numbers[name] for name in row.numbers if name[0] == "p"}
    return {
        "runs": row.runs,
        "requests": row.requests,
        "failures": row.failures,
        "expected_failures": row.expected,
        "true_failures": row.true,
        "allowed": row.allowed,
        **{name: None if rate is None else float(rate) for name, rate in rates.items()},
        **{name: None if number is None else float(number) for name, number in numbers.items()},
        "percentiles": {name: float(number) for name, number in percentiles.items()},
        "rps": float(row.numbers["rps"]) if "rps" in row.numbers else None,
    }


def _kind(kind: KindDiff) -> dict[str, Any]:
    return {
        "method": kind.method,
        "name": kind.name,
        "status": kind.status,
        "likely_status": kind.likely_status,
        "kind": kind.decision,
        "signature": kind.signature,
        "state": kind.state,
        "base": kind.base,
        "head": kind.head,
        "base_requests": kind.base_requests,
        "head_requests": kind.head_requests,
        "difference": _difference(kind.difference),
        "doubt": kind.doubt or None,
    }


def _differences(pair: EndpointPair) -> dict[str, Any]:
    """Return the difference of each metric."""
    return {
        metric.name: _difference(pair.differences.get(metric.name)) for metric in METRICS.values()
    }


def _difference(difference: Difference | None) -> dict[str, Any] | None:
    return (
        None
        if difference is None
        else {
            "low": difference.low,
            "high": difference.high,
            "of": difference.of,
            "by": difference.by,
            "confidence": difference.confidence,
            "change": difference.change,
        }
    )


def _since(point: ChangePoint) -> dict[str, Any]:
    method, name = point.endpoint or (None, None)
    return {
        "metric": point.metric,
        "method": method,
        "name": name,
        "before": point.before,
        "after": point.after,
        "runs_before": point.runs_before,
        "runs_after": point.runs_after,
        "last_before": _run(point.last_before),
        "first": _run(point.first),
    }
