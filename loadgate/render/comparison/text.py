"""A comparison as text, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from loadgate.render import words as wording
from loadgate.render.comparison import words
from loadgate.render.comparison.tables import tables
from loadgate.render.terminal import COLUMNS, hanging, table_lines
from loadgate.runs.compared import Compared
from loadgate.since import ChangePoint
from loadgate.text import and_more

_ROWS = 15
_RUNS = 4
_POINTS = 8


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
    if compared.single:
        yield from hanging("- ", words.SINGLE, lines=4, columns=columns)
    for point in compared.since[:_POINTS]:
        yield from hanging("- ", _since(point), lines=4, columns=columns)
    if len(compared.since) > _POINTS:
        yield f"- {and_more(len(compared.since) - _POINTS, 'changes')}"
    for table in tables(compared, narrow=True):
        yield from table_lines(table, _ROWS, columns)


def _since(point: ChangePoint) -> str:
    name, where, change = words.since(point)
    first = point.first
    known = [
        *([f"commit {words.commit(first.commit)}"] if first.commit else []),
        *([first.link] if first.link else []),
    ]
    return f"{name} of {where}: {change} since {first.label}" + (
        f" ({', '.join(known)})" if known else ""
    )
