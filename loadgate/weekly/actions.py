"""What needs attention in a period, most urgent first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from zoneinfo import ZoneInfo

from loadgate.render import words as wording
from loadgate.summary import (
    ActionItem,
    ActionKind,
    Change,
    Collection,
    EndpointTrend,
    KindTrend,
    Period,
    RuleTrend,
    RunSummary,
)
from loadgate.weekly.frames import BothPeriods

BUDGET_NEARLY_SPENT = 0.8
"""The share of a rule's budget above which a person should look at it."""

EXPIRING_DAYS = 30
FLAPS = 3
"""Changes between passed and failed on one branch from which on a gate flaps."""

_EACH = 10  # of a concern; the tables have the rest


def action_items(  # noqa: PLR0913, PLR0917 - all that a report looks at
    runs: Sequence[RunSummary],
    whole: tuple[Change, Change],
    endpoints: Sequence[EndpointTrend],
    kinds: Sequence[KindTrend],
    rules: Sequence[RuleTrend],
    collection: Collection,
) -> tuple[ActionItem, ...]:
    """Return what needs a person; of each concern the first few, and how many more there are."""
    groups = (
        _failed(runs),
        _without_evidence(runs),
        _new(kinds),
        [*_whole(*whole), *_worse(endpoints)],
        _slower(endpoints),
        _budgets(rules),
        _expired(rules),
        _expiring(rules),
        _flapping(runs),
        _idle(rules),
        _broken(collection),
    )
    return tuple(one for group in groups for one in _bounded([*group]))


def nothing_ran(sides: BothPeriods, collection: Collection, period: Period) -> Iterator[ActionItem]:
    """Yield that a period has no run, where there are runs of other times: maybe of the wrong one.

    Without any it is for whoever starts the tests to know whether that is as it should be.
    """
    if sides.now:
        return
    if sides.before:
        before = wording.counted(len(sides.before), "run")
        yield ActionItem(concern="nothing-ran", sentence=f"no run, {before} the period before")
    elif collection.records:
        number = wording.counted(len(collection.records), "run")
        newest = max(record.started for record in collection.records)
        day = newest.astimezone(ZoneInfo(period.zone)).date()
        year, week, _ = day.isocalendar()
        yield ActionItem(
            concern="nothing-ran",
            sentence=f"no run; of {number} given the newest is of {day}"
            f" (--week {year:04}-W{week:02})",
        )


def _bounded(found: list[ActionItem]) -> Iterator[ActionItem]:
    yield from found[:_EACH]
    if len(found) > _EACH:
        more = f"and {len(found) - _EACH:,} more like these"
        yield ActionItem(concern=found[0].concern, sentence=more)


def _labels(runs: Sequence[RunSummary]) -> tuple[str, ...]:
    return tuple(run.label for run in runs)


def _failed(runs: Sequence[RunSummary]) -> Iterator[ActionItem]:
    failed = [run for run in runs if run.outcome == "failed"]
    by_check: dict[str, list[RunSummary]] = defaultdict(list)
    for run in failed:
        for check in run.failed_checks or ("for a reason that its document does not say",):
            by_check[check].append(run)
    for check, these in sorted(by_check.items(), key=lambda one: (-len(one[1]), one[0])):
        yield ActionItem(
            concern="gate-failed",
            sentence=f"the gate failed in {_of(len(these), len(runs))}: {check}",
            runs=_labels(these),
            names=(check,),
        )


def _without_evidence(runs: Sequence[RunSummary]) -> Iterator[ActionItem]:
    without = [run for run in runs if run.outcome == "no-evidence"]
    if without:
        yield ActionItem(
            concern="no-evidence",
            sentence=f"no requests were made in {_of(len(without), len(runs))}, so nothing was"
            " judged",
            runs=_labels(without),
        )


def _of(part: int, whole: int) -> str:
    return f"{part:,} of {wording.counted(whole, 'run')}"


def _new(kinds: Sequence[KindTrend]) -> Iterator[ActionItem]:
    for kind in kinds:
        if kind.state == "new" and kind.decision == "true":
            status = str(kind.status or "unknown status")
            yield ActionItem(
                concern="new-kind",
                sentence=f"{wording.endpoint(kind)} has a new error: {status},"
                f" {wording.counted(kind.count, 'time')}: {kind.signature or wording.EMPTY}",
                runs=(kind.first_run,),
                names=(wording.endpoint(kind), kind.signature),
            )


def _whole(rate: Change, p95: Change) -> Iterator[ActionItem]:
    if rate.direction == "worse":
        yield ActionItem(
            concern="endpoint-worse",
            sentence=f"all endpoints together have {_more(rate)} true failures:"
            f" {percent(rate.now)} of the requests, {percent(rate.before)} before",
        )
    if p95.direction == "worse":
        yield ActionItem(
            concern="endpoint-slower",
            sentence=f"all endpoints together are {p95.words}: p95 {milliseconds(p95.now)},"
            f" {milliseconds(p95.before)} before",
        )


def _more(rate: Change) -> str:
    return "new" if rate.words == "none before" else rate.words


def _worse(endpoints: Sequence[EndpointTrend]) -> Iterator[ActionItem]:
    for one in endpoints:
        rate = one.true_rate
        if rate.direction == "worse":
            yield ActionItem(
                concern="endpoint-worse",
                sentence=f"{wording.endpoint(one)} has {_more(rate)} true"
                f" failures: {percent(rate.now)} of its requests, {percent(rate.before)} before",
                names=(wording.endpoint(one),),
            )


def _slower(endpoints: Sequence[EndpointTrend]) -> Iterator[ActionItem]:
    for one in endpoints:
        if one.p95.direction == "worse":
            yield ActionItem(
                concern="endpoint-slower",
                sentence=f"{wording.endpoint(one)} is {one.p95.words}: p95"
                f" {milliseconds(one.p95.now)}, {milliseconds(one.p95.before)} before",
                names=(wording.endpoint(one),),
            )


def _budgets(rules: Sequence[RuleTrend]) -> Iterator[ActionItem]:
    for rule in rules:
        if rule.used is not None and rule.budget and rule.used > BUDGET_NEARLY_SPENT * rule.budget:
            yield ActionItem(
                concern="budget",
                sentence=f"rule {rule.id} used {rule.used / rule.budget:.0%} of its budget of"
                f" {percent(rule.budget)}",
                names=(rule.id,),
            )


def _expired(rules: Sequence[RuleTrend]) -> Iterator[ActionItem]:
    for rule in rules:
        if rule.days_left is not None and rule.days_left < 0:
            matched = f"; it matched {wording.counted(rule.matched, 'failure')}"
            yield ActionItem(
                concern="rule-expired",
                sentence=f"rule {rule.id} expired on {rule.expires}"
                + (matched if rule.matched else ""),
                names=(rule.id,),
            )


def _expiring(rules: Sequence[RuleTrend]) -> Iterator[ActionItem]:
    for rule in rules:
        if rule.days_left is not None and 0 <= rule.days_left <= EXPIRING_DAYS:
            when = {0: "today", 1: "tomorrow"}.get(rule.days_left, f"in {rule.days_left} days")
            yield ActionItem(
                concern="rule-expiring",
                sentence=f"rule {rule.id} expires {when}, {rule.expires}",
                names=(rule.id,),
            )


def _idle(rules: Sequence[RuleTrend]) -> Iterator[ActionItem]:
    idle = [rule.id for rule in rules if rule.state == "idle" and rule.excuses]
    if idle:
        shown = ", ".join(idle[:_EACH]) + (", ..." if len(idle) > _EACH else "")
        yield ActionItem(
            concern="rule-idle", sentence=f"no run needed these rules: {shown}", names=(shown,)
        )


def _flapping(runs: Sequence[RunSummary]) -> Iterator[ActionItem]:
    """Yield commits that both passed and failed, and branches whose gate changed its mind often."""
    commits: dict[str, list[RunSummary]] = defaultdict(list)
    branches: dict[str, list[RunSummary]] = defaultdict(list)
    for run in runs:
        if run.outcome != "no-evidence":
            commits[run.commit].append(run)
            branches[run.branch].append(run)
    for commit, these in sorted(commits.items()):
        if commit and len({run.outcome for run in these}) > 1:
            yield ActionItem(
                concern="flapping",
                sentence=f"the gate both passed and failed at commit {commit[:12]}",
                runs=_labels(these),
                names=(commit[:12],),
            )
    for branch, these in sorted(branches.items()):
        changes = sum(a.outcome != b.outcome for a, b in pairwise(these))
        if changes >= FLAPS:
            where = f" on {branch}" if branch else ""
            yield ActionItem(
                concern="flapping",
                sentence=f"the gate changed its mind {changes} times{where}",
                runs=_labels(these),
                names=(branch,),
            )


def _broken(collection: Collection) -> Iterator[ActionItem]:
    concern: ActionKind = "broken"
    for one in collection.broken:
        yield ActionItem(concern=concern, sentence=f"{one.source} could not be read: {one.problem}")


# --- numbers --------------------------------------------------------------------------------------


def percent(share: float | None) -> str:
    """Return a share as a percentage in three digits, "0.0123%"."""
    if share is None:
        return "unknown"
    number = f"{share * 100:.3g}"
    if "e" in number:
        number = f"{share * 100:.10f}".rstrip("0")
    return f"{number}%"


def milliseconds(time: float | None) -> str:
    """Return a time in milliseconds, "1,234 ms"."""
    return "unknown" if time is None else f"{time:,.0f} ms"
