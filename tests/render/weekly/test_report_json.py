"""The published JSON document of the weekly report."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator

from loadgate.render.weekly.report_json import render_json
from loadgate.weekly.model import ActionKind, Direction, Report
from render.strategies import COUNTS, PROPERTY, TEXTS

from . import weeks

SCHEMA = json.loads(
    (Path(__file__).parents[3] / "loadgate" / "schemas" / "report.json").read_text("utf-8")
)


def test_the_schema_is_one_and_knows_all_words() -> None:
    """What the nouns can say the schema allows."""
    Draft202012Validator.check_schema(SCHEMA)
    concerns = SCHEMA["properties"]["attention"]["items"]["properties"]["concern"]["enum"]
    assert tuple(concerns) == get_args(ActionKind)
    directions = SCHEMA["$defs"]["evidence"]["properties"]["direction"]["enum"]
    assert set(directions) == set(get_args(Direction))


@pytest.mark.parametrize(
    "week",
    [
        pytest.param(weeks.report, id="empty"),
        pytest.param(weeks.bad_week, id="bad"),
        pytest.param(weeks.hostile_week, id="hostile"),
        pytest.param(weeks.large_week, id="large"),
        pytest.param(weeks.recorded_week, id="recorded"),
    ],
)
def test_every_week_meets_the_schema(week: Callable[[], Report]) -> None:
    """Whatever is in it; keys are those of the schema, no more and no fewer; no secret is told."""
    text = render_json(week())
    document = json.loads(text)
    Draft202012Validator(SCHEMA).validate(document)
    assert set(document) == set(SCHEMA["properties"])
    assert "hunter2" not in text
    assert text == render_json(week())


def test_the_numbers_are_those_of_the_report() -> None:
    """Totals, both periods of an endpoint, the days of a rule."""
    document = json.loads(render_json(weeks.bad_week()))
    totals = document["totals"]
    assert totals["failures"] == totals["expected_failures"] + totals["true_failures"]
    assert totals["runs"] == len(document["runs"]) == 7
    assert document["endpoints"][0]["true_failure_rate"]["now"] == 0.0062
    assert document["rules"][1]["days_left"] == 8
    assert document["broken"] == [{"source": "runs/cut.json", "problem": "line 7: not JSON"}]
    assert document["runs"][0]["started"] == "2026-11-16T02:00:00Z"


def test_what_the_locustfile_allowed() -> None:
    """Null is not known, and never 0."""
    document = json.loads(render_json(weeks.recorded_week()))
    assert document["totals"]["allowed"] == 240
    assert [run["allowed"] for run in document["runs"][:2]] == [None, 40]
    assert [run["allowed"] for run in document["runs_before"]] == [None] * 7
    endpoint, other = document["endpoints"][:2]
    assert (endpoint["allowed"], endpoint["allowed_before"], endpoint["moved"]) == (240, None, True)
    assert (other["allowed"], other["moved"]) == (None, False)
    assert [rule["allowed"] for rule in document["rules"]] == [240, None, None]


@PROPERTY
@given(raw=TEXTS, count=COUNTS)
def test_any_text_is_valid_json(raw: str, count: int) -> None:
    """Whatever characters a text has, the document can be read, and meets the schema."""
    run = replace(weeks.record(true=count), label=raw, branch=raw, commit=raw)
    week = replace(weeks.report([run]), kinds=(weeks.kind(raw),), rules=(weeks.rule(raw),))
    text = render_json(week)
    Draft202012Validator(SCHEMA).validate(json.loads(text.encode()))
