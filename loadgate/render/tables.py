"""Tables described once, for outputs that show them as text and as Markdown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Generic, TypeVar

from loadgate.render.words import counted

Row = TypeVar("Row")
Cell = int | str | tuple[str, ...]


class Code(str):
    """A name or an error text, which Markdown shows as code."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Column(Generic[Row]):
    """A column of a table."""

    title: str
    cell: Callable[[Row], Cell]
    """Parts of a tuple stand side by side."""
    _: KW_ONLY
    numeric: bool = False
    own: bool = False
    """The cells are loadgate's own words, which nothing has to escape."""
    wide: bool = False
    """Text shows the wide cells of a row one below the other, in the room that the rest leaves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table(Generic[Row]):
    """A table that knows how to say what of it is left out."""

    title: str
    columns: Sequence[Column[Row]]
    """Wide ones last."""
    rows: Sequence[Row]
    noun: str
    """What a row is: "endpoint"."""
    note: Callable[[Sequence[Row]], str] = lambda _: ""
    """What is said of rows that are left out: "12 failures"."""
    lines: int = 2
    """Of each wide cell in text; what is longer loses its middle."""

    def left_out(self, shown: int) -> str:
        """Return how many rows there are besides the first; "": none."""
        rest = self.rows[shown:]
        return left_out(len(rest), self.noun, self.note(rest))


def left_out(number: int, noun: str, note: str = "") -> str:
    """Return "7 more endpoints (12 failures)"; "": there are none."""
    if number <= 0:
        return ""
    return counted(number, f"more {noun}") + (f" ({note})" if note else "")
