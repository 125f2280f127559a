"""The bytes of a result document in, the record of its run out; or the one problem it has.

Documents come from artifacts and buckets, so nothing of them is believed before it was looked at:
types, signs, sums. (`schemas/result.json` says what they are; a validator of that schema takes a
hundred times as long, and would not look at the sums.)
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from typing import Any, NoReturn, TypeVar, get_args

from loadgate.errors import ResultError
from loadgate.model import Decision, Outcome, RuleState, TimeSource
from loadgate.nearest import quoted
from loadgate.render.json_document import FORMAT, VERSION
from loadgate.week import EndpointCounts, KindCount, Record, RuleUse

T = TypeVar("T")

SIZE_LIMIT = 256 << 20
"""Bytes that a result document may have: 100,000 endpoints take 60 MB."""

_FAILED = frozenset({"failed", "missing"})
_RESULTS = frozenset({*_FAILED, "passed", "not-enough-data"})


def read_record(data: bytes, source: str, *, judged_anew: bool = False) -> Record:
    """Read a result document; raises ResultError, which calls it `source`."""
    try:
        document = json.loads(data, object_pairs_hook=_unique, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise ResultError(source, f"is no valid JSON: {_reason(error)}") from error
    try:
        return _record(_Table("document", document), source, judged_anew=judged_anew)
    except _UnreadableError as error:
        raise ResultError(source, str(error)) from error


class _UnreadableError(ValueError):
    """What is wrong with a document, with its place."""


def _reason(error: Exception) -> str:
    return "it is nested too deeply" if isinstance(error, RecursionError) else str(error)


def _unique(pairs: Iterable[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {quoted(key)} stands twice in one object")
        found[key] = value
    return found


def _refuse_constant(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number")


# --- reading with a place for every problem -------------------------------------------------------


class _Table:
    """An object of the document, and where it stands there."""

    __slots__ = ("place", "values")

    def __init__(self, place: str, values: object) -> None:
        if not isinstance(values, dict):
            raise _UnreadableError(f"{place}: must be an object")
        self.place = place
        self.values: dict[str, Any] = values

    def refuse(self, key: str, problem: str) -> NoReturn:
        raise _UnreadableError(f"{self.place}: {key}: {problem}")

    def get(self, key: str) -> object:
        if key not in self.values:
            raise _UnreadableError(f"{self.place}: lacks the key {key}")
        return self.values[key]

    def text(self, key: str) -> str:
        value = self.get(key)
        if not isinstance(value, str):
            self.refuse(key, "must be text")
        return sys.intern(value)

    def text_or(self, key: str, default: T) -> str | T:
        return default if self.get(key) is None else self.text(key)

    def choice(self, key: str, choices: Iterable[str]) -> Any:  # noqa: ANN401 - one of a Literal
        value = self.get(key)
        known = [*choices]
        if value not in known:
            self.refuse(key, f"must be one of {', '.join(map(str, known))}")
        return value

    def flag(self, key: str) -> bool:
        value = self.get(key)
        if not isinstance(value, bool):
            self.refuse(key, "must be true or false")
        return value

    def count(self, key: str) -> int:
        value = self.get(key)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            self.refuse(key, "must be a count")
        return value

    def number(self, key: str) -> float | None:
        value = self.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e18:
            self.refuse(key, "must be a number from 0 on, or null")
        return float(value)

    def table(self, key: str) -> _Table:
        return _Table(f"{self.place}: {key}", self.get(key))

    def each(self, key: str, read: Callable[[_Table], T]) -> tuple[T, ...]:
        """Read every object of a list."""
        values = self.get(key)
        if not isinstance(values, list):
            self.refuse(key, "must be a list")
        return tuple(
            read(_Table(f"{key}[{number}]", value)) for number, value in enumerate(values, start=1)
        )


def _record(document: _Table, source: str, *, judged_anew: bool) -> Record:
    if document.get("format") != FORMAT:
        raise _UnreadableError(f"is no result document: its format is not {FORMAT}")
    version = document.get("version")
    if version != VERSION:
        raise _UnreadableError(
            f"is of version {quoted(str(version))}, and this loadgate reads version {VERSION};"
            " install a newer one"
        )
    run, totals = document.table("run"), document.table("totals")
    endpoints = document.each("endpoints", _endpoint)
    kinds = document.each("failures", _kind)
    requests, failures, expected, true = _counts(totals)
    if not _add_up(endpoints, kinds, expected, true):
        raise _UnreadableError("its counts do not add up: totals, endpoints and failures disagree")
    checks = document.each("checks", _check)
    started, ended = _time(run, "started"), _time(run, "ended")
    if ended < started:
        run.refuse("ended", "is before the start")
    return Record(
        source=source,
        label=run.text("label"),
        started=started,
        ended=ended,
        time_from=run.choice("time_from", get_args(TimeSource)),
        branch=run.text_or("branch", ""),
        commit=run.text_or("commit", ""),
        link=_link(run.text_or("link", "")),
        outcome=document.choice("outcome", get_args(Outcome)),
        partial=run.flag("partial"),
        judged_anew=judged_anew,
        rules_from=_texts(run, "rules"),
        requests=requests,
        failures=failures,
        expected=expected,
        true=true,
        p95=_p95(totals),
        endpoints=endpoints,
        kinds=kinds,
        rules=document.each("rules", lambda table: _rule(table, checks)),
        failed_checks=tuple(
            f"{one.require}: {one.endpoint or 'the whole run'}" for one in checks if one.failed
        ),
    )


def _add_up(
    endpoints: Iterable[EndpointCounts], kinds: Iterable[KindCount], expected: int, true: int
) -> bool:
    """Say whether the parts are the whole; only the total may know of true ones beyond."""
    of_kinds = {"expected": 0, "true": 0}
    for kind in kinds:
        of_kinds[kind.decision] += kind.failures
    rows = list(endpoints)
    return (
        sum(row.expected for row in rows) == of_kinds["expected"] == expected
        and sum(row.true for row in rows) <= true
        and of_kinds["true"] <= true
    )


def _counts(table: _Table) -> tuple[int, int, int, int]:
    requests, failures = table.count("requests"), table.count("failures")
    expected, true = table.count("expected_failures"), table.count("true_failures")
    if failures != expected + true:
        table.refuse("failures", "must be expected_failures + true_failures")
    return requests, failures, expected, true


def _p95(table: _Table) -> float | None:
    percentiles = table.table("percentiles")
    return percentiles.number("95") if "95" in percentiles.values else None


def _endpoint(table: _Table) -> EndpointCounts:
    requests, failures, expected, true = _counts(table)
    return EndpointCounts(
        method=table.text("method"),
        name=table.text("name"),
        requests=requests,
        failures=failures,
        expected=expected,
        true=true,
        p95=_p95(table),
    )


def _kind(table: _Table) -> KindCount:
    status = table.get("status")
    if status is not None:
        status = table.count("status")
    return KindCount(
        method=table.text("method"),
        name=table.text("name"),
        status=status,
        decision=table.choice("kind", get_args(Decision)),
        signature=table.text("signature"),
        rule=table.text_or("rule", None),
        failures=table.count("count"),
    )


def _rule(table: _Table, checks: Iterable[_Check]) -> RuleUse:
    name = table.text("id")
    used = [one.actual for one in checks if one.rule == name and one.actual is not None]
    return RuleUse(
        id=name,
        why=table.text("why"),
        matched=table.count("matched"),
        state=table.choice("state", get_args(RuleState)),
        excuses=table.flag("excuses"),
        budget=table.number("at_most"),
        used=max(used, default=None),
        expires=_day(table, "expires"),
    )


class _Check:
    """What a record needs of a check."""

    __slots__ = ("actual", "endpoint", "failed", "require", "rule")

    def __init__(self, table: _Table) -> None:
        result = table.choice("result", sorted(_RESULTS))
        self.require = table.text("require")
        self.endpoint = table.text_or("endpoint", None)
        self.rule = table.text_or("rule", None)
        self.actual = table.number("actual")
        severity = table.choice("severity", ("error", "warning"))
        self.failed = severity == "error" and result in _FAILED


def _check(table: _Table) -> _Check:
    return _Check(table)


def _texts(table: _Table, key: str) -> tuple[str, ...]:
    values = table.get(key)
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        table.refuse(key, "must be a list of texts")
    return tuple(sys.intern(value) for value in values)


def _link(link: str) -> str:
    """Return a link to a web page; anything else, as javascript:, leads nowhere."""
    return link if link.startswith(("https://", "http://")) else ""


def _time(table: _Table, key: str) -> datetime:
    text = table.text_or(key, None)
    if text is None:
        raise _UnreadableError("does not say when the run was, so it belongs to no week")
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        table.refuse(key, "must be a time in ISO 8601")
    if time.tzinfo is None:
        table.refuse(key, "must name its time zone")
    return time.astimezone(UTC)


def _day(table: _Table, key: str) -> date | None:
    text = table.text_or(key, None)
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        table.refuse(key, "must be a date")
