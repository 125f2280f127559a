"""A verdict and the name of a format in, the text of that format out."""

from __future__ import annotations

from collections.abc import Callable

from loadgate.model import Verdict
from loadgate.render import github, json_document, junit, locust_csv, markdown, text
from loadgate.render.masking import mask_verdict

__all__ = ["FORMATS", "render", "render_csv", "render_text"]

_RENDERERS: dict[str, Callable[[Verdict], str]] = {
    "text": text.render_text,
    "markdown": markdown.render_markdown,
    "json": json_document.render_json,
    "junit": junit.render_junit,
    "github": github.render_github,
    "csv": lambda verdict: locust_csv.render_csv(verdict)[0],
}

FORMATS = tuple(_RENDERERS)
"""Names of all formats, the default first."""


def render(verdict: Verdict, format: str) -> str:  # noqa: A002 - the word of the command line
    """Return the verdict in one of FORMATS; query strings and credentials in it are masked.

    "csv" is two files, of which this is `_stats.csv`; `render_csv` returns both. Raises KeyError
    for any other format.
    """
    return _RENDERERS[format](mask_verdict(verdict))


def render_text(verdict: Verdict, *, color: bool = False) -> str:
    """Return the verdict as text for a terminal, in ANSI colours if `color`."""
    return text.render_text(mask_verdict(verdict), color=color)


def render_csv(verdict: Verdict) -> tuple[str, str]:
    """Return Locust's `_stats.csv` and `_failures.csv` without the expected failures."""
    return locust_csv.render_csv(mask_verdict(verdict))
