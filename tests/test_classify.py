"""A run and a policy in, sorted failures out."""

from __future__ import annotations

import sys
from datetime import date

import builders
import pytest
from builders import CONFLICT, STATE, rule
from hypothesis import given
from hypothesis import strategies as st

from loadgate.classify import classify
from loadgate.errors import ContradictionError
from loadgate.model import (
    OTHER_SIGNATURES,
    UNEXPLAINED,
    Classification,
    EndpointStats,
    FailureRow,
    Policy,
    Rule,
    Run,
)
from loadgate.tally import SIGNATURES_KEPT

ERROR = "CatchResponseError('Expected [200, 409], got 500')"


def stats(name: str = STATE, requests: int = 1000, failures: int = 10) -> EndpointStats:
    """Return the statistics of a POST endpoint."""
    return builders.stats(name, requests=requests, failures=failures)


def run(
    rows: list[FailureRow] | None,
    *endpoints: EndpointStats,
    total: EndpointStats | None = None,
    partial: bool = False,
    exceptions: int | None = None,
    damage: tuple[str, ...] = (),
) -> Run:
    """Return a run with these failures; its total is the sum unless it is given."""
    return builders.run(
        failures=rows,
        endpoints=endpoints or (stats(),),
        total=total,
        partial=partial,
        task_exceptions=exceptions,
        damage=damage,
    )


def policy(*rules: Rule, wordings: tuple[str, ...] = (), metric: str = "true_failures") -> Policy:
    """Return a policy of these rules with a threshold on a metric."""
    return builders.policy(
        *rules, thresholds=[builders.threshold(f"{metric} <= 0")], status_texts=wordings
    )


def sorted_as(result: Classification) -> tuple[int, int, int]:
    """Return expected, true, unexplained."""
    return result.total.expected, result.total.true, result.total.unexplained


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        pytest.param(CONFLICT, 10, id="the-rule's-status"),
        pytest.param(ERROR, 0, id="status-only-in-the-allowed-list"),
        pytest.param("CatchResponseError('no status')", 0, id="unknown-never-matches"),
    ],
)
def test_rules_on_status(error: str, expected: int) -> None:
    """A rule on status excuses what has that status, and never what has none."""
    result = classify(run([("POST", STATE, error, 10)]), policy(rule()))
    assert sorted_as(result) == (expected, 10 - expected, 0)


def test_first_match_wins() -> None:
    """A carve-out before a wider rule keeps its failures true."""
    rows = [("POST", "/admin/x/state", CONFLICT, 3), ("POST", STATE, CONFLICT, 7)]
    ends = (stats("/admin/x/state", failures=3), stats(failures=7))
    carve_out = rule("admin", endpoint="POST /admin/**/state", excuses=False)
    result = classify(run(rows, *ends), policy(carve_out, rule()))
    assert sorted_as(result) == (7, 3, 0)
    assert [(found.matched, found.state) for found in result.rules] == [(3, "used"), (7, "used")]
    assert result.failures[0].rule == "admin"
    turned = classify(run(rows, *ends), policy(rule(), carve_out))
    assert sorted_as(turned) == (10, 0, 0)
    assert turned.rules[1].state == "idle"


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        pytest.param("CatchResponseError('lock held by 3')", 10, id="inner-message"),
        pytest.param("\"CatchResponseError('lock held by 3')\"", 10, id="wrapped"),
        pytest.param("CatchResponseError('no lock held by 3')", 0, id="not-whole"),
    ],
)
def test_rules_on_error_texts(error: str, expected: int) -> None:
    """A glob is held against the text as it stands and the message inside."""
    by_text = rule(statuses=None, error="lock held by *")
    result = classify(run([("POST", STATE, error, 10)]), policy(by_text))
    assert result.total.expected == expected


def test_rules_on_status_and_error() -> None:
    """With both, both must fit."""
    rows = [("POST", STATE, CONFLICT, 4), ("POST", STATE, "HTTP 409: lock held", 6)]
    result = classify(run(rows), policy(rule(error="*lock held")))
    assert sorted_as(result) == (6, 4, 0)


def test_taught_statuses() -> None:
    """A wording of the rules file is read; where it contradicts the grammar nothing is."""
    rows = [
        ("POST", STATE, "refused 409 by x", 4),
        ("POST", STATE, "HTTP 500: refused 409 by x", 6),
    ]
    result = classify(run(rows), policy(rule(), wordings=("*refused {status} by *",)))
    assert sorted_as(result) == (4, 6, 0)
    assert {(kind.status, kind.signature) for kind in result.failures} == {
        (409, "refused 409 by x"),
        (None, "HTTP *: refused * by x"),
    }


def test_expired_rules_excuse_nothing() -> None:
    """On its last day a rule excuses, from the next on its failures are true: nothing takes over."""
    last_day = rule("short", expires=date(2026, 11, 23))
    assert sorted_as(classify(run([("POST", STATE, CONFLICT, 10)]), policy(last_day))) == (10, 0, 0)
    expired = rule("short", expires=date(2026, 11, 22))
    result = classify(run([("POST", STATE, CONFLICT, 10)]), policy(expired, rule("wide")))
    assert sorted_as(result) == (0, 10, 0)
    assert [found.state for found in result.rules] == ["expired", "idle"]
    assert result.rules[0].matched == 10
    assert "rule short expired on 2026-11-22: the 10 failures" in result.warnings[0]
    quiet = classify(run([], stats(failures=0)), policy(expired))
    assert "it excuses nothing" in quiet.warnings[0]


def test_what_no_text_explains_is_true() -> None:
    """Failures that the failures file lacks are true and listed as unexplained."""
    result = classify(run([("POST", STATE, CONFLICT, 4)]), policy(rule()))
    assert sorted_as(result) == (4, 6, 6)
    assert result.failures[0].signature == UNEXPLAINED
    assert "6 of 10 failures have no error text" in result.warnings[0]


def test_without_a_failures_file_everything_is_unexplained() -> None:
    """No failures file: every failure is true."""
    assert sorted_as(classify(run(None), policy(rule()))) == (0, 10, 10)


def test_failures_that_only_the_total_knows() -> None:
    """A total above the sum of its rows adds unexplained failures to the run."""
    result = classify(
        run([("POST", STATE, CONFLICT, 10)], total=stats("Aggregated", 1000, 15)), policy(rule())
    )
    assert sorted_as(result) == (10, 5, 5)
    assert result.failures[0].name == "Aggregated"


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        pytest.param([("POST", "/other", ERROR, 1)], "statistics do not have it", id="endpoint"),
        pytest.param([("POST", STATE, ERROR, 11)], "the statistics count 10", id="occurrences"),
        pytest.param(
            [("POST", f"/{n}", ERROR, 1) for n in range(9)], "4 more endpoints", id="many"
        ),
    ],
)
def test_contradictions(rows: list[FailureRow], message: str) -> None:
    """Failures that the statistics contradict stop the check, or are counted where allowed."""
    with pytest.raises(ContradictionError, match=message):
        classify(run(rows), policy(rule()))
    result = classify(run(rows, partial=True), policy(rule()))
    assert any(message in warning for warning in result.warnings)
    assert result.total.true == max(10, sum(row[3] for row in rows), result.total.true)
    assert result.total.failures == result.total.expected + result.total.true


def test_damage_becomes_a_warning() -> None:
    """What the reader had to leave out is said."""
    result = classify(run([], partial=True, damage=("line 3 is cut",)), policy(rule()))
    assert "line 3 is cut" in result.warnings


def test_task_exceptions_are_pointed_out() -> None:
    """Exceptions outside of requests are mentioned unless a threshold looks at them."""
    one = run([], stats(failures=0), exceptions=3)
    assert "3 exceptions" in classify(one, policy()).warnings[0]
    assert classify(one, policy(metric="task_exceptions")).warnings == ()


def test_budgets_are_collected() -> None:
    """A rule with a budget reports what it excused at each endpoint."""
    rows = [("POST", "/a/state", CONFLICT, 1), ("POST", "/b/state", CONFLICT, 2)]
    ends = (stats("/a/state", failures=1), stats("/b/state", failures=2), stats("/c/state", 5, 0))
    result = classify(run(rows, *ends), policy(rule(at_most="25%")))
    assert [(use.stats.name, use.expected) for use in result.budgets] == [
        ("/b/state", 2),
        ("/a/state", 1),
    ]


def test_many_texts_are_bounded_and_none_is_dropped() -> None:
    """Beyond the bound texts become one kind; counts stay exact and the order does not matter."""
    words = [
        "".join("abcdefghij"[int(digit)] for digit in f"{number:04}")
        for number in range(SIGNATURES_KEPT * 3)
    ]
    rows = [("POST", STATE, f"refused by {word}", 1) for word in words]
    result = classify(run(rows, stats(failures=len(rows))), policy(rule()))
    assert len(result.failures) == SIGNATURES_KEPT + 1
    assert result.failures[0].signature == OTHER_SIGNATURES
    assert result.failures[0].count == SIGNATURES_KEPT * 2
    assert sum(kind.count for kind in result.failures) == len(rows)
    assert classify(run(rows[::-1], stats(failures=len(rows))), policy(rule())).failures == (
        result.failures
    )


def test_large_texts_are_given_out_in_between() -> None:
    """Texts that are too large to keep are counted all the same."""
    texts = [f"{'x' * number} HTTP 409 {'y ' * 200_000}" for number in range(40)]
    rows = [("POST", STATE, text, 1) for text in texts]
    result = classify(run([*rows, *rows], stats(failures=80)), policy(rule()))
    assert sorted_as(result) == (80, 0, 0)


@pytest.mark.parametrize(
    ("last", "when"),
    [
        pytest.param(date(2026, 11, 22), None, id="over"),
        pytest.param(date(2026, 11, 23), "today", id="today"),
        pytest.param(date(2026, 11, 24), "tomorrow", id="tomorrow"),
        pytest.param(date(2026, 12, 23), "in 30 days", id="in-30-days"),
        pytest.param(date(2026, 12, 24), None, id="in-31-days"),
        pytest.param(None, None, id="never"),
    ],
)
def test_rules_that_expire_soon_are_told(last: date | None, when: str | None) -> None:
    """From 30 days before its last day on a rule says so; once it is over it has expired."""
    result = classify(run([("POST", STATE, CONFLICT, 10)]), policy(rule("r", expires=last)))
    assert [found.expiring for found in result.rules] == [when is not None]
    told = [text for text in result.warnings if f"expires {when}" in text]
    assert len(told) == (when is not None)


def test_more_readings_than_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forgetting readings in between changes nothing."""
    monkeypatch.setattr(sys.modules["loadgate.decide"], "_READINGS_KEPT", 1)
    rows = [("POST", STATE, text, 1) for text in (CONFLICT, ERROR, "a", "b")]
    assert sorted_as(classify(run(rows), policy(rule()))) == (1, 9, 6)


ROWS = st.lists(
    st.tuples(
        st.just("POST"),
        st.sampled_from([STATE, "/tools"]),
        st.sampled_from([CONFLICT, ERROR, "HTTP 409", "x", "HTTP 500 took 409 ms"]),
        st.integers(1, 50),
    ),
    max_size=12,
)


@given(ROWS, st.integers(0, 20), st.randoms())
def test_failures_are_expected_plus_true(rows: list[FailureRow], more: int, random: object) -> None:
    """Whatever the rows and their order, every failure is counted once, as expected or as true."""
    sums = {name: sum(row[3] for row in rows if row[1] == name) for name in (STATE, "/tools")}
    ends = (stats(STATE, 10_000, sums[STATE] + more), stats("/tools", 10_000, sums["/tools"]))
    result = classify(run(rows, *ends), policy(rule()))
    assert result.total.failures == sum(sums.values()) + more
    assert result.total.failures == result.total.expected + result.total.true
    assert result.total.unexplained == more
    assert sum(kind.count for kind in result.failures) == result.total.failures
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    again = classify(run(shuffled, *ends), policy(rule()))
    assert (again.failures, again.endpoints) == (result.failures, result.endpoints)


def test_a_gate_that_looks_at_no_true_failures_says_so() -> None:
    """Thresholds on other things replace the default one, so what they let pass is told."""
    rows = [("POST", STATE, ERROR, 10)]
    loose = classify(run(rows), policy(metric="requests"))
    assert "no threshold looks at true failures: 10 of them" in loose.warnings[0]
    assert classify(run(rows), policy(metric="failures")).warnings == ()
