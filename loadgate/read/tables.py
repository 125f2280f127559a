"""Tables: the rows of a CSV file, one at a time, and what can be wrong with them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from typing import TextIO

from loadgate.errors import ContradictionError, FilteredError, ResultError
from loadgate.model import FILTERED
from loadgate.read.encodings import UTF_8
from loadgate.read.raw import decoding, foreign, open_bytes, read_end, read_start, size_of

LONGEST_CELL = 16 * 1024 * 1024
"""Characters of one cell. Python's csv refuses more than 131,072 unless told otherwise; Locust
puts whole response bodies into the error text."""

MOST_CELLS = 10_000
"""Cells of one row; Locust writes two dozen."""

COPY_AGAIN = (
    "Copy the file again. If Locust left it like that, run the test again, or judge what is there"
    " with --allow-partial."
)
"""What to do about a file that Locust may have left so: cut, or with half a row of a text that it
could not write (2.8.6 and a NUL)."""

ORIGINAL = (
    "Use the files as Locust wrote them, unchanged, or judge what is there with --allow-partial."
)
"""What to do about damage that Locust does not do."""

HEAD = 64 * 1024
"""Bytes that tell what a file is: a name or text that comes first in it may be long."""
_DELIMITERS = ",;\t"
"""Between the cells: what Locust writes, and what a spreadsheet writes where a comma is decimal."""
_PREAMBLE = re.compile(r'"?(?:sep=|#TYPE )', re.IGNORECASE)
"""How a line for Excel, or of PowerShell's Export-Csv, begins that stands before the header."""
_OPEN_QUOTE = re.compile(rb'[,;\t]"[^",;\t\r\n]*\Z')
_BESIDE_A_NAME = {"type", "method", "timestamp", "error", "# requests", "request count"}
"""One of these columns has any header that has names; its first cell may be glued to a number."""


def head(path: str) -> str:
    """Return how a file begins, which tells what it is; raises ResultError."""
    return decoded(read_start(path, HEAD))


def decoded(data: bytes, encoding: str = UTF_8) -> str:
    """Return the start or end of a file as text."""
    name, mark = decoding(data, encoding)
    return data[mark:].decode(name, errors="backslashreplace")


def lacks_end(path: str) -> bool:
    """Say whether the last value of a CSV file may be truncated, as its line has no end.

    Releases before 1.1, which quoted every text, left the last line open: of a file that begins
    with a quote, only the last value can tell. Raises ResultError.
    """
    if decoded(read_start(path, 64)).startswith('"'):
        return _OPEN_QUOTE.search(_end(path)) is not None
    return ends_open(path)


def ends_open(path: str) -> bool:
    """Say whether the last line has no end, which is no damage in files of older releases."""
    return not _end(path).rstrip(b",; \t").endswith((b"\n", b"\r"))  # before empty cells, if any


def _end(path: str) -> bytes:
    return read_end(path, HEAD)[0].replace(b"\0", b"")  # every other byte of UTF-16


class Rows:
    """The rows of a CSV file that are not empty; csv.Error at one that is too large.

    csv takes a whole line, and makes a list of all cells of a row, before anyone can count them: a
    line of 2 GB, or a row of millions of cells, would fill the memory.
    """

    def __init__(self, text: TextIO, delimiter: str) -> None:
        self._delimiter = delimiter
        self._lines = self._cells = 0  # that were read of the current row
        self._rows = csv.reader(self._checked(text), delimiter=delimiter)

    @property
    def line_num(self) -> int:
        """How many lines were read."""
        return self._rows.line_num

    def __iter__(self) -> Rows:
        return self

    def __next__(self) -> list[str]:
        row: list[str] = []
        while not row:
            self._lines = self._cells = 0
            row = next(self._rows)
        return row

    def _checked(self, text: TextIO) -> Iterator[str]:
        """Yield the lines, as long as neither they nor their row are too large."""
        delimiter = self._delimiter
        for line in _lines(text):
            if self._lines:  # there may be millions, most of them nothing but text
                may_have_many = '"' in line and delimiter in line
            else:
                may_have_many = len(line) > MOST_CELLS and line.count(delimiter) >= MOST_CELLS
            if may_have_many:
                self._count_cells(line)
            self._lines += 1
            yield line

    def _count_cells(self, line: str) -> None:
        """Count the delimiters in a line, but for those in a text, in which a later line begins."""
        text = r'(?:[^"]++|"")*+"?'
        cell = re.compile(rf'(?:"{text})?+[^{self._delimiter}]*+({self._delimiter}|\Z)')
        begun = re.match(text, line) if self._lines else None
        cells = islice(cell.finditer(line, begun.end() if begun else 0), MOST_CELLS)
        self._cells += sum(1 for match in cells if match[1])
        if self._cells >= MOST_CELLS:
            raise csv.Error(f"a row has more than {MOST_CELLS:,} cells")


def _lines(text: TextIO) -> Iterable[str]:
    """Return the lines; csv.Error at one that is longer than two of the longest cells."""
    longest = 2 * LONGEST_CELL
    if size_of(text.buffer, longest) < longest:
        return text  # as almost always, and faster
    return _no_longer_than(longest, text)


def _no_longer_than(longest: int, text: TextIO) -> Iterator[str]:
    while line := text.readline(longest):
        if len(line) == longest:
            raise csv.Error(f"a line is longer than {longest:,} characters")
        yield line


@contextmanager
def opened(path: str, encoding: str = UTF_8) -> Iterator[TextIO]:
    """Open a text file, unpacked where it is gzipped; raises ResultError.

    Bytes that are not of the encoding are kept as escapes, the same in every file, so that names
    still agree between them.
    """
    with open_bytes(path) as file:
        name, mark = decoding(file.read(64), encoding)
        file.seek(mark)
        yield io.TextIOWrapper(file, name, errors="backslashreplace", newline="")


@contextmanager
def rows(path: str, encoding: str = UTF_8) -> Iterator[Rows]:
    """Open a CSV file and give its rows, the header first; raises ResultError."""
    limit = csv.field_size_limit(LONGEST_CELL)  # global in Python, so it is put back
    try:
        with opened(path, encoding) as text:
            yield Rows(text, delimiter_of(head(path)))
    except csv.Error as error:
        raise ContradictionError(path, f"is not valid CSV: {error}", ORIGINAL) from error
    finally:
        csv.field_size_limit(limit)


def delimiter_of(start: str) -> str:
    """Return what is between the cells of a header; a comma where that is not clear."""
    found = (line for line in start.splitlines() if line.strip(',; \t"'))
    line = next((line for line in found if not _PREAMBLE.match(line)), "")
    for delimiter in _DELIMITERS:
        if is_header(next(csv.reader([line], delimiter=delimiter), [])):
            return delimiter
    return ","


def is_header(row: list[str]) -> bool:
    """Say whether a row is the header of any CSV file of Locust."""
    names = {cell.strip("\ufeff \t").lower() for cell in row}
    if "name" in names:
        return not names.isdisjoint(_BESIDE_A_NAME)
    return {"message", "traceback"} <= names


def is_blank(row: list[str]) -> bool:
    """Say whether there is nothing in a row, as in those that a spreadsheet adds."""
    return not any(cell.strip() for cell in row)


def header(lines: Iterable[list[str]]) -> list[str]:
    """Return the first row that is not blank, nor for a spreadsheet; empty: there is none."""
    found = (row for row in lines if not (is_blank(row) or _PREAMBLE.match(row[0])))
    return next(found, [])


def places(header: list[str], columns: Mapping[str, Iterable[str]]) -> dict[str, int]:
    """Return where the columns are that a header has, each known by one of several names."""
    names = [name.strip().lower() for name in header]
    return {
        column: names.index(name)
        for column, known in columns.items()
        for name in known
        if name in names
    }


def check_unfiltered(path: str, header: list[str]) -> None:
    """Raise FilteredError for a file of `check --output csv`, in which failures are missing."""
    for cell in header:
        _, mark, original = cell.partition(FILTERED)
        if mark:
            raise FilteredError(
                path,
                f"was written by loadgate and lacks the expected failures of {original}",
                f"Use the files that Locust wrote: {original}.",
            )


def first_line(lines: Rows, row: list[str]) -> int:
    """Return the number of the line in which the row begins that was just read."""
    return lines.line_num - sum(
        cell.count("\n") + cell.count("\r") - cell.count("\r\n") for cell in row
    )


def numbered(lines: Rows) -> Iterator[tuple[int, list[str], bool]]:
    """Yield the line in which each row begins that is not blank, the row, and if it is the last."""
    waiting: tuple[int, list[str]] | None = None
    for row in lines:
        if is_blank(row):
            continue
        if waiting is not None:
            yield *waiting, False
        waiting = first_line(lines, row), row
    if waiting is not None:
        yield *waiting, True


# --- damage ---------------------------------------------------------------------------------------


class RowError(ValueError):
    """A row that Locust may have left so, as it has too few or too many cells."""


def check_width(row: list[str], width: int, *, cut: bool = False) -> None:
    """Raise ValueError for a row that has another number of cells than the header.

    `cut`: it is the last one, and its line has no end.
    """
    if len(row) == width:
        return
    if len(row) == 1 and "," in row[0]:  # which Locust never writes
        raise ValueError("is in one cell: a spreadsheet opened the file with the wrong separator")
    if cut and len(row) < width:
        raise RowError("is truncated: the file ends in the middle of the row")
    raise RowError(f"has {len(row)} columns instead of {width}")


def may_be_cut(column: str) -> str:
    """Say that the last value of a file, in this column, has no line break behind it."""
    return f'does not end with a line break, so its last "{column}" may be truncated'


def damaged(path: str, line: int, error: ValueError) -> ContradictionError:
    """Return the error about a damaged row, with what to do about it."""
    remedy = COPY_AGAIN if isinstance(error, RowError) else ORIGINAL
    return ContradictionError(path, f"line {line} {error}", remedy)


def check_no_header(path: str, line: int, row: list[str]) -> None:
    """Raise ResultError where a damaged row is the header of another file."""
    if is_header(row):
        raise ResultError(
            path,
            f"line {line} is a second header: several files were joined",
            "Name the files that Locust wrote, each by itself.",
        )


def other_form(path: str) -> str | None:
    """Say what a file is that should be a CSV file of Locust, and what to do; None: who knows."""
    start = read_start(path, HEAD)
    first = next(csv.reader(decoded(start).splitlines()[:1]), [])
    if len(first) == 1 and is_header(next(csv.reader(first), [])):
        return (
            "has each row in a single cell: a spreadsheet opened it with the wrong separator; use"
            " the file as Locust wrote it"
        )
    return foreign(start)
