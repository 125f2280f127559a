"""A CSV file of Locust in, its header and rows out, a row at a time and bounded in memory."""

from __future__ import annotations

import csv
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol, TextIO

from loadgate.errors import ContradictionError, ResultError

LONGEST_CELL = 16 * 1024 * 1024
"""Characters of one cell. Python's csv refuses more than 131,072 unless told otherwise; Locust
puts whole response bodies into the error text."""

LARGEST_DOCUMENT = 64 * 1024 * 1024
"""Bytes of a JSON or HTML file, which must be read as a whole; Locust's are 1 to 2 MiB."""

_HEAD = 64 * 1024
"""Bytes that tell what a file is: a name or text that comes first in it may be long."""
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def check_regular(path: str) -> None:
    """Raise ResultError unless `path` is a regular file: reading a pipe or device could block."""
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError) as error:
        raise ResultError(path, _reason(error), "Check the path.") from error
    if stat.S_ISDIR(mode):
        raise ResultError(path, "is a folder, not a file", "Name a file in it.")
    if not stat.S_ISREG(mode):
        raise ResultError(path, "is not a regular file", "Copy its content into a file first.")


def _reason(error: OSError | ValueError) -> str:
    return getattr(error, "strerror", None) or str(error)


def head(path: str) -> str:
    """Return how a file begins, which tells what it is; raises ResultError."""
    return _decoded(_read(path, _HEAD))


def read_document(path: str) -> str:
    """Return the whole text of a JSON or HTML file; raises ResultError."""
    data = _read(path, LARGEST_DOCUMENT + 1)
    if len(data) > LARGEST_DOCUMENT:
        raise ResultError(
            path,
            f"is larger than {LARGEST_DOCUMENT // 1024 // 1024} MiB",
            "Judge the CSV files of the run, which may have any size.",
        )
    return _decoded(data)


def _read(path: str, most: int) -> bytes:
    check_regular(path)
    try:
        with open(path, "rb") as file:
            return file.read(most)
    except OSError as error:
        raise ResultError(path, f"cannot be read: {_reason(error)}") from error


def _decoded(data: bytes) -> str:
    return data.decode(_encoding(data), errors="backslashreplace")


def _encoding(data: bytes) -> str:
    return next((name for bom, name in _BOMS if data.startswith(bom)), "utf-8")


@contextmanager
def opened(path: str) -> Iterator[TextIO]:
    """Open a text file that Locust wrote; what cannot be read raises ResultError.

    Locust writes in the encoding of its locale. Bytes that are not UTF-8 are kept as escapes, the
    same in every file, so that names still agree between them.
    """
    encoding = _encoding(_read(path, _HEAD))
    try:
        with open(path, encoding=encoding, errors="backslashreplace", newline="") as text:
            yield text
    except OSError as error:
        raise ResultError(path, f"cannot be read: {_reason(error)}") from error


def is_cut(path: str) -> bool:
    """Say whether the last line of a CSV file has no end, as it has since Locust 1.1.

    Older releases quoted every cell, and left the last line open. Raises ResultError.
    """
    try:
        with open(path, "rb") as file:
            start = file.read(4)
            file.seek(-min(2, os.fstat(file.fileno()).st_size), os.SEEK_END)
            end = file.read()
    except OSError as error:
        raise ResultError(path, f"cannot be read: {_reason(error)}") from error
    return start.removeprefix(b"\xef\xbb\xbf")[:1] != b'"' and not end.endswith((b"\n", b"\n\0"))


class Rows(Protocol):
    """What csv.reader returns."""

    line_num: int

    def __iter__(self) -> Rows: ...

    def __next__(self) -> list[str]: ...


def _lines(text: TextIO) -> Iterable[str]:
    """Return the lines; csv.Error at one that is longer than two of the longest cells.

    csv takes a line as a whole before it looks for cells: one of 2 GB would fill the memory.
    """
    longest = 2 * LONGEST_CELL
    if os.fstat(text.fileno()).st_size < longest:
        return text  # as almost always, and faster
    return _checked(text, longest)


def _checked(text: TextIO, longest: int) -> Iterator[str]:
    while line := text.readline(longest):
        if len(line) == longest:
            raise csv.Error(f"a line is longer than {longest:,} characters")
        yield line


@contextmanager
def rows(path: str) -> Iterator[Rows]:
    """Open a CSV file and give its rows, the header first; raises ResultError."""
    limit = csv.field_size_limit(LONGEST_CELL)  # global in Python, so it is put back
    try:
        with opened(path) as text:
            yield csv.reader(_lines(text))
    except csv.Error as error:
        raise ContradictionError(path, f"is no sound CSV file: {error}") from error
    finally:
        csv.field_size_limit(limit)
