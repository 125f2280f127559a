"""Counts as JSON: the part of the document that a part of the journal has, too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from loadgate.recording.counts import WIDTHS, Counts, Key, Mark
from loadgate.recording.histogram import Cell


def to_json(counts: Counts) -> dict[str, Any]:
    """Return the counts as a document has them; equal counts give equal documents."""
    keys = sorted(counts.keys, key=repr)
    place = {key: number for number, key in enumerate(keys)}
    cells = sorted(
        ((place[key], second, cell) for (second, key), cell in counts.cells.items()),
        key=lambda entry: entry[:2],
    )
    texts = ([place[key], text, count] for (key, text), count in counts.texts.items())
    return {
        "width": counts.width,
        "keys": [key._asdict() for key in keys],
        "cells": [_cell_to_json(second, key, cell) for key, second, cell in cells],
        "texts": sorted(texts, key=repr),
        "task_errors": sorted(([name, n] for name, n in counts.task_errors.items()), key=repr),
        "users": sorted([second, users] for second, users in counts.users.items()),
        "marks": [
            [mark.at, mark.kind, mark.users, *([mark.reason] if mark.reason else [])]
            for mark in sorted(counts.marks, key=lambda mark: mark.at)
        ],
    }


def _cell_to_json(second: int, key: int, cell: Cell) -> list[Any]:
    return [second, key, cell.count, cell.untimed, cell.total, cell.least, cell.most, cell.text]


def from_json(document: dict[str, Any]) -> Counts:
    """Return the counts of a document that keeps to the schema.

    Raises:
        ValueError: It contradicts itself; the text says where.
    """
    counts = Counts(width=document["width"])
    if counts.width not in WIDTHS:
        raise ValueError(f"width: not one of {WIDTHS}")
    keys = [Key(**entry) for entry in document["keys"]]
    if len(set(keys)) < len(keys) or any(counts.kept(key) != key for key in keys):
        raise ValueError("keys: one occurs twice, or there are more than a recording holds")
    for number, row in enumerate(document["cells"]):
        try:
            second, key = row[:2]
            cell = _cell_from_json(row)
            place = second, keys[key]
        except (ValueError, IndexError) as error:
            raise ValueError(f"cells[{number}]: {error}") from None
        if place in counts.cells or second % counts.width:
            raise ValueError(f"cells[{number}]: it occurs twice, or begins at no multiple of width")
        counts.cells[place] = cell
    for key, text, count in _rows(document["texts"], len(keys)):
        counts.count_text(keys[key], text, count)
    _check_texts(counts)
    for name, count in document["task_errors"]:
        counts.count_task_error(name, count)
    counts.users.update((second, users) for second, users in document["users"])
    for at, kind, users, *reason in document["marks"]:
        counts.marks.append(Mark(at=at, kind=kind, users=users, reason="".join(reason)))
    return counts


def _cell_from_json(row: list[Any]) -> Cell:
    """Return the cell of a row, of whose numbers any may be missing or negative."""
    second, key, count, untimed, total, least, most, text = row
    numbers = [second, key, count, untimed, total]
    numbers += [] if least is None or most is None else [least, most]
    if any(type(number) is not int or number < 0 for number in numbers) or not count:
        raise ValueError("a number is missing or negative")
    cell = Cell(count, untimed, total, least, most, text)
    if problem := cell.problem:
        raise ValueError(problem)
    return cell


def _check_texts(counts: Counts) -> None:
    """Raise ValueError for more error texts of a key than it failed."""
    left: Counter[Key] = Counter()
    for (_, key), cell in counts.cells.items():
        left[key] += cell.count if key.failed else 0
    for (key, _), count in counts.texts.items():
        left[key] -= count
        if left[key] < 0:
            raise ValueError(f"texts: more than failures of {key.method} {key.name} {key.status}")


def _rows(rows: list[Any], keys: int) -> Iterator[Any]:
    for number, row in enumerate(rows):
        if row[0] >= keys:
            raise ValueError(f"texts[{number}]: unknown key")
        yield row
