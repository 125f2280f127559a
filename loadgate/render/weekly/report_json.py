"""A weekly report in, the published JSON document (schemas/report.json) out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from loadgate.render.json_document import encode
from loadgate.render.masking import distinct, mask_credentials, mask_secrets
from loadgate.week import (
    Attention,
    EndpointTrend,
    Evidence,
    KindTrend,
    Period,
    Record,
    Report,
    RuleTrend,
)

FORMAT = "loadgate.report"
VERSION = 1

Names = Callable[[str, str], dict[str, str]]


def render_json(report: Report) -> str:
    """Return the document: the same bytes for the same report, all of it valid UTF-8.

    Rates are numbers from 0 to 1, times milliseconds.
    """
    collection = report.collection
    names = _names(report)
    return encode(
        {
            "format": FORMAT,
            "version": VERSION,
            "period": _period(report.period),
            "previous": _period(report.previous),
            "today": report.today.isoformat(),
            "headline": mask_secrets(report.headline),
            "attention": [_attention(one) for one in report.attention],
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
            "endpoints": [_endpoint(one, names) for one in report.endpoints],
            "failures": [_kind(one, names) for one in report.kinds],
            "rules": [_rule(one) for one in report.rules],
            "days": [
                {
                    **names(one.method, one.name),
                    "day": one.day.isoformat(),
                    "requests": one.requests,
                    "true_failures": one.true,
                }
                for one in report.days
            ],
            "tested": report.tested,
            "outside": report.outside,
            "sources": _masked(one.source for one in collection.records),
            "repeated": _masked(collection.repeated),
            "broken": [
                {"source": mask_secrets(one.source), "problem": mask_secrets(one.problem)}
                for one in collection.broken
            ],
        }
    )


def _names(report: Report) -> Names:
    """Return what says how an endpoint is called, masked, and no two of them the same."""
    endpoints = [(one.method, one.name) for one in report.endpoints]
    endpoints += [(one.method, one.name) for one in report.kinds]
    endpoints += [(one.method, one.name) for one in report.days]
    masked = distinct(dict.fromkeys(endpoints), mask_secrets)

    def named(method: str, name: str) -> dict[str, str]:
        shown_method, shown_name = masked[method, name]
        return {"method": shown_method, "name": shown_name}

    return named


def _masked(texts: Iterable[str]) -> list[str]:
    return [mask_secrets(text) for text in texts]


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


def _attention(one: Attention) -> dict[str, Any]:
    return {
        "concern": one.concern,
        "sentence": mask_secrets(one.sentence),
        "runs": _masked(one.runs),
    }


def _evidence(of: Evidence) -> dict[str, Any]:
    return {
        "direction": of.direction,
        "now": of.now,
        "before": of.before,
        "runs_now": of.runs_now,
        "runs_before": of.runs_before,
        "p_value": of.p_value,
        "words": mask_secrets(of.words),
    }


def _run(one: Record) -> dict[str, Any]:
    return {
        "source": mask_secrets(one.source),
        "label": mask_secrets(one.label),
        "started": _time(one.started),
        "ended": _time(one.ended),
        "time_from": one.time_from,
        "branch": mask_secrets(one.branch) or None,
        "commit": mask_secrets(one.commit) or None,
        "link": mask_credentials(one.link) or None,
        "outcome": one.outcome,
        "partial": one.partial,
        "judged_anew": one.judged_anew,
        "rules": _masked(one.rules_from),
        "requests": one.requests,
        "failures": one.failures,
        "expected_failures": one.expected,
        "true_failures": one.true,
        "p95": one.p95,
        "failed_checks": _masked(one.failed_checks),
    }


def _endpoint(one: EndpointTrend, names: Names) -> dict[str, Any]:
    return {
        **names(one.method, one.name),
        "requests": one.requests,
        "expected_failures": one.expected,
        "true_failures": one.true,
        "true_failure_rate": _evidence(one.true_rate),
        "p95": _evidence(one.p95),
    }


def _kind(one: KindTrend, names: Names) -> dict[str, Any]:
    return {
        **names(one.method, one.name),
        "status": one.status,
        "kind": one.decision,
        "signature": mask_secrets(one.signature),
        "rule": None if one.rule is None else mask_secrets(one.rule),
        "count": one.count,
        "before": one.before,
        "state": one.state,
        "first_run": mask_secrets(one.first_run),
        "first_seen": _time(one.first_seen),
        "last_run": mask_secrets(one.last_run),
        "last_seen": _time(one.last_seen),
        "runs": one.runs,
    }


def _rule(one: RuleTrend) -> dict[str, Any]:
    return {
        "id": mask_secrets(one.id),
        "why": mask_secrets(one.why),
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
