"""Charts of pages: the scripts that draw them, their colours, and their data as JSON."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

_UNSAFE = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}


def scripts() -> tuple[str, str]:
    """Return what draws the charts of a page: Vega with its friends, and the page's own."""
    from loadgate.render.page.template import text_of

    return _bundle(), text_of("page/charts.js")


@cache
def _bundle() -> str:
    import altair as alt
    import vl_convert

    version = ".".join(alt.SCHEMA_VERSION.removeprefix("v").split(".")[:2])
    script: str = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", version)
    return script


def as_script(document: dict[str, Any]) -> str:
    """Return charts and their rows as JSON that no text can leave, wherever in a page it stands."""
    written = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return written.translate(_UNSAFE)


def finished(chart: Any, height: int) -> dict[str, Any]:  # noqa: ANN401 - as Altair has it
    """Return a chart as wide as its place, in the colours and letters of the page."""
    line, muted = "var(--line)", "var(--muted)"
    drawn = chart.properties(
        width="container", height=height, background="transparent", usermeta={}
    )
    config = {
        "aria": False,  # the page names each chart and has its numbers in tables
        "axis": {
            "domainColor": line,
            "gridColor": line,
            "tickColor": line,
            "labelColor": muted,
            "titleColor": muted,
            "labelFontSize": 12,
            "titleFontSize": 12,
            "titleFontWeight": "normal",
        },
        "font": "system-ui, sans-serif",
        "view": {"stroke": None},
    }
    return {**drawn.to_dict(), "config": config}
