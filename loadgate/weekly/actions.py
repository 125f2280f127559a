"""What needs attention in a period, most urgent first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from typing import get_args

from loadgate.model import SERVER_ERRORS, AtEndpoint
from loadgate.summary import RunSummary
from loadgate.text import NAMELESS, and_more, counted
from loadgate.weekly.episodes import failure_of
from loadgate.weekly.headline import other_runs
from loadgate.weekly.model import (
    ActionItem,
    ActionKind,
    Change,
    EndpointTrend,
    Incident,
    Report,
    RuleTrend,
)
from loadgate.weekly.words import incident_text, milliseconds, percent, what, where

BUDGET_NEARLY_SPENT = 0.8
"""The share of a rule's budget above which a person should look at it."""

EXPIRING_DAYS = 30
FLIPS = 3
"""Changes between passed and failed on one branch that make a gate flaky."""

_MOST = 10  # items of a kind; the tables have the rest
_KINDS: Sequence[ActionKind] = get_args(ActionKind)


def action_items(report: Report) -> tuple[ActionItem, ...]:
    """Return the first few items of each kind, and how many more there are."""
    items = [
        *_nothing_ran(report),
        *_outcomes(report.runs),
        *_incidents(report),
        *_allowed(report.endpoints),
        *_changes(report),
        *_rules(report.rules),
        *_flaky(report.runs),
        *_unreadable(report),
    ]
    items.sort(key=lambda item: _KINDS.index(item.kind))
    by_kind = groupby(items, key=lambda item: item.kind)
    return tuple(item for kind, group in by_kind for item in _first(kind, [*group]))


def _first(kind: ActionKind, items: Sequence[ActionItem]) -> Iterator[ActionItem]:
    yield from items[:_MOST]
    if len(items) > _MOST:
        yield ActionItem(kind=kind, sentence=and_more(len(items) - _MOST, "like these"))


# --- runs -----------------------------------------------------------------------------------------


def _nothing_ran(report: Report) -> Iterator[ActionItem]:
    """Yield that a period has no run although there are runs of other times.

    Without any, whoever starts the tests knows whether that is as it should be.
    """
    elsewhere = other_runs(report)
    if elsewhere and not report.runs:
        yield ActionItem(kind="nothing-ran", sentence=f"no runs in this period; {elsewhere}")


def _outcomes(runs: Sequence[RunSummary]) -> Iterator[ActionItem]:
    """Yield the checks that failed, the most frequent first, and the runs without evidence."""
    by_check: dict[str, list[RunSummary]] = defaultdict(list)
    for run in runs:
        if run.outcome == "failed":
            for check in run.failed_checks or ("the result does not say why",):
                by_check[check].append(run)
    of_all = f"of {counted(len(runs), 'run')}"
    for check, failed in sorted(by_check.items(), key=lambda item: (-len(item[1]), item[0])):
        yield ActionItem(
            kind="gate-failed",
            sentence=f"the gate failed in {len(failed):,} {of_all}: {check}",
            runs=_labels(failed),
            names=(check,),
        )
    if without := [run for run in runs if run.outcome == "no-evidence"]:
        yield ActionItem(
            kind="no-evidence",
            sentence=f"{len(without):,} {of_all} made no requests, so nothing was judged",
            runs=_labels(without),
        )


def _flaky(runs: Sequence[RunSummary]) -> Iterator[ActionItem]:
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


def _labels(runs: Sequence[RunSummary]) -> tuple[str, ...]:
    return tuple(run.label for run in runs)


def _unreadable(report: Report) -> Iterator[ActionItem]:
    for broken in report.collection.broken:
        sentence = f"{broken.source} could not be read: {broken.problem}"
        yield ActionItem(kind="broken", sentence=sentence)


# --- endpoints and kinds of failures --------------------------------------------------------------


def _incidents(report: Report) -> Iterator[ActionItem]:
    """Yield each incident that somebody should look at, with the run since which it is there.

    Of those that were there before, or are over, these are server errors, what was new in this
    period, and errors with a text that nobody saw before.
    """
    new = {
        (kind.key, failure_of(kind.status, kind.likely_status, kind.signature))
        for kind in report.kinds
        if kind.state == "new" and kind.decision == "true"
    }
    for incident in report.incidents:
        of = failure_of(incident.status, incident.likely_status, *incident.signatures[:1])
        if (
            incident.state in {"new", "growing"}
            or (incident.count and of[0] in SERVER_ERRORS)
            or (incident.count and incident.first in report.runs)
            or any((one.key, of) in new for one in incident.endpoints)
        ):
            yield _incident(incident)


def _incident(incident: Incident) -> ActionItem:
    text = incident_text(incident)
    if incident.kind == "failures":
        text += f": {counted(incident.count, 'time')} in {counted(incident.runs, 'run')}"
    if incident.owners:
        text += f" ({', '.join(incident.owners)})"
    names = (where(incident), incident.since.label, incident.last.label, *incident.owners)
    return ActionItem(
        kind="incident",
        sentence=text,
        runs=tuple(dict.fromkeys((incident.since.label, incident.last.label))),
        names=(*names, what(incident)),
    )


def _allowed(endpoints: Sequence[EndpointTrend]) -> Iterator[ActionItem]:
    """Yield where fewer requests fail, and so many more are allowed."""
    for trend in endpoints:
        if trend.moved:
            known = trend.allowed_before is not None
            before = f"{trend.allowed_before:,} before" if known else "not known before"
            yield ActionItem(
                kind="allowed",
                sentence=f"fewer failures at {_endpoint(trend)} are no improvement: the locustfile"
                f" counts {trend.allowed:,} as successes (allowed), {before}",
                names=(_endpoint(trend),),
            )


def _changes(report: Report) -> Iterator[ActionItem]:
    """Yield what got worse or slower and is in no incident that says so."""
    told = {
        kind: {
            endpoint.key
            for incident in report.incidents
            if incident.kind == kind
            and (incident.state in {"new", "growing"} or incident.first in report.runs)
            for endpoint in incident.endpoints
        }
        for kind in ("failures", "slower")
    }
    yield from _change(
        None if told["failures"] else report.true_rate, None if told["slower"] else report.p95
    )
    for trend in report.endpoints:
        yield from _change(
            None if trend.key in told["failures"] else trend.true_rate,
            None if trend.key in told["slower"] else trend.p95,
            _endpoint(trend),
        )


def _change(rate: Change | None, p95: Change | None, endpoint: str = "") -> Iterator[ActionItem]:
    names = (endpoint,) if endpoint else ()
    has, is_, its = (
        (f"{endpoint} has", f"{endpoint} is", "its")
        if endpoint
        else ("all endpoints together have", "all endpoints together are", "the")
    )
    if rate and rate.direction == "worse":
        more = "new" if rate.words == "none before" else rate.words
        yield ActionItem(
            kind="endpoint-worse",
            sentence=f"{has} {more} true failures: {percent(rate.now)} of {its} requests,"
            f" {percent(rate.before)} before",
            names=names,
        )
    if p95 and p95.direction == "worse":
        yield ActionItem(
            kind="endpoint-slower",
            sentence=f"{is_} {p95.words}: p95 {milliseconds(p95.now)},"
            f" {milliseconds(p95.before)} before",
            names=names,
        )


def _endpoint(trend: AtEndpoint) -> str:
    return trend.endpoint or NAMELESS


# --- rules ----------------------------------------------------------------------------------------


def _rules(rules: Sequence[RuleTrend]) -> Iterator[ActionItem]:
    """Yield budgets that are nearly used up, rules that expired or soon will, and unused ones."""
    for rule in rules:
        if rule.used is not None and rule.budget and rule.used > BUDGET_NEARLY_SPENT * rule.budget:
            yield ActionItem(
                kind="budget",
                sentence=f"rule {rule.id} used {rule.used / rule.budget:.0%} of its budget of"
                f" {percent(rule.budget)}",
                names=(rule.id,),
            )
        if rule.days_left is not None and rule.days_left <= EXPIRING_DAYS:
            yield _expiry(rule, rule.days_left)
    if unused := [rule.id for rule in rules if rule.state == "idle" and rule.excuses]:
        ids = ", ".join(unused[:_MOST]) + (", ..." if len(unused) > _MOST else "")
        yield ActionItem(
            kind="rule-idle", sentence=f"these rules matched nothing: {ids}", names=(ids,)
        )


def _expiry(rule: RuleTrend, days: int) -> ActionItem:
    kind: ActionKind = "rule-expiring"
    when = {0: "today", 1: "tomorrow"}.get(days, f"in {days} days")
    sentence = f"rule {rule.id} expires {when} ({rule.expires})"
    if days < 0:
        kind = "rule-expired"
        matched = f"; it matched {counted(rule.matched, 'failure')}" if rule.matched else ""
        matched += f"; {rule.allowed:,} more are allowed" if rule.allowed else ""
        sentence = f"rule {rule.id} expired on {rule.expires}{matched}"
    return ActionItem(kind=kind, sentence=sentence, names=(rule.id,))
