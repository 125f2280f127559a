"""A comparison as text, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from loadgate.render import words as wording
from loadgate.render.comparison import tables, words
from loadgate.render.terminal import COLUMNS, hanging, table_lines
from loadgate.runs.compare import Compared

_ROWS = 15
_RUNS = 4


def render(compared: Compared, columns: int = COLUMNS) -> str:
    """Return the comparison in lines of at most so many columns."""
    return "".join(f"{line}\n" for line in _lines(compared, columns))


def _lines(compared: Compared, columns: int) -> Iterator[str]:
    yield from hanging("", words.headline(compared), lines=3, columns=columns)
    yield ""
    for name, group in (("base", compared.base), ("head", compared.head)):
        text = f"{wording.counted(len(group.runs), 'run')}: {words.runs(group, _RUNS)}"
        yield from hanging(f"{name}  ", text, lines=4, columns=columns)
    for text in compared.warnings:
        yield from hanging("- ", text, lines=3, columns=columns)
    yield from table_lines(tables.totals(compared), _ROWS, columns)
    for table in tables.kinds(compared):
        yield from table_lines(table, _ROWS, columns)
    yield from table_lines(tables.narrow_endpoints(compared), _ROWS, columns)
    yield from table_lines(tables.rules(compared), _ROWS, columns)
