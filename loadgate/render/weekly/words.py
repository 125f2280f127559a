"""The words that Markdown and HTML share for what is in a weekly report."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from zoneinfo import ZoneInfo

from loadgate.masked import masked
from loadgate.render import words as wording
from loadgate.text import and_more, cut, one_line
from loadgate.weekly.model import ActionItem, ActionKind, Direction, Report
from loadgate.weekly.words import three_digits, too_few_runs

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

_RUNS = 7
_COLUMNS = 320  # of a sentence; no reader needs more of it
_UNTOLD = 10**9


def mask_report(report: Report) -> Report:
    """Mask every text of a weekly report."""
    return masked(report, endpoints=[*report.endpoints, *report.kinds, *report.days])


def runs(item: ActionItem) -> list[str]:
    """Return the labels of the runs that an item is about; of many, how many more there are."""
    more = len(item.runs) - _RUNS
    return [*item.runs[:_RUNS], *([and_more(more)] if more > 0 else [])]


def shown(raw: str) -> str:
    """Return a text on one line and not endless, not yet escaped."""
    return cut(one_line(raw), _COLUMNS)


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


def narrow(number: int) -> str:
    """Return a count for a cell of a picture: 950, 1.2k, 34k, 5.6M, 1.00e+12."""
    if number >= _UNTOLD:
        return wording.narrow(number)
    for unit, size in (("M", 1_000_000), ("k", 1000)):
        if number >= size:
            return f"{three_digits(number / size, 2)}{unit}"
    return str(number)


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
