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
_AUTHORITY = re.compile(r"(?:\\?/){2}((?:[^/?#\\]|\\(?!/))*)")  # JSON writes it "https:\/\/h\/"
_BRACKETED = re.compile(r"\[[^\[\]]*\]")
"""An IPv6 host, whose colons precede no password."""
_PARAMETERS = re.compile(r"[?#][^\s?#=]*=")
_PARAMETERS_OF_URL = re.compile(r"\?(?=[^\s'\"])|#[^\s?#=]*=")
_MORE = re.compile(r"&[^\s&=?]+=[^\s&]*")
"""What goes on with a query behind a space in one of its values."""
_CLOSING = "'\")]}>,;:."
"""What may close the text that a URL stands in, and holds no secret."""
_NAMED = re.compile(
    r"""(authorization\\?["']?\s{0,4}[:=]\s{0,4}\\?["']?(?:(?:basic|bearer|digest|token)\s{1,4})?
    |\bbearer\s{1,4}(?=\S*[0-9])
    |(?:token|(?:api|access|private)[_-]?key|secret|password|passwd|pwd)
     (?:\s{0,4}=\s{0,4}\\?["']?|\\?["']\s{0,4}:\s{0,4}\\?["']))
    (?:(?<=["'])[^"'\\]+|[^\s"'\\,;&)}\]<>]+)""",
    re.IGNORECASE | re.VERBOSE,
)
"""A secret outside of a URL, behind a name that says so."""


def mask_secrets(text: str) -> str:
    """Mask what may be secret in a text.

    That is credentials (`scheme://***@host`) and parameters (`?***`, `#***`) of its URLs, and the
    values of `Authorization: …`, `token=…` and the like.

    White space ends a URL. In a word without a scheme, `?` starts a query only where `key=`
    follows it.
    """
    masked = _NAMED.sub(rf"\g<1>{MASK}", _TOKEN.sub(_mask_word, text))
    return _MORE.sub(f"&{MASK}", masked) if f"?{MASK}" in masked else masked


def _mask_word(word: re.Match[str]) -> str:
    text = word.group()
    if "?" not in text and "@" not in text and "#" not in text:
        return text
    is_url = "://" in text or r":\/\/" in text
    text = mask_credentials(text)
    found = (_PARAMETERS_OF_URL if is_url else _PARAMETERS).search(text)
    if found is None:
        return text
    # All of it to the end of the word: a query may hold quotes, brackets, and another "?".
    shown = text[found.end() :].rstrip(_CLOSING)
    return f"{text[: found.start() + 1]}{MASK}{text[found.end() + len(shown) :]}"


def mask_credentials(word: str) -> str:
    """Mask the credentials of the URLs in a word without white space; queries stay.

    A password may hold what should have been encoded: where there is one, all is masked up to the
    last `@`, be it that of a path.
    """
    last = word.rfind("@") + 1
    parts: list[str] = []
    at = 0
    for found in _AUTHORITY.finditer(word):
        authority, start = found[1], found.start(1)
        if start >= last:
            break
        host, colon, behind = _BRACKETED.sub("", authority).partition(":")
        at_path = word.startswith(("/", "\\/"), found.end())
        is_port = at_path and behind.isdecimal() and int(behind[:6]) < 2**16
        if colon and not is_port:
            return "".join([*parts, word[at:start], MASK, word[last - 1 :]])
        if "@" in host:
            parts += [word[at:start], MASK]
            at = start + authority.rindex("@")
    return "".join([*parts, word[at:]])


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
