"""The bytes of a result document in, a record out; or the one problem that it has."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from builders import policy
from conftest import WriteRun
from jsonschema import Draft202012Validator

from loadgate import classify, evaluate, read_run
from loadgate.collect.documents import read_record
from loadgate.errors import ResultError
from loadgate.render import render

from .nights import ROOT, WEEKS, changed, document, without

SCHEMA = json.loads((ROOT / "loadgate" / "schemas" / "result.json").read_text("utf-8"))


def problem(data: bytes | dict[str, Any]) -> str:
    """Return what is wrong with a document."""
    text = data if isinstance(data, bytes) else json.dumps(data).encode()
    with pytest.raises(ResultError) as caught:
        read_record(text, "night.json")
    assert str(caught.value).startswith("night.json: ")
    return str(caught.value).removeprefix("night.json: ")


@pytest.mark.parametrize("file", [pytest.param(f, id=f.stem) for f in sorted(WEEKS.glob("*.json"))])
def test_recorded_documents(file: Path) -> None:
    """Every recorded night is read, with the counts that the document says."""
    found = json.loads(file.read_text("utf-8"))
    record = read_record(file.read_bytes(), str(file))
    assert record.label == found["run"]["label"] == f"nightly {file.stem}"
    assert record.started == datetime.fromisoformat(f"{file.stem}T02:00:00+00:00")
    assert (record.requests, record.expected, record.true) == tuple(
        found["totals"][key] for key in ("requests", "expected_failures", "true_failures")
    )
    assert len(record.endpoints) == len(found["endpoints"])
    assert sum(kind.failures for kind in record.kinds) == record.failures


def test_what_a_record_keeps() -> None:
    """Rules with what they used of their budget, checks that failed, where it came from."""
    record = read_record((WEEKS / "2026-11-18.json").read_bytes(), "x.json")
    (rule,) = record.rules
    assert (rule.id, rule.budget, rule.excuses) == ("state-toggle-conflict", 0.5, True)
    assert rule.used == pytest.approx(28 / 350)
    assert record.failed_checks == ("true_failure_rate <= 0.5%: the whole run",)
    assert record.link == "https://ci.example/nightly/2026-11-18"
    assert not record.judged_anew


def test_what_check_writes_is_read(write_run: WriteRun) -> None:
    """A document of this very version, from a run with task exceptions, expiry and a warning."""
    run = read_run(str(write_run(exceptions=3)))
    rules = policy()
    text = render(evaluate(classify(run, rules), rules), "json")
    record = read_record(text.encode(), "x")
    assert (record.requests, record.true) == (1000, 10)
    assert record.time_from == "file"


@pytest.mark.parametrize(
    ("of", "words"),
    [
        pytest.param(b"", "is no valid JSON", id="empty"),
        pytest.param(b"{", "is no valid JSON", id="cut"),
        pytest.param(b"[" * 100_000, "nested too deeply", id="deep"),
        pytest.param(b'{"a": NaN}', "NaN is no number", id="nan"),
        pytest.param(b'{"a": 1, "a": 2}', 'the key "a" stands twice', id="key-twice"),
        pytest.param(b"\xff", "is no valid JSON", id="no-utf-8"),
        pytest.param(b"[]", "must be an object", id="list"),
        pytest.param(b"{}", "lacks the key format", id="nothing"),
        pytest.param(changed("format", to="x"), "its format is not loadgate.result", id="format"),
        pytest.param(changed("version", to=2), 'is of version "2"', id="newer"),
        pytest.param(changed("outcome", to="good"), "must be one of passed, failed", id="outcome"),
        pytest.param(changed("totals", to=[]), "totals: must be an object", id="totals"),
        pytest.param(changed("totals", "requests", to=-1), "must be a count", id="negative"),
        pytest.param(changed("totals", "requests", to=True), "must be a count", id="true-count"),
        pytest.param(changed("totals", "requests", to=1.5), "must be a count", id="half"),
        pytest.param(
            changed("totals", "failures", to=91), "expected_failures + true_failures", id="sum"
        ),
        pytest.param(changed("failures", to=[]), "do not add up", id="no-kinds"),
        pytest.param(changed("failures", to={}), "failures: must be a list", id="kinds-no-list"),
        pytest.param(
            changed("failures", 0, "status", to="409"), "status: must be a count", id="status"
        ),
        pytest.param(changed("failures", 0, "kind", to="ok"), "kind: must be one of", id="kind"),
        pytest.param(
            changed("failures", 0, "signature", to=1), "failures[1]: signature: must be text",
            id="signature",
        ),
        pytest.param(
            changed("endpoints", 1, "percentiles", "95", to=-1), "must be a number from 0",
            id="negative-time",
        ),
        pytest.param(
            changed("endpoints", 1, "percentiles", "95", to="x"), "must be a number", id="no-number"
        ),
        pytest.param(
            changed("totals", "percentiles", "95", to=1e300), "must be a number", id="huge"
        ),
        pytest.param(changed("run", "partial", to=0), "must be true or false", id="flag"),
        pytest.param(changed("run", "rules", to=[1]), "must be a list of texts", id="rules"),
        pytest.param(changed("run", "rules", to="x"), "must be a list of texts", id="no-list"),
        pytest.param(changed("run", "started", to=None), "does not say when", id="no-time"),
        pytest.param(changed("run", "started", to="soon"), "must be a time", id="no-iso"),
        pytest.param(
            changed("run", "started", to="2026-11-18T02:00:00"), "name its time zone", id="no-zone"
        ),
        pytest.param(
            changed("run", "ended", to="2026-11-18T01:00:00Z"), "before the start", id="backwards"
        ),
        pytest.param(changed("run", "time_from", to="me"), "must be one of", id="time-from"),
        pytest.param(changed("rules", 0, "expires", to="soon"), "must be a date", id="expires"),
        pytest.param(changed("checks", 0, "result", to="?"), "must be one of", id="result"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(of: bytes | dict[str, Any], words: str) -> None:
    """One problem, with its place."""
    told = problem(of)
    assert words in told
    assert "\n" not in told


def _required(
    schema: dict[str, Any], path: tuple[str | int, ...]
) -> Iterator[tuple[str | int, ...]]:
    """Yield the places of all keys that the schema requires, in a document with one of each."""
    if "$ref" in schema:
        yield from _required(SCHEMA["$defs"][schema["$ref"].rsplit("/", 1)[1]], path)
    for key in schema.get("required", ()):
        yield (*path, key)
    for key, below in schema.get("properties", {}).items():
        yield from _required(below, (*path, key))
    if "items" in schema:
        yield from _required(schema["items"], (*path, 0))


# What a report does not need, so that a document may lack it.
_UNUSED = {
    "warnings", "sources", "contradictions", "unexplained", "failure_rate", "avg", "min", "max",
    "expected_failure_rate", "true_failure_rate", "task_exceptions", "median", "rps", "owner",
    "ticket", "origin", "expiring", "baseline", "metric", "unit", "limit", "note", "role", "path",
}  # fmt: skip


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, id=".".join(map(str, path)))
        for path in _required(SCHEMA, ())
        if path[-1] not in _UNUSED
    ],
)
def test_a_document_without_what_is_needed_is_refused(path: tuple[str | int, ...]) -> None:
    """Whatever the schema requires, and a report needs, is missed."""
    found = without(*path)
    assert not Draft202012Validator(SCHEMA).is_valid(found)
    assert f"lacks the key {path[-1]}" in problem(found)


def test_what_is_read_is_what_the_schema_allows() -> None:
    """Null where nothing is known, statuses unknown, rules without expiry or with one."""
    found = changed("run", "branch", to=None)
    found["run"]["commit"] = found["run"]["link"] = None
    found["failures"][0]["status"] = None
    found["rules"][0]["expires"] = "2026-12-31"
    found["totals"]["percentiles"] = {}
    found["run"]["baseline"] = []  # a key that documents of this version did not always have
    for check in found["checks"]:
        check["baseline"] = None
    found["endpoints"][0]["percentiles"]["95"] = None
    Draft202012Validator(SCHEMA).validate(found)
    record = read_record(json.dumps(found).encode(), "x")
    assert (record.branch, record.commit, record.link, record.p95) == ("", "", "", None)
    assert record.kinds[0].status is None
    assert record.endpoints[0].p95 is None
    assert record.rules[0].expires == date(2026, 12, 31)


def test_a_link_that_is_no_web_address_leads_nowhere() -> None:
    """A document may come from anywhere."""
    found = changed("run", "link", to="javascript:alert(1)")
    assert read_record(json.dumps(found).encode(), "x").link == ""


def test_times_of_other_zones_are_the_same_instant() -> None:
    """Kept in UTC."""
    found = changed("run", "started", to="2026-11-18T03:00:00+01:00")
    assert read_record(json.dumps(found).encode(), "x").started == datetime(
        2026, 11, 18, 2, tzinfo=UTC
    )


def test_a_failed_warning_fails_nothing() -> None:
    """Nor does what had too little data."""
    found = document()
    for check, (result, severity) in zip(
        found["checks"],
        [("failed", "warning"), ("not-enough-data", "error"), ("missing", "error")],
        strict=False,
    ):
        check.update(result=result, severity=severity)
    record = read_record(json.dumps(found).encode(), "x")
    missing = sum(check["result"] == "missing" for check in found["checks"])
    assert len(record.failed_checks) == missing
