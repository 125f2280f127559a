"""How endpoints, kinds and rules fared in two periods."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from week_builders import (
    MONDAY,
    TODAY,
    endpoint_counts,
    kind_count,
    nights,
    record,
    rule_use,
)

from loadgate.model import OTHER_SIGNATURES, UNEXPLAINED
from loadgate.summary import RunSummary
from loadgate.weekly.model import KindTrend
from loadgate.weekly.trends import endpoint_trends, kind_trends, rule_trends, whole_runs


def runs(week: int, *true: int, **fields: Any) -> list[RunSummary]:
    """Return nightly runs with so many true failures each."""
    return [
        record(night, endpoints=[endpoint_counts(true=count, **fields)])
        for night, count in zip(nights(*range(len(true)), week=week), true, strict=True)
    ]


def test_whole_runs() -> None:
    """Rates of all requests, and the median of the p95; runs without requests have neither."""
    empty = record(nights(6)[0], endpoints=[], p95=0.0)
    rate, p95 = whole_runs([*runs(0, 9, 8, 9, 12, 10), empty], runs(-1, 1, 0, 2, 1, 1))
    assert (rate.direction, rate.now, rate.before) == ("worse", 48 / 5000, 5 / 5000)
    assert (rate.runs_now, p95.runs_now, p95.now) == (5, 5, 40.0)


def test_endpoints_are_summed_and_compared() -> None:
    """The worse come first, then those with most failures, then by name."""
    names = {"/a": (0, 0), "/b": (9, 1), "/c": (3, 3)}

    def night(start: Any, place: int) -> RunSummary:
        rows = [endpoint_counts(name, true=true[place], expected=2) for name, true in names.items()]
        return record(start, endpoints=rows)

    found = endpoint_trends(
        [night(start, 0) for start in nights(*range(6))],
        [night(start, 1) for start in nights(*range(6), week=-1)],
    )
    assert [(one.name, one.true, one.expected, one.requests) for one in found] == [
        ("/b", 54, 12, 6000),
        ("/c", 18, 12, 6000),
        ("/a", 0, 12, 6000),
    ]
    assert [one.true_rate.direction for one in found] == ["worse", "same", "unclear"]
    assert {one.p95.direction for one in found} == {"same"}


@pytest.mark.parametrize("name", ["NA", "null", "nan", "", "None", "0", "\u2028"])
def test_odd_names_are_names(name: str) -> None:
    """What pandas takes for nothing in files is a name here."""
    rows = [endpoint_counts(name, true=1), endpoint_counts(name, method="NA", true=2)]
    kinds = [kind_count(name, name=name, rule=None), kind_count(name, name=name, method="NA")]
    of = [record(endpoints=rows, kinds=kinds)]
    found = {(one.method, one.name): one.true for one in endpoint_trends(of, [])}
    assert found == {("POST", name): 1, ("NA", name): 2}
    assert [one.signature for one in kind_trends(of, [], [])] == [name, name]


def test_endpoints_of_one_period_only() -> None:
    """They are new or gone, and their numbers are those that there are."""
    new = record(nights(0)[0], endpoints=[endpoint_counts("/new", true=1, p95=None)])
    old = record(nights(0, week=-1)[0], endpoints=[endpoint_counts("/old", true=1)])
    found = {one.name: one for one in endpoint_trends([new], [old])}
    assert (found["/new"].true_rate.direction, found["/new"].true_rate.before) == ("new", None)
    assert found["/new"].p95.direction == "unclear"
    assert (found["/old"].true_rate.direction, found["/old"].requests) == ("gone", 0)


def test_without_runs_there_are_no_trends() -> None:
    """Empty weeks are no error."""
    assert endpoint_trends([], []) == ()
    assert kind_trends([], [], []) == ()
    assert rule_trends([], TODAY) == ()
    assert whole_runs([], [])[0].now is None


# --- kinds ----------------------------------------------------------------------------------------


def kinds_of(
    now: list[RunSummary],
    before: list[RunSummary] | None = None,
    older: list[RunSummary] | None = None,
) -> list[KindTrend]:
    """Return the kinds of two periods, of which older runs may know some."""
    return [*kind_trends(now, before or [], older or [])]


def with_kinds(start: Any, *signatures: str, **fields: Any) -> RunSummary:
    """Return a run with these kinds of failures."""
    return record(start, kinds=[kind_count(signature, **fields) for signature in signatures])


def test_new_known_and_gone_kinds() -> None:
    """New is what no run before had, however long ago; gone what only the period before had."""
    found = kinds_of(
        [with_kinds(nights(0)[0], "new", "known", "old friend"), with_kinds(nights(3)[0], "new")],
        [with_kinds(nights(0, week=-1)[0], "known", "gone")],
        [with_kinds(nights(0, week=-5)[0], "old friend")],
    )
    assert [(one.signature, one.state) for one in found] == [
        ("new", "new"),
        ("known", "known"),
        ("old friend", "known"),
        ("gone", "gone"),
    ]
    new, known, friend, gone = found
    assert (new.count, new.before, new.runs) == (10, 0, 2)
    assert (new.first_seen, new.last_seen) == tuple(nights(0, 3))
    assert (known.count, known.before) == (5, 5)
    assert friend.first_run == "run 2026-10-12 02:00"
    assert (gone.count, gone.before, gone.runs) == (0, 5, 0)


def test_the_first_week_ever_has_nothing_new() -> None:
    """There is nothing that it could be new against."""
    (found,) = kinds_of([with_kinds(nights(0)[0], "x")])
    assert found.state == "known"


def test_runs_long_ago_are_enough_to_be_new_against() -> None:
    """Also where nothing ran in the period before."""
    (found,) = kinds_of([with_kinds(nights(0)[0], "x")], older=[record(nights(0, week=-4)[0])])
    assert found.state == "new"


@pytest.mark.parametrize("signature", [OTHER_SIGNATURES, UNEXPLAINED])
def test_what_is_rolled_up_is_never_new(signature: str) -> None:
    """It is many texts, or none."""
    (found,) = kinds_of([with_kinds(nights(0)[0], signature)], [record(nights(0, week=-1)[0])])
    assert found.state == "known"


def test_growing_kinds() -> None:
    """By the same evidence over runs as endpoints, also those runs that do not have it."""
    now = [with_kinds(night, "grows", "stays") for night in nights(*range(6))]
    before = [with_kinds(night, "stays") for night in nights(*range(6), week=-1)]
    before[0] = with_kinds(before[0].started, "grows", "stays", failures=1)
    found = {one.signature: one.state for one in kinds_of(now, before)}
    assert found == {"grows": "growing", "stays": "known"}


def test_kinds_are_told_apart_by_all_that_makes_them() -> None:
    """Status, decision and endpoint; an unknown status is one."""
    night = nights(0)[0]
    kinds = [
        kind_count("x"),
        kind_count("x", status=None),
        kind_count("x", name="/other"),
        kind_count("x", decision="expected", rule="r"),
        kind_count("x", decision="expected", rule="r", failures=2),
    ]
    found = kinds_of([record(night, kinds=kinds)])
    assert [(one.name == "/other", one.status, one.rule, one.count) for one in found] == [
        (True, 500, None, 5),
        (False, 500, None, 5),
        (False, None, None, 5),
        (False, 500, "r", 7),
    ]


# --- rules ----------------------------------------------------------------------------------------


def test_rules_over_the_runs() -> None:
    """Sums, the largest use, and what the last run says of state and expiry."""
    night = nights(0, 1, 2)
    uses = [
        rule_use(matched=10, used=0.1),
        rule_use(matched=0, used=None, state="idle"),
        rule_use(matched=5, used=0.2, expires=TODAY + timedelta(days=3)),
    ]
    records = [record(start, rules=[use]) for start, use in zip(night, uses, strict=True)]
    records.append(record(nights(3)[0], rules=[rule_use("idle", matched=0, used=None)]))
    records.append(
        record(nights(4)[0], rules=[rule_use("old", state="expired", expires=MONDAY.date())])
    )
    found = {one.id: one for one in rule_trends(records, TODAY)}
    assert [*found] == ["state-conflict", "old", "idle"]
    used = found["state-conflict"]
    assert (used.matched, used.runs, used.runs_matched, used.used) == (15, 3, 2, 0.2)
    assert (used.state, used.days_left) == ("used", 3)
    assert (found["idle"].state, found["idle"].days_left, found["idle"].used) == (
        "idle",
        None,
        None,
    )
    assert (found["old"].state, found["old"].days_left) == ("expired", -7)


# --- allowed by the locustfile --------------------------------------------------------------------

OFTEN = [40, 42, 38, 41, 39]
NEVER = [0] * 5


def conflicts(week: int, true: list[int], allowed: list[int] | None, **fields: Any) -> Any:
    """Return nightly runs with so many true and so many allowed failures each."""
    known: Sequence[int | None] = allowed or [None] * 5
    return [
        record(night, endpoints=[endpoint_counts(true=failed, allowed=count, **fields)])
        for night, failed, count in zip(nights(*range(5), week=week), true, known, strict=True)
    ]


@pytest.mark.parametrize(
    ("now", "before", "moved", "direction"),
    [
        pytest.param((NEVER, OFTEN), (OFTEN, NEVER), True, "unclear", id="all"),
        pytest.param((NEVER, OFTEN), (OFTEN, None), True, "unclear", id="not-known-before"),
        pytest.param(([13] * 5, [26] * 5), (OFTEN, NEVER), True, "unclear", id="two-of-three"),
        pytest.param(([20] * 5, [40] * 5), ([41] * 5, [19] * 5), True, "unclear", id="half-more"),
        pytest.param((NEVER, [200] * 5), (OFTEN, NEVER), True, "unclear", id="and-more"),
        pytest.param((NEVER, NEVER), (OFTEN, NEVER), False, "better", id="none"),
        pytest.param((NEVER, None), (OFTEN, NEVER), False, "better", id="not-recorded"),
        pytest.param((NEVER, OFTEN), (OFTEN, OFTEN), False, "better", id="as-before"),
        pytest.param(([1] * 5, [2] * 5), (OFTEN, [1] * 5), False, "better", id="a-few"),
        pytest.param((OFTEN, NEVER), (NEVER, OFTEN), False, "worse", id="back"),
        pytest.param((OFTEN, [80] * 5), (NEVER, NEVER), False, "worse", id="both-rise"),
        pytest.param(([39] * 5, [200] * 5), (OFTEN, NEVER), False, "same", id="many-more"),
    ],
)
def test_failures_that_became_allowed(now: Any, before: Any, moved: bool, direction: str) -> None:
    """They are no improvement, neither of the endpoint nor of the whole runs."""
    runs = conflicts(0, *now), conflicts(-1, *before)
    (trend,) = endpoint_trends(*runs)
    assert (trend.moved, trend.true_rate.direction) == (moved, direction)
    assert whole_runs(*runs)[0].direction == direction
    assert trend.true_rate.words.endswith(", but more are allowed") == (direction == "unclear")


def test_what_is_allowed_is_known_of_recorded_runs() -> None:
    """Its share is that of their requests: others say nothing of it."""
    before = conflicts(-1, OFTEN, NEVER)
    now = [*conflicts(0, NEVER, OFTEN)[:3], *conflicts(0, NEVER, None)[3:]]
    (trend,) = endpoint_trends(now, before)
    assert (trend.allowed, trend.allowed_before, trend.moved) == (120, 0, True)


def test_expected_failures_that_became_allowed() -> None:
    """The rule that excuses them has no part in it."""
    now = conflicts(0, NEVER, OFTEN, expected=0)
    before = conflicts(-1, NEVER, NEVER, expected=40)
    assert [trend.moved for trend in endpoint_trends(now, before)] == [True]


def test_rules_whose_statuses_are_allowed() -> None:
    """Such a rule is used, and so is its budget."""
    used = rule_use(matched=0, allowed=30, used=0.2)
    idle = rule_use("idle", matched=0, allowed=0, used=None, state="idle")
    rules = rule_trends(
        [record(rules=[idle, used, rule_use("plain")]), record(rules=[idle, used])], TODAY
    )
    assert [
        (rule.id, rule.state, rule.allowed, rule.runs_matched, rule.used) for rule in rules
    ] == [
        ("plain", "used", None, 1, 0.1),
        ("state-conflict", "used", 60, 2, 0.2),
        ("idle", "idle", 0, 0, None),
    ]
