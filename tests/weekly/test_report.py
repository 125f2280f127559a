"""The report on a period: its headline, action items and sums."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from week_builders import (
    MONDAY,
    THIS_WEEK,
    TODAY,
    WEEK_BEFORE,
    collection,
    endpoint_counts,
    kind_count,
    nights,
    record,
    rule_use,
)

from loadgate.model import Outcome
from loadgate.summary import RunSummary, Unreadable
from loadgate.weekly import significance
from loadgate.weekly.model import ActionItem, ActionKind, Report
from loadgate.weekly.period import choose_period
from loadgate.weekly.report import report
from loadgate.weekly.words import milliseconds, percent


def made(*records: RunSummary, **fields: Any) -> Report:
    """Return the report on the week of the builders."""
    return report(collection(*records, **fields), THIS_WEEK, WEEK_BEFORE, today=TODAY)


def sentences(of: Report) -> dict[ActionKind, list[str]]:
    """Return the sentences of what needs a person, by concern, in order."""
    found: dict[ActionKind, list[str]] = {}
    for one in of.action_items:
        found.setdefault(one.kind, []).append(one.sentence)
    return found


def failing(start: datetime, true: int = 0, **fields: Any) -> RunSummary:
    """Return a run with so many true failures."""
    return record(start, endpoints=[endpoint_counts(true=true)], **fields)


def with_errors(
    days: Iterable[int],
    errors: Mapping[int, int] | None = None,
    *,
    week: int = 0,
    outcome: Outcome = "passed",
    **fields: Any,
) -> list[RunSummary]:
    """Return nightly runs with so many 500s by day; those with some have the outcome."""
    runs = []
    for day, start in zip(days, nights(*days, week=week), strict=True):
        failures = (errors or {}).get(day, 0)
        runs.append(
            failing(
                start,
                failures,
                commit=f"c{day}",
                kinds=[kind_count(failures=failures)] if failures else [],
                outcome=outcome if failures else "passed",
                **fields,
            )
        )
    return runs


# --- the sentence ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("records", "headline"),
    [
        pytest.param([], "Nothing ran.", id="nothing"),
        pytest.param(
            [record(nights(0, week=-1)[0])], "Nothing ran; 1 run in the period before.",
            id="nothing-any-more",
        ),
        pytest.param(
            [record()], "Fine: 1 run passed; no runs before to compare with.", id="one-run"
        ),
        pytest.param(
            [record(endpoints=[], outcome="no-evidence")], "Not fine: 1 run made no requests.",
            id="no-evidence",
        ),
        pytest.param(
            [failing(start, 2, outcome="failed") for start in nights(0, 1)],
            "Not fine: 2 of 2 runs failed; 0.2% of requests were true failures, mostly"
            " POST /tools/[id]/state.",
            id="the-first-week",
        ),
        pytest.param(
            [failing(nights(0)[0], 2), failing(nights(0, week=-1)[0], 1)],
            "Fine: 1 run passed; too few runs to tell whether anything changed; 0.2% of requests"
            " were true failures, 0.1% in the period before, mostly POST /tools/[id]/state.",
            id="two-weeks",
        ),
        pytest.param(
            [
                record(endpoints=[endpoint_counts(n, true=1) for n in ("/a", "/b")]),
                record(nights(2)[0], outcome="failed"),
                record(nights(3)[0], outcome="no-evidence", endpoints=[]),
            ],
            "Not fine: 1 of 3 runs failed, 1 made no requests; 0.0667% of requests were true"
            " failures.",
            id="spread-out",
        ),
        pytest.param(
            [record(endpoints=[endpoint_counts("/a", requests=5, true=5)], task_exceptions=1)],
            "Passed, but not fine: every request to POST /a was a true failure; 1 task exception;"
            " 1 run passed; 100% of requests were true failures.",
            id="all-of-one-endpoint",
        ),
        pytest.param(
            [record(endpoints=[endpoint_counts("/a", requests=10, true=12)])],
            "Passed, but not fine: every request to POST /a was a true failure; 1 run passed;"
            " 100% of requests were true failures.",
            id="more-failures-than-requests",
        ),
        pytest.param(
            [
                record(
                    start,
                    endpoints=[
                        endpoint_counts("/a", requests=5, true=5 - day),
                        endpoint_counts("/b", requests=5, true=5),
                        endpoint_counts("/c", requests=990),
                    ],
                    task_exceptions=14_715 if day else None,
                )
                for day, start in enumerate(nights(0, 1))
            ],
            "Passed, but not fine: every request to POST /b was a true failure in 2 of 2 runs; the"
            " same at 1 more endpoint; 14,715 task exceptions; 2 runs passed; 0.95% of requests"
            " were true failures.",
            id="all-of-some-endpoints-of-some-runs",
        ),
        pytest.param(
            [*with_errors(range(7), week=-1), *with_errors(range(7))],
            "Fine: 7 runs passed; nothing changed.", id="nothing-changed",
        ),
        pytest.param(
            [*with_errors(range(7), week=-1), *with_errors(range(7), {4: 90, 5: 90, 6: 90})],
            "Passed, but not fine: 500 at POST /tools/[id]/state since run 2026-11-20 02:00 (commit"
            " c4); 7 runs passed; 3.86% of requests were true failures, 0% in the period before.",
            id="new-errors-that-the-gate-let-pass",
        ),
        pytest.param(
            [*with_errors(range(7), week=-1), *with_errors(range(7), {5: 90, 6: 90}, outcome="failed")],
            "Not fine: 500 at POST /tools/[id]/state since run 2026-11-21 02:00 (commit c5); 2 of 7"
            " runs failed; 2.57% of requests were true failures, 0% in the period before.",
            id="new-errors",
        ),
        pytest.param(
            [*with_errors(range(7), dict.fromkeys(range(7), 30), week=-1),
             *with_errors(range(7), dict.fromkeys(range(7), 30), outcome="failed")],
            "Not fine: 500 at POST /tools/[id]/state since before the first run given; 7 of 7 runs"
            " failed; 3% of requests were true failures, 3% in the period before.",
            id="known-errors-that-fail-the-gate",
        ),
        pytest.param(
            [*with_errors(range(7), dict.fromkeys(range(7), 30), week=-1),
             *with_errors(range(7), dict.fromkeys(range(7), 30))],
            "Fine: 7 runs passed; nothing changed; still there: 500 at POST /tools/[id]/state since"
            " before the first run given; 3% of requests were true failures, 3% in the period"
            " before.",
            id="known-errors",
        ),
        pytest.param(
            [*with_errors(range(7), {2: 90, 3: 90}, week=-1), *with_errors(range(7))],
            "Fine: 7 runs passed; 500 at POST /tools/[id]/state from run 2026-11-11 02:00 to run"
            " 2026-11-12 02:00, over; 0% of requests were true failures, 2.57% in the period"
            " before.",
            id="over",
        ),
    ],
)  # fmt: skip
def test_the_headline(records: list[RunSummary], headline: str) -> None:
    """One sentence that says how the week was."""
    assert made(*records).headline == headline


# --- what needs a person --------------------------------------------------------------------------


def test_a_quiet_week_needs_nobody() -> None:
    """Runs passed, nothing changed, rules are used."""
    runs = [record(night, rules=[rule_use()]) for night in nights(0, 1, 2)]
    assert made(*runs).action_items == ()


def test_a_week_in_which_nothing_ran_needs_somebody() -> None:
    """Unless there is nothing at all: whoever starts the tests knows whether that is right."""
    assert made().action_items == ()
    assert sentences(made(record(nights(0, week=-1)[0]))) == {
        "nothing-ran": ["no runs in this period; 1 run in the period before"]
    }
    far = made(record(nights(0, week=-5)[0]), record(nights(1, week=-5)[0]))
    (sentence,) = sentences(far)["nothing-ran"]
    newest = nights(1, week=-5)[0]
    year, week, _ = newest.isocalendar()
    assert sentence == (
        f"no runs in this period; the newest run started on {newest.date()}, see --week {year}-W{week:02}"
    )
    assert far.headline == f"Nothing ran; {sentence.partition('; ')[2]}."


def test_a_first_run_of_today_is_found() -> None:
    """It is of no full week yet: the first sentence says which option shows it."""
    today = record(nights(0, week=1)[0])
    year, week, _ = today.started.isocalendar()
    newest = f"the newest run started on {today.started.date()}, see --week {year}-W{week:02}."
    assert made(today).headline == f"Nothing ran; {newest}"
    before = record(nights(0, week=-1)[0])
    assert made(before, today).headline == f"Nothing ran; 1 run in the period before; {newest}"


def test_gates_that_failed_are_told_by_check() -> None:
    """The most frequent first; a document may not say why."""
    checks = [("a <= 1: x", "b <= 1: y"), ("b <= 1: y",), ()]
    runs = [
        record(night, outcome="failed", failed_checks=failed)
        for night, failed in zip(nights(0, 1, 2), checks, strict=True)
    ]
    assert sentences(made(*runs, record(nights(3)[0])))["gate-failed"] == [
        "the gate failed in 2 of 4 runs: b <= 1: y",
        "the gate failed in 1 of 4 runs: a <= 1: x",
        "the gate failed in 1 of 4 runs: the result does not say why",
    ]


def test_all_runs_of_a_gate_that_failed_are_named() -> None:
    """In the report; how many of them there is room for is for an output to decide."""
    runs = [record(night, outcome="failed", failed_checks=("x",)) for night in nights(*range(7))]
    (failed, *_) = made(*runs).action_items
    assert failed.sentence == "the gate failed in 7 of 7 runs: x"
    assert len(failed.runs) == 7


def test_changes_are_told_where_the_evidence_supports_them() -> None:
    """Of endpoints, and of all of them together."""
    now = [
        record(n, endpoints=[endpoint_counts(true=9, p95=90)], p95=90.0) for n in nights(*range(6))
    ]
    before = [failing(night, 1) for night in nights(*range(6), week=-1)]
    found = sentences(made(*now, *before))
    assert found["endpoint-worse"] == [
        "all endpoints together have 9 times as many true failures: 0.9% of the requests,"
        " 0.1% before",
        "POST /tools/[id]/state has 9 times as many true failures: 0.9% of its requests,"
        " 0.1% before",
    ]
    assert found["endpoint-slower"] == [
        "all endpoints together are 50 ms (125%) slower: p95 90 ms, 40 ms before",
        "POST /tools/[id]/state is 50 ms (125%) slower: p95 90 ms, 40 ms before",
    ]
    none = [failing(night) for night in nights(*range(6), week=-1)]
    assert "has new true failures" in sentences(made(*now, *none))["endpoint-worse"][1]


def test_incidents_are_told() -> None:
    """With endpoint, number, status or text, and since when; expected ones are nobody's concern."""
    kinds = [
        kind_count("Boom(*)", status=None),
        kind_count("", name="", method="", failures=2),
        kind_count("409", decision="expected", rule="r"),
    ]
    of = made(record(kinds=kinds), record(nights(0, week=-1)[0]))
    assert sentences(of)["incident"] == [
        "500 at (no name) since run 2026-11-16 00:00, its first run: 2 times in 1 run",
        "Boom(*) at POST /tools/[id]/state since run 2026-11-16 00:00: 5 times in 1 run",
    ]


def test_what_an_incident_tells_is_told_once() -> None:
    """An endpoint with more failures is told by itself only where no incident has it."""
    week, before = (
        with_errors(range(7), dict.fromkeys(range(7), 30)),
        with_errors(range(7), week=-1),
    )
    found = sentences(made(*week, *before))
    assert found == {
        "incident": [
            "500 at POST /tools/[id]/state since run 2026-11-16 02:00 (commit c0): 210 times in 7"
            " runs"
        ]
    }
    unlisted = [replace(run, kinds=()) for run in week]
    assert [*sentences(made(*unlisted, *before))] == ["endpoint-worse"]


@pytest.mark.parametrize(
    ("status", "told"),
    [pytest.param(500, True, id="server-error"), pytest.param(404, False, id="other")],
)
def test_what_is_known_is_told_of_server_errors(status: int, told: bool) -> None:
    """Others are in the tables; a new text of a known status is told."""
    kind = kind_count("Boom", status=status)
    runs = [
        record(night, kinds=[kind]) for night in (*nights(*range(7), week=-1), *nights(0, 1, 2))
    ]
    assert ("incident" in sentences(made(*runs))) is told
    new = record(nights(3)[0], kinds=[kind, kind_count("Bang", status=status)])
    assert "incident" in sentences(made(*runs, new))


def test_rules_that_need_somebody() -> None:
    """Budgets above 80 %, expired, expiring within 30 days, needed by no run."""
    rules = [
        rule_use("near", used=0.21),
        rule_use("at-80", used=0.2),
        rule_use("no-budget", budget=None),
        rule_use("expired", expires=date(2026, 11, 1), state="expired", matched=3),
        rule_use("expired-idle", expires=date(2026, 11, 1), state="expired", matched=0),
        rule_use("today", expires=TODAY),
        rule_use("tomorrow", expires=TODAY + timedelta(days=1)),
        rule_use("soon", expires=TODAY + timedelta(days=30)),
        rule_use("later", expires=TODAY + timedelta(days=31)),
        rule_use("idle", matched=0, state="idle"),
        rule_use("carve-out", matched=0, state="idle", excuses=False),
    ]
    found = sentences(made(record(rules=rules)))
    assert found["budget"] == ["rule near used 84% of its budget of 25%"]
    assert found["rule-expired"] == [
        "rule expired expired on 2026-11-01; it matched 3 failures",
        "rule expired-idle expired on 2026-11-01",
    ]
    assert found["rule-expiring"] == [
        "rule soon expires in 30 days (2026-12-23)",
        "rule today expires today (2026-11-23)",
        "rule tomorrow expires tomorrow (2026-11-24)",
    ]
    assert found["rule-idle"] == ["these rules matched nothing: idle"]


def test_many_idle_rules_are_cut() -> None:
    """The table has all of them."""
    rules = [rule_use(f"r{number:02}", matched=0) for number in range(12)]
    (idle,) = sentences(made(record(rules=rules)))["rule-idle"]
    assert idle.endswith("r08, r09, ...")


@pytest.mark.parametrize(
    ("outcomes", "commits", "told"),
    [
        pytest.param(
            "pfpf",
            "1234",
            ["the gate flipped between passed and failed 3 times on main"],
            id="often",
        ),
        pytest.param("ppff", "1234", [], id="once"),
        pytest.param("pfff", "1123", ["commit 1 both passed and failed the gate"], id="commit"),
        pytest.param("pfnf", "....", [], id="commit-not-known"),
        pytest.param("pnpn", "1111", [], id="without-evidence"),
    ],
)
def test_gates_that_flap(outcomes: str, commits: str, told: list[str]) -> None:
    """Passed and failed at one commit, or changed its mind three times on a branch."""
    names: dict[str, Outcome] = {"p": "passed", "f": "failed", "n": "no-evidence"}
    runs = [
        record(night, outcome=names[outcome], commit=commit.strip("."))
        for night, outcome, commit in zip(nights(*range(4)), outcomes, commits, strict=True)
    ]
    assert sentences(made(*runs)).get("flapping", []) == told


def test_a_branch_that_is_not_known_has_no_name() -> None:
    """It is one branch all the same."""
    runs = [
        record(night, branch="", outcome="failed" if night.day % 2 else "passed")
        for night in nights(*range(5))
    ]
    assert sentences(made(*runs))["flapping"] == [
        "the gate flipped between passed and failed 4 times"
    ]


@pytest.mark.parametrize(
    ("before", "told"),
    [
        pytest.param(0, "0 before", id="none"),
        pytest.param(None, "not known before", id="not-recorded"),
    ],
)
def test_failures_that_became_allowed_are_told(before: int | None, told: str) -> None:
    """In the headline, too: they are no improvement."""
    names = ("/a", "/b")
    of = made(
        record(MONDAY, endpoints=[endpoint_counts(name, allowed=1040) for name in names]),
        record(
            nights(0, week=-1)[0],
            endpoints=[endpoint_counts(name, expected=40, allowed=before) for name in names],
        ),
    )
    assert sentences(of)["allowed"] == [
        f"fewer failures at POST {name} are no improvement: the locustfile counts 1,040"
        f" as successes (allowed), {told}"
        for name in names
    ]
    assert of.headline == (
        "Passed, but not fine: the locustfile now allows failures at POST /a and 1 more endpoint;"
        " 1 run passed."
    )
    assert (of.allowed, of.allowed_before) == (2080, None if before is None else 0)


def test_an_expired_rule_whose_statuses_are_allowed() -> None:
    """The sentence says so."""
    expired = rule_use(state="expired", expires=date(2026, 11, 1), matched=3, allowed=7)
    assert sentences(made(record(rules=[expired])))["rule-expired"] == [
        "rule state-conflict expired on 2026-11-01; it matched 3 failures; 7 more are allowed"
    ]


def test_broken_sources_and_empty_runs_are_told() -> None:
    """Evidence that is missing is no evidence that all is well."""
    empty = record(outcome="no-evidence", endpoints=[])
    found = sentences(made(empty, broken=[Unreadable(source="a.json", problem="is cut")]))
    assert found["no-evidence"] == ["1 of 1 run made no requests, so nothing was judged"]
    assert found["broken"] == ["a.json could not be read: is cut"]


def test_concerns_are_bounded_and_in_order() -> None:
    """Ten of each, then how many more; the most urgent kind of concern first."""
    broken = [Unreadable(source=f"{number:02}", problem="x") for number in range(15)]
    kinds = [kind_count(f"error {number}", status=None) for number in range(13)]
    of = made(
        record(outcome="failed", kinds=kinds, failed_checks=("x",)),
        record(nights(0, week=-1)[0]),
        broken=broken,
    )
    found = sentences(of)
    assert [*found] == ["gate-failed", "incident", "broken"]
    assert found["incident"][10:] == ["and 3 more like these"]
    assert found["broken"][10:] == ["and 5 more like these"]
    assert set(found) <= set(get_args(ActionKind))


def test_names_in_sentences_are_named() -> None:
    """So that a renderer can set them apart."""
    kinds = [kind_count("Boom")]
    of = made(
        record(outcome="failed", failed_checks=("p95 <= 1ms: POST /x",), kinds=kinds),
        record(nights(0, week=-1)[0]),
    )
    for one in of.action_items:
        assert isinstance(one, ActionItem)
        assert one.names
        assert all(name in one.sentence for name in one.names)


# --- all of it ------------------------------------------------------------------------------------


def test_a_run_belongs_to_the_period_in_which_it_started() -> None:
    """To the second, also where it ended in the next one."""
    last = MONDAY + timedelta(days=7, seconds=-1)
    of = made(
        record(MONDAY), record(last), record(MONDAY - timedelta(seconds=1)),
        record(MONDAY + timedelta(days=7)), record(nights(0, week=-3)[0]),
    )  # fmt: skip
    assert [one.started for one in of.runs] == [MONDAY, last]
    assert len(of.runs_before) == 1
    assert of.outside == 2


def test_days_are_those_of_the_zone() -> None:
    """Two o'clock at night in Berlin is one in UTC, and midnight may be yesterday's."""
    late = datetime(2026, 11, 17, 23, 30, tzinfo=UTC)
    runs = collection(failing(late, 3), record(nights(3)[0], endpoints=[endpoint_counts("/quiet")]))
    now, before = choose_period(week="2026-W47", timezone="Europe/Berlin", today=TODAY)
    of = report(runs, now, before, today=TODAY)
    assert [(one.name, one.day.day, one.true) for one in of.days] == [("/tools/[id]/state", 18, 3)]


@pytest.mark.parametrize(
    ("until", "days"),
    [
        pytest.param("2026-10-31", [1, 4, 5], id="a-month-by-day"),
        pytest.param("2026-11-01", [1, 5], id="longer-by-week"),
    ],
)
def test_a_long_period_has_weeks_instead_of_days(until: str, days: list[int]) -> None:
    """They begin on Monday, the first one with the period: 184 days are no columns."""
    starts = [datetime(2026, 10, day, 12, tzinfo=UTC) for day in (1, 4, 5)]  # the 5th is a Monday
    now, before = choose_period(since="2026-10-01", until=until, today=TODAY)
    of = report(collection(*(failing(start, 1) for start in starts)), now, before, today=TODAY)
    assert [cell.day.day for cell in of.days] == days
    assert sum(cell.true for cell in of.days) == 3


def test_without_scipy_no_change_is_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the report says that none was tested."""
    monkeypatch.setattr(significance, "testable", lambda: False)
    now = [failing(night, 50) for night in nights(*range(6))]
    of = made(*now, *(failing(night, 1) for night in nights(*range(6), week=-1)))
    assert (of.true_rate.direction, of.tested) == ("unclear", False)


@pytest.mark.parametrize(
    ("share", "told"),
    [
        pytest.param(None, "–", id="unknown"),
        pytest.param(0.0, "0%", id="none"),
        pytest.param(0.00123456, "0.123%", id="three-digits"),
        pytest.param(0.00045, "0.045%", id="little"),
        pytest.param(1.0, "100%", id="all"),
        pytest.param(1e-9, "0.0000001%", id="tiny"),
    ],
)
def test_shares_as_percentages(share: float | None, told: str) -> None:
    """Three digits, never an exponent; a dash is none."""
    assert percent(share) == told


def test_times_as_milliseconds() -> None:
    """Whole ones."""
    assert (milliseconds(None), milliseconds(1234.4)) == ("–", "1,234 ms")


names = st.sampled_from(["/a", "/b", "NA", ""])
counts = st.integers(0, 10**6)
rows = st.dictionaries(names, st.tuples(counts, counts, counts), max_size=4).map(
    lambda of: [
        endpoint_counts(name, requests=requests + expected + true, expected=expected, true=true)
        for name, (requests, expected, true) in of.items()
    ]
)
starts = st.integers(-20, 14).map(lambda day: MONDAY + timedelta(days=day))
drawn = st.lists(
    st.builds(
        lambda start, endpoints, outcome, number: record(
            start + timedelta(seconds=number), endpoints=endpoints, outcome=outcome,
            kinds=[kind_count(name=row.name, failures=row.true) for row in endpoints if row.true],
            rules=[rule_use(matched=number)],
        ),
        starts, rows, st.sampled_from(get_args(Outcome)), st.integers(0, 10_000),
    ),
    max_size=8,
)  # fmt: skip


@settings(max_examples=60)
@given(drawn, st.randoms(use_true_random=False))
def test_any_runs_have_a_report(records: list[RunSummary], order: random.Random) -> None:
    """Its sums are those of its runs and of its endpoints; the order of records changes nothing."""
    # No two runs are alike: collecting sees to that. What SciPy finds is tested elsewhere.
    records = [replace(one, label=f"{n}") for n, one in enumerate(records)]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(significance, "testable", lambda: False)
        _holds(records, order)


def _holds(records: list[RunSummary], order: random.Random) -> None:
    of = made(*records)
    assert of.requests == sum(run.requests for run in of.runs)
    assert of.requests == sum(one.requests for one in of.endpoints)
    assert of.true == sum(run.true for run in of.runs) == sum(one.true for one in of.endpoints)
    assert of.expected == sum(one.expected for one in of.endpoints)
    assert of.true == sum(one.count for one in of.kinds)
    assert sum(cell.true for cell in of.days) == of.true
    shuffled = [*records]
    order.shuffle(shuffled)
    assert made(*shuffled) == of
    other = record(nights(0, week=-30)[0], kinds=[kind_count("never seen")])
    more = made(*records, other)
    assert (more.requests, more.runs, more.true_rate) == (of.requests, of.runs, of.true_rate)
    # What is new, and since when, are questions to all runs.
    told: dict[str, Any] = {"headline": "", "kinds": (), "incidents": (), "action_items": ()}
    told["weeks"] = None
    assert replace(more, outside=0, collection=of.collection, **told) == replace(
        of, outside=0, **told
    )
