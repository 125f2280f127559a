"""Sources: which files beside a run are of the same test, and which one of them is judged.

Locust writes its CSV files once a second and not at its end, so a report or JSON of the same test
knows more. Whether it is of the same test is a question of time, not of names.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction

from loadgate.errors import ResultError
from loadgate.model import EndpointStats, FailureRow, Latency, TimeSpan
from loadgate.read.documents import Document, read_json
from loadgate.read.entries import in_order
from loadgate.read.history import History, Reset, read_history
from loadgate.read.kinds import Kind
from loadgate.read.locate import Files, Neighbour, documents_in, statistics_in, with_texts
from loadgate.read.naming import alike, of_kind, sibling
from loadgate.read.report import read_report
from loadgate.read.statistics import Statistics
from loadgate.read.times import failures_span

LAG = Fraction(11, 10)
"""Requests of a complete source by those of a CSV snapshot, at most: in 84 runs of Locust 1.2 to
2.47 the CSV files lacked 0.5 to 8.3 %. Beyond, their writer died, or the run was very short."""

_A_SECOND = timedelta(seconds=1)
"""Times are whole seconds; in 21 of 21 runs with both, a report began in the second of the
history's first row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What one file says of the run."""

    path: str
    document: Document
    proven: bool
    """Times say that it is of this run; else only its name does."""

    @property
    def statistics(self) -> Statistics:
        """What it counts."""
        return self.document.statistics

    @property
    def whole(self) -> bool:
        """It agrees with itself, so that it can be judged."""
        return not self.statistics.contradictions

    @property
    def texts(self) -> list[FailureRow] | None:
        """The error texts, where it has them of all failures; the web UI shows the first 500."""
        found = self.document.failures
        if found is None or sum(row[3] for row in found) < self.statistics.total.failures:
            return None
        return found


@dataclass(slots=True, kw_only=True)
class Choice:
    """What is judged, and what must be said of it."""

    judged: View
    statistics: Statistics
    """Of `judged`, with what it lacks from others; after a problem, counted in the strict way."""
    lacked: tuple[str, ...] = ()
    """Numbers that `judged` lacks and the file that was named has: "p66", "rps"."""
    compared: tuple[str, ...] = ()
    """Files of the same run that were only held against it."""
    problems: list[str]
    """Why the files cannot all be true."""
    warnings: list[str]


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
    return path.lower().endswith(".json")


def _of_report(path: str, report: str, time: TimeSpan | None) -> bool:
    """Say whether a JSON document is of the run of a report: by times, else by names."""
    own = read_json(path).time
    if own is None or time is None:
        return alike(report, path)
    return _inside(own, time)


def pair_texts(files: Files, named: Document, warnings: list[str]) -> Files:
    """Pair a JSON list with the failures CSV of its run: by their times, else by their names."""
    told = {
        path: same_run("list", named.time, *_times_of(path))
        for path in of_kind(os.path.dirname(files.main), "failures")
    }
    proven = [path for path, same in told.items() if same]
    if len(proven) == 1:
        return with_texts(files.main, proven[0])
    if files.failures is None:
        return files
    if told.get(files.failures) is False:
        warnings.append(
            f"{files.failures} is of another run than {files.main}, so no failure has a text"
        )
        return with_texts(files.main, None)
    if not alike(files.main, files.failures):
        # As of `locust --json > out.json`: any name, and the failures of --csv beside it.
        warnings.append(
            f"{files.failures} is taken for the failures of {files.main}: it is the only such file"
            " there, but neither times nor names show that they belong together"
        )
    return files


def _times_of(failures: str) -> tuple[History | None, TimeSpan | None]:
    """Return what says when the CSV files were written that a failures CSV is one of."""
    history = sibling(failures, "history")
    return read_history(history) if history else None, failures_span(failures)


def choose(
    files: Files, named: Document, history: History | None, failures: TimeSpan | None
) -> Choice:
    """Choose among what was named and what is of the same run.

    `history` and the times of the `failures` say when the CSV files of the run are of.
    """
    main = View(path=files.main, document=named, proven=True)
    warnings = [
        f"{name} is empty: a Locust that was killed leaves its --json so" for name in files.empty
    ]
    warnings += files.notes
    views = [main]
    for neighbour in files.others:
        try:
            document = read_document(neighbour.kind, neighbour.path)
        except ResultError as error:
            if neighbour.named or neighbour.alone:
                warnings.append(f"{error.place} could not be compared: {error.problem}")
            continue
        views += _view(neighbour, document, main, (history, failures), warnings)
    judged = _best(views)
    problems = [*_problems(views, judged)]
    warnings += _behind(views, judged)
    if history is not None and files.history is not None:
        warnings += _beside_history(files.history, history, judged, problems)
    lacked: tuple[str, ...] = ()
    if problems:
        judged, statistics = main, _strict(views, history)
    else:
        statistics, lacked = _completed(judged, main)
    return Choice(
        judged=judged,
        statistics=statistics,
        lacked=lacked,
        compared=tuple(
            view.path for view in views if view is not judged and not (view is main and lacked)
        ),
        problems=problems,
        warnings=warnings,
    )


def read_document(kind: Kind, path: str) -> Document:
    """Read a report or a JSON document; raises ResultError."""
    return read_report(path) if kind == "report" else read_json(path)


# --- of the same run? -----------------------------------------------------------------------------


def _view(
    neighbour: Neighbour,
    document: Document,
    main: View,
    times: tuple[History | None, TimeSpan | None],
    warnings: list[str],
) -> list[View]:
    """Return a neighbour as a view of the run that `main` is of; none: it is of another run."""
    if neighbour.kind == "report" and document.statistics.contradictions:
        problem = document.statistics.contradictions[0]
        warnings.append(f"{neighbour.path} could not be compared: {problem}")
    same = same_run(neighbour.kind, document.time, *times)
    if main.document.time and document.time:  # a report was named, or the folder it is in
        same = _inside(document.time, main.document.time)
    if same is None and not _by_name(neighbour, main, document):
        return []
    if same is False:
        if neighbour.named or neighbour.alone:
            warnings.append(_another_run(neighbour.path, document.time))
        return []
    return [View(path=neighbour.path, document=document, proven=same is not None)]


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
        return any(_within(time.started, *start) for start in starts)
    if failures is None:
        return None
    if kind == "web":
        return _within(time.started, failures.started, failures.started)
    return _inside(failures, time)


def _inside(part: TimeSpan, whole: TimeSpan) -> bool:
    return all(_within(time, whole.started, whole.ended) for time in (part.started, part.ended))


def _within(time: datetime, begin: datetime, end: datetime) -> bool:
    return begin - _A_SECOND <= time <= end + _A_SECOND


def _by_name(neighbour: Neighbour, main: View, document: Document) -> bool:
    """Say whether a source without times is taken for one of the run.

    By its name, or as the only other thing in the folder that was named. Any other must at least
    be able to be a later look at the run.
    """
    if neighbour.named or neighbour.sure:
        return True
    later = document.statistics.requests_told >= main.statistics.total.requests
    known = {(row.method, row.name) for row in document.statistics.endpoints}
    return (
        neighbour.alone
        and later
        and all((row.method, row.name) in known for row in main.statistics.endpoints)
        and not _disagreement(main.statistics, document.statistics)
    )


def _another_run(path: str, time: TimeSpan | None) -> str:
    when = f" of {time.started:%Y-%m-%d %H:%M:%S} UTC" if time else ""
    return f"{path} is of another run{when} and was left out; to judge it: loadgate check {path}"


# --- which one ------------------------------------------------------------------------------------


def _best(views: Sequence[View]) -> View:
    """Return the view that is judged: the one with the most requests that can be.

    Of several with as many, what was named, as CSV files have the most percentiles; else the one
    with texts.
    """
    main = views[0]
    able = [view for view in views if view is main or (view.whole and _may_replace(view, main))]
    return max(
        able,
        key=lambda view: (
            view.statistics.requests_told,
            view is main and view.whole,
            view.texts is not None,
        ),
    )


def _may_replace(view: View, main: View) -> bool:
    """Say whether a view may be judged in place of what was named.

    One with all texts that is proven to be of the same run may always; else the texts come from
    the CSV files, and those must not be far behind.
    """
    if view.proven and view.texts is not None:
        return True
    return main.whole and view.statistics.requests_told <= main.statistics.total.requests * LAG


def _problems(views: Sequence[View], judged: View) -> Iterator[str]:
    """Yield why the views cannot all be true."""
    main = views[0]
    if judged is main:
        yield from (f"{main.path} {problem}" for problem in main.statistics.contradictions)
    for view in views[1:]:
        if view.whole and main.whole:
            problem = _disagreement(main.statistics, view.statistics)
            if problem:
                yield problem
                continue
        if view.statistics.requests_told > judged.statistics.total.requests * LAG:
            yield _far_ahead(judged, view)


def _disagreement(one: Statistics, other: Statistics) -> str:
    """Return why two views cannot be of one run; "": they can.

    Counts only grow, so the later view has no less of anything, and no more new failures than new
    requests.
    """
    early, late = sorted((one, other), key=lambda view: view.total.requests)
    rows = {(row.method, row.name): row for row in late.endpoints}
    pairs = [(early.total, late.total)]
    pairs += [
        (row, rows[row.method, row.name])
        for row in early.endpoints
        if (row.method, row.name) in rows
    ]
    for before, after in pairs:
        requests = after.requests - before.requests
        failures = after.failures - before.failures
        alone = after.failures > after.requests  # failures that belong to no request
        if requests < 0 or failures < 0 or (failures > requests and not alone):
            what = f"{before.method} {before.name}".strip()
            where = "" if before is early.total else f" of {what!r}"
            return (
                f"{early.path} counts {_counts(before)}{where}, and {late.path} {_counts(after)}:"
                " these cannot be of one run"
            )
    return ""


def _counts(stats: EndpointStats) -> str:
    return f"{stats.requests:,} requests and {stats.failures:,} failures"


def _far_ahead(judged: View, view: View) -> str:
    total = view.statistics.total
    return (
        f"{judged.path} counts {_counts(judged.statistics.total)}, but {view.path}"
        f" {view.statistics.requests_told:,} and {total.failures:,}: the writer of the CSV files"
        f" died, the run was very short, or these are two runs; {_to_judge(view)}"
    )


def _to_judge(view: View) -> str:
    if view.texts is None:
        return "locust --html writes counts and texts into one file"
    return f"to judge the other: loadgate check {view.path}"


def _behind(views: Sequence[View], judged: View) -> Iterator[str]:
    """Say what a reader of the numbers must know of views that are behind, or ahead."""
    main = views[0]
    if judged is not main:
        if main.statistics.contradictions:
            yield f"{main.path} {main.statistics.contradictions[0]}; {judged.path} is judged"
        elif judged.statistics.total.requests > main.statistics.requests_told * LAG:
            yield (
                f"{main.path} stopped at {_counts(main.statistics.total)}; {judged.path}, which is"
                f" judged, has {_counts(judged.statistics.total)}: Locust's CSV writer died, or the"
                " run was very short"
            )
    told = judged.statistics.total.requests
    for view in views:
        if told < view.statistics.requests_told <= told * LAG:
            yield _a_little_ahead(
                judged, view.path, view.statistics.requests_told, view.statistics.total.failures
            )


def _a_little_ahead(judged: View, path: str, requests: int, failures: int) -> str:
    total = judged.statistics.total
    more = failures - total.failures
    return (
        f"{path} counts {requests - total.requests:,} more requests and {abs(more):,}"
        f" {'more' if more >= 0 else 'fewer'} failures than {os.path.basename(judged.path)}:"
        " Locust writes its CSV files once a second and not at its end; locust --html writes a"
        " report that is complete"
    )


def _beside_history(
    path: str, history: History, judged: View, problems: list[str]
) -> Iterator[str]:
    """Hold the last total of the history against what is judged; a contradiction is a problem."""
    total = judged.statistics.total
    if history.requests > total.requests * LAG:
        problems.append(
            f"{judged.path} counts {_counts(total)}, but {path} {history.requests:,} and"
            f" {history.failures:,}: the writer of the CSV files died, or these are two runs"
        )
    elif history.requests > total.requests:
        yield _a_little_ahead(judged, path, history.requests, history.failures)
    elif history.failures > total.failures:
        problems.append(
            f"{path} counts {history.failures:,} failures of {history.requests:,} requests, and"
            f" {judged.path} {_counts(total)}: these cannot be of one run"
        )
    if history.resets:
        yield _reset(history.resets, empty=not total.requests)


def _reset(resets: Sequence[Reset], *, empty: bool) -> str:
    """Say what was lost when statistics were reset."""
    last = resets[-1].at
    often = "" if len(resets) == 1 else f" {len(resets)} times, for the last time"
    requests, failures = sum(r.requests for r in resets), sum(r.failures for r in resets)
    return (
        f"the statistics were reset during the run{often} at {last:%Y-%m-%d %H:%M:%S} UTC"
        f" (--reset-stats, or a new test in the web UI): {requests:,} requests and"
        f" {failures:,} failures before that are in no file and are not judged"
        + (", and after it there were none" if empty else "")
    )


# --- its numbers ----------------------------------------------------------------------------------

_NUMBERS = ("avg", "min", "max", "median")


def _completed(judged: View, main: View) -> tuple[Statistics, tuple[str, ...]]:
    """Return the statistics of what is judged with what it lacks from what was named.

    A report has fewer percentiles than CSV files. Those of a writer that died are of another time.
    """
    mine, other = judged.statistics, main.statistics
    if judged is main or not main.whole or mine.total.requests > other.total.requests * LAG:
        return mine, ()
    rows = {(row.method, row.name): row for row in other.endpoints}
    lacked: dict[str, None] = {}
    endpoints = [
        _with_numbers(row, rows.get((row.method, row.name)), lacked) for row in mine.endpoints
    ]
    total = _with_numbers(mine.total, other.total, lacked)
    return replace(mine, endpoints=tuple(endpoints), total=total), tuple(lacked)


def _with_numbers(
    row: EndpointStats, other: EndpointStats | None, lacked: dict[str, None]
) -> EndpointStats:
    """Return a row with the numbers that only the other has; note their names."""
    if other is None or not row.requests or not other.requests:
        return row  # where there were no requests, a 0 in a CSV file is no time
    mine, theirs = row.latency, other.latency
    numbers: dict[str, float | None] = {}
    for name in _NUMBERS:
        numbers[name] = getattr(mine, name)
        if numbers[name] is None and getattr(theirs, name) is not None:
            numbers[name] = getattr(theirs, name)
            lacked[name] = None
    known = dict(mine.percentiles)
    for percentile, value in theirs.percentiles:
        if known.get(percentile) is None and value is not None:
            known[percentile] = value
            lacked[f"p{percentile}"] = None
    rps = row.rps
    if rps is None and other.rps is not None:
        rps = other.rps
        lacked["rps"] = None
    return replace(row, latency=Latency(**numbers, percentiles=in_order(known)), rps=rps)


def _strict(views: Sequence[View], history: History | None) -> Statistics:
    """Return the fewest requests, the most failures, the worst times and rate of all views."""
    main = views[0].statistics
    rows: dict[tuple[str, str], EndpointStats] = {}
    totals = [main.total]
    for view in views:
        if view.whole or view is views[0]:
            totals.append(view.statistics.total)
            for row in view.statistics.endpoints:
                known = rows.get((row.method, row.name))
                rows[row.method, row.name] = row if known is None else _worse(known, row)
    total = totals[0]
    for other in totals[1:]:
        total = _worse(total, other)
    failures = [view.statistics.total.failures for view in views]
    failures += [] if history is None else [history.failures]
    return replace(
        main,
        endpoints=tuple(rows.values()),
        total=replace(
            total,
            requests=min(total.requests, sum(row.requests for row in rows.values())),
            failures=max(*failures, sum(row.failures for row in rows.values())),
        ),
    )


def _worse(one: EndpointStats, other: EndpointStats) -> EndpointStats:
    """Return the worse of every number."""
    percentiles = dict(one.latency.percentiles)
    for name, value in other.latency.percentiles:
        percentiles[name] = _most((percentiles.get(name), value))
    numbers = {
        name: _most((getattr(one.latency, name), getattr(other.latency, name))) for name in _NUMBERS
    }
    rates = [rate for rate in (one.rps, other.rps) if rate is not None]
    return replace(
        one,
        requests=min(one.requests, other.requests),
        failures=max(one.failures, other.failures),
        latency=Latency(**numbers, percentiles=in_order(percentiles)),
        rps=min(rates, default=None),
    )


def _most(values: Iterable[float | None]) -> float | None:
    return max((value for value in values if value is not None), default=None)
