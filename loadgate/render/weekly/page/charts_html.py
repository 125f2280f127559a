"""A report in, the places of its charts out, each with its words and, for the heat map, a table."""

from __future__ import annotations

from loadgate.render.weekly import chart_data as points
from loadgate.render.weekly import words
from loadgate.render.weekly.page.elements import Html, Table, code, element, join, table, text
from loadgate.weekly.model import Report


def pictures(report: Report) -> Html:
    """Return the places of all charts that the report has numbers for; none where it has none."""
    drawn = points.values(report)
    figures = []
    if drawn:
        legend = (
            "Of runs: round if passed, a diamond if failed, a dotted line if without evidence;"
            " those of the period before are paler, left of the line. Shift and the wheel zoom,"
            " shift and a drag move. The table of runs has the numbers."
        )
        figures.append(element("p", text(legend), class_="note"))
    if "true" in drawn:
        figures.append(
            _figure(
                "True and expected failure rate per run",
                _chart("true", "True failure rate of each run, in percent"),
                _chart("expected", "Expected failure rate of each run, in percent"),
            )
        )
    if "p95" in drawn:
        figures.append(
            _figure(
                "Response time (p95) per run",
                _chart("p95", "95th percentile of the response time of each run, in milliseconds"),
            )
        )
    if report.days:
        figures.append(
            _figure(
                "True failures by endpoint and day",
                _chart("days", "True failures of each endpoint on each day"),
                element("figcaption", text("The stronger the colour, the more failures.")),
                _days(report),
            )
        )
    return join(figures)


def _figure(title: str, *parts: Html) -> Html:
    return element("figure", element("h3", text(title)), *parts)


def _chart(name: str, label: str) -> Html:
    """Return the place of a chart; who cannot see it hears what it is of."""
    return element("div", class_="chart", id=f"chart-{name}", role="img", aria_label=label)


def _days(report: Report) -> Html:
    days = points.days_of(report)
    rows = tuple(
        (code(endpoint), *(text(f"{cells[day][1]:,}" if day in cells else "") for day in days))
        for endpoint, cells in points.day_rows(report)
    )
    of = Table(
        name="True failures by endpoint and day",
        columns=("Endpoint", *(f"{words.DAYS[day.weekday()]} {day.isoformat()}" for day in days)),
        rows=rows,
        numbers=frozenset(range(1, len(days) + 1)),
        unfolded=points.ENDPOINTS + 1,
    )
    return element("details", element("summary", text("The numbers as a table")), table(of))
