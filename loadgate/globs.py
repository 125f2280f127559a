"""Globs: whether the whole of a text matches, in linear time, and which status it says."""

from __future__ import annotations

import itertools
import re
import string
from dataclasses import dataclass, field
from functools import lru_cache

_NUMBER = re.compile(r"(?<![0-9])[1-5][0-9][0-9](?![0-9])")

STATUS_PLACE = "{status}"


class PatternError(ValueError):
    """A pattern that cannot be used; the text says why."""


@dataclass(frozen=True, slots=True)
class TextGlob:
    """A text in which `*` stands for any run of characters, line breaks included.

    White space counts as every screen shows it, so that what is copied from there matches.
    """

    text: str
    """The pattern as written."""

    def __post_init__(self) -> None:
        """Raise PatternError for an empty pattern."""
        if not self.text:
            raise PatternError("the pattern is empty")

    def matches(self, text: str) -> bool:
        """Say whether the whole of `text` matches."""
        text = _single_blanks(text)
        parts, longest = _parts(self.text)
        if longest not in text:
            return False  # as nearly always
        if len(parts) == 1:
            return text == parts[0]
        end = len(text) - len(parts[-1])
        return text.endswith(parts[-1]) and _first_end(text, parts[:-1], end) is not None

    def could_match(self, masked: str) -> bool:
        """Say whether a text could match of which `masked` is left.

        A `*` hides part of a word, and a `***`, as secrets are masked, any characters.

        The places in the pattern that may come next are the bits of one integer, so that this takes
        linear time, too.
        """
        of, length = _places(self.text)
        stars = of["*"]
        words = ((1 << length) - 1) & ~of[" "]
        places = 1 | (1 & stars) << 1
        for hidden in re.findall(r"\*+|[^*]", _single_blanks(masked)):
            if len(hidden) > 2:  # a secret, which may be several words: on to any later place
                first = places & -places
                places = ((2 << length) - 1) & -first & ~(first & ~stars)
                continue
            taking = words & ~stars if "*" in hidden else of.get(hidden, 0)
            places = (places & taking) << 1 | places & stars
            places |= (places & stars) << 1
            if "*" in hidden:  # on to the next blank: a carry takes all places at once
                places |= ((places & words) + words) ^ words
        return bool(places >> length)

    def around(self) -> TextGlob:
        """Return the glob that finds these words anywhere in a text; it may be this one."""
        if self.text.startswith("*") and self.text.endswith("*"):
            return self
        return TextGlob(f"*{self.text.strip('*')}*")

    def includes(self, other: TextGlob) -> bool:
        """Say whether every text that `other` matches is matched by this glob, too.

        A character that is in neither stands for what a star of `other` may stand for: only a star
        of this glob can take it, and a star takes anything.
        """
        taken = f"{self.text}{other.text}{string.whitespace}"
        fresh = next(c for c in map(chr, itertools.count()) if c not in taken)
        return self.matches(other.text.replace("*", fresh))


# One text after another is held against the same rules.
@lru_cache(maxsize=4096)
def _parts(pattern: str) -> tuple[tuple[str, ...], str]:
    """Return what stands between the stars of a glob, and the longest of that."""
    parts = tuple(_single_blanks(pattern).split("*"))
    return parts, max(parts, key=len)


@lru_cache(maxsize=4096)
def _places(pattern: str) -> tuple[dict[str, int], int]:
    """Return where in a glob each character stands, as bits of an integer, and its length."""
    pattern = re.sub(r"\*+", "*", _single_blanks(pattern))
    of = dict.fromkeys(f"* {pattern}", 0)
    for place, character in enumerate(pattern):
        of[character] |= 1 << place
    return of, len(pattern)


def _first_end(text: str, parts: tuple[str, ...], end: int) -> int | None:
    """Return where the parts, one after another, first end in text[:end]; the first is a prefix.

    Taking the leftmost place of each part in turn leaves the most room for the next one, so no
    other choice need ever be tried: this is what keeps globs linear.
    """
    place = len(parts[0])
    if place > end or not text.startswith(parts[0]):
        return None
    for part in parts[1:]:
        found = text.find(part, place, end)
        if found < 0:
            return None
        place = found + len(part)
    return place


def _last_start(text: str, parts: tuple[str, ...]) -> int | None:
    """Return where the parts last start in text; the last is a suffix."""
    mirrored = tuple(part[::-1] for part in reversed(parts))
    end = _first_end(text[::-1], mirrored, len(text))
    return None if end is None else len(text) - end


@dataclass(frozen=True, slots=True)
class StatusText:
    """A user's own wording: a text glob in which `{status}` stands for the three digits to read."""

    text: str
    """The pattern as written."""
    origin: str = field(default="", compare=False)
    """The rules file or preset that holds it."""

    def __post_init__(self) -> None:
        """Raise PatternError unless `{status}` stands there exactly once, beside words."""
        before, place, after = self.text.partition(STATUS_PLACE)
        if not place or STATUS_PLACE in after:
            raise PatternError("the text must hold {status} exactly once")
        if not (before + after).replace("*", "").strip():
            raise PatternError("the text must hold words beside {status}: any number would match")

    def statuses(self, text: str) -> set[int]:
        """Return every status that `text` can be read as having; more than one: ambiguous."""
        lead, tail, longest = _halves(self.text)
        if longest not in text:
            return set()
        earliest = _first_end(text, lead[:-1], len(text)) if len(lead) > 1 else 0
        latest = _last_start(text, tail[1:]) if len(tail) > 1 else len(text)
        if earliest is None or latest is None:
            return set()
        found = set()
        for number in _NUMBER.finditer(text):
            start = number.start() - len(lead[-1])
            end = number.end() + len(tail[0])
            if (
                (start >= earliest if len(lead) > 1 else start == 0)
                and (end <= latest if len(tail) > 1 else end == latest)
                and text.startswith(lead[-1], start)
                and text.startswith(tail[0], number.end())
            ):
                found.add(int(number.group()))
        return found


@lru_cache(maxsize=128)  # one text after another is held against the same wordings
def _halves(pattern: str) -> tuple[tuple[str, ...], tuple[str, ...], str]:
    """Return what stands between the stars before and behind `{status}`, and the longest of it."""
    before, _, after = (half.split("*") for half in pattern.partition(STATUS_PLACE))
    return tuple(before), tuple(after), max((*before, *after), key=len)


@lru_cache(maxsize=8)  # one rule after another is asked about the same texts
def _single_blanks(text: str) -> str:
    """Return a text with a single blank for each run of white space."""
    if text.isprintable() and "  " not in text:
        return text
    return re.sub(r"\s+", " ", text)


_WORD = re.compile(r"[^\W\d_]{2}|[^\W\d_a-zA-Z]")
_AT_START = re.compile(r"[\[({<]?\{status\}(?:[\])}>:]|\s+[-\u2013\u2014|:=/>]+\s)")
"""The status first, then a sign: `{status}: *`, `[{status}] *`."""
_AT_END = re.compile(r"[-=]>\s*\{status\}\Z")
_CUT_WORD = re.compile(r"\w+\s+|\s*\w+", re.ASCII)
"""A single word between a star and the status: the star could hide a part of it."""


def too_open(wording: str) -> str:
    """Return why a wording could read a number that is no status; "": it is narrow enough."""
    head, _, tail = wording.partition(STATUS_PLACE)
    left, right = head.rpartition("*")[2], tail.partition("*")[0]
    if head and not left:
        return "nothing separates the status from what varies in front of it"
    if _AT_START.match(wording) or _AT_END.search(wording):
        return ""
    elsewhere = head.removesuffix(left) + tail.removeprefix(right)
    if "*" in head and _CUT_WORD.fullmatch(left):
        left = ""
    if "*" in tail and _CUT_WORD.fullmatch(right):
        right = ""
    at_ends = f"{head.partition('*')[0]} {tail.rpartition('*')[2]}"
    if _WORD.search(f"{left} {right} {at_ends}"):
        return ""
    if _WORD.search(elsewhere) and (left + right).strip():
        return ""
    return "it has too few words near the status"
