"""Outputs in columns: wrapping and tables for a terminal of a known width."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import tabulate

from loadgate.render import words as wording
from loadgate.text import cut, head_of, one_line, width

COLUMNS = 80
"""What every output in columns is laid out for, unless there is more room."""
UNWRAPPED = 1000
"""Columns of what no terminal shows: nothing that people read is as wide."""

_SPACES = 2  # between two columns


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


def table(
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


def hanging(start: str, text: str, *, lines: int, columns: int = COLUMNS) -> Iterator[str]:
    """Yield text behind a start, its further lines indented."""
    indent = min(len(start), 8)
    for line in wrap(one_line(text), columns - len(start), lines=lines):
        yield start + line
        start = " " * indent


def left_out(kinds: int, of: str, failures: int = 0) -> Iterator[str]:
    """Say what a table leaves out."""
    if kinds > 0:
        count = f" ({wording.counted(failures, 'failure')})" if failures else ""
        noun, _, rest = of.partition(" ")
        noun = noun.removesuffix("s") if kinds == 1 else noun
        what = f"{noun} {rest}".strip()
        yield f"... and {kinds:,} more {what}{count}"


def drawn_table(  # noqa: PLR0913 - what a table is made of
    title: str,
    header: Sequence[str],
    rows: Sequence[tuple[Sequence[str], Sequence[str]]],
    *,
    right: Sequence[int] = (),
    lines: int = 2,
    columns: int = COLUMNS,
) -> Iterator[str]:
    """Yield a table whose last column takes the room that the others leave.

    A row is its narrow cells and the paragraphs of its last cell, which are wrapped; empty ones
    are left out.
    """
    narrow = [[one_line(cell) for cell in cells] for cells, _ in rows]
    widths = [max(map(width, column)) for column in zip(header[:-1], *narrow, strict=True)]
    taken = sum(widths) + _SPACES * len(widths)
    room = columns - taken
    drawn: list[list[str]] = []
    for cells, (_, paragraphs) in zip(narrow, rows, strict=True):
        shown = [text for text in map(one_line, paragraphs) if text] or [""]
        texts = [line for text in shown for line in wrap(text, room, lines=lines)]
        drawn += [[*cells, texts[0]], *([""] * len(cells) + [text] for text in texts[1:])]
    widest = max(width(row[-1]) for row in (header, *drawn))
    widths.append(max(min(widest, COLUMNS - taken), width(header[-1])))
    rule = ["-" * each for each in widths]
    yield ""
    yield title
    for line in table([header, rule, *drawn], style="plain", right=right).splitlines():
        yield line.rstrip()
