"""An error text in, the text with what varies masked out, so that many texts become few kinds."""

from __future__ import annotations

import re
from functools import partial

MASK = "*"
"""Stands for what was masked, so that a signature is a glob that its texts match."""

LONGEST = 300
"""Characters of a signature; what is longer ends in the mask."""

# One alternation behind one character class, and plain ASCII ranges instead of categories: so the
# regex engine goes through a text by table look-up, and a million distinct ones are affordable.
_VARYING = re.compile(
    r"[/0-9](?:"
    # A path or the rest of a URL: up to white space, a quote, a backslash or what is not ASCII,
    # without the punctuation that ends the phrase it stands in.
    # And not the second of "200/201", which is what a test allows.
    r"(?<=/)(?!(?<=[ '\"\[(][1-5][0-9][0-9]/)[1-5][0-9]{2}(?![\w/.?&=%-]))"
    r"[!#-&(-\[\]-~]*(?<![:,.;)\]}>])"
    # A number that cannot be a status, as it has not three digits or a letter behind them, with
    # what is attached to it: 4090, 16ms, 0.25, 409ms, 3f2a-11. What means something stays: "2xx"
    # is a class of statuses, and a lone 0 what Locust calls the status of a request without answer.
    r"|(?<![0-9][0-9])(?<=[0-9])(?:(?![0-9]|xx\b|XX\b)(?:(?<!0)|(?=[.A-Za-z_-]))"
    r"|[0-9](?![0-9])|[0-9]{3,}|[0-9]{2}(?=[A-Za-z]))"
    r"[0-9A-Za-z_.-]*"
    r")"
)
_NUMBERS = re.compile(r"[0-9*]")
_WORD = re.compile(r"(?<![\w.*-])[\w.-]*[0-9*][\w.*-]*")
_STATUS_LIST = re.compile(r"(\[[1-5][0-9]{2}(?:, ?[1-5][0-9]{2})*\])")
_THREE_DIGITS = re.compile(r"(?<![0-9])[0-9]{3}(?![0-9])")
_IDENTIFIER = re.compile(
    # hexadecimal digits, eight or more, or as many as stand before what is masked already
    r"(?<![\w.-])(?=[a-fA-F-]*[0-9*])"
    r"(?:[0-9a-fA-F]{8,}|[0-9a-fA-F]{1,8}(?=\*|-[0-9a-fA-F*]))[0-9a-fA-F*-]*(?!\w)"
)
_MASKS = re.compile(r"(?:https?:)?\*(?:[*:@]*\*)*")


skeleton = partial(_VARYING.sub, MASK)
"""Mask URLs, paths and every number that cannot be a status: three digits stay as they are.

A status is read from the skeleton, never from the text, so texts with the same skeleton have the
same status by construction. Takes time linear in the text. (Not a `def`, as it is called for each
of a million rows.)
"""


def settle(skeleton: str) -> str:
    """Mask identifiers too that only a closer look tells from words, as 3f2a9c and be*.

    Done once for each skeleton, not for each text: it costs several times as much.
    """
    return _IDENTIFIER.sub(MASK, skeleton) if _NUMBERS.search(skeleton) else skeleton


def signature(skeleton: str, status: int | None) -> str:
    """Return the signature of a settled skeleton: numbers other than the status masked too."""
    if len(skeleton) <= LONGEST and not _NUMBERS.search(skeleton):
        return skeleton
    cut = skeleton[: 4 * LONGEST]
    kept = str(status)

    def mask(word: re.Match[str]) -> str:
        text = word.group()
        numbers = _THREE_DIGITS.findall(text)
        if numbers and kept not in numbers:
            return MASK
        return text

    # A list of statuses is what the test allows: it does not vary, and people look for it.
    parts = _STATUS_LIST.split(cut)
    parts[::2] = [_WORD.sub(mask, part) for part in parts[::2]]
    masked = _MASKS.sub(MASK, "".join(parts))
    if len(masked) > LONGEST or len(cut) < len(skeleton):
        return masked[: LONGEST - 1].rstrip(MASK) + MASK
    return masked
