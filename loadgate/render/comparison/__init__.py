"""Formats of a comparison: one entry here, one module."""

from __future__ import annotations

from collections.abc import Callable

from loadgate.masked import masked
from loadgate.render.comparison import json_document, markdown, text
from loadgate.render.terminal import COLUMNS
from loadgate.runs.compared import Compared

FORMATS: dict[str, Callable[[Compared], str]] = {
    "text": text.render,
    "markdown": markdown.render,
    "json": json_document.render,
}
"""All formats by name, the default first."""


def render_comparison(compared: Compared, form: str, columns: int = COLUMNS) -> str:
    """Return the comparison in one of FORMATS; query strings and credentials in it are masked.

    As text it has so many columns.
    """
    compared = masked(compared, endpoints=[*compared.endpoints, *compared.kinds])
    return text.render(compared, columns) if form == "text" else FORMATS[form](compared)
