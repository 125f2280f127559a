"""Tests of a verdict as the published JSON document."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from builders import (
    WHEN,
    check,
    classification,
    endpoint_result,
    rule,
    rule_result,
    run,
    verdict,
)
from hypothesis import given

import loadgate
from loadgate.model import Provenance, TimeSpan, Verdict
from loadgate.render import render

from .cases import CASES
from .strategies import PROPERTY, verdicts

SCHEMA = json.loads(
    (Path(loadgate.__file__).parent / "schemas" / "result.json").read_text(encoding="utf-8")
)
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def document(of: Verdict) -> dict[str, Any]:
    """Return the document, after holding it against the published schema."""
    loaded: dict[str, Any] = json.loads(render(of, "json"))
    VALIDATOR.validate(loaded)
    return loaded


def test_the_schema_is_one() -> None:
    """The published schema is valid, and describes every key that it knows."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    later = {
        "run": {"duration", "users", "history"},
        "failure": {"status_from", "likely_status", "exception"},
        "check": {"window"},
        **{section: {"allowed"} for section in ("endpoint", "rule")},
        "totals": {"allowed", "task_exception_classes"},
    }  # what older documents of version 1 lack
    for section in ("run", "totals", "endpoint", "failure", "rule", "check"):
        of = SCHEMA["$defs"][section]
        assert {*of["required"]} | later.get(section, set()) == {*of["properties"]}
        assert of["description"]


@pytest.mark.parametrize("case", CASES)
def test_every_case_is_valid_and_complete(case: str) -> None:
    """Documents have the keys of the schema, all of them, in its order, and no others."""
    loaded = document(CASES[case])
    assert list(loaded) == list(SCHEMA["properties"])
    sections = {"endpoint": "endpoints", "failure": "failures", "rule": "rules", "check": "checks"}
    for name, key in sections.items():
        for entry in loaded[key]:
            assert list(entry) == list(SCHEMA["$defs"][name]["properties"])
    for name in ("run", "totals"):
        assert list(loaded[name]) == list(SCHEMA["$defs"][name]["properties"])


@PROPERTY
@given(verdicts())
def test_any_verdict_is_valid(of: Verdict) -> None:
    """The output is UTF-8, steers nothing, and loses no count."""
    text = render(of, "json")
    assert text == text.encode().decode()
    assert text.endswith("}\n")
    assert "##" not in text
    unicode = {unicodedata.category(character) for character in text if character != "\n"}
    assert unicode.isdisjoint({"Cc", "Zl", "Zp", "Cs"})
    loaded = document(of)
    classification_ = of.classification
    totals = loaded["totals"]
    assert totals["failures"] == totals["expected_failures"] + totals["true_failures"]
    assert [(row["requests"], row["true_failures"]) for row in loaded["endpoints"]] == [
        (row.stats.requests, row.true) for row in classification_.endpoints
    ]
    assert [row["count"] for row in loaded["failures"]] == [
        kind.count for kind in classification_.failures
    ]
    assert [row["matched"] for row in loaded["rules"]] == [
        result.matched for result in classification_.rules
    ]
    assert len(loaded["checks"]) == len(of.checks)


def test_rates_without_requests() -> None:
    """Failures without requests are a rate of 1; neither is no rate at all."""
    totals = document(CASES["no-evidence"])["totals"]
    assert (totals["failure_rate"], totals["true_failure_rate"]) == (None, None)
    row = endpoint_result(requests=0, expected=0, true=3)
    totals = document(verdict(of=classification(endpoints=[row])))["totals"]
    assert (totals["true_failure_rate"], totals["expected_failure_rate"]) == (1.0, None)


def test_numbers_have_their_unit() -> None:
    """Counts are whole numbers, rates shares, latencies milliseconds."""
    checks = document(
        verdict(
            check("true_failures <= 3", actual="2"),
            check("true_failure_rate <= 25%", actual="12.5%"),
            check("p95 <= 1.5s", actual=None, result="missing"),
            check("rps >= 2", actual="2.5"),
        )
    )["checks"]
    assert [(row["unit"], repr(row["actual"]), repr(row["limit"])) for row in checks] == [
        ("count", "2", "3"),
        ("ratio", "0.125", "0.25"),
        ("ms", "None", "1500.0"),
        ("1/s", "2.5", "2.0"),
    ]


def test_what_a_rule_does_not_say_is_null() -> None:
    """Optional fields of a rule are there, empty ones null."""
    bare = rule(origin="")
    (row,) = document(verdict(of=classification(rules=[rule_result(bare)])))["rules"]
    assert {key for key, value in row.items() if value is None} == {
        "allowed",
        "at_most",
        "owner",
        "ticket",
        "expires",
        "origin",
    }


def test_when_the_run_was_and_what_was_tested() -> None:
    """Times are ISO 8601 in UTC; what is not known is null."""
    of = verdict(provenance=Provenance(branch="main", link="https://ci.example/7"))
    run_ = document(of)["run"]
    assert (run_["started"], run_["ended"]) == ("2026-11-23T06:00:00Z", "2026-11-23T06:05:00Z")
    assert (run_["time_from"], run_["branch"], run_["commit"]) == ("history", "main", None)
    assert run_["link"] == "https://ci.example/7"


@pytest.mark.parametrize(
    ("time", "warning"),
    [
        pytest.param(None, "the time of the run is unknown", id="none"),
        pytest.param(replace(WHEN, source="file"), "modification time is used", id="file"),
    ],
)
def test_a_time_that_is_a_guess_says_so(time: TimeSpan | None, warning: str) -> None:
    """Only here, as no other format shows the time."""
    of = verdict(of=classification(of=run(time=time)))
    assert warning in document(of)["warnings"][-1]
    assert "when the run was" not in render(of, "text")
