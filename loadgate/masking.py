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
_CREDENTIALS = re.compile(r"((?:\\?/){2})[^\s/?#\\]*@")  # also as JSON writes it: "https:\/\/"
# A password with characters that should have been encoded; after a colon, but no port.
_ODD_CREDENTIALS = re.compile(r"://[^\s/@:]*:(?!\d+(?:/|$)).*@", re.DOTALL)
_QUERY = re.compile(r"\?[^\s?=]*=")
_QUERY_OF_URL = re.compile(r"\?(?=[^\s'\"])")
_MORE = re.compile(r"&[^\s&=?]+=[^\s&]*")
"""What goes on with a query behind a space in one of its values."""
_CLOSING = "'\")]}>,;:."
"""What may close the text that a URL stands in, and holds no secret."""


def mask_secrets(text: str) -> str:
    """Mask credentials (`scheme://***@host`) and query strings (`?***`) of the URLs in `text`.

    In a word without a scheme, `?` starts a query only where `key=` follows it.
    """
    if "?" not in text and "/" not in text:
        return text
    masked = _TOKEN.sub(_mask_word, text)
    return _MORE.sub(f"&{MASK}", masked) if f"?{MASK}" in masked else masked


def _mask_word(word: re.Match[str]) -> str:
    text = word.group()
    if "?" not in text and "@" not in text:
        return text
    query = _QUERY_OF_URL if "://" in text or r":\/\/" in text else _QUERY
    text = mask_credentials(text)
    found = query.search(text)
    if found is None:
        return text
    # All of it to the end of the word: a query may hold quotes, brackets, and another "?".
    shown = text[found.end() :].rstrip(_CLOSING)
    return f"{text[: found.start()]}?{MASK}{text[found.end() + len(shown) :]}"


def mask_credentials(word: str) -> str:
    """Mask the credentials of the URLs in a word without white space; queries stay."""
    end = word.rfind("@") + 1  # with an end in sight the second pattern takes linear time, too
    head = word[:end]
    head = _CREDENTIALS.sub(rf"\g<1>{MASK}@", head)
    head = _ODD_CREDENTIALS.sub(f"://{MASK}@", head)
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
