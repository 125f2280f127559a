"""Formats of a verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from loadgate.model import Verdict
from loadgate.render.masking import mask_verdict

__all__ = ["FORMATS", "render", "render_csv", "render_text"]

FORMATS = ("text", "markdown", "json", "junit", "github", "csv")
"""Names of all formats, the default first."""


def _renderer(name: str) -> Callable[[Verdict], str]:
    """Return the renderer of a format, and import no other: a check mostly wants one."""
    match name:
        case "text":
            from loadgate.render.terminal import UNWRAPPED
            from loadgate.render.verdict import text

            return lambda verdict: text.render_text(verdict, columns=UNWRAPPED)
        case "markdown":
            from loadgate.render.verdict.markdown import render_markdown

            return render_markdown
        case "json":
            from loadgate.render.verdict.json_document import render_json

            return render_json
        case "junit":
            from loadgate.render.verdict.junit import render_junit

            return render_junit
        case "github":
            from loadgate.render.verdict.github import render_github

            return render_github
        case "csv":
            from loadgate.render.verdict import locust_csv

            return lambda verdict: "".join(locust_csv.render_csv(verdict)[0])
        case _:
            raise KeyError(name)


def render(verdict: Verdict, format: str) -> str:  # noqa: A002 - the word of the command line
    """Return the verdict in one of FORMATS; query strings and credentials in it are masked.

    "csv" is two files, of which this is `_stats.csv`; `render_csv` returns both. "text" is not
    wrapped. Raises KeyError for any other format.
    """
    renderer = _renderer(format)
    return renderer(verdict if format == "csv" else mask_verdict(verdict))


def render_text(verdict: Verdict, *, color: bool = False, columns: int = 80) -> str:
    """Return the verdict as text for a terminal of so many columns, in ANSI colours if `color`."""
    from loadgate.render.verdict import text

    return text.render_text(mask_verdict(verdict), color=color, columns=columns)


def render_csv(verdict: Verdict) -> tuple[Iterator[str], Iterator[str]]:
    """Return Locust's `_stats.csv` and `_failures.csv` without the expected failures, in pieces.

    The second is read from the failures file of the run as it goes.
    """
    from loadgate.render.verdict import locust_csv

    return locust_csv.render_csv(verdict)
