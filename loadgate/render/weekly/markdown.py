"""The weekly report as GitHub-flavoured Markdown, for an issue, a wiki or a mail."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from loadgate.render import words as wording
from loadgate.render.markdown import BYTES, code, escape, section, sentence
from loadgate.render.masking import mask_report
from loadgate.render.weekly import mermaid, tables, words
from loadgate.render.weekly.columns import Cell, Column, Table
from loadgate.render.weekly.words import shown
from loadgate.text import and_more, first_of
from loadgate.weekly.model import ActionItem, Report

Charts = Literal["mermaid", "svg", "none"]

_ROWS = 200  # of a table; fewer where the document would be too large
_MOST = 1000  # server errors, and things that need a person: what gives way last
_LISTED = 20
_DAYS = 14  # columns of the table by day; wider than that is wider than a page
_ADDRESS = re.compile(r"https?://[A-Za-z0-9:/?#@!$+,;=&._~%-]{1,1000}")
"""What addresses are made of as long as they are harmless in Markdown and HTML."""
_BADGES = {"passed": "✅ ", "failed": "❌ ", "no-evidence": "⚠️ "}


def render_markdown(
    report: Report,
    *,
    charts: Charts = "mermaid",
    pictures: Mapping[str, str] | None = None,
) -> str:
    """Return the report, the most important first, in less than BYTES bytes of UTF-8.

    `pictures` are what stands for each picture where `charts` is "svg": its title, its address.
    What is left out for its size is counted where it is missing.
    """
    report = mask_report(report)
    room = _Room(rows=_ROWS, most=_MOST)
    text = _document(report, charts, pictures or {}, room)
    while len(text.encode()) >= BYTES and room.most > 1:
        room = room.less()
        text = _document(report, charts, pictures or {}, room)
    return text


@dataclass(frozen=True, slots=True)
class _Room:
    """How much of a report the document holds."""

    rows: int
    """Of each table."""
    most: int
    """Server errors, and things that need a person."""

    def less(self) -> _Room:
        """Return half of the rows; once there is one row left, half of what matters most."""
        if self.rows > 1:
            return replace(self, rows=self.rows // 2)
        return replace(self, most=self.most // 2)


def _document(report: Report, charts: Charts, pictures: Mapping[str, str], room: _Room) -> str:
    return "".join(f"{line}\n" for line in _lines(report, charts, pictures, room))


def _lines(
    report: Report, charts: Charts, pictures: Mapping[str, str], room: _Room
) -> Iterator[str]:
    period, previous, rows = report.period, report.previous, room.rows
    yield f"# Load tests, {escape(period.name)}"
    yield ""
    yield _headline(report)
    yield ""
    yield f"**{_totals(report)}**"
    yield ""
    yield (
        f"{period.first} to {period.last} ({escape(period.zone.key)}), compared with"
        f" {escape(previous.name)}:"
        f" {wording.counted(len(report.runs_before), 'run')}."
    )
    yield from _attention(report, room.most)
    if charts == "mermaid":
        yield from mermaid.diagrams(report)
    for title, address in pictures.items():
        yield ""
        yield f"![{title}]({address})"
    yield from _tables(report, room)
    yield from _method(report, rows)


def _headline(report: Report) -> str:
    """Return the sentence with the names in it set apart."""
    names = [trend.endpoint for trend in report.endpoints]
    return sentence(report.headline, [name for name in names if name in report.headline])


def _totals(report: Report) -> str:
    failures = report.expected + report.true
    return (
        f"{wording.counted(report.requests, 'request')}, {wording.counted(failures, 'failure')}"
        f" = {report.expected:,} expected + {report.true:,} true"
    )


def _attention(report: Report, most: int) -> Iterator[str]:
    yield ""
    yield "## Needs attention"
    yield ""
    if not report.action_items:
        yield "Nothing to do."
    for item in report.action_items[:most]:
        yield f"- **{words.ACTIONS[item.kind]}**: {_sentence(item)}"
    if len(report.action_items) > most:
        yield f"- {and_more(len(report.action_items) - most, 'like these')}"


def _sentence(item: ActionItem) -> str:
    runs = ", ".join(escape(shown(run)) for run in words.runs(item))
    return sentence(item.sentence, item.names) + (f" ({runs})" if runs else "")


# --- tables ---------------------------------------------------------------------------------------


def _tables(report: Report, room: _Room) -> Iterator[str]:
    for table in tables.tables(report, room.rows, room.most):
        yield from _table(table)
        if table.id == "endpoints":
            days = tables.days(report)
            if days.rows and len(days.columns) <= 1 + _DAYS:
                yield from _table(days)


def _table(table: Table[Any]) -> Iterator[str]:
    yield from section(
        table.title,
        [column.title for column in table.columns],
        [[*map(_cell, table.columns, row)] for row in table.cells],
        table.left_out,
        right=[place for place, column in enumerate(table.columns) if column.numeric],
        level=2,
    )


def _cell(column: Column[Any], cell: Cell) -> str:
    if cell.style == "code":
        text = code(shown(cell.text))
    elif cell.style == "mark":
        text = f"{_BADGES.get(cell.mark, '')}{cell.text}"
    elif column.numeric or cell.time:
        text = cell.text  # no text of a run
    else:
        text = escape(shown(cell.text))
    if address := link(cell.link):
        text = f"[{text}]({address})"
    return f"{text} ({escape(cell.remark)})" if cell.remark else text


def link(address: str) -> str:
    """Return an address as Markdown may hold it; nothing where it is no plain web address.

    Where it is not certain to end where it should, or something in it is masked, only the name
    is shown.
    """
    return address if _ADDRESS.fullmatch(address) else ""


# --- how ------------------------------------------------------------------------------------------


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
