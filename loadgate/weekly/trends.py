"""How each endpoint, kind of failure and rule fared, compared with the period before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Literal, cast

import pandas as pd

from loadgate.model import OTHER_SIGNATURES, SERVER_ERRORS, UNEXPLAINED
from loadgate.summary import RuleUse, RunSummary
from loadgate.weekly.frames import BothPeriods, endpoint_rows, kind_rows
from loadgate.weekly.model import Change, EndpointTrend, KindTrend, RuleTrend
from loadgate.weekly.significance import Pair, Sample, compare_rates, compare_times, judge

_KIND = ["method", "name", "status", "decision", "signature"]
_ROLLED_UP = frozenset({OTHER_SIGNATURES, UNEXPLAINED})
_BADNESS = {"worse": 0, "new": 1, "unclear": 2, "same": 3, "better": 4, "gone": 5}


def whole_runs(sides: BothPeriods) -> tuple[Change, Change]:
    """Compare the share of true failures and the 95th percentile of the whole runs."""

    def sample(records: Sequence[RunSummary]) -> Sample:
        counted = [record for record in records if record.requests]
        return Sample(
            failures=[record.true for record in counted],
            requests=[record.requests for record in counted],
        )

    def times(records: Sequence[RunSummary]) -> list[float]:
        return [record.p95 for record in records if record.requests and record.p95 is not None]

    rate = compare_rates(sample(sides.now), sample(sides.before))
    p95 = compare_times(times(sides.now), times(sides.before))
    return judge([rate])[0], judge([p95])[0]


def endpoint_trends(sides: BothPeriods) -> tuple[EndpointTrend, ...]:
    """Compare every endpoint; worse ones first, then by true failures, then by name."""
    rows = endpoint_rows(sides)
    groups = [
        (str(method), str(name), group)
        for (method, name), group in rows.groupby(["method", "name"], sort=True)
    ]
    rates = judge([_rates(group) for _, _, group in groups])
    times = judge([_times(group) for _, _, group in groups])
    trends = []
    for (method, name, group), rate, p95 in zip(groups, rates, times, strict=True):
        sums = group[group["now"]][["requests", "expected", "true"]].sum()
        trends.append(
            EndpointTrend(
                method=method,
                name=name,
                requests=int(sums["requests"]),
                expected=int(sums["expected"]),
                true=int(sums["true"]),
                true_rate=rate,
                p95=p95,
            )
        )
    return tuple(sorted(trends, key=_worst_first))


def _worst_first(of: EndpointTrend) -> tuple[int, int, str, str]:
    badness = min(_BADNESS[of.true_rate.direction], _BADNESS[of.p95.direction])
    return 0 if badness == 0 else 1, -of.true, of.name, of.method


def _rates(group: pd.DataFrame) -> Pair:
    asked = group[group["requests"] > 0]

    def sample(rows: pd.DataFrame) -> Sample:
        return Sample(
            failures=[int(n) for n in rows["true"]], requests=[int(n) for n in rows["requests"]]
        )

    return compare_rates(sample(asked[asked["now"]]), sample(asked[~asked["now"]]))


def _times(group: pd.DataFrame) -> Pair:
    known = group[group["p95"].notna() & (group["requests"] > 0)]
    now, before = known[known["now"]]["p95"], known[~known["now"]]["p95"]
    return compare_times([float(ms) for ms in now], [float(ms) for ms in before])


# --- kinds of failures ----------------------------------------------------------------------------

_Kind = tuple[str, str, int, str, str]


def kind_trends(sides: BothPeriods, records: Sequence[RunSummary]) -> tuple[KindTrend, ...]:
    """Compare every kind; new true ones first, then growing, known, expected and gone ones.

    A kind is its endpoint, status, decision and signature. It is new if no run before this period
    had it, of all `records` given; without any run before there is nothing to be new against.
    """
    rows = kind_rows(sides)
    seen = _seen(records, set(zip(*(rows[column].tolist() for column in _KIND), strict=True)))
    earlier = bool(sides.before) or any(
        record.started < sides.now[0].started for record in records[:1] if sides.now
    )
    groups = [(cast("_Kind", key), group) for key, group in rows.groupby(_KIND, sort=True)]
    grown = judge([_of_runs(group, sides) for _, group in groups])
    trends = [
        _kind_trend(key, group, seen[key], change, earlier=earlier)
        for (key, group), change in zip(groups, grown, strict=True)
    ]
    return tuple(sorted(trends, key=_most_urgent_first))


def _seen(records: Sequence[RunSummary], wanted: set[object]) -> dict[_Kind, list[RunSummary]]:
    """Return for each kind that is wanted the records that have it, by start."""
    seen: dict[_Kind, list[RunSummary]] = defaultdict(list)
    for record in records:
        for kind in record.kinds:
            status = -1 if kind.status is None else kind.status
            key = (kind.method, kind.name, status, kind.decision, kind.signature)
            if key in wanted and (not seen[key] or seen[key][-1] is not record):
                seen[key].append(record)
    return seen


def _of_runs(group: pd.DataFrame, sides: BothPeriods) -> Pair:
    """Compare the shares of a kind in the requests of all runs, also of those without it."""

    def sample(records: Sequence[RunSummary], *, now: bool) -> Sample:
        counts = group[group["now"] == now].groupby("run")["count"].sum()
        counted = [(n, record) for n, record in enumerate(records) if record.requests]
        return Sample(
            failures=[int(counts.get(n, 0)) for n, _ in counted],
            requests=[record.requests for _, record in counted],
        )

    return compare_rates(sample(sides.now, now=True), sample(sides.before, now=False))


def _kind_trend(
    key: _Kind, group: pd.DataFrame, seen: Sequence[RunSummary], grown: Change, *, earlier: bool
) -> KindTrend:
    method, name, status, decision, signature = key
    of_now = group[group["now"]]
    count, before = int(of_now["count"].sum()), int(group[~group["now"]]["count"].sum())
    rules = [rule for rule in group["rule"] if isinstance(rule, str)]
    first, last = seen[0], seen[-1]
    new = earlier and count and len(seen) == of_now["run"].nunique() and signature not in _ROLLED_UP
    state: Literal["new", "gone", "growing", "known"] = "known"
    if not count:
        state = "gone"
    elif new:
        state = "new"
    elif grown.direction == "worse":
        state = "growing"
    return KindTrend(
        method=method,
        name=name,
        status=None if status < 0 else int(status),  # some pandas give numbers of NumPy here
        decision="expected" if decision == "expected" else "true",
        signature=signature,
        rule=rules[-1] if rules else None,
        count=count,
        before=before,
        state=state,
        first_run=first.label,
        first_seen=first.started,
        last_run=last.label,
        last_seen=last.started,
        runs=int(of_now["run"].nunique()),
    )


def _most_urgent_first(of: KindTrend) -> tuple[object, ...]:
    urgency = {"new": 0, "growing": 1, "known": 2, "gone": 4}[of.state]
    if of.decision == "expected" and of.state != "gone":
        urgency = 3
    return (
        urgency,
        of.status not in SERVER_ERRORS,
        -of.count,
        -of.before,
        of.name,
        of.method,
        of.status or 0,
        of.signature,
    )


# --- rules ----------------------------------------------------------------------------------------


def rule_trends(records: Sequence[RunSummary], today: date) -> tuple[RuleTrend, ...]:
    """Sum up what each rule did in the runs of a period, as the last of them has it."""
    uses: dict[str, list[RuleUse]] = {}
    for record in records:
        for use in record.rules:
            uses.setdefault(use.id, []).append(use)
    return tuple(sorted(_rule_trends(uses, today), key=lambda trend: (-trend.matched, trend.id)))


def _rule_trends(uses: dict[str, list[RuleUse]], today: date) -> Iterator[RuleTrend]:
    for name, of_rule in uses.items():
        last = of_rule[-1]
        matched = sum(use.matched for use in of_rule)
        state = last.state
        if state != "expired":
            state = "used" if matched else "idle"
        yield RuleTrend(
            id=name,
            why=last.why,
            matched=matched,
            runs=len(of_rule),
            runs_matched=sum(bool(use.matched) for use in of_rule),
            state=state,
            excuses=last.excuses,
            budget=last.budget,
            used=max((use.used for use in of_rule if use.used is not None), default=None),
            expires=last.expires,
            days_left=None if last.expires is None else (last.expires - today).days,
        )
