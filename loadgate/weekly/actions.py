"""What needs attention in a period, most urgent first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from zoneinfo import ZoneInfo

from loadgate.model import AtEndpoint
from loadgate.summary import Collection, RunSummary
from loadgate.text import EMPTY, NAMELESS, counted
from loadgate.weekly.frames import BothPeriods
from loadgate.weekly.model import ActionItem, Change, EndpointTrend, KindTrend, Period, RuleTrend
from loadgate.weekly.numbers import milliseconds, percent

BUDGET_NEARLY_SPENT = 0.8
"""The share of a rule's budget above which a person should look at it."""

EXPIRING_DAYS = 30
FLIPS = 3
"""Changes between passed and failed on one branch that make a gate flaky."""

_MOST = 10  # items of a kind; the tables have the rest


def action_items(  # noqa: PLR0913, PLR0917 - all that a report looks at
    runs: Sequence[RunSummary],
    whole: tuple[Change, Change],
    endpoints: Sequence[EndpointTrend],
    kinds: Sequence[KindTrend],
    rules: Sequence[RuleTrend],
    collection: Collection,
) -> tuple[ActionItem, ...]:
    """Return the first few items of each kind, and how many more there are."""
    groups = (
        _failed(runs),
        _without_evidence(runs),
        _new(kinds),
        [*_worse_overall(whole[0]), *_worse(endpoints)],
        [*_slower_overall(whole[1]), *_slower(endpoints)],
        _budgets(rules),
        _expired(rules),
        _expiring(rules),
        _flapping(runs),
        _unused(rules),
        _unreadable(collection),
    )
    return tuple(item for group in groups for item in _bounded([*group]))


def nothing_ran(sides: BothPeriods, collection: Collection, period: Period) -> Iterator[ActionItem]:
    """Yield that a period has no run although there are runs of other times.

    Without any, whoever starts the tests knows whether that is as it should be.
    """
    if sides.now:
        return
    if sides.before:
        runs = counted(len(sides.before), "run")
        yield ActionItem(kind="nothing-ran", sentence=f"no runs; {runs} in the period before")
    elif collection.records:
        runs = counted(len(collection.records), "run")
        newest = max(record.started for record in collection.records)
        day = newest.astimezone(ZoneInfo(period.zone)).date()
        year, week, _ = day.isocalendar()
        yield ActionItem(
            kind="nothing-ran",
            sentence=f"no runs in this period; the newest of {runs} started on {day}"
            f" (--week {year:04}-W{week:02})",
        )


def _bounded(items: list[ActionItem]) -> Iterator[ActionItem]:
    yield from items[:_MOST]
    if len(items) > _MOST:
        more = f"and {len(items) - _MOST:,} more like these"
        yield ActionItem(kind=items[0].kind, sentence=more)


def _labels(runs: Sequence[RunSummary]) -> tuple[str, ...]:
    return tuple(run.label for run in runs)


def _endpoint(trend: AtEndpoint) -> str:
    return trend.endpoint or NAMELESS


# --- runs -----------------------------------------------------------------------------------------


def _failed(runs: Sequence[RunSummary]) -> Iterator[ActionItem]:
    by_check: dict[str, list[RunSummary]] = defaultdict(list)
    for run in runs:
        if run.outcome == "failed":
            for check in run.failed_checks or ("the result does not say why",):
                by_check[check].append(run)
    for check, failed in sorted(by_check.items(), key=lambda item: (-len(item[1]), item[0])):
        yield ActionItem(
            kind="gate-failed",
            sentence=f"the gate failed in {len(failed):,} of {counted(len(runs), 'run')}: {check}",
            runs=_labels(failed),
            names=(check,),
        )


def _without_evidence(runs: Sequence[RunSummary]) -> Iterator[ActionItem]:
    without = [run for run in runs if run.outcome == "no-evidence"]
    if without:
        yield ActionItem(
            kind="no-evidence",
            sentence=f"{len(without):,} of {counted(len(runs), 'run')} made no requests, so nothing"
            " was judged",
            runs=_labels(without),
        )


def _flapping(runs: Sequence[RunSummary]) -> Iterator[ActionItem]:
    """Yield commits that both passed and failed, and branches whose verdict flipped often."""
    commits: dict[str, list[RunSummary]] = defaultdict(list)
    branches: dict[str, list[RunSummary]] = defaultdict(list)
    for run in runs:
        if run.outcome != "no-evidence":
            commits[run.commit].append(run)
            branches[run.branch].append(run)
    for commit, judged in sorted(commits.items()):
        if commit and len({run.outcome for run in judged}) > 1:
            yield ActionItem(
                kind="flapping",
                sentence=f"commit {commit[:12]} both passed and failed the gate",
                runs=_labels(judged),
                names=(commit[:12],),
            )
    for branch, judged in sorted(branches.items()):
        flips = sum(run.outcome != after.outcome for run, after in pairwise(judged))
        if flips >= FLIPS:
            where = f" on {branch}" if branch else ""
            yield ActionItem(
                kind="flapping",
                sentence=f"the gate flipped between passed and failed {flips} times{where}",
                runs=_labels(judged),
                names=(branch,),
            )


def _unreadable(collection: Collection) -> Iterator[ActionItem]:
    for broken in collection.broken:
        sentence = f"{broken.source} could not be read: {broken.problem}"
        yield ActionItem(kind="broken", sentence=sentence)


# --- endpoints and kinds of failures --------------------------------------------------------------


def _new(kinds: Sequence[KindTrend]) -> Iterator[ActionItem]:
    for kind in kinds:
        if kind.state == "new" and kind.decision == "true":
            yield ActionItem(
                kind="new-kind",
                sentence=f"{_endpoint(kind)} has a new error: {kind.status or 'unknown status'},"
                f" {counted(kind.count, 'time')}: {kind.signature or EMPTY}",
                runs=(kind.first_run,),
                names=(_endpoint(kind), kind.signature),
            )


def _worse_overall(rate: Change) -> Iterator[ActionItem]:
    if rate.direction == "worse":
        yield ActionItem(
            kind="endpoint-worse",
            sentence=f"all endpoints together have {_more(rate)} true failures:"
            f" {percent(rate.now)} of the requests, {percent(rate.before)} before",
        )


def _worse(endpoints: Sequence[EndpointTrend]) -> Iterator[ActionItem]:
    for trend in endpoints:
        rate = trend.true_rate
        if rate.direction == "worse":
            yield ActionItem(
                kind="endpoint-worse",
                sentence=f"{_endpoint(trend)} has {_more(rate)} true failures:"
                f" {percent(rate.now)} of its requests, {percent(rate.before)} before",
                names=(_endpoint(trend),),
            )


def _more(rate: Change) -> str:
    return "new" if rate.words == "none before" else rate.words


def _slower_overall(p95: Change) -> Iterator[ActionItem]:
    if p95.direction == "worse":
        yield ActionItem(
            kind="endpoint-slower", sentence=f"all endpoints together are {_slower_by(p95)}"
        )


def _slower(endpoints: Sequence[EndpointTrend]) -> Iterator[ActionItem]:
    for trend in endpoints:
        if trend.p95.direction == "worse":
            yield ActionItem(
                kind="endpoint-slower",
                sentence=f"{_endpoint(trend)} is {_slower_by(trend.p95)}",
                names=(_endpoint(trend),),
            )


def _slower_by(p95: Change) -> str:
    return f"{p95.words}: p95 {milliseconds(p95.now)}, {milliseconds(p95.before)} before"


# --- rules ----------------------------------------------------------------------------------------


def _budgets(rules: Sequence[RuleTrend]) -> Iterator[ActionItem]:
    for rule in rules:
        if rule.used is not None and rule.budget and rule.used > BUDGET_NEARLY_SPENT * rule.budget:
            yield ActionItem(
                kind="budget",
                sentence=f"rule {rule.id} used {rule.used / rule.budget:.0%} of its budget of"
                f" {percent(rule.budget)}",
                names=(rule.id,),
            )


def _expired(rules: Sequence[RuleTrend]) -> Iterator[ActionItem]:
    for rule in rules:
        if rule.days_left is not None and rule.days_left < 0:
            matched = f"; it matched {counted(rule.matched, 'failure')}" if rule.matched else ""
            yield ActionItem(
                kind="rule-expired",
                sentence=f"rule {rule.id} expired on {rule.expires}{matched}",
                names=(rule.id,),
            )


def _expiring(rules: Sequence[RuleTrend]) -> Iterator[ActionItem]:
    for rule in rules:
        if rule.days_left is not None and 0 <= rule.days_left <= EXPIRING_DAYS:
            when = {0: "today", 1: "tomorrow"}.get(rule.days_left, f"in {rule.days_left} days")
            yield ActionItem(
                kind="rule-expiring",
                sentence=f"rule {rule.id} expires {when} ({rule.expires})",
                names=(rule.id,),
            )


def _unused(rules: Sequence[RuleTrend]) -> Iterator[ActionItem]:
    unused = [rule.id for rule in rules if rule.state == "idle" and rule.excuses]
    if unused:
        ids = ", ".join(unused[:_MOST]) + (", ..." if len(unused) > _MOST else "")
        yield ActionItem(
            kind="rule-idle", sentence=f"these rules matched nothing: {ids}", names=(ids,)
        )
