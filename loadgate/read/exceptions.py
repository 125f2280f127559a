"""The exceptions CSV: how many exceptions tasks raised."""

from __future__ import annotations

from loadgate.errors import ContradictionError, ResultError
from loadgate.read.cells import count, invalid
from loadgate.read.damage import check_no_header, may_be_cut, misfit, other_form
from loadgate.read.tables import COPY_AGAIN, ORIGINAL, header, lacks_end, numbered, rows


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
            number = count(row[place]) if len(row) == len(columns) else None
            cut = last and open_end and (len(row) < len(columns) or place == len(columns) - 1)
            if number is not None and not cut:
                total += number
                continue
            check_no_header(path, line, row)
            if len(row) != len(columns):
                why, remedy = misfit(row, len(columns), cut=cut)
            elif cut:
                why, remedy = may_be_cut("Count"), COPY_AGAIN
            else:
                why, remedy = invalid("Count", row[place], "whole number"), ORIGINAL
            raise ContradictionError(path, f"line {line} {why}", remedy)
    return total
