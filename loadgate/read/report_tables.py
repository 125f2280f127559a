"""Report tables: the cells of the tables in an older HTML report.

Locust through 2.20 wrote error texts into these tables, before 2.10.2 without escaping them. So
this is no parser of HTML, which would obey what a text says: it knows the template, takes all up
to the end of a cell for the text, and refuses what the template cannot have written.
"""

from __future__ import annotations

import html
import re

_HEADING = r"<h2>\s*{}\s*</h2>"
_OPENING = re.compile(r"\s*<table(?: [^<>]*)?>")
_GROUP = re.compile(r"\s*</?(?:thead|tbody)(?: [^<>]*)?>")
_ROW = re.compile(r"\s*<tr(?: [^<>]*)?>")
_CELL = re.compile(r"\s*<(td|th)(?: [^<>]*)?>")
_END_OF_ROW = re.compile(r"\s*</tr>")
_END = re.compile(r"\s*</table>")

Table = list[list[str]]


MOST_CELLS = 1_000_000
"""Cells of one table, each of which takes twenty times the memory of `<td></td>`."""


class DamagedTableError(Exception):
    """What the template cannot have written; its text goes on behind the name of a report."""


def has_table(page: str, title: str) -> bool:
    """Say whether the page has a table with this heading."""
    return re.search(_HEADING.format(re.escape(title)), page) is not None


def table(page: str, title: str) -> Table:
    """Return the rows of the table below a heading, the column names first; none: no such table.

    Raises DamagedTableError where there are two such tables or where one is not as the template
    has it.
    """
    headings = list(re.finditer(_HEADING.format(re.escape(title)), page))
    if not headings:
        return []
    if len(headings) > 1:  # a text may hold the heading, and another table
        raise DamagedTableError(f'has two tables "{title}"')
    try:
        return _Scanner(page, headings[0].end()).rows()
    except ValueError:
        raise DamagedTableError(f'has a damaged row in its table "{title}"') from None


class _Scanner:
    """Goes through the page from behind a heading on; ValueError: it is not as it should be."""

    def __init__(self, page: str, at: int) -> None:
        self._page = page
        self._at = at

    def rows(self) -> Table:
        """Return the rows of the table that begins here."""
        self._must(_OPENING)
        found: Table = []
        cells = 0
        while not self._next(_END):
            if not self._next(_GROUP):
                self._must(_ROW)
                found.append(self._cells())
                cells += len(found[-1])
                if cells > MOST_CELLS:
                    raise DamagedTableError(f"has a table of more than {MOST_CELLS:,} cells")
        return found

    def _cells(self) -> list[str]:
        cells = []
        while not self._next(_END_OF_ROW):
            name = self._must(_CELL).group(1)
            end = self._page.index(f"</{name}>", self._at)
            cells.append(html.unescape(self._page[self._at : end]))
            self._at = end + len(f"</{name}>")
            if len(cells) > MOST_CELLS:
                break
        return cells

    def _next(self, part: re.Pattern[str]) -> bool:
        found = part.match(self._page, self._at)
        if found:
            self._at = found.end()
        return found is not None

    def _must(self, part: re.Pattern[str]) -> re.Match[str]:
        found = part.match(self._page, self._at)
        if found is None:
            raise ValueError(part.pattern)
        self._at = found.end()
        return found
