"""Drafts of rules: for what they are made, with which budget, and that they load and excuse."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from builders import (
    TODAY,
    classification,
    endpoint_result,
    failure_kind,
    failure_row,
    policy,
    rule,
    run,
    stats,
)
from hypothesis import given
from hypothesis import strategies as st

from loadgate.classify import classify
from loadgate.gate import evaluate
from loadgate.model import OTHER_SIGNATURES, UNEXPLAINED, FailureRow, Policy, Rule
from loadgate.render.rules.drafts import percentage, render_suggestion
from loadgate.rules import load_policy, other_presets
from loadgate.rules.suggest import Suggestion, suggest
from loadgate.text import toml_string

EMPTY = policy()


def drafted(
    *rows: FailureRow,
    requests: int = 1000,
    of: Policy = EMPTY,
    presets: Mapping[str, Sequence[Rule]] | None = None,
) -> Suggestion:
    """Return what is suggested for a run with these failures."""
    counts: dict[tuple[str, str], int] = {}
    for method, name, _, count in rows:
        counts[method, name] = counts.get((method, name), 0) + count
    endpoints = [
        stats(name, method=method, requests=requests, failures=count)
        for (method, name), count in counts.items()
    ]
    return suggest([classify(run(failures=rows, endpoints=endpoints), of)], of, presets or {})


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("status", [409, 412, 423, 428, 429])
def test_what_looks_like_contention_is_drafted(method: str, status: int) -> None:
    """A refused change is drafted with its endpoint, status, evidence, and expiry in 90 days."""
    suggestion = drafted(failure_row(f"HTTP {status}", method=method, name="/tools/[id]", count=10))
    (draft,) = suggestion.drafts
    assert draft.id == f"{method.lower()}-tools-id-{status}"
    assert (draft.pattern, draft.status) == (f"{method} /tools/[id]", status)
    assert [(one.count, one.requests) for one in draft.measured] == [(10, 1000)]
    assert draft.texts == (f"HTTP {status}",)
    assert (draft.expires - TODAY).days == 90
    assert suggestion.left == 0


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(failure_row("HTTP 500"), id="server-error"),
        pytest.param(failure_row("HTTP 503"), id="overload"),
        pytest.param(failure_row("HTTP 404"), id="client-error"),
        pytest.param(failure_row("ConnectionRefusedError(111, 'refused')"), id="connection"),
        pytest.param(failure_row("conflict"), id="no-status"),
        pytest.param(failure_row("Expected [200, 409], got 500"), id="allowed-409"),
        pytest.param(failure_row("HTTP 409", method="GET"), id="read"),
        pytest.param(failure_row("HTTP 409", method=""), id="no-method"),
        pytest.param(failure_row("HTTP 409", method="gRPC"), id="unknown-method"),
    ],
)
def test_what_does_not_is_left(row: FailureRow) -> None:
    """Server errors, connection errors, texts without a status, and reads are never drafted."""
    suggestion = drafted(row)
    assert suggestion.drafts == ()
    assert suggestion.left == row[3]


@pytest.mark.parametrize(
    "decided",
    [
        pytest.param(rule(), id="excused"),
        pytest.param(rule(excuses=False), id="carve-out"),
        pytest.param(rule(expires=date(2026, 1, 31)), id="expired"),
    ],
)
def test_what_a_rule_decides_is_not_drafted(decided: object) -> None:
    """Somebody has thought about it: a draft would undo a carve-out or renew an expired rule."""
    assert drafted(failure_row(count=5), of=policy(decided)).drafts == ()  # type: ignore[arg-type]


def test_urls_are_drafted_as_paths() -> None:
    """Endpoints that differ in host or query are one draft, with what was measured at each."""
    rows = [
        failure_row("HTTP 409", name=f"http://host/tools?token={number}", count=number)
        for number in (3, 40)
    ]
    suggestion = drafted(*rows)
    (draft,) = suggestion.drafts
    assert draft.pattern == "POST /tools"
    assert [one.count for one in draft.measured] == [40, 3]
    assert "token" not in render_suggestion(suggestion)


def test_endpoints_that_differ_in_identifiers_are_one_draft() -> None:
    """Names without a pattern of Locust's own are put into one; what is no identifier is not."""
    names = ["/tools/7/state", "/tools/3f2a9c11-0b/state", "/tools/12/state", "/tools/new/state"]
    suggestion = drafted(*(failure_row("HTTP 409", name=name, count=3) for name in names))
    assert [draft.pattern for draft in suggestion.drafts] == [
        "POST /tools/new/state",
        "POST /tools/*/state",
    ]
    assert [draft.endpoints for draft in suggestion.drafts] == [1, 3]
    text = render_suggestion(suggestion)
    assert "Covers 3 endpoints" in text
    (alone,) = drafted(failure_row("HTTP 409", name=names[0])).drafts
    assert alone.pattern == "POST /tools/7/state"


def test_drafts_are_bounded() -> None:
    """Beyond what a person would read, the number is told, and their failures are left."""
    rows = [failure_row("HTTP 409", name=f"/t{number}", count=2) for number in range(203)]
    rows += [failure_row("HTTP 409", name=f"\ud800{number}") for number in range(30)]
    suggestion = drafted(*rows)
    assert (len(suggestion.drafts), suggestion.more, suggestion.left) == (200, 3, 36)
    text = render_suggestion(suggestion)
    assert "# and 3 more like these\n" in text
    assert text.count("No pattern can name") == 20


def test_several_runs_are_one_draft() -> None:
    """The budget is above the highest share that any run had; ids never repeat."""
    results = [
        classification(
            of=run(label=label),
            endpoints=[endpoint_result(requests=1000, expected=0, true=count)],
            failures=[failure_kind(decision="true", rule=None, count=count)],
        )
        for label, count in (("monday", 10), ("tuesday", 100))
    ]
    of = policy(rule("post-tools-id-state-409", statuses=[400]))
    (draft,) = suggest(results, of, {}).drafts
    assert draft.id == "post-tools-id-state-409-2"
    assert [(one.run, one.count) for one in draft.measured] == [("tuesday", 100), ("monday", 10)]
    assert draft.at_most == Fraction(13, 100)


@pytest.mark.parametrize(
    ("count", "requests", "budget"),
    [
        pytest.param(1, 10_000, "0.04%", id="one-of-many"),
        pytest.param(84, 567, "19%", id="some"),
        pytest.param(10_000, 100_000, "12%", id="many"),
        pytest.param(1, 10_000_000, "0.00004%", id="hardly-any"),
        pytest.param(111, 111, "100%", id="all"),
        pytest.param(5, 0, "100%", id="no-requests"),
    ],
)
def test_budgets_are_a_little_above(count: int, requests: int, budget: str) -> None:
    """Room for a fifth more, or for the scatter of a small count; never above all."""
    (draft,) = drafted(failure_row("HTTP 409", count=count), requests=requests).drafts
    assert percentage(draft.at_most) == budget
    assert percentage(draft.at_most).removesuffix("%").rstrip("0") != ""


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("", id="empty"),
        pytest.param(" ", id="blank"),
        pytest.param("/" + "x" * 1000, id="too-long"),
    ],
)
def test_names_that_no_pattern_can_say_are_told(name: str) -> None:
    """Where no pattern names the endpoint there is no draft, and its failures are left."""
    suggestion = drafted(failure_row("HTTP 409", name=name, count=7))
    assert suggestion.drafts == ()
    assert len(suggestion.unnamed) == 1
    assert suggestion.left == 7
    assert "No pattern" in render_suggestion(suggestion)


def test_a_name_with_signs_of_patterns_says_so() -> None:
    """A star in a name stands for more than itself; the draft tells its reader."""
    text = render_suggestion(drafted(failure_row("HTTP 409", name="/files/*", count=3)))
    assert "are wildcards in a pattern" in text


def test_a_share_that_is_too_high_for_contention_says_so() -> None:
    """Where about every second request is refused, the draft doubts itself."""
    for count, doubts in ((300, False), (600, True)):
        text = render_suggestion(drafted(failure_row("HTTP 409", count=count)))
        assert ("looks more like a fault" in text) is doubts


def test_a_few_requests_measure_no_budget() -> None:
    """One of three is no outage, and no budget either; the draft says so."""
    row = failure_row("HTTP 429", name="/x", count=1)
    text = render_suggestion(drafted(row, requests=3))
    assert "# 3 requests are too few" in text
    assert "looks more like a fault" not in text


def test_the_end_of_the_calendar_ends_a_draft() -> None:
    """Ninety days later there is no day."""
    late = policy(today=date(9999, 12, 1))
    (draft,) = drafted(failure_row("HTTP 409", name="/x"), of=late).drafts
    assert draft.expires == date.max


def test_nothing_to_draft() -> None:
    """The output is TOML all the same, and says what was looked for."""
    text = render_suggestion(drafted(failure_row("HTTP 500")))
    assert tomllib.loads(text) == {}
    assert "409, 412, 423" in text


def test_many_measurements_and_texts_are_bounded() -> None:
    """A draft shows the highest few shares, and the most frequent few texts."""
    rows = [failure_row("HTTP 409", name=f"http://h{n}/tools", count=n) for n in range(1, 20)]
    rows += [
        failure_row(f"HTTPError('409 Client Error: {c} for url: /x')", name="http://h1/tools")
        for c in "abcdef"
    ]
    text = render_suggestion(drafted(*rows))
    assert text.count("# Measured:") == 5
    assert "# and less in 14 more" in text
    assert text.count("# Text:") == 3
    assert len(text.splitlines()) < 25


# --- what is not drafted --------------------------------------------------------------------------


def test_what_a_preset_covers_is_named() -> None:
    """A limiter refuses reads, too: most of all failures, and no draft is for them."""
    of = load_policy("optimistic-locking", today=TODAY)
    rows = [failure_row("HTTP 429", method="GET", name=f"/t/{n}", count=n) for n in (33, 900)]
    rows += [failure_row("HTTP 412", method="PUT", name="/t", count=5), failure_row("HTTP 500")]
    suggestion = drafted(*rows, of=of, presets=other_presets(of))
    limits, conditional = suggestion.covers
    assert (limits.preset, limits.failures, limits.endpoints) == ("rate-limiting", 933, 2)
    assert limits.above == 1
    assert (conditional.preset, conditional.failures) == ("conditional-requests", 5)
    assert [draft.status for draft in suggestion.drafts] == [412]
    assert [one.what for one in suggestion.refused] == []
    assert suggestion.rare == 1
    text = " ".join(render_suggestion(suggestion).replace("\n#", "").split())
    assert 'extends = ["rate-limiting"] covers 933 failures of 2 endpoints' in text
    assert "At 1 of them" in text
    assert 'extends = ["conditional-requests"] covers 5 failures of 1 endpoint' in text
    assert "optimistic-locking" not in text


def test_presets_that_cover_nothing_are_not_named() -> None:
    """Nor those whose rules decide by text, or say that failures are true."""
    rules = {
        "a": [rule(excuses=False)],
        "b": [rule(error="*")],
        "c": [rule(statuses=None, error="*")],
    }
    suggestion = drafted(failure_row(), presets=rules)
    assert suggestion.covers == ()
    assert "extends" not in render_suggestion(suggestion)
    without_budget = drafted(failure_row(), presets={"d": [replace(rule(), at_most=None)]})
    assert [(one.preset, one.above) for one in without_budget.covers] == [("d", 0)]


def test_texts_without_a_status_are_candidates() -> None:
    """As comments, with their counts: with the marks taken off, they are rules that match."""
    rows = [
        failure_row("ws closed: stale revision", method="WSS", name="/chat", count=27),
        failure_row("JSON-RPC error -32000: Concurrent modification", name="/rpc/7", count=9),
        failure_row("JSON-RPC error -32001: Concurrent modification", name="/rpc/8", count=9),
    ]
    suggestion = drafted(*rows)
    assert [(one.pattern, one.error, one.count) for one in suggestion.candidates] == [
        ("WSS /chat", "ws closed: stale revision", 27),
        ("POST /rpc/*", "JSON-RPC error -*: Concurrent modification", 18),
    ]
    assert suggestion.drafts == ()
    text = render_suggestion(suggestion)
    assert tomllib.loads(text) == {}
    assert "# 27 failures " in text
    lines = [line.removeprefix("# ") for line in text.splitlines()]
    tables = "\n".join(line for line in lines if " = " in line or line == "[[rules]]")
    path_rules = _load(f"version = 1\n{tables}\n")
    endpoints = [stats(name, method=method, failures=count) for method, name, _, count in rows]
    of = run(failures=rows, endpoints=endpoints)
    assert classify(of, path_rules).total.true == 0


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        pytest.param(failure_row("HTTP 500"), "server error", id="500"),
        pytest.param(
            failure_row("upstream 503 or so"), "server error|may be the status", id="a-number"
        ),
        pytest.param(failure_row("Service Unavailable"), "server error", id="words"),
        pytest.param(failure_row("BadGateway"), "server error", id="words-in-one"),
        pytest.param(failure_row("HTTP 404"), "does not mean contention", id="another-status"),
        pytest.param(failure_row("HTTP 409", method="GET"), "only reads", id="read"),
        pytest.param(failure_row("HTTP 409", method="gRPC"), "whether this type", id="grpc"),
        pytest.param(failure_row("HTTP 409", method=""), "whether this type", id="no-method"),
        pytest.param(failure_row("Expected [200], got 0"), "no response", id="no-answer"),
        pytest.param(failure_row("ConnectionRefusedError(111, 'x')"), "no response", id="refused"),
        pytest.param(failure_row("socket: timed out"), "no response", id="timeout"),
        pytest.param(failure_row("it was 409 today"), "may be the status", id="a-status-perhaps"),
        pytest.param(failure_row(""), "the text is empty", id="no-text"),
        pytest.param(failure_row("x \ud800"), "Unicode", id="not-utf-8"),
        pytest.param(failure_row("stale", name=""), "no pattern can name", id="no-name"),
    ],
)
def test_what_is_frequent_and_not_offered_says_why(row: FailureRow, reason: str) -> None:
    """Never is a server error, or what could be one, offered as expected."""
    suggestion = drafted((*row[:3], 7))
    assert suggestion.candidates == ()
    assert suggestion.drafts == ()
    (refused,) = suggestion.refused
    assert refused.count == 7
    assert re.search(reason, refused.reason)
    text = render_suggestion(suggestion)
    assert "# - 7 of " in text
    assert tomllib.loads(text) == {}
    text.encode()


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        pytest.param({"signature": UNEXPLAINED}, "no error text", id="unexplained"),
        pytest.param({"signature": OTHER_SIGNATURES}, "too many different texts", id="many"),
        pytest.param({"status": 409, "rule": "r"}, "rule r decides them already", id="a-carve-out"),
    ],
)
def test_kinds_that_have_no_text_or_a_rule_say_so(kind: dict[str, Any], reason: str) -> None:
    """They are named as what they are."""
    of = failure_kind(**{"decision": "true", "status": None, "rule": None, **kind})
    result = classification(endpoints=[endpoint_result(true=of.count)], failures=[of])
    (refused,) = suggest([result], EMPTY, {}).refused
    assert reason in refused.reason


def test_only_what_is_frequent_is_named() -> None:
    """At least one in a hundred of the true failures; the rest is a number."""
    rows = [failure_row("HTTP 404", count=990), failure_row("HTTP 403", count=10)]
    suggestion = drafted(*rows, failure_row("HTTP 401", count=9))
    assert [one.what for one in suggestion.refused] == ["404"]
    assert suggestion.rare == 19
    assert "# 19 true failures " in render_suggestion(suggestion)
    many = drafted(
        *(failure_row("HTTP 404", name=f"/x{c}", count=10) for c in "abcdefghijklmnopqrstuvwxyz")
    )
    assert (len(many.refused), many.rare) == (20, 60)


def test_examples_are_what_the_runs_had() -> None:
    """One that is excused and one that is not, by texts that are decided as they were."""
    hostile = [
        failure_row("HTTP 500", method="gRPC", count=99),
        failure_row("HTTP 500", name=" /x", count=98),
        failure_row("HTTP 500", name="/x?password=hunter2", count=97),
        failure_row("HTTP 500 \ud800", count=96),
    ]
    rows = [*hostile, failure_row("HTTP 500", name="/y"), failure_row("HTTP 409", name="/a/state")]
    of = load_policy("optimistic-locking", today=TODAY)
    assert [(one.name, one.expect, one.rule) for one in drafted(*rows, of=of).examples] == [
        ("/a/state", "expected", "optimistic-locking-conflict"),
        ("/y", "true", None),
    ]
    assert drafted(*hostile).examples == ()


NAMES = st.text(
    st.sampled_from("ab/[]{}*?#\"'\\\n\r\t\x00\x1b\x7f\x85\u202e\u2028\ufeff[]= é冲\ud800"),
    max_size=8,
)


@given(
    st.lists(st.tuples(st.sampled_from(["POST", "PUT"]), NAMES, NAMES), min_size=1, max_size=5),
    st.integers(1, 30),
)
def test_a_suggestion_can_be_appended_and_excuses(
    rows: list[tuple[str, str, str]], count: int
) -> None:
    """Whatever names and texts hold: the file loads, and the drafts pass what they were made of."""
    made = [(method, "/x" + name, f"{text} HTTP 409", count) for method, name, text in rows]
    names = {(row[0], row[1]) for row in made}
    endpoints = [
        stats(
            name,
            method=method,
            requests=1000,
            failures=sum(row[3] for row in made if row[:2] == (method, name)),
        )
        for method, name in sorted(names)
    ]
    of = run(failures=made, endpoints=endpoints)
    suggestion = suggest([classify(of, EMPTY)], EMPTY, {})
    text = "version = 1" + "\n" + render_suggestion(suggestion)
    assert text.isprintable() or {c for c in text if not c.isprintable()} <= {"\n"}
    rules = _load(text)
    verdict = evaluate(classify(of, rules), rules)
    assert verdict.classification.total.true <= suggestion.left
    if not any("*" in name or "{" in name for _, name in names):
        assert verdict.classification.total.true == suggestion.left
        assert all(check.result == "passed" for check in verdict.checks if check.rule)


def _load(text: str) -> Policy:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "loadgate.toml"
        path.write_text(text, encoding="utf-8", newline="\n")
        return load_policy(path, today=TODAY)


@given(st.text())
def test_toml_strings_say_what_they_were_given(text: str) -> None:
    """A basic string of TOML holds any text, in printable characters on one line."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    quoted = toml_string(text)
    assert tomllib.loads(f"x = {quoted}") == {"x": text}
    assert "\n" not in quoted
