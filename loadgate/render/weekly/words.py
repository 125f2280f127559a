"""The words that Markdown and HTML share for what is in a weekly report."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from zoneinfo import ZoneInfo

from loadgate.masked import masked
from loadgate.render import words as wording
from loadgate.render.page.template import shown as shown  # noqa: PLC0414 - part of this vocabulary
from loadgate.weekly.model import ActionItem, ActionKind, Direction, KindState, Report, Week
from loadgate.weekly.words import milliseconds, too_few_runs

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

ACTIONS: dict[ActionKind, str] = {
    "nothing-ran": "Nothing ran",
    "gate-failed": "Gate failed",
    "no-evidence": "No evidence",
    "incident": "Incident",
    "allowed": "Failures allowed",
    "endpoint-worse": "More failures",
    "endpoint-slower": "Slower",
    "budget": "Budget",
    "rule-expired": "Rule expired",
    "rule-expiring": "Rule expires soon",
    "rule-idle": "Unused rules",
    "flapping": "Flaky gate",
    "broken": "Unreadable result",
}
DIRECTIONS: dict[Direction, str] = {
    "worse": "▲ worse",
    "better": "▼ better",
    "same": "within normal variation",
    "unclear": "within normal variation",
    "new": "new",
    "gone": "gone",
}
STATES: dict[KindState, str] = {
    "new": "new",
    "growing": "growing",
    "known": "known",
    "gone": "over",
}
_VERDICTS = {
    "Fine": "passed",
    "Not fine": "failed",
    "Passed, but not fine": "warning",
    "Nothing ran": "no-evidence",
}
"""How a headline begins, and how that looks."""
_VERDICT = re.compile(f"({'|'.join(_VERDICTS)})(?:[:;] |[.]$)")

_RUNS = 3


def mask_report(report: Report) -> Report:
    """Mask every text of a weekly report."""
    of_incidents = (row for incident in report.incidents for row in incident.endpoints)
    rows = [*report.endpoints, *report.kinds, *report.days, *of_incidents]
    return masked(report, endpoints=rows)


def verdict(report: Report) -> tuple[str, str, str]:
    """Return how the period was in a word, the mark for it, and the rest of the headline."""
    found = _VERDICT.match(report.headline)
    if found is None:
        return "", "", report.headline
    rest = report.headline[found.end() :]
    return found[1], _VERDICTS[found[1]], rest[:1].upper() + rest[1:]


def totals(report: Report) -> list[str]:
    """Return the numbers of the whole period: of its runs, requests and failures, and its p95."""
    outcomes = [run.outcome for run in report.runs]
    counts = [
        f"{outcomes.count(outcome):,} {name.lower()}"
        for outcome, name in wording.VERDICTS.items()
        if outcome in outcomes
    ]
    runs = wording.counted(len(outcomes), "run") + (f" ({', '.join(counts)})" if counts else "")
    sums = wording.sums(report.requests, report.expected, report.true)
    p95 = [] if report.p95.now is None else [f"p95 {milliseconds(report.p95.now)}"]
    return [runs, sums + wording.by_locustfile(report.allowed), *p95]


def runs_of_week(week: Week) -> str:
    """Return how many runs a week had, and what the gate said of them."""
    parts = [wording.counted(week.runs, "run")]
    parts += [f"{week.failed:,} failed"] if week.failed else []
    parts += [f"{week.without_evidence:,} without requests"] if week.without_evidence else []
    return ", ".join(parts)


def idle(report: Report) -> str:
    """Return when nothing ran, of the weeks that are shown: the last times; "": something did."""
    times = [] if report.weeks is None else report.weeks.idle
    spans = [f"{first} to {last}" if first != last else f"{first}" for first, last in times]
    if not spans:
        return ""
    more = f", and {wording.counted(len(spans) - 3, 'earlier time')}" if len(spans) > 3 else ""
    return f"Nothing ran: {', '.join(spans[-3:])}{more}."


def runs_before(report: Report) -> str:
    """Return how many runs the period before had."""
    return wording.counted(len(report.runs_before), "run")


def runs(item: ActionItem) -> list[str]:
    """Return the labels of the runs that an item is about, if they are few: a table has all."""
    return [*item.runs] if len(item.runs) <= _RUNS else []


def local(time: datetime, zone: ZoneInfo) -> datetime:
    """Return a time on the clock of a zone, without it; at either end of the calendar, in UTC."""
    with suppress(OverflowError):  # of year 1 or 9999, which a document may claim
        time = time.astimezone(zone)
    return time.replace(tzinfo=None)


def when(time: datetime, zone: ZoneInfo) -> str:
    """Return a time on the clock of a zone: "Mon 2026-11-16 02:00"."""
    clock = local(time, zone)
    return f"{DAYS[clock.weekday()]} {clock.isoformat(' ', 'minutes')}"


def commit(name: str) -> str:
    """Return as much of a commit's name as tells it from others."""
    return shown(name)[:12]


# --- how a report was computed --------------------------------------------------------------------

BROKEN = "Results that could not be read"


def method(report: Report, escape: Callable[[str], str] = str) -> list[str]:
    """Return how the report was computed, a sentence each, with names as `escape` has them."""
    now, before = report.period, report.previous
    name, name_before, zone = map(escape, (now.name, before.name, now.zone.key))
    tested = (
        "A change is marked if it is large enough to matter and a rank test over the runs of both"
        " periods, corrected for the number of tests, supports it. Runs are compared, not requests,"
        " because failures come in bursts."
        if report.tested
        else "Changes were not tested, as SciPy is not installed: pip install 'loadgate[report]'."
    )
    if few := too_few_runs(report):
        tested = f"{tested} {few}"
    return [
        f"This period: {name}, {now.first} to {now.last} ({zone}),"
        f" {wording.counted(len(report.runs), 'run')}.",
        f"The period before: {name_before}, {before.first} to {before.last},"
        f" {wording.counted(len(report.runs_before), 'run')}.",
        f"Runs outside both periods: {report.outside:,}.",
        tested,
        "Rates are shares of all requests in the period; p95 is the median of its runs' p95.",
        "A kind of failure is new if no earlier run had the same endpoint, status, verdict and"
        " error text.",
        f"Rules expire as of {report.today}, the day of the report.",
    ]


def listings(report: Report) -> list[tuple[str, list[str]]]:
    """Return what is listed below that, where there is any."""
    collection = report.collection
    listed = [
        (BROKEN, [f"{broken.source}: {broken.problem}" for broken in collection.broken]),
        ("Runs given twice, counted once", list(collection.repeated)),
        ("Rules used", sorted({origin for run in report.runs for origin in run.rules_from})),
        ("Sources", [run.source for run in collection.records]),
    ]
    return [(title, entries) for title, entries in listed if entries]
