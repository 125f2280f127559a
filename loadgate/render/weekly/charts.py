"""The interactive charts of the HTML report, and the scripts that draw them."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from loadgate.errors import UsageError
from loadgate.render.weekly import chart_data
from loadgate.weekly.model import Report

if TYPE_CHECKING:
    import altair as alt

_OVER_RUNS = {
    "true": ("True failures, % of requests", 180),
    "expected": ("Expected failures, % of requests", 140),
    "allowed": ("Allowed by the locustfile, % of requests", 140),
    "p95": ("95th percentile, ms", 180),
}
_SHAPES = {"passed": "circle", "failed": "diamond", "no evidence": "cross"}
_TIPS = {
    "run": "Run",
    "when": "Time",
    "what": "Of",
    "outcome": "Verdict",
    "requests": "Requests",
    "true_text": "True",
    "expected_text": "Expected",
    "p95_text": "p95",
}
_DAY_TIPS = {"endpoint": "Endpoint", "day": "Day", "text": "True"}
LABELS = 260
"""Pixels of an endpoint's name where nothing is interactive."""
_ROW_HEIGHT = 30
_RUNS_JOINED = 120
_DAYS_WITH_COUNTS = 10  # more, and the numbers would run into one another on a phone

_UNSAFE = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}


def require_extra() -> None:
    """Raise UsageError where what draws is not installed, or cannot work."""
    if sys.flags.optimize > 1:
        raise UsageError(
            "the HTML report draws with Altair, which needs its docstrings: run Python without -OO,"
            " or ask for --output markdown"
        )
    for name in ("altair", "vl_convert"):
        try:
            import_module(name)
        except ImportError as error:
            raise UsageError(
                "the HTML report draws with Altair and vl-convert, which are not installed:"
                " pip install 'loadgate[report]', or ask for --output markdown"
            ) from error


def version() -> str:
    """Return the Vega-Lite that Altair writes for: major and minor, "6.1"."""
    import altair as alt

    return ".".join(alt.SCHEMA_VERSION.removeprefix("v").split(".")[:2])


@cache
def bundle() -> str:
    """Return the script that draws: Vega, Vega-Lite and Vega-Embed."""
    import vl_convert

    script: str = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", version())
    return script


def data(report: Report) -> str:
    """Return charts and their rows as JSON that no text can leave, wherever in a page it stands."""
    written = json.dumps(
        document(report), ensure_ascii=False, allow_nan=False, separators=(",", ":")
    )
    return written.translate(_UNSAFE)


def document(report: Report, *, interactive: bool = True) -> dict[str, Any]:
    """Return charts and their rows; those that are not interactive know of no pointer."""
    return {
        "charts": dict(_charts(report, interactive=interactive)),
        "datasets": {
            "runs": chart_data.run_points(report),
            "days": chart_data.day_points(report),
            "edges": chart_data.edges(report),
        },
    }


def _charts(report: Report, *, interactive: bool) -> Iterator[tuple[str, dict[str, Any]]]:
    for field, values in chart_data.values(report).items():
        title, height = _OVER_RUNS[field]
        drawn = _over_runs(field, title, values, interactive=interactive)
        yield f"chart-{field}", _finished(drawn, height)
    if report.days:
        rows = [endpoint for endpoint, _ in chart_data.day_rows(report)]
        heat_map = _heat_map(rows, len(chart_data.days_of(report)), interactive=interactive)
        yield "chart-days", _finished(heat_map, _ROW_HEIGHT * len(rows))


def _finished(chart: alt.LayerChart, height: int) -> dict[str, Any]:
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


def _over_runs(
    field: str, title: str, values: list[float | None], *, interactive: bool
) -> alt.LayerChart:
    """Return a number of the runs over time; the period before is paler, left of a line."""
    import altair as alt

    runs = alt.Chart(alt.NamedData(name="runs"))
    at = alt.X(
        "at:T",
        scale=alt.Scale(type="utc"),
        axis=alt.Axis(title=None, labelOverlap=True, grid=False, tickCount=8),
    )
    value = alt.Y(
        f"{field}:Q",
        title=title,
        # Never an empty range, which a week of nothing but zeros would be.
        scale=alt.Scale(domain=[0, 1.05 * max(filter(None, values), default=1)], nice=True),
        axis=alt.Axis(tickCount=4, titleAlign="left", titleAngle=0, titleX=0, titleY=-12),
    )
    paler = alt.condition("datum.period === 'now'", alt.value(1), alt.value(0.5))
    # A line through many runs would be a scribble, and large dots a wall.
    many = len(values) > _RUNS_JOINED
    size = 18 if many else 90
    color = f"var(--{field})"
    edges = alt.Chart(alt.NamedData(name="edges")).mark_rule(color="var(--muted)", clip=True)
    dots = runs.mark_point(color=color, filled=True, clip=True).encode(
        x=at,
        y=value,
        opacity=paler,
        shape=alt.Shape(
            "outcome:N",
            scale=alt.Scale(domain=list(_SHAPES), range=list(_SHAPES.values())),
            legend=None,
        ),
    )
    nothing = (
        runs.transform_filter(f"datum.{field} === null")
        .mark_rule(color="var(--muted)", strokeDash=[2, 4], strokeWidth=2, clip=True)
        .encode(x=at, opacity=paler)
    )
    layers = [edges.encode(x=at)]
    if not many:
        line = runs.mark_line(color=color, strokeWidth=1.5, clip=True)
        layers.append(line.encode(x=at, y=value, opacity=paler, detail="period:N"))
    if interactive:
        tips = _tips(_TIPS | ({"allowed_text": "Allowed"} if field == "allowed" else {}))
        nothing = nothing.encode(tooltip=tips)
        near = alt.selection_point(name="near", on="pointerover", clear="pointerout", empty=False)
        zoom = alt.selection_interval(
            name="zoom",
            encodings=["x"],
            bind="scales",
            # With the shift key only: a page must scroll under a finger or a wheel.
            translate="[pointerdown[event.shiftKey], window:pointerup] > window:pointermove!",
            zoom="wheel![event.shiftKey]",
        )
        # What a finger or a mouse hits is larger than what is seen.
        targets = runs.mark_point(filled=True, opacity=0, size=10 * size, clip=True)
        layers += [
            dots.encode(size=alt.condition(near, alt.value(220), alt.value(size))),
            targets.encode(x=at, y=value, tooltip=tips)
            .properties(name=f"targets-{field}")
            .add_params(near, zoom),
        ]
    else:
        layers.append(dots)
    if None in values:  # Vega warns of a layer without marks
        layers.append(nothing)
    return _layered("runs", *layers)


def _heat_map(rows: list[str], days: int, *, interactive: bool) -> alt.LayerChart:
    """Return true failures by endpoint and day: their number, and the more the stronger."""
    import altair as alt

    wide = alt.ExprRef("containerSize()[0] < 600 ? 130 : 340") if interactive else LABELS
    cells = alt.Chart(alt.NamedData(name="days")).encode(
        x=alt.X(
            "day:O",
            title=None,
            axis=alt.Axis(
                orient="top",
                labelAngle=0,
                labelOverlap=True,
                labelExpr="utcFormat(toDate(datum.value), '%a %-d')",
                domain=False,
                ticks=False,
            ),
        ),
        y=alt.Y(
            "endpoint:N",
            title=None,
            sort=rows,
            axis=alt.Axis(labelLimit=wide, labelColor="var(--ink)", domain=False, ticks=False),
        ),
    )
    if interactive:
        cells = cells.encode(tooltip=_tips(_DAY_TIPS))

    def colour(of: str) -> alt.Color:
        steps = range(chart_data.LEVELS + 1)
        scale = alt.Scale(domain=list(steps), range=[f"var(--{of}-{step})" for step in steps])
        return alt.Color("level:O", scale=scale, legend=None)

    drawn = cells.mark_rect(cornerRadius=3, stroke="var(--card)", strokeWidth=2).encode(
        color=colour("heat")
    )
    if days > _DAYS_WITH_COUNTS:
        return _layered("days", drawn)
    counts = cells.mark_text(fontSize=12).encode(text="count:N", color=colour("on-heat"))
    both = _layered("days", drawn, counts)
    both.resolve = alt.Resolve(scale=alt.ScaleResolveMap(color="independent"))
    return both


def _tips(titles: dict[str, str]) -> list[alt.Tooltip]:
    import altair as alt

    return [alt.Tooltip(f"{of}:N", title=title) for of, title in titles.items()]


def _layered(data: str, *layers: alt.Chart) -> alt.LayerChart:
    import altair as alt

    return alt.LayerChart(layer=layers, data=alt.NamedData(name=data))
