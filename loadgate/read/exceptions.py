"""The exceptions CSV: how many exceptions tasks raised."""

from __future__ import annotations

from loadgate.errors import ResultError
from loadgate.read.cells import count, value
from loadgate.read.tables import (
    RowError,
    check_no_header,
    check_width,
    damaged,
    header,
    lacks_end,
    may_be_cut,
    numbered,
    other_form,
    rows,
)


def is_exceptions(header: list[str]) -> bool:
    """Say whether this is the header of an exceptions CSV."""
    return {"count", "message", "traceback"} <= {name.strip().lower() for name in header}


def read_exceptions(path: str, encoding: str = "utf-8") -> int:
    """Sum up the exceptions; raises ContradictionError at a malformed row."""
    total = 0
    open_end = lacks_end(path)
    with rows(path, encoding) as lines:
        columns = [name.strip().lower() for name in header(lines)]
        if not is_exceptions(columns):
            raise ResultError(
                path,
                other_form(path) or "is not a Locust exceptions CSV",
                "Its header must be Count,Message,Traceback,Nodes. If it is not one, move it away.",
            )
        place = columns.index("count")
        for line, row, last in numbered(lines):
            cut = last and open_end
            try:
                check_width(row, len(columns), cut=cut)
                if cut and place == len(columns) - 1:
                    raise RowError(may_be_cut("Count"))
                total += value("Count", row[place], count)
            except ValueError as error:
                check_no_header(path, line, row)
                raise damaged(path, line, error) from None
    return total
