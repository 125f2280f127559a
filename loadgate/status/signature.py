"""Signatures: error texts with what varies masked, so that many texts become few kinds."""

from __future__ import annotations

import re
from functools import cache, partial

from loadgate.model import Status

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
    # And not the others of "200/201/204", which is what a test allows.
    r"(?<=/)(?!(?:(?<=[ '\"\[(][1-5][0-9][0-9]/)|(?<=[ '\"\[(][1-5][0-9][0-9]/[1-5][0-9][0-9]/))"
    r"[1-5][0-9]{2}(?:/[1-5][0-9]{2})?(?![\w/.?&=%-]))"
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
_STATUS_LIST = r"\[[1-5][0-9]{2}(?:, ?[1-5][0-9]{2})*\]"
"""What the test allows: it does not vary, and people look for it."""
_STATUS = r"(?:20[0124]|30[1-478]|4(?:0[0-9]|1[0-8]|2[1-689]|31|51|99)|5(?:0[0-8]|1[01]|2[0-7]))"
"""A status that servers use: sixty of the five hundred numbers."""
_NUMBERED = (
    r"(?:(?:account|batch|case|client|customer|device|file|flight|group|host|id|item|job|key|line|node"
    r"|number|order|page|pod|port|product|project|record|req(?:uest)?|resource|room|row|seat"
    r"|server|session|step|task|tenant|test|thread|ticket|tool|user|version|worker)s?)+"
)
"""What programs number, so that a number attached to it is no status."""
_LETTERS = r"(?:[^\W\d]|-)*"
_COULD_BE_STATUS = (
    # in a word: unexpected-504, err504, E409, code_500, 504-timeout; not user_404 nor 404@host
    rf"(?<![\w.*-])(?!(?:{_LETTERS}[_-])?{_NUMBERED}[_-]*[0-9])"
    rf"(?:(?:{_LETTERS}[^\W\d_]{{3}}[_-]*|e-?){_STATUS}{_LETTERS}"
    rf"|{_STATUS}[_-]+[^\W\d_]{{3}}{_LETTERS})(?![\w@]|[.-][\w*])"
    # behind a label, and alone in parentheses
    r"|(?:(?<![^\W_])|(?<=\\[nrt]))(?:https?|status|code|err(?:or)?|response|unexpected)"
    rf"['\"]?\s?[:=(\[]?\s?{_STATUS}(?![\w%]|[.-][\w*])"
    rf"|(?<!\w)\({_STATUS}\)"
)
_THREE_DIGITS = re.compile(r"(?<![0-9])[0-9]{3}(?![0-9])")
_IDENTIFIER = re.compile(
    # hexadecimal digits, eight or more, or as many as stand before what is masked already; words
    # begin with such digits, too (504-error), and a code is none (E-504)
    r"(?<![\w.-])(?=[a-fA-F-]*[0-9*])(?!E-[1-5][0-9]{2}(?![\w*-]))"
    r"(?:[0-9a-fA-F]{8,}|[0-9a-fA-F]{1,8}(?=\*|-[0-9a-fA-F*]))[0-9a-fA-F*-]*(?!-?\w)"
)
_BRACKETS = re.compile(r"\[|\*\]+|\]")
_MASKS = re.compile(r"(?:https?:)?\*(?:[*:@]*\*)?")


template = partial(_VARYING.sub, MASK)
"""Mask URLs, paths and every number that cannot be a status: three digits stay as they are.

A status is read from the skeleton, never from the text, so texts with the same skeleton have the
same status by construction. Takes time linear in the text. (Not a `def`, as it is called for each
of a million rows.)
"""


def normalise(template: str) -> str:
    """Mask identifiers too that only a closer look tells from words, as 3f2a9c and be*.

    Done once for each skeleton, not for each text: it costs several times as much.
    """
    return _IDENTIFIER.sub(MASK, template) if _NUMBERS.search(template) else template


def signature(template: str, status: Status | None) -> str:
    """Return the signature of a settled skeleton: numbers other than the status masked too.

    Where no status was read, those stay that a reader would take for one. Each such place has sixty
    values at most, so that texts with an identifier there still become few kinds.
    """
    if len(template) <= LONGEST and not _NUMBERS.search(template):
        return template
    cut = template[: 4 * LONGEST]
    kept = str(status)

    def mask(word: re.Match[str]) -> str:
        text = word.group()
        numbers = _THREE_DIGITS.findall(text)
        if not numbers or kept in numbers:
            return text
        return text[: text.index(numbers[0])] + MASK  # as a skeleton masks all other numbers

    known = status is not None or _THREE_DIGITS.search(cut) is None
    parts = _kept_whole(known=known).split(cut)
    parts[::2] = [_WORD.sub(mask, part) for part in parts[::2]]
    masked = _MASKS.sub(MASK, "".join(parts))
    if f"{MASK}]" in masked:
        masked = _with_ends(masked)
    if len(masked) > LONGEST or len(cut) < len(template):
        return masked[: LONGEST - 1].rstrip(MASK) + MASK
    return masked


def _with_ends(masked: str) -> str:
    """Mask the end of paths such as /tools/[id], too.

    `_VARYING` takes it for the end of what the path stands in; but nothing in the text opened that.
    """
    opened = 0

    def close(found: re.Match[str]) -> str:
        nonlocal opened
        text = found.group()
        ends = text.count("]")
        if not ends:
            opened += 1
            return text
        kept = min(ends, opened) if text.startswith(MASK) else ends
        opened -= min(ends, opened)
        return text[: len(text) - ends + kept]

    return _BRACKETS.sub(close, masked)


@cache
def _kept_whole(*, known: bool) -> re.Pattern[str]:
    """Compile what is not masked, for texts whose status is known, or is not."""
    if known:
        return re.compile(f"({_STATUS_LIST})")
    return re.compile(f"({_STATUS_LIST}|{_COULD_BE_STATUS})", re.IGNORECASE)
