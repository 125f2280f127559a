"""Tests of classification: a run's failures, sorted by a policy."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import date
from typing import Any

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
    Latency,
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


def conflict(words: str) -> str:
    """Return a text of requests, whose status is certain whatever the server says beside it."""
    return f"HTTPError('409 Client Error: {words} for url: *')"


def test_rules_on_status_and_error() -> None:
    """With both, both must fit."""
    rows = [
        ("POST", STATE, CONFLICT, 4),
        ("POST", STATE, "HTTPError('409 Client Error: lock held for url: /x')", 6),
    ]
    result = classify(run(rows), policy(rule(error="*lock held*")))
    assert sorted_as(result) == (6, 4, 0)


def test_taught_statuses() -> None:
    """A wording of the rules file is read; where it contradicts the grammar nothing is."""
    rows = [
        ("POST", STATE, "refused 409 by x", 4),
        ("POST", STATE, "HTTPError('500 Server Error: refused 409 by x for url: /x')", 6),
    ]
    result = classify(run(rows), policy(rule(), wordings=("*refused {status} by *",)))
    assert sorted_as(result) == (4, 6, 0)
    assert {(kind.status, kind.signature) for kind in result.failures} == {
        (409, "refused 409 by x"),
        (None, "HTTPError('* Server Error: refused * by x for url: *')"),
    }


def test_a_likely_status_matches_carve_outs_alone() -> None:
    """It excuses nothing, and what must not be excused is not excused by another rule either."""
    rows = [("POST", STATE, "Toggle failed: 409", 4), ("POST", STATE, "Toggle failed: 503", 6)]
    assert sorted_as(classify(run(rows), policy(rule(statuses=[409, 503])))) == (0, 10, 0)
    any_failure = rule("any", statuses=None, error="Toggle*")
    assert sorted_as(classify(run(rows), policy(any_failure))) == (10, 0, 0)
    carve_out = rule("broken", statuses=[503], excuses=False)
    result = classify(run(rows), policy(carve_out, any_failure))
    assert sorted_as(result) == (4, 6, 0)
    assert [(one.likely_status, one.status, one.rule) for one in result.failures] == [
        (503, None, "broken"),
        (409, None, "any"),
    ]


def test_expired_rules_excuse_nothing() -> None:
    """On its last day a rule excuses, from the next on its failures are true: nothing takes over."""
    last_day = rule("short", expires=date(2026, 11, 23))
    assert sorted_as(classify(run([("POST", STATE, CONFLICT, 10)]), policy(last_day))) == (10, 0, 0)
    expired = rule("short", expires=date(2026, 11, 22))
    result = classify(run([("POST", STATE, CONFLICT, 10)]), policy(expired, rule("wide")))
    assert sorted_as(result) == (0, 10, 0)
    assert [found.state for found in result.rules] == ["expired", "idle"]
    assert result.rules[0].matched == 10
    (warning,) = result.warnings
    assert warning.startswith("rule short expired on 2026-11-22: the 10 failures")
    (warning,) = classify(run([], stats(failures=0)), policy(expired)).warnings
    assert warning.startswith("rule short expired on 2026-11-22: ")
    assert "failures" not in warning
    many = classify(run([("POST", STATE, CONFLICT, 1234)], stats(failures=1234)), policy(expired))
    assert "1,234" in many.warnings[0]


def test_excuses_without_a_reason_are_told() -> None:
    """A draft excuses as any rule does; whoever reads the verdict must know that it is one."""
    drafts = [
        rule(f"draft-{number}", endpoint=f"POST /{number}/state", why="TODO: say why")
        for number in range(7)
    ]
    rows = [("POST", f"/{number}/state", CONFLICT, 2) for number in range(7)]
    endpoints = [stats(name, failures=2) for _, name, _, _ in rows]
    (warning,) = classify(run(rows, *endpoints), policy(*drafts)).warnings
    assert warning.startswith("14 failures ")
    assert ": draft-0, draft-1, draft-2, draft-3, draft-4 and 2 more; " in warning
    (warning,) = classify(run(rows[:6], *endpoints[:6]), policy(*drafts)).warnings
    assert "draft-4 and 1 more; " in warning
    (warning,) = classify(run(rows[:5], *endpoints[:5]), policy(*drafts)).warnings
    assert "draft-4; " in warning
    empty = rule("no-reason", endpoint=drafts[0].endpoint.text, why="xxx")
    (warning,) = classify(run(rows[:1], *endpoints[:1]), policy(empty)).warnings
    assert warning.startswith("2 failures ")
    assert ": no-reason; " in warning
    others = [
        rule("carve-out", endpoint=drafts[0].endpoint.text, excuses=False, why="TODO"),
        rule("idle", endpoint="POST /idle", why="TODO"),
        rule("well", endpoint=drafts[1].endpoint.text, why="The todo list conflicts."),
    ]
    assert classify(run(rows[:2], *endpoints[:2]), policy(*others)).warnings == ()


@pytest.mark.parametrize(
    ("error", "fields", "around"),
    [
        pytest.param("stale revision", {}, "*stale revision*", id="words"),
        pytest.param("stale revision*", {}, "*stale revision*", id="star-behind"),
        pytest.param("*stale revision", {}, "*stale revision*", id="star-before"),
        pytest.param("stale revision", {"excuses": False}, "*stale revision*", id="carve-out"),
        pytest.param("stale*17", {}, None, id="what-is-masked-is-not-known"),
        pytest.param("*revision of nothing*", {}, None, id="stars-around"),
        pytest.param("other texts", {}, None, id="no-text"),
        pytest.param("stale revision", {"statuses": [409]}, None, id="another-status"),
        pytest.param("stale revision", {"endpoint": "GET /x"}, None, id="another-endpoint"),
        pytest.param("stale revision", {"expires": date(2026, 1, 1)}, None, id="expired"),
    ],
)
def test_rules_that_overlook_failures(
    error: str, fields: dict[str, Any], around: str | None
) -> None:
    """An idle rule whose words are in a text is told what its error should be."""
    words = rule("words", **{"statuses": None, "error": error} | fields)
    rows = [("POST", STATE, f"CatchResponseError('a {n} stale revision {n}')", 1) for n in (16, 17)]
    result = classify(run(rows), policy(words))
    told = [text for text in result.warnings if "must match the whole text" in text]
    expected = f'error = "{around}" would match 2 failures'
    assert [text.partition("text; ")[2] for text in told] == ([expected] if around else [])


def test_failures_that_an_earlier_rule_decides_are_not_overlooked() -> None:
    """Only what would reach the rule counts: failures of no rule, or of one that stands below."""
    words = rule("words", statuses=None, error="stale", endpoint="**")
    for rules, count in (((rule(statuses=None, error="*stale*"), words), 0), ((words, rule()), 1)):
        result = classify(run([("POST", STATE, "HTTP 409: stale", 1)]), policy(*rules))
        assert sum("would match 1 failures" in text for text in result.warnings) == count


TEAM = rule("theirs", excuses=False, origin="team.toml")


@pytest.mark.parametrize(
    ("fields", "count"),
    [
        pytest.param({}, 3, id="what-it-names"),
        pytest.param({"statuses": [412]}, 0, id="another-status"),
        pytest.param({"endpoint": "PUT /**"}, 0, id="another-endpoint"),
        pytest.param({"error": "*got 409*"}, 3, id="a-text"),
        pytest.param({"error": "*stale*"}, 0, id="another-text"),
        pytest.param({"origin": "loadgate.toml"}, 0, id="of-the-same-file"),
    ],
)
def test_failures_that_a_carve_out_calls_true(fields: dict[str, Any], count: int) -> None:
    """What a file excuses although one that it extends calls it a failure is told, with figures."""
    carve_out: dict[str, Any] = {"excuses": False, "origin": "team.toml"}
    theirs = rule("theirs", **carve_out | fields)
    result = classify(run([("POST", STATE, CONFLICT, 3)]), policy(rule("own"), theirs))
    told = f"rule own excuses {count} failures that the carve-out theirs of team.toml calls true"
    assert [text for text in result.warnings if "carve-out" in text] == [told] * bool(count)
    assert sorted_as(result)[0] == 3


def test_a_carve_out_that_is_replaced() -> None:
    """A rule of the same id that excuses is told, matched or not; one that does not is not."""
    rows = run([("POST", STATE, CONFLICT, 3)])
    warnings = classify(rows, builders.policy(rule("theirs"), replaced=[TEAM])).warnings
    replaces, excuses = (text for text in warnings if "carve-out theirs of team.toml" in text)
    assert replaces.startswith("rule theirs of loadgate.toml replaces")
    assert excuses.startswith("rule theirs excuses 3 failures")
    never = rule("theirs", endpoint="POST /never", excuses=False)
    warnings = classify(rows, builders.policy(never, rule("own"), replaced=[TEAM])).warnings
    (excuses,) = (text for text in warnings if "carve-out theirs of team.toml" in text)
    assert excuses.startswith("rule own excuses 3 failures")
    harmless = builders.policy(TEAM, replaced=[rule("theirs")])
    assert not any("carve-out" in text for text in classify(rows, harmless).warnings)


def test_characters_that_nobody_sees() -> None:
    """They are warnings of every run, of the first rules that have some."""
    odd = [rule(f"r{n}", endpoint=f"POST /p\u0430y/{n}") for n in range(7)]
    of = builders.policy(*odd, status_texts=["refused\u00a0with {status}"])
    told = [text for text in classify(run([]), of).warnings if text.startswith("loadgate.toml: ")]
    assert [text.partition(" has ")[0] for text in told] == [
        f"loadgate.toml: rule r{n}" for n in range(5)
    ]
    assert any(text.startswith("3 more ") for text in classify(run([]), of).warnings)


def test_what_no_text_explains_is_true() -> None:
    """Failures that the failures file lacks are true and listed as unexplained."""
    result = classify(run([("POST", STATE, CONFLICT, 4)]), policy(rule()))
    assert sorted_as(result) == (4, 6, 6)
    unexplained = result.failures[0]
    assert (unexplained.method, unexplained.name) == ("POST", STATE)
    assert (unexplained.signature, unexplained.decision) == (UNEXPLAINED, "true")
    assert (unexplained.count, unexplained.status, unexplained.rule) == (6, None, None)
    (warning,) = result.warnings
    assert warning.startswith("6 of 10 failures ")
    assert "run_failures.csv" in warning


def test_without_a_failures_file_everything_is_unexplained() -> None:
    """No failures file: every failure is true, and no file is said to be too old."""
    result = classify(run(None), policy(rule()))
    assert sorted_as(result) == (0, 10, 10)
    assert result.warnings == ()


def test_failures_that_only_the_total_knows() -> None:
    """A total above the sum of its rows adds unexplained failures to the run."""
    result = classify(
        run([("POST", STATE, CONFLICT, 10)], total=stats("Aggregated", 1000, 15)), policy(rule())
    )
    assert sorted_as(result) == (10, 5, 5)
    assert result.failures[0].name == "Aggregated"


@pytest.mark.parametrize(
    ("rows", "problems"),
    [
        pytest.param(
            [("POST", "/other", ERROR, 1234)],
            ["'POST /other' failed 1,234 times"],
            id="endpoint",
        ),
        pytest.param(
            [("", "/other", ERROR, 1)],
            ["'/other' failed 1 times"],
            id="without-a-method",
        ),
        pytest.param(
            [("POST", STATE, ERROR, 11)],
            [f"'POST {STATE}' has 11 failures with a text, but only 10"],
            id="occurrences",
        ),
        pytest.param(
            [("POST", f"/{n}", ERROR, 1) for n in range(5)],
            [f"'POST /{n}' failed 1 times" for n in range(5)],
            id="five",
        ),
        pytest.param(
            [("POST", f"/{n}", ERROR, 1) for n in (8, 7, 6, 5, 4, 3, 2, 1, 0)],
            [*(f"'POST /{n}' failed 1 times" for n in range(5)), "the same at 4 more endpoints"],
            id="many",
        ),
    ],
)
def test_contradictions(rows: list[FailureRow], problems: list[str]) -> None:
    """Failures that the statistics contradict stop the check, or are counted where allowed."""
    with pytest.raises(ContradictionError) as caught:
        classify(run(rows), policy(rule()))
    head, *lines = str(caught.value).splitlines()
    assert head.startswith("run_failures.csv: ")
    result = classify(run(rows, partial=True), policy(rule()))
    told = [text for text in result.warnings if "no error text" not in text]
    assert [f"  {text}" for text in told] == lines[: len(told)]
    for text, problem in zip(told, problems, strict=True):
        assert text.startswith(problem)
    elsewhere = sum(row[3] for row in rows if row[1] != STATE)
    assert result.total.true == (10 + elsewhere if elsewhere else 11)
    assert result.total.failures == result.total.expected + result.total.true


def test_the_statistics_may_be_newer_than_the_failures() -> None:
    """As many failures as the statistics count are no contradiction, nor are fewer."""
    for count in (9, 10):
        assert classify(run([("POST", STATE, ERROR, count)]), policy(rule())).total.true == 10


def test_endpoints_that_have_only_failures() -> None:
    """Where that is allowed, they are endpoints without a request, and all of their failures count."""
    result = classify(run([("PUT", "/other", ERROR, 3)], partial=True), policy(rule()))
    (found,) = (row for row in result.endpoints if row.stats.name == "/other")
    assert found.stats == EndpointStats(
        method="PUT", name="/other", requests=0, failures=0, latency=Latency(), rps=None
    )
    assert (found.failures, found.true, found.unexplained) == (3, 3, 0)


def test_a_contradiction_names_the_run_where_it_has_no_file() -> None:
    """Failures of a document are in no file of their own."""
    one = builders.run(sources=(), failures=[("POST", "/other", ERROR, 1)], endpoints=[stats()])
    with pytest.raises(ContradictionError, match=r"^run: the failures contradict"):
        classify(one, policy(rule()))


def test_the_worst_comes_first() -> None:
    """True failures before expected ones, server errors before others, many before few."""
    rows = [
        ("POST", "/b", ERROR, 1),
        ("POST", "/a", ERROR, 1),
        ("GET", "/b", ERROR, 1),
        ("POST", "/c", ERROR, 2),
        ("POST", "/c", "HTTP 502", 2),
        ("POST", "/c", "HTTP 502 Bad Gateway", 2),
        ("POST", "/c", "a", 2),
        ("POST", "/d", CONFLICT, 3),
        ("POST", "/e", CONFLICT, 4),
        ("POST", "/f", CONFLICT, 4),
    ]
    ends = [
        builders.stats(name, method=method, requests=1000, failures=failures)
        for method, name, failures in [
            ("POST", "/f", 4), ("POST", "/e", 4), ("POST", "/d", 3), ("POST", "/c", 8),
            ("POST", "/b", 1), ("GET", "/b", 1), ("POST", "/a", 1),
        ]
    ]  # fmt: skip
    result = classify(run(rows, *ends), policy(rule(endpoint="POST /*")))
    assert [(row.stats.method, row.stats.name) for row in result.endpoints] == [
        ("POST", "/c"),
        ("POST", "/a"),
        ("GET", "/b"),
        ("POST", "/b"),
        ("POST", "/e"),
        ("POST", "/f"),
        ("POST", "/d"),
    ]
    assert [(kind.method, kind.name, kind.status, kind.count) for kind in result.failures] == [
        ("POST", "/c", 500, 2),
        ("POST", "/c", 502, 2),
        ("POST", "/c", 502, 2),
        ("POST", "/a", 500, 1),
        ("GET", "/b", 500, 1),
        ("POST", "/b", 500, 1),
        ("POST", "/c", None, 2),
        ("POST", "/e", 409, 4),
        ("POST", "/f", 409, 4),
        ("POST", "/d", 409, 3),
    ]
    assert [kind.signature for kind in result.failures[1:3]] == ["HTTP 502", "HTTP 502 Bad Gateway"]


def test_the_same_kind_under_two_rules() -> None:
    """Kinds that only their rule tells apart stand in the order of its name, that of none first."""
    rows = [("POST", STATE, f"lock {number} held", 1) for number in (2345, 3456, 1234)]
    rules = [
        rule(name, statuses=None, error=f"lock {digit}*", excuses=False)
        for name, digit in (("B", 2), ("A", 1))
    ]
    result = classify(run(rows, stats(failures=3)), policy(*rules))
    assert [(kind.signature, kind.rule) for kind in result.failures] == [
        ("lock * held", None),
        ("lock * held", "A"),
        ("lock * held", "B"),
    ]
    assert result.origins == ("loadgate.toml",)


def test_damage_becomes_a_warning() -> None:
    """What the reader had to leave out is said."""
    one = builders.run(
        failures=[("POST", "/other", ERROR, 1)],
        endpoints=[stats()],
        partial=True,
        damage=("line 3 is cut",),
        warnings=("the clock ran backwards",),
        contradictions=("the total is no sum",),
    )
    *given, unknown, unexplained = classify(one, policy(rule())).warnings
    assert given == ["the clock ran backwards", "the total is no sum", "line 3 is cut"]
    assert unknown.startswith("'POST /other' failed 1 times")
    assert unexplained.startswith("10 of 11 failures ")


@pytest.mark.parametrize(
    ("requests", "endpoints", "said"),
    [
        pytest.param((10,), 1, 2, id="one-endpoint-and-the-run"),
        pytest.param((10, 100), 1, 1, id="the-run-as-a-whole-is-sound"),
        pytest.param((12,), 0, 0, id="all-failed"),
        pytest.param((0,) * 7, 7, 6, id="many"),
    ],
)
def test_more_failures_than_requests_are_called_impossible(
    requests: tuple[int, ...], endpoints: int, said: int
) -> None:
    """It is said in words, for the first few endpoints, and the failures count all the same."""
    rows = [
        stats(f"/{number}", of, 12 if number < max(endpoints, 1) else 0)
        for number, of in enumerate(requests)
    ]
    result = classify(run(None, *rows), policy())
    told = [one for one in result.warnings if one.startswith("impossible: ")]
    assert len(told) == min(said, 5)
    if endpoints:
        assert told[0].startswith(f"impossible: 12 failures but only {requests[0]} requests")
        assert "POST /0" in told[0]
    assert any("3 more endpoints" in text for text in result.warnings) is (said > 5)
    assert result.total.true == 12 * max(endpoints, 1)


def test_budgets_are_collected() -> None:
    """A rule with a budget reports what it excused at each endpoint."""
    rows = [("POST", "/a/state", CONFLICT, 1), ("POST", "/b/state", CONFLICT, 2)]
    ends = (stats("/a/state", failures=1), stats("/b/state", failures=2), stats("/c/state", 5, 0))
    without, one = rule("without", statuses=[412]), rule("with", at_most="25%")
    result = classify(run(rows, *ends), policy(without, one))
    assert [(use.rule, use.stats.name, use.expected) for use in result.budgets] == [
        (one, "/b/state", 2),
        (one, "/a/state", 1),
    ]


def test_rows_of_one_endpoint_add_up() -> None:
    """What a rule matched, and what its budget is held against, is the sum of all texts."""
    rows = [
        ("POST", STATE, conflict("a"), 1),
        ("POST", STATE, conflict("b"), 2),
        ("POST", STATE, conflict("b"), 4),
        ("POST", STATE, conflict("item abcdef12"), 8),
        ("POST", STATE, conflict("item abcdee34"), 16),
    ]
    result = classify(run(rows, stats(failures=31)), policy(rule(at_most="25%")))
    assert sorted_as(result) == (31, 0, 0)
    assert result.rules[0].matched == 31
    assert [use.expected for use in result.budgets] == [31]
    assert [(kind.signature, kind.count) for kind in result.failures] == [
        (conflict("item *"), 24),
        (conflict("b"), 6),
        (conflict("a"), 1),
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
    texts = [
        f"HTTPError('409 Client Error: {'x' * number} {'y ' * 200_000}for url: /x')"
        for number in range(40)
    ]
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
    told = [text for text in result.warnings if " expires " in text]
    assert len(told) == (when is not None)
    assert all(text.startswith(f"rule r expires {when} (last day {last})") for text in told)


@pytest.mark.parametrize(
    ("last", "metric"),
    [(date(2026, 11, 22), "expired_rules"), (date(2026, 11, 23), "expiring_rules")],
)
def test_what_a_check_tells_is_no_warning(last: date, metric: str) -> None:
    """One warning for one cause: a check on such rules names them."""
    of, sound = policy(rule("r", expires=last)), run([], stats(failures=0))
    assert len(classify(sound, of).warnings) == 1
    demanded = replace(of, thresholds=(*of.thresholds, builders.threshold(f"{metric} <= 0")))
    assert classify(sound, demanded).warnings == ()


def test_more_readings_than_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forgetting readings in between changes nothing."""
    monkeypatch.setattr(sys.modules["loadgate.matching"], "_READINGS_KEPT", 1)
    monkeypatch.setattr(sys.modules["loadgate.tally"], "_DECISIONS_KEPT", 1)
    rows = [("POST", STATE, text, 1) for text in (CONFLICT, ERROR, "a", "b")]
    found = classify(run(rows), policy(rule()))
    assert sorted_as(found) == (1, 9, 6)
    assert found.true_log is not None
    assert [*found.true_log.rows([])] == rows[1:]


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
