"""Tests of a comparison as text, Markdown and JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from gfm import page
from hypothesis import given
from hypothesis import strategies as st
from week_builders import MONDAY, WEEK, endpoint_counts, kind_count, record, rule_use

import loadgate
from loadgate.baseline import Measured
from loadgate.metrics import Row
from loadgate.render.comparison import FORMATS, render_comparison, words
from loadgate.runs.compare import compare
from loadgate.runs.compared import Compared
from loadgate.summary import EndpointCounts, RunSummary
from loadgate.text import width

from .cases import HOSTILE, PATH
from .strategies import PROPERTY, TEXTS

SCHEMA = json.loads(
    (Path(loadgate.__file__).parent / "schemas" / "comparison.json").read_text("utf-8")
)
GOLDEN = Path(__file__).parent / "golden"


def _row(of: EndpointCounts, factor: int) -> Row:
    numbers = {"avg": 5, "p50": 3, "p95": 40, "rps": 7}
    return Row(
        runs=1,
        requests=of.requests,
        failures=of.failures,
        expected=of.expected,
        true=of.true,
        task_exceptions=None,
        allowed=of.allowed,
        numbers={name: Fraction(number * factor) for name, number in numbers.items()},
    )


def _runs(records: Iterable[RunSummary], factor: int = 1) -> list[tuple[RunSummary, Measured]]:
    return [
        (
            of,
            Measured(
                total=_row(
                    EndpointCounts(
                        "", "", of.requests, of.failures, of.expected, of.true, None, of.allowed
                    ),
                    factor,
                ),
                endpoints={(one.method, one.name): _row(one, factor) for one in of.endpoints},
                unsure=frozenset(),
                kinds=frozenset(),
            ),
        )
        for of in records
    ]


def nights() -> Compared:
    """Return two nights of the main branch beside one of a branch that is slower and breaks."""
    base = [
        record(
            MONDAY + number * WEEK,
            endpoints=[
                endpoint_counts(requests=10_000, expected=100, true=5),
                endpoint_counts("/old", requests=10),
            ],
            kinds=[
                kind_count("known", failures=5),
                kind_count("conflict", status=409, decision="expected", failures=100),
            ],
            rules=[rule_use()],
        )
        for number in range(2)
    ]
    head = record(
        MONDAY + 3 * WEEK,
        label="branch",
        outcome="failed",
        endpoints=[
            endpoint_counts(requests=12_000, expected=240, true=65),
            endpoint_counts("/new", requests=10, method="GET"),
        ],
        kinds=[
            kind_count("known", failures=6),
            kind_count("", status=None, failures=59),
            kind_count("conflict", status=409, decision="expected", failures=240),
        ],
        rules=[rule_use(), rule_use("added", matched=0)],
    )
    return compare(_runs(base), _runs([replace(head, rules_from=("new.toml",))], 2))


def hostile() -> Compared:
    """Return runs in which every text is an attack."""
    one = record(
        label=HOSTILE,
        endpoints=[endpoint_counts(HOSTILE, method="")],
        kinds=[kind_count(HOSTILE, method="", name=HOSTILE)],
        rules=[rule_use(PATH)._replace(why=HOSTILE)],
    )
    return compare(
        _runs([replace(one, source=PATH, rules_from=(PATH,))]), _runs([record(MONDAY + WEEK)])
    )


def large() -> Compared:
    """Return runs with more of everything than there is room for."""
    names = [f"/endpoint/{number}/{'x' * 150}" for number in range(300)]
    one = record(
        endpoints=[endpoint_counts(name) for name in names],
        kinds=[kind_count(f"text {name}", name=name) for name in names],
        rules=[rule_use(f"rule-{number}") for number in range(300)],
    )
    many = [replace(one, label=f"run {number}", started=MONDAY) for number in range(20)]
    return compare(_runs(many), _runs([record(MONDAY + WEEK, endpoints=[])]))


def nothing() -> Compared:
    """Return runs in which nothing happened."""
    return compare(
        _runs([record(endpoints=[])]), _runs([record(MONDAY + WEEK, endpoints=[], p95=None)])
    )


CASES = {"nights": nights(), "hostile": hostile(), "large": large(), "nothing": nothing()}


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("case", ["nights", "hostile"])
def test_outputs_are_as_they_were_read(case: str, form: str, *, update_golden: bool) -> None:
    """Every byte of every output was read by somebody once."""
    path = GOLDEN / f"comparison-{case}.{form}"
    text = render_comparison(CASES[case], form)
    if update_golden:
        path.write_bytes(text.encode())
    assert text.encode() == path.read_bytes()


@pytest.mark.parametrize("case", CASES)
def test_text_fits_a_terminal(case: str) -> None:
    """No line is wider than 80 columns, nor can it steer the terminal or a log."""
    for line in render_comparison(CASES[case], "text").splitlines():
        assert width(line) <= 80
        assert line.isprintable()
        assert not line.startswith("::")
        assert "##[" not in line


@pytest.mark.parametrize("case", CASES)
def test_markdown_is_tables_and_nothing_else(case: str) -> None:
    """Hostile texts stay in their cells, and the document is small enough for a comment."""
    text = render_comparison(CASES[case], "markdown")
    assert len(text.encode()) < 60_000
    found = page(text)
    assert [*found.links, *found.images, *found.blocks] == []
    assert found.headings[:2] == [(3, "Head compared with base"), (4, "All requests")]
    assert len(found.headings) == 1 + len(found.tables) - text.count("<details>")


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_there_may_be_nothing_to_compare(form: str) -> None:
    """Then there are the totals, and no tables without rows."""
    text = render_comparison(CASES["nothing"], form)
    assert "0 new true failure kinds; p95 unchanged at 40 ms" in text
    assert "rules" not in text.lower()


def test_what_there_is_no_room_for_is_counted() -> None:
    """Both say how much more there is."""
    for form in ("text", "markdown"):
        text = render_comparison(CASES["large"], form)
        for what in ("failure kinds", "endpoints", "rules"):
            assert f"more {what}" in text, form


@pytest.mark.parametrize("form", FORMATS)
def test_no_secret_is_in_any_output(form: str) -> None:
    """Documents may come from somebody who did not mask what they hold."""
    assert "hunter2" not in render_comparison(CASES["hostile"], form)


def document(of: Compared) -> dict[str, Any]:
    """Return the document, after holding it against the published schema."""
    loaded: dict[str, Any] = json.loads(render_comparison(of, "json"))
    jsonschema.Draft202012Validator(SCHEMA).validate(loaded)
    return loaded


def test_the_schema_is_one() -> None:
    """The published schema is valid, and requires every key that it knows."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    for section in [SCHEMA, *SCHEMA["$defs"].values()]:
        assert sorted(section.get("required", ())) == sorted(section.get("properties", ()))


@pytest.mark.parametrize("case", CASES)
def test_documents_are_valid_and_complete(case: str) -> None:
    """They have the keys of the schema, in its order, and no others."""
    loaded = document(CASES[case])
    assert list(loaded) == list(SCHEMA["properties"])
    for name, entries in {
        "run": loaded["head"]["runs"],
        "row": [loaded["base"]["totals"]],
        "endpoint": loaded["endpoints"],
        "failure": loaded["failures"],
        "rule": loaded["rules"],
    }.items():
        for entry in entries:
            assert list(entry) == list(SCHEMA["$defs"][name]["properties"])


def test_numbers_of_groups() -> None:
    """Counts are sums, rates exact shares of them, percentiles by their numbers."""
    loaded = document(CASES["nights"])
    totals = loaded["base"]["totals"]
    assert (totals["runs"], totals["requests"], totals["true_failures"]) == (2, 20_020, 10)
    assert totals["true_failure_rate"] == 10 / 20_020
    assert totals["percentiles"] == {"50": 3.0, "95": 40.0}
    assert (totals["rps"], totals["min"]) == (7.0, None)
    states = {
        one["name"]: (one["base"] is None, one["head"] is None) for one in loaded["endpoints"]
    }
    assert states["/new"] == (True, False)
    assert states["/old"] == (False, True)


@PROPERTY
@given(TEXTS, TEXTS, st.integers(0, 10**18))
def test_any_text_is_shown_safely(name: str, signature: str, failures: int) -> None:
    """Whatever a run holds, no format fails or can be steered by it."""
    one = record(
        label=name,
        endpoints=[endpoint_counts(name, method=signature, requests=failures)],
        kinds=[kind_count(signature, name=name, failures=failures)],
        rules=[rule_use(name)._replace(why=signature)],
    )
    compared = compare(_runs([one]), _runs([record(MONDAY + WEEK)]))
    document(compared)
    for line in render_comparison(compared, "text").splitlines():
        assert width(line) <= 80
    assert "\x1b" not in render_comparison(compared, "markdown")


@pytest.mark.parametrize(
    ("base", "head", "told"),
    [
        pytest.param(Fraction(1, 1000), Fraction(3, 1000), "+0.2 points", id="more"),
        pytest.param(Fraction(3, 1000), Fraction(1, 1000), "-0.2 points", id="fewer"),
        pytest.param(Fraction(1, 1000), Fraction(1, 1000), "same", id="same"),
    ],
)
def test_rates_change_by_points(base: Fraction, head: Fraction, told: str) -> None:
    """A rate that doubles from 0.1% to 0.2% is told as 0.1 points, not as 100%."""
    rows = [_row(endpoint_counts(requests=1000, true=int(rate * 1000)), 1) for rate in (base, head)]
    assert words.change(rows[0], rows[1], words.TRUE_RATE) == told


def test_times_change_by_percent() -> None:
    """From nothing there is no share to tell, and of what is not there no change."""
    one = _row(endpoint_counts(), 1)
    assert words.change(one, _row(endpoint_counts(), 2), words.P95) == "+100%"
    assert words.change(_row(endpoint_counts(), 0), one, words.P95) == ""
    assert words.change(one, None, words.P95) == ""
    assert words.change(None, one, words.P95) == ""
    assert words.change(one, one, words.P99) == ""


def test_what_the_locustfile_allowed() -> None:
    """It stands beside the failures in every format; without any nothing is said of it."""
    used = rule_use(allowed=50)
    base = record(endpoints=[endpoint_counts(expected=40), endpoint_counts("/gone", allowed=2)])
    head = record(
        MONDAY + WEEK,
        endpoints=[endpoint_counts(allowed=50), endpoint_counts("/new", allowed=0)],
        rules=[used],
    )
    compared = compare(_runs([base]), _runs([head]))
    text, markdown, document = (render_comparison(compared, form) for form in FORMATS)
    assert "allowed by the locustfile      2     50" in text
    assert "allowed -, now" in text
    assert "| allowed by the locustfile | 2 | 50 | |" in markdown
    assert "| - → 50 |" in markdown
    assert "| - | 10 | - | 50 | state-conflict |" in markdown
    totals = [json.loads(document)[side]["totals"]["allowed"] for side in ("base", "head")]
    assert totals == [2, 50]
    assert json.loads(document)["rules"][0]["head_allowed"] == 50
    assert not any("llowed" in render_comparison(nights(), form) for form in ("text", "markdown"))
