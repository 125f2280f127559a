"""Numbers and nouns of a report in, the words for them on its page out."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from zoneinfo import ZoneInfo

from loadgate.model import Outcome
from loadgate.render import wording
from loadgate.week import Concern, Direction

UNKNOWN = "–"  # noqa: RUF001 - a dash where there is no number

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

OUTCOMES: dict[Outcome, str] = {
    "passed": "passed",
    "failed": "failed",
    "no-evidence": "no evidence",
}
CONCERNS: dict[Concern, str] = {
    "gate-failed": "Gate failed",
    "no-evidence": "No evidence",
    "new-kind": "New failure",
    "endpoint-worse": "More failures",
    "endpoint-slower": "Slower",
    "budget": "Budget",
    "rule-expired": "Rule expired",
    "rule-expiring": "Rule expiring",
    "rule-idle": "Rule idle",
    "flapping": "Flapping",
    "broken": "Broken document",
}
DIRECTIONS: dict[Direction, str] = {
    "worse": "▲ worse",
    "better": "▼ better",
    "same": "no change",
    "unclear": "unclear",
    "new": "new",
    "gone": "gone",
}

_FULL_COMMIT = 12
_UNTOLD = 10**9
_PLAIN_FROM, _PLAIN_TO = 100, 10_000_000


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
    return name[:_FULL_COMMIT]


def percent(share: float | None) -> str:
    """Return a share in percent, in three digits."""
    return UNKNOWN if share is None else f"{_three_digits(100 * share)}%"


def milliseconds(time: float | None) -> str:
    """Return a time in milliseconds, in three digits or whole ones."""
    return UNKNOWN if time is None else f"{_three_digits(time)} ms"


def narrow(number: int) -> str:
    """Return a count for a cell of a picture: 950, 1.2k, 34k, 5.6M, 1.00e+12."""
    if number >= _UNTOLD:
        return wording.narrow(number)
    for unit, size in (("M", 1_000_000), ("k", 1000)):
        if number >= size:
            return f"{_three_digits(number / size, 2)}{unit}"
    return str(number)


def _three_digits(number: float, digits: int = 3) -> str:
    if _PLAIN_FROM <= number < _PLAIN_TO:
        return f"{number:,.0f}"
    return f"{number:.{digits}g}"
