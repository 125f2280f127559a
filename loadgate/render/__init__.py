"""Formats of a verdict: one entry here, one module in `render/verdict`."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Literal, NamedTuple

from loadgate.errors import UsageError
from loadgate.masked import mask_verdict
from loadgate.model import Verdict
from loadgate.text import hint

__all__ = ["FORMATS", "Format", "FormatName", "render", "render_csv", "render_text"]

FormatName = Literal["text", "markdown", "json", "junit", "github", "codequality", "csv", "html"]


class Format(NamedTuple):
    """A format of the verdict."""

    module: str
    """In `render/verdict`; its function `render` takes the verdict and returns the text."""
    comment: str = ""
    """A comment in a file of it, with `{}` for the text; "": the file says itself who wrote it."""
    document: bool = False
    """Nothing may follow it on standard output."""
    drawn: bool = False
    """It shows the run over time, drawn by what `loadgate[report]` installs."""


FORMATS = {
    "text": Format("text", comment="{}"),
    "markdown": Format("markdown", comment="<!-- {} -->"),
    "json": Format("json_document", document=True),
    "junit": Format("junit", comment="<!-- {} -->", document=True),
    "github": Format("github", comment="{}"),
    "codequality": Format("codequality", document=True),
    "csv": Format("locust_csv"),
    "html": Format("html", comment="<!-- {} -->", document=True, drawn=True),
}
"""All formats by name, the default first."""


def render(verdict: Verdict, format: FormatName) -> str:  # noqa: A002 - the word of the command line
    """Return a verdict as `loadgate check --output FORMAT` writes it, secrets masked.

    Each format is text. "text" is not wrapped. "csv" is Locust's `_stats.csv` without the expected
    failures; the command writes `_failures.csv`, too. Write files as UTF-8.

    Args:
        verdict: What `judge` returned.
        format: "text", "markdown", "json", "junit", "github", "csv" or "html".

    Raises:
        UsageError: There is no such format, or what draws "html" is not installed.

    Example:
        >>> verdict = loadgate.judge("run_stats.csv")
        >>> print(loadgate.render(verdict, "text").splitlines()[1].strip())
        4,916 requests, 634 failures = 535 expected + 99 true (2.01%)
    """
    if format not in FORMATS:
        raise UsageError(
            f"unknown format {format!r}; choose one of {', '.join(FORMATS)}{hint(format, FORMATS)}"
        )
    # A check mostly wants one format, and imports no other.
    name = f"loadgate.render.verdict.{FORMATS[format].module}"
    text: str = import_module(name).render(verdict if format == "csv" else mask_verdict(verdict))
    return text


def render_text(verdict: Verdict, *, color: bool = False, columns: int = 80) -> str:
    """Return the verdict as text for a terminal of so many columns, in ANSI colours if `color`."""
    from loadgate.render.verdict import text

    return text.render(mask_verdict(verdict), color=color, columns=columns)


def render_csv(verdict: Verdict) -> tuple[Iterator[str], Iterator[str]]:
    """Return Locust's `_stats.csv` and `_failures.csv` without the expected failures, in pieces.

    The second is read from the failures file of the run as it goes.
    """
    from loadgate.render.verdict import locust_csv

    return locust_csv.render_csv(verdict)
