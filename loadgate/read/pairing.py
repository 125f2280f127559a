"""Pairing: which files are of the same run. That is a question of time, not of names."""

from __future__ import annotations

import os
from datetime import datetime, timedelta

from loadgate.errors import ResultError
from loadgate.model import TimeSpan
from loadgate.read.documents import Document, read_json
from loadgate.read.encodings import UTF_8
from loadgate.read.history import History, read_history
from loadgate.read.kinds import Kind
from loadgate.read.locate import Files, documents_in, statistics_in, with_texts
from loadgate.read.naming import alike, of_kind, sibling
from loadgate.read.raw import has_ending
from loadgate.read.report import read_report
from loadgate.read.times import failures_span

_ZONES = timedelta(minutes=15)
_FARTHEST = timedelta(hours=14)
_A_SECOND = timedelta(seconds=1)
"""Times are whole seconds; in 21 of 21 runs with both, a report began in the second of the
history's first row."""


def find_runs(path: str) -> list[str]:
    """Return the path of each run that a RUN means: itself, or each run of a folder with several.

    What is wrong with a path is said when it is read.
    """
    if not os.path.isdir(path):
        return [path]
    try:
        found = statistics_in(path) or _documents_of_runs(path)
    except ResultError:
        return [path]
    return [path] if len(found) <= 1 else found


def _documents_of_runs(folder: str) -> list[str]:
    """Return the reports in a folder, and the JSON documents that are of no run of a report."""
    found = documents_in(folder)
    reports = {path: read_document("report", path).time for path in found if not _is_json(path)}
    return [
        path
        for path in found
        if path in reports
        or not any(_of_report(path, report, time) for report, time in reports.items())
    ]


def _is_json(path: str) -> bool:
    return has_ending(path, ".json")


def _of_report(path: str, report: str, time: TimeSpan | None) -> bool:
    """Say whether a JSON document is of the run of a report: by times, else by names."""
    own = read_json(path).time
    if own is None or time is None:
        return alike(report, path)
    return inside(own, time)


def pair_texts(files: Files, warnings: list[str]) -> Files:
    """Pair a JSON list with the failures CSV of its run: by their times, else by their names."""
    time = read_json(files.main).time
    told = {
        path: same_run("list", time, *_times_of(path))
        for path in of_kind(os.path.dirname(files.main), "failures")
    }
    proven = [path for path, same in told.items() if same]
    if len(proven) == 1:
        return with_texts(files.main, proven[0])
    if files.failures is None:
        return files
    if told.get(files.failures) is False:
        warnings.append(
            f"{files.failures} is from another run than {files.main}, so failures have no error"
            " text"
        )
        return with_texts(files.main, None)
    if not alike(files.main, files.failures):
        # As of `locust --json > out.json`: any name, and the failures of --csv beside it.
        warnings.append(
            f"{files.failures} is used for the failures of {files.main} because it is the only such"
            " file there; neither times nor names show that they belong together"
        )
    return files


def _times_of(failures: str) -> tuple[History | None, TimeSpan | None]:
    """Return what says when the CSV files were written that a failures CSV is one of."""
    history = sibling(failures, "history")
    return read_history(history) if history else None, failures_span(failures)


def same_run(
    kind: Kind, time: TimeSpan | None, history: History | None, failures: TimeSpan | None
) -> bool | None:
    """Say whether a report or JSON is of the run of some CSV files; None: nothing tells.

    A report and the list of --json say when their statistics began, the JSON of the web UI only
    when the first and the last failure were seen. Of the CSV files the history says the first, and
    the failures of Locust 2.44 and newer the second.
    """
    if time is None:
        return None
    if history is not None and kind == "web":
        if time.ended < history.begin - _A_SECOND:
            return False
        # A history that ended before may be that of a writer that died.
        return True if time.started <= history.last + _A_SECOND else None
    if history is not None:
        starts = (history.begin, history.first), (history.active.started, history.active.started)
        same = any(_within(time.started, *start) for start in starts)
        return None if not same and _other_zone(time, history.active.started) else same
    if failures is None or not time.zone_known:
        return None
    if kind == "web":
        return _within(time.started, failures.started, failures.started)
    return inside(failures, time)


def _other_zone(time: TimeSpan, started: datetime) -> bool:
    """Say whether both may be one moment, told in two time zones: these differ by quarter hours."""
    apart = abs(time.started - started)
    rest = (apart + _A_SECOND) % _ZONES
    return not time.zone_known and apart <= _FARTHEST and rest <= 2 * _A_SECOND


def inside(part: TimeSpan, whole: TimeSpan) -> bool:
    """Say whether a span lies within another, to the second."""
    return all(_within(time, whole.started, whole.ended) for time in (part.started, part.ended))


def _within(time: datetime, begin: datetime, end: datetime) -> bool:
    return begin - _A_SECOND <= time <= end + _A_SECOND


def read_document(kind: Kind, path: str, encoding: str = UTF_8) -> Document:
    """Read a report or a JSON document; raises ResultError."""
    return read_report(path, encoding) if kind == "report" else read_json(path, encoding)
