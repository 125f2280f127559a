"""A verdict as the page of one run: self-contained, with charts of the run over its time."""

from __future__ import annotations

from loadgate.model import Verdict
from loadgate.published import subject
from loadgate.render import words as wording
from loadgate.render.page import require_extra
from loadgate.render.page.drawing import as_script, scripts
from loadgate.render.page.template import page, text_of
from loadgate.render.verdict import charts, page_tables, page_words
from loadgate.render.verdict.pages import pages
from loadgate.rules.wordings import likely_statuses
from loadgate.text import and_more

_ROWS = 500
"""Of a table, or a list."""
_UNFOLDED = 8
"""Kinds of failures that are shown at once; the others unfold."""


def render(verdict: Verdict) -> str:
    """Return the page: the same bytes for the same verdict, about 0.9 MB of them script.

    It fetches nothing, and runs no script and uses no style but its own. Raises UsageError without
    what `loadgate[report]` installs.
    """
    require_extra()
    series = verdict.series if verdict.series is not None and verdict.series.intervals else None
    drawn = [] if series is None else charts.charts(verdict, series)
    data = {
        "charts": {f"chart-{chart.id}": chart.spec for chart in drawn},
        "datasets": {} if series is None else charts.datasets(verdict, series),
    }
    classification = verdict.classification
    statuses = likely_statuses(classification.failures)
    warnings = [*wording.other_warnings(classification), wording.idle_rules(verdict)]
    values = {
        "data": as_script(data),
        "verdict": verdict,
        "run": classification.run,
        "outcome": wording.VERDICTS[verdict.outcome],
        "headline": wording.headline(verdict),
        "since": page_words.since(verdict, verdict.series),
        "facts": [*page_words.facts(verdict)],
        "tiles": [*page_words.tiles(verdict)],
        "limits": page_tables.limits(verdict).first(_ROWS),
        "charts": drawn,
        "about": [*page_words.about_series(verdict, series)] if series else [],
        "without": page_words.without_series(verdict),
        "kinds": page_words.kind_lines(verdict, verdict.series),
        "tables": [
            page_tables.endpoints(classification).first(_ROWS),
            page_tables.rules(classification).first(_ROWS),
        ],
        "notes": [*filter(None, warnings)],
        "likely": wording.likely(statuses) if statuses.counts else "",
        "wordings": [*wording.wording_lines(statuses, _ROWS)],
        "help": {page: subject(page) for page in pages(verdict)},
        "method": [*page_words.method(verdict)],
        "words": wording,
        "most": _ROWS,
        "unfolded": _UNFOLDED,
        "and_more": and_more,
    }
    styles = [text_of("page/base.css"), text_of("verdict/run.css")]
    return page("verdict/run.html", styles, scripts() if drawn else (), values)
