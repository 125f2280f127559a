"""Tables of what the runs of two periods say of endpoints, kinds and days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import pandas as pd

from loadgate.summary import RunSummary
from loadgate.weekly.model import Period

_ENDPOINTS = ("now", "run", "method", "name", "requests", "expected", "true", "p95")
_KINDS = ("now", "run", "method", "name", "status", "decision", "signature", "rule", "count")


@dataclass(frozen=True, slots=True, kw_only=True)
class BothPeriods:
    """The records of a period and of the one before it."""

    now: Sequence[RunSummary]
    before: Sequence[RunSummary]

    def each(self) -> list[tuple[bool, int, RunSummary]]:
        """Return every record: whether it is of this period, its number there, and itself."""
        return [
            *((True, number, record) for number, record in enumerate(self.now)),
            *((False, number, record) for number, record in enumerate(self.before)),
        ]


def endpoint_rows(sides: BothPeriods) -> pd.DataFrame:
    """Return a row for each endpoint of each run with requests to it."""
    rows = [
        (now, number, row.method, row.name, row.requests, row.expected, row.true, row.p95)
        for now, number, record in sides.each()
        for row in record.endpoints
    ]
    return pd.DataFrame(rows, columns=list(_ENDPOINTS))


def kind_rows(sides: BothPeriods) -> pd.DataFrame:
    """Return a row for each kind of failure of each run; -1 is the status that is not known."""
    rows = [
        (
            *(now, number, kind.method, kind.name, -1 if kind.status is None else kind.status),
            *(kind.decision, kind.signature, kind.rule, kind.failures),
        )
        for now, number, record in sides.each()
        for kind in record.kinds
    ]
    return pd.DataFrame(rows, columns=list(_KINDS))


def day_rows(records: Sequence[RunSummary], period: Period) -> pd.DataFrame:
    """Return for each endpoint with true failures and each day with runs what happened to it."""
    zone = ZoneInfo(period.zone)
    rows = [
        (row.method, row.name, record.started.astimezone(zone).date(), row.requests, row.true)
        for record in records
        for row in record.endpoints
    ]
    frame = pd.DataFrame(rows, columns=["method", "name", "day", "requests", "true"])
    sums = frame.groupby(["method", "name", "day"], as_index=False, sort=True)[
        ["requests", "true"]
    ].sum()
    failing = sums.groupby(["method", "name"])["true"].transform("sum") > 0
    return sums[failing]
