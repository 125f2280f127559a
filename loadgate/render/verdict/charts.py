"""The charts of a run's page: failures, response times, requests and users over its time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from loadgate.model import Verdict
from loadgate.render.page.drawing import finished
from loadgate.render.verdict import chart_data
from loadgate.render.verdict.chart_data import Line, Point
from loadgate.time_series import PERCENTILES, TimeSeries

if TYPE_CHECKING:
    import altair as alt

_AXIS = 46
"""Pixels left of every chart, so that a time is at one place in all."""
_TICKS = 7
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400)
_WATCH = (
    "(datum.value >= 3600 ? floor(datum.value / 3600) + ':' +"
    " pad(floor(datum.value % 3600 / 60), 2, '0', 'left') : floor(datum.value / 60)) + ':' +"
    " pad(floor(datum.value % 60), 2, '0', 'left')"
)
_FAR = 4
"""Times of the largest value up to which a limit is in the chart: else the rest would be flat."""
_WIDE = 25
"""Slowest by fastest response time from which on a chart of both is logarithmic."""
_FEW = 12
"""Intervals that are points, too: a line needs two."""
_TIPS = {
    "time": "Since the start",
    "clock": "Clock",
    "rps_text": "Requests",
    "failures_text": "Failures",
    "true_text": "True",
    "expected_text": "Expected",
    "either_text": "Either",
    "peak_text": "Worst second",
    **{f"p{name}_text": f"p{name}" for name in PERCENTILES},
    "users_text": "Users",
}
_PEAKS = ("true", "failures")
"""Charts with the worst second, where intervals are longer."""
_NAMES = {"true": "certainly true", "either": "true or expected: only their texts tell"}
_TIMES_OF = {
    "interval": "",
    "recent": " of the last 10 seconds",
    "start": " since the start of the run",
    "unknown": " as Locust's history has them: of the last 10 seconds or since the start",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A chart, and what is said of it."""

    id: str
    title: str
    keys: Sequence[tuple[str, str]]
    """What each colour is: the name of the colour, and the text."""
    lines: Sequence[Line]
    """The limits that are in it, or that would be above it."""
    above: bool
    """Whether there are some above it, as all that was measured is far below."""
    spec: dict[str, Any]


def charts(verdict: Verdict, series: TimeSeries) -> list[Chart]:
    """Return the charts that have something to show, of a run that has intervals."""
    return [*_charts(_Drawn(verdict, series))]


def datasets(verdict: Verdict, series: TimeSeries) -> dict[str, list[Point]]:
    """Return the rows of all charts, by the name that these have for them."""
    return _Drawn(verdict, series).datasets


class _Drawn:
    """What all charts of a run draw, and the time that they share."""

    def __init__(self, verdict: Verdict, series: TimeSeries) -> None:
        self.series = series
        self.lines = chart_data.lines(verdict, series)
        self.points = chart_data.points(series)
        self._span = min(0.0, series.intervals[0].begin), series.intervals[-1].end
        self.datasets: dict[str, list[Point]] = {
            "points": self.points,
            "limits": chart_data.limit_points(self.lines, series),
            "phases": [
                {"begin": phase.begin, "end": min(phase.end, self._span[1])}
                for phase in series.phases
                if phase.name != "steady" and phase.begin < min(phase.end, self._span[1])
            ],
            "resets": [{"begin": at} for at in series.resets],
        }

    def has(self, field: str) -> bool:
        """Say whether a field has a number above 0 anywhere."""
        return chart_data.largest(self.points, field) > 0

    def rows(self, name: str, at: str = "begin") -> Any:  # noqa: ANN401 - as Altair has it
        """Return a chart of a dataset over the time of the run, without a mark."""
        import altair as alt

        begin, end = self._span
        step = next((step for step in _STEPS if end <= step * _TICKS), int(end / _TICKS))
        axis = alt.Axis(
            title=None,
            grid=False,
            labelExpr=_WATCH,
            labelOverlap=True,
            labelFlush=True,
            values=[*range(0, int(end) + 1, step)],
        )
        scale = alt.Scale(domain=[begin, end], nice=False)
        time = alt.X(f"{at}:Q", axis=axis, scale=scale)
        return alt.Chart(alt.NamedData(name=name)).encode(x=time)


def _charts(drawn: _Drawn) -> Iterator[Chart]:
    failures = ["true", "either"] if drawn.has("either") else ["true"]
    times = [f"p{name}" for name in PERCENTILES if drawn.has(f"p{name}")]
    if not drawn.series.decided:
        title = "Failures per second, true and expected together"
        yield _chart(drawn, "failures", title, ["failures"], height=130, bars=True)
    elif any(map(drawn.has, failures)):
        yield _chart(drawn, "true", "True failures per second", failures, height=130, bars=True)
    if drawn.series.decided and drawn.has("expected"):
        title = "Expected failures per second"
        yield _chart(drawn, "expected", title, ["expected"], height=90, bars=True)
    if times:
        title = f"Response times in ms{_TIMES_OF[drawn.series.times_of]}"
        yield _chart(drawn, "times", title, times, height=170)
    yield _chart(drawn, "rps", "Requests per second", ["rps"], height=90)
    if drawn.has("users"):
        yield _chart(drawn, "users", "Users", ["users"], height=70, bars=True)


def _chart(  # noqa: PLR0913 - how one chart differs from the others
    drawn: _Drawn, id_: str, title: str, fields: Sequence[str], *, height: int, bars: bool = False
) -> Chart:
    """Return a chart of some fields of the intervals, with their limits."""
    import altair as alt

    segments = [row for row in drawn.datasets["limits"] if row["field"] in fields]
    more = ["top", "peak"] if fields[0] in _PEAKS else []
    most = chart_data.largest(drawn.points, *fields, *more)
    near = [row for row in segments if chart_data.largest([row], "value") <= _FAR * most]
    most = max(most, chart_data.largest(near, "value")) or 1.0
    least = chart_data.smallest(drawn.points, *fields)
    scale = alt.Scale(domain=[0, 1.05 * most], nice=True)
    if len(fields) > 1 and not bars and most > _WIDE * least > 0:
        scale = alt.Scale(type="log", domain=[0.9 * least, 1.1 * most], nice=False)
        title += ", logarithmic"

    def value(field: str) -> alt.Y:
        axis = alt.Axis(title=None, tickCount=4, minExtent=_AXIS, maxExtent=_AXIS)
        return alt.Y(f"{field}:Q", scale=scale, axis=axis)

    made = _bars if bars else _path
    layers = [*_grounds(drawn)]
    if more and drawn.has("peak"):
        layers.append(_bars(drawn, "peak", value, fields[0], opacity=0.3))
    layers += [made(drawn, field, value) for field in fields]
    layers += [_limit(drawn, field, value) for field in {str(row["field"]): 0 for row in near}]
    layers.append(_targets(drawn, id_))
    return Chart(
        id=id_,
        title=title,
        keys=[(name, _NAMES.get(name, name)) for name in fields] if len(fields) > 1 else [],
        lines=[line for line in drawn.lines if line.field in fields],
        above=len(near) < len(segments),
        spec=finished(alt.LayerChart(layer=layers), height),
    )


# --- layers ---------------------------------------------------------------------------------------

Value = Callable[[str], Any]
"""What puts a field on the axis of a chart."""


def _grounds(drawn: _Drawn) -> Iterator[Any]:
    """Yield what is behind the numbers: while users come and go, and where counts begin anew."""
    if drawn.datasets["phases"]:
        ground = drawn.rows("phases").mark_rect(color="var(--line)", opacity=0.45, clip=True)
        yield ground.encode(x2="end:Q")
    if drawn.datasets["resets"]:
        yield drawn.rows("resets").mark_rule(color="var(--ink)", strokeDash=[2, 3], clip=True)


def _bars(drawn: _Drawn, field: str, value: Value, color: str = "", opacity: float = 1.0) -> Any:  # noqa: ANN401 - as Altair has it
    import altair as alt

    bars = drawn.rows("points").mark_rect(
        color=f"var(--{color or field})", opacity=opacity, clip=True
    )
    bars = bars.encode(x2="end:Q")
    if field == "either":  # on top of those that are certainly true
        return bars.encode(y=value("top"), y2="true:Q")
    return bars.encode(y=value(field), y2=alt.Y2Datum(0))


def _path(drawn: _Drawn, field: str, value: Value) -> Any:  # noqa: ANN401 - as Altair has it
    import altair as alt

    points = (
        alt.OverlayMarkDef(size=25, color=f"var(--{field})") if len(drawn.points) <= _FEW else False
    )
    path = drawn.rows("points", "middle").mark_line(
        color=f"var(--{field})", strokeWidth=1.75, clip=True, point=points
    )
    return path.encode(y=value(field))


def _limit(drawn: _Drawn, field: str, value: Value) -> Any:  # noqa: ANN401 - as Altair has it
    rules = drawn.rows("limits").transform_filter(f"datum.field === '{field}'")
    return rules.mark_rule(
        color=f"var(--{field})" if field.startswith("p") else "var(--limit)",
        strokeDash=[6, 3],
        strokeWidth=1.5,
        clip=True,
    ).encode(x2="end:Q", y=value("value"))


def _targets(drawn: _Drawn, id_: str) -> Any:  # noqa: ANN401 - as Altair has it
    """Return what a pointer hits: each interval from bottom to top, which tells all of it."""
    import altair as alt

    near = alt.selection_point(
        name=f"near_{id_}", on="pointerover", clear="pointerout", empty=False
    )
    said = {name: title for name, title in _TIPS.items() if any(row[name] for row in drawn.points)}
    tips = [alt.Tooltip(f"{name}:N", title=title) for name, title in said.items()]
    shade = alt.condition(near, alt.value(0.12), alt.value(0))
    targets = drawn.rows("points").mark_rect(color="var(--ink)", clip=True)
    return targets.encode(x2="end:Q", opacity=shade, tooltip=tips).add_params(near)
