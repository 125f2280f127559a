"""A history CSV: what its totals say, second by second, of the run."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from loadgate.model import TimeSpan
from loadgate.read.cells import count
from loadgate.read.statistics import is_total
from loadgate.read.tables import delimiter_of, head, header, opened
from loadgate.read.times import from_epoch

_REQUESTS = ("total request count", "# requests")
_FAILURES = ("total failure count", "# failures")

LONGEST_TOTAL = 100_000
"""Characters of a line with totals, which hold no text; a longer one is read in pieces that are no
rows."""

NOT_GENERATED = "Error: Server was not started with option to generate full history."
"""What the web UI answers who asks for a history that there is not; scripts save it as CSV."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reset:
    """Statistics that were set back to nothing while the test ran (--reset-stats, the web UI)."""

    at: datetime
    requests: int
    """Requests, and failures, that no other file has any more."""
    failures: int


@dataclass(slots=True, kw_only=True)
class History:
    """What a history CSV says of the run, up to its last whole row. Times are UTC."""

    begin: datetime
    """The last moment at which the statistics that the other files hold had not begun yet."""
    first: datetime
    """The first moment at which they had begun."""
    last: datetime
    """Of the last row."""
    active: TimeSpan
    """When there were users or requests, without waiting for either before or after the test."""
    requests: int
    """The last total."""
    failures: int
    users: int | None
    """The most at one time; None: releases before 1.0 do not say."""
    resets: list[Reset] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Total:
    """One row with totals."""

    time: datetime
    requests: int
    failures: int
    users: int | None


def is_history(header: list[str]) -> bool:
    """Say whether this is the header of a history CSV."""
    names = {name.strip().lower() for name in header}
    return "timestamp" in names and "name" in names


def read_history(path: str) -> History | None:
    """Read the totals of a history; None: there are none that make sense.

    With --csv-full-history there is a row for every endpoint and second, so lines are looked
    through before they are parsed. Raises ResultError where the file cannot be read.
    """
    totals = _totals(path)
    before = next(totals, None)
    if before is None:
        return None
    started = begin = first = last = ended = before
    waiting = not (before.requests or before.users)
    begun = bool(before.requests)
    users = before.users
    resets = []
    for row in totals:
        if row.requests < last.requests:
            resets.append(Reset(at=row.time, requests=last.requests, failures=last.failures))
            begin = first = last
            begun = False
        if last.users == 0 and (row.users or row.requests < last.requests):
            waiting = True  # between two tests of one Locust with a web UI
        if not begun:
            first = row
            begun = bool(row.requests)
        if waiting:
            started = last if row.requests else row
            waiting = not (row.requests or row.users)
        if row.users or row.requests != last.requests:
            ended = row
        if row.users is not None:
            users = max(users or 0, row.users)
        last = row
    return History(
        begin=begin.time,
        first=first.time,
        last=last.time,
        active=TimeSpan(
            started=started.time, ended=max(started.time, ended.time), source="history"
        ),
        requests=last.requests,
        failures=last.failures,
        users=users,
        resets=resets,
    )


def _totals(path: str) -> Iterator[_Total]:
    """Yield the rows with totals; what is no such row is passed over."""
    delimiter = delimiter_of(head(path))
    with opened(path) as text:
        lines = iter(partial(text.readline, LONGEST_TOTAL), "")
        found = header(_cells(line, delimiter) for line in lines)
        columns = [name.strip().lower() for name in found]
        places = [columns.index(n) for n in ("timestamp", "type", "name") if n in columns]
        places += [_place(columns, names) for names in (_REQUESTS, _FAILURES)]
        if len(places) < 5 or -1 in places:
            return
        timestamp, kind, name, requests, failures = places
        users = _place(columns, ("user count",))
        for line in lines:
            if "Aggregated" not in line:
                continue
            row = _cells(line, delimiter)
            if len(row) != len(columns) or not is_total(row[kind], row[name]):
                continue
            numbers = count(row[requests]), count(row[failures])
            time = from_epoch(row[timestamp])
            if time is not None and numbers[0] is not None and numbers[1] is not None:
                yield _Total(
                    time, numbers[0], numbers[1], count(row[users]) if users >= 0 else None
                )


def _place(header: Sequence[str], names: Sequence[str]) -> int:
    return next((header.index(name) for name in names if name in header), -1)


def _cells(line: str, delimiter: str) -> list[str]:
    """Return the cells of one line, none of which is too long for the csv module."""
    return next(csv.reader([line], delimiter=delimiter), [])
