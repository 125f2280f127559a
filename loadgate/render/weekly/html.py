"""The weekly report as one self-contained HTML page."""

from __future__ import annotations

from loadgate.published import address
from loadgate.render.page import require_extra
from loadgate.render.page.drawing import as_script, scripts
from loadgate.render.page.template import page, text_of
from loadgate.render.weekly import charts, incidents, tables, words
from loadgate.render.weekly.words import mask_report
from loadgate.text import and_more
from loadgate.weekly.model import Report

_ROWS = 1000  # of a table
_LISTED = 100  # sources, action items: what is listed, not tabled
_ITEMS = 5  # action items that are seen at once


def render_html(report: Report) -> str:
    """Return the page: the same bytes for the same report, about 0.9 MB of them script.

    It fetches nothing, and its Content-Security-Policy lets it run no script and use no style but
    its own. Raises UsageError without what `loadgate[report]` installs.
    """
    require_extra()
    report = mask_report(report)
    drawn = charts.document(report)
    word, mark, headline = words.verdict(report)
    seen, folded = incidents.seen(report)
    return page(
        "weekly/page.html",
        [text_of("page/base.css"), text_of("weekly/page.css")],
        scripts() if drawn["charts"] else (),
        {
            "report": report,
            "verdict": (word, mark),
            "headline": headline,
            "data": as_script(drawn),
            "drawn": drawn["charts"],
            "seen": seen,
            "folded": folded,
            "items": [item for item in report.action_items if item.kind != "incident"],
            "at_once": _ITEMS,
            "weeks": tables.weeks(report),
            "tables": [*tables.tables(report, _ROWS, _ROWS // 2)],
            "words": words,
            "incidents": incidents,
            "and_more": lambda number: and_more(number, "like these"),
            "most": _LISTED,
            "page": address("weekly-report"),
        },
    )
