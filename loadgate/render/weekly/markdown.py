"""The weekly report as GitHub-flavoured Markdown, for an issue, a wiki or a mail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from loadgate.published import address
from loadgate.render.markdown import (
    bounded,
    code,
    escape,
    link,
    page_link,
    sentence,
    table_section,
)
from loadgate.render.tables import Cell
from loadgate.render.weekly import incidents, mermaid, tables, words
from loadgate.render.weekly.words import mask_report, shown
from loadgate.text import and_more, first_of
from loadgate.weekly.model import ActionItem, Incident, Report

_ROWS = 200  # of a table; fewer where the document would be too large
_MOST = 1000  # server errors, and things that need a person: what gives way last
_LISTED = 20
_ITEMS = 5  # things to do that are seen at once
_ENDPOINTS = 3  # of an incident


def render_markdown(
    report: Report, *, diagrams: bool = True, pictures: Mapping[str, str] | None = None
) -> str:
    """Return the report, the most important first, in less than BYTES bytes of UTF-8.

    The chart is a diagram in Mermaid, or `pictures` by their titles, of which it gets the
    addresses. What is left out for its size is counted where it is missing.
    """
    report = mask_report(report)
    chart = [*mermaid.diagram(report)] if diagrams else []
    for title, file in (pictures or {}).items():
        chart += ["", f"![{title}]({file})"]
    return bounded(lambda room: _lines(report, chart, room), _ROWS * _MOST)


def _lines(report: Report, chart: Sequence[str], room: int) -> Iterator[str]:
    """Yield the document: `room` is first for rows of tables, then for what gives way last."""
    rows, most = max(room // _MOST, 1), min(room, _MOST)
    period = report.period
    word, mark, headline = words.verdict(report)
    yield f"# Load tests, {escape(period.name)}"
    yield ""
    said = [f"{_SIGNS[mark]} **{word}**"] if word else []
    yield ": ".join([*said, *([sentence(headline, _names(report))] if headline else [])])
    yield ""
    yield "; ".join(words.totals(report)) + "."
    yield ""
    yield (
        f"{period.first} to {period.last} ({escape(period.zone.key)}), compared with"
        f" {escape(report.previous.name)} ({words.runs_before(report)})."
    )
    yield from _incidents(report, rows)
    yield from _attention(report, most)
    if chart:
        yield from ["", "## True failure rate", *chart]
    if idle := words.idle(report):
        yield from ["", idle]
    if len(report.runs) > tables.LISTED:
        yield from table_section(tables.weeks(report).first(rows), level=2)
    for table in tables.tables(report, rows, most):
        yield from table_section(table, level=2)
    yield from _method(report, rows)


_SIGNS = {"passed": "✅", "failed": "❌", "warning": "⚠️", "no-evidence": "⚠️"}


def _names(report: Report) -> list[str]:
    """Return what in the headline may come from runs."""
    runs = [run for one in report.incidents for run in (one.since, one.last)]
    named = [*(run.label for run in runs), *(run.branch for run in runs)]
    named += [trend.endpoint for trend in report.endpoints]
    named += [text for one in report.incidents for text in one.signatures]
    return [name for name in dict.fromkeys(named) if name in report.headline]


# --- incidents and other things to do -------------------------------------------------------------


def _incidents(report: Report, rows: int) -> Iterator[str]:
    if not report.incidents:
        return
    yield from ["", "## Incidents", ""]
    seen, folded = incidents.seen(report)
    if not seen:
        yield "None in this period."
    for incident in seen:
        yield from _incident(incident, report)
    if folded:
        what = "more" if seen else "of the period before"
        yield from ["", f"<details><summary>{len(folded):,} {what}</summary>", ""]
        for incident in folded[:rows]:
            yield from _incident(incident, report)
        if folded[rows:]:
            yield f"- {and_more(len(folded) - rows, 'like these')}"
        yield from ["", "</details>"]


def _incident(incident: Incident, report: Report) -> Iterator[str]:
    about, place = incidents.title(incident)
    alone = len(incident.endpoints) == 1
    where = code(place) if alone else escape(place)
    state = words.STATES[incident.state]
    what = f"**{sentence(about, incident.signatures)} {where}**"
    yield f"- {what} ({state}): {incidents.count(incident, report)}"
    for name, of in incidents.facts(incident, report.period.zone):
        yield f"  - {name}: {_fact(of)}"
    if not alone:
        named = [f"{code(name)} ({of})" for name, of in incidents.endpoints(incident)]
        yield f"  - Endpoints: {first_of(named, _ENDPOINTS)}"
    if incident.signatures:
        yield f"  - Error texts: {first_of([*map(code, incident.signatures)], _ENDPOINTS)}"


def _fact(of: str | Cell) -> str:
    if isinstance(of, str):
        return escape(of)
    name, target = escape(of.text), link(of.link)
    beside = ", ".join(filter(None, [of.remark, *map(escape, of.details)]))
    return (f"[{name}]({target})" if target else name) + (f" ({beside})" if beside else "")


def _attention(report: Report, most: int) -> Iterator[str]:
    items = [item for item in report.action_items if item.kind != "incident"]
    if not items:
        return
    yield from ["", "## To do", ""]
    yield from map(_item, items[:_ITEMS])
    if folded := items[_ITEMS:]:
        yield from ["", f"<details><summary>{len(folded):,} more</summary>", ""]
        yield from map(_item, folded[:most])
        if folded[most:]:
            yield f"- {and_more(len(folded) - most, 'like these')}"
        yield from ["", "</details>"]


def _item(item: ActionItem) -> str:
    runs = ", ".join(_named(run) for run in words.runs(item))
    text = sentence(item.sentence, item.names) + (f" ({runs})" if runs else "")
    return f"- **{words.ACTIONS[item.kind]}**: {text}"


# --- how it was computed --------------------------------------------------------------------------


def _method(report: Report, rows: int) -> Iterator[str]:
    yield ""
    yield "<details><summary>How this was computed</summary>"
    yield ""
    for fact in words.method(report, escape):
        yield f"- {fact}"
    for title, texts in words.listings(report):
        listed = first_of([_named(text) for text in texts], min(rows, _LISTED))
        yield f"- {title} ({len(texts):,}): {listed}"
    yield f"- What it means: {page_link(address('weekly-report'))}"
    yield ""
    yield "</details>"


def _named(text: str) -> str:
    return escape(shown(text))
