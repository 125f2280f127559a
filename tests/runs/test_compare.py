"""Tests of comparing two groups of runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest
from builders import STATE
from hypothesis import given
from hypothesis import strategies as st
from week_builders import MONDAY, WEEK, endpoint_counts, kind_count, record, rule_use

from loadgate.baseline import Measured
from loadgate.difference import Difference
from loadgate.metrics import Row
from loadgate.runs import compare as module
from loadgate.runs.compare import compare
from loadgate.runs.compared import Compared, expected_rate, true_rate
from loadgate.since import ChangePoint
from loadgate.summary import EndpointCounts, RunSummary

Run = tuple[RunSummary, Measured]

COUNTS = st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 100)), min_size=1, max_size=4)
"""Requests and failures of the runs of a group."""


def row(of: EndpointCounts, numbers: Mapping[str, Fraction] | None = None) -> Row:
    """Return what one run measured at an endpoint."""
    return Row(
        runs=1,
        requests=of.requests,
        failures=of.failures,
        expected=of.expected,
        true=of.true,
        task_exceptions=None,
        allowed=of.allowed,
        numbers=numbers or {"p95": Fraction(40), "avg": Fraction(12)},
    )


def measured_of(of: RunSummary, numbers: Mapping[str, Fraction] | None = None) -> Run:
    """Return a run with what it measured, as its record says."""
    total = EndpointCounts("", "", of.requests, of.failures, of.expected, of.true, None, of.allowed)
    return of, Measured(
        total=row(total, numbers),
        endpoints={
            (one.method, one.name): row(one, numbers) for one in of.endpoints if one.requests
        },
        unsure=frozenset(),
        kinds=frozenset(),
    )


def side_by_side(base: Iterable[RunSummary], head: Iterable[RunSummary]) -> Compared:
    """Compare groups of runs."""
    return compare([measured_of(one) for one in base], [measured_of(one) for one in head])


def test_endpoints_that_got_worse_come_first() -> None:
    """By how much the rate of true failures rose; those of one group only come last."""
    base = record(
        endpoints=[
            endpoint_counts("/better", true=9),
            endpoint_counts("/gone"),
            endpoint_counts("/worse"),
        ]
    )
    head = record(
        MONDAY + WEEK,
        endpoints=[
            endpoint_counts("/better", true=1),
            endpoint_counts("/new", true=500),
            endpoint_counts("/worse", true=5, expected=3),
        ],
    )
    pairs = side_by_side([base], [head]).endpoints
    assert [(one.name, one.base is None, one.head is None) for one in pairs] == [
        ("/worse", False, False),
        ("/better", False, False),
        ("/new", True, False),
        ("/gone", False, True),
    ]
    assert true_rate(pairs[0].head) == Fraction(5, 1000)
    assert expected_rate(pairs[0].head) == Fraction(3, 1000)
    assert (true_rate(None), expected_rate(None)) == (None, None)


def test_groups_are_taken_together() -> None:
    """Counts are summed up over the runs of a group, times are medians."""
    runs = [
        measured_of(record(MONDAY, label=str(time)), {"p95": Fraction(time)})
        for time in (10, 20, 900)
    ]
    total = compare(runs, runs[:1]).base.measured.total
    assert (total.runs, total.requests, total.numbers["p95"]) == (3, 3000, Fraction(20))


def test_what_is_clearly_worse_comes_first() -> None:
    """Before a rate that rose more, but by few failures; then what is clearly slower."""
    base = record(
        endpoints=[
            endpoint_counts("/few", requests=20),
            endpoint_counts("/slower"),
            endpoint_counts("/more", requests=10_000),
        ]
    )
    head = record(
        MONDAY + WEEK,
        endpoints=[
            endpoint_counts("/few", requests=20, true=1),
            endpoint_counts("/slower"),
            endpoint_counts("/more", requests=10_000, true=90),
        ],
    )
    runs = [measured_of(base), measured_of(head)]
    times = {"p90": 38, "p95": 40, "p98": 42}
    for of, factor in zip(runs, (1, 3), strict=True):
        endpoints = of[1].endpoints
        assert isinstance(endpoints, dict)
        numbers = {name: Fraction(time * factor) for name, time in times.items()}
        endpoints["POST", "/slower"] = replace(endpoints["POST", "/slower"], numbers=numbers)
    pairs = compare(runs[:1], runs[1:]).endpoints
    assert [pair.name for pair in pairs] == ["/more", "/slower", "/few"]
    assert pairs[1].changed("p95") == "more"
    assert [pair.changed("true_failure_rate") for pair in pairs] == ["more", "chance", "chance"]


def test_percentiles_of_one_run_each() -> None:
    """A histogram tells more of them than the percentiles that a file has."""
    base, head = (measured_of(record(MONDAY + week * WEEK)) for week in range(2))
    (key,) = base[1].endpoints

    def with_row(of: Run, **changes: Any) -> Run:
        rows = {key: replace(of[1].endpoints[key], **changes)}
        return of[0], replace(of[1], endpoints=rows)

    def found(head: Run) -> dict[str, Difference]:
        return dict(compare([base], [head]).endpoints[0].differences)

    known = {"p50": 20, "p90": 50, "p95": 60, "p98": 80, "p99": 100, "p99.9": 150, "min": 1}
    numbers = {name: Fraction(time) for name, time in known.items()}
    base = with_row(base, numbers=numbers)
    csv = found(with_row(head, numbers=numbers))
    assert csv.keys() & {"avg", "p50", "p95", "p99"} == {"p95", "p99"}
    assert (csv["p95"].by, csv["p95"].change) == ("requests", "chance")
    base = with_row(base, quantile=lambda share: 1 + 60 * share)
    histogram = found(with_row(head, numbers=numbers, quantile=lambda share: 1 + 60 * share))
    assert csv["p95"].low < histogram["p95"].low < 1 < histogram["p95"].high < csv["p95"].high
    assert histogram.keys() & {"avg", "p50", "p95", "p99"} == {"p50", "p95", "p99"}
    del numbers["p90"], numbers["p50"]
    assert "p95" not in found(with_row(head, numbers=numbers))
    assert "p95" not in found(with_row(head, requests=10))
    assert "p95" not in found(with_row(head, quantile=lambda _: None))


def test_a_run_without_requests_has_no_times() -> None:
    """However its document says 0 ms."""
    nothing = replace(record(label="empty"), requests=0, endpoints=())
    base = [measured_of(record(MONDAY + week * WEEK)) for week in range(3)]
    head = measured_of(record(MONDAY + 4 * WEEK))
    empty = measured_of(nothing, {"p95": Fraction(0), "rps": Fraction(0)})
    alone, beside = (compare(runs, [head]).total for runs in (base, [*base, empty]))
    assert alone.differences["p95"] == beside.differences["p95"]


def test_a_kind_may_be_missing_for_want_of_requests() -> None:
    """It is told of the group that lacks it, as long as it has no failure of the kind."""
    kinds = [kind_count("seen", failures=1), kind_count("both", failures=1)]
    base = [record(kinds=kinds), record(MONDAY + WEEK, kinds=kinds[1:])]
    head = [record(MONDAY + 2 * WEEK, kinds=[*kinds[1:], kind_count("new", failures=40)])]
    found = {kind.signature: kind for kind in side_by_side(base, head).kinds}
    assert {name: kind.doubt for name, kind in found.items()} == {
        "new": "",
        "seen": "few-requests",
        "both": "",
    }
    assert (found["seen"].base_requests, found["seen"].head_requests) == (2000, 1000)
    assert found["new"].difference is not None
    assert found["new"].difference.change == "unclear"


def test_changes_are_looked_for_in_the_runs_of_both(monkeypatch: pytest.MonkeyPatch) -> None:
    """By start, each run once."""
    asked: list[str] = []

    def points(runs: Sequence[RunSummary]) -> tuple[ChangePoint, ...]:
        asked.extend(run.label for run in runs)
        return ()

    monkeypatch.setattr(module, "change_points", points)
    runs = [record(MONDAY + week * WEEK, label=str(week)) for week in range(4)]
    assert side_by_side([runs[0], runs[3]], [runs[1], runs[3], runs[2]]).since == ()
    assert asked == ["0", "1", "2", "3"]


def test_a_lasting_change_is_found_in_the_runs_of_both() -> None:
    """Not where the head begins, but where the change does."""
    runs = [
        replace(
            record(
                MONDAY + timedelta(days=day),
                label=f"nightly {day}",
                endpoints=[endpoint_counts(p95=380.0 + day % 3 if day > 25 else 210.0 + day % 4)],
            ),
            commit=f"commit-{day}",
        )
        for day in range(40)
    ]
    (point, *_) = [
        each for each in side_by_side(runs[:20], runs[20:]).since if each.endpoint is not None
    ]
    assert (point.metric, point.endpoint) == ("p95", ("POST", STATE))
    assert (point.last_before.label, point.first.commit) == ("nightly 25", "commit-26")


@given(COUNTS, COUNTS)
def test_swapping_base_and_head_mirrors_everything(
    base: list[tuple[int, int]], head: list[tuple[int, int]]
) -> None:
    """What is new is gone, what is more is less, and the doubts are those of the other."""
    sides = [
        [
            record(
                MONDAY + week * WEEK,
                endpoints=[endpoint_counts(requests=requests, true=min(true, requests))],
                kinds=[kind_count(failures=min(true, requests))] if true and requests else [],
            )
            for week, (requests, true) in enumerate(side)
        ]
        for side in (base, head)
    ]
    here, there = side_by_side(*sides), side_by_side(*reversed(sides))
    turned = {"more": "less", "less": "more", "new": "gone", "gone": "new"}
    for one, other in ((here, there), (there, here)):
        assert [turned.get(kind.state, kind.state) for kind in one.kinds] == [
            kind.state for kind in other.kinds
        ]
        assert [kind.doubt for kind in one.kinds] == [kind.doubt for kind in other.kinds]
        assert one.total.differences.keys() == other.total.differences.keys()
        for name, difference in one.total.differences.items():
            assert turned.get(difference.change, difference.change) == other.total.changed(name)


def test_kinds_are_new_gone_or_in_both() -> None:
    """True ones come first, of them the new ones, and a decision that changed is told as such."""
    known, gone = kind_count("known", failures=1), kind_count("gone", failures=7)
    excused = kind_count("excused", decision="expected", rule="r", failures=3)
    blamed = excused._replace(decision="true", rule=None, failures=2)
    found = side_by_side(
        [record(kinds=[known, gone, excused]), record(MONDAY + WEEK, kinds=[known])],
        [record(MONDAY + 2 * WEEK, kinds=[known._replace(failures=9), blamed])],
    ).kinds
    assert [(one.signature, one.decision, one.state, one.base, one.head) for one in found] == [
        ("excused", "true", "new", 0, 2),
        ("known", "true", "both", 2, 9),
        ("gone", "true", "gone", 7, 0),
        ("excused", "expected", "gone", 3, 0),
    ]


def test_server_errors_come_before_what_is_more_frequent() -> None:
    """So that it is never one of them that an output has no room for."""
    kinds = [kind_count("many", status=404, failures=99), kind_count("one", failures=1)]
    found = side_by_side([record()], [record(MONDAY + WEEK, kinds=kinds)]).kinds
    assert [one.signature for one in found] == ["one", "many"]


def test_rules_of_both_are_told() -> None:
    """In the order of the head; a rule that a group does not have matched nothing there, nor could it."""
    base = [record(rules=[rule_use("old"), rule_use("kept", matched=1)])] * 2
    head = [record(rules=[rule_use("added", matched=0), rule_use("kept", matched=5)])]
    found = side_by_side(base, head).rules
    assert [(one.id, one.base, one.head) for one in found] == [
        ("added", None, 0),
        ("kept", 2, 5),
        ("old", 20, None),
    ]


def test_groups_that_are_hard_to_compare_are_told() -> None:
    """Other rules, partial or empty runs, and runs that are in both groups."""
    assert side_by_side([record()], [record(MONDAY + WEEK)]).warnings == ()
    empty = replace(record(label="empty"), requests=0, endpoints=())
    head = replace(record(label="twin"), partial=True, rules_from=())
    found = side_by_side([empty, record(label="twin")], [head]).warnings
    assert [text.split(":")[0] for text in found] == [
        "the base was judged by loadgate.toml, the head by no rules",
        "of the base, these runs made no requests",
        "of the head, these runs are partial, counted strictly",
        "these runs are in both groups",
    ]


def test_runs_without_requests_have_no_rates() -> None:
    """An endpoint of no run is no endpoint, and a rate of nothing is none."""
    empty = record(endpoints=[endpoint_counts(requests=0)])
    found = side_by_side([empty], [record(MONDAY + WEEK)])
    assert true_rate(found.base.measured.total) is None
    assert [one.name for one in found.endpoints] == [STATE]
    assert found.endpoints[0].base is None


@pytest.mark.parametrize(
    ("base", "head", "told"),
    [
        pytest.param((40, 0), (0, 41), "41 as successes (allowed), 0 in the base", id="all"),
        pytest.param(
            (40, None), (0, 41), "41 as successes (allowed), not known of the base",
            id="not-known",
        ),
        pytest.param(
            (40, 40), (18, 60), "60 as successes (allowed), 40 in the base", id="half"
        ),
        pytest.param((40, 40), (38, 42), None, id="hardly"),
        pytest.param((40, 0), (0, 10), None, id="a-few"),
        pytest.param((40, 0), (0, 0), None, id="none"),
        pytest.param((40, 0), (0, None), None, id="not-recorded"),
        pytest.param((0, 40), (40, 0), None, id="back"),
    ],
)  # fmt: skip
def test_failures_that_became_allowed(
    base: tuple[int, int | None], head: tuple[int, int | None], told: str | None
) -> None:
    """They are no improvement, whatever they were decided to be."""
    sides = [
        record(MONDAY + place * WEEK, endpoints=[endpoint_counts(expected=failed, allowed=allowed)])
        for place, (failed, allowed) in enumerate([base, head])
    ]
    warnings = side_by_side(sides[:1], sides[1:]).warnings
    wanted = f"fewer failures at POST {STATE} are no improvement: the locustfile counts {told}"
    assert warnings == (() if told is None else (wanted,))


def test_rules_with_what_is_allowed() -> None:
    """Added up over the runs that were recorded; a rule that a group lacks has nothing."""
    base = [record(rules=[rule_use(allowed=3)]), record(rules=[rule_use(allowed=4), rule_use("x")])]
    rules = side_by_side(base, [record(MONDAY + WEEK, rules=[rule_use()])]).rules
    assert [(one.id, one.base, one.base_allowed, one.head, one.head_allowed) for one in rules] == [
        ("state-conflict", 20, 7, 10, None),
        ("x", 10, None, None, None),
    ]
