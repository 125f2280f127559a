"""The charts of the weekly report as SVG files, for pages that run no script."""

from __future__ import annotations

import html
import json
import re
from importlib import resources
from typing import Any

from loadgate.errors import UsageError
from loadgate.render.weekly import charts
from loadgate.render.weekly.words import mask_report
from loadgate.weekly.model import Report

_WIDTH = 720  # pixels; what GitHub gives a picture is 830 at most
_VARIABLE = re.compile(r"--([\w-]+): (#\w+);")

TITLES = {
    "chart-true": "True failure rate per run",
    "chart-expected": "Expected failure rate per run",
    "chart-allowed": "Allowed by the locustfile per run",
    "chart-p95": "Response time (p95) per run",
    "chart-days": "True failures by endpoint and day",
}


def render_pictures(report: Report) -> dict[str, bytes]:
    """Return each picture of the report by its title, as SVG.

    Colours follow the reader's scheme, light or dark, where what shows the picture can tell. Raises
    UsageError without what `loadgate[report]` installs.
    """
    try:
        charts.require_extra()
    except UsageError as error:
        raise UsageError(
            "pictures are drawn with Altair and vl-convert, which are not installed:"
            " pip install 'loadgate[report]', or ask for --charts mermaid"
        ) from error
    import vl_convert

    document = charts.document(mask_report(report), interactive=False)
    light, dark = _palettes()
    pictures = {}
    for name, chart in document["charts"].items():
        static = {
            **_colored(chart, light),
            "datasets": document["datasets"],
            "width": _WIDTH - (charts.LABELS if name == "chart-days" else 0),
            "background": light["paper"],
            "padding": 16,
        }
        drawn = vl_convert.vegalite_to_svg(static, vl_version=charts.version())
        pictures[TITLES[name]] = _dressed(drawn, TITLES[name], light, dark).encode()
    return pictures


def _colored(chart: dict[str, Any], colors: dict[str, str]) -> dict[str, Any]:
    """Return a chart with colours for the names of the page's."""
    colored: dict[str, Any] = json.loads(
        re.sub(r"var\(--([\w-]+)\)", lambda name: colors.get(name[1], name[0]), json.dumps(chart))
    )
    return colored


def _palettes() -> tuple[dict[str, str], dict[str, str]]:
    """Return the page's colours in light and in dark; no two of the light ones are the same."""
    style = (resources.files("loadgate.render.weekly") / "page.css").read_text("utf-8")
    light: dict[str, str] = {}
    dark: dict[str, str] = {}
    for name, color in _VARIABLE.findall(style):
        if name in light:
            dark[name] = color
        else:
            light[name] = _unlike(color, set(light.values()))
    return light, dark


def _unlike(color: str, taken: set[str]) -> str:
    """Return a colour in six digits that nobody can tell from the one given, but a selector can."""
    digits = color[1:] if len(color) > 4 else "".join(2 * digit for digit in color[1:])
    number = int(digits, 16)
    while f"#{number:06x}" in taken:
        number += 1 if number < 0xFFFFFF else -1
    return f"#{number:06x}"


def _dressed(drawn: str, title: str, light: dict[str, str], dark: dict[str, str]) -> str:
    """Return a picture that says what it is, and whose colours are others in the dark."""
    rules = "".join(
        f'[{of}="{color}"]{{{of}:{dark[name]}}}'
        for name, color in light.items()
        for of in ("fill", "stroke")
    )
    style = f"<style>@media (prefers-color-scheme: dark){{{rules}}}</style>"
    # Vega numbers clips through all pictures that a process draws.
    numbers: dict[str, str] = {}
    drawn = re.sub(
        r"\bclip\d+", lambda found: numbers.setdefault(found[0], f"clip{len(numbers)}"), drawn
    )
    head, tag, rest = drawn.partition(">")
    return f"{head}{tag}<title>{html.escape(title)}</title>{style}{rest}\n"
