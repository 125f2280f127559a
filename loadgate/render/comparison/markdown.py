"""A comparison as GitHub-flavoured Markdown, for an issue or a comment."""

from __future__ import annotations

from collections.abc import Iterator

from loadgate.render import words as wording
from loadgate.render.comparison import tables, words
from loadgate.render.markdown import bounded, code, escape, table_section
from loadgate.runs.compare import Compared

_RUNS = 8


def render(compared: Compared) -> str:
    """Return the comparison as headings and tables, in less than 60,000 bytes of UTF-8.

    What is left out for its size is counted where it is missing.
    """
    return bounded(lambda rows: _lines(compared, rows))


def _lines(compared: Compared, rows: int) -> Iterator[str]:
    yield "### Head compared with base"
    yield ""
    yield escape(words.headline(compared))
    yield ""
    for name, group in (("Base", compared.base), ("Head", compared.head)):
        count = wording.counted(len(group.runs), "run")
        yield f"- {name}, {count}: {code(words.runs(group, _RUNS))}"
    for text in compared.warnings:
        yield f"- ⚠️ {escape(text)}"
    yield from table_section(tables.totals(compared), rows)
    for table in tables.kinds(compared):
        yield from table_section(table, rows)
    yield from table_section(tables.endpoints(compared), rows)
    yield from table_section(tables.rules(compared), rows)
