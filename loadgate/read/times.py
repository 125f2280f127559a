"""Times: when a run took place, in UTC, by its files."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import UTC, datetime

from loadgate.errors import ResultError
from loadgate.model import TimeSource, TimeSpan
from loadgate.read.tables import rows

SEEN_COLUMNS = ("first seen", "last seen")
"""Those that Locust 2.44 added to the failures CSV, in lower case."""


def from_epoch(seconds: float | str | None) -> datetime | None:
    """Return a time given in seconds since 1970, to the second; None: it is none."""
    try:
        return datetime.fromtimestamp(int(float(seconds or "")), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def from_text(text: object) -> datetime | None:
    """Return a time as reports have it; None: it is none.

    `2026-11-23 06:00:17` through Locust 2.28, with T and Z since. UTC from 2.5 on; before, it is
    the local time of the machine (html.py called fromtimestamp through 2.4).
    """
    try:
        time = datetime.fromisoformat(str(text).strip())
    except ValueError:
        return None
    try:
        return time.replace(tzinfo=time.tzinfo or UTC, microsecond=0).astimezone(UTC)
    except OverflowError:
        return None


def span(times: Iterable[datetime | None], source: TimeSource) -> TimeSpan | None:
    """Return the span from the first to the last of the times; None: there are none."""
    known = [time for time in times if time is not None]
    if not known:
        return None
    return TimeSpan(started=min(known), ended=max(known), source=source)


def failures_span(path: str) -> TimeSpan | None:
    """Return the span of a failures CSV (Locust 2.44 and newer say when); None: it has none."""
    first = last = ""
    try:
        with rows(path) as lines:
            header = [name.strip().lower() for name in next(lines, [])]
            begin, end = (header.index(column) for column in SEEN_COLUMNS)
            width = len(header)
            for row in lines:
                # All have the one form of ISO 8601 that sorts as text does, or are empty.
                if len(row) == width:
                    if row[begin] < first or not first:
                        first = row[begin] or first
                    last = max(last, row[end])
    except (ResultError, ValueError):
        return None
    return span(map(from_text, (first, last)), "failures")


def file_span(path: str) -> TimeSpan | None:
    """Return when a file was written last; None: the system does not say."""
    try:
        return span([from_epoch(os.stat(path).st_mtime)], "file")
    except OSError:
        return None
