"""Tests of comparing two groups of runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction

import pytest
from builders import STATE
from week_builders import MONDAY, WEEK, endpoint_counts, kind_count, record, rule_use

from loadgate.baseline import Measured
from loadgate.metrics import Row
from loadgate.runs.compare import compare
from loadgate.runs.compared import Compared, expected_rate, true_rate
from loadgate.summary import EndpointCounts, RunSummary

Run = tuple[RunSummary, Measured]


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
