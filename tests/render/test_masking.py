"""Texts with URLs in, the same texts without queries and credentials out."""

from __future__ import annotations

import pytest
from builders import (
    check,
    classification,
    endpoint_result,
    failure_kind,
    rule,
    rule_result,
    verdict,
)

from loadgate.render.masking import mask_secrets, mask_verdict


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        pytest.param("GET /a?b=c", "GET /a?***", id="path"),
        pytest.param("/a?b&c=d", "/a?***", id="key-without-value"),
        pytest.param("http://h/a?token", "http://h/a?***", id="url-without-key"),
        pytest.param("got http://h/a?b=c, twice", "got http://h/a?***, twice", id="in-a-sentence"),
        pytest.param("/a?b=c d&key=e f", "/a?*** d&*** f", id="space-in-a-value"),
        pytest.param("/a r&d=1", "/a r&d=1", id="no-query"),
        pytest.param('/a?b={"id":"c"}', '/a?***"}', id="json-in-the-value"),
        pytest.param("http://h/x?a='b';c=d", "http://h/x?***", id="quotes-in-the-value"),
        pytest.param(r"https:\/\/u:p@h\/x", r"https:\/\/***@h\/x", id="as-json-writes-it"),
        pytest.param("//u:p@h/x", "//***@h/x", id="without-a-scheme"),
        pytest.param("HTTPError('url: /a?b=c')", "HTTPError('url: /a?***')", id="in-a-literal"),
        pytest.param("BadStatusCode('http://h/?b=c', code=409)",
                     "BadStatusCode('http://h/?***', code=409)", id="before-another-value"),
        pytest.param("/a?b=it's&token=c", "/a?***", id="quote-in-the-value"),
        pytest.param("/a?b=<c>&d=e", "/a?***", id="markup-in-the-value"),
        pytest.param("http://u:p@h/a", "http://***@h/a", id="credentials"),
        pytest.param("https://token@h/a", "https://***@h/a", id="token"),
        pytest.param("pg://u:p/?#@q@h/a", "pg://***@h/a", id="unencoded-password"),
        pytest.param("http://h:80/a@b", "http://h:80/a@b", id="port-is-no-password"),
        pytest.param("http://h/a:b@c", "http://h/a:b@c", id="at-in-a-path"),
        pytest.param("pg://u:p@ss/word@h", "pg://***@h", id="at-and-slash-in-a-password"),
        pytest.param("s3://K:S/C+T@b/runs", "s3://***@b/runs", id="slash-in-a-password"),
        pytest.param("redis://:pw@h", "redis://***@h", id="no-user"),
        pytest.param("https://a@b.com:p/w@h/x", "https://***@h/x", id="at-in-a-user"),
        pytest.param("https://u:65536/a@h", "https://***@h", id="no-port"),
        pytest.param("https://h:80/a@b,pg://u:p@k", "https://h:80/a@b,pg://***@k", id="two-urls"),
        pytest.param("https://u@h/a@b", "https://***@h/a@b", id="user-only"),
        pytest.param(r"https:\/\/u:p\/q@h\/x", r"https:\/\/***@h\/x", id="slash-as-json-writes-it"),
        pytest.param(r"http://D\u@h/x", "http://***@h/x", id="backslash-in-a-user"),
        pytest.param("http://[::1]:80/a@b", "http://[::1]:80/a@b", id="ipv6"),
        pytest.param("http://[::1]/a@b", "http://[::1]/a@b", id="ipv6-without-a-port"),
        pytest.param("http://u:p@[::1]:80/a", "http://***@[::1]:80/a", id="ipv6-credentials"),
        pytest.param("http://u@[::1]:80/a", "http://***@[::1]:80/a", id="ipv6-user"),
        pytest.param("http://h/#access_token=c&d=e", "http://h/#***", id="fragment"),
        pytest.param("(/a#b=c)", "(/a#***)", id="fragment-of-a-path"),
        pytest.param("http://h/a#top", "http://h/a#top", id="anchor"),
        pytest.param("Authorization: Bearer a", "Authorization: Bearer ***", id="header"),
        pytest.param("{'authorization': 'x y'}", "{'authorization': '***'}", id="header-in-a-dict"),
        pytest.param("sent Bearer eyJ0.x1", "sent Bearer ***", id="bearer"),
        pytest.param("Bearer token missing", "Bearer token missing", id="no-bearer"),
        pytest.param("access_token=a, api_key=b", "access_token=***, api_key=***", id="assigned"),
        pytest.param('{"token": "a b"}', '{"token": "***"}', id="in-json"),
        pytest.param(r'"{\"api_key\":\"a\"}"', r'"{\"api_key\":\"***\"}"', id="in-escaped-json"),
        pytest.param("invalid token: expired", "invalid token: expired", id="about-a-token"),
        pytest.param("what? x=1", "what? x=1", id="question"),
        pytest.param("?a=b", "?***", id="query-alone"),
        pytest.param("/tools?", "/tools?", id="nothing-behind-it"),
        pytest.param("a ?? b", "a ?? b", id="operator"),
        pytest.param("got 409", "got 409", id="nothing"),
    ],
)  # fmt: skip
def test_queries_and_credentials_are_masked(text: str, masked: str) -> None:
    """What may be secret is replaced, and nothing else; masking again changes nothing."""
    assert mask_secrets(text) == masked
    assert mask_secrets(masked) == masked


def test_endpoints_stay_apart() -> None:
    """Endpoints that differ in their query alone are numbered, the same way everywhere."""
    names = ["/x?a=1", "/x?***", "/x?b=2", "/y"]
    rows = [endpoint_result(name) for name in names]
    masked = mask_verdict(
        verdict(
            *(check(endpoint=f"POST {name}") for name in [*names, "/z?c=3"]),
            check(endpoint=None),
            of=classification(endpoints=rows, failures=[failure_kind(name=name) for name in names]),
        )
    )
    expected = ["/x?***", "/x?*** (2)", "/x?*** (3)", "/y"]
    assert [row.stats.name for row in masked.classification.endpoints] == expected
    assert [kind.name for kind in masked.classification.failures] == expected
    endpoints = [f"POST {name}" for name in [*expected, "/z?c=3"]]  # the last one is a pattern
    assert [one.endpoint for one in masked.checks] == [*endpoints, None]


def test_a_ticket_remains_a_link() -> None:
    """The query of a ticket's URL is what it is found by; its credentials go."""
    told = rule(ticket="https://u:p@h/issues?id=1", why="see https://h/?id=1", owner="a@b?c=d")
    masked = mask_verdict(verdict(of=classification(rules=[rule_result(told)])))
    shown = masked.classification.rules[0].rule
    assert shown.ticket == "https://***@h/issues?id=1"
    assert (shown.why, shown.owner) == ("see https://h/?***", "a@b?***")


def test_patterns_are_shown_as_written() -> None:
    """The endpoint of a threshold that matched nothing, and an error that a warning proposes."""
    words = rule(error="no ?token=* here")
    warning = 'rule a: error = "*no ?token=* here*" would match /x?a=b, "*no ?token=* here*"'
    masked = mask_verdict(
        verdict(
            check(endpoint="POST /login?token=*"),
            of=classification(
                rules=[rule_result(rule()), rule_result(words)], warnings=(warning, "at /x?a=b")
            ),
        )
    )
    assert masked.checks[0].endpoint == "POST /login?token=*"
    assert masked.classification.warnings == (warning.replace("a=b", "***"), "at /x?***")
