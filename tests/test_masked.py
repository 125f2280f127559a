"""Tests of masking: no query string or credential of a URL is left."""

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

from loadgate.masked import mask_verdict
from loadgate.masking import mask_link, mask_secrets


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
        pytest.param("Cookie: sid=S; b=S", "Cookie: sid=***; b=***", id="cookie"),
        pytest.param("Set-Cookie: a=S; Secure; Path=/", "Set-Cookie: a=***; Secure; Path=***",
                     id="set-cookie"),
        pytest.param("Cookie: S3", "Cookie: ***", id="cookie-without-a-name"),
        pytest.param("<Cookie sid=S for h>", "<Cookie sid=*** for h>", id="cookie-of-a-jar"),
        pytest.param("cookies={'a': 'S'}, x", "cookies={***}, x", id="cookies-in-a-dict"),
        pytest.param("cookies={'a': 'S'", "cookies={***", id="cookies-cut-off"),
        pytest.param("get(auth=('u', 'S'))", "get(auth=(***))", id="tuple"),
        pytest.param(r"password:\tS3", r"password:\t***", id="escaped-blank"),
        pytest.param("X-Api-Key: S", "X-Api-Key: ***", id="api-key"),
        pytest.param("Invalid API key: abc1", "Invalid API key: ***", id="api-key-in-words"),
        pytest.param("Proxy-Authorization: Basic Zm9v=", "Proxy-Authorization: Basic ***",
                     id="proxy"),
        pytest.param("Authorization: abc1", "Authorization: ***", id="no-scheme"),
        pytest.param("Authorization: Own a1", "Authorization: Own ***", id="own-scheme"),
        pytest.param("Authorization: Own (a", "Authorization: Own (a", id="no-value"),
        pytest.param('Authorization: Digest username="u", response="a b"',
                     "Authorization: Digest username=***, response=***", id="digest"),
        pytest.param("Authorization: Bearer expired", "Authorization: Bearer expired",
                     id="about-bearer"),
        pytest.param("Authorization: Bearer <x>", "Authorization: Bearer <x>", id="placeholder"),
        pytest.param("password: S", "password: ***", id="colon"),
        pytest.param("password=S, 409", "password=***, 409", id="equals"),
        pytest.param("password=a,b;c)d&e'f", "password=***", id="signs-in-a-password"),
        pytest.param("f(token=abc(409))", "f(token=***(409))", id="status-behind-it"),
        pytest.param('{"password": "a\\"b c"}', '{"password": "***"}', id="escaped-quote"),
        pytest.param(r'{\"password\":\"a b\"}', r'{\"password\":\"***\"}', id="escaped-json-2"),
        pytest.param("{'pin': 1234}", "{'pin': ***}", id="number"),
        pytest.param("token='abc1 got 409", "token='*** got 409", id="quote-not-closed"),
        pytest.param("Error('no token: ') 409", "Error('no token: ') 409", id="closing-quote"),
        pytest.param("[('password', 'a b')]", "[('password', '***')]", id="listed"),
        pytest.param("('body', 'password', 'email')", "('body', 'password', 'email')", id="names"),
        pytest.param("(b'token', b'S')", "(b'token', b'***')", id="bytes"),
        pytest.param("<password>S</password>", "<password>***</password>", id="xml"),
        pytest.param("%22token%22%3A%22S%22", "%22token%22%3A%22***%22", id="percent-encoded"),
        pytest.param("&quot;token&quot;:&quot;S&quot;", "&quot;token&quot;:&quot;***&quot;",
                     id="html"),
        pytest.param("params['token'] = 'S'", "params['token'] = '***'", id="item"),
        pytest.param("--password S3 -u me:S http://h", "--password *** -u me:*** http://h",
                     id="options"),
        pytest.param("AccountKey=S==;EndpointSuffix=x", "AccountKey=***;EndpointSuffix=x",
                     id="connection-string"),
        pytest.param("az://c/k;sig=S", "az://c/k;sig=***", id="path-parameter"),
        pytest.param("/a;jsessionid=S/b;v=1", "/a;jsessionid=***;v=1", id="session"),
        pytest.param("eyJhbGciOiJ.eyJzdWIi.Sx-_", "***", id="jwt"),
        pytest.param("key AKIAIOSFODNN7EXAMPLE", "key ***", id="aws"),
        *(
            pytest.param(f"bad {key} given", "bad *** given", id=key[:7])
            for key in (
                *("sk-proj-a1b2c3d4e5f6g7h8i9j0", "hf_abcdefghijklmnopqrstuv", "npm_" + "a1" * 18),
                *("pypi-AgEIcHlwaS5vcmcCJDAw", "SG.abcdefghijklmnopqr.abcdefghijklmnopqrstuvw"),
                *("dop_v1_0123456789abcdef0123", "ya29.a0AfH6SMBabcdefgh", "whsec_" + "a1" * 12),
                *("shpat_abcdefghijklmnopqrst", "hvs.CAESIabcdefghijklmnopqr"),
                *("xapp-1-A0-1-abcdef", "dckr_pat_abcdefghijklmnopqrst", "glrt-abcdefghijklmnopqrst"),
                "sq0atp-abcdefghijklmnopqrst",
            )
        ),
        pytest.param("sk-lookup-of-the-table-failed", "sk-lookup-of-the-table-failed", id="no-key"),
        pytest.param("user[password]=x1", "user[password]=***", id="form-field"),
        pytest.param("a&token[]=x1", "a&token[]=***", id="form-list"),
        pytest.param("user%5Bpassword%5D=x1", "user%5Bpassword%5D=***", id="encoded-form-field"),
        pytest.param("user[password] can't be blank", "user[password] can't be blank", id="field"),
        pytest.param(r"password\u003dx1", r"password\u003d***", id="escaped-sign"),
        pytest.param("HTTPBasicAuth('me', 'x1')", "HTTPBasicAuth('me', '***')", id="basic-auth"),
        pytest.param("client_assertion=x1", "client_assertion=***", id="client-assertion"),
        pytest.param("SAMLResponse=x1", "SAMLResponse=***", id="saml"),
        pytest.param(
            "to https%3A%2F%2Fme%3Ax1%40host%2Fa", "to https%3A%2F%2F***%40host%2Fa", id="encoded-url"
        ),
        pytest.param(
            "https://hooks.slack.com/services/T0/B0/x1",
            "https://hooks.slack.com/services/***",
            id="webhook",
        ),
        pytest.param(
            "https://discord.com/api/webhooks/1/x1", "https://discord.com/api/webhooks/***", id="hook"
        ),
        pytest.param("-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----",
                     "-----BEGIN PRIVATE KEY-----***-----END PRIVATE KEY-----", id="pem"),
        pytest.param("https:/u:S@h/x", "https:/***@h/x", id="one-slash"),
        pytest.param("'u:S@h:/path'", "'***@h:/path'", id="scp"),
        pytest.param("u:S/x@h, v:T@h", "***@h, ***@h", id="scp-twice"),
        pytest.param("pg://u:a b@c/d@h/x a@b", "pg://***@b", id="space-at-and-slash"),
        pytest.param("http://u:p@h/x to a@b", "http://***@h/x to a@b", id="no-space"),
        pytest.param("http://h:80 refused a@b", "http://h:80 refused a@b", id="port-and-space"),
        pytest.param("--scheduler tcp://u:S@h:1", "--scheduler tcp://***@h:1", id="scheduler"),
        pytest.param("mailto:a@b.com, h:80/@me", "mailto:a@b.com, h:80/@me", id="no-login"),
        pytest.param("r:t@sha256:ab 9:5@h npm:a@18 a:b", "r:t@sha256:ab 9:5@h npm:a@18 a:b",
                     id="no-login-either"),
        pytest.param("token expired", "token expired", id="words"),
        pytest.param("401 Unauthorized: token", "401 Unauthorized: token", id="words-2"),
        pytest.param("password: must not be empty", "password: must not be empty", id="words-3"),
        pytest.param('{"password": ["This field is required."]}',
                     '{"password": ["This field is required."]}', id="validation"),
        pytest.param("token: connection refused", "token: connection refused", id="words-4"),
        pytest.param("no token: HTTPError('409')", "no token: HTTPError('409')", id="exception"),
        pytest.param("token: /login 409, token=409", "token: /login 409, token=409", id="path-2"),
        pytest.param('{"token": null, "pass": 12}', '{"token": null, "pass": 12}', id="null"),
        pytest.param("order 123e4567-e89b-12d3-a456-426614174000",
                     "order 123e4567-e89b-12d3-a456-426614174000", id="uuid"),
        pytest.param("/blog?id=[id]&page={page}&s=<s>", "/blog?id=[id]&page={page}&s=<s>",
                     id="placeholders"),
        pytest.param("HTTPError('500 for url: /b?id=[id]')", "HTTPError('500 for url: /b?id=[id]')",
                     id="placeholder-in-a-text"),
        pytest.param("/b?id=[id]&s=5", "/b?***", id="not-all-placeholders"),
        pytest.param("/b?token=[token]", "/b?***]", id="a-secret-even-so"),
        pytest.param("/b?id=[A8f3]", "/b?***]", id="no-placeholder"),
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


def test_the_parameters_of_a_link_stay() -> None:
    """They may be needed for it to work, unless their names say that they are secret."""
    link = "https://u:p@h/run?id=5&token=a&X-Amz-Signature=b&key=c"
    assert mask_link(link) == "https://***@h/run?id=5&token=***&X-Amz-Signature=***&key=***"
