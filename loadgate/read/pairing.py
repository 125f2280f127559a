"""Pairing: which files are of the same run. That is a question of time, not of names."""

from __future__ import annotations

import html
import os
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from loadgate.errors import ResultError
from loadgate.model import FailureRow, TimeSpan
from loadgate.read.encodings import UTF_8
from loadgate.read.failures import FailuresCsv
from loadgate.read.folders import documents_in, of_kind, refuse_ambiguous, statistics_in
from loadgate.read.formats import Kind, load
from loadgate.read.history import History, read_history
from loadgate.read.locate import Files, with_texts
from loadgate.read.naming import alike, sibling
from loadgate.read.raw import without_ending
from loadgate.read.statistics import Statistics
from loadgate.read.times import failures_span, file_span

_ZONES = timedelta(minutes=15)
_FARTHEST = timedelta(hours=14)
_A_SECOND = timedelta(seconds=1)
"""Times are whole seconds; in 21 of 21 runs with both, a report began in the second of the
history's first row."""

_CLASS = re.compile(r"\A\W*\w+\(")
_A_MOMENT = timedelta(seconds=2)
"""In which a job writes several files that are not of its run, as a copy of all."""


def find_runs(path: str) -> list[str]:
    """Return the path of each run that a RUN means: itself, or each run of a folder with several.

    What is wrong with a path is said when it is read.
    """
    if not os.path.isdir(path):
        return [path]
    try:
        refuse_ambiguous(path)
        runs = statistics_in(path) or _documents_of_runs(path)
    except ResultError:
        return [path]
    return [path] if len(runs) <= 1 else runs


def _documents_of_runs(folder: str) -> list[str]:
    """Return the recordings in a folder, and the documents of runs that none of these is of.

    JSON documents of the run of a report are left out, too. A request log may be of one worker: it
    stands for no other, and only a recording for it.
    """
    left = documents_in(folder)
    runs: list[str] = []
    for better in ("recording", "report"):
        found = {path: load(kind, path).time for path, kind in left.items() if kind == better}
        runs += found
        left = {
            path: kind
            for path, kind in left.items()
            if path not in found
            and ((kind, better) == ("requests", "report") or not _of_any(kind, path, found))
        }
    return sorted([*runs, *left])


def _of_any(kind: Kind, path: str, better: Mapping[str, TimeSpan | None]) -> bool:
    """Say whether a document is of the run of a better one: by times, else by names."""
    own = load(kind, path).time
    return any(
        alike(other, path) if own is None or time is None else inside(own, time)
        for other, time in better.items()
    )


def pair_texts(files: Files, warnings: list[str]) -> Files:
    """Pair a JSON list with the failures CSV of its run: by their times, else by their names."""
    time = load("list", files.main).time
    told = {
        path: same_run("list", time, *times_of(path))
        for path in of_kind(os.path.dirname(files.main), "failures")
    }
    proven = [path for path, same in told.items() if same]
    if len(proven) == 1:
        return with_texts(files.main, proven[0])
    if files.failures is None:
        return files
    reason = ""
    if told.get(files.failures) is False:
        reason = f"it is from another run than {files.main}"
    elif written_before(files.failures, files.main, None, time):
        reason = f"it is older than the run of {files.main}"
    elif not alike(files.main, files.failures):
        # A failures CSV of an earlier run may lie there: its texts must not excuse this one's.
        reason = (
            f"neither times nor names show that it is from the run of {files.main}; give both one"
            " prefix, or keep Locust's _stats_history.csv beside them"
        )
    if not reason:
        return files
    warnings.append(f"{files.failures} was left out, so failures have no error text: {reason}")
    return with_texts(files.main, None)


def check_company(
    files: Files, statistics: Statistics, encodings: Mapping[str, str], warnings: list[str]
) -> None:
    """Leave out failures that only lie beside the statistics, unless their counts are the same.

    Within one run they are, endpoint by endpoint. Texts of another one would excuse what they never
    saw. Exceptions go with them: those of another run may be none.
    """
    path = files.failures
    if not files.by_company or path is None:
        return
    counted: Counter[tuple[str, str]] = Counter()
    log = FailuresCsv(path, partial=False, encoding=encodings.get(path, UTF_8))
    for method, name, _, number in log.rows([]):
        counted[method, name] += number
    if counted == {r.key: r.failures for r in statistics.endpoints if r.failures}:
        return
    warnings.append(
        f"{path} was left out, so failures have no error text: neither its name nor its counts show"
        f" that it is of the run of {files.main}; give both one prefix"
    )
    files.failures, files.exceptions = None, sibling(files.main, "exceptions")


def other_run_beside(files: Files, time: TimeSpan | None) -> str | None:
    """Return the statistics CSV with the prefix of a document that is of another run than it."""
    stem = without_ending(files.main)
    statistics = sibling(f"{stem}_stats.csv", "statistics")
    if files.kind == "statistics" or statistics is None:
        return None
    return statistics if same_run(files.kind, time, *times_of(statistics)) is False else None


def times_of(path: str) -> tuple[History | None, TimeSpan | None]:
    """Return what says when the CSV files were written that this one belongs to."""
    beside = sibling(path, "history")
    history = read_history(beside) if beside else None
    failures = sibling(path, "failures") or path
    return history, failures_span(failures) if history is None else None


def same_run(
    kind: Kind, time: TimeSpan | None, history: History | None, failures: TimeSpan | None
) -> bool | None:
    """Say whether a report or JSON is of the run of some CSV files; None: nothing tells.

    A report and the list of --json say when their statistics began, a request log only when the
    first and the last request were sent, and the JSON of the web UI when failures were seen. Of the
    CSV files the history says the first, and the failures of Locust 2.44 and newer the last.
    """
    if time is None:
        return None
    if history is not None and kind in {"web", "requests"}:
        if time.started < history.begin - _A_SECOND:  # of a test that was there before
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


def other_texts(
    csv: Iterable[FailureRow], document: Iterable[FailureRow], *, csv_is_early: bool
) -> str:
    """Return the endpoint at which the earlier of two lists of failures has more of a text.

    Counts only grow, so the lists are not of one run. "" where there is none. Releases escape and
    quote texts in their own ways, and put a class in front of some, so that only the letters and
    digits behind that are held against each other.
    """
    rest: Counter[tuple[str, str, str]] = Counter()
    for method, name, error, number in document:
        rest[method, name, _bare(error)] += number
    for method, name, error, number in csv:
        key = method, name, _bare(error)
        if key in rest or csv_is_early:
            rest[key] -= number
    gone = (key for key, left in rest.items() if (left < 0 if csv_is_early else left > 0))
    return next((f"{method} {name}".strip() for method, name, _ in gone), "")


def _bare(text: str) -> str:
    return "".join(filter(str.isalnum, _CLASS.sub("", html.unescape(text))))


def written_before(path: str, main: str, history: History | None, seen: TimeSpan | None) -> bool:
    """Say whether a file is older than the run of another one began, as what is committed.

    Whatever times it tells, it was made up. Two clocks must say so, as copies have their own
    times: when the file was written is held against when the run was, by its `history` or by what
    was `seen` of it, and against when the other file was written.
    """
    if history is not None:
        began, ended = history.begin, history.last
    elif seen is not None:
        began, ended = seen.started, seen.ended
    else:
        return False
    written, beside = file_span(path), file_span(main)
    if written is None or beside is None:
        return False
    latest = min(began, beside.ended - (ended - began))
    return written.ended < latest - _A_MOMENT


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
