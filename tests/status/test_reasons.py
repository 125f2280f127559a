"""Why a status is unknown, and from which words one was read."""

from __future__ import annotations

import pytest

from loadgate.patterns import StatusText
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
        pytest.param(
            "CatchResponseError(\"KeyError: 'a' at ~/f.py:409 in t. Response was HTTP 409\")",
            "raised-in-block",
            "KeyError",
            id="rest-exception",
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


def test_reasons_of_wordings() -> None:
    """Wordings that contradict each other, or the grammar, say so."""
    text = "CatchResponseError('HTTP 409 by shop 500')"
    shop, any_of_both = StatusText("*shop {status}"), StatusText("*{status} *by*")
    both = agree(read_status(text), read_taught(text, [shop, any_of_both]))
    assert (both.status, both.form) == (None, "wordings-disagree")
    other = agree(read_status(text), read_taught(text, [shop]))
    assert (other.status, other.form, other.words) == (None, "taught-otherwise", "HTTP 409")
