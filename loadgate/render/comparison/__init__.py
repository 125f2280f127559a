"""Formats of a comparison."""

from __future__ import annotations

from loadgate.render.masking import mask_comparison
from loadgate.render.terminal import COLUMNS
from loadgate.runs.compare import Compared

FORMATS = ("text", "markdown", "json")
"""Names of all formats, the default first."""


def render_comparison(compared: Compared, form: str, columns: int = COLUMNS) -> str:
    """Return the comparison in one of FORMATS; query strings and credentials in it are masked.

    As text it has so many columns.
    """
    compared = mask_comparison(compared)
    match form:
        case "json":
            from loadgate.render.comparison.json_document import render_json

            return render_json(compared)
        case "markdown":
            from loadgate.render.comparison.markdown import render_markdown

            return render_markdown(compared)
        case _:
            from loadgate.render.comparison.text import render_text

            return render_text(compared, columns)
