"""Tables described once, for outputs that show them as text, as Markdown and as HTML."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from datetime import datetime
from typing import Generic, TypeVar

from loadgate.render.words import counted

Row = TypeVar("Row")


class Code(str):
    """A name or an error text, which Markdown and HTML show as code."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What stands in a cell that is more than a text, not yet escaped for any format."""

    text: str
    mark: str = ""
    """A state, which stands out, by the name that decides how it looks: "failed"."""
    remark: str = ""
    """What is said beside the text."""
    details: tuple[str, ...] = ()
    """What is said below that where there is room."""
    link: str = ""
    """The address that the text leads to, if it is a web address."""
    time: datetime | None = None
    """The time that the text says."""
    hint: str = ""
    """What a page tells of it under a pointer, and nobody needs to know."""
    used: float | None = None
    """The share of a budget that was used, 0 to 1."""


Content = int | str | tuple[str, ...] | Cell


@dataclass(frozen=True, slots=True)
class Column(Generic[Row]):
    """A column of a table."""

    title: str
    cell: Callable[[Row], Content]
    """Parts of a tuple stand side by side."""
    _: KW_ONLY
    numeric: bool = False
    wide: bool = False
    """Text shows the wide cells of a row one below the other, in the room that the rest leaves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table(Generic[Row]):
    """A table that knows how to say what of it is left out."""

    id: str = ""
    """In a page that links to it."""
    title: str
    columns: Sequence[Column[Row]]
    """Wide ones last; in a page the first one names the row."""
    rows: Sequence[Row]
    rest: Sequence[Row] = ()
    """Rows that there is no room for."""
    noun: str
    """What a row is: "endpoint"."""
    note: Callable[[Sequence[Row]], str] = lambda _: ""
    """What is said of rows that are left out: "12 failures"."""
    lines: int = 2
    """Of each wide cell in text; what is longer loses its middle."""
    unfolded: int = 10
    """Rows that a page shows at once; the others unfold."""

    def first(self, rows: int) -> Table[Row]:
        """Return the table with so many rows at most."""
        return replace(self, rows=self.rows[:rows], rest=[*self.rows[rows:], *self.rest])

    @property
    def fold(self) -> str:
        """Say what unfolds: "12 more", or "12 runs" where no row is seen at once; "": nothing."""
        folded = len(self.rows) - self.unfolded
        if folded <= 0:
            return ""
        return f"{folded:,} more" if self.unfolded else counted(folded, self.noun)

    @property
    def left_out(self) -> str:
        """Say how many rows there are besides: "7 more endpoints (12 failures)"; "": none."""
        if not self.rest:
            return ""
        note = self.note(self.rest)
        return counted(len(self.rest), f"more {self.noun}") + (f" ({note})" if note else "")
