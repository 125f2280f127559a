"""Reading result documents: the summary of a run, or one clear problem."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import get_args

from loadgate.errors import ResultError
from loadgate.metrics import UNITS
from loadgate.model import CheckResult, Decision, Outcome, RuleState, Severity, TimeSource
from loadgate.read.documents import check_size, strict_decoder
from loadgate.runs.fields import FieldError, Fields, told
from loadgate.runs.sums import (
    FAILING,
    LIMITED,
    RATES,
    check_actual,
    check_order,
    check_rates,
    check_result,
    check_span,
    check_sums,
    failed_check,
    unequal,
)
from loadgate.summary import FORMAT, VERSION, EndpointCounts, KindCount, RuleUse, RunSummary

OURS = re.compile(rf'"format"\s*:\s*"{re.escape(FORMAT)}"')
"""What a result document holds, be it cut off behind that or not."""

_OUTCOMES: Sequence[Outcome] = get_args(Outcome)
_DECISIONS: Sequence[Decision] = get_args(Decision)
_STATES: Sequence[RuleState] = get_args(RuleState)
_RESULTS: Sequence[CheckResult] = get_args(CheckResult)
_SEVERITIES: Sequence[Severity] = get_args(Severity)
_TIMES: Sequence[TimeSource] = get_args(TimeSource)
_ROLES = ("statistics", "failures", "exceptions", "supplement", "compared")
_UNITS = tuple(unit.document for unit in UNITS.values())
_PERCENTILE = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def read(text: str, source: str, *, written: datetime | None) -> RunSummary | None:
    """Return what a report needs of a result document; None: the text is sound JSON, but none.

    `written` is when the file was written; it stands in where the document does not say when the
    run was. Raises ResultError where the text is not valid JSON, or a document of another version;
    with the first field that is not as the schema wants it, or the counts that do not add up.
    """
    found = read_all(text, source, written=written)
    return None if found is None else found[0]


def read_all(
    text: str, source: str, *, written: datetime | None
) -> tuple[RunSummary, Fields] | None:
    """Return what `read` does, and all fields of the document, for what a report does not need."""
    try:
        check_size(source, text)
        value = strict_decoder().decode(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        problem = str(error) if isinstance(error, ValueError) else "it is nested too deeply"
        raise ResultError(source, f"is not valid JSON: {problem}", "Write it again.") from error
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        return None
    try:
        fields = Fields(value)
        _check_version(fields)
        return _summary(fields, source, written), fields
    except FieldError as error:
        raise ResultError(source, str(error)) from error


def _check_version(fields: Fields) -> None:
    version = fields.count("version")
    if version > VERSION:
        raise FieldError(
            f"version: is {version}, and this loadgate reads {VERSION}; use a newer loadgate"
        )
    if version != VERSION:
        raise fields.wrong("version", str(VERSION))


def _summary(fields: Fields, source: str, written: datetime | None) -> RunSummary:
    run = fields.inner("run")
    totals = fields.inner("totals")
    outcome = fields.word("outcome", _OUTCOMES)
    started, ended, time_from = _time(run, written)
    for of in run.each("sources"):
        of.word("role", _ROLES)
        of.text("path")
    run.texts("baseline")
    if run.texts("contradictions") and not run.flag("partial"):
        raise FieldError("run.partial: must be true, as there are contradictions")
    warnings = fields.texts("warnings")
    for key in ("duration", "users"):
        run.later_number(key)
    used, failed = _checks(fields, totals)
    found = RunSummary(
        source=source,
        label=run.text("label"),
        started=started,
        ended=ended,
        time_from=time_from,
        branch=run.optional_text("branch") or "",
        commit=run.optional_text("commit") or "",
        link=run.optional_text("link") or "",
        outcome=outcome,
        partial=run.flag("partial"),
        rejudged=False,
        rules_from=run.texts("rules"),
        requests=totals.count("requests"),
        failures=totals.count("failures"),
        expected=totals.count("expected_failures"),
        true=totals.count("true_failures"),
        p95=_p95(totals),
        endpoints=tuple(map(_endpoint, fields.each("endpoints"))),
        kinds=tuple(map(_kind, fields.each("failures"))),
        rules=tuple(_rule(rule, used) for rule in fields.each("rules")),
        failed_checks=failed,
        task_exceptions=totals.optional_count("task_exceptions"),
    )
    rates = {key: totals.optional_number(key, least=0) for key in RATES}
    check_sums(found, warnings)
    check_rates(found, rates)
    return found


def _time(run: Fields, written: datetime | None) -> tuple[datetime, datetime, TimeSource | None]:
    """Return when the run started and ended, and what says so."""
    started, ended = _instant(run, "started"), _instant(run, "ended")
    time_from = None if run.value("time_from") is None else run.word("time_from", _TIMES)
    begin, end = started or ended, ended or started
    if begin is None or end is None:
        if written is None:
            raise FieldError("run.started: does not say when the run was, nor does its file")
        return written, written, None
    check_span(begin, end)
    return begin, end, time_from


def _instant(run: Fields, key: str) -> datetime | None:
    text = run.optional_text(key)
    if text is None:
        return None
    try:
        time = datetime.fromisoformat(text)
        return time.replace(tzinfo=time.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        raise run.wrong(key, 'a time like "2026-11-23T06:00:00Z"') from None


def _p95(of: Fields) -> float | None:
    """Check the response times and return the 95th percentile in milliseconds."""
    times = {
        key: of.optional_number(key, least=0) for key in ("avg", "min", "max", "median", "rps")
    }
    percentiles = of.inner("percentiles")
    for key in percentiles:
        if not _PERCENTILE.fullmatch(key):
            raise FieldError(f"{percentiles.where}: {told(key)} is no percentile")
        times[f"p{key}"] = percentiles.optional_number(key, least=0)
    check_order(of.where, times)
    return times.get("p95")


def _endpoint(of: Fields) -> EndpointCounts:
    counts = EndpointCounts(
        method=of.text("method"),
        name=of.text("name"),
        requests=of.count("requests"),
        failures=of.count("failures"),
        expected=of.count("expected_failures"),
        true=of.count("true_failures"),
        p95=_p95(of),
    )
    if counts.failures != counts.expected + counts.true:
        raise FieldError(f"{of.where}: {unequal(counts.failures, counts.expected, counts.true)}")
    if of.count("unexplained") > counts.true:
        raise FieldError(f"{of.where}: has more unexplained failures than true ones")
    return counts


def _kind(of: Fields) -> KindCount:
    return KindCount(
        method=of.text("method"),
        name=of.text("name"),
        status=of.optional_count("status"),
        decision=of.word("kind", _DECISIONS),
        signature=of.text("signature"),
        rule=of.optional_text("rule"),
        failures=of.count("count", least=1),
    )


def _rule(of: Fields, used: dict[str, float]) -> RuleUse:
    of.flag("expiring")
    for key in ("owner", "ticket", "origin"):
        of.optional_text(key)
    name = of.text("id")
    return RuleUse(
        id=name,
        why=of.text("why"),
        matched=of.count("matched"),
        state=of.word("state", _STATES),
        excuses=of.flag("excuses"),
        budget=of.optional_number("at_most", least=0),
        used=used.get(name),
        expires=_day(of, "expires"),
    )


def _day(of: Fields, key: str) -> date | None:
    text = of.optional_text(key)
    if text is None:
        return None
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass  # the 31st of June
    raise of.wrong(key, 'a day like "2026-11-23"')


def _checks(fields: Fields, totals: Fields) -> tuple[dict[str, float], tuple[str, ...]]:
    """Return the largest share that each rule used of its budget's base, and what failed."""
    used: dict[str, float] = {}
    failed = []
    limited = False
    for check in fields.each("checks"):
        require, endpoint = check.text("require"), check.optional_text("endpoint")
        rule, actual = check.optional_text("rule"), check.optional_number("actual")
        metric = check.text("metric")
        check.word("unit", _UNITS)
        limit = check.optional_number("limit")
        check.optional_number("baseline")
        check.text("note")
        result, severity = check.word("result", _RESULTS), check.word("severity", _SEVERITIES)
        if result in {"passed", "failed"}:
            check_result(check, metric, actual, limit, result)
        if endpoint is None and rule is None:
            check_actual(check, metric, actual, totals)
            limited |= metric in LIMITED and severity == "error" and result != "not-enough-data"
        if rule is not None and actual is not None:
            used[rule] = max(actual, used.get(rule, 0.0))
        if result in FAILING and severity == "error":
            failed.append(failed_check(require, rule, endpoint))
    if not limited:
        raise FieldError("checks: none limits the failures of the whole run")
    return used, tuple(failed)
