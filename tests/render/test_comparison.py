"""Tests of a comparison as text, Markdown and JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import jsonschema
import pytest
from gfm import page
from hypothesis import given
from hypothesis import strategies as st
from week_builders import MONDAY, WEEK, endpoint_counts, kind_count, record, rule_use

import loadgate
from loadgate.baseline import Measured
from loadgate.difference import Difference
from loadgate.metrics import Row
from loadgate.render.comparison import FORMATS, render_comparison, words
from loadgate.runs.compare import compare
from loadgate.runs.compared import Compared
from loadgate.since import ChangePoint
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
    assert "0 new true failure kinds; p95 unchanged at 40 ms\n" in text
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


def _headline(
    base: Iterable[EndpointCounts], head: Iterable[EndpointCounts], factor: int = 1
) -> str:
    """Return what is said of groups whose runs have one endpoint each."""
    sides = [
        [record(MONDAY + week * WEEK, endpoints=[counts]) for week, counts in enumerate(of_runs)]
        for of_runs in (base, head)
    ]
    return words.headline(compare(_runs(sides[0]), _runs(sides[1], factor)))


@pytest.mark.parametrize(
    ("base", "head", "told"),
    [
        pytest.param(
            [(1, 1629)],
            [(0, 1601)],
            "true failures 1 of 1,629 (0.0614%) → 0 of 1,601 (0%):"
            " within chance (difference -0.35 to +0.18 points)",
            id="chance",
        ),
        pytest.param(
            [(0, 1601)],
            [(1, 1629)],
            "true failures 0 of 1,601 (0%) → 1 of 1,629 (0.0614%):"
            " within chance (difference -0.18 to +0.35 points)",
            id="mirrored",
        ),
        pytest.param(
            [(1, 1629)],
            [(40, 1601)],
            "true failures 1 of 1,629 (0.0614%) → 40 of 1,601 (2.5%):"
            " more, or a burst (difference +1.7 to +3.3 points)",
            id="more",
        ),
        pytest.param(
            [(400, 1601)],
            [(1, 1629)],
            "true failures 400 of 1,601 (25%) → 1 of 1,629 (0.0614%):"
            " fewer, or a burst (difference -27 to -23 points)",
            id="fewer",
        ),
        pytest.param(
            [(10_000, 100_000)],
            [(11_000, 100_000)],
            "true failures 10,000 of 100,000 (10%) → 11,000 of 100,000 (11%):"
            " small change (difference +0.73 to +1.3 points)",
            id="small",
        ),
        pytest.param(
            [(1, 1000)] * 4,
            [(40, 1000)] * 4,
            "true failures 4 of 4,000 (0.1%) → 160 of 4,000 (4%):"
            " more (difference +3.2 to +4.7 points)",
            id="several-runs",
        ),
        pytest.param(
            [(1, 1000)] * 4,
            [(40, 1000), (0, 1000), (0, 1000), (0, 1000)],
            "true failures 4 of 4,000 (0.1%) → 40 of 4,000 (1%):"
            " within normal variation (difference -2.2 to +4.6 points)",
            id="one-bad-run",
        ),
        pytest.param(
            [(0, 3)],
            [(3, 3)],
            "true failures 0 of 3 (0%) → 3 of 3 (100%):"
            " few failures (difference +21 to +100 points)",
            id="few",
        ),
        pytest.param([(0, 10)], [(0, 20)], "no true failures", id="none"),
        pytest.param(
            [(0, 0)], [(2, 20)], "true failures no requests → 2 of 20 (10%)", id="no-requests"
        ),
    ],
)
def test_true_failures_are_counts_and_an_interval(
    base: list[tuple[int, int]], head: list[tuple[int, int]], told: str
) -> None:
    """What is within chance is called that."""
    before, now = (
        [endpoint_counts(requests=requests, true=true) for true, requests in side]
        for side in (base, head)
    )
    assert _headline(before, now) == f"0 new true failure kinds; {told}; p95 unchanged at 40 ms"


@pytest.mark.parametrize(
    ("runs", "factor", "told"),
    [
        pytest.param(4, 2, "p95 40 ms → 80 ms: slower (difference +98% to +100%)", id="slower"),
        pytest.param(1, 2, "p95 40 ms → 80 ms: no interval", id="one-run-each"),
        pytest.param(4, 1, "p95 unchanged at 40 ms", id="same"),
    ],
)
def test_times_are_compared_over_runs(runs: int, factor: int, told: str) -> None:
    """By percent; where nothing is known of how they vary, nothing is said."""
    counts = [endpoint_counts(true=5)] * runs
    assert _headline(counts, counts, factor).endswith(f"; {told}")


def test_without_a_p95_nothing_is_said_of_it() -> None:
    """As where Locust was told to write other percentiles."""
    of = nights()
    rows = [replace(row, numbers={}) for row in (of.total.base, of.total.head) if row is not None]
    total = replace(of.total, base=rows[0], head=rows[1], differences={})
    assert words.headline(replace(of, total=total)).endswith(" (0.541%): no interval")


@pytest.mark.parametrize(
    ("low", "high", "of", "told"),
    [
        pytest.param(0.0035, 0.0124, "points", "+0.35 to +1.2 points", id="points"),
        pytest.param(-0.5, 0.0, "points", "-50 to 0 points", id="none"),
        pytest.param(1.6, 2.1, "ratio", "+60% to +110%", id="percent"),
        pytest.param(0.951, 1.123, "ratio", "-4.9% to +12%", id="both-ways"),
        pytest.param(3.0, 3.0001, "ratio", "+200%", id="exactly"),
        pytest.param(1e-130, 1e130, "ratio", "-100% to over +9,900%", id="nothing-known"),
        pytest.param(1e5, 1e9, "ratio", "over +9,900%", id="from-nothing"),
    ],
)
def test_intervals(low: float, high: float, of: Literal["points", "ratio"], told: str) -> None:
    """Two digits; how far beyond a hundred times it reaches says nothing more."""
    found = Difference(low=low, high=high, of=of, by="runs", confidence=0.95, minor="")
    assert words.interval(found) == told


def test_a_group_and_itself_have_no_change() -> None:
    """Whatever is in it."""
    runs = [*nights().base.runs, *nights().head.runs]
    for group in (runs, runs[:1]):
        text = render_comparison(compare(_runs(group), _runs(group)), "text")
        assert "within" in text
        for word in ("more,", "more (", "fewer", "slower", "faster", "small change", "may be"):
            assert word not in text


def test_what_clearly_changed_is_said_at_its_endpoint() -> None:
    """With its numbers, unless they are in columns; what did not is not said."""
    name = "/slower"
    base = [
        record(MONDAY + number * WEEK, endpoints=[endpoint_counts(name)]) for number in range(5)
    ]
    head = [
        record(MONDAY + number * WEEK, endpoints=[endpoint_counts(name, true=50)])
        for number in range(5, 9)
    ]
    compared = compare(_runs(base), _runs(head, 3))
    assert words.changes(compared.endpoints[0]) == (
        "true failures: more (+4 to +6.2 points); requests/s: more (+200%);"
        " slower: p95 (+190% to +210%), p50, average"
    )
    text, markdown = (render_comparison(compared, form) for form in ("text", "markdown"))
    assert "true failures: more" in text
    assert "| true failures: more (+4 to +6.2 points); requests/s" in markdown
    assert words.SINGLE[:20] not in text


def test_new_kinds_that_may_be_chance() -> None:
    """One in 1,000 may be missing in 1,000 others; forty are not, nor is more a change of both."""
    base = record(
        endpoints=[endpoint_counts(), endpoint_counts("/few", requests=50)],
        kinds=[kind_count("grew", failures=2), kind_count("gone", failures=1)],
    )
    head = record(
        MONDAY + WEEK,
        endpoints=[endpoint_counts(), endpoint_counts("/few"), endpoint_counts("/new")],
        kinds=[
            kind_count("rare", failures=1),
            kind_count("grew", failures=90),
            kind_count("often", failures=40),
            kind_count("few", name="/few", failures=40),
            kind_count("new", name="/new", failures=40),
        ],
    )
    compared = compare(_runs([base]), _runs([head]))
    assert {kind.signature: words.note(kind) for kind in compared.kinds} == {
        "rare": "may be chance: 1,000 requests in the base are too few to tell",
        "often": "",
        "few": "may be chance: 50 requests in the base are too few to tell",
        "new": "the base made no requests here",
        "grew": "more, or a burst (+6.5 to +11 points)",
        "gone": "may be chance: 1,000 requests in the head are too few to tell",
    }
    assert words.headline(compared).startswith("4 new true failure kinds (2 may be chance), 1 gone")
    text, markdown, loaded = (render_comparison(compared, form) for form in FORMATS)
    assert "may be chance: 50 requests" in text
    assert "| may be chance: 50 requests in the base are too few to tell |" in markdown
    doubts = {kind["signature"]: kind["doubt"] for kind in json.loads(loaded)["failures"]}
    assert (doubts["rare"], doubts["often"], doubts["new"]) == ("few-requests", None, "no-requests")


def _points(number: int) -> tuple[ChangePoint, ...]:
    """Return so many changes of an endpoint, and one of the whole run."""
    last, first = (
        replace(record(MONDAY + week * WEEK, label=label), commit=commit, link=link)
        for week, (label, commit, link) in enumerate(
            [("nightly 1", "", ""), ("nightly 2", "4af31c2", "https://ci.example/2?token=hunter2")]
        )
    )
    point = ChangePoint(
        metric="p95",
        endpoint=("POST", "/rpc?key=hunter2"),
        before=210.0,
        after=380.0,
        runs_before=9,
        runs_after=5,
        last_before=last,
        first=first,
    )
    of_all = replace(point, metric="true_failure_rate", endpoint=None, before=0.001, after=0.02)
    return (*[point] * number, replace(of_all, first=last))


def test_since_when() -> None:
    """Each change with the run, its commit and its link."""
    compared = replace(nights(), since=_points(1))
    text, markdown, loaded = (render_comparison(compared, form) for form in FORMATS)
    assert (
        "- p95 of POST /rpc?***: 210 ms → 380 ms since nightly 2 (commit 4af31c2,\n"
        "  https://ci.example/2?token=***)\n"
        "- true failures of the whole run: 0.1% → 2% since nightly 1\n"
    ) in text
    assert "- p95 of `POST /rpc?***`: 210 ms → 380 ms since " in markdown
    assert "- true failures of the whole run: 0.1% → 2% since `nightly 1`\n" in markdown
    document(compared)
    of_endpoint, of_all = json.loads(loaded)["since"]
    assert (of_endpoint["metric"], of_endpoint["name"]) == ("p95", "/rpc?***")
    assert (of_endpoint["first"]["commit"], of_endpoint["last_before"]["label"]) == (
        "4af31c2",
        "nightly 1",
    )
    assert (of_all["method"], of_all["name"], of_all["after"]) == (None, None, 0.02)
    assert "hunter2" not in text + markdown + loaded


def test_a_link_leads_to_the_run() -> None:
    """Where Markdown may hold it."""
    point, *_ = _points(1)
    linked = replace(point, first=replace(point.first, link="https://ci.example/2"))
    text = render_comparison(replace(nights(), since=(linked,)), "markdown")
    assert "since [`nightly 2`](https://ci.example/2) (commit `4af31c2`)\n" in text


def test_hostile_texts_of_changes_stay_where_they_are() -> None:
    """In a line of Markdown, and in lines of a terminal."""
    point, *_ = _points(1)
    run = replace(point.first, label=HOSTILE, commit=HOSTILE, link=HOSTILE)
    compared = replace(nights(), since=(replace(point, endpoint=("", HOSTILE), first=run),))
    found = page(render_comparison(compared, "markdown"))
    assert [*found.links, *found.images, *found.blocks] == []
    for line in render_comparison(compared, "text").splitlines():
        assert width(line) <= 80
        assert line.isprintable()


def test_of_many_changes_the_first_are_shown() -> None:
    """The others are counted."""
    compared = replace(nights(), since=_points(300))
    assert "- and 293 more changes\n" in render_comparison(compared, "text")
    markdown = render_comparison(compared, "markdown")
    assert "more changes\n" in markdown
    assert len(markdown.encode()) < 60_000


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
    assert re.search(r"^allowed by the locustfile +2 +50$", text, re.MULTILINE)
    assert "allowed - → 50" in text
    assert "| allowed by the locustfile | 2 | 50 | |" in markdown
    assert "| - → 50 |" in markdown
    assert "| - | 10 | - | 50 | state-conflict |" in markdown
    totals = [json.loads(document)[side]["totals"]["allowed"] for side in ("base", "head")]
    assert totals == [2, 50]
    assert json.loads(document)["rules"][0]["head_allowed"] == 50
    assert not any("llowed" in render_comparison(nights(), form) for form in ("text", "markdown"))
