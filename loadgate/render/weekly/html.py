"""The weekly report as one self-contained HTML page with interactive charts."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from loadgate.render import words as wording
from loadgate.render.tables import Cell, Code
from loadgate.render.weekly import chart_data, charts, tables, words
from loadgate.render.weekly.words import mask_report, shown
from loadgate.text import and_more, cut, one_line
from loadgate.weekly.model import Report
from loadgate.weekly.words import milliseconds, percent

if TYPE_CHECKING:
    from jinja2 import Environment, Template

_ROWS = 1000  # of a table
_LISTED = 100  # sources, action items: what is listed, not tabled
_NAME = 160  # of a name or an error text


def render_html(report: Report) -> str:
    """Return the page: the same bytes for the same report, about 0.9 MB of them script.

    It fetches nothing, and its Content-Security-Policy lets it run no script and use no style but
    its own. Raises UsageError without what `loadgate[report]` installs.
    """
    charts.require_extra()
    report = mask_report(report)
    style = _text("page.css")
    scripts = [charts.bundle(), _text("page.js")]
    allowed = " ".join(f"'{_digest(script)}'" for script in scripts)
    shown_tables = {table.id: table for table in tables.tables(report, _ROWS, _ROWS // 2)}
    return _template().render(
        report=report,
        # vega-embed interprets expressions (`ast`), so that there is no need for 'unsafe-eval'.
        policy=f"default-src 'none'; script-src {allowed}; style-src '{_digest(style)}';"
        " base-uri 'none'; form-action 'none'",
        style=style,
        scripts=scripts,
        data=charts.data(report),
        sections=_sections(report, shown_tables),
        tiles=_tiles(report),
        drawn=chart_data.values(report),
        tables=shown_tables,
        days=tables.days(report),
        words=words,
        and_more=lambda number: and_more(number, "like these"),
        most=_LISTED,
    )


@cache
def environment() -> Environment:
    """Return what fills templates: every text is on one line, not endless, and escaped."""
    import jinja2
    from markupsafe import Markup

    def cleaned(value: Any) -> Any:  # noqa: ANN401 - whatever a template shows
        return shown(value) if isinstance(value, str) and not isinstance(value, Markup) else value

    made = jinja2.Environment(
        autoescape=True,
        keep_trailing_newline=True,
        finalize=cleaned,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"name": lambda text: cut(shown(text), _NAME), "address": web_address}
    made.tests["code"] = lambda value: isinstance(value, Code)
    return made


@cache
def _template() -> Template:
    return environment().from_string(_text("page.html"))


def _text(name: str) -> str:
    return (resources.files("loadgate.render.weekly") / name).read_text("utf-8")


def _digest(script: str) -> str:
    """Return a script's hash as a Content-Security-Policy names it."""
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def web_address(link: str) -> str:
    """Return where a link leads; nothing where that is no web address."""
    address = one_line(link)
    leads = address.lower().startswith(("https://", "http://")) and " " not in address
    return address if leads else ""


def _sections(report: Report, shown_tables: dict[str, Any]) -> list[tuple[str, str]]:
    """Return id and heading of all sections that the report has something for."""
    drawn = [("pictures", "Pictures")] if chart_data.values(report) or report.days else []
    titles = [(table.id, table.title) for table in shown_tables.values()]
    runs = [] if report.runs else [("runs", "Runs")]
    return [
        ("attention", "Needs attention"), *drawn, *runs, *titles,
        ("method", "How this was computed"),
    ]  # fmt: skip


def _tiles(report: Report) -> list[tuple[str, str, Cell]]:
    """Return the totals of the period: name, number, what is said beside it."""
    outcomes = [run.outcome for run in report.runs]
    counts = [
        f"{outcomes.count(outcome):,} {name.lower()}"
        for outcome, name in wording.VERDICTS.items()
        if outcome in outcomes
    ]
    before = sum(run.requests for run in report.runs_before)
    failures = f"{report.expected:,} expected + {report.true:,} true"
    failures += wording.by_locustfile(report.allowed)
    remarks = [
        ("Runs", f"{len(report.runs):,}", ", ".join(counts) or "none in this period"),
        ("Requests", f"{report.requests:,}", f"{before:,} in the period before"),
        ("Failures", f"{report.expected + report.true:,}", failures),
    ]
    return [
        *((name, number, Cell(text="", remark=remark)) for name, number, remark in remarks),
        ("True failure rate", percent(report.true_rate.now), tables.change(report.true_rate)),
        ("p95 of whole runs", milliseconds(report.p95.now), tables.change(report.p95)),
    ]
