"""Why a status is unknown, and from which words one was read."""

from __future__ import annotations

import pytest

from loadgate.globs import StatusText
from loadgate.status import agree, read_status, read_taught


@pytest.mark.parametrize(
    ("text", "form", "words"),
    [
        pytest.param("CatchResponseError('Expected [200], got 0')", "no-answer", "got 0", id="0"),
        pytest.param("LocustBadStatusCode(code=0)", "no-answer", "code=0", id="fasthttp-0"),
        pytest.param("CatchResponseError('no luck')", "no-number", "", id="no-digits"),
        pytest.param("CatchResponseError('{\"a\": 409}')", "set-aside", "", id="quotation"),
        pytest.param("CatchResponseError('Expected 200')", "set-aside", "", id="expected-only"),
        pytest.param("CatchResponseError('score 409')", "unknown", "", id="no-place"),
        pytest.param("CatchResponseError('x is 409", "cut-off", "", id="cut-off"),
        pytest.param("Exception({'status': 409})", "data", "", id="dictionary"),
        pytest.param("Exception(409, 'rows')", "data", "", id="number-and-words"),
        pytest.param("ReadTimeout('too slow')", "silent", "ReadTimeout", id="no-response"),
        pytest.param("a.b.KeyError('409')", "silent", "KeyError", id="nobody-looked"),
        pytest.param("a.b.KeyError('x')", "silent", "KeyError", id="dotted-without-a-number"),
        pytest.param(
            "CatchResponseError(\"KeyError: 'a' at ~/f.py:409 in t. Response was HTTP 409\")",
            "raised-in-block",
            "KeyError",
            id="rest-exception",
        ),
        pytest.param(
            "CatchResponseError('KeyError: a: b. Response was 409')",
            "raised-in-block",
            "KeyError",
            id="rest-exception-with-colons",
        ),
        pytest.param(
            "CatchResponseError('The response said HTTP 409, then HTTP 500')",
            "ambiguous",
            "HTTP 409 / HTTP 500",
            id="two-numbers-behind-response",
        ),
        pytest.param(
            f"CatchResponseError('HTTP 409 and {'so on ' * 900}: 500')",
            "ambiguous",
            "HTTP 409 / … 500",
            id="another-number-far-behind",
        ),
        pytest.param("X('Error code: 409')", "another-shape", "openai", id="not-quite-openai"),
        pytest.param(
            "CatchResponseError('HTTP 409, HTTP 409, then HTTP 500')",
            "ambiguous",
            "HTTP 409 / HTTP 500",
            id="two-numbers",
        ),
    ],
)
def test_reasons_for_no_status(text: str, form: str, words: str) -> None:
    """What could not be read says why, as far as that can be known."""
    reading = read_status(text)
    assert (reading.status, reading.form, reading.words) == (None, form, words)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("expected ok, got\n 409", "…got 409", id="expected-is-left-out"),
        pytest.param("'abc' rejected with 409", "…rejected with 409", id="quotation-is-left-out"),
        pytest.param("status  code: 409", "status code: 409", id="on-one-line"),
    ],
)
def test_words_are_those_of_the_text(text: str, words: str) -> None:
    """The marks with which the grammar works are in no words."""
    assert read_status(f"CatchResponseError({text!r})").words == words


@pytest.mark.parametrize(
    ("text", "status", "form", "words"),
    [
        ("CatchResponseError(409)", 409, "bare", "409"),
        ("CatchResponseError((409, 'x'))", 409, "pair", "(409, '"),
        ("CatchResponseError(<Response [409]>)", 409, "response-object", "<Response [409]>"),
        ("Exception(409, 'Conflict')", 409, "reason", "409, 'Conflict'"),
        ("HTTPException(status_code=409, detail='x')", 409, "label", "status_code=409"),
        ("HTTPException(Status_Code=409)", 409, "label", "Status_Code=409"),
        ("Exception(failed=1, error=409)", None, "unknown", ""),
        (
            "HTTPError('409 Client Error: Conflict for url: /a/500')",
            409,
            "requests",
            "409 Client Error: Conflict for url: ",
        ),
        ("LocustBadStatusCode(code=409)", 409, "bad-status-code", "code=409"),
        ("BadStatusCode('http://x', code=500)", 500, "bad-status-code", "'http:*', code=500"),
        ("URL http://x: code=500", 500, "fasthttp", "URL http:*: code=500"),
        (
            "RetryError(ResponseError('too many 503 error responses'))",
            503,
            "too-many-retries",
            "ResponseError('too many 503 error responses'",
        ),
        (
            "ClientResponseError(RequestInfo(), (), status=409, message='x')",
            409,
            "aiohttp",
            "RequestInfo(), (), status=409, message=",
        ),
        (
            "WSServerHandshakeError(RequestInfo(), (), status=409, message='x')",
            409,
            "aiohttp",
            "RequestInfo(), (), status=409, message=",
        ),
        (
            "ContentTypeError(RequestInfo(), (), status=409, message='x')",
            409,
            "aiohttp",
            "RequestInfo(), (), status=409, message=",
        ),
        (
            "ClientError('An error occurred (404) when calling the HeadObject operation: x')",
            404,
            "botocore",
            "An error occurred (404) when calling ",
        ),
        (
            "ApiException('(409)\\nReason: Conflict\\n')",
            409,
            "kubernetes",
            "(409)\nReason: ",
        ),
        ("RateLimitError('Error code: 429 - {}')", 429, "openai", "Error code: 429 - "),
        (
            "HTTPStatusError(\"Client error '409 Conflict' for url 'x'\")",
            409,
            "httpx",
            "Client error '409 Conflict' for url ",
        ),
        (
            "HTTPStatusError(\"Server error '500 Oops' for url 'x'\")",
            500,
            "httpx",
            "Server error '500 Oops' for url ",
        ),
        (
            "CatchResponseError('Could not parse response as JSON. , response code 502, error x')",
            502,
            "rest",
            "Could not parse response as JSON. , response code 502, error ",
        ),
        (
            "CatchResponseError('Expected [200], got 409')",
            409,
            "expected-got",
            "Expected [200], got 409",
        ),
        ("CatchResponseError('200 expected, got 502')", 502, "expected-got", "…, got 502"),
        ("CatchResponseError('not 200: 409')", 409, "expected-got", "not 200: 409"),
        ("CatchResponseError('HTTP 409')", 409, "label", "HTTP 409"),
        ("CatchResponseError('did not get HTTP 409')", None, "set-aside", ""),
        ("CatchResponseError('did not see any HTTP 409')", None, "doubtful", "HTTP 409"),
        ("CatchResponseError('HTTP 409 oops')", None, "doubtful", "HTTP 409"),
        ("CatchResponseError('HTTP 409, then 500')", None, "ambiguous", "HTTP 409 / then 500"),
        ("CatchResponseError('got 409, then HTTP 500 oops')", None, "doubtful", "HTTP 500"),
        ("CatchResponseError('200 wanted, 409 received')", 409, "expected-got", "…, 409 received"),
        ("CatchResponseError('Failed order: 409 Conflict')", 409, "reason", "Failed order: 409"),
        ("CatchResponseError('409')", 409, "leading", "409"),
        ("ConflictError(409, 'x')", 409, "elasticsearch", "409, '"),
        ("ConflictError(409, ', ')", 409, "elasticsearch", "409, '"),
        ("<HTTPError 404: 'x'>", 404, "python", "<HTTPError 404: 'x'>"),
        ("<HTTPError 404>", None, "another-shape", "python"),
        ("ConflictError(909, 'x')", None, "no-number", ""),
        ("Exception('Failed to log in: 403 Forbidden')", 403, "reason", "403"),
        ("CatchResponseError('import failed 504: <html>')", 504, "failed", "import failed 504"),
        ("CatchResponseError('409 Conflict')", 409, "reason", "409"),
        ("CatchResponseError('we Got 409')", 409, "got", "we Got 409"),
        ("CatchResponseError('/x returned 409')", 409, "returned", "* returned 409"),
        ("CatchResponseError('Failed (409 Conflict)')", 409, "failed", "Failed (409"),
        ("CatchResponseError('x throttled (429)')", 429, "reason", "x throttled (429"),
        (
            "CatchResponseError('Insufficient Storage: 507')",
            507,
            "reason",
            "Insufficient Storage: 507",
        ),
        ("CatchResponseError('Orders (409 conflict)')", 409, "reason", "Orders (409"),
        (
            "CatchResponseError('Failed to list tokens: 429')",
            429,
            "failed",
            "Failed to list tokens: 429",
        ),
        (
            "CatchResponseError('Unexpected response: 503')",
            503,
            "response",
            "Unexpected response: 503",
        ),
        ("CatchResponseError('GET /x: 409')", 409, "request", "GET *: 409"),
        (
            "CatchResponseError('took 300 ms, failed: 409')",
            409,
            "failed",
            "took 300 ms, failed: 409",
        ),
    ],
)
def test_where_a_status_was_read(text: str, status: int | None, form: str, words: str) -> None:
    """Each reading names its form and shows the words it was read from."""
    reading = read_status(text)
    assert (reading.status, reading.form, reading.words) == (status, form, words)


def test_words_of_a_wording() -> None:
    """What a user taught is shown as the user wrote it."""
    shop = StatusText("*by shop {status}")
    taught = read_taught(
        "CatchResponseError('refused by shop 409')", [StatusText("x {status}"), shop]
    )
    assert taught is not None
    assert (taught.status, taught.form, taught.words) == (409, "taught", "*by shop {status}")
    assert read_taught("CatchResponseError('refused')", [shop]) is None


def test_reasons_of_wordings() -> None:
    """Wordings that contradict each other, or the grammar, say so."""
    text = "CatchResponseError('HTTP 409 in nearby shop 500')"
    shop, any_of_both = StatusText("*shop {status}"), StatusText("*{status} *by*")
    both = agree(read_status(text), read_taught(text, [shop, any_of_both]))
    assert (both.status, both.form) == (None, "wordings-disagree")
    other = agree(read_status(text), read_taught(text, [shop]))
    assert (other.status, other.form, other.words) == (None, "taught-otherwise", "HTTP 409")
