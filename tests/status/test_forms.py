"""What Locust and HTTP clients write themselves, in every wrapping, and the forms of forms.toml."""

from __future__ import annotations

import pytest

from loadgate.globs import StatusText
from loadgate.status import NO_NUMBER, Reading, agree, messages, read_status, read_taught
from loadgate.status.forms import Form, forms

CLIENTS = [
    pytest.param(form, text, id=form.name) for form in forms("clients") for text in form.examples
]
WORDS = [pytest.param(form, text, id=text) for form in forms("words") for text in form.examples]
LIKELY = [text for form in forms("likely") for text in form.examples]


def caught(message: str) -> str:
    """Return the text that Locust writes of `response.failure(message)`."""
    return f"CatchResponseError({message!r})"


@pytest.mark.parametrize(("form", "text"), CLIENTS)
def test_what_clients_write_is_read(form: Form, text: str) -> None:
    """By the form that the text is an example of."""
    reading = read_status(text)
    assert (reading.source, reading.why) == ("client", f"as {form.about} writes it")
    assert str(reading.status) in text


@pytest.mark.parametrize(("form", "text"), WORDS)
def test_what_people_write_is_read(form: Form, text: str) -> None:
    """By the form that the message is an example of."""
    reading = read_status(caught(text))
    assert (reading.source, reading.why) == (form.source, form.about)
    assert str(reading.status) in text


@pytest.mark.parametrize("text", LIKELY)
def test_a_likely_status_is_not_certain(text: str) -> None:
    """A person would guess, and a reason says why it is a guess."""
    reading = read_status(caught(text))
    assert (reading.status, reading.source) == (None, "")
    assert str(reading.likely) in text
    assert reading.why


@pytest.mark.parametrize(
    "text",
    [
        *(pytest.param(text, id=text) for form in forms("clients") for text in form.others),
        *(pytest.param(caught(text), id=text) for form in forms("words") for text in form.others),
    ],
)
def test_what_looks_like_a_form_is_not_certain(text: str) -> None:
    """The counter-examples of each form."""
    assert read_status(text).status is None


@pytest.mark.parametrize("message", [text for form in forms("likely") for text in form.others])
def test_what_looks_likely_is_not_read(message: str) -> None:
    """The counter-examples of likely forms."""
    assert read_status(caught(message)).likely is None


def test_every_form_has_examples_of_both_kinds() -> None:
    """Else it could not be tested, nor explained."""
    for kind in ("clients", "words", "likely"):
        assert all(form.examples and form.others for form in forms(kind))


@pytest.mark.parametrize(
    ("text", "status"),
    [
        pytest.param("HTTPError('409 Client Error: Conflict for url: /a/500')", 409, id="requests"),
        pytest.param("409 Client Error: Conflict for url: http://x/500", 409, id="before-2.10"),
        pytest.param("HTTPError('500 Server Error:  for url: /a')", 500, id="no-reason"),
        pytest.param("HTTPError(u'500 Server Error: 409 for url: /x',)", 500, id="python-2"),
        pytest.param("HTTPError('409 Client Error: no address')", None, id="not-quite-requests"),
        pytest.param("LocustBadStatusCode(code=409)", 409, id="fasthttp"),
        pytest.param("LocustBadStatusCode(code=0)", None, id="fasthttp-no-answer"),
        pytest.param("BadStatusCode('http://x/?code=409', code=500)", 500, id="fasthttp-url"),
        pytest.param("BadStatusCode('http://x/(409, code=500)?c', code=503)", 503, id="evil-url"),
        pytest.param("URL http://x/409?code=409: code=500", 500, id="fasthttp-before-2.10"),
        pytest.param("URL http://x/409: 0, original=timed out", None, id="fasthttp-timeout"),
        pytest.param("CatchResponseError(409)", 409, id="number"),
        pytest.param("CatchResponseError((409, '{\"code\": 500}'))", 409, id="tuple"),
        pytest.param("CatchResponseError((409, 500))", None, id="tuple-of-numbers"),
        pytest.param("CatchResponseError(<Response [409]>)", 409, id="response"),
        pytest.param("CatchResponseError(None)", None, id="none"),
        pytest.param("CatchResponseError(['409'])", None, id="list"),
        pytest.param("CatchResponseError({'status': 409})", None, id="dictionary"),
        pytest.param("CatchResponseError(ValueError('409'))", None, id="nested"),
        pytest.param("Exception(409, 'Conflict')", 409, id="status-and-reason"),
        pytest.param("Exception(409, 'rows updated')", None, id="number-and-words"),
        pytest.param("Exception(599, 'Conflict')", None, id="no-registered-status"),
        pytest.param("HTTPException(status_code=409, detail='500')", 409, id="keywords"),
        pytest.param(
            "CatchResponseError('Could not parse response as JSON. <p>, response code 409, error x"
            "</p>, response code 502, error Expecting value: line 1 column 1 (char 0)')",
            502,
            id="rest",
        ),
        pytest.param(
            "CatchResponseError(\"KeyError: 'a' at ~/f.py:409 in t. Response was HTTP 409\")",
            None,
            id="rest-exception",
        ),
        pytest.param(
            "CatchResponseError('status was 409, response was HTTP 500')", None, id="rest-assert"
        ),
        pytest.param(
            "RetryError(MaxRetryError(\"HTTPConnectionPool(host='x', port=409): Max retries exceeded"
            " with url: /409 (Caused by ResponseError('too many 503 error responses'))\"))",
            503,
            id="urllib3-retries",
        ),
        pytest.param(
            "MaxRetryError(\"(Caused by ResponseError('too many 503 error responses'))\")",
            503,
            id="urllib3",
        ),
        pytest.param("CatchResponseError('ApiError: HTTP 409')", 409, id="error-without-response"),
        pytest.param("HTTPError('HTTP Error 409: Conflict')", 409, id="urllib"),
        pytest.param(
            "HTTPStatusError(\"Client error '409 Conflict' for url 'http://x/500'\\nFor more\")",
            409,
            id="httpx",
        ),
        pytest.param(
            "HTTPStatusError(\"Redirect response '302 Found' for url 'http://x/500'\")",
            302,
            id="httpx-redirect",
        ),
        pytest.param(
            "ClientResponseError(RequestInfo(url=URL('http://x/500'), method='GET', headers={}), (),"
            " status=409, message='Conflict')",
            409,
            id="aiohttp",
        ),
        pytest.param("RateLimitError(\"Error code: 429 - {'error': 500}\")", 429, id="openai"),
        pytest.param(
            "WebSocketBadStatusException('Handshake status 409 Conflict -+-+- {\\'n\\': \\'500\\'}')",
            409,
            id="websocket-client",
        ),
        pytest.param("ConnectionRefusedError(111, 'HTTP 409')", None, id="connection"),
        pytest.param("requests.exceptions.ReadTimeout('HTTP 409')", None, id="dotted-class"),
        pytest.param("KeyError('409')", None, id="key"),
        pytest.param("CatchResponseError('Expected [200], got 409", None, id="cut-off"),
        pytest.param("", None, id="empty"),
        pytest.param("\"CatchResponseError('Expected [409], got 500')\"", 500, id="repr-of-repr"),
        pytest.param(
            "'CatchResponseError(\"HTTP 409, text: it\\'s\")'", 409, id="escaped-repr-of-repr"
        ),
        pytest.param("'HTTP 409' and 'HTTP 500'", None, id="quotes-that-do-not-wrap"),
        pytest.param('HTTP 409: {"a": "' + "x" * 300_000, 409, id="very-long"),
        pytest.param(
            "HTTP 409: " + "Login failed. " * 30_000, None, id="long-and-not-read-to-its-end"
        ),
        pytest.param(
            "URL http://x/" + "y" * 300_000 + ": code=409", 409, id="long-told-by-its-end"
        ),
    ],
)
def test_texts_of_clients(text: str, status: int | None) -> None:
    """Exact forms are read exactly, and exceptions without a response have no status."""
    assert read_status(text).status == status


def test_messages_are_unwrapped() -> None:
    """A wording is tried on the text as it stands and on what is inside its wrappings."""
    assert list(messages("\"CatchResponseError('a\\\\nb')\"")) == [
        "\"CatchResponseError('a\\\\nb')\"",
        "CatchResponseError('a\\nb')",
        "a\nb",
    ]
    assert list(messages("plain")) == ["plain"]


def test_taught_wordings() -> None:
    """A user's wording is read; wordings that disagree read nothing, and say so."""
    refused, shop = StatusText("order refused with {status} by *"), StatusText("*shop {status}")
    text = caught("order refused with 409 by shop 500")
    why = f'by the wording "{refused.text}" of [[status_texts]]'
    taught = Reading(status=409, source="taught", why=why, wording=refused.text)
    assert read_taught(text, [refused]) == taught
    assert read_taught(caught("other 409"), [refused]) is None
    both = read_taught(text, [refused, shop])
    assert both is not None
    assert (both.status, both.wording) == (None, refused.text)
    assert both.why == "wordings of [[status_texts]] read different statuses"


@pytest.mark.parametrize(
    ("read", "taught", "status"),
    [
        pytest.param(409, None, 409, id="not-taught"),
        pytest.param(None, 409, 409, id="taught-only"),
        pytest.param(409, 409, 409, id="both"),
        pytest.param(500, 409, None, id="disagree"),
    ],
)
def test_agreement(read: int | None, taught: int | None, status: int | None) -> None:
    """What the text says for certain and the user's wording must not contradict each other."""
    wording = Reading(status=taught, source="taught", wording="a {status}") if taught else None
    both = agree(Reading(status=read, source="label" if read else ""), wording)
    assert both.status == status
    assert (both.status is None) == bool(read and taught and read != taught)
    assert both.status or both.wording


def test_a_likely_status_does_not_contradict_a_wording() -> None:
    """It is a guess."""
    taught = Reading(status=409, source="taught")
    assert agree(Reading(likely=500), taught) == taught
    assert agree(Reading(status=409, source="label"), Reading(why="different")).status is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("KeyError('409')", "KeyError is raised where no response came", id="silent"),
        pytest.param("a.b.KeyError('x')", "KeyError is raised where", id="without-a-number"),
        pytest.param("URL http://x/: code=0", "0 is what Locust reports", id="no-answer"),
        pytest.param(caught("no luck"), NO_NUMBER.why, id="no-number"),
        pytest.param("CatchResponseError('x is 409", "the text is cut off", id="cut-off"),
        pytest.param("Exception({'a': 409})", "the exception holds data", id="data"),
        pytest.param(
            "CatchResponseError(\"KeyError: 'a' at ~/f.py. Response was 409\")",
            "raised while the test looked at the response",
            id="raised",
        ),
        pytest.param(
            "HTTPError('409 Client Error: nobody')", "begins as requests (HttpUser)", id="shape"
        ),
        pytest.param(caught('{"a": 409}'), "no number stands where", id="in-the-body"),
        pytest.param(caught("Toggle failed: 409"), "`toggle failed` in front of", id="likely"),
        pytest.param(caught("409 zebras"), "`zebras` behind the number", id="behind"),
        pytest.param(caught("Zebra: HTTP 409"), "`Zebra` in front of the number", id="in-front"),
        pytest.param(caught("HTTP 409, HTTP 500"), "more than one number", id="two"),
        pytest.param(caught("(409), (409)"), "nothing says that the number", id="no-words"),
        pytest.param(caught("password=hunter: 409"), "nothing says", id="secret"),
    ],
)
def test_a_reading_says_why(text: str, why: str) -> None:
    """In words that name what is not on the list, but no secret."""
    reading = read_status(text)
    assert reading.status is None
    assert why in reading.why


def _not_json(before: int, behind: int) -> str:
    code = ", response code 409, error "
    return f"CatchResponseError('Could not parse response as JSON. {'x' * before}{code}{'y' * behind}')"


def test_the_middle_of_a_long_text_is_not_looked_at() -> None:
    """A text is read whole up to 8,000 characters; of a longer one both ends are."""
    assert read_status(_not_json(4500, 4500)).status is None
    assert read_status(_not_json(9000, 1000)).status == 409
    beginning = len(_not_json(0, 0))
    whole = _not_json(3935, 8000 - beginning - 3935)
    assert len(whole) == 8000
    assert whole.index(", response") < 4000 < whole.index(", error")
    assert read_status(whole).status == 409
