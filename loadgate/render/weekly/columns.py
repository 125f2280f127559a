"""What a table of the weekly report is made of, for any format: columns and their cells."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import datetime
from typing import Generic, Literal, TypeVar

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What stands in a cell, not yet escaped for any format."""

    text: str
    style: Literal["text", "name", "code", "mark"] = "text"
    """name: as long as people write them; code: an error text, or a name that is not prose; mark: a
    state, which stands out."""
    mark: str = ""
    """What decides how a mark looks: "failed"."""
    remark: str = ""
    """What is said beside the text."""
    details: tuple[str, ...] = ()
    """What is said below that where there is room."""
    link: str = ""
    """The address that the text leads to, if it is a web address."""
    time: datetime | None = None
    """The time that the text says."""
    used: float | None = None
    """The share of a budget that was used, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Column(Generic[Row]):
    """One column of a table."""

    title: str
    cell: Callable[[Row], Cell | str]
    _: KW_ONLY
    numeric: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table(Generic[Row]):
    """What a table shows; the first cell of each row names it."""

    id: str
    title: str
    columns: tuple[Column[Row], ...]
    rows: Sequence[Row]
    unfolded: int = 10
    """Rows that are seen at once; the others unfold."""
    left_out: str = ""
    """What there was no room for."""

    @property
    def cells(self) -> list[list[Cell]]:
        """The cells of all rows."""
        return [[_cell(column.cell(row)) for column in self.columns] for row in self.rows]


def _cell(value: Cell | str) -> Cell:
    return Cell(text=value) if isinstance(value, str) else value
