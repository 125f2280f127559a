"""The chart of the last weeks, in Altair: true failure rate, limit, verdicts, when nothing ran."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from loadgate.render.page.drawing import finished
from loadgate.render.weekly import chart_data
from loadgate.weekly.model import Report, Weeks

if TYPE_CHECKING:
    import altair as alt

ID = "chart-weeks"
_HEIGHT = 190
_TICKS = 13
_FEW = 40  # marks that may be large
_SHAPES = {"passed": "circle", "failed": "diamond", "no evidence": "cross"}
_COLORS = {"passed": "var(--expected)", "failed": "var(--true)", "no evidence": "var(--muted)"}
_TIPS = {
    "run": "Run",
    "when": "Time",
    "commit": "Of",
    "outcome": "Verdict",
    "true": "True failures",
    "limit_text": "Limit",
}


def document(report: Report, *, interactive: bool = True) -> dict[str, Any]:
    """Return the chart and its rows; one that is not interactive knows of no pointer."""
    weeks = report.weeks
    if weeks is None or not weeks.runs:
        return {"charts": {}, "datasets": {}}
    period = report.period
    return {
        "charts": {ID: finished(_chart(report, weeks, interactive=interactive), _HEIGHT)},
        "datasets": {
            "marks": chart_data.points(report, weeks),
            "limits": chart_data.limits(report, weeks),
            "idle": chart_data.idle(weeks),
            "period": [
                {
                    "begin": chart_data.at(period.first),
                    "end": chart_data.at(period.last + timedelta(days=1)),
                }
            ],
        },
    }


def _chart(report: Report, weeks: Weeks, *, interactive: bool) -> alt.LayerChart:
    import altair as alt

    marks = _rows("marks", weeks, "at").encode(y=_rate(report, weeks))
    by_outcome = {
        "shape": alt.Shape("outcome:N", scale=_scale(_SHAPES), legend=None),
        "color": alt.Color("outcome:N", scale=_scale(_COLORS), legend=None),
    }
    spans: dict[str, dict[str, Any]] = {
        # The whole chart is the period where that is long.
        "period": {"color": "var(--plain-paper)", "opacity": 0.7},
        "idle": {"color": "url(#hatch)"},
    }
    layers = [
        _rows(name, weeks, "begin").mark_rect(clip=True, **looks).encode(x2="end:Q")
        for name, looks in spans.items()
        if name != "idle" or chart_data.idle(weeks)
    ]
    if chart_data.limits(report, weeks):
        limit = _rows("limits", weeks, "begin").mark_rule(
            color="var(--bad-ink)", strokeDash=[6, 3], strokeWidth=1.5, clip=True
        )
        layers.append(limit.encode(x2="end:Q", y=_rate(report, weeks, "limit")))
    path = marks.transform_filter("datum.outcome !== 'no evidence'")
    layers.append(path.mark_line(color="var(--muted)", strokeWidth=1, opacity=0.6))
    dots = marks.mark_point(filled=True, opacity=1).encode(**by_outcome)
    size = 90 if len(chart_data.points(report, weeks)) <= _FEW else 40
    if not interactive:
        return alt.LayerChart(layer=[*layers, dots.encode(size=alt.value(size))])
    near = alt.selection_point(name="near", on="pointerover", clear="pointerout", empty=False)
    tips = [alt.Tooltip(f"{of}:N", title=title) for of, title in _TIPS.items()]
    # What a finger or a mouse hits is larger than what is seen.
    targets = marks.mark_point(filled=True, opacity=0, size=700)
    layers += [
        dots.encode(size=alt.condition(near, alt.value(220), alt.value(size))),
        targets.encode(tooltip=tips).add_params(near),
    ]
    return alt.LayerChart(layer=layers)


def _rows(name: str, weeks: Weeks, field: str) -> alt.Chart:
    """Return a chart of a dataset over the weeks, without a mark."""
    import altair as alt

    first, end = chart_data.span(weeks)
    mondays = [week.first for week in weeks.weeks if week.first >= first]
    axis = alt.Axis(
        title=None,
        grid=False,
        values=[chart_data.at(day) for day in mondays[:: 1 + len(mondays) // _TICKS]],
        labelExpr="utcFormat(datum.value, '%b %-d')",
        labelOverlap=True,
        labelBound=True,
    )
    scale = alt.Scale(domain=[chart_data.at(first), chart_data.at(end)], nice=False)
    time = alt.X(f"{field}:Q", axis=axis, scale=scale)
    return alt.Chart(alt.NamedData(name=name)).encode(x=time)


def _rate(report: Report, weeks: Weeks, field: str = "rate") -> alt.Y:
    import altair as alt

    drawn = chart_data.points(report, weeks)
    # Never an empty range, which weeks of nothing but zeros would be.
    top = max(max(point["rate"], point["limit"] or 0) for point in drawn) or 1
    axis = alt.Axis(title=None, tickCount=4, labelExpr="datum.label + '%'")
    return alt.Y(f"{field}:Q", scale=alt.Scale(domain=[0, 1.1 * top], nice=True), axis=axis)


def _scale(of: dict[str, str]) -> alt.Scale:
    import altair as alt

    return alt.Scale(domain=list(of), range=list(of.values()))
