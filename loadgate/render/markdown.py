"""Markdown for GitHub: escaped texts, tables that fold, documents of a bounded size."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from loadgate.render import tables
from loadgate.render.tables import Code, Column, Row, Table
from loadgate.render.terminal import grid
from loadgate.render.words import counted
from loadgate.text import cut, one_line

BYTES = 59_900
"""The document is smaller than this; GitHub refuses comments of 65,536 characters."""
_ROWS = 100  # of a table; fewer where the document would be too large
_UNFOLDED = 10  # rows of a table that are seen at once
_CELL = 160
_PLAIN = re.compile(r"[^\W_](?:[^\W_]|[ .,;()%'=-]|:(?= )|[<>](?==)|(?<=[^\W_])[/_](?=[^\W_]))*")
_LOOKS_LIKE_MORE = re.compile(r"www\.|GH-[0-9]|^[0-9]+[.)](?: |$)", re.IGNORECASE)
_PUNCTUATION = re.compile(r"(?:[.,;()' ]|:(?= ))*")
"""How words may go on behind a name."""
_BACKTICKS = re.compile("`+")
_BACKTICKS_KEPT = 3  # in a row; GitHub's parser gives up on very long runs


def escape(text: str) -> str:
    """Return a sentence that Markdown shows as it is, wherever in a line or table cell it stands.

    Plain words stay plain; everything else becomes `code`.
    """
    line = cut(one_line(text), _CELL)
    if _PLAIN.fullmatch(line) and not _LOOKS_LIKE_MORE.search(line):
        return line
    return code(text)


def code(text: str) -> str:
    """Return a name or an error text as a code span.

    That is the one place in which GitHub links, mentions, renders and formats nothing: an escaped
    `@name` outside of it would still notify people.
    """
    line = _BACKTICKS.sub(lambda run: run.group()[:_BACKTICKS_KEPT], one_line(text))
    line = cut(line, _CELL)
    if not line:
        return ""
    fence = "`" * (max(map(len, _BACKTICKS.findall(line)), default=0) + 1)
    pad = " " if line[0] == "`" or line[-1] == "`" else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def sentence(text: str, names: Iterable[str]) -> str:
    """Return a sentence with the names in it as code, wherever they stand, and words as words."""
    known = sorted((name for name in set(names) if name), key=len, reverse=True)
    if not known:
        return escape(text)
    shown = ""
    named = re.compile(rf"(?<!\w)({'|'.join(map(re.escape, known))})(?!\w)")
    for place, part in enumerate(named.split(text)):
        added = code(part) if place % 2 else _between(part) if place else _ended(part)
        # Two spans of code that touch would be one, or none.
        shown += f" {added}" if shown.endswith("`") and added.startswith("`") else added
    return " ".join(shown.split())


def _between(text: str) -> str:
    """Return words behind a name, with the punctuation that they may begin with."""
    words = _PUNCTUATION.sub("", text, count=1)
    return text[: len(text) - len(words)] + _ended(words)


def _ended(text: str) -> str:
    """Return words in front of a name, with the blanks and the colon that they may end in."""
    words = text.rstrip()
    blanks = text[len(words) :][:1]
    colon = ":" if blanks and words.endswith(":") else ""
    return escape(words.removesuffix(colon)) + colon + blanks


def section(  # noqa: PLR0913 - what a table is made of
    title: str,
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    more: str,
    *,
    right: Sequence[int] = (),
    level: int = 4,
) -> Iterator[str]:
    """Yield a table of escaped cells under its title; the rows of a long one are folded.

    `more` says what is left out, `right` are the columns of numbers.
    """
    yield ""
    yield f"{'#' * level} {title}"
    for part, folded in ((rows[:_UNFOLDED], False), (rows[_UNFOLDED:], True)):
        if not part:
            continue
        yield ""
        if folded:
            yield f"<details><summary>{len(part):,} more</summary>"
            yield ""
        cells = [[_in_cell(cell) for cell in row] for row in part]
        # Lined-up columns would only make the document larger.
        yield grid(cells, style="pipe", header=header, right=right, lined_up=False)
        if folded:
            yield ""
            yield "</details>"
    if more:
        yield ""
        yield f"*{more}*"


def _in_cell(text: str) -> str:
    """Return a text as a cell: a pipe ends one even inside of code.

    Parsers differ on whether a pipe behind two backslashes does: let there be no two.
    """
    return text.replace("\\|", "\\ |").replace("|", "\\|")


def left_out(number: int, noun: str, failures: int = 0) -> str:
    """Return how many rows there was no room for; nothing where there was."""
    more = tables.left_out(number, noun, counted(failures, "failure") if failures else "")
    return _left_out(more)


def _left_out(more: str) -> str:
    return more and f"Left out to save space: {more}."


def table_section(table: Table[Row], rows: int, level: int = 4) -> Iterator[str]:
    """Yield the first rows of a table under its title; nothing where it has none."""
    if not table.rows:
        return
    yield from section(
        table.title,
        [column.title for column in table.columns],
        [[_cell(column, row) for column in table.columns] for row in table.rows[:rows]],
        _left_out(table.left_out(rows)),
        right=[place for place, column in enumerate(table.columns) if column.numeric],
        level=level,
    )


def _cell(column: Column[Row], row: Row) -> str:
    value = column.cell(row)
    if isinstance(value, tuple):
        return " ".join(map(_text, value))
    if isinstance(value, int):
        return f"{value:,}"
    return value if column.numeric or column.own else _text(value)


def _text(text: str) -> str:
    return code(text) if isinstance(text, Code) else escape(text)


def bounded(lines: Callable[[int], Iterable[str]], rows: int = _ROWS) -> str:
    """Return a document of at most so many rows of each table; of fewer, where BYTES are less."""
    while True:
        text = "".join(f"{line}\n" for line in lines(rows))
        if len(text.encode()) < BYTES or rows <= 1:
            return text
        rows //= 2
