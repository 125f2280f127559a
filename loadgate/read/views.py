"""Views: what each file says of one run, and how these differ."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from loadgate.model import LAG, EndpointStats, FailureRow, TimeSpan
from loadgate.read.documents import Document
from loadgate.read.history import History, Reset
from loadgate.read.statistics import Statistics


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
    def recorded(self) -> bool:
        """It is a recording, the best source."""
        return self.document.answers is not None

    @property
    def texts(self) -> list[FailureRow] | None:
        """The error texts, where it has them of all failures; the web UI shows the first 500."""
        rows = self.document.failures
        if rows is None or sum(row[3] for row in rows) < self.statistics.total.failures:
            return None
        return rows


def another_run(path: str, time: TimeSpan | None) -> str:
    """Say that a document beside the run is of another one."""
    when = f" ({time.started:%Y-%m-%d %H:%M:%S} UTC)" if time else ""
    return f"{path} is from another run{when} and was not used; to judge it: loadgate check {path}"


def disagreement(one: Statistics, other: Statistics) -> str:
    """Return why two views cannot be of one run; "": they can.

    Counts only grow, so the later view has no less of anything, and no more new failures than new
    requests. One that is far ahead has every endpoint, too: it may be of a test that another job
    began in the same second, with so many requests that the failures of this one are lost in them.
    """
    early, late = sorted((one, other), key=lambda view: view.total.requests)
    rows = {row.key: row for row in late.endpoints}
    pairs = [(early.total, late.total)]
    pairs += [(row, rows[row.key]) for row in early.endpoints if row.key in rows]
    if late.total.requests > early.total.requests * LAG:
        gone = (row for row in early.endpoints if row.key not in rows)
        pairs += [(row, replace(row, requests=0, failures=0)) for row in gone]
    for before, after in pairs:
        requests = after.requests - before.requests
        failures = after.failures - before.failures
        alone = after.failures > after.requests  # failures that belong to no request
        if requests < 0 or failures < 0 or (failures > requests and not alone):
            what = before.endpoint
            where = "" if before is early.total else f" of {what!r}"
            return (
                f"{early.path} counts {_counts(before)}{where}, and {late.path} {_counts(after)}:"
                " these cannot be from the same run"
            )
    return ""


def _counts(stats: EndpointStats) -> str:
    return f"{stats.requests:,} requests and {stats.failures:,} failures"


def far_ahead(judged: View, view: View) -> str:
    """Say that a view has far more requests than the one that is judged."""
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


def behind(views: Sequence[View], judged: View) -> Iterator[str]:
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
    counted = judged.statistics.total.requests
    for view in views:
        if counted < view.statistics.requests_told <= counted * LAG:
            yield _a_little_ahead(
                judged, view.path, view.statistics.requests_told, view.statistics.total.failures
            )


def _a_little_ahead(judged: View, path: str, requests: int, failures: int) -> str:
    total = judged.statistics.total
    more = failures - total.failures
    return (
        f"{path} counts {requests - total.requests:,} more requests and {abs(more):,}"
        f" {'more' if more >= 0 else 'fewer'} failures than {os.path.basename(judged.path)}:"
        " Locust writes its CSV files once a second and not at the end; locust --html writes a"
        " complete report"
    )


def beside_history(path: str, history: History, judged: View, problems: list[str]) -> Iterator[str]:
    """Hold the last total of the history against what is judged; a contradiction is a problem."""
    total = judged.statistics.total
    if not judged.whole:
        pass  # the figures of a damaged file tell nothing of the writer
    elif history.requests > total.requests * LAG:
        problems.append(
            f"{judged.path} counts {_counts(total)}, but {path} {history.requests:,} and"
            f" {history.failures:,}: the writer of the CSV files died, or these are two runs"
        )
    elif history.requests > total.requests:
        yield _a_little_ahead(judged, path, history.requests, history.failures)
    elif history.failures > total.failures:
        problems.append(
            f"{path} counts {history.failures:,} failures of {history.requests:,} requests, and"
            f" {judged.path} {_counts(total)}: these cannot be from the same run"
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
        f" (--reset-stats, or a new test in the web UI): the {requests:,} requests"
        f" and {failures:,} failures before that are in no file and were not checked"
        + ("; after it there were no requests" if empty else "")
    )
