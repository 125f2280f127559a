"""Signatures: what varies is masked, what a status is read from is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadgate.globs import TextGlob
from loadgate.status import read_status
from loadgate.status.signature import LONGEST, MASK, normalise, signature, template


def sign(text: str) -> str:
    """Return the signature of a text."""
    return signature(normalise(template(text)), read_status(text).shown)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "BadStatusCode('http://h:1/servers/3f2a9c/state?a=409', code=409)",
            "BadStatusCode('*', code=409)",
            id="url",
        ),
        pytest.param(
            "HTTPError('409 Client Error: Conflict for url: /prompts/04de/state')",
            "HTTPError('409 Client Error: Conflict for url: *')",
            id="path",
        ),
        pytest.param(
            "CatchResponseError('Expected [200, 409], got 500')",
            "CatchResponseError('Expected [200, 409], got 500')",
            id="allowed-list-stays",
        ),
        pytest.param("took 409 ms, 12.5 s, 4090", "took * ms, * s, *", id="numbers"),
        pytest.param("item 3f2a9c11-ab12-4c3d is gone", "item * is gone", id="digit-first"),
        pytest.param("item be5c9c11-ab12-4c3d is gone", "item * is gone", id="letter-first"),
        pytest.param("a deadbeef cafe", "a deadbeef cafe", id="words-that-look-hexadecimal"),
        pytest.param("Conflict/Deadlock: 409", "Conflict*: 409", id="punctuation-stays"),
        pytest.param("expected 2xx", "expected 2xx", id="class-of-statuses"),
        pytest.param("Expected [200], got 0", "Expected [200], got 0", id="no-answer"),
        pytest.param("0.5 s, 0x1f, a-0-b, 00", "* s, *, *, *", id="other-zeros"),
        pytest.param('unexpected-504: {"a": 12}', 'unexpected-504: {"a": *}', id="in-a-word"),
        pytest.param("err504, E409, E-503, code_500", "err504, E409, E-503, code_500", id="codes"),
        pytest.param("504-error, invalid-409.", "504-error, invalid-409.", id="number-first"),
        pytest.param("errors: 409 (404), f(404)", "errors: * (404), f(*)", id="in-parentheses"),
        pytest.param(
            "HTTP 409 oops 409, code 503 x", "HTTP 409 oops *, code 503 x", id="at-a-label"
        ),
        pytest.param('{"status": 404, "code": 999}', '{"status": 404, "code": *}', id="in-json"),
        pytest.param('HTTP 409: {"a": "x-504"}', 'HTTP 409: {"a": "x-*"}', id="beside-the-status"),
        pytest.param(
            "user_404, a-orders-404, testUser409, LH409, be-409",
            "user_*, a-orders-*, testUser*, LH*, *",
            id="numbered-things",
        ),
        pytest.param("a-409@h, oops-503.h, oops-777", "*@h, oops-*, oops-*", id="names"),
        pytest.param(
            "status 409%, error 502ms, code 409.5", "status *%, error *, code *", id="units"
        ),
        ("Not Found for url: /tools/[id]')", "Not Found for url: *')"),
        ("[GET /tools/[id]] of [/a/b] took /c/[d]", "[GET *] of [*] took *"),
    ],
)
def test_signatures(text: str, expected: str) -> None:
    """URLs, paths, identifiers and numbers other than the status are masked."""
    assert sign(text) == expected


@pytest.mark.parametrize(
    ("text", "most"),
    [
        pytest.param("order-{}: gone", 1, id="numbered"),
        pytest.param("took {} ms", 1, id="measured"),
        pytest.param("oops-{}: gone", 62, id="any-word"),
    ],
)
def test_many_numbers_are_few_kinds(text: str, most: int) -> None:
    """What could be a status is one of those in use, so that it has few values."""
    assert len({sign(text.format(number)) for number in range(1, 20_000)}) <= most


def test_long_texts_are_cut() -> None:
    """A signature is bounded, and ends in the mask where it was cut."""
    cut = sign("word " * 10_000)
    assert len(cut) == LONGEST
    assert cut.endswith(MASK)


@given(st.text(alphabet="ab9 40/-:.*'\"{}xé\n", max_size=60))
def test_a_signature_matches_its_text(text: str) -> None:
    """A signature is a glob for the texts it stands for."""
    assert not sign(text) or TextGlob(sign(text)).matches(text)


@given(st.sampled_from(["409", "500"]), st.uuids(), st.integers(0, 99_999), st.integers(0, 60))
def test_what_varies_does_not_change_the_reading(
    status: str, identifier: object, number: int, seconds: int
) -> None:
    """Texts that differ in identifiers and counts have one signature and one status."""
    text = (
        f"PUT /items/{identifier}?n={number} failed with {status} after {seconds}s for {identifier}"
    )
    assert read_status(text).status == int(status)
    assert sign(text) == f"PUT * failed with {status} after * for *"
