"""A history CSV: what its totals say, second by second, of the run."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from types import MappingProxyType

from loadgate.model import TimeSpan
from loadgate.read.cells import count, number
from loadgate.read.series import SeriesBuilder
from loadgate.read.statistics import is_total
from loadgate.read.tables import delimiter_of, head, header, opened, places
from loadgate.read.times import from_epoch
from loadgate.time_series import PERCENTILES, TimeSeries

_COLUMNS = {
    "time": ("timestamp",),
    "type": ("type",),
    "name": ("name",),
    "requests": ("total request count", "# requests"),
    "failures": ("total failure count", "# failures"),
    "users": ("user count",),
}
_NEEDED = _COLUMNS.keys() - {"users"}
_TIMES = {**{name: (f"{name}%",) for name in PERCENTILES}, "100": ("100%",)}

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
    series: TimeSeries | None = None
    """The run over time; None: nobody asked, or nothing can be drawn."""


@dataclass(frozen=True, slots=True)
class _Total:
    """One row with totals."""

    time: datetime
    requests: int
    failures: int
    users: int | None
    times: tuple[float | None, ...]
    """Those of _TIMES, where they were asked for."""


def is_history(header: list[str]) -> bool:
    """Say whether this is the header of a history CSV."""
    names = {name.strip().lower() for name in header}
    return "timestamp" in names and "name" in names


def read_history(path: str, *, over_time: bool = False) -> History | None:
    """Read the totals of a history; None: there are none that make sense.

    With --csv-full-history there is a row for every endpoint and second, so lines are looked
    through before they are parsed. Raises ResultError where the file cannot be read.
    """
    series = SeriesBuilder() if over_time else None
    totals = _totals(path) if series is None else _watched(_totals(path, _TIMES), series)
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
        series=None if series is None else series.series(full=_has_endpoints(path)),
    )


def _watched(totals: Iterator[_Total], series: SeriesBuilder) -> Iterator[_Total]:
    for row in totals:
        series.add(row.time, (row.requests, row.failures), row.users, row.times)
        yield row


def _totals(
    path: str, times: Mapping[str, Iterable[str]] = MappingProxyType({})
) -> Iterator[_Total]:
    """Yield the rows with totals, with `times` as well; what is no such row is passed over."""
    delimiter = delimiter_of(head(path))
    with opened(path) as text:
        lines = iter(partial(text.readline, LONGEST_TOTAL), "")
        columns = header(_cells(line, delimiter) for line in lines)
        at = places(columns, {**_COLUMNS, **times})
        if len(at.keys() & _NEEDED) < len(_NEEDED):
            return
        for line in lines:
            row = _cells(line, delimiter) if "Aggregated" in line else []
            if len(row) != len(columns) or not is_total(row[at["type"]], row[at["name"]]):
                continue
            time = from_epoch(row[at["time"]])
            requests, failures = _count(row[at["requests"]]), _count(row[at["failures"]])
            users = _count(row[at["users"]]) if "users" in at else None
            if time is not None and requests is not None and failures is not None:
                yield _Total(
                    time,
                    requests,
                    failures,
                    users,
                    _times(row, at) if times else (),
                )


def _times(row: list[str], at: Mapping[str, int]) -> tuple[float | None, ...]:
    return tuple(_number(row[at[name]]) if name in at else None for name in _TIMES)


def _number(text: str) -> float | None:
    try:
        return number(text)
    except ValueError:
        return None


def _has_endpoints(path: str) -> bool:
    """Say whether endpoints have rows, too, as with --csv-full-history."""
    _, *lines = head(path).splitlines() or [""]
    return any(line.strip() and "Aggregated" not in line for line in lines[:-1])


def _count(text: str) -> int | None:
    try:
        return count(text)
    except ValueError:
        return None


def _cells(line: str, delimiter: str) -> list[str]:
    """Return the cells of one line, none of which is too long for the csv module."""
    return next(csv.reader([line], delimiter=delimiter), [])
