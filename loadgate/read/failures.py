"""Failures: the error texts of a run, streamed where they come from a CSV file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from loadgate.errors import ContradictionError, ResultError
from loadgate.model import FailureRow
from loadgate.name_pattern import LONGEST_NAME
from loadgate.read.cells import count, invalid
from loadgate.read.damage import check_no_header, may_be_cut, misfit, other_form
from loadgate.read.statistics import too_long
from loadgate.read.tables import (
    ORIGINAL,
    Rows,
    check_unfiltered,
    ends_open,
    first_line,
    header,
    is_blank,
    lacks_end,
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


def occurrences_in(text: str) -> int | None:
    """Return a number of occurrences; None: it is none.

    Locust never writes 0 of an error. Where it does not escape the error text (CSV files before
    1.1, reports before 2.10.2), a server could end its own row with one, and begin another row
    whose text a rule excuses.
    """
    return count(text) or None


def invalid_count(text: str) -> str:
    """Say why a text is no number of occurrences."""
    return invalid("Occurrences", text, "number of failures")


class FailuresCsv:
    """The failures CSV of a run, opened anew at every pass."""

    more: tuple[str, ...]

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
                width, (method, name, error, occurrences) = self._columns(lines)
                known: dict[str, int] = {}  # most counts occur again and again
                for row in lines:
                    if len(row) == width:
                        text = row[occurrences]
                        number = known.get(text) or _remembered(text, known)
                        if len(row[name]) > LONGEST_NAME:
                            raise ResultError(self._path, *too_long(len(row[name])))
                        if number is not None:
                            yield (row[method], row[name], row[error], number), row
                            continue
                    if not is_blank(row):
                        problem = self._malformed(lines, row, width, occurrences)
                        malformed += 1
                        if malformed <= DAMAGE_TOLD:
                            damage.append(f"{self._path} {problem}; left out")
        except ContradictionError as error_:
            if not self._partial:
                raise
            damage.append(f"{self._path} {error_.problem}; what follows is left out")
        if malformed > DAMAGE_TOLD:
            damage.append(f"{self._path} has {malformed - DAMAGE_TOLD:,} more such rows; left out")

    def _columns(self, lines: Rows) -> tuple[int, list[int]]:
        """Return how many columns there are, and where those of a failure are."""
        columns = [name.strip().lower() for name in header(lines)]
        if not is_failures(columns):
            raise ResultError(self._path, "was replaced while it was read")
        return len(columns), [columns.index(column) for column in _COLUMNS]

    def _malformed(self, lines: Rows, row: list[str], width: int, occurrences: int) -> str:
        """Return what is wrong with a row; raises ContradictionError unless it may be left out."""
        line = first_line(lines, row)
        check_no_header(self._path, line, row)
        if len(row) == width:
            problem, remedy = invalid_count(row[occurrences]), ORIGINAL
        else:
            cut = not self._partial  # else what follows is needed
            cut = cut and next(lines, None) is None and ends_open(self._path)
            problem, remedy = misfit(row, width, cut=cut)
        problem = f"line {line} {problem}"
        if not self._partial:
            raise ContradictionError(self._path, problem, remedy)
        return problem


def _remembered(text: str, known: dict[str, int]) -> int | None:
    """Return a count, and remember it while there is room; None: it is none."""
    number = occurrences_in(text)
    if number is not None and len(known) < COUNTS_KNOWN:
        known[text] = number
    return number


class FailuresInMemory:
    """Failures that came with the statistics, in one JSON or HTML file."""

    def __init__(self, found: Sequence[FailureRow], seen: Sequence[tuple[str, str]] = ()) -> None:
        """Take the rows, and when each was seen first and last; "" is a time that is not known."""
        self._found = found
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
