"""A weekly report in, the published JSON document (schemas/report.json) out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from loadgate.model import AtEndpoint
from loadgate.render.json import encode
from loadgate.render.masking import mask_report
from loadgate.summary import RunSummary
from loadgate.weekly.model import (
    ActionItem,
    Change,
    EndpointTrend,
    KindTrend,
    Period,
    Report,
    RuleTrend,
)

FORMAT = "loadgate.report"
VERSION = 1


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
            "period": _period(report.period),
            "previous": _period(report.previous),
            "today": report.today.isoformat(),
            "headline": report.headline,
            "attention": [_attention(one) for one in report.action_items],
            "totals": {
                "runs": len(report.runs),
                "requests": report.requests,
                "failures": report.expected + report.true,
                "expected_failures": report.expected,
                "true_failures": report.true,
                "true_failure_rate": _evidence(report.true_rate),
                "p95": _evidence(report.p95),
            },
            "runs": [_run(one) for one in report.runs],
            "runs_before": [_run(one) for one in report.runs_before],
            "endpoints": [_endpoint(one) for one in report.endpoints],
            "failures": [_kind(one) for one in report.kinds],
            "rules": [_rule(one) for one in report.rules],
            "days": [
                {
                    **_names(one),
                    "day": one.day.isoformat(),
                    "requests": one.requests,
                    "true_failures": one.true,
                }
                for one in report.days
            ],
            "tested": report.tested,
            "outside": report.outside,
            "sources": [one.source for one in collection.records],
            "repeated": list(collection.repeated),
            "broken": [{"source": one.source, "problem": one.problem} for one in collection.broken],
        }
    )


def _names(of: AtEndpoint) -> dict[str, str]:
    return {"method": of.method, "name": of.name}


def _time(time: datetime) -> str:
    return time.isoformat().replace("+00:00", "Z")


def _period(period: Period) -> dict[str, str]:
    return {
        "name": period.name,
        "first": period.first.isoformat(),
        "last": period.last.isoformat(),
        "begins": _time(period.begins),
        "ends": _time(period.ends),
        "timezone": period.zone,
    }


def _attention(one: ActionItem) -> dict[str, Any]:
    return {
        "concern": one.kind,
        "sentence": one.sentence,
        "runs": list(one.runs),
    }


def _evidence(of: Change) -> dict[str, Any]:
    return {
        "direction": of.direction,
        "now": of.now,
        "before": of.before,
        "runs_now": of.runs_now,
        "runs_before": of.runs_before,
        "p_value": of.p_value,
        "words": of.words,
    }


def _run(one: RunSummary) -> dict[str, Any]:
    return {
        "source": one.source,
        "label": one.label,
        "started": _time(one.started),
        "ended": _time(one.ended),
        "time_from": one.time_from,
        "branch": one.branch or None,
        "commit": one.commit or None,
        "link": one.link or None,
        "outcome": one.outcome,
        "partial": one.partial,
        "judged_anew": one.rejudged,
        "rules": list(one.rules_from),
        "requests": one.requests,
        "failures": one.failures,
        "expected_failures": one.expected,
        "true_failures": one.true,
        "p95": one.p95,
        "failed_checks": list(one.failed_checks),
    }


def _endpoint(one: EndpointTrend) -> dict[str, Any]:
    return {
        **_names(one),
        "requests": one.requests,
        "expected_failures": one.expected,
        "true_failures": one.true,
        "true_failure_rate": _evidence(one.true_rate),
        "p95": _evidence(one.p95),
    }


def _kind(one: KindTrend) -> dict[str, Any]:
    return {
        **_names(one),
        "status": one.status,
        "kind": one.decision,
        "signature": one.signature,
        "rule": one.rule,
        "count": one.count,
        "before": one.before,
        "state": one.state,
        "first_run": one.first_run,
        "first_seen": _time(one.first_seen),
        "last_run": one.last_run,
        "last_seen": _time(one.last_seen),
        "runs": one.runs,
    }


def _rule(one: RuleTrend) -> dict[str, Any]:
    return {
        "id": one.id,
        "why": one.why,
        "matched": one.matched,
        "runs": one.runs,
        "runs_matched": one.runs_matched,
        "state": one.state,
        "excuses": one.excuses,
        "at_most": one.budget,
        "used": one.used,
        "expires": None if one.expires is None else one.expires.isoformat(),
        "days_left": one.days_left,
    }
