"""Tests of lint: what is found, what is not, and that nothing is found by guessing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from builders import (
    CONFLICT,
    SERVER_ERROR,
    STATE,
    TODAY,
    classification,
    endpoint_result,
    example,
    policy,
    rule,
    threshold,
)
from hypothesis import given
from hypothesis import strategies as st

from loadgate.matching import decide_text
from loadgate.model import Owner, Policy, Rule
from loadgate.patterns import EndpointPattern
from loadgate.rules.lint import Finding, lint


def sound(_name: str = "sound", /, **fields: Any) -> Rule:
    """Return a rule with which nothing is wrong."""
    return rule(_name, **{"at_most": "5%", **fields})


def codes(of: Policy, *, strict: bool = False) -> list[tuple[str, str | None]]:
    """Return code and rule of each finding that counts."""
    return [(one.code, one.rule) for one in lint(of, strict=strict) if not one.ignored]


def only(of: Policy) -> Finding:
    """Return the one finding."""
    (finding,) = lint(of)
    return finding


def test_nothing_is_wrong_with_a_sound_rule() -> None:
    """A rule with method, status, reason and budget has no findings."""
    assert lint(policy(sound())) == ()


# --- limits ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("requires", "found"),
    [
        pytest.param(["true_failure_rate <= 100%"], True, id="everything"),
        pytest.param(["failure_rate <= 100%", "true_failure_rate <= 100%"], True, id="twice"),
        pytest.param(["p95 <= 1s", "failure_rate <= 100%"], True, id="beside-another-metric"),
        pytest.param(["true_failure_rate < 100%"], True, id="below-everything"),
        pytest.param(["true_failure_rate <= 50.1%"], True, id="most"),
        pytest.param(["true_failure_rate <= 50%"], True, id="half"),
        pytest.param(["true_failure_rate < 50%"], False, id="below-half"),
        pytest.param(["true_failures <= 1000000000"], True, id="a-count-beyond-every-run"),
        pytest.param(["failures <= 1000"], True, id="a-count-of-half-of-2000"),
        pytest.param(["failures < 1000"], False, id="a-count-below-that"),
        pytest.param(["failures <= 1000", "requests >= 10000"], False, id="a-large-run-wanted"),
        pytest.param(["failures <= 5", "requests >= 1"], False, id="a-small-run-wanted"),
        pytest.param(["failures <= 1000", "requests <= 9000"], True, id="a-small-run-only"),
        pytest.param(["failure_rate <= baseline + 50%"], True, id="points-on-top-of-a-baseline"),
        pytest.param(["failures <= baseline + 5000"], True, id="many-on-top-of-a-baseline"),
        pytest.param(["failures <= baseline + 900%"], False, id="a-share-of-what-is-not-known"),
        pytest.param(["true_failure_rate <= 100%", "failures <= 5"], False, id="beside-a-limit"),
        pytest.param(["true_failure_rate <= baseline"], False, id="beside-the-baseline"),
        pytest.param(["p95 <= 1s"], False, id="the-default-holds"),
        pytest.param([], False, id="none"),
    ],
)
def test_limits_that_limit_nothing(requires: list[str], *, found: bool) -> None:
    """Limits by which half of all requests may fail are found where there is no other."""
    of = policy(sound(), thresholds=[threshold(require) for require in requires])
    findings = lint(of)
    assert [(one.code, one.severity) for one in findings] == [("no-limit", "warning")] * found
    assert all("half fail" in one.sentence for one in findings)


def test_runs_say_what_a_count_limits() -> None:
    """Of the runs that have requests at all, the smallest one counts."""
    of = policy(sound(), thresholds=[threshold("true_failures <= 999", min_requests=10)])
    for requests, found in (((100_000, 0), False), ((100_000, 1998), True), ((5,), True)):
        runs = [
            classification(endpoints=[endpoint_result(requests=each, expected=0)], rules=())
            for each in requests
        ]
        assert [one.code for one in lint(of, runs)].count("no-limit") == found


@pytest.mark.parametrize(
    ("require", "remedy"),
    [
        pytest.param("requests >= 0", "higher", id="requests"),
        pytest.param("rps >= 0", "higher", id="throughput"),
        pytest.param("rps >= baseline - 100%", "higher", id="all-below-the-baseline"),
        pytest.param("expected_failures >= 0", "higher", id="expected-failures"),
        pytest.param("expected_failure_rate >= baseline - 100%", "higher", id="all-points-below"),
        pytest.param("status_429 >= 0", "higher", id="a-status"),
        pytest.param("duration >= 0s", "higher", id="duration"),
        pytest.param("users >= 0", "higher", id="users"),
        pytest.param("expected_failure_rate <= 100%", "lower", id="expected-rate"),
        pytest.param("status_5xx_rate <= 100%", "lower", id="rate-of-a-status"),
        pytest.param("status_5xx_rate <= baseline + 100%", "lower", id="all-points-above"),
        pytest.param("requests > 0", "", id="some-requests"),
        pytest.param("rps >= baseline - 99%", "", id="a-little-throughput"),
        pytest.param("rps >= baseline - 5", "", id="a-number-below-the-baseline"),
        pytest.param("expected_failure_rate < 100%", "", id="not-all"),
        pytest.param("status_5xx_rate <= 99%", "", id="not-quite-all"),
        pytest.param("requests <= 0", "", id="never-met"),
    ],
)
def test_limits_that_every_run_meets(require: str, remedy: str) -> None:
    """They are found on any metric; so are those of one endpoint, and warnings."""
    found = lint(policy(sound(), thresholds=[threshold(require)]))
    assert [(one.code, one.severity) for one in found] == [("no-limit", "warning")] * bool(remedy)
    assert all(one.sentence.startswith(f"{require} ") for one in found)
    assert all(one.remedy.startswith(f"Set a {remedy} limit") for one in found)
    elsewhere = [
        threshold("true_failure_rate <= 100%", severity="warning"),
        threshold("failure_rate <= 100%", endpoint="GET /**"),
        threshold("true_failure_rate <= 60%", endpoint="GET /**"),
    ]
    found = lint(policy(sound(), thresholds=elsewhere))
    assert [one.sentence.partition(" holds")[0] for one in found] == [
        "true_failure_rate <= 100%",
        "failure_rate <= 100%",
    ]


# --- order ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second", "code"),
    [
        pytest.param({}, {}, "duplicate-rule", id="the-same"),
        pytest.param(
            {"endpoint": "PUT,POST /a", "statuses": [409, 412]},
            {"endpoint": "POST,PUT /a", "statuses": [412, 409]},
            "duplicate-rule",
            id="the-same-in-another-order",
        ),
        pytest.param({"error": "*"}, {}, "duplicate-rule", id="any-text-is-no-condition"),
        pytest.param({}, {"endpoint": "POST /tools/*/state"}, "shadowed-rule", id="narrower-name"),
        pytest.param({"endpoint": "**"}, {}, "shadowed-rule", id="any-method"),
        pytest.param({}, {"endpoint": "/**/state"}, None, id="wider-method"),
        pytest.param({"statuses": [409, 412]}, {}, "shadowed-rule", id="one-of-the-statuses"),
        pytest.param({}, {"statuses": [409, 412]}, None, id="more-statuses"),
        pytest.param({"statuses": None, "error": "*got 4*"}, {}, None, id="a-text-is-narrower"),
        pytest.param({}, {"statuses": None, "error": "*got 4*"}, None, id="also-unknown-statuses"),
        pytest.param(
            {"statuses": None, "error": "*got 4*"},
            {"statuses": [409], "error": "*now got 4?9*"},
            "shadowed-rule",
            id="narrower-text",
        ),
        pytest.param({"endpoint": "POST /**/state?a"}, {}, None, id="one-query-only"),
    ],
)
def test_rules_that_never_decide(
    first: dict[str, Any], second: dict[str, Any], code: str | None
) -> None:
    """A rule below another one never decides only if that one matches all it could."""
    found = [
        one
        for one in lint(policy(sound("first", **first), sound("second", **second)))
        if one.rule == "second" and one.code != "too-broad"
    ]
    assert [one.code for one in found] == ([code] if code else [])
    if code:
        assert "first" in found[0].sentence
        assert found[0].severity == "error"


def test_rules_together_shadow_one() -> None:
    """Statuses and methods may be shared out; the finding names all that take part, and no other."""
    found = only(
        policy(
            sound("a", endpoint="POST /**", statuses=[409]),
            sound("unrelated", endpoint="GET /other", statuses=[412]),
            sound("b", endpoint="POST,PUT /**", statuses=[412]),
            sound("c", endpoint="PUT /**", statuses=[409]),
            sound("d", endpoint="POST,PUT /**/state", statuses=[409, 412]),
        )
    )
    assert (found.code, found.rule) == ("shadowed-rule", "d")
    assert "a, b, c above it" in found.sentence


@pytest.mark.parametrize(
    ("above", "below", "consequence"),
    [
        pytest.param(True, False, "; what it calls a failure is excused", id="carve-out-below"),
        pytest.param(False, True, "; what it should excuse counts as true", id="excuse-below"),
        pytest.param(True, True, "everything this rule could", id="the-same-decision"),
    ],
)
def test_the_consequence_is_said(*, above: bool, below: bool, consequence: str) -> None:
    """Where the two decide differently, the sentence says what goes wrong."""
    rules = (
        rule("wide", endpoint="POST /**", at_most="5%" if above else "", excuses=above),
        rule("narrow", at_most="5%" if below else "", excuses=below),
    )
    assert only(policy(*rules)).sentence.endswith(consequence)


def test_an_extending_file_may_shadow() -> None:
    """Own rules come first and win; that is no finding about either file."""
    origins = ("loadgate.toml", "team.toml")
    rules = (sound("own", endpoint="POST /**"), sound("team", origin="team.toml"))
    assert lint(policy(*rules, origins=origins)) == ()
    twice = (*rules, sound("again", origin="team.toml"))
    assert only(policy(*twice, origins=origins)).file == "team.toml"


@pytest.mark.parametrize(
    ("above", "origin", "found"),
    [
        pytest.param("**", "loadgate.toml", True, id="everything"),
        pytest.param("POST,GET /pay/**", "loadgate.toml", True, id="wider"),
        pytest.param("POST /pay/**", "loadgate.toml", True, id="the-same"),
        pytest.param("GET /pay/**", "loadgate.toml", False, id="another-method"),
        pytest.param("POST /pay/x", "loadgate.toml", False, id="a-part"),
        pytest.param("**", "team.toml", False, id="of-another-file"),
    ],
)
def test_owners_who_are_never_asked(above: str, origin: str, *, found: bool) -> None:
    """Each is told once, with both patterns."""
    owners = tuple(
        Owner(endpoint=EndpointPattern.parse(pattern), owner="@a", origin=file)
        for pattern, file in [(above, origin), (above, origin), ("POST /pay/**", "loadgate.toml")]
    )
    of = replace(policy(), owners=owners[1:])
    findings = [one for one in lint(of) if one.code == "shadowed-rule"]
    assert [("POST /pay/**" in one.sentence, above in one.sentence) for one in findings] == [
        (True, True)
    ] * found
    assert (
        len([one for one in lint(replace(of, owners=owners)) if "owners" in one.sentence])
        == 1 + found
    )


@pytest.mark.parametrize(
    ("fields", "lost"),
    [
        pytest.param({}, True, id="the-same"),
        pytest.param({"endpoint": "POST /pay/**"}, True, id="a-part"),
        pytest.param({"endpoint": "POST,PUT /**"}, True, id="more"),
        pytest.param({"statuses": [412, 409]}, True, id="one-of-two-statuses"),
        pytest.param({"error": "*stale*"}, True, id="some-texts"),
        pytest.param({"endpoint": "PUT /**"}, False, id="another-method"),
        pytest.param({"statuses": [412]}, False, id="another-status"),
        pytest.param({"endpoint": "POST /orders/**"}, False, id="another-endpoint"),
    ],
)
def test_lost_carve_outs(fields: dict[str, Any], *, lost: bool) -> None:
    """What an extended file calls a failure is not excused without a word."""
    origins = ("loadgate.toml", "team.toml")
    theirs = rule("theirs", endpoint="POST /pay/**", excuses=False, origin="team.toml")
    own = sound("own", **{"endpoint": "POST /pay/**", **fields})
    assert codes(policy(own, theirs, origins=origins)) == [("lost-carve-out", "own")] * lost
    assert codes(policy(theirs, own, origins=("team.toml", "loadgate.toml"))) in (
        [],
        [("shadowed-rule", "own")],
    )
    ignored = sound("own", lint_ignore=["lost-carve-out"], **{"endpoint": "POST /pay/**", **fields})
    assert codes(policy(ignored, theirs, origins=origins)) == []


@pytest.mark.parametrize(
    ("fields", "lost"),
    [
        pytest.param({"excuses": True, "at_most": "5%"}, True, id="excused"),
        pytest.param(
            {"excuses": True, "at_most": "5%", "endpoint": "PUT /x"}, True, id="elsewhere"
        ),
        pytest.param({"endpoint": "POST /never"}, True, id="a-carve-out-of-something-else"),
        pytest.param({}, False, id="the-same"),
        pytest.param({"endpoint": "POST /**"}, False, id="a-wider-one"),
    ],
)
def test_replaced_carve_outs(fields: dict[str, Any], *, lost: bool) -> None:
    """A rule of the same id has to call failures all that the replaced one did."""
    theirs = rule("same", endpoint="POST /pay/**", excuses=False, origin="team.toml")
    own = rule("same", **{"endpoint": "POST /pay/**", "excuses": False, **fields})
    of = policy(own, replaced=[theirs, rule("other", origin="team.toml")][:1])
    found = lint(of)
    assert [(one.code, one.severity) for one in found] == [("lost-carve-out", "error")] * lost
    assert all(one.sentence == "replaces a carve-out of team.toml" for one in found)


def test_a_replaced_rule_that_excused_is_no_loss() -> None:
    """Who excuses less than before loses nothing."""
    own, theirs = rule("same", excuses=False), sound("same", origin="team.toml")
    assert lint(policy(own, replaced=[theirs])) == ()


@pytest.mark.parametrize("key", ["endpoint", "error", "why", "owner", "ticket"])
def test_odd_characters(key: str) -> None:
    """A letter of another script in any text that is matched, or that reviewers read."""
    texts = {"endpoint": "POST /p\u0430y", "error": "*p\u0430id*", "why": "P\u0430y once."}
    of = policy(sound(**{key: texts.get(key, "P\u0430y")}))
    found = only(of)
    assert (found.code, found.severity) == ("odd-characters", "error")
    assert found.sentence.startswith(f"has in its {key} U+0430 CYRILLIC SMALL LETTER A")


def test_odd_characters_of_other_tables() -> None:
    """A wording, or the endpoint of a threshold, that matches nothing is as hard to see."""
    wording = only(policy(sound(), status_texts=["refused\u00a0with {status}"]))
    assert (wording.code, wording.rule) == ("odd-characters", None)
    assert wording.sentence.startswith("a status text has U+00A0")
    limits = [threshold("p95 <= 1s", endpoint="GET /\u0430/b"), threshold()]
    of = only(policy(sound(), thresholds=limits))
    assert of.sentence.startswith("the threshold p95 <= 1s has U+0430")


EXTENDED = ("loadgate.toml", "preset rate-limiting")


def test_presets_that_never_decide() -> None:
    """A preset all of whose rules are replaced or shadowed is unused; one that is left is not."""
    other = rule("theirs", endpoint="**", statuses=[429], origin=EXTENDED[1])
    assert lint(policy(sound(), other, origins=EXTENDED)) == ()
    for rules in ((sound(),), (sound("all", endpoint="POST **", statuses=[429]), other)):
        found = [one.preset for one in lint(policy(*rules, origins=EXTENDED))]
        assert found == (["rate-limiting"] if len(rules) == 1 else [])
    wide = sound("all", endpoint="**", statuses=[429])
    (unused,) = lint(policy(wide, other, origins=EXTENDED))
    assert (unused.code, unused.severity, unused.file) == (
        "unused-preset",
        "warning",
        "loadgate.toml",
    )


def test_a_preset_is_judged_where_it_is_named() -> None:
    """As the file itself its rules are looked at like any others."""
    own = rule("theirs", origin="preset x")
    assert codes(policy(own, origins=("preset x",))) == [("no-budget", "theirs")]


endpoints = st.sampled_from(["POST /**", "POST,PUT /a/*", "/a/**", "PUT /a/b", "POST /{w}/b", "**"])
statuses = st.sampled_from([None, [409], [412], [409, 412]])
errors = st.sampled_from([None, "*", "*got 4*", "*got 409*", "*'Expected*"])
rules = st.builds(
    lambda endpoint, status, error: (endpoint, status, error or (None if status else "*got*")),
    endpoints, statuses, errors,
)  # fmt: skip


@given(
    st.lists(rules, min_size=2, max_size=5),
    st.sampled_from(["POST", "PUT", "GET"]),
    st.sampled_from(["/a/b", "/a/", "/c", "/c/b", "http://h/a/b?q"]),
    st.sampled_from([CONFLICT, "CatchResponseError('Expected [200], got 412')", SERVER_ERROR, "?"]),
)
def test_what_is_called_unreachable_never_decides(
    drawn: list[tuple[str, list[int] | None, str | None]], method: str, name: str, text: str
) -> None:
    """No failure is ever decided by a rule that is said to never decide."""
    of = policy(
        *(
            sound(f"r{number}", endpoint=endpoint, statuses=status, error=error)
            for number, (endpoint, status, error) in enumerate(drawn)
        )
    )
    unreachable = {one.rule for one in lint(of) if one.code in {"shadowed-rule", "duplicate-rule"}}
    match, _ = decide_text(of, method, name, text)
    assert match.rule is None or match.rule.id not in unreachable


# --- what rules excuse ----------------------------------------------------------------------------


SEVEN = "GET,HEAD,OPTIONS,POST,PUT,PATCH,DELETE"
UNWANTED: dict[str, dict[str, Any]] = {
    "seven-methods": {"endpoint": f"{SEVEN} **"},
    "seven-methods-of-paths": {"endpoint": f"{SEVEN} /**"},
    "reading": {"endpoint": "GET /**"},
    "missing-everywhere": {"endpoint": "DELETE **", "statuses": [404]},
    "login-everywhere": {"endpoint": "POST /*", "statuses": [401]},
    "a-letter": {"endpoint": "POST /import", "statuses": None, "error": "*e*"},
    "a-bracket": {"endpoint": "POST /import", "statuses": None, "error": "*(*"},
    "any-status": {"endpoint": "POST /import", "statuses": None, "error": "*got *"},
    "any-refusal": {"endpoint": "POST /import", "statuses": None, "error": "*Client Error*"},
    "connections": {"endpoint": "POST /import", "statuses": None, "error": "Connection*"},
    "timeouts": {"endpoint": "POST /import", "statuses": None, "error": "*timed out*"},
    "assertions": {"endpoint": "POST /import", "statuses": None, "error": "AssertionError*"},
    "success": {"endpoint": "POST /import", "statuses": [200, 409]},
    "a-first-letter": {"endpoint": f"{SEVEN} /a**"},
    "a-first-letter-of-reading": {"endpoint": "GET /o**", "statuses": [404]},
    "a-last-letter": {"endpoint": "**s", "statuses": [404]},
    "names-without-a-path": {"endpoint": "*", "statuses": [404]},
    "a-broken-login": {"endpoint": "/a", "statuses": [401, 403]},
    "denials": {"endpoint": "/a", "statuses": [401, 403, 404]},
    "many-refusals": {"endpoint": "POST /a", "statuses": [400, 402, 405, 418]},
    **{
        f"words-{words}": {"endpoint": "POST /import", "statuses": None, "error": f"*{words}*"}
        for words in (
            *("409", "got 409", "'409'", ": 409", "503", "599", "302", "failed", "status code"),
            *("Unexpected", "unavailable", "Gateway", "nginx", "token", "NoneType", "lost", "{"),
            *("prematurely", "Too many", "Exception", "code=", "UNAVAILABLE", "-", "!"),
        )
    },
}


def unwanted(name: str) -> Any:
    """Return a case of a rule that excuses what nobody wants excused."""
    return pytest.param(UNWANTED[name], "too-broad", "error", id=name)


@pytest.mark.parametrize(
    ("fields", "code", "severity"),
    [
        pytest.param({"endpoint": "/**"}, "too-broad", "error", id="any-path"),
        pytest.param({"endpoint": "**"}, "too-broad", "error", id="any-name"),
        pytest.param({"endpoint": "/**/**"}, "too-broad", "error", id="any-path-twice"),
        pytest.param({"endpoint": "/tools/**"}, None, "", id="a-part"),
        pytest.param({"endpoint": "POST /**"}, None, "", id="a-method"),
        *(
            pytest.param({"endpoint": text, "statuses": [404]}, "too-broad", "error", id=text)
            for text in (
                *("/api/**", "GET /API/v2/*", "/v1/**", "/v{n}/**", "/**/v1/**", "api/**"),
                *(
                    "/rest/api/2/**",
                    "/{tenant}/**",
                    "/{a}/{b}/{c}",
                    "/{a}/{b}/{c}/{d}/{e}",
                    "/api/{v}/{what}",
                ),
                *("https://**", "{scheme}://{host}/**", "https://shop.example/api/**"),
                *("**//**", "grpc /**", "WSS,ws /*"),
            )
        ),
        *(
            pytest.param({"endpoint": text, "statuses": [404]}, None, "", id=text)
            for text in (
                *("/api/items/**", "GET /v2/{repo}/tags/{tag}", "/{tenant}/items/**"),
                *("https://shop.example/items/**", "/rest/items/{id}", "/services/items/**"),
                *("/**/state", "/api/**/state", "grpc /shop.Stock/*"),
            )
        ),
        *(
            pytest.param(
                {"endpoint": "POST /**", "statuses": None, "error": f"*{words}*"},
                code,
                "error" if code else "",
                id=f"any-{words}",
            )
            for words, code in (
                *(("Bad Request", "too-broad"), ("Gone", "too-broad")),
                *(("Method Not Allowed", "too-broad"), ("Conflict", None)),
                *(("Precondition Failed", None), ("Too Many Requests", None)),
            )
        ),
        *(
            pytest.param(
                {"statuses": None, "error": error}, "too-broad", "error", id=f"words-{error}"
            )
            for error in (
                *("*upstream*", "*Max retries*", "*FATAL*", "*INTERNAL*", "*DEADLINE*", "*panic*"),
                *("*memory*", "*null*", "*Cannot*", "*slow*"),
            )
        ),
        pytest.param({"statuses": [503]}, "too-broad", "error", id="503"),
        pytest.param({"statuses": [409, 500, 502]}, "too-broad", "error", id="among-others"),
        pytest.param({"statuses": [499]}, None, "", id="499"),
        pytest.param({"statuses": [404, 409, 422]}, None, "", id="three-refusals"),
        pytest.param({"endpoint": "POST /login", "statuses": [401]}, None, "", id="one-denial"),
        pytest.param({"endpoint": "GET **", "statuses": [429]}, None, "", id="a-limiter"),
        pytest.param({"endpoint": "/me**", "statuses": [404]}, None, "", id="one-name"),
        pytest.param({"endpoint": "/**/items", "statuses": [404]}, None, "", id="one-ending"),
        pytest.param({"endpoint": "/**/users", "statuses": [404]}, None, "", id="another-ending"),
        pytest.param(
            {"statuses": None, "error": "*409 Client Error: Conflict*"}, None, "", id="words-of-409"
        ),
        pytest.param(
            {"statuses": None, "error": "*want 200*201*, got 409*"}, None, "", id="many-numbers"
        ),
        pytest.param({"statuses": None, "error": "*"}, "too-broad", "error", id="any-text"),
        pytest.param({"statuses": None, "error": "**"}, "too-broad", "error", id="two-stars"),
        pytest.param({"error": "*"}, None, "", id="any-text-of-a-status"),
        pytest.param({"statuses": None, "error": "*stale*"}, None, "", id="a-word"),
        pytest.param({"at_most": ""}, "no-budget", "warning", id="no-budget"),
        pytest.param({"at_most": "100%"}, "no-budget", "warning", id="a-budget-of-all"),
        pytest.param({"at_most": "99.9%"}, "no-budget", "warning", id="a-wide-budget"),
        pytest.param({"at_most": "50.01%"}, "no-budget", "warning", id="over-half"),
        pytest.param({"at_most": "50%"}, None, "", id="half"),
        *map(unwanted, UNWANTED),
        pytest.param({"why": "TODO: say why."}, "todo", "error", id="todo"),
        pytest.param({"why": "[todo] say why."}, "todo", "error", id="todo-in-brackets"),
        pytest.param({"why": "Todos are versioned."}, None, "", id="another-word"),
        pytest.param({"why": "x"}, "todo", "error", id="a-letter-for-a-reason"),
        pytest.param({"why": "xxxx xxx... x!"}, "todo", "error", id="one-letter-often"),
        pytest.param({"why": "ok ok OK"}, "todo", "error", id="one-word-often"),
        pytest.param({"why": "N/A"}, "todo", "error", id="not-available"),
        pytest.param(
            {"why": "\u00e9\u00e9\u00e9 \u00e9\u00e9"}, "todo", "error", id="one-accented"
        ),
        pytest.param({"why": "aaaa bbbb"}, "todo", "error", id="two-letters"),
        pytest.param({"why": "Sound."}, "todo", "error", id="its-id"),
        pytest.param({"why": "POST state: 409"}, "todo", "error", id="its-endpoint"),
        pytest.param({"why": "409 Conflict"}, "todo", "error", id="its-status"),
        pytest.param({"why": "Optimistic locking."}, None, "", id="two-words"),
        pytest.param({"why": "A reason."}, None, "", id="a-short-word-counts"),
        pytest.param({"why": "\u4e50\u89c2\u9501\u51b2\u7a81"}, None, "", id="no-blanks"),
    ],
)
def test_a_rule_by_itself(fields: dict[str, Any], code: str | None, severity: str) -> None:
    """What makes a rule too broad, or unfinished."""
    found = [(one.code, one.severity) for one in lint(policy(sound(**fields)))]
    assert found == ([(code, severity)] if code else [])


@pytest.mark.parametrize(
    ("endpoint", "words"),
    [
        pytest.param("POST", "named POST, not every POST", id="method-alone"),
        pytest.param("POST /tools/.*", "regular expression", id="dot-star"),
        pytest.param("POST ^/tools/x", "regular expression", id="caret"),
        pytest.param("/tools/x$", "regular expression", id="dollar"),
        pytest.param("/tools/\\d+", "regular expression", id="class"),
        pytest.param("POST /tools/:id/state", "begins with a colon", id="route"),
        pytest.param("POST /tools/?/state", "a question mark as a segment", id="glob"),
        pytest.param("POST tools/**", "without its first slash", id="no-slash"),
        pytest.param("POST **/state", "", id="with-or-without-a-slash"),
        pytest.param("* /tools", "a word for any method", id="star-for-a-method"),
        pytest.param("ANY /tools", "a word for any method", id="any-for-a-method"),
        pytest.param("POST * /tools", "", id="star-in-a-name"),
        pytest.param("POST /tools/[id]/state", "", id="locust-name"),
        pytest.param("POST /search?q=a", "", id="query"),
        pytest.param("GET http://host/x", "", id="url"),
        pytest.param("Login page", "", id="words"),
        pytest.param("POST login", "", id="one-word"),
        pytest.param("/v1.*", "regular expression", id="version"),
        pytest.param("/files/*.json", "", id="ending"),
    ],
)
def test_odd_patterns(endpoint: str, words: str) -> None:
    """What is meant in another language of patterns means something else here."""
    found = [one for one in lint(policy(sound(endpoint=endpoint))) if one.code == "odd-pattern"]
    assert len(found) == bool(words)
    assert all(words in one.sentence and one.severity == "warning" for one in found)


def test_heads_that_name_nothing_are_bounded() -> None:
    """Four segments that name nothing are left aside; with a fifth one a path is a name."""
    for endpoint, found in (("/api/v1/rest/2/**", True), ("/api/v1/rest/2/rpc/**", False)):
        ruled = sound("wide", endpoint=f"POST {endpoint}", statuses=[404])
        assert codes(policy(ruled)) == [("too-broad", "wide")] * found


def test_too_broad_names_an_example() -> None:
    """What the rule would excuse is what a reviewer understands."""
    ruled = sound(endpoint="GET,POST **", statuses=[409, 403])
    assert only(policy(ruled)).sentence.startswith("would excuse \"HTTPError('403 Client Error:")
    assert only(policy(ruled)).sentence.endswith("of GET /login")
    free = sound(endpoint="POST /x", error="*refused*", statuses=None)
    assert only(policy(free)).sentence == (
        "would excuse \"ConnectionRefusedError(111, 'Connection refused')\" of POST /x"
    )
    assert codes(policy(sound(endpoint="**", at_most="0%"))) == []


@pytest.mark.parametrize(
    ("above", "found"),
    [
        pytest.param({"endpoint": "GET,HEAD,OPTIONS **"}, False, id="all-of-it"),
        pytest.param({"endpoint": "GET,HEAD **"}, True, id="a-method-left"),
        pytest.param({"endpoint": "**", "error": "*JSON*"}, True, id="a-text-left"),
        pytest.param({"endpoint": "**", "statuses": [404]}, True, id="another-status"),
    ],
)
def test_carve_outs_above_are_left_out(above: dict[str, Any], *, found: bool) -> None:
    """A rule is judged by what it excuses behind the carve-outs that are asked before it."""
    carve_out = rule("carve-out", excuses=False, **above)
    of = policy(carve_out, sound("wide", endpoint="**"))
    assert codes(of) == [("too-broad", "wide")] * found


def test_carve_outs_above_take_what_no_rule_may_excuse() -> None:
    """Also where it is about one endpoint, and only if all its requests are asked."""
    wide = sound("wide", endpoint="POST /a", statuses=[503, 429])
    for endpoint, found in (("POST /**", False), ("**", False), ("PUT /**", True), ("/b", True)):
        carve_out = rule("carve-out", endpoint=endpoint, statuses=[503], excuses=False)
        assert codes(policy(carve_out, wide)) == [("too-broad", "wide")] * found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("*[{status}]*", "broad", id="brackets"),
        pytest.param("*order {status} *", "broad", id="a-number-of-another-thing"),
        pytest.param("*: {status}*", "broad", id="colon"),
        pytest.param("*-{status}*", "broad", id="any-sign"),
        pytest.param("*got {status}*", "broad", id="got"),
        pytest.param("*returned {status}", "broad", id="returned"),
        pytest.param("*,*{status}*", "broad", id="behind-a-comma"),
        pytest.param("*'{status}'*", "broad", id="in-quotes"),
        pytest.param("E*{status}*", "broad", id="behind-a-letter"),
        pytest.param("Toggle failed *{status}*", "broad", id="anywhere-behind-words"),
        pytest.param("*{status}*of the shop", "broad", id="anywhere-before-words"),
        *(
            pytest.param(text, "broad", id=text)
            for text in (
                *("*after {status}*", "*wanted {status}*", "*id {status}*"),
                *("*expected {status}*", "*{status}ms", "*total {status}*"),
                *("*attempt {status}*", "*has {status}*", "*port {status}*", "*{status} bytes*"),
                "*got {status} *",
            )
        ),
        pytest.param("*after {status} ms", "ambiguous", id="milliseconds"),
        pytest.param("*should be {status}*", "ambiguous", id="two-words"),
        pytest.param("order refused with {status} by *", "", id="words"),
        pytest.param("*service answered {status}*", "", id="words-in-the-middle"),
        pytest.param("Toggle failed: {status}", "", id="a-whole-message"),
        pytest.param("Toggle of * failed with {status}: *", "", id="words-between"),
        pytest.param("Login failed for user * {status}", "", id="at-the-end"),
        pytest.param("*status={status}*", "", id="a-label"),
        pytest.param("[{status}] *", "", id="at-the-beginning"),
    ],
)
def test_broad_status_texts(text: str, found: str) -> None:
    """A wording that finds a status in numbers of any kind is told, with such a text."""
    findings = lint(policy(sound(), status_texts=[text]))
    assert [one.code for one in findings] == [f"{found}-status-text"] * bool(found)
    assert all(text in one.sentence and one.pattern == text for one in findings)


def test_carve_outs_are_never_too_broad() -> None:
    """They excuse nothing: any endpoint, any text, a 5xx and no budget are all fine."""
    carve_out = rule(endpoint="**", statuses=[500, 409], error="*", excuses=False)
    assert lint(policy(carve_out)) == ()


@pytest.mark.parametrize(
    ("days", "code", "words"),
    [
        pytest.param(-1, "expired", "expired on 2026-11-22", id="yesterday"),
        pytest.param(0, "expiring", "expires today, on 2026-11-23", id="today"),
        pytest.param(1, "expiring", "expires tomorrow", id="tomorrow"),
        pytest.param(30, "expiring", "expires in 30 days", id="soon"),
        pytest.param(31, None, "", id="later"),
    ],
)
def test_expiry(days: int, code: str | None, words: str) -> None:
    """An expired rule is an error, one that expires within 30 days a warning."""
    found = lint(policy(sound(expires=TODAY + timedelta(days=days))))
    assert [one.code for one in found] == ([code] if code else [])
    assert all(words in one.sentence for one in found)


# --- examples -------------------------------------------------------------------------------------


def test_failing_examples() -> None:
    """An example that is decided otherwise is an error; those of an extended file are its own."""
    examples = [
        example(),
        example(SERVER_ERROR),
        example(SERVER_ERROR, origin="team.toml"),
    ]
    found = only(policy(sound(), examples=examples))
    assert (found.code, found.severity, found.example) == ("failing-example", "error", 1)
    assert found.sentence.startswith(f"POST {STATE}: should be expected, but is a failure")


def test_missing_examples() -> None:
    """Only with strict: what excuses needs one that is expected, a carve-out one that is not."""
    carve_out = rule("carve-out", endpoint="POST /admin/**", excuses=False)
    both = (carve_out, sound())
    assert codes(policy(*both)) == []
    missing = [("no-example", "carve-out"), ("no-example", "sound")]
    assert codes(policy(*both), strict=True) == missing
    shown = [
        example(name="/admin/x", expect="true"),
        example(),
        example(SERVER_ERROR, expect="true"),
    ]
    assert codes(policy(*both, examples=shown), strict=True) == []


# --- what is set aside ----------------------------------------------------------------------------


def test_ignored_findings_are_kept() -> None:
    """A code in lint_ignore marks the findings of that rule, and of no other."""
    found = lint(policy(
        rule("a", endpoint="POST /a", lint_ignore=["no-budget"]), rule("b", endpoint="POST /b")
    ))  # fmt: skip
    assert [(one.rule, one.ignored) for one in found] == [("a", True), ("b", False)]


def test_errors_come_first_then_the_order_of_rules() -> None:
    """Whatever looks for what, the reader sees the worst first, and rules from top to bottom."""
    of = policy(
        rule("a", endpoint="POST /a"),
        sound("b", statuses=[500]),
        rule("c", endpoint="POST /c", why="TODO"),
    )
    assert codes(of) == [
        ("too-broad", "b"),
        ("todo", "c"),
        ("no-budget", "a"),
        ("no-budget", "c"),
    ]
