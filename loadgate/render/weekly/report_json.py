"""The weekly report as the published JSON document (schemas/report.json)."""

from __future__ import annotations

from dataclasses import fields
from typing import Any
from zoneinfo import ZoneInfo

from loadgate.render.json import encode
from loadgate.render.weekly.words import mask_report
from loadgate.summary import RunSummary
from loadgate.weekly.model import Change, Incident, Report, Weeks

FORMAT = "loadgate.report"
VERSION = 1

_KEYS = {
    "budget": "at_most",
    "decision": "kind",
    "expected": "expected_failures",
    "kind": "concern",
    "rejudged": "judged_anew",
    "rules_from": "rules",
    "rate": "true_failure_rate",
    "true": "true_failures",
    "true_rate": "true_failure_rate",
    "zone": "timezone",
}
"""What the document calls a field whose name is another."""
_LEFT_OUT = frozenset({"endpoints", "kinds", "names", "rules", "task_errors", "task_exceptions"})
"""Fields of single runs and items that the document does not have."""
_NULL_WHERE_EMPTY = frozenset({"branch", "commit", "link"})


def render_json(report: Report) -> str:
    """Return the document: the same bytes for the same report, all of it valid UTF-8.

    Rates are numbers from 0 to 1, times milliseconds.
    """
    report = mask_report(report)
    collection = report.collection
    return encode(
        {
            "format": FORMAT,
            "version": VERSION,
            "period": _object(report.period),
            "previous": _object(report.previous),
            "today": report.today,
            "headline": report.headline,
            "attention": [_object(item) for item in report.action_items],
            "totals": {
                "runs": len(report.runs),
                "requests": report.requests,
                "failures": report.expected + report.true,
                "expected_failures": report.expected,
                "true_failures": report.true,
                "allowed": report.allowed,
                "true_failure_rate": _object(report.true_rate),
                "p95": _object(report.p95),
            },
            "runs": [_object(run) for run in report.runs],
            "runs_before": [_object(run) for run in report.runs_before],
            "endpoints": [_object(trend) for trend in report.endpoints],
            "failures": [_object(trend) for trend in report.kinds],
            "rules": [_object(trend) for trend in report.rules],
            "days": [_object(cell) for cell in report.days],
            "incidents": [*map(_incident, report.incidents)],
            "weeks": None if report.weeks is None else _weeks(report.weeks),
            "tested": report.tested,
            "outside": report.outside,
            "sources": [run.source for run in collection.records],
            "repeated": collection.repeated,
            "broken": [_object(unreadable) for unreadable in collection.broken],
        }
    )


def _incident(incident: Incident) -> dict[str, Any]:
    return {
        "what": incident.kind,
        "status": incident.status,
        "likely_status": incident.likely_status,
        "signatures": incident.signatures,
        "endpoints": [
            {
                "method": endpoint.method,
                "name": endpoint.name,
                "requests": endpoint.requests,
                "true_failures": endpoint.count,
                "p95_before": endpoint.before,
                "p95": endpoint.after,
            }
            for endpoint in incident.endpoints
        ],
        "true_failures": incident.count,
        "runs": incident.runs,
        "state": incident.state,
        "since": _named(incident.since),
        "first_run": _named(incident.first),
        "last_run": _named(incident.last),
        "good_run": None if incident.good is None else _named(incident.good),
        "undated": incident.undated,
        "grew": None
        if incident.grew is None or incident.before_grew is None
        else {
            "run": _named(incident.grew),
            "run_before": _named(incident.before_grew),
            "rate": incident.rate_since,
            "rate_before": incident.rate_before,
        },
        "owners": incident.owners,
    }


def _named(run: RunSummary) -> dict[str, Any]:
    """Return a run by what it is found by."""
    return {
        "label": run.label,
        "started": run.started,
        "branch": run.branch or None,
        "commit": run.commit or None,
        "link": run.link or None,
    }


def _weeks(weeks: Weeks) -> dict[str, Any]:
    return {
        "first": weeks.first,
        "last": weeks.last,
        "weeks": [_object(week) for week in weeks.weeks],
        "runs": [
            _named(run)
            | {
                "outcome": run.outcome,
                "requests": run.requests,
                "true_failures": run.true,
                "true_failure_limit": run.true_failure_limit,
            }
            for run in weeks.runs
        ],
        "idle": [{"first": first, "last": last} for first, last in weeks.idle],
    }


def _object(noun: Any) -> dict[str, Any]:  # noqa: ANN401 - any dataclass of a report
    """Return the fields of a noun as an object, in their order."""
    return {
        _KEYS.get(field.name, field.name): _value(field.name, getattr(noun, field.name))
        for field in fields(noun)
        if field.name not in _LEFT_OUT
    }


def _value(name: str, value: Any) -> Any:  # noqa: ANN401 - as above
    match value:
        case "" if name in _NULL_WHERE_EMPTY:
            return None
        case ZoneInfo():
            return value.key
        case Change():
            return _object(value)
        case _:
            return value
