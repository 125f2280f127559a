"""The text of a result file: the rows of a CSV file, one at a time, or a document as a whole."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Protocol, TextIO

from loadgate.errors import ContradictionError, FilteredError, ResultError
from loadgate.model import FILTERED
from loadgate.read.encodings import UTF_8, encodings_of
from loadgate.read.raw import decoding, open_bytes, read_end, read_start, size_of

LONGEST_CELL = 16 * 1024 * 1024
"""Characters of one cell. Python's csv refuses more than 131,072 unless told otherwise; Locust
puts whole response bodies into the error text."""

MOST_CELLS = 10_000
"""Cells of one row; Locust writes two dozen."""

LARGEST_DOCUMENT = 64 * 1024 * 1024
"""Bytes of a JSON or HTML file, which must be read as a whole; Locust's are 1 to 2 MiB."""


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
    return decoded(read_start(path, HEAD), UTF_8)


def read_document(path: str, encoding: str = UTF_8) -> str:
    """Return the whole text of a JSON or HTML file; raises ResultError.

    What is neither UTF-8 nor told to be anything else is in the encoding that it seems to be in.
    """
    data = read_start(path, LARGEST_DOCUMENT + 1)
    if len(data) > LARGEST_DOCUMENT:
        raise ResultError(
            path,
            f"is larger than {LARGEST_DOCUMENT // 1024 // 1024} MiB",
            "Judge the CSV files of the run, which may have any size.",
        )
    name, mark = decoding(data, encoding)
    try:
        return data[mark:].decode(name)
    except UnicodeDecodeError:
        if name == UTF_8:
            name = encodings_of([path])[0].get(path, UTF_8)
        return data[mark:].decode(name, errors="replace")  # an escape would be one of JSON


def decoded(data: bytes, encoding: str = UTF_8) -> str:
    """Return the start or end of a file as text."""
    name, mark = decoding(data, encoding)
    return data[mark:].decode(name, errors="backslashreplace")


def lacks_end(path: str) -> bool:
    """Say whether the last value of a CSV file may be truncated, as its line has no end.

    Releases before 1.1, which quoted every text, left the last line open: of a file that begins
    with a quote, only the last value can tell. Raises ResultError.
    """
    if decoded(read_start(path, 64), UTF_8).startswith('"'):
        return _OPEN_QUOTE.search(_end(path)) is not None
    return ends_open(path)


def ends_open(path: str) -> bool:
    """Say whether the last line has no end, which is no damage in files of older releases."""
    return not _end(path).rstrip(b",; \t").endswith((b"\n", b"\r"))  # before empty cells, if any


def _end(path: str) -> bytes:
    return read_end(path, HEAD)[0].replace(b"\0", b"")  # every other byte of UTF-16


class Rows(Protocol):
    """What csv.reader returns."""

    @property
    def line_num(self) -> int:
        """How many lines were read."""

    def __iter__(self) -> Rows: ...

    def __next__(self) -> list[str]: ...


def lines_of(text: TextIO) -> Iterable[str]:
    """Return the lines; csv.Error at one that is longer than two of the longest cells.

    csv takes a line as a whole before it looks for cells: one of 2 GB would fill the memory.
    """
    longest = 2 * LONGEST_CELL
    if size_of(text.buffer, longest) < longest:
        return text  # as almost always, and faster
    return _checked(text, longest)


def _checked(text: TextIO, longest: int) -> Iterator[str]:
    while line := text.readline(longest):
        if len(line) == longest:
            raise csv.Error(f"a line is longer than {longest:,} characters")
        yield line


@dataclass(slots=True)
class _Row:
    """What was read of the row that is being read."""

    lines: int = 0
    cells: int = 0
    """Of lines that may have many, or that begin inside of a cell."""


class _Reader:
    """Reads rows as csv.reader does, but no empty lines, and no row of many more than MOST_CELLS.

    csv makes a list of all cells of a row before anyone can count them.
    """

    def __init__(self, text: TextIO, delimiter: str) -> None:
        self._row = _Row()
        lines = _of_few_cells(lines_of(text), delimiter, self._row)
        self._rows = csv.reader(lines, delimiter=delimiter)

    @property
    def line_num(self) -> int:
        return self._rows.line_num

    def __iter__(self) -> Rows:
        return self

    def __next__(self) -> list[str]:
        while True:
            self._row.lines = self._row.cells = 0
            row = next(self._rows)
            if row:
                return row


def _of_few_cells(lines: Iterable[str], delimiter: str, row: _Row) -> Iterator[str]:
    """Yield the lines; csv.Error at one with which its row has MOST_CELLS delimiters.

    Those in a text are none. A line that is not the first one of its row begins in a text.
    """
    cell = re.compile(rf'(?:"(?:[^"]++|"")*+"?)?+[^{delimiter}]*+({delimiter}|\Z)')
    text = re.compile(r'(?:[^"]++|"")*+"?')
    for line in lines:
        if row.lines:
            # There may be millions, most of them nothing but text.
            may_have_many = '"' in line and delimiter in line
        else:
            may_have_many = len(line) > MOST_CELLS and line.count(delimiter) >= MOST_CELLS
        if may_have_many:
            begun = text.match(line) if row.lines else None
            found = islice(cell.finditer(line, begun.end() if begun else 0), MOST_CELLS)
            row.cells += sum(1 for part in found if part[1])
            if row.cells >= MOST_CELLS:
                raise csv.Error(f"a row has more than {MOST_CELLS:,} cells")
        row.lines += 1
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
            yield _Reader(text, delimiter_of(head(path)))
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
