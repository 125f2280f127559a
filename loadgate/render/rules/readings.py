"""Readings: the status that was read from an error text, and how, in words."""

from __future__ import annotations

from collections.abc import Iterable

from loadgate.model import FailureKind
from loadgate.status import Reading, may_have_status, read_status

TEACH_HINT = (
    "loadgate: some messages hold a number that may be the status;"
    " `loadgate rules teach LOCUSTFILE` learns from their source how to read it"
)

_NO_STATUS = frozenset(("no-answer", "no-number", "set-aside"))
"""Why nothing was read where no wording could read anything either."""

CLIENTS = {
    "aiohttp": "aiohttp",
    "bad-status-code": "Locust's FastHttpUser",
    "bare": "response.failure(NUMBER)",
    "botocore": "botocore",
    "elasticsearch": "elasticsearch",
    "fasthttp": "Locust's FastHttpUser before 2.10",
    "httpx": "httpx",
    "kubernetes": "kubernetes",
    "openai": "openai",
    "pair": "response.failure((NUMBER, ...))",
    "python": "Python's urllib or xmlrpc, or Google's client",
    "requests": "requests (HttpUser)",
    "response-object": "response.failure(response)",
    "rest": "Locust's rest()",
    "too-many-retries": "urllib3",
}
"""Who writes a form that is read exactly, by its name."""

PLACES = {
    "expected-got": "the actual side of expected and got",
    "failed": "a bare number behind words about a failure",
    "got": 'a bare number behind "got"',
    "label": "a number right at its label",
    "leading": "the message opens with the number",
    "reason": "a number beside words that mean the same",
    "request": "a bare number behind the request",
    "response": 'a bare number behind "response"',
    "returned": 'a bare number behind "returned", "failed with" or an arrow',
    "taught": "a wording of [[status_texts]]",
}
"""Where in people's own messages a status was found, by the name of the form."""

UNKNOWN = {
    "ambiguous": "two different numbers, neither of which comes first",
    "another-shape": "it begins like the text of a client, and goes on in another way",
    "cut-off": "the text is cut off, and the rest could say anything",
    "data": "the exception holds data, and no sentence",
    "doubtful": "the sentence around a number may say something else than that it came back",
    "no-answer": "0 is what Locust reports of a request without an answer",
    "no-number": "no number from 100 to 599 outside of URLs and identifiers",
    "raised-in-block": "raised while the test looked at the response",
    "set-aside": "numbers only in what was expected, in what quotes the response, or in codes of"
    " another protocol",
    "silent": "raised where no response came, or where nobody looked at it",
    "taught-otherwise": "a wording of [[status_texts]] reads another status",
    "unknown": "no number stands where only a status can stand",
    "wordings-disagree": "wordings of [[status_texts]] read different statuses",
}
"""Why nothing was read, by the name of the form."""


def status_text(reading: Reading) -> str:
    """Return a status with the words that it was read from, or why it is unknown."""
    if reading.status is None:
        client = CLIENTS.get(reading.words, reading.words)
        return f"unknown: {UNKNOWN[reading.form]}" + (f': "{client}"' if client else "")
    place = PLACES.get(reading.form) or f"as {CLIENTS[reading.form]} writes it"
    return f'{reading.status}, read from "{reading.words}": {place}'


def unread_statuses(failures: Iterable[FailureKind]) -> bool:
    """Say whether a failure in a locustfile's words has no status, but a number that may be it."""
    return any(
        kind.status is None
        and kind.decision == "true"
        and "CatchResponseError(" in kind.signature  # the locustfile's own words
        and may_have_status(kind.signature)
        and read_status(kind.signature).form not in _NO_STATUS
        for kind in failures
    )
