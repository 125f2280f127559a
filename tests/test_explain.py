"""Tests of explanations: what was read, and which rules were asked."""

from __future__ import annotations

from datetime import date

import pytest
from builders import CONFLICT, STATE, failure_row, policy, rule, run, stats
from hypothesis import given
from hypothesis import strategies as st

from loadgate.classify import classify
from loadgate.explain import (
    Explained,
    Explanation,
    explain_run,
    explain_text,
    kinds_at,
)
from loadgate.matching import decide_text, unmet
from loadgate.model import OTHER_SIGNATURES, UNEXPLAINED, FailureRow, Policy, Rule
from loadgate.patterns import PatternError
from loadgate.tally import SIGNATURES_KEPT

_TEXTS = [
    CONFLICT,
    "CatchResponseError('Expected [200, 409], got 500')",
    "CatchResponseError('Expected [200], got 0')",
    "CatchResponseError('HTTP 409')",
    "CatchResponseError('shop 12 refused with 409')",
    "CatchResponseError('shop 13 refused with 409')",
    "CatchResponseError('shop 13 of 500 refused')",
    "HTTPError('409 Client Error: Conflict for url: http://x/1')",
    "ReadTimeout('slow')",
    "",
]
_ROWS = st.lists(
    st.builds(
        failure_row,
        st.sampled_from(_TEXTS),
        method=st.sampled_from(["GET", "POST"]),
        name=st.sampled_from([STATE, "/tools"]),
        count=st.integers(1, 5),
    ),
    max_size=12,
)
_RULES = st.lists(
    st.tuples(
        st.sampled_from(["POST /**/state", "/tools", "**", "GET,POST /**/state"]),
        st.none() | st.sampled_from([(409,), (500,), (409, 500)]),
        st.none() | st.sampled_from(["*shop*", "*shop 12*", "*got*", "*"]),
        st.booleans(),
        st.none() | st.sampled_from([date(2020, 1, 1), date(2030, 1, 1)]),
    ),
    max_size=5,
).map(lambda of: [_rule(number, *one) for number, one in enumerate(of)])
_WORDINGS = st.lists(st.sampled_from(["*shop {status} *", "*of {status} refused*"]), max_size=2)


def _rule(
    number: int,
    endpoint: str,
    statuses: tuple[int, ...] | None,
    error: str | None,
    excuses: bool,
    expires: date | None,
) -> Rule:
    return rule(
        f"r{number}",
        endpoint=endpoint,
        statuses=statuses,
        error=error,
        excuses=excuses,
        expires=expires if excuses else None,
    )


def explained(rows: list[FailureRow], of: Policy, failures: int = 0) -> Explained:
    """Explain every kind of a run with these rows, and so many failures more at one endpoint."""
    counts: dict[tuple[str, str], int] = {}
    for method, name, _, count in rows:
        counts[method, name] = counts.get((method, name), 0) + count
    endpoints = [
        stats(name, method=method, requests=1000, failures=count)
        for (method, name), count in counts.items()
    ]
    if failures:
        endpoints.append(stats("/silent", failures=failures))
    classification = classify(run(endpoints=endpoints, failures=rows), of)
    kinds = classification.failures
    return explain_run(classification, of, kinds=kinds, first=len(kinds))


def only(of: Explained) -> Explanation:
    """Return the only explanation."""
    (explanation,) = of.explanations
    return explanation


@given(_ROWS, _RULES, _WORDINGS)
def test_every_kind_is_explained_as_it_was_decided(
    rows: list[FailureRow], rules: list[Rule], wordings: list[str]
) -> None:
    """The rule that the explanation ends with is the one that decided, and so is the decision."""
    of = policy(*rules, status_texts=wordings)
    for explanation in explained(rows, of).explanations:
        kind = explanation.kind
        assert explanation.reading is not None
        assert explanation.reading.status == kind.status
        assert (explanation.rule.id if explanation.rule else None) == kind.rule
        excused = explanation.rule is not None and explanation.rule.excuses
        assert (excused and not explanation.expired) == (kind.decision == "expected")
        assert all(attempt.unmet for attempt in explanation.attempts[:-1])


@given(_ROWS, _RULES, _WORDINGS)
def test_every_failure_of_a_kind_took_the_same_way(
    rows: list[FailureRow], rules: list[Rule], wordings: list[str]
) -> None:
    """What is said of a kind holds for each of its texts, rule by rule."""
    of = policy(*rules, status_texts=wordings)
    ways = {
        (one.kind.method, one.kind.name, one.kind.status, one.kind.signature, one.kind.rule): [
            (*missed, None)[0] for missed in (attempt.unmet for attempt in one.attempts)
        ]
        for one in explained(rows, of).explanations
    }
    for method, name, text, _ in rows:
        match, facts = decide_text(of, method, name, text)
        status = match.reading.status
        way = [
            (*missed, None)[0]
            for each in of.rules
            for missed in [unmet(each, method, name, status, facts[1])]
        ]
        way = way[: way.index(None) + 1] if None in way else way
        rule_id = match.rule.id if match.rule else None
        assert ways[method, name, status, match.signature, rule_id] == way


@given(_ROWS.flatmap(lambda rows: st.tuples(st.just(rows), st.permutations(rows))), _RULES)
def test_the_order_of_the_rows_changes_nothing(
    orders: tuple[list[FailureRow], list[FailureRow]], rules: list[Rule]
) -> None:
    """Locust orders failures by a hash, so no order may mean anything."""
    first, second = (explained(rows, policy(*rules)) for rows in orders)
    assert first.explanations == second.explanations


def test_a_text_is_explained_as_in_a_run() -> None:
    """One text at one endpoint is decided as the same text in a run is."""
    of = policy(rule(endpoint="GET /**"), rule("wide", endpoint="/**/state", statuses=[409, 412]))
    in_run = only(explained([failure_row(CONFLICT)], of))
    alone = only(explain_text(of, CONFLICT, ("POST", STATE)))
    assert alone.text == CONFLICT
    assert alone.attempts == in_run.attempts
    assert (alone.kind, alone.reading) == (in_run.kind, in_run.reading)
    assert [attempt.unmet for attempt in alone.attempts] == [("method",), ()]
    assert alone.rule == of.rules[1]


def test_every_missed_condition_is_told() -> None:
    """An attempt names all that the failures do not meet, not only the first of it."""
    of = policy(rule(endpoint="GET /tools", statuses=[500], error="*shop*"))
    (attempt,) = only(explain_text(of, CONFLICT, ("POST", STATE))).attempts
    assert attempt.unmet == ("endpoint", "status", "error")


def test_texts_without_an_endpoint() -> None:
    """All rules are held against a text alone, also those behind one that fits."""
    of = policy(
        rule("conflict"), rule("server", statuses=[500], error="*no*"), rule("text", error="*Ex*")
    )
    alone = only(explain_text(of, CONFLICT))
    assert (alone.kind.status, alone.kind.signature, alone.rule) == (409, CONFLICT, None)
    assert [attempt.unmet for attempt in alone.attempts] == [(), ("status", "error"), ()]


def test_the_least_words_are_shown() -> None:
    """Where texts of one kind were read from different words, the order of rows does not matter."""
    text = "HTTPError('409 Client Error: Version {} for url: /x')"
    rows = [failure_row(text.format(version)) for version in (501, 500, 502)]
    there, back = only(explained(rows, policy())), only(explained(rows[::-1], policy()))
    assert there == back
    assert there.kind.count == 3
    assert there.reading is not None
    assert there.reading.words == "409 Client Error: Version 500 for url: "


def test_a_pattern_must_fit_all_texts_of_a_kind() -> None:
    """A rule is near only if its text pattern fits each of the texts."""
    rows = [failure_row(f"CatchResponseError('HTTP 500 by shop {shop}')") for shop in (12, 13)]
    of = policy(rule(error="*shop 12*"), rule("both", error="*shop*"))
    attempts = only(explained(rows, of)).attempts
    assert [attempt.unmet for attempt in attempts] == [("status", "error"), ("status",)]


def test_failures_without_a_text_have_no_reading() -> None:
    """What only the statistics count was read from nothing, and no rule was asked."""
    explanation = only(explained([], policy(rule()), failures=3))
    assert explanation.kind.signature == UNEXPLAINED
    assert (explanation.reading, explanation.attempts, explanation.rule) == (None, (), None)


def test_a_run_without_texts() -> None:
    """Without any source of error texts nothing is read again."""
    classification = classify(run(failures=None), policy())
    kinds = classification.failures
    (explanation,) = explain_run(classification, policy(), kinds=kinds, first=9).explanations
    assert explanation.reading is None


def test_a_text_that_may_have_to_be_taught_is_shown() -> None:
    """Whole, with the number that its signature masks; where the status is read there is no need."""
    rows = [
        ("POST", STATE, "late 410 by 7", 1),
        ("POST", STATE, "late 409 by 1234", 1),
        ("POST", STATE, "HTTP 409 by us", 1),
        ("POST", "/b", CONFLICT, 1),
        ("POST", "/c", "late 409 by 1234", 1),
    ]
    for order in (rows, rows[::-1]):
        found = {
            (each.kind.name, each.kind.signature): each.example
            for each in explained(order, policy()).explanations
        }
        assert found[STATE, "late * by *"] == "late 409 by 1234"
        assert found["/c", "late * by *"] == "late 409 by 1234"
        assert found["/b", CONFLICT] is None


def test_signatures_that_are_rolled_into_one() -> None:
    """The kind of the other texts is explained by what they have in common."""
    letters = "abcdefghijkl"
    rows = [
        failure_row(f"CatchResponseError('HTTP 500 for {a}{b}')") for a in letters for b in letters
    ]
    explanations = explained(rows, policy(rule())).explanations
    assert len(explanations) == SIGNATURES_KEPT + 1
    (other,) = (one for one in explanations if one.kind.signature == OTHER_SIGNATURES)
    assert other.reading is not None
    assert other.reading.status == 500
    assert [attempt.unmet for attempt in other.attempts] == [("status",)]


def test_only_the_first_kinds_are_read() -> None:
    """Kinds that nobody asked for stay unexplained, and are still there to be counted."""
    rows = [failure_row(CONFLICT), failure_row("CatchResponseError('HTTP 500')", count=2)]
    classification = classify(
        run(endpoints=[stats(failures=3)], failures=rows), policy(rule(statuses=[412]))
    )
    of = explain_run(classification, policy(), kinds=classification.failures, first=1)
    assert [one.kind.status for one in of.explanations] == [500]
    assert len(of.kinds) == 2


@pytest.mark.parametrize(
    ("endpoint", "kinds"),
    [
        pytest.param("POST /**/state", 1, id="pattern"),
        pytest.param("GET /**/state", None, id="other-method"),
        pytest.param("/calm", 0, id="no-failures"),
        pytest.param("DB query stock", 1, id="method-of-two-words"),
        pytest.param("**", 2, id="any"),
    ],
)
def test_endpoints_are_found(endpoint: str, kinds: int | None) -> None:
    """Endpoints are named by a pattern, or as outputs show them; a run may have none of them."""
    rows = [failure_row(), failure_row(method="DB query", name="stock")]
    endpoints = [
        stats(failures=1),
        stats("stock", method="DB query", failures=1),
        stats("/calm", failures=0),
    ]
    found = kinds_at(classify(run(endpoints=endpoints, failures=rows), policy()), endpoint)
    assert (None if found is None else len(found)) == kinds


def test_runs_without_endpoints_have_no_failures_anywhere() -> None:
    """Nothing can be said of a name where nothing was requested."""
    assert kinds_at(classify(run(endpoints=()), policy()), "/x") == ()


def test_patterns_that_name_nothing_are_refused() -> None:
    """An empty pattern is an error of who typed it."""
    with pytest.raises(PatternError):
        kinds_at(classify(run(), policy()), "")
