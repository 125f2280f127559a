"""Workflow commands of GitHub Actions: `::error title=...::text`."""

from __future__ import annotations

from collections.abc import Iterable

from loadgate.text import cut, one_line

SHOWN = 10
"""Annotations of one level that GitHub shows for a step; more are dropped without a word."""
_TEXT = 1000  # columns of a message; what is longer loses its middle
_TITLE = 100
_PATH = 1000  # which means nothing without its middle


def command(  # noqa: PLR0913 - what an annotation has
    level: str,
    text: str,
    *,
    title: str,
    file: str | None = None,
    line: int | None = None,
    pages: Iterable[str] = (),
) -> str:
    """Return a command that shows a text, all of it data, and below it the addresses of pages."""
    properties = f"title={_property(title, _TITLE)}"
    properties += "" if file is None else f",file={_property(file, _PATH)}"
    properties += "" if line is None else f",line={line}"
    below = "".join(f"%0ASee {page}" for page in pages)
    return f"::{level} {properties}::{escape(text)}{below}\n"


def escape(text: str, columns: int = _TEXT) -> str:
    """Return a text as the message of a command: one line, with what GitHub decodes encoded."""
    line = cut(one_line(text), columns).replace("%", "%25")
    return line.replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str, columns: int) -> str:
    """Return a text as the property of a command, which a colon or a comma would end."""
    return escape(text, columns).replace(":", "%3A").replace(",", "%2C")
