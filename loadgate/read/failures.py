"""Failures: the error texts of a run, streamed where they come from a CSV file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from loadgate.errors import ContradictionError, ResultError
from loadgate.model import Answer, FailureRow
from loadgate.name_pattern import LONGEST_NAME
from loadgate.read.cells import occurrences, value
from loadgate.read.statistics import too_long
from loadgate.read.tables import (
    Rows,
    check_no_header,
    check_unfiltered,
    check_width,
    damaged,
    ends_open,
    first_line,
    header,
    is_blank,
    lacks_end,
    may_be_cut,
    other_form,
    rows,
)

DAMAGE_TOLD = 20
COUNTS_KNOWN = 1000
_COLUMNS = ("method", "name", "error", "occurrences")
SEEN = ("First Seen", "Last Seen")
"""The columns that Locust 2.44 added."""
_TEXTS = ("method", "name", "error")


def is_failures(header: list[str]) -> bool:
    """Say whether this is the header of a failures CSV."""
    names = [name.strip().lower() for name in header]
    return all(names.count(column) == 1 for column in _COLUMNS)


class FailuresCsv:
    """The failures CSV of a run, opened anew at every pass."""

    more: tuple[str, ...]
    answers: Sequence[Answer] | None = None

    def __init__(self, path: str, *, partial: bool, encoding: str = "utf-8") -> None:
        self._path = path
        self._partial = partial
        self._encoding = encoding
        with rows(path, encoding) as lines:
            columns = header(lines)
        check_unfiltered(path, columns)
        if not columns:
            raise ResultError(path, "is empty", "Copy it again. If it was empty, Locust died.")
        if not is_failures(columns):
            raise ResultError(
                path,
                other_form(path) or "is not a Locust failures CSV",
                "Its header must be Method,Name,Error,Occurrences.",
            )
        self._others = [
            place for place, name in enumerate(columns) if name.strip().lower() not in _COLUMNS
        ]
        self.more = tuple(columns[place] for place in self._others)
        self.warnings: tuple[str, ...] = ()
        if lacks_end(path):
            last = columns[-1].strip().lower()
            what = may_be_cut(columns[-1])
            if last in _TEXTS:
                raise ResultError(path, what, "Copy it again.")
            # Of an occurrence that was cut, what is there is the least that there were.
            self.warnings = (f"{path} {what}; failures that it does not explain count as true",)

    def rows(self, damage: list[str]) -> Iterator[FailureRow]:
        """Yield the rows; a malformed one raises ContradictionError, or is told in `damage`."""
        return (row for row, _ in self._read(damage))

    def full_rows(self, damage: list[str]) -> Iterator[tuple[FailureRow, tuple[str, ...]]]:
        """Yield the rows as `rows` does, each with its other cells."""
        for row, cells in self._read(damage):
            yield row, tuple(cells[place] for place in self._others)

    def _read(self, damage: list[str]) -> Iterator[tuple[FailureRow, list[str]]]:
        """Yield each row as we take it, and as it is written."""
        malformed = 0
        try:
            with rows(self._path, self._encoding) as lines:
                width, (method, name, error, number) = self._columns(lines)
                counts: dict[str, int] = {}  # most occur again and again
                for row in lines:
                    try:
                        if len(row) != width:
                            check_width(row, width)
                        count = counts.get(row[number]) or _remembered(row[number], counts)
                    except ValueError as flaw:
                        if not is_blank(row):
                            problem = self._malformed(lines, row, width, flaw)
                            malformed += 1
                            if malformed <= DAMAGE_TOLD:
                                damage.append(f"{self._path} {problem}; left out")
                        continue
                    if len(row[name]) > LONGEST_NAME:
                        raise ResultError(
                            self._path, *too_long(len(row[name])), page="refusals#limits"
                        )
                    yield (row[method], row[name], row[error], count), row
        except ContradictionError as flaw:
            if not self._partial:
                raise
            damage.append(f"{self._path} {flaw.problem}; what follows is left out")
        if malformed > DAMAGE_TOLD:
            damage.append(f"{self._path} has {malformed - DAMAGE_TOLD:,} more such rows; left out")

    def _columns(self, lines: Rows) -> tuple[int, list[int]]:
        """Return how many columns there are, and where those of a failure are."""
        columns = [name.strip().lower() for name in header(lines)]
        if not is_failures(columns):
            raise ResultError(self._path, "was replaced while it was read")
        return len(columns), [columns.index(column) for column in _COLUMNS]

    def _malformed(self, lines: Rows, row: list[str], width: int, flaw: ValueError) -> str:
        """Return what is wrong with a row; raises ContradictionError unless it may be left out."""
        line = first_line(lines, row)
        check_no_header(self._path, line, row)
        if self._partial:
            return f"line {line} {flaw}"
        try:  # the last row may be cut
            check_width(row, width, cut=next(lines, None) is None and ends_open(self._path))
        except ValueError as cut:
            flaw = cut
        raise damaged(self._path, line, flaw)


def _remembered(text: str, counts: dict[str, int]) -> int:
    """Return a count, and remember it while there is room; ValueError where it is none."""
    count = value("Occurrences", text, occurrences)
    if len(counts) < COUNTS_KNOWN:
        counts[text] = count
    return count


class FailuresInMemory:
    """Failures that came with the statistics, in one JSON or HTML file."""

    def __init__(
        self,
        found: Sequence[FailureRow],
        seen: Sequence[tuple[str, str]] = (),
        answers: Sequence[Answer] | None = None,
    ) -> None:
        """Take the rows, and when each was seen first and last; "" is a time that is not known."""
        self._found = found
        self.answers = answers
        self._cells: Sequence[tuple[str, ...]] = [()] * len(found)
        self.more: tuple[str, ...] = ()
        if any(map(any, seen)):
            self._cells, self.more = seen, SEEN

    def rows(self, damage: list[str]) -> Iterator[FailureRow]:  # noqa: ARG002 - nothing is damaged
        """Yield the rows."""
        return iter(self._found)

    def full_rows(
        self,
        damage: list[str],  # noqa: ARG002 - nothing is damaged
    ) -> Iterator[tuple[FailureRow, tuple[str, ...]]]:
        """Yield the rows with the times at which they were seen."""
        return zip(self._found, self._cells, strict=True)
