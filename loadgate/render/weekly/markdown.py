"""The weekly report as GitHub-flavoured Markdown, for an issue, a wiki or a mail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from loadgate.render import words as wording
from loadgate.render.markdown import bounded, escape, sentence, table_section
from loadgate.render.weekly import mermaid, tables, words
from loadgate.render.weekly.words import mask_report, shown
from loadgate.text import and_more, first_of
from loadgate.weekly.model import Report

_ROWS = 200  # of a table; fewer where the document would be too large
_MOST = 1000  # server errors, and things that need a person: what gives way last
_LISTED = 20
_DAYS = 14  # columns of the table by day; wider than that is wider than a page


def render_markdown(
    report: Report, *, diagrams: bool = True, pictures: Mapping[str, str] | None = None
) -> str:
    """Return the report, the most important first, in less than BYTES bytes of UTF-8.

    Charts are `diagrams` in Mermaid, or `pictures` by their titles, of which it gets the addresses.
    What is left out for its size is counted where it is missing.
    """
    report = mask_report(report)
    charts = [*mermaid.diagrams(report)] if diagrams else []
    for title, address in (pictures or {}).items():
        charts += ["", f"![{title}]({address})"]
    return bounded(lambda room: _lines(report, charts, room), _ROWS * _MOST)


def _lines(report: Report, charts: Sequence[str], room: int) -> Iterator[str]:
    """Yield the document: `room` is first for rows of tables, then for what gives way last."""
    rows, most = max(room // _MOST, 1), min(room, _MOST)
    period, previous = report.period, report.previous
    yield f"# Load tests, {escape(period.name)}"
    yield ""
    names = [trend.endpoint for trend in report.endpoints if trend.endpoint in report.headline]
    yield sentence(report.headline, names)
    yield ""
    sums = wording.sums(report.requests, report.expected, report.true)
    yield f"**{sums}{wording.by_locustfile(report.allowed)}**"
    yield ""
    yield (
        f"{period.first} to {period.last} ({escape(period.zone.key)}), compared with"
        f" {escape(previous.name)}:"
        f" {wording.counted(len(report.runs_before), 'run')}."
    )
    yield from _attention(report, most)
    yield from charts
    for table in tables.tables(report, rows, most):
        yield from table_section(table, level=2)
        if table.id == "endpoints":
            days = tables.days(report)
            if len(days.columns) <= 1 + _DAYS:
                yield from table_section(days, level=2)
    yield from _method(report, rows)


def _attention(report: Report, most: int) -> Iterator[str]:
    yield ""
    yield "## Needs attention"
    yield ""
    if not report.action_items:
        yield "Nothing to do."
    for item in report.action_items[:most]:
        runs = ", ".join(_named(run) for run in words.runs(item))
        text = sentence(item.sentence, item.names) + (f" ({runs})" if runs else "")
        yield f"- **{words.ACTIONS[item.kind]}**: {text}"
    if len(report.action_items) > most:
        yield f"- {and_more(len(report.action_items) - most, 'like these')}"


def _method(report: Report, rows: int) -> Iterator[str]:
    yield ""
    yield "<details><summary>How this was computed</summary>"
    yield ""
    for fact in words.method(report, escape):
        yield f"- {fact}"
    for title, texts in words.listings(report):
        listed = first_of([_named(text) for text in texts], min(rows, _LISTED))
        yield f"- {title} ({len(texts):,}): {listed}"
    yield ""
    yield "</details>"


def _named(text: str) -> str:
    return escape(shown(text))
