"""Windows of thresholds: parsing `during steady every 10s`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from itertools import zip_longest

from loadgate.metrics import UNITS
from loadgate.model import Window
from loadgate.text import quoted

WINDOW_WORDS = ("during", "after", "until", "every")
"""What stands before the parts of a window, each at most once."""
WINDOW_LENGTHS = WINDOW_WORDS[1:]
"""Those with a time behind."""
_SHORTEST = 1
"""Seconds that a recording tells apart."""

_LENGTH = re.compile(r"([0-9]{1,20}(?:\.[0-9]{1,9})?)([smh])")


def in_window(text: str) -> bool:
    """Say whether a demand is about a part of the run."""
    return not set(text.split()).isdisjoint(WINDOW_WORDS)


def split_window(value: str) -> tuple[str, list[str]]:
    """Return a value, and the words behind it that say of which part of the run it is."""
    words = value.split()
    begin = next((at for at, word in enumerate(words) if word in WINDOW_WORDS), None)
    return (value, []) if begin is None else (" ".join(words[:begin]), words[begin:])


def parse_window(words: Sequence[str]) -> Window:
    """Read "during steady every 10s"; raise ValueError where it is anything else."""
    said: dict[str, str] = {}
    for word, value in zip_longest(words[::2], words[1::2], fillvalue=""):
        if word not in WINDOW_WORDS:
            raise ValueError(
                f"{quoted(word)} is not a window; write during steady, after 60s, until 5m"
                " or every 10s"
            )
        if word in said:
            raise ValueError(f"{quoted(word)} is given twice")
        said[word] = value
    if said.get("during", "steady") != "steady":
        raise ValueError(f"during {quoted(said['during'])} must be during steady")
    after, until, every = (
        parse_length(word, said[word]) if word in said else None for word in WINDOW_LENGTHS
    )
    if every is not None and every < _SHORTEST:
        raise ValueError(f"every {said['every']} is too short; a recording counts by the second")
    if after is not None and until is not None and until <= after:
        raise ValueError(f"until {said['until']} is not later than after {said['after']}")
    return Window(
        text=" ".join(f"{word} {said[word]}" for word in WINDOW_WORDS if word in said),
        steady="during" in said,
        after=after,
        until=until,
        every=every,
    )


def parse_length(word: str, text: str) -> Fraction:
    """Read a length of time in seconds, which stands behind a `word`; raise ValueError."""
    match = _LENGTH.fullmatch(text)
    if match is None:
        written, right = (f"{word} {length}".strip() for length in (text, "60s"))
        raise ValueError(f"{quoted(written)} must be a time with s, m or h, such as {right}")
    return Fraction(match[1]) * UNITS["duration"].factors[match[2]]
