"""What one rules file declares: each key's meaning, and what only the whole of a table shows."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from conftest import Pinned

from loadgate.rules.parse import Declarations, parse
from loadgate.rules.schema_errors import Problem, described, schema_problems


def _declare(**sections: object) -> tuple[Declarations, list[str]]:
    document: dict[str, Any] = {"version": 1, **sections}
    found: list[Problem] = schema_problems(document)
    result = parse(document, "loadgate.toml", found)
    return result, [problem.text for problem in described(found, document, "x", {})]


def _rule(**keys: object) -> dict[str, object]:
    return {"id": "a", "endpoint": "POST /x", "status": 409, "why": "w"} | keys


def _example(**keys: object) -> dict[str, object]:
    return {"endpoint": "POST /x", "error": "HTTP 409", "expect": "expected"} | keys


def _threshold(**keys: object) -> dict[str, object]:
    return {"require": "true_failure_rate <= 1%"} | keys


def test_the_least_rule() -> None:
    """What a rule does not say has its default."""
    result, problems = _declare(rules=[_rule(why=" a reason\n")])
    (rule,) = result.rules
    assert problems == []
    assert (rule.id, rule.why, rule.origin) == ("a", "a reason", "loadgate.toml")
    assert (rule.statuses, rule.globs, rule.excuses) == (frozenset({409}), (), True)
    assert (rule.at_most, rule.at_most_text, rule.expires) == (None, "", None)
    assert (rule.owner, rule.ticket) == ("", "")
    assert rule.endpoint.matches("POST", "/x")
    assert not rule.endpoint.matches("GET", "/x")


def test_the_fullest_rule() -> None:
    """Every key arrives where it belongs."""
    keys = {
        "status": [409.0, 412],
        "error": "*conflict*",
        "as": "expected",
        "at_most": "0.5%",
        "owner": "team",
        "ticket": "https://example.com/1",
        "expires": "2027-06-30",
    }
    result, problems = _declare(rules=[_rule(**keys)])
    (rule,) = result.rules
    assert problems == []
    assert rule.statuses == frozenset({409, 412})
    assert all(type(status) is int for status in rule.statuses)
    ((key, glob),) = rule.globs
    assert key == "error"
    assert glob.matches("a conflict!")
    assert rule.excuses
    assert (rule.at_most, rule.at_most_text) == (Fraction(1, 200), "0.5%")
    assert (rule.owner, rule.ticket) == ("team", "https://example.com/1")
    assert rule.expires == date(2027, 6, 30)


def test_a_carve_out_on_an_error_text() -> None:
    """A rule may decide for failure, and needs no status."""
    rule = _rule(**{"as": "failure", "error": "x"})
    del rule["status"]
    result, problems = _declare(rules=[rule])
    assert problems == []
    assert not result.rules[0].excuses
    assert result.rules[0].statuses is None


def test_request_types_that_are_no_words() -> None:
    """With `method`, the endpoint is a name pattern, be its first word in upper case or not."""
    result, problems = _declare(
        rules=[_rule(endpoint="SELECT *", method=["DB query", ""])],
        thresholds=[_threshold(endpoint="SELECT *", method=["DB query"])],
    )
    assert problems == []
    assert result.rules[0].endpoint.matches("DB query", "SELECT users")
    assert result.rules[0].endpoint.matches("", "SELECT users")
    assert result.thresholds[0].endpoint is not None
    assert not result.thresholds[0].endpoint.matches("", "SELECT users")


def test_one_request_type_needs_no_list() -> None:
    """A type alone is a list of one, in rules, thresholds and examples."""
    result, problems = _declare(
        rules=[_rule(endpoint="update *", method="DB query")],
        thresholds=[_threshold(endpoint="update *", method="DB query")],
        examples=[_example(endpoint="update a", method=["DB query"])],
    )
    assert problems == []
    assert result.rules[0].endpoint.methods == frozenset({"DB query"})
    assert result.thresholds[0].endpoint == result.rules[0].endpoint
    assert (result.examples[0].method, result.examples[0].name) == ("DB query", "update a")


def test_endpoints_as_every_screen_shows_them() -> None:
    """The request type is the first word, in rules, thresholds and examples."""
    result, problems = _declare(
        rules=[_rule(endpoint="grpc /shop.Stock/*")],
        thresholds=[_threshold(endpoint="WSS /chat")],
        examples=[
            _example(endpoint="grpc /shop.Stock/Get"),
            _example(endpoint="POST POST /x"),
            _example(endpoint="POST  update_user"),
        ],
    )
    assert problems == []
    assert result.rules[0].endpoint.methods == frozenset({"grpc"})
    assert result.thresholds[0].endpoint is not None
    assert result.thresholds[0].endpoint.methods == frozenset({"WSS"})
    assert [(one.method, one.name) for one in result.examples] == [
        ("grpc", "/shop.Stock/Get"),
        ("POST", "POST /x"),
        ("POST", "update_user"),
    ]


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        pytest.param(
            {"endpoint": "post|put /x?token=a"},
            "endpoint: ",
            id="bar",
        ),
        pytest.param(
            {"endpoint": "GET, Post  **"},
            "endpoint: ",
            id="blank-behind-comma",
        ),
        pytest.param(
            {"endpoint": " post {kind}"},
            "endpoint: ",
            id="lower-case",
        ),
        pytest.param(
            {"endpoint": "POST /x", "method": ["POST"]},
            "endpoint: ",
            id="method-twice",
        ),
        pytest.param(
            {"endpoint": "grpc,WSS /x", "method": "DB query"},
            "endpoint: ",
            id="types-twice",
        ),
        pytest.param({"status": [409, 412, 409.0]}, "status: ", id="statuses"),
        pytest.param(
            {"at_most": "100.5%"},
            "at_most: ",
            id="at-most",
        ),
        pytest.param({"at_most": "5%\n"}, "at_most: ", id="at-most-line-break"),
        pytest.param(
            {"as": "failure", "at_most": "5%"},
            "at_most: ",
            id="budget-of-a-carve-out",
        ),
        pytest.param(
            {"as": "failure", "expires": "2027-06-30"},
            "expires: ",
            id="expiry-of-a-carve-out",
        ),
        pytest.param({"expires": "2027-02-29"}, "expires: ", id="day"),
        pytest.param(
            {"expires": "2027-02-28\n"},
            "expires: ",
            id="day-and-more",
        ),
        pytest.param({"owner": "a\nb"}, "owner: ", id="line-break"),
        pytest.param({"ticket": "\x1b[2J"}, "ticket: ", id="escape"),
        pytest.param({"owner": "\u202ea"}, "owner: ", id="override"),
    ],
)
def test_rules_that_cannot_be_meant(keys: dict[str, object], expected: str, pinned: Pinned) -> None:
    """What the schema lets pass and no rule can mean is one sentence at its key."""
    _, problems = _declare(rules=[_rule(**keys)])
    (sentence,) = problems
    assert sentence.startswith(f'rules[1] "a": {expected}')
    pinned(sentence)


def test_an_id_is_one_line() -> None:
    """A line break behind an id passes the schema, whose `$` stands before it, too."""
    _, problems = _declare(rules=[_rule(id="a\n")])
    (problem,) = problems
    assert problem.startswith('rules[1] "a\\n": id: ')


@pytest.mark.parametrize(
    "endpoint",
    [
        pytest.param("Get user", id="words"),
        pytest.param("get", id="word"),
        pytest.param("/get /x", id="slash-before"),
        pytest.param("GETS /x", id="other-word"),
        pytest.param("GET|POST", id="no-name"),
    ],
)
def test_names_that_only_look_like_methods(endpoint: str) -> None:
    """A name such as "Get user" is a name."""
    _, problems = _declare(rules=[_rule(endpoint=endpoint)])
    assert problems == []


def test_ids_are_unique_in_a_file() -> None:
    """Every later rule of an id is named, with the place of the first."""
    rules = [_rule(), _rule(id="b"), _rule(), {"endpoint": "/x"}, _rule()]
    _, problems = _declare(rules=rules)
    again = [text for text in problems if text.endswith("rules[1]")]
    assert [text.split(": ")[0] for text in again] == ['rules[3] "a"', 'rules[5] "a"']


def test_the_least_threshold() -> None:
    """What a threshold does not say has its default."""
    result, problems = _declare(thresholds=[_threshold()])
    (threshold,) = result.thresholds
    assert problems == []
    assert (threshold.require, threshold.limit) == ("true_failure_rate <= 1%", Fraction(1, 100))
    assert (threshold.operator, threshold.metric.kind) == ("<=", "rate")
    assert (threshold.endpoint, threshold.optional, threshold.min_requests) == (None, False, 0)
    assert (threshold.confidence, threshold.severity) == (None, "error")
    assert (threshold.abort, threshold.abort_after) == (False, Fraction(0))
    assert threshold.origin == "loadgate.toml"


def test_the_fullest_threshold() -> None:
    """Every key arrives where it belongs."""
    keys = {
        "endpoint": "POST /rpc**",
        "optional": True,
        "min_requests": 1000.0,
        "confidence": 0.95,
        "severity": "warning",
    }
    result, problems = _declare(thresholds=[_threshold(**keys)])
    (threshold,) = result.thresholds
    assert problems == []
    assert threshold.endpoint is not None
    assert threshold.endpoint.matches("POST", "/rpc tools/call")
    assert threshold.optional
    assert (threshold.min_requests, type(threshold.min_requests)) == (1000, int)
    assert (threshold.confidence, threshold.severity) == (0.95, "warning")


def test_a_window_may_be_keys_or_text() -> None:
    """Both mean the same, and may be mixed."""
    keys = {"during": "steady", "after": "60s", "until": "5m", "every": "10s"}
    text = " ".join(f"{key} {value}" for key, value in keys.items())
    written: list[dict[str, str]] = [
        {"require": "p95 <= 1s", **keys},
        {"require": f"p95 <= 1s {text}"},
    ]
    written.append({"require": "p95 <= 1s every 10s until 5m", "during": "steady", "after": "60s"})
    result, problems = _declare(thresholds=written)
    assert problems == []
    one, *others = result.thresholds
    assert others == [one, one]
    assert one.require == f"p95 <= 1s {text}"
    assert one.window is not None
    assert one.window.text == text


@pytest.mark.parametrize(
    "require",
    [
        *("true_failures <= 10", "task_exceptions < 1", "status_5xx <= 0", "status_unknown <= 0"),
        *(
            "max <= 5s",
            "max_ok <= 5s",
            "true_failures <= 5 after 60s",
            "duration <= 10m",
            "users <= 100",
            "requests < 1000000",
        ),
        *("true_failure_rate <= 1%", "status_429_rate >= 10%", "expected_failure_rate < 5%"),
    ],
)
def test_what_may_abort_a_run(require: str) -> None:
    """A limit that cannot be met any more, and any on a rate."""
    keys = {"abort": True, "abort_after": "1.5m"}
    result, problems = _declare(thresholds=[_threshold(require=require, **keys)])
    assert problems == []
    assert (result.thresholds[0].abort, result.thresholds[0].abort_after) == (True, Fraction(90))


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        pytest.param({"require": "p95 < 1"}, "require: ", id="require"),
        pytest.param({"after": "1m", "until": "60s"}, "after: ", id="empty-window"),
        pytest.param(
            {"require": "p95 < 1s every 10s", "every": "20s"}, "every: ", id="window-twice"
        ),
        pytest.param(
            {"require": "p95 < baseline", "during": "steady"}, "during: ", id="window-of-a-baseline"
        ),
        pytest.param({"require": "p95 < 1", "every": "5s"}, "require: ", id="window-of-nothing"),
        pytest.param({"during": "peak"}, "during: ", id="no-such-load"),
        pytest.param({"every": "10"}, "every: ", id="no-unit"),
        pytest.param(
            {"require": "rps >= 1 every 10s", "min_requests": 5},
            "min_requests: ",
            id="windows-with-few-requests",
        ),
        pytest.param(
            {"require": "p95 < 1", "confidence": 0.9},
            "require: ",
            id="nothing-follows-from-what-is-unread",
        ),
        pytest.param(
            {"require": "task_exceptions <= 0", "endpoint": "/x"},
            "require: ",
            id="task-exceptions",
        ),
        pytest.param(
            {"require": "p95 < 1s", "confidence": 0.9},
            "confidence: ",
            id="confidence",
        ),
        pytest.param({"confidence": float("nan")}, "confidence: ", id="no-number"),
        pytest.param({"abort": True, "require": "p95 <= 1s"}, "abort: ", id="abort-percentile"),
        pytest.param({"abort": True, "require": "avg <= 1s"}, "abort: ", id="abort-mean"),
        pytest.param({"abort": True, "require": "rps >= 10"}, "abort: ", id="abort-rps"),
        pytest.param({"abort": True, "require": "min <= 1s"}, "abort: ", id="abort-min"),
        pytest.param(
            {"abort": True, "require": "requests >= 1000"}, "abort: ", id="abort-too-few-yet"
        ),
        *(
            pytest.param(
                {"abort": True, "require": f"failures <= 5 {window}"}, "abort: ", id=f"abort-{id_}"
            )
            for id_, window in [
                ("until", "after 1m until 5m"),
                ("steady", "during steady"),
                ("every", "every 10s"),
            ]
        ),
        pytest.param({"abort": True, "require": "idle_rules <= 0"}, "abort: ", id="abort-rules"),
        pytest.param({"abort": True, "severity": "warning"}, "abort: ", id="abort-warning"),
        pytest.param(
            {"abort": True, "require": "failures <= baseline"}, "abort: ", id="abort-baseline"
        ),
        pytest.param(
            {"abort": True, "require": "new_failure_kinds <= 0"}, "abort: ", id="abort-new"
        ),
        pytest.param(
            {"abort": True, "require": "p95 < 1"}, "require: ", id="abort-of-what-is-unread"
        ),
        pytest.param({"abort": True, "abort_after": "30"}, "abort_after: ", id="abort-no-unit"),
        pytest.param({"abort": True, "abort_after": "soon"}, "abort_after: ", id="abort-no-time"),
        pytest.param(
            {"abort": True, "abort_after": "1" * 31 + "s"}, "abort_after: ", id="abort-too-long"
        ),
        pytest.param(
            {"endpoint": "get {x}"},
            "endpoint: ",
            id="endpoint",
        ),
    ],
)
def test_thresholds_that_cannot_be_meant(
    keys: dict[str, object], expected: str, pinned: Pinned
) -> None:
    """What the schema lets pass and no threshold can mean is a sentence at its key."""
    _, problems = _declare(thresholds=[_threshold(**keys)])
    (sentence,) = problems
    assert sentence.startswith(f"thresholds[1]: {expected}")
    pinned(sentence)


def test_status_texts() -> None:
    """Wordings are read, and refused with the reason of the pattern."""
    result, problems = _declare(status_texts=[{"text": "refused with {status}"}])
    assert problems == []
    assert result.status_texts[0].statuses("refused with 409") == {409}
    _, problems = _declare(status_texts=[{"text": "*{status}*"}, {"text": "refused"}])
    assert [text.split(": ")[:2] for text in problems] == [
        ["status_texts[1]", "text"],
        ["status_texts[2]", "text"],
    ]
    assert "exactly once" in problems[1]


def test_owners() -> None:
    """Endpoints as in rules, read wide: in doubt somebody looks."""
    of, problems = _declare(
        owners=[
            {"endpoint": "POST /pay/**", "owner": "@pay"},
            {"endpoint": "x *", "method": "DB query", "owner": "@db"},
        ]
    )
    assert problems == []
    assert [one.owner for one in of.owners] == ["@pay", "@db"]
    assert of.owners[0].endpoint.matches("POST", "/pay/cards")
    assert of.owners[1].endpoint.matches("DB query", "x 1")
    assert not of.owners[1].endpoint.matches("GET", "x 1")
    _, problems = _declare(
        owners=[{"endpoint": "POST /x"}, {"endpoint": "get /x", "owner": "a\nb"}, {"owner": "a"}]
    )
    assert {text.split(": ")[0] for text in problems} == {"owners[1]", "owners[2]", "owners[3]"}


def test_problems_of_schema_and_meaning_are_found_together() -> None:
    """One wrong key hides no other: all are named at once, none of them twice."""
    _, problems = _declare(
        rules=[_rule(status=1, at_most="200%"), {"statuss": 1, "expires": "2027-13-01"}],
        thresholds=[_threshold(require="p95 < 1", severity="info")],
    )
    places = [
        *('rules[1] "a": at_most:', 'rules[1] "a": status:', *["rules[2]: "] * 5),
        *("thresholds[1]: require:", "thresholds[1]: severity:"),
    ]
    told = ["", "", '"endpoint"', '"id"', '"why"', '"statuss"', '"2027-13-01"', '"1"', ""]
    for sentence, place, named in zip(problems, places, told, strict=True):
        assert sentence.startswith(place)
        assert named in sentence


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        pytest.param(
            {"endpoint": "Toggle state"},
            "endpoint: ",
            id="no-type",
        ),
        pytest.param({"endpoint": "POST"}, "endpoint: ", id="no-name"),
        pytest.param({"endpoint": "GET,POST /x?a=b"}, "endpoint: ", id="types"),
        pytest.param(
            {"endpoint": "POST /x", "method": "POST"},
            "endpoint: ",
            id="type-twice",
        ),
        pytest.param(
            {"endpoint": "POST /x", "method": ["a", "b"]},
            "method: ",
            id="two-types",
        ),
    ],
)
def test_examples_that_cannot_be_meant(
    keys: dict[str, object], expected: str, pinned: Pinned
) -> None:
    """An example is about one endpoint, with its request type."""
    _, problems = _declare(examples=[_example(**keys)])
    assert problems[0].startswith(f"examples[1]: {expected}")
    pinned(problems[0])
