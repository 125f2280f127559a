"""A weekly report in, one self-contained HTML page with interactive charts out."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources

from loadgate.render.masking import mask_report
from loadgate.render.weekly.page import charts
from loadgate.render.weekly.page.elements import Html, element, join, text
from loadgate.render.weekly.page.sections import sections, summary
from loadgate.weekly.model import Report


def render_html(report: Report) -> str:
    """Return the page: the same bytes for the same report, about 0.9 MB of them script.

    It fetches nothing, and its Content-Security-Policy lets it run no script and use no style but
    its own. Raises UsageError without what `loadgate[report]` installs.
    """
    charts.require_extra()
    report = mask_report(report)
    scripts = charts.scripts()
    head, body = _head(report, scripts), _body(report, scripts)
    return f'<!DOCTYPE html>\n<html lang="en">\n{head}\n{body}\n</html>\n'


def _title(report: Report) -> Html:
    return text(f"Load tests, {report.period.name}")


def _head(report: Report, scripts: Sequence[Html]) -> Html:
    style = Html((resources.files("loadgate.render.weekly.page") / "page.css").read_text("utf-8"))
    allowed = " ".join(f"'{charts.digest(script)}'" for script in scripts)
    # vega-embed interprets expressions (`ast`), so that there is no need for 'unsafe-eval'.
    policy = (
        f"default-src 'none'; script-src {allowed}; style-src '{charts.digest(style)}';"
        " base-uri 'none'; form-action 'none'"
    )
    return Html(
        "<head>\n"
        '<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{_title(report)}</title>\n"
        f"<style>{style}</style>\n"
        "</head>"
    )


def _body(report: Report, scripts: Sequence[Html]) -> Html:
    parts = list(sections(report))
    period, previous = report.period, report.previous
    days = f"{period.first} to {period.last} ({period.zone}), compared with {previous.name}"
    header = element(
        "header",
        element("p", text(days), class_="period"),
        element("h1", _title(report)),
        element("p", text(report.headline), class_="headline"),
        summary(report),
        element(
            "nav",
            *(element("a", text(title), href=f"#{name}") for name, title, _ in parts),
            aria_label="Sections",
        ),
    )
    main = element("main", *(_section(name, title, inner) for name, title, inner in parts))
    footer = element("footer", element("p", text("Made by loadgate report.")))
    data = f'<script type="application/json" id="chart-data">{charts.data(report)}</script>'
    code = "".join(f"\n<script>{script}</script>" for script in scripts)
    return Html(f"<body>\n{join((header, main, footer))}\n{data}{code}\n</body>")


def _section(name: str, title: str, inner: Html) -> Html:
    heading = element("h2", text(title), id=f"{name}-title")
    return element("section", heading, inner, id=name, aria_labelledby=f"{name}-title")
