"""A comparison as GitHub-flavoured Markdown, for an issue or a comment."""

from __future__ import annotations

from collections.abc import Iterator

from loadgate.render import words as wording
from loadgate.render.comparison import words
from loadgate.render.comparison.tables import tables
from loadgate.render.markdown import bounded, code, escape, link, table_section
from loadgate.runs.compared import Compared
from loadgate.since import ChangePoint
from loadgate.text import and_more

_RUNS = 8


def render(compared: Compared) -> str:
    """Return the comparison as headings and tables, in less than 60,000 bytes of UTF-8.

    What is left out for its size is counted where it is missing.
    """
    return bounded(lambda rows: _lines(compared, rows))


def _lines(compared: Compared, rows: int) -> Iterator[str]:
    yield "### Head compared with base"
    yield ""
    yield words.headline(compared)  # nothing in it comes from a run
    yield ""
    for name, group in (("Base", compared.base), ("Head", compared.head)):
        count = wording.counted(len(group.runs), "run")
        yield f"- {name}, {count}: {code(words.runs(group, _RUNS))}"
    for text in compared.warnings:
        yield f"- ⚠️ {escape(text)}"
    if compared.single:
        yield f"- {words.SINGLE}"
    for point in compared.since[:rows]:
        yield f"- {_since(point)}"
    if len(compared.since) > rows:
        yield f"- {and_more(len(compared.since) - rows, 'changes')}"
    for table in tables(compared):
        yield from table_section(table, rows)


def _since(point: ChangePoint) -> str:
    name, where, change = words.since(point)
    first = point.first
    run = code(first.label)
    if address := link(first.link):
        run = f"[{run}]({address})"
    commit = f" (commit {code(words.commit(first.commit))})" if first.commit else ""
    place = where if point.endpoint is None else code(where)
    return f"{name} of {place}: {change} since {run}{commit}"
