"""Weeks that show what readers of a page see, and one that attacks it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from builders import CONFLICT, SERVER_ERROR, STATE

from loadgate.model import Outcome
from loadgate.summary import Collection, RunSummary, Unreadable
from loadgate.weekly.model import (
    ActionItem,
    Change,
    DayCell,
    Direction,
    EndpointTrend,
    KindTrend,
    Period,
    Report,
    RuleTrend,
)
from render.cases import HOSTILE

TODAY = date(2026, 11, 23)
MONDAY = datetime(2026, 11, 16, tzinfo=UTC)
NAMES = (STATE, "/servers/[id]/state", "/tools", "/rpc", "/resources/[id]/subscriptions/[id]")


def evidence(
    direction: Direction = "unclear",
    now: float | None = 0.001,
    before: float | None = 0.001,
    *,
    words: str = "",
    p_value: float | None = None,
) -> Change:
    """Return how a number compares; by default there is too little to tell."""
    return Change(
        direction=direction,
        now=now,
        before=before,
        runs_now=7,
        runs_before=7,
        p_value=p_value,
        words=words,
    )


def record(
    started: datetime = MONDAY,
    *,
    label: str = "",
    outcome: Outcome = "passed",
    requests: int = 40_000,
    expected: int = 119,
    true: int = 12,
    p95: float | None = 41.5,
) -> RunSummary:
    """Return a judged run."""
    return RunSummary(
        source=f"runs/{started:%Y-%m-%d}.json",
        label=label or f"nightly {started:%Y-%m-%d}",
        started=started,
        ended=started + timedelta(minutes=5),
        time_from="report",
        branch="main",
        commit="51f1bfce4e5d0c1b2a3948576f6e5d4c3b2a1908",
        link=f"https://ci.example/nightly/{started:%Y-%m-%d}?job=7",
        outcome=outcome,
        partial=False,
        rejudged=False,
        rules_from=("loadgate.toml",),
        requests=requests,
        failures=expected + true,
        expected=expected,
        true=true,
        p95=p95,
        endpoints=(),
        kinds=(),
        rules=(),
        failed_checks=("true_failure_rate <= 0.1%: the whole run",) if outcome == "failed" else (),
    )


def kind(signature: str = SERVER_ERROR, *, count: int = 412, status: int | None = 500) -> KindTrend:
    """Return a kind of true failure that is new."""
    return KindTrend(
        method="POST",
        name=STATE,
        status=status,
        likely_status=None,
        decision="true",
        signature=signature,
        rule=None,
        count=count,
        before=0,
        state="new",
        first_run="nightly 2026-11-18",
        first_seen=MONDAY + timedelta(days=2, hours=2),
        last_run="nightly 2026-11-22",
        last_seen=MONDAY + timedelta(days=6, hours=2),
        runs=4,
    )


def rule(name: str = "state-toggle-conflict", *, expires: date | None = None) -> RuleTrend:
    """Return a rule with a budget that is nearly used up."""
    return RuleTrend(
        id=name,
        why="Optimistic locking: of two concurrent toggles the loser gets 409.",
        matched=714,
        runs=7,
        runs_matched=6,
        state="used",
        excuses=True,
        budget=0.1,
        used=0.088,
        expires=expires,
        days_left=None if expires is None else (expires - TODAY).days,
    )


def endpoint(name: str = STATE, *, rate: Change | None = None) -> EndpointTrend:
    """Return an endpoint in both periods."""
    return EndpointTrend(
        method="POST",
        name=name,
        requests=41_284,
        expected=714,
        true=412,
        true_rate=rate or evidence(),
        p95=evidence(now=41.0, before=40.5),
    )


def cells(names: Iterable[str] = NAMES, days: int = 7) -> tuple[DayCell, ...]:
    """Return days on which the endpoints had true failures, more at the end and of the first."""
    return tuple(
        DayCell(
            method="POST",
            name=name,
            day=(MONDAY + timedelta(days=day)).date(),
            requests=8000,
            true=(day * day * 40) // (place * place + 1),
        )
        for place, name in enumerate(names)
        for day in range(days)
    )


def report(runs: Iterable[RunSummary] = (), runs_before: Iterable[RunSummary] = ()) -> Report:
    """Return a report of nothing but runs."""
    runs, runs_before = tuple(runs), tuple(runs_before)
    expected, true = sum(run.expected for run in runs), sum(run.true for run in runs)
    return Report(
        period=Period(
            name="2026-W47",
            first=MONDAY.date(),
            last=date(2026, 11, 22),
            begins=MONDAY,
            ends=MONDAY + timedelta(days=7),
            zone=ZoneInfo("UTC"),
        ),
        previous=Period(
            name="2026-W46",
            first=date(2026, 11, 9),
            last=date(2026, 11, 15),
            begins=MONDAY - timedelta(days=7),
            ends=MONDAY,
            zone=ZoneInfo("UTC"),
        ),
        today=TODAY,
        headline="Nothing ran.",
        action_items=(),
        runs=runs,
        runs_before=runs_before,
        outside=0,
        requests=sum(run.requests for run in runs),
        expected=expected,
        true=true,
        true_rate=evidence("unclear", None, None),
        p95=evidence("unclear", None, None),
        endpoints=(),
        kinds=(),
        rules=(),
        days=(),
        collection=Collection(records=(*runs_before, *runs), broken=(), repeated=()),
        tested=True,
    )


def bad_week() -> Report:
    """Return a week in which a change let more requests fail, and one run found nothing."""
    nights = [MONDAY + timedelta(days=day, hours=2) for day in range(-7, 7)]
    before = [
        record(night, true=10 + place % 3 * 8, expected=100 + place * 9)
        for place, night in enumerate(nights[:7])
    ]
    true = (14, 9, 412, 388, 0, 455, 401)
    now = [
        record(
            night,
            outcome="passed" if count < 100 else "failed",
            true=count,
            expected=90 + place * 12,
            p95=40.0 + place * 9,
        )
        for place, (night, count) in enumerate(zip(nights[7:], true, strict=True))
    ]
    now[4] = replace(
        now[4], outcome="no-evidence", requests=0, expected=0, failures=0, p95=None, true=0
    )
    rose = evidence("worse", 0.0062, 0.00045, words="14 times as many", p_value=0.0012)
    return replace(
        report(now, before),
        headline="7 runs, 4 of them failed: true failures rose from 0.045% to 0.7%, mostly"
        f" POST {STATE}.",
        action_items=(
            ActionItem(
                kind="gate-failed",
                sentence="4 of 7 runs failed, the last of them nightly 2026-11-22.",
                runs=("nightly 2026-11-18", "nightly 2026-11-19", "nightly 2026-11-21"),
            ),
            ActionItem(
                kind="incident",
                sentence=f"New: {SERVER_ERROR} at POST {STATE}, 412 times in 4 runs.",
            ),
            ActionItem(
                kind="endpoint-worse",
                sentence=f"POST {STATE}: 14 times as many true failures (0.62%, was 0.045%).",
            ),
            ActionItem(
                kind="budget", sentence="state-toggle-conflict used 88% of its budget of 10%."
            ),
            ActionItem(
                kind="no-evidence",
                sentence="1 run made no requests.",
                runs=("nightly 2026-11-20",),
            ),
        ),
        true_rate=rose,
        p95=evidence("worse", 68.0, 41.5, words="26 ms slower", p_value=0.02),
        endpoints=(
            endpoint(rate=rose),
            *(endpoint(name) for name in NAMES[1:3]),
            endpoint("/rpc", rate=evidence("better", 0.0001, 0.002, words="a twentieth")),
            *(endpoint(f"/more/{number}", rate=evidence("same")) for number in range(12)),
        ),
        kinds=(
            kind(),
            replace(kind("ConnectionRefusedError(*)"), status=None, state="growing", before=20),
            *(
                replace(kind(f"known {n}", count=n, status=404), state="known")
                for n in range(13, 0, -1)
            ),
            replace(kind(CONFLICT), decision="expected", state="known", rule="conflict"),
            replace(kind("ReadTimeout(*)", count=0), state="gone", before=7, runs=0),
        ),
        rules=(
            rule(),
            replace(rule("renewed", expires=date(2026, 12, 1)), budget=None, used=None),
            replace(
                rule("old", expires=date(2026, 11, 1)), state="expired", excuses=False, used=None
            ),
        ),
        days=cells(),
        collection=Collection(
            records=(*before, *now),
            broken=(Unreadable(source="runs/cut.json", problem="line 7: not JSON"),),
            repeated=("copy/2026-11-16.json",),
        ),
    )


def recorded_week() -> Report:
    """Return the bad week, of which all runs but the first were recorded, with allowed failures."""
    week = bad_week()
    runs = (week.runs[0], *(replace(run, allowed=40) for run in week.runs[1:]))
    return replace(
        week,
        runs=runs,
        allowed=240,
        allowed_before=None,
        endpoints=(
            replace(week.endpoints[0], allowed=240, allowed_before=None, moved=True),
            *week.endpoints[1:],
        ),
        rules=(replace(week.rules[0], allowed=240), *week.rules[1:]),
    )


def large_week(runs: int = 1000) -> Report:
    """Return a week of many runs and endpoints."""
    step = timedelta(days=7) / runs
    names = [f"/endpoint/{number}/with/a/rather/long/name" for number in range(60)]
    return replace(
        report(
            [
                record(MONDAY + place * step, label=f"run {place}", true=place % 17)
                for place in range(runs)
            ],
            [record(MONDAY - timedelta(days=7) + place * step) for place in range(runs)],
        ),
        headline=f"{runs:,} runs.",
        endpoints=tuple(endpoint(name) for name in names),
        kinds=tuple(kind(f"error {number}", status=None) for number in range(1200)),
        rules=tuple(rule(f"rule-{number}") for number in range(40)),
        days=cells(names, 7),
    )


SCRIPT = "</script><script>window.canary=1</script><img src=x onerror=window.canary=1>"
"""What would run if any cell of the page let it."""

ATTACK = f"{SCRIPT} <!-- ]]> {{{{constructor}}}} ' \" {HOSTILE}"


def hostile_week() -> Report:
    """Return a week in which every text is an attack."""
    week = bad_week()

    def attacked(run: RunSummary) -> RunSummary:
        return replace(
            run,
            label=ATTACK,
            source=ATTACK,
            branch=ATTACK,
            commit=SCRIPT,
            link='javascript:window.canary=1//https://x"onclick="window.canary=1',
            rules_from=(ATTACK,),
            failed_checks=(ATTACK,),
        )

    runs = tuple(map(attacked, week.runs))
    linked = 'https://u:hunter2@ci.example/"onmouseover="window.canary=1'
    return replace(
        week,
        headline=ATTACK,
        period=replace(week.period, name=SCRIPT),
        previous=replace(week.previous, name=SCRIPT),
        action_items=tuple(
            replace(one, sentence=ATTACK, runs=(ATTACK, SCRIPT)) for one in week.action_items
        ),
        runs=(replace(runs[0], link=linked, time_from="file", partial=True), *runs[1:]),
        runs_before=tuple(map(attacked, week.runs_before)),
        endpoints=tuple(
            replace(
                row,
                method=SCRIPT,
                name=f"{ATTACK} {place}",
                true_rate=replace(row.true_rate, words=ATTACK),
            )
            for place, row in enumerate(week.endpoints)
        ),
        kinds=tuple(
            replace(
                row,
                method=SCRIPT,
                name=ATTACK,
                signature=ATTACK,
                rule=ATTACK,
                first_run=ATTACK,
                last_run=ATTACK,
            )
            for row in week.kinds
        ),
        rules=tuple(replace(row, id=SCRIPT, why=ATTACK) for row in week.rules),
        days=cells([f"{ATTACK} {number}" for number in range(30)]),
        collection=Collection(
            records=runs, broken=(Unreadable(source=ATTACK, problem=ATTACK),), repeated=(ATTACK,)
        ),
    )
