"""A history CSV of Locust in, what its last total says out."""

from __future__ import annotations

import csv

from loadgate.errors import ContradictionError
from loadgate.read.statistics import count, is_total
from loadgate.read.tables import rows, tail

_TAIL = 256 * 1024
_REQUESTS = ("total request count", "# requests")
_FAILURES = ("total failure count", "# failures")


def is_history(header: list[str]) -> bool:
    """Say whether this is the header of a history CSV."""
    names = {name.strip().lower() for name in header}
    return "timestamp" in names and "name" in names


NOT_GENERATED = "Error: Server was not started with option to generate full history."
"""What the web UI answers who asks for a history that there is not; scripts save it as CSV."""


def last_total(path: str) -> tuple[int, int] | None:
    """Return requests and failures of the last total; None: there is none that makes sense.

    Only the end of the file is read: a history has a row for every endpoint and second. Raises
    ResultError where the file cannot be read.
    """
    try:
        with rows(path) as lines:
            header = [name.strip().lower() for name in next(lines, [])]
        kind, name = header.index("type"), header.index("name")
        requests = next(header.index(column) for column in _REQUESTS if column in header)
        failures = next(header.index(column) for column in _FAILURES if column in header)
        found = None
        for row in csv.reader(tail(path, _TAIL).splitlines(keepends=True)):
            if len(row) == len(header) and is_total(row[kind], row[name]):
                numbers = count(row[requests]), count(row[failures])
                if numbers[0] is not None and numbers[1] is not None:
                    found = numbers[0], numbers[1]
    except (ContradictionError, ValueError, StopIteration, csv.Error):
        return None
    return found
