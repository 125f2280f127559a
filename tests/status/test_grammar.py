"""People's own messages: what is read, and what is refused."""

from __future__ import annotations

import pytest

from loadgate.status import read_status


def caught(message: str) -> str:
    """Return the text that Locust writes for response.failure(message)."""
    return f"CatchResponseError({message!r})"


@pytest.mark.parametrize(
    ("message", "status"),
    [
        pytest.param("Expected [200, 403, 404, 409], got 500", 500, id="allowed-list-is-not-read"),
        pytest.param("Expected 409, got 500", 500, id="actual-side"),
        pytest.param("expected: 200, actual: 409", 409, id="actual"),
        pytest.param("expected status 200 but was 409", 409, id="but-was"),
        pytest.param("Expected 2xx, received 503", 503, id="class-of-statuses"),
        pytest.param("Expected success, got 409", 409, id="success"),
        pytest.param("Got 409, expected 200", 409, id="reversed"),
        pytest.param("got 409 instead of 200", 409, id="instead-of"),
        pytest.param("200 expected, got 502", 502, id="expected-behind"),
        pytest.param("200 expected. We got 502", 502, id="expected-in-a-sentence-before"),
        pytest.param("Erwartet 409, bekam 500", 500, id="german"),
        pytest.param("期望 200，实际 409", 409, id="chinese"),
        pytest.param("Expected [200, 409], got 0", None, id="no-answer"),
        pytest.param("Expected [200, 409], got", None, id="nothing-behind-got"),
        pytest.param("Expected 10 items, got 409", None, id="items-were-expected"),
        pytest.param("Expected 200 rows, got 409", None, id="rows-were-expected"),
        pytest.param("expected version 3, got 409", None, id="a-version-was-expected"),
        pytest.param("expected 10, got 409", None, id="a-count-was-expected"),
        pytest.param("State mismatch: expected=True actual=False phase=409", None, id="no-pair"),
        pytest.param("expected responseCode=200 with products", None, id="only-the-expected"),
    ],
)
def test_pairs_of_expected_and_received(message: str, status: int | None) -> None:
    """Only the actual side of a pair is read, and only where statuses were compared."""
    assert read_status(caught(message)).status == status


@pytest.mark.parametrize(
    "message",
    [
        "Expected request to fail with 409, got 500",
        "Expected the API returned 409, got 500",
        "expected rejected with 409 but got 500",
        "expected error: 409, got 500",
        "expected conflict (409), got 500",
        "expected POST /a: 409, got 500",
        "must be rejected with 409, got 500",
        "should have been refused with 409, was 500",
        "we expect: error 409. Got 500",
        "Expected the losing writer, when both are concurrent,\nto fail with 409, got 500",
        "Expected request to eventually be refused by the server with status 409, got 500",
        "expected conflict with code 409; response was 500",
    ],
)
def test_what_was_expected_in_other_words(message: str) -> None:
    """A number that a sentence about what was wanted leads to is not what came back."""
    assert read_status(caught(message)).status in {None, 500}


@pytest.mark.parametrize(
    "message",
    [
        "Expected failure (409), but the API returned 500",
        "Expected JSON but server returned 500",
        "expected status in 409, got HTTP 500",
        "Something else was expected. HTTP 500",
        "allowed: HTTP 409, HTTP 412. Got HTTP 500",
    ],
)
def test_what_came_back_in_other_words(message: str) -> None:
    """Behind a word that turns to what came back, or in another sentence, a number is read."""
    assert read_status(caught(message)).status == 500


@pytest.mark.parametrize(
    ("message", "status"),
    [
        pytest.param("HTTP 409", 409, id="http"),
        pytest.param("HTTP/1.1 409 Conflict", 409, id="http-version"),
        pytest.param("HTTP409", 409, id="http-joined"),
        pytest.param("HTTP_409_CONFLICT", 409, id="http-constant"),
        pytest.param("status code: 409", 409, id="status-code"),
        pytest.param("statusCode=409", 409, id="camel-case"),
        pytest.param("response_code=409", 409, id="response-code"),
        pytest.param("Status code was 409", 409, id="was"),
        pytest.param("x-request-id=409 status=500", 500, id="key-value"),
        pytest.param("Unexpected status 409: {'code': 500}", 409, id="body-behind"),
        pytest.param("Status code 502 - Response: 409", 502, id="what-the-server-said"),
        pytest.param("HTTP 500: upstream said HTTP 409", 500, id="quoted-upstream"),
        pytest.param("Status code 500 for query 'http 409 conflict'", 500, id="quotation-marks"),
        pytest.param("login failed: <Response [409]>", 409, id="response-repr"),
        pytest.param("状态码：４０９", 409, id="wide-digits"),
        pytest.param("Ошибка: статус код 409", 409, id="russian"),
        pytest.param("status 409 and then HTTP 500", None, id="two-labels"),
        pytest.param("exit status 409", None, id="exit-status"),
        pytest.param("order status: 409", None, id="somebody-elses-status"),
        pytest.param("gRPC status code 409", None, id="grpc"),
        pytest.param("JSON-RPC error: HTTP 409 from upstream", None, id="json-rpc"),
        pytest.param("status 4090", None, id="four-digits"),
        pytest.param("HTTP 409ms", None, id="unit"),
        pytest.param('{"status": 409}', None, id="body"),
        pytest.param('upstream said "HTTP 409"', None, id="only-quoted"),
        pytest.param("HTTP 0: None", None, id="zero"),
    ],
)
def test_numbers_at_a_label(message: str, status: int | None) -> None:
    """A number right behind a label that can only mean the status is read."""
    assert read_status(caught(message)).status == status


@pytest.mark.parametrize(
    ("message", "status"),
    [
        pytest.param("409", 409, id="alone"),
        pytest.param('409: {"errors": [{"code": 500}]}', 409, id="leading"),
        pytest.param("409 Conflict", 409, id="reason-phrase"),
        pytest.param("Login failed: 401", 401, id="failed"),
        pytest.param("Failed to list tokens for update: 429", 429, id="sentence"),
        pytest.param("/items/409/state returned 500", 500, id="returned"),
        pytest.param("GET /order/409 → 500", 500, id="arrow"),
        pytest.param("throttled (429)", 429, id="means-the-same"),
        pytest.param("Failed (409 Conflict)", 409, id="reason-in-brackets"),
        pytest.param("Got 409", 409, id="got"),
        pytest.param("Unexpected response: 503", 503, id="response"),
        pytest.param("took 409 ms", None, id="duration"),
        pytest.param("got 4090 bytes in 409 ms", None, id="bytes"),
        pytest.param("Got 409 items", None, id="items"),
        pytest.param("returned 409 rows", None, id="rows"),
        pytest.param("409 of 500 items missing", None, id="count"),
        pytest.param("Order 409 not found", None, id="identifier"),
        pytest.param("line 409 column 5", None, id="line"),
        pytest.param("Invalid score: 409", None, id="score"),
        pytest.param("Failed to parse line: 409", None, id="numbered"),
        pytest.param("Failed to connect to 10.0.0.1:409", None, id="port"),
        pytest.param("Orders (409) missing", None, id="brackets-alone"),
        pytest.param("conflict number 409: retry", None, id="number"),
        pytest.param("failed with 409, returned 500", None, id="two-numbers"),
        pytest.param("item-409 conflict", None, id="attached"),
        pytest.param("409.5 Conflict", None, id="decimal"),
        pytest.param("Assertion failed: 409", None, id="assertion"),
        pytest.param("Redis error: 409", None, id="another-protocol"),
        pytest.param("Orders found: 302", None, id="found-are-counted"),
        pytest.param("records created: 201", None, id="created-are-counted"),
        pytest.param("jobs accepted (202)", None, id="accepted-are-counted"),
        pytest.param("items gone: 410", None, id="gone-are-counted"),
        pytest.param("seats locked: 423", None, id="seats-are-counted"),
        pytest.param("seat locked: 423", 423, id="one-seat"),
        pytest.param("Access denied: 403", 403, id="no-plural"),
        pytest.param("redirected: 302", 302, id="redirected"),
        pytest.param("201 Created", 201, id="created-behind-it"),
    ],
)
def test_bare_numbers(message: str, status: int | None) -> None:
    """Without a label a number is read only where people put statuses."""
    assert read_status(caught(message)).status == status


@pytest.mark.parametrize(
    ("text", "status"),
    [
        pytest.param("Exception('HTTP 409')", 409, id="label"),
        pytest.param("AssertionError('Expected 409, got 500')", 500, id="pair"),
        pytest.param("RuntimeError('409')", None, id="bare"),
        pytest.param("RuntimeError('failed: 409')", None, id="failed"),
        pytest.param("AssertionError('assert 409 == 200')", None, id="comparison"),
    ],
)
def test_other_exceptions_need_a_label(text: str, status: int | None) -> None:
    """In an exception that the test did not raise by response.failure, bare numbers do not count."""
    assert read_status(text).status == status


_FILLER = "and so it went on " * 300


@pytest.mark.parametrize(
    ("message", "status"),
    [
        pytest.param(f"HTTP 409 {_FILLER}(status code 500)", None, id="another-status-at-the-end"),
        pytest.param(f"HTTP 409 {_FILLER}500 {_FILLER}", None, id="another-number-in-the-middle"),
        pytest.param(f"HTTP 409 {_FILLER}{_FILLER}(５００)", None, id="another-one-in-wide-digits"),
        pytest.param(f"HTTP 409 {_FILLER}(status code 409)", 409, id="the-same-status"),
        pytest.param(f"HTTP 409 {_FILLER}", 409, id="no-number-behind"),
        pytest.param(f"HTTP 409 {_FILLER}{_FILLER}", 409, id="no-number-far-behind"),
        pytest.param(f"HTTP 409 body: {_FILLER} 500", 409, id="quoting-the-server"),
        pytest.param(f"HTTP 409: <html>{_FILLER}{_FILLER}500</html>", 409, id="quoting-a-page"),
        pytest.param(
            "Expected [" + "200, " * 798 + "20], got 409" + " in 500 tries",
            None,
            id="a-pair-at-the-cut",
        ),
        pytest.param(f"{'x' * 3991} HTTP 409", 409, id="a-status-that-just-fits"),
        pytest.param(f"Got 409: {_FILLER}", 409, id="without-a-label"),
        pytest.param(f"{'x' * 3991} got 409 ms after the start", None, id="a-time-at-the-cut"),
    ],
)
def test_what_is_too_long_to_be_read_must_not_say_otherwise(
    message: str, status: int | None
) -> None:
    """Behind the part that is read, another number is a doubt, unless the server is quoted there."""
    for text in (message, caught(message)):
        assert read_status(text).status == status


@pytest.mark.parametrize(
    ("message", "status"),
    [
        pytest.param("HTTP 409 deadlock victim", 409, id="its-meaning-goes-on"),
        pytest.param("HTTP 507 insufficient storage left", 507, id="its-name-goes-on"),
        pytest.param("HTTP 409 lamppost victim", None, id="another-word-goes-on"),
        pytest.param("HTTP 409 at x, (y) 500", None, id="brackets-between"),
        pytest.param("got 500, then HTTP 409 at x, 409 y", None, id="before-and-behind"),
        pytest.param("HTTP 409\\nConflict", 409, id="escaped-line-break"),
        pytest.param("HTTP 409\\nHTTP 500", None, id="another-behind-an-escaped-line-break"),
        pytest.param("Order failed badly (409 Conflict)", 409, id="named-in-brackets"),
        pytest.param("never seen (409 Conflict)", None, id="never-seen-in-brackets"),
        pytest.param("without (409 Conflict)", None, id="without-in-brackets"),
        pytest.param("‹wanted› (409 Conflict)", None, id="a-mark-in-the-text"),
        pytest.param("Order failed (480 odd)", None, id="a-number-without-a-phrase"),
    ],
)
def test_the_sentence_around_a_number_counts(message: str, status: int | None) -> None:
    """What may stand around a status, beyond the single words of data/vocabulary.jsonl."""
    assert read_status(caught(message)).status == status


@pytest.mark.parametrize(
    "message",
    [
        "got 500 after HTTP 409",
        "HTTP 409 Conflict but returned 500",
        "update failed with 500 after HTTP 409",
        "returned 500 (retry of HTTP 409)",
        "unexpected 500 because HTTP 409",
        "got 500 - HTTP 409",
        "status code: 409, retry returned 500",
        "status code: 409 but the response was 500",
        "HTTP 409 and response code 500",
        "409: retry returned 500",
        "409 Conflict - gave up after retry returned 503",
        "got 409; (500)",
        "got 409 - retry gave 500",
        "HTTP 409 - retry returned 500",
        "503 or HTTP 409, then 409",
        "expected 200, got 409, 500 received",
    ],
)
def test_a_bare_status_counts_against_one_that_stands_better(message: str) -> None:
    """Of a label, an opening number and a bare one none comes first, where they differ."""
    assert read_status(caught(message)).status is None


@pytest.mark.parametrize(
    ("message", "status"),
    [
        pytest.param("Expected 500, got 404", 404, id="nothing-before"),
        pytest.param("Status: expected 500, got 404", 404, id="a-status-before"),
        pytest.param("POST /a: expected 500, got 404", 404, id="a-request-before"),
        pytest.param("[cart] Expected 500, got 404", 404, id="a-tag-before"),
        pytest.param("Login: expected 200, got 404", 404, id="success-was-expected"),
        pytest.param("Cart: expected 200/201, got 404", 404, id="several-successes"),
        pytest.param("Hidden: expected 500, got 404", None, id="no-success-was-expected"),
        pytest.param("Balance: expected 200, got 404", None, id="a-measure"),
        pytest.param("Number of open orders: expected 200, got 404", None, id="a-number-of"),
        pytest.param("item_count: expected 200, got 404", None, id="a-count-by-its-name"),
        pytest.param("X-Total header: expected 200, got 404", None, id="a-header"),
        pytest.param("expected 200, actual 404 field=stock", None, id="a-field-behind"),
        pytest.param("Expected 200, got 150", None, id="no-status-at-all"),
        pytest.param("Expected 200, got status 477", 477, id="a-status-by-its-word"),
        pytest.param("App build 410 expected, found 409", None, id="expected-behind"),
        pytest.param("Balance is 404, expected 500", None, id="received-before"),
        pytest.param("Balance: got 404, expected 200", None, id="received-before-success"),
        pytest.param("Status page. Hidden: expected 500, got 404", None, id="another-sentence"),
        pytest.param("(expected 500, got 404)", 404, id="in-brackets"),
        pytest.param("Price is wrong! Expected 499, got 500", None, id="measured-before-it"),
        pytest.param("Wrong stock level. Expected 200, got 404", None, id="level-before-it"),
        pytest.param("Odd thing. Expected 500, got 404", None, id="unknown-before-it"),
        pytest.param("Wrong price! (expected 500, got 404)", None, id="measured-before-brackets"),
        pytest.param("Odd thing. Expected 200, got 404", 404, id="success-behind-a-sentence"),
        pytest.param("Request failed. Expected 409, got 500", 500, id="request-before-it"),
        pytest.param("X: expected 500, got 404", None, id="a-letter-before"),
        pytest.param("stock is not 200 but 404", None, id="a-measure-is-not"),
        pytest.param("it is not 200 but 404", 404, id="it-is-not"),
        pytest.param("Ожидалось 300 записей, получено 200", None, id="a-noun-of-another-alphabet"),
    ],
)
def test_what_was_compared(message: str, status: int | None) -> None:
    """A pair is one of statuses by the words before it, or by what was expected."""
    assert read_status(caught(message)).status == status


def test_a_message_of_many_numbers_is_data() -> None:
    """It would be read at random, and take long."""
    few = "status code 409, list " + "300 " * 11
    assert read_status(caught(few)).status == 409
    assert read_status(caught(few + "300")).status is None
    allowed = f"Expected [{', '.join(['200'] * 59)}], got "
    assert read_status(caught(allowed + "status 409")).status == 409
    assert read_status(caught(allowed + "status 409, 409")).status is None
    assert read_status(caught("HTTP_409 " * 12)).status == 409
    assert read_status(caught("HTTP_409 " * 13)).status is None
    assert read_status(caught("HTTP 409: " + "not allowed; " * 60)).status == 409
    assert read_status(caught("HTTP 409: " + "not allowed; " * 61)).status is None


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("<HTTPError 404: 'Not Found'>", 404),
        ('<HttpError 403 when requesting http://h/409 returned "quota">', 403),
        ("<ProtocolError for h:1/2: 502 Bad Gateway>", 502),
        ("<HTTPError 404>", None),
        ("ConflictError(409, 'version_conflict_engine_exception', 'x 500')", 409),
        ("ConflictError('HTTP 409', 'x')", None),
        ("CatchResponseError('<Response [409 Conflict]>')", 409),
        ("CatchResponseError('<ClientResponse(http://h/500) [409 Conflict]>')", 409),
        ("Exception('Failed to log in: 403 Forbidden')", 403),
        ("Exception('page 403 Forbidden')", None),
        ("Exception('never seen (403 Forbidden)')", None),
        ("CatchResponseError('got 409 SQLSTATE x')", 409),
        ("CatchResponseError('413 Request Entity Too Large')", 413),
        ("CatchResponseError('413 Content Too Large')", 413),
        ("CatchResponseError('GraphQL request failed with HTTP status 503')", 503),
        ("CatchResponseError('GraphQL status code 503')", None),
    ],
)
def test_what_more_libraries_write(text: str, status: int | None) -> None:
    """Forms of urllib, xmlrpc, aiohttp, httpx, and clients of Google and Elasticsearch."""
    assert read_status(text).status == status
