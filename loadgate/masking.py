"""A text in, the same text with query strings and credentials masked out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable

MASK = "***"

Endpoint = tuple[str, str]
"""Method and name."""

# Every class is closed by a character that starts the next attempt, so no text makes these slow.
_TOKEN = re.compile(r"\S+")
_CREDENTIALS = re.compile(r"://[^\s/?#]*@")
# A password with characters that should have been encoded; after a colon, but no port.
_ODD_CREDENTIALS = re.compile(r"://[^\s/@:]*:(?!\d+(?:/|$)).*@", re.DOTALL)
_VALUE = r"(?:[^\s'\"]|['\"](?![\s,;:)\]}>]|$))*"  # up to the quote that ends a literal
_QUERY = re.compile(r"(?<=.)\?[^\s?=]*=" + _VALUE)
_QUERY_OF_URL = re.compile(r"\?(?=[^\s'\"])" + _VALUE)


def mask_secrets(text: str) -> str:
    """Mask credentials (`scheme://***@host`) and query strings (`?***`) of the URLs in `text`.

    In a word without a scheme, `?` starts a query only where `key=` follows it.
    """
    if "://" not in text and "?" not in text:
        return text
    return _TOKEN.sub(_mask_word, text)


def _mask_word(word: re.Match[str]) -> str:
    text = word.group()
    if "://" not in text:
        return _QUERY.sub(f"?{MASK}", text)
    return _QUERY_OF_URL.sub(f"?{MASK}", mask_credentials(text))


def mask_credentials(word: str) -> str:
    """Mask the credentials of the URLs in a word without white space; queries stay."""
    end = word.rfind("@") + 1  # with an end in sight the second pattern takes linear time, too
    head = word[:end]
    for pattern in (_CREDENTIALS, _ODD_CREDENTIALS):
        head = pattern.sub(f"://{MASK}@", head)
    return head + word[end:]


def distinct(
    endpoints: Iterable[Endpoint], clean: Callable[[str], str]
) -> dict[Endpoint, Endpoint]:
    """Return every endpoint with its method and name cleaned, still no two of them the same.

    Those that cleaning made equal are told apart by ` (2)`, ` (3)` behind the name.
    """
    numbers: Counter[Endpoint] = Counter()
    taken: set[Endpoint] = set()
    cleaned: dict[Endpoint, Endpoint] = {}
    for endpoint in endpoints:
        method, name = plain = clean(endpoint[0]), clean(endpoint[1])
        while (method, name) in taken:
            numbers[plain] += 1
            name = f"{plain[1]} ({numbers[plain] + 1})"
        taken.add((method, name))
        cleaned[endpoint] = (method, name)
    return cleaned
