"""How runs, endpoints, kinds of failures and rules fared, compared with the period before."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from loadgate.difference import Counts
from loadgate.model import OTHER_SIGNATURES, SERVER_ERRORS, UNEXPLAINED, Decision, RuleState, Status
from loadgate.summary import EndpointCounts, RuleUse, RunSummary, known_sum
from loadgate.text import status_order
from loadgate.weekly.model import (
    Change,
    DayCell,
    EndpointTrend,
    KindState,
    KindTrend,
    RuleTrend,
)
from loadgate.weekly.significance import (
    Pair,
    became_allowed,
    compare_rates,
    compare_times,
    judge,
    rise_of,
)

Runs = Sequence[RunSummary]
"""By start."""

_ROLLED_UP = frozenset({OTHER_SIGNATURES, UNEXPLAINED})

# --- runs and endpoints ---------------------------------------------------------------------------


def whole_runs(now: Runs, before: Runs) -> tuple[Change, Change]:
    """Compare the share of true failures and the 95th percentile of the whole runs."""
    columns = ("requests", "true", "p95", "allowed")
    rate, time = _pairs(
        _rows(now, before, lambda run: [(run.requests, run.true, run.p95, run.allowed)], columns)
    )
    return judge([rate])[0], judge([time])[0]


def endpoint_trends(now: Runs, before: Runs) -> tuple[EndpointTrend, ...]:
    """Compare every endpoint; worse ones first, then by true failures, then by name."""
    rows = _rows(now, before, lambda run: run.endpoints, EndpointCounts._fields)
    groups = [*rows.groupby(["method", "name"])]
    pairs = [_pairs(group) for _, group in groups]
    rates, times = judge([rate for rate, _ in pairs]), judge([time for _, time in pairs])
    trends = []
    for ((method, name), group), rate, time in zip(groups, rates, times, strict=True):
        sums = group.loc[group["now"], ["requests", "expected", "true"]].sum()
        trends.append(
            EndpointTrend(
                method=method,
                name=name,
                requests=int(sums["requests"]),
                expected=int(sums["expected"]),
                true=int(sums["true"]),
                true_rate=rate,
                p95=time,
                allowed=_known_allowed(group[group["now"]]),
                allowed_before=_known_allowed(group[~group["now"]]),
                moved=became_allowed(compare_rates(*_counts(group, "failures")), _allowed(group)),
            )
        )
    return tuple(sorted(trends, key=_worst_first))


def _known_allowed(rows: pd.DataFrame) -> int | None:
    return known_sum(None if pd.isna(count) else int(count) for count in rows["allowed"])


def _allowed(rows: pd.DataFrame) -> Pair:
    """Return the shares of responses that are allowed, of the runs that were recorded."""
    return compare_rates(*_counts(rows[rows["allowed"].notna()], "allowed"))


def _rows(
    now: Runs, before: Runs, rows_of: Callable[[RunSummary], Iterable[Any]], columns: Sequence[str]
) -> pd.DataFrame:
    """Return the rows of all runs, and whether they are of this period."""
    rows = [
        (this_period, *row)
        for this_period, runs in ((True, now), (False, before))
        for run in runs
        for row in rows_of(run)
    ]
    return pd.DataFrame(rows, columns=["now", *columns]).astype({"now": bool})


def _pairs(rows: pd.DataFrame) -> tuple[Pair, Pair]:
    """Return the shares of true failures and the response times of runs, not yet tested."""
    asked = rows[rows["requests"] > 0]
    times = [asked[asked["now"] == now]["p95"].dropna().tolist() for now in (True, False)]
    rate = compare_rates(*_counts(rows, "true"), rise_of(_allowed(rows)))
    return rate, compare_times(*times)


def _counts(rows: pd.DataFrame, field: str) -> tuple[Counts, Counts]:
    """Return a count and the requests of each run of this period, and of the one before."""
    columns = rows[["now", field, "requests"]].itertuples(index=False, name=None)
    sides: tuple[list[tuple[int, int]], list[tuple[int, int]]] = ([], [])
    for now, count, requests in columns:
        sides[not now].append((count, requests))
    return sides


def _worst_first(trend: EndpointTrend) -> tuple[bool, int, str, str]:
    fine = "worse" not in {trend.true_rate.direction, trend.p95.direction}
    return fine, -trend.true, trend.name, trend.method


def day_cells(runs: Runs, zone: ZoneInfo) -> tuple[DayCell, ...]:
    """Return what happened on each day with runs to each endpoint with true failures."""
    endpoint, counts = ["method", "name"], ["requests", "true"]
    rows = [
        (row.method, row.name, run.started.astimezone(zone).date(), row.requests, row.true)
        for run in runs
        for row in run.endpoints
    ]
    frame = pd.DataFrame(rows, columns=[*endpoint, "day", *counts])
    sums = frame.groupby([*endpoint, "day"], as_index=False)[counts].sum()
    failing = sums[sums.groupby(endpoint)["true"].transform("sum") > 0]
    return tuple(
        DayCell(method=method, name=name, day=day, requests=requests, true=true)
        for method, name, day, requests, true in failing.itertuples(index=False, name=None)
    )


# --- kinds of failures ----------------------------------------------------------------------------

_Kind = tuple[str, str, Status | None, Decision, str]
"""Method, name, status, decision and signature: the first fields of a KindCount."""


def kind_trends(now: Runs, before: Runs, older: Runs) -> tuple[KindTrend, ...]:
    """Compare every kind; new true ones first, then growing, known, expected and gone ones.

    A kind is its endpoint, status, decision and signature. It is new if no run before this period
    had it; without any run before there is nothing to be new against.
    """
    runs = (*older, *before, *now)
    this_period = range(len(runs) - len(now), len(runs))
    period_before = range(len(older), this_period.start)
    first: dict[_Kind, int] = {}
    rules: dict[_Kind, str | None] = {}
    likely: dict[_Kind, int | None] = {}
    failures: dict[_Kind, Counter[int]] = defaultdict(Counter)  # by number of the run
    for number, run in enumerate(runs):
        for row in run.kinds:
            kind = row[:5]
            first.setdefault(kind, number)
            if number >= len(older):
                failures[kind][number] += row.failures
                rules[kind] = row.rule or rules.get(kind)
                likely[kind] = row.likely_status or likely.get(kind)

    def counts(kind: _Kind, period: range) -> list[tuple[int, int]]:
        """Return failures and requests of each run, with zero failures where the kind is absent."""
        return [(failures[kind][number], runs[number].requests) for number in period]

    changes = judge(
        [compare_rates(counts(kind, this_period), counts(kind, period_before)) for kind in failures]
    )
    trends = []
    for kind, change in zip(failures, changes, strict=True):
        method, name, status, decision, signature = kind
        count = sum(failures[kind][number] for number in this_period)
        state: KindState = "known"
        if not count:
            state = "gone"
        elif first[kind] >= this_period.start > 0 and signature not in _ROLLED_UP:
            state = "new"
        elif change.direction == "worse":
            state = "growing"
        first_run, last_run = runs[first[kind]], runs[max(failures[kind])]
        trends.append(
            KindTrend(
                method=method,
                name=name,
                status=status,
                likely_status=likely[kind],
                decision=decision,
                signature=signature,
                rule=rules[kind],
                count=count,
                before=sum(failures[kind][number] for number in period_before),
                state=state,
                first_run=first_run.label,
                first_seen=first_run.started,
                last_run=last_run.label,
                last_seen=last_run.started,
                runs=sum(number in this_period for number in failures[kind]),
            )
        )
    return tuple(sorted(trends, key=_most_urgent_first))


def _most_urgent_first(trend: KindTrend) -> tuple[object, ...]:
    urgency = {"new": 0, "growing": 1, "known": 2, "gone": 4}[trend.state]
    if trend.decision == "expected" and trend.state != "gone":
        urgency = 3
    return (
        *(
            urgency,
            (trend.status or trend.likely_status) not in SERVER_ERRORS,
            -trend.count,
            -trend.before,
        ),
        *(trend.name, trend.method, status_order(trend.status), trend.decision, trend.signature),
    )


# --- rules ----------------------------------------------------------------------------------------


def rule_trends(runs: Runs, today: date) -> tuple[RuleTrend, ...]:
    """Sum up what each rule did in the runs of a period, as the last of them has it."""
    uses: dict[str, list[RuleUse]] = defaultdict(list)
    for run in runs:
        for use in run.rules:
            uses[use.id].append(use)
    trends = [_rule_trend(of_rule, today) for of_rule in uses.values()]
    return tuple(
        sorted(trends, key=lambda trend: (-trend.matched, -(trend.allowed or 0), trend.id))
    )


def _rule_trend(uses: Sequence[RuleUse], today: date) -> RuleTrend:
    last = uses[-1]
    matched = sum(use.matched for use in uses)
    allowed = known_sum(use.allowed for use in uses)
    state: RuleState = "used" if matched or allowed else "idle"
    return RuleTrend(
        id=last.id,
        why=last.why,
        matched=matched,
        runs=len(uses),
        runs_matched=sum(bool(use.matched or use.allowed) for use in uses),
        state=last.state if last.state == "expired" else state,
        excuses=last.excuses,
        budget=last.budget,
        used=max((use.used for use in uses if use.used is not None), default=None),
        expires=last.expires,
        days_left=None if last.expires is None else (last.expires - today).days,
        allowed=allowed,
    )
