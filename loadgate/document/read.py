"""Reading result documents: the summary of a run, or one clear problem."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from sys import intern
from typing import Any, NamedTuple

from loadgate.document.sums import check_numbers, fails
from loadgate.document.write import as_document
from loadgate.errors import ResultError
from loadgate.masked import mask_verdict
from loadgate.masking import Endpoint
from loadgate.model import TimeSource, Verdict
from loadgate.read.documents import parse_json
from loadgate.rules.window import in_window
from loadgate.schemas import FieldError, conforming
from loadgate.summary import FORMAT, VERSION, EndpointCounts, KindCount, RuleUse, RunSummary
from loadgate.text import quoted

Quantile = Callable[[float], float | None]
"""Latency.quantile."""

OURS = re.compile(rf'"format"\s*:\s*"{re.escape(FORMAT)}"')
"""What a result document holds, be it cut off behind that or not."""

_FIRST, _LAST = 1970, 2199
"""Years that a run may be of: time zones and pandas can count in them."""


class Summarised(NamedTuple):
    """A run, and the document that says so."""

    summary: RunSummary
    document: dict[str, Any]
    """What its schema describes of it; see `schemas.conforming`."""
    quantiles: Mapping[Endpoint | None, Quantile] = {}
    """Latency.quantile of endpoints, and (None) of all requests; of a run just judged."""

    @property
    def source(self) -> str:
        """What the run was read from."""
        return self.summary.source


def read(text: str, source: str, *, written: datetime | None) -> Summarised | None:
    """Return what a result document says of a run; None: the text is sound JSON, but none.

    `written` is when the file was written; it stands in where the document does not say when the
    run was. Raises ResultError where the text is not valid JSON, or a document of another version;
    with the first field that is not as the schema wants it, or the counts that do not add up.
    """
    value = parse_json(source, text)
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        return None
    version = value.get("version")
    if isinstance(version, int) and version > VERSION:
        problem = f"version: needs a newer loadgate; this one reads version {VERSION}"
        raise ResultError(source, problem)
    return _summarised(value, source, written, rejudged=False)


def summarise(verdict: Verdict, source: str) -> Summarised:
    """Return what the document of a run says that was just judged; raise ResultError as `read`."""
    shown = mask_verdict(verdict)
    found = shown.classification
    rows = [(None, found.total), *((row.stats.key, row) for row in found.endpoints)]
    return _summarised(as_document(shown), source, None, rejudged=True)._replace(
        quantiles={
            place: quantile
            for place, row in rows
            if (quantile := row.stats.latency.quantile) is not None
        }
    )


def _summarised(
    document: dict[str, Any], source: str, written: datetime | None, *, rejudged: bool
) -> Summarised:
    try:
        document = conforming(document, "result")
        check_numbers(document)
        summary = _summary(document, source, written, rejudged=rejudged)
    except FieldError as error:
        raise ResultError(source, str(error)) from error
    return Summarised(summary, document)


def _summary(
    document: dict[str, Any], source: str, written: datetime | None, *, rejudged: bool
) -> RunSummary:
    run, totals, checks = document["run"], document["totals"], document["checks"]
    started, ended, time_from = _time(run, written)
    used = _used(checks)
    return RunSummary(
        source=source,
        label=run["label"],
        started=started,
        ended=ended,
        time_from=time_from,
        branch=run["branch"] or "",
        commit=run["commit"] or "",
        link=run["link"] or "",
        outcome=document["outcome"],
        partial=run["partial"],
        rejudged=rejudged,
        rules_from=tuple(run["rules"]),
        requests=totals["requests"],
        failures=totals["failures"],
        expected=totals["expected_failures"],
        true=totals["true_failures"],
        p95=totals["percentiles"].get("95"),
        endpoints=tuple(map(_endpoint, document["endpoints"])),
        kinds=tuple(map(_kind, document["failures"])),
        rules=tuple(
            _rule(rule, used.get(rule["id"]), f"rules[{at}]")
            for at, rule in enumerate(document["rules"])
        ),
        failed_checks=tuple(_failed(check) for check in checks if fails(check)),
        task_exceptions=totals["task_exceptions"],
        task_errors=tuple(
            (row["class"], row["count"]) for row in totals.get("task_exception_classes", ())
        ),
        allowed=totals.get("allowed"),
        true_failure_limit=min(
            (check["limit"] for check in checks if _limits_true_failures(check)), default=None
        ),
    )


def _limits_true_failures(check: dict[str, Any]) -> bool:
    """Say whether a check has a limit on the share of true failures of the whole run."""
    of_run = check["endpoint"] is None and check["rule"] is None
    return (
        of_run
        and check["metric"] == "true_failure_rate"
        and check["severity"] == "error"
        and check["limit"] is not None
        and not in_window(check["require"])
    )


def _time(
    run: dict[str, Any], written: datetime | None
) -> tuple[datetime, datetime, TimeSource | None]:
    """Return when the run started and ended, and what says so."""
    started, ended = _instant(run, "started"), _instant(run, "ended")
    begin, end = started or ended, ended or started
    if begin is None or end is None:
        if written is None:
            raise FieldError("run.started: does not say when the run was, nor does its file")
        return written, written, None
    if end < begin:
        raise FieldError("run.ended: is before run.started")
    return begin, end, run["time_from"]


def _instant(run: dict[str, Any], key: str) -> datetime | None:
    text = run[key]
    if text is None:
        return None
    try:
        time = datetime.fromisoformat(text)
        time = time.replace(tzinfo=time.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        raise FieldError(
            f'run.{key}: must be a time like "2026-11-23T06:00:00Z", not {quoted(text)}'
        ) from None
    if not _FIRST <= time.year <= _LAST:
        raise FieldError(f"run.{key}: must be from {_FIRST} to {_LAST}, not {time:%Y-%m-%d}")
    return time


# Runs have most of their texts in common: each is kept once in memory, as there may be millions.


def _endpoint(row: dict[str, Any]) -> EndpointCounts:
    return EndpointCounts(
        intern(row["method"]),
        intern(row["name"]),
        row["requests"],
        row["failures"],
        row["expected_failures"],
        row["true_failures"],
        row["percentiles"].get("95"),
        row.get("allowed"),
    )


def _kind(row: dict[str, Any]) -> KindCount:
    return KindCount(
        intern(row["method"]),
        intern(row["name"]),
        _shared(row["status"]),
        _shared(row["kind"]),
        intern(row["signature"]),
        _shared(row["rule"]),
        row["count"],
        row.get("likely_status"),
        intern(row.get("status_from") or ""),
        _shared(row.get("exception")),
    )


def _shared(value: Any) -> Any:  # noqa: ANN401 - any JSON
    return intern(value) if type(value) is str else value


def _rule(rule: dict[str, Any], used: float | None, place: str) -> RuleUse:
    try:
        expires = None if rule["expires"] is None else date.fromisoformat(rule["expires"])
    except ValueError:
        raise FieldError(f"{place}.expires: there is no day {rule['expires']}") from None
    return RuleUse(
        id=intern(rule["id"]),
        why=intern(rule["why"]),
        matched=rule["matched"],
        state=_shared(rule["state"]),
        excuses=rule["excuses"],
        budget=rule["at_most"],
        used=used,
        expires=expires,
        allowed=rule.get("allowed"),
    )


def _used(checks: list[dict[str, Any]]) -> dict[str, float]:
    """Return the largest share that each rule used of its budget's base."""
    used: dict[str, float] = {}
    for check in checks:
        rule, actual = check["rule"], check["actual"]
        if rule is not None and actual is not None:
            used[rule] = max(actual, used.get(rule, 0.0))
    return used


def _failed(check: dict[str, Any]) -> str:
    """Return a check that failed as summaries tell it."""
    rule = "" if check["rule"] is None else f" (rule {check['rule']})"
    endpoint = "" if check["endpoint"] is None else f": {check['endpoint']}"
    return f"{check['require']}{rule}{endpoint}"
