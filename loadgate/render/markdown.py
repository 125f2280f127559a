"""Markdown for GitHub and GitLab: escaped texts, tables that fold, documents of a bounded size."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from loadgate.published import subject
from loadgate.render.tables import Cell, Code, Column, Row, Table
from loadgate.render.terminal import grid
from loadgate.text import cut, one_line

BYTES = 59_900
"""The document is smaller than this; GitHub refuses comments of 65,536 characters."""
BADGES = {
    "passed": "✅ ",
    "failed": "❌ ",
    "no-evidence": "⚠️ ",
    "FAILED": "❌ ",
    "warning": "⚠️ ",
    "skipped": "⏭️ ",
}
"""What stands before a state, which is in lower case behind it."""
_ROWS = 100  # of a table; fewer where the document would be too large
_CELL = 160
_SENTENCE = 320
_PLAIN = re.compile(
    r"[^\W_](?:[^\W_]|[ .,;()'=-]|(?<=[0-9])%(?!\w)|:(?= )|[<>](?==)|(?<=[^\W_])[/_](?=[^\W_]))*"
)
# Among plain words: links, lists, issues of GitHub and Jira, to which GitLab adds a comment.
_LOOKS_LIKE_MORE = re.compile(
    r"(?i:www\.|GH-[0-9])|^[0-9]+[.)](?: |$)|\b(?!UTF-)[A-Z][A-Z0-9_]+-[0-9]"
)
_PUNCTUATION = re.compile(r"(?:[.,;()' ]|:(?= )|(?<=\()[0-9,]+(?=\)))*")
"""How words may go on behind a name, or a count of its requests."""
_ADDRESS = re.compile(r"https?://[A-Za-z0-9:/?#@!$+,;=&._~%-]{1,1000}")
"""What addresses are made of as long as they are harmless in Markdown and HTML."""
_BACKTICKS = re.compile("`+")
_BACKTICKS_KEPT = 3  # in a row; GitHub's parser gives up on very long runs


def escape(text: str, columns: int = _CELL) -> str:
    """Return a sentence that Markdown shows as it is, wherever in a line or table cell it stands.

    Plain words stay plain; everything else becomes `code`.
    """
    line = cut(one_line(text), columns)
    if _PLAIN.fullmatch(line) and not _LOOKS_LIKE_MORE.search(line):
        return line
    return code(text)


def code(text: str) -> str:
    """Return a name or an error text as a code span.

    That is the one place in which GitHub and GitLab link, mention, render and format nothing: an
    escaped `@name` outside of it would still notify people.
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
    known = sorted({name for name in names if name and name in text}, key=len, reverse=True)
    if not known:
        return escape(text, _SENTENCE)
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
    return escape(words.removesuffix(colon), _SENTENCE) + colon + blanks


def table_section(table: Table[Row], rows: int | None = None, level: int = 4) -> Iterator[str]:
    """Yield the first rows of a table under its title; nothing where it has none.

    The rows of a long table are folded.
    """
    if not table.rows:
        return
    table = table if rows is None else table.first(rows)
    header = [column.title for column in table.columns]
    right = [place for place, column in enumerate(table.columns) if column.numeric]
    cells = [[_in_table(column, row) for column in table.columns] for row in table.rows]
    yield ""
    yield f"{'#' * level} {table.title}"
    # Lined-up columns would only make the document larger.
    draw = partial(grid, style="pipe", header=header, right=right, lined_up=False)
    if table.unfolded:
        yield ""
        yield draw(cells[: table.unfolded])
    if table.fold:
        yield ""
        yield f"<details><summary>{table.fold}</summary>"
        yield ""
        yield draw(cells[table.unfolded :])
        yield ""
        yield "</details>"
    if table.left_out:
        yield ""
        yield f"*Left out to save space: {table.left_out}.*"


def _in_table(column: Column[Row], row: Row) -> str:
    """Return a cell as a table may hold it: a pipe ends one even inside of code.

    Parsers differ on whether a pipe behind two backslashes does: let there be no two.
    """
    match content := column.cell(row):
        case int():
            text = f"{content:,}"
        case tuple():
            text = " ".join(map(_text, content))
        case Cell():
            text = _rich(content, numeric=column.numeric)
        case _:
            text = content if column.numeric else _text(content)
    return text.replace("\\|", "\\ |").replace("|", "\\|")


def _text(text: str) -> str:
    return code(text) if isinstance(text, Code) else escape(text)


def _rich(cell: Cell, *, numeric: bool) -> str:
    ours = numeric or cell.mark or cell.time  # no text of a run
    text = (
        BADGES.get(cell.mark, "") + (cell.text.lower() if cell.mark else cell.text)
        if ours
        else _text(cell.text)
    )
    if address := link(cell.link):
        text = f"[{text}]({address})"
    return f"{text} ({escape(cell.remark)})" if cell.remark else text


def link(address: str) -> str:
    """Return an address as Markdown may hold it; nothing where it is no plain web address.

    Where it is not certain to end where it should, or something in it is masked, only the name
    is shown.
    """
    return address if _ADDRESS.fullmatch(address) else ""


def page_link(address: str) -> str:
    """Return a link to a published page."""
    return f"[{subject(address)}]({address})"


def bounded(lines: Callable[[int], Iterable[str]], rows: int = _ROWS) -> str:
    """Return a document of at most so many rows of each table; of fewer, where BYTES are less."""
    while True:
        text = "".join(f"{line}\n" for line in lines(rows))
        if len(text.encode()) < BYTES or rows <= 1:
            return text
        rows //= 2
