"""How runs, endpoints, kinds of failures and rules fared, compared with the period before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import repeat
from operator import attrgetter

import pandas as pd

from loadgate.difference import Counts
from loadgate.masking import Endpoint
from loadgate.model import OTHER_SIGNATURES, SERVER_ERRORS, UNEXPLAINED, Decision, RuleState, Status
from loadgate.summary import EndpointCounts, RuleUse, RunSummary, known_sum
from loadgate.text import status_order
from loadgate.weekly.model import (
    Change,
    DayCell,
    EndpointTrend,
    KindState,
    KindTrend,
    Period,
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
Rows = Sequence[EndpointCounts]
"""One a run, of an endpoint."""

_ROLLED_UP = frozenset({OTHER_SIGNATURES, UNEXPLAINED})

# --- runs and endpoints ---------------------------------------------------------------------------


def whole_runs(now: Runs, before: Runs) -> tuple[Change, Change]:
    """Compare the share of true failures and the 95th percentile of the whole runs."""
    rate, time = _pairs(*map(_whole, (now, before)))
    return judge([rate])[0], judge([time])[0]


def _whole(runs: Runs) -> list[EndpointCounts]:
    """Return each run as if it were one endpoint."""
    return [
        EndpointCounts(
            method="",
            name="",
            requests=run.requests,
            failures=run.failures,
            expected=run.expected,
            true=run.true,
            p95=run.p95,
            allowed=run.allowed,
        )
        for run in runs
    ]


def endpoint_trends(now: Runs, before: Runs) -> tuple[EndpointTrend, ...]:
    """Compare every endpoint; worse ones first, then by true failures, then by name."""
    sides: tuple[defaultdict[Endpoint, list[EndpointCounts]], ...] = (
        defaultdict(list),
        defaultdict(list),
    )
    for rows, runs in zip(sides, (now, before), strict=True):
        for run in runs:
            for row in run.endpoints:
                rows[row[0], row[1]].append(row)
    endpoints = sorted({key for rows in sides for key in rows})
    pairs = [_pairs(*(rows[key] for rows in sides)) for key in endpoints]
    rates, times = judge([rate for rate, _ in pairs]), judge([time for _, time in pairs])
    trends = []
    for key, rate, time in zip(endpoints, rates, times, strict=True):
        mine, earlier = (rows[key] for rows in sides)
        trends.append(
            EndpointTrend(
                method=key[0],
                name=key[1],
                requests=sum(row.requests for row in mine),
                expected=sum(row.expected for row in mine),
                true=sum(row.true for row in mine),
                true_rate=rate,
                p95=time,
                allowed=known_sum(row.allowed for row in mine),
                allowed_before=known_sum(row.allowed for row in earlier),
                moved=_moved(mine, earlier),
            )
        )
    return tuple(sorted(trends, key=_worst_first))


def _moved(now: Rows, before: Rows) -> bool:
    allowed = _allowed(now, before)
    if not rise_of(allowed):
        return False
    failures = compare_rates(_counts(now, "failures"), _counts(before, "failures"))
    return became_allowed(failures, allowed)


def _allowed(now: Rows, before: Rows) -> Pair:
    """Return the shares of responses that are allowed, of the runs that were recorded."""
    mine, earlier = ([row for row in rows if row.allowed is not None] for rows in (now, before))
    return compare_rates(_counts(mine, "allowed"), _counts(earlier, "allowed"))


def _pairs(now: Rows, before: Rows) -> tuple[Pair, Pair]:
    """Return the shares of true failures and the response times of runs, not yet tested."""
    rise = rise_of(_allowed(now, before))
    rate = compare_rates(_counts(now, "true"), _counts(before, "true"), rise)
    return rate, compare_times(_times(now), _times(before))


def _times(rows: Rows) -> list[float]:
    return [row.p95 for row in rows if row.requests and row.p95 is not None]


def _counts(rows: Rows, field: str) -> Counts:
    """Return a count and the requests of each run."""
    return [*map(attrgetter(field, "requests"), rows)]


def _worst_first(trend: EndpointTrend) -> tuple[bool, int, str, str]:
    fine = "worse" not in {trend.true_rate.direction, trend.p95.direction}
    return fine, -trend.true, trend.name, trend.method


def day_cells(runs: Runs, period: Period) -> tuple[DayCell, ...]:
    """Return what happened on each day with runs to each endpoint with true failures.

    Of a period that is longer than any month, what happened in each week (Period.by_week).
    """

    def column(run: RunSummary) -> date:
        day = run.started.astimezone(period.zone).date()
        return max(day - timedelta(days=day.weekday()), period.first) if period.by_week else day

    endpoint, counts = ["method", "name"], ["requests", "true"]
    rows = [
        (row.method, row.name, day, row.requests, row.true)
        for run in runs
        for day in [column(run)]
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
    rules: dict[_Kind, str] = {}
    likely: dict[_Kind, int] = {}
    failures: defaultdict[_Kind, dict[int, int]] = defaultdict(dict)  # by number of the run
    for number, run in enumerate(runs):
        for row in run.kinds:
            kind = row[:5]
            first.setdefault(kind, number)
            if number >= len(older):
                of_kind = failures[kind]
                of_kind[number] = of_kind.get(number, 0) + row.failures
                if row.rule:
                    rules[kind] = row.rule
                if row.likely_status:
                    likely[kind] = row.likely_status

    requests = [run.requests for run in runs]

    def counts(kind: _Kind, period: range) -> Counts:
        """Return failures and requests of each run, with zero failures where the kind is absent."""
        of_period = requests[period.start : period.stop]
        return [*zip(map(failures[kind].get, period, repeat(0)), of_period, strict=True)]

    changes = judge(
        [compare_rates(counts(kind, this_period), counts(kind, period_before)) for kind in failures]
    )
    trends = []
    for kind, change in zip(failures, changes, strict=True):
        method, name, status, decision, signature = kind
        mine = [failed for number, failed in failures[kind].items() if number in this_period]
        count = sum(mine)
        is_new = first[kind] >= this_period.start > 0 and signature not in _ROLLED_UP
        first_run, last_run = runs[first[kind]], runs[max(failures[kind])]
        trends.append(
            KindTrend(
                method=method,
                name=name,
                status=status,
                likely_status=likely.get(kind),
                decision=decision,
                signature=signature,
                rule=rules.get(kind),
                count=count,
                before=sum(failures[kind].values()) - count,
                state=_state(change, count, is_new=is_new),
                first_run=first_run.label,
                first_seen=first_run.started,
                last_run=last_run.label,
                last_seen=last_run.started,
                runs=len(mine),
            )
        )
    return tuple(sorted(trends, key=_most_urgent_first))


def _state(change: Change, count: int, *, is_new: bool) -> KindState:
    if not count:
        return "gone"
    if is_new:
        return "new"
    return "growing" if change.direction == "worse" else "known"


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
