"""Damage: what is wrong with a CSV file or one of its rows, and what to do about it."""

from __future__ import annotations

import csv

from loadgate.errors import ResultError
from loadgate.read.encodings import UTF_8
from loadgate.read.raw import foreign, read_start
from loadgate.read.tables import COPY_AGAIN, HEAD, ORIGINAL, decoded, is_header


def other_form(path: str) -> str | None:
    """Say what a file is that should be a CSV file of Locust, and what to do; None: who knows."""
    start = read_start(path, HEAD)
    first = next(csv.reader(decoded(start, UTF_8).splitlines()[:1]), [])
    if len(first) == 1 and is_header(next(csv.reader(first), [])):
        return (
            "has each row in a single cell: a spreadsheet opened it with the wrong separator; use"
            " the file as Locust wrote it"
        )
    return foreign(start)


def check_no_header(path: str, line: int, row: list[str]) -> None:
    """Raise ResultError where a row that is none is the header of another file."""
    if is_header(row):
        raise ResultError(
            path,
            f"line {line} is a second header: several files were joined",
            "Name the files that Locust wrote, each by itself.",
        )


def in_one_cell(row: list[str]) -> bool:
    """Say whether what were several cells is one, which Locust never writes."""
    return len(row) == 1 and "," in row[0]


def misfit(row: list[str], width: int, *, cut: bool = False) -> tuple[str, str]:
    """Say why a row has another number of cells than the header, and what to do.

    `cut`: it is the last one, and its line has no end.
    """
    if in_one_cell(row):
        return "is in one cell: a spreadsheet opened the file with the wrong separator", ORIGINAL
    if cut and len(row) < width:
        return "is truncated: the file ends in the middle of the row", COPY_AGAIN
    return f"has {len(row)} columns instead of {width}", COPY_AGAIN


def may_be_cut(column: str) -> str:
    """Say that the last value of a file, in this column, has no line break behind it."""
    return f'does not end with a line break, so its last "{column}" may be truncated'
