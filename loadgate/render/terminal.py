"""Outputs in columns: wrapping and tables for a terminal of a known width."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest

import tabulate

from loadgate.render import words as wording
from loadgate.render.tables import Cell, Content, Row, Table
from loadgate.text import cut, head_of, one_line, width

COLUMNS = 80
"""What every output in columns is laid out for, unless there is more room."""
UNWRAPPED = 4000
"""Columns of what no terminal shows: twice what a recording keeps of a name or text."""

_BESIDE = 44  # columns that a narrow cell leaves to what stands beside it
_NARROW_LINES = 4
_SPACES = 2  # between two columns
_STYLES = {
    "PASSED": "1;32",
    "FAILED": "1;31",
    "NO EVIDENCE": "1;33",
    "PARTIAL RESULTS": "1;33",
    "TRUE": "1;31",
    "EXPECTED": "1;32",
    "FAILURES": "1",
    "TEXT": "1",
    "passed": "32",
    "warning": "33",
    "skipped": "2",
}
_ENDED = re.compile(f"^(?:{'|'.join(_STYLES)})(?=  |:)", re.MULTILINE)
_TITLE = re.compile("^[A-Z][A-Z ]+$", re.MULTILINE)


def wrap(text: str, columns: int, *, lines: int) -> list[str]:
    """Return `text` in at most so many lines; what is too long loses its middle.

    No line starts with `::`, as logs of GitHub Actions take such a line for a command.
    """
    room = columns - 1
    wrapped = list(_fold(cut(text, room * lines), room))
    if len(wrapped) > lines:  # every line but the last is at least half full
        wrapped = list(_fold(cut(text, room * lines - (room // 2 + 2) * (lines - 1)), room))
    return ["'" + line if line.startswith("::") else line for line in wrapped]


def _fold(text: str, room: int) -> Iterator[str]:
    """Yield lines of at most so many columns, broken at spaces where there are some."""
    while width(text) > room:
        head = head_of(text, room)
        space = len(head) if text[len(head)] == " " else head.rfind(" ", room // 2)
        head = head[:space] if space > 0 else head
        yield head
        text = text[len(head) :].lstrip()
    yield text


def grid(
    rows: Sequence[Sequence[str]],
    *,
    style: str,
    header: Sequence[str] = (),
    right: Sequence[int] = (),
    lined_up: bool = True,
) -> str:
    """Return a table in a format of tabulate; the columns `right` are aligned to the right.

    tabulate gets stand-ins of the same width, because how it counts wide characters, and whether it
    takes a name for a number, depends on the text and on what else is installed.
    """
    cells = iter([cell for row in (header, *rows) for cell in row if cell])
    stand_ins = [
        ["x" * (width(cell) if lined_up else 1) if cell else "" for cell in row]
        for row in (header, *rows)
    ]
    drawn = tabulate.tabulate(
        stand_ins[1:],
        headers=stand_ins[0],
        tablefmt=style,
        disable_numparse=True,
        colalign=["right" if place in right else "left" for place in range(len(rows[0]))],
    )
    if not lined_up:
        drawn = re.sub(" +", " ", drawn)
    return re.sub("x+", lambda _: next(cells), drawn)


def hanging(
    start: str, text: str, *, lines: int, columns: int = COLUMNS, indent: int | None = None
) -> Iterator[str]:
    """Yield text behind a start; further lines are indented, by default by 8 columns at most."""
    indent = min(len(start), 8) if indent is None else indent
    for line in wrap(one_line(text), columns - max(len(start), indent), lines=lines):
        yield (start + line).rstrip()
        start = " " * indent


def painted(text: str) -> str:
    """Colour titles and the words that say how something ended.

    No text of a run has two blanks in it, so none is taken for such a word.
    """
    text = _ENDED.sub(lambda word: f"\x1b[{_STYLES[word[0]]}m{word[0]}\x1b[0m", text)
    return _TITLE.sub("\x1b[1m\\g<0>\x1b[0m", text)


def table_lines(table: Table[Row], rows: int, columns: int = COLUMNS) -> Iterator[str]:
    """Yield the first rows of a table under its title; nothing where it has none.

    All wide cells of a row stand in the last column, one below the other; empty ones are left out.
    """
    if not table.rows:
        return
    table = table.first(rows)
    narrow = [column for column in table.columns if not column.wide]
    wide = [column for column in table.columns if column.wide]
    cells = [
        [wrap(_cell(column.cell(row)), columns - _BESIDE, lines=_NARROW_LINES) for column in narrow]
        for row in table.rows
    ]
    header = [column.title.lower() for column in narrow]
    widths = [
        max(map(width, [title, *(line for lines in texts for line in lines)]))
        for title, *texts in zip(header, *cells, strict=True)
    ]
    taken = sum(widths) + _SPACES * len(widths)
    drawn: list[list[str]] = []
    for beside, row in zip(cells, table.rows, strict=True):
        texts = [text for column in wide if (text := _cell(column.cell(row)))]
        lines = [line for text in texts for line in wrap(text, columns - taken, lines=table.lines)]
        drawn += map(list, zip_longest(*beside, lines or [""], fillvalue=""))
    header.append(", ".join(column.title.lower() for column in wide))
    widest = max(width(line[-1]) for line in (header, *drawn))
    widths.append(max(min(widest, COLUMNS - taken), width(header[-1])))
    ruler = ["-" * each for each in widths]
    right = [place for place, column in enumerate(narrow) if column.numeric]
    yield ""
    yield table.title.upper()
    for line in grid([header, ruler, *drawn], style="plain", right=right).splitlines():
        yield line.rstrip()
    if table.left_out:
        yield f"... and {table.left_out}"


def _cell(content: Content) -> str:
    match content:
        case int():
            return wording.narrow(content)
        case tuple():
            return one_line(" ".join(content))
        case Cell():
            return one_line(f"{content.text} {content.remark}")
        case _:
            return one_line(content)
