"""What a run's page says besides its tables: who and where, since when, how it was decided."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from loadgate.metrics import clock, exact, plain, seconds
from loadgate.model import FailureKind, Rule, Verdict
from loadgate.render import words as wording
from loadgate.render.tables import Cell
from loadgate.render.verdict.chart_data import elapsed
from loadgate.render.verdict.page_tables import milliseconds
from loadgate.text import status_label
from loadgate.time_series import Interval, KindTimes, TimeSeries

_COMMIT = 12
_LONG = 90
"""Seconds of an interval from which on they are told in minutes."""
_HIGH = 24
_WIDE = 400
"""Of a picture without intervals."""
_MOST_OUTAGES = 4
_QUIET = 5.0
"""Seconds without true failures between two outages, at least,"""
_QUIET_PART = 0.05
"""this part of the run, and more than an interval."""
_TIMES = {
    "file": "by the time of the file",
    "failures": "by the first and last failure",
}


def facts(verdict: Verdict) -> Iterator[tuple[str, Cell]]:
    """Yield what is known of the run: when it was, how long, of what."""
    run, origin = verdict.classification.run, verdict.provenance
    if run.time is not None:
        started = f"{run.time.started:%Y-%m-%d %H:%M:%S}"
        zone = "UTC" if run.time.zone_known else "in an unknown time zone"
        remark = _TIMES.get(run.time.source, "")
        yield "Started", Cell(text=f"{started} {zone}", remark=remark)
    length = seconds(run.time)
    if length:
        yield "Duration", Cell(text=clock(Fraction(length)))
    if run.users is not None:
        yield "Users", Cell(text=f"{run.users:,}", remark="at most")
    if origin.branch:
        yield "Branch", Cell(text=origin.branch)
    if origin.commit:
        yield "Commit", Cell(text=origin.commit[:_COMMIT])
    if origin.link:
        yield "CI job", Cell(text=origin.link, link=origin.link)


def tiles(verdict: Verdict) -> Iterator[tuple[str, str, str]]:
    """Yield the numbers of the whole run: name, number, what is said beside it."""
    total = verdict.classification.total
    requests = total.stats.requests
    rps = total.stats.rps
    yield "Requests", f"{requests:,}", "" if rps is None else f"{plain(exact(rps))} per second"
    rate = f"{wording.share_text(total.true, requests)} of requests" if total.true else ""
    yield "True failures", f"{total.true:,}", rate
    rate = f"{wording.share_text(total.expected, requests)} of requests" if total.expected else ""
    yield "Expected failures", f"{total.expected:,}", rate
    if total.allowed:
        yield "Allowed", f"{total.allowed:,}", "by the locustfile"
    times = dict(total.stats.latency.percentiles)
    slow, median = times.get("95"), times.get("50", total.stats.latency.median)
    if requests and slow is not None:
        yield "p95", milliseconds(slow), "" if median is None else f"p50 {milliseconds(median)}"
    exceptions = verdict.classification.run.task_exceptions
    if exceptions:
        yield "Task exceptions", f"{exceptions:,}", "outside requests"


@dataclass(frozen=True, slots=True, kw_only=True)
class KindLine:
    """A kind of failures, in words."""

    kind: FailureKind
    status: str
    endpoint: str
    error: str
    why: str
    """Of its rule; "": there is none."""
    when: str
    """"0:25 to 0:37"; "": not known."""
    clock: str
    """The same as a clock shows it."""
    shared: bool
    """As KindTimes.shared."""
    bars: str
    """The path of a picture: how many there were in each interval, or from when to when."""
    width: int
    """Of the picture."""


def kind_lines(verdict: Verdict, series: TimeSeries | None) -> list[KindLine]:
    """Return all kinds of failures, in their order."""
    classification = verdict.classification
    rules = {result.rule.id: result.rule for result in classification.rules}
    times = series.kinds if series is not None else ()
    none: list[KindTimes | None] = [None] * len(classification.failures)
    return [
        _kind_line(kind, known, rules.get(kind.rule or ""), series)
        for kind, known in zip(classification.failures, times or none, strict=True)
    ]


def _kind_line(
    kind: FailureKind, times: KindTimes | None, rule: Rule | None, series: TimeSeries | None
) -> KindLine:
    when = moments = bars = ""
    if times is not None and series is not None:
        when = span(times.first, times.last)
        moments = _clocks(series, times.first, times.last)
        if not series.intervals:  # then nobody knows the start for certain
            when, moments = moments, ""
        bars = _bars(times.counts) or _range(times, series)
    return KindLine(
        kind=kind,
        status=status_label(kind.status, kind.likely_status),
        endpoint=wording.endpoint(kind),
        error=wording.error(kind),
        why="" if rule is None else rule.why,
        when=when,
        clock=moments,
        shared=times is not None and times.shared,
        bars=bars,
        width=len(times.counts) if times is not None and times.counts else _WIDE,
    )


def span(first: float, last: float) -> str:
    """Return from when to when something happened: "0:25 to 0:37", or "at 0:25"."""
    begin, end = elapsed(first), elapsed(last)
    return f"at {begin}" if begin == end else f"{begin} to {end}"


def _clocks(series: TimeSeries, *seconds: float) -> str:
    """Return times as a clock shows them: "06:08:19 to 06:08:48 UTC"."""
    return f"{' to '.join(dict.fromkeys(map(series.clock, seconds)))} UTC"


def _bars(counts: tuple[int, ...]) -> str:
    most = max(counts, default=0)
    bars = ((at, _HIGH * (1 - count / most)) for at, count in enumerate(counts) if count)
    return "".join(f"M{at} {_HIGH}V{min(top, _HIGH - 2):.4g}h1V{_HIGH}z" for at, top in bars)


def _range(times: KindTimes, series: TimeSeries) -> str:
    """Return a path from the first to the last time; "": how long the run took is not known."""
    if not series.intervals:
        return ""
    end = series.intervals[-1].end
    first, last = (min(_WIDE * at / end, _WIDE) for at in (times.first, times.last))
    return f"M{first:.4g} 16H{max(last, first + 2):.4g}V22H{first:.4g}z"


def since(verdict: Verdict, series: TimeSeries | None) -> str:
    """Return when true failures began and ended; "": not known, or there were none."""
    if series is None or not series.kinds:
        return ""
    known = [
        times
        for kind, times in zip(verdict.classification.failures, series.kinds, strict=True)
        if kind.decision == "true" and times is not None
    ]
    if not known:
        return ""
    first, last = min(one.first for one in known), max(one.last for one in known)
    if not series.intervals:
        return f"True failures were seen from {_clocks(series, first, last)}."
    began = f"{elapsed(first)} ({_clocks(series, first)})"
    if elapsed(first) == elapsed(last):
        return f"True failures happened at {began}."
    end = elapsed(series.intervals[-1].end)
    apart = [
        span(max(begin, first), min(stop, last))
        for begin, stop in _outages(known, series.intervals)
    ]
    if 1 < len(apart) <= _MOST_OUTAGES:
        times = f"{', '.join(apart[:-1])} and {apart[-1]} of {end}"
        return f"True failures happened {times}, the first at {_clocks(series, first)}."
    return f"True failures began at {began} and were last seen at {elapsed(last)} of {end}."


def _outages(
    kinds: Sequence[KindTimes], intervals: Sequence[Interval]
) -> Iterator[tuple[float, float]]:
    """Yield where failures begin and end that are apart from others; none: that is not known."""
    if not all(kind.counts for kind in kinds):
        return
    seen = [
        (each.begin, each.end)
        for each, *counts in zip(intervals, *(kind.counts for kind in kinds), strict=True)
        if any(counts)
    ]
    quiet = max(_QUIET, intervals[-1].end * _QUIET_PART, *(each.length for each in intervals))
    starts = [
        at for at, (before, now) in enumerate(pairwise(seen), 1) if now[0] - before[1] > quiet
    ]
    for start, stop in pairwise([0, *starts, len(seen)]):
        yield seen[start][0], seen[stop - 1][1]


# --- what the charts are made of ------------------------------------------------------------------

_RECORD = "Record the next run to see them: use loadgate locust in place of locust."


def without_series(verdict: Verdict) -> str:
    """Say why there is nothing over time, and what to keep."""
    run = verdict.classification.run
    if not verdict.classification.total.stats.requests:
        return "No requests were made."
    if run.merged:
        return "Several runs were merged, and not all of them are recordings."
    if run.contradictions:
        return "The files are incomplete or contradict each other, so there are no charts."
    return (
        "The files have no timeline. Keep Locust's _stats_history.csv beside the"
        f" statistics. {_RECORD}"
    )


def about_series(verdict: Verdict, series: TimeSeries) -> Iterator[str]:
    """Yield what a reader of the charts must know."""
    unit = 60 if series.length > _LONG else 1
    length = clock(Fraction(max(round(series.length / unit), 1) * unit))
    if series.source == "recording":
        yield (
            f"From the recording, in intervals of {length}. Point at a chart, or tap it, to read"
            " its numbers."
        )
    elif series.source == "history":
        yield f"From Locust's history, in intervals of about {length}."
    else:
        yield "From the history in Locust's report: rates of the last 10 seconds."
    if not series.decided:
        yield f"It does not tell true failures from expected ones. {_RECORD}"
    if series.source == "history" and not series.resets:
        missing = verdict.classification.total.stats.requests - sum(
            each.requests for each in series.intervals
        )
        if missing > 0:
            yield f"The history lacks the last {missing:,.0f} requests of the run."
    if any(each.peak for each in series.intervals):
        yield "Pale bars are the worst second of an interval."
    for at in series.resets:
        yield (
            f"At {elapsed(at)} the statistics were reset: what is before the dotted line is in no"
            " total and was not judged."
        )
    if series.phases:
        grey = [
            f"{phase.name} from {elapsed(phase.begin)} to {elapsed(phase.end)}"
            for phase in series.phases
            if phase.name != "steady" and elapsed(phase.begin) != elapsed(phase.end)
        ]
        if grey:
            yield f"Grey: {' and '.join(grey)}."


def method(verdict: Verdict) -> Iterator[tuple[str, list[str]]]:
    """Yield what was read and how it was decided: what it is, and its entries."""
    classification = verdict.classification
    yield "Rules", list(classification.origins)
    yield "Files", wording.files(classification)
    if verdict.baseline:
        yield "Baseline", list(verdict.baseline)
