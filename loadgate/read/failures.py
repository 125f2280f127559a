"""Sources of error texts in, failure rows out, streamed where they come from a CSV file."""

from __future__ import annotations

from collections.abc import Iterator

from loadgate.errors import ContradictionError, ResultError
from loadgate.model import FailureRow
from loadgate.read.statistics import count
from loadgate.read.tables import rows

DAMAGE_TOLD = 20
COUNTS_KNOWN = 1000
_COLUMNS = ("method", "name", "error", "occurrences")


def is_failures(header: list[str]) -> bool:
    """Say whether this is the header of a failures CSV."""
    return set(_COLUMNS) <= {name.strip().lower() for name in header}


class FailuresCsv:
    """The failures CSV of a run, opened anew at every pass."""

    def __init__(self, path: str, *, partial: bool) -> None:
        self._path = path
        self._partial = partial
        with rows(path) as lines:
            header = next(lines, None)
        if header is None:
            raise ResultError(path, "is empty", "Locust died, or the disk was full; run it again.")
        if not is_failures(header):
            raise ResultError(
                path,
                "is no failures CSV of Locust",
                "Its header is not Method,Name,Error,Occurrences.",
            )

    def rows(self, damage: list[str]) -> Iterator[FailureRow]:
        """Yield the rows; a malformed one raises ContradictionError, or is told in `damage`."""
        with rows(self._path) as lines:
            header = [name.strip().lower() for name in next(lines, [])]
            try:
                method, name, error, occurrences = (header.index(column) for column in _COLUMNS)
            except ValueError:
                raise ResultError(self._path, "was replaced while it was read") from None
            width = len(header)
            known: dict[str, int] = {}  # most counts occur again and again
            told = 0
            for row in lines:
                if len(row) == width:
                    written = row[occurrences]
                    if written in known:
                        yield row[method], row[name], row[error], known[written]
                        continue
                    number = count(written)
                    if number is not None:
                        if len(known) < COUNTS_KNOWN:
                            known[written] = number
                        yield row[method], row[name], row[error], number
                        continue
                    problem = f"occurrences that are no whole number: {written[:40]!r}"
                elif row:
                    problem = f"{len(row)} columns instead of {width}: it is cut or damaged"
                else:
                    continue
                told += 1
                where = f"line {lines.line_num} has {problem}"
                if not self._partial:
                    raise ContradictionError(self._path, where)
                if told <= DAMAGE_TOLD:
                    damage.append(f"{self._path}: {where}; left out")
            if told > DAMAGE_TOLD:
                damage.append(f"{self._path}: {told - DAMAGE_TOLD:,} more such rows left out")


class FailuresInMemory:
    """Failures that came with the statistics, in one JSON or HTML file."""

    def __init__(self, found: list[FailureRow]) -> None:
        self._found = found

    def rows(self, damage: list[str]) -> Iterator[FailureRow]:  # noqa: ARG002 - nothing is damaged
        """Yield the rows."""
        return iter(self._found)
