"""Workflow commands of GitHub Actions: `::error title=...::text`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from loadgate.text import and_more, cut, one_line

SHOWN = 10
"""Annotations of one level that GitHub shows for a step; more are dropped without a word."""
_LEVELS = ("error", "warning", "notice")
_TEXT = 1000  # columns of a message; what is longer loses its middle
_TITLE = 100
_PATH = 1000  # which means nothing without its middle


class Annotation(NamedTuple):
    """What GitHub shows beside a step."""

    level: str
    """error, warning or notice."""
    title: str
    text: str
    """Its lines stay lines."""
    pages: Sequence[str] = ()
    """The addresses of pages, shown below the text."""


def commands(found: Iterable[Annotation], most: int = SHOWN) -> str:
    """Return the commands for at most so many of each level; the last says how many more."""
    every = [*found]
    lines = ""
    for level in _LEVELS:
        group = [one for one in every if one.level == level]
        more = f" ({and_more(len(group) - most)})" if len(group) > most else ""
        for place, one in enumerate(group[:most], 1):
            text = "%0A".join(map(escape, one.text.splitlines()))
            text += f"{more if place == most else ''}{_below(one.pages)}"
            lines += f"::{level} title={_property(one.title, _TITLE)}::{text}\n"
    return lines


def command(  # noqa: PLR0913 - what an annotation has
    level: str,
    text: str,
    *,
    title: str,
    file: str | None = None,
    line: int | None = None,
    pages: Sequence[str] = (),
) -> str:
    """Return a command that shows a text, all of it data, and below it the addresses of pages."""
    properties = f"title={_property(title, _TITLE)}"
    properties += "" if file is None else f",file={_property(file, _PATH)}"
    properties += "" if line is None else f",line={line}"
    return f"::{level} {properties}::{escape(text)}{_below(pages)}\n"


def _below(pages: Sequence[str]) -> str:
    return "".join(f"%0ASee {page}" for page in pages)


def escape(text: str, columns: int = _TEXT) -> str:
    """Return a text as the message of a command: one line, with what GitHub decodes encoded."""
    line = cut(one_line(text), columns).replace("%", "%25")
    return line.replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str, columns: int) -> str:
    """Return a text as the property of a command, which a colon or a comma would end."""
    return escape(text, columns).replace(":", "%3A").replace(",", "%2C")
