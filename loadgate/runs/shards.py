"""Shards: runs that are judged as one, as from several regions or machines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import combinations

from loadgate.errors import ContradictionError, UsageError
from loadgate.identity import counted_twice, identity
from loadgate.model import (
    Classification,
    EndpointResult,
    EndpointStats,
    FailureLog,
    Latency,
    Run,
    TimeSource,
    TimeSpan,
)
from loadgate.read.kinds import kind_of
from loadgate.read.together import read_together, twice
from loadgate.tally import Logs
from loadgate.text import first_of

_NAMED = 3
_WORST_LAST: tuple[TimeSource, ...] = (
    "recording", "requests", "history", "report", "json", "failures", "file",
)  # fmt: skip


def merged(shards: Sequence[Classification], label: str | None = None) -> Run:
    """Return several runs as one. Their order changes nothing.

    Counts are added, whatever the runs were read from. Of recordings, users and response times
    are exact, too; of other files only the shortest and longest time are.

    Raises UsageError where a run would count twice, ContradictionError where one has no requests.
    """
    shards = sorted(shards, key=lambda shard: (shard.run.label, shard.run.sources[0].path))
    runs = [shard.run for shard in shards]
    rows: defaultdict[tuple[str, str], list[EndpointResult]] = defaultdict(list)
    for shard in shards:
        for row in shard.endpoints:
            rows[row.stats.key].append(row)
    document = read_together([run.sources[0].path for run in runs])
    _refuse_twins(shards)
    _refuse_empty(runs)
    whole = None if document is None else document.statistics
    known = {} if whole is None else {row.key: row for row in whole.endpoints}
    told = [*(text for run in runs for text in run.warnings), *_gaps(runs)]
    wrong = tuple(text for shard in shards for text in shard.contradictions)
    exceptions = [run.task_exceptions for run in runs if run.task_exceptions is not None]
    return Run(
        label=label or first_of([run.label for run in runs], _NAMED, " + "),
        sources=tuple(source for run in runs for source in run.sources),
        endpoints=tuple(_added(rows[key], known.get(key)) for key in sorted(rows)),
        total=_added([shard.total for shard in shards], None if whole is None else whole.total),
        failure_log=_log(runs),
        task_exceptions=sum(exceptions) if len(exceptions) == len(runs) else None,
        time=_time(runs),
        users=None if document is None else document.users,
        warnings=tuple(dict.fromkeys(told)),
        allowed=_allowed(runs),
        partial=any(run.partial for run in runs),
        contradictions=wrong,
        task_errors=() if document is None else document.task_errors,
        aborted=tuple(reason for run in runs for reason in run.aborted),
        recorded=None if document is None or wrong else document.recorded,
        merged=document is None,
    )


def _refuse_twins(shards: Sequence[Classification]) -> None:
    """Raise UsageError for two that are one run, be it in two forms; recordings have ids."""
    paths = [shard.run.sources[0].path for shard in shards]
    found = [
        (path, kind_of(path) == "recording", identity(shard))
        for path, shard in zip(paths, shards, strict=True)
    ]
    for (path, has_id, one), (other_path, other_has_id, other) in combinations(found, 2):
        if not (has_id and other_has_id) and counted_twice(one, other):
            raise UsageError(twice(path, other_path), page="several-runs")


def _refuse_empty(runs: Sequence[Run]) -> None:
    """Raise ContradictionError for a run without requests; Locust's master logs none."""
    for run in runs:
        path = run.sources[0].path
        if not (run.total.requests or run.partial or kind_of(path) == "requests"):
            raise ContradictionError(
                path,
                "has no requests, so a part of the test is missing",
                "Leave it out if that is meant, or run the test again.",
            )


def _added(rows: Sequence[EndpointResult], known: EndpointStats | None) -> EndpointStats:
    """Return the sum of the rows, with the response times that are `known` of all of them."""
    stats = [row.stats for row in rows]
    return EndpointStats(
        method=stats[0].method,
        name=stats[0].name,
        requests=sum(each.requests for each in stats),
        failures=sum(row.failures for row in rows),  # contradictions count in each run by itself
        latency=_extremes(stats) if known is None else known.latency,
        rps=None if known is None else known.rps,
    )


def _extremes(stats: Sequence[EndpointStats]) -> Latency:
    """Return the shortest and the longest time, where all that made requests know them."""
    stats = [each for each in stats if each.requests]
    least = [each.latency.min for each in stats if each.latency.min is not None]
    most = [each.latency.max for each in stats if each.latency.max is not None]
    return Latency(
        min=min(least, default=None) if len(least) == len(stats) else None,
        max=max(most, default=None) if len(most) == len(stats) else None,
    )


def _log(runs: Sequence[Run]) -> FailureLog | None:
    logs = [run.failure_log for run in runs if run.failure_log is not None]
    return Logs(logs) if logs else None


def _allowed(runs: Sequence[Run]) -> tuple[tuple[str, str, int, int], ...] | None:
    """Return what those runs that know it allow."""
    known = [run.allowed for run in runs if run.allowed is not None]
    return tuple(row for rows in known for row in rows) if known else None


def _time(runs: Sequence[Run]) -> TimeSpan | None:
    """Return the time from the first start to the last end."""
    times = [run.time for run in runs if run.time is not None]
    if len(times) < len(runs):
        return None
    return TimeSpan(
        started=min(time.started for time in times),
        ended=max(time.ended for time in times),
        source=max((time.source for time in times), key=_WORST_LAST.index),
        zone_known=all(time.zone_known for time in times),
    )


def _gaps(runs: Sequence[Run]) -> Iterator[str]:
    """Say where a run began after all others before it had ended: it is hardly of the same test."""
    ended: datetime | None = None
    timed = [(run.time, run) for run in runs if run.time and run.time.source != "file"]
    for time, run in sorted(timed, key=lambda each: each[0].started):
        if ended is not None and time.started > ended:
            yield (
                f"{run.label} began when the other runs were over: --merge is for runs that were"
                " on at the same time"
            )
        ended = max(ended or time.ended, time.ended)
