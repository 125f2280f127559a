"""Result documents: a verdict as schemas/result.json describes it."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from loadgate.metrics import UNITS, seconds
from loadgate.model import (
    Check,
    EndpointResult,
    EndpointStats,
    FailureKind,
    RuleResult,
    Run,
    TimeSpan,
    Verdict,
)
from loadgate.share import share
from loadgate.summary import FORMAT, VERSION


def as_document(verdict: Verdict) -> dict[str, Any]:
    """Return the document of a verdict, whose texts are masked.

    Rates are numbers from 0 to 1, latencies milliseconds.
    """
    classification = verdict.classification
    run = classification.run
    total = classification.total
    requests = total.stats.requests
    return {
        "format": FORMAT,
        "version": VERSION,
        "outcome": verdict.outcome,
        "run": {
            "label": run.label,
            **_time(run.time),
            "duration": seconds(run.time),
            "users": run.users,
            "branch": verdict.provenance.branch or None,
            "commit": verdict.provenance.commit or None,
            "link": verdict.provenance.link or None,
            "sources": [
                {"role": source.role, "path": source.path}
                | ({"numbers": list(source.numbers)} if source.numbers else {})
                for source in run.sources
            ],
            "rules": list(classification.origins),
            "baseline": list(verdict.baseline),
            "history": list(verdict.history),
            "partial": run.partial,
            "contradictions": list(run.contradictions),
        },
        "totals": {
            "requests": requests,
            "failures": total.failures,
            "expected_failures": total.expected,
            "true_failures": total.true,
            "failure_rate": _number(share(total.failures, requests)),
            "expected_failure_rate": _number(share(total.expected, requests)),
            "true_failure_rate": _number(share(total.true, requests)),
            "allowed": _told(run, total.allowed),
            "task_exceptions": run.task_exceptions,
            "task_exception_classes": [
                {"class": name, "count": count} for name, count in run.task_errors
            ],
            **_times_taken(total.stats),
        },
        "endpoints": [_endpoint(row, run) for row in classification.endpoints],
        "failures": [*map(_failure, classification.failures)],
        "rules": [_rule(result, run) for result in classification.rules],
        "checks": [*map(_check, verdict.checks)],
        "warnings": [*classification.warnings, *_doubts(run.time)],
    }


def _time(time: TimeSpan | None) -> dict[str, str | None]:
    """Return when the run was, as ISO 8601 in UTC, and what says so."""
    if time is None:
        return {"started": None, "ended": None, "time_from": None}
    return {
        "started": time.started.isoformat().replace("+00:00", "Z"),
        "ended": time.ended.isoformat().replace("+00:00", "Z"),
        "time_from": time.source,
    }


def _doubts(time: TimeSpan | None) -> Iterator[str]:
    """Warn where the time of the run is a guess. No other format shows the time."""
    if time is None:
        yield "the time of the run is unknown"
    elif time.source == "file":
        yield "the files do not say when the run was; their modification time is used"


def _span(span: tuple[Fraction, Fraction] | None) -> dict[str, float] | None:
    """Return where a window begins and ends, to the millisecond."""
    return (
        None if span is None else {"from": round(float(span[0]), 3), "to": round(float(span[1]), 3)}
    )


def _number(value: Fraction | None) -> float | None:
    return None if value is None else float(value)


def _told(run: Run, allowed: int) -> int | None:
    """Return how many responses are allowed; None: only a recording tells."""
    return None if run.allowed is None else allowed


def _endpoint(row: EndpointResult, run: Run) -> dict[str, Any]:
    return {
        "method": row.stats.method,
        "name": row.stats.name,
        "requests": row.stats.requests,
        "failures": row.failures,
        "expected_failures": row.expected,
        "true_failures": row.true,
        "allowed": _told(run, row.allowed),
        "unexplained": row.unexplained,
        **_times_taken(row.stats),
    }


def _times_taken(stats: EndpointStats) -> dict[str, Any]:
    latency = stats.latency
    return {
        "avg": latency.avg,
        "min": latency.min,
        "max": latency.max,
        "median": latency.median,
        "percentiles": dict(latency.percentiles),
        "rps": stats.rps,
    }


def _failure(kind: FailureKind) -> dict[str, Any]:
    return {
        "method": kind.method,
        "name": kind.name,
        "status": kind.status,
        "status_from": kind.status_from or None,
        "likely_status": kind.likely_status,
        "exception": kind.exception,
        "kind": kind.decision,
        "signature": kind.signature,
        "count": kind.count,
        "rule": kind.rule,
    }


def _rule(result: RuleResult, run: Run) -> dict[str, Any]:
    rule = result.rule
    return {
        "id": rule.id,
        "why": rule.why,
        "matched": result.matched,
        "allowed": _told(run, result.allowed),
        "state": result.state,
        "expiring": result.expiring,
        "excuses": rule.excuses,
        "at_most": _number(rule.at_most),
        "owner": rule.owner or None,
        "ticket": rule.ticket or None,
        "expires": None if rule.expires is None else rule.expires.isoformat(),
        "origin": rule.origin or None,
    }


def _check(check: Check) -> dict[str, Any]:
    count = check.metric.kind == "count"
    actual, limit, baseline = (
        int(value) if count and value is not None and value.denominator == 1 else _number(value)
        for value in (check.actual, check.limit, check.baseline)
    )
    return {
        "require": check.require,
        "endpoint": check.endpoint,
        "rule": check.rule,
        "metric": check.metric.name,
        "unit": UNITS[check.metric.kind].document,
        "actual": actual,
        "limit": limit,
        "baseline": baseline,
        "result": check.result,
        "severity": check.severity,
        "window": _span(check.span),
        "note": check.note,
    }
