"""An exceptions CSV of Locust in, how many exceptions tasks raised out."""

from __future__ import annotations

from loadgate.errors import ContradictionError, ResultError
from loadgate.read.statistics import count
from loadgate.read.tables import rows


def is_exceptions(header: list[str]) -> bool:
    """Say whether this is the header of an exceptions CSV."""
    return {"count", "message", "traceback"} <= {name.strip().lower() for name in header}


def read_exceptions(path: str) -> int:
    """Sum up the exceptions; raises ContradictionError at a malformed row."""
    total = 0
    with rows(path) as lines:
        header = [name.strip().lower() for name in next(lines, [])]
        if not is_exceptions(header):
            raise ResultError(path, "is no exceptions CSV of Locust", "Move it away, or run again.")
        place = header.index("count")
        for row in lines:
            number = count(row[place]) if len(row) == len(header) else None
            if row and number is None:
                raise ContradictionError(path, f"line {lines.line_num} is cut or damaged")
            total += number or 0
    return total
