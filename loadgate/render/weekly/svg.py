"""The chart of the last weeks as an SVG file, for pages that run no script."""

from __future__ import annotations

import html
import json
import re
from typing import Any

from loadgate.errors import UsageError
from loadgate.render.page import require_extra
from loadgate.render.page.template import text_of
from loadgate.render.weekly import charts
from loadgate.render.weekly.words import mask_report
from loadgate.weekly.model import Report

_WIDTH = 720  # pixels; what GitHub gives a picture is 830 at most
_VARIABLE = re.compile(r"--([\w-]+): (#\w+);")

TITLE = "True failure rate of the last weeks"


def render_pictures(report: Report) -> dict[str, bytes]:
    """Return the picture of the report by its title, as SVG; none where nothing ran.

    Colours follow the reader's scheme, light or dark, where what shows the picture can tell. Raises
    UsageError without what `loadgate[report]` installs.
    """
    try:
        require_extra()
    except UsageError as error:
        raise UsageError(
            "pictures are drawn with Altair and vl-convert, which are not installed:"
            " pip install 'loadgate[report]', or ask for --charts mermaid",
            page="weekly-report",
        ) from error
    import altair as alt
    import vl_convert

    document = charts.document(mask_report(report), interactive=False)
    if not document["charts"]:
        return {}
    light, dark = _palettes()
    static = {
        **_colored(document["charts"][charts.ID], light),
        "datasets": document["datasets"],
        "width": _WIDTH,
        "background": light["paper"],
        "padding": 16,
    }
    version = ".".join(alt.SCHEMA_VERSION.removeprefix("v").split(".")[:2])
    drawn = vl_convert.vegalite_to_svg(static, vl_version=version)
    return {TITLE: _dressed(drawn, light, dark).encode()}


def _colored(chart: dict[str, Any], colors: dict[str, str]) -> dict[str, Any]:
    """Return a chart with colours for the names of the page's."""
    colored: dict[str, Any] = json.loads(
        re.sub(r"var\(--([\w-]+)\)", lambda name: colors[name[1]], json.dumps(chart))
    )
    return colored


def _palettes() -> tuple[dict[str, str], dict[str, str]]:
    """Return the page's colours in light and in dark; no two of the light ones are the same."""
    light: dict[str, str] = {}
    dark: dict[str, str] = {}
    for name, color in _VARIABLE.findall(text_of("page/base.css")):
        (dark if name in light else light)[name] = color
    return light, dark


def _dressed(drawn: str, light: dict[str, str], dark: dict[str, str]) -> str:
    """Return a picture that says what it is, has its hatching, and is darker in the dark."""
    rules = "".join(
        f'[{of}="{color}"]{{{of}:{dark[name]}}}'
        for name, color in light.items()
        for of in ("fill", "stroke")
    )
    style = f"<style>@media (prefers-color-scheme: dark){{{rules}}}</style>"
    hatch = (
        '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse">'
        f'<path d="M0 6L6 0" stroke="{light["muted"]}" stroke-width="0.75"/></pattern></defs>'
    )
    # Vega numbers clips through all pictures that a process draws.
    numbers: dict[str, str] = {}
    drawn = re.sub(
        r"\bclip\d+", lambda found: numbers.setdefault(found[0], f"clip{len(numbers)}"), drawn
    )
    head, tag, rest = drawn.partition(">")
    return f"{head}{tag}<title>{html.escape(TITLE)}</title>{style}{hatch}{rest}\n"
