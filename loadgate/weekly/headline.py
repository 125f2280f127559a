"""The sentence that says how a period was: is it fine, what changed, since when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from loadgate.share import all_failed, told_hopeless
from loadgate.text import NAMELESS, classes, counted, endpoint_label
from loadgate.weekly.model import Report
from loadgate.weekly.words import incident_text, percent, since, too_few_runs, what, where


def headline(report: Report) -> str:
    """Return how the period was, in one sentence."""
    if not report.runs:
        return f"{'; '.join(filter(None, ('Nothing ran', other_runs(report))))}."
    changes, alarms = [*_changes(report)], [*_alarms(report)]
    outcome = _outcome(report)
    if any(run.outcome != "passed" for run in report.runs):
        verdict = "Not fine"
        # What goes on may be why, or what is over.
        parts = [*(changes or _known(report)), *_over(report), outcome, *alarms]
    elif changes or alarms:
        verdict = "Passed, but not fine"
        parts = [*changes, outcome, *alarms] if changes else [*alarms, outcome]
    else:
        verdict = "Fine"
        parts = [outcome, *_unchanged(report)]
    return f"{verdict}: {'; '.join([*parts, *_rate(report, '; '.join(parts))])}."


def other_runs(report: Report) -> str:
    """Return which runs there are of other periods, and how to report on the newest; "": none."""
    told = []
    if report.runs_before:
        told.append(f"{counted(len(report.runs_before), 'run')} in the period before")
    newest = report.collection.records[-1:]
    if newest and newest[0] not in report.runs_before:
        day = newest[0].started.astimezone(report.period.zone).date()
        year, week, _ = day.isocalendar()
        told.append(f"the newest run started on {day}, see --week {year:04}-W{week:02}")
    return "; ".join(told)


def _outcome(report: Report) -> str:
    outcomes = Counter(run.outcome for run in report.runs)
    runs, failed, without = len(report.runs), outcomes["failed"], outcomes["no-evidence"]
    of_all = f" of {counted(runs, 'run')}" if runs > 1 else " run"
    if failed or without:
        parts = [f"{failed:,}{of_all} failed"] if failed else []
        if without:
            parts.append(f"{without:,}{'' if failed else of_all} made no requests")
        return ", ".join(parts)
    return f"{counted(runs, 'run')} passed"


def _changes(report: Report) -> Iterator[str]:
    """Yield what became worse, the most urgent first, and how many things more."""
    worse = [one for one in report.incidents if one.state in {"new", "growing"}]
    texts = [incident_text(one) + _branch(report, one.since.branch) for one in worse]
    inside = {one.key for incident in worse for one in incident.endpoints}
    rate, p95 = report.true_rate, report.p95
    if rate.direction == "worse" and not any(one.kind == "failures" for one in worse):
        texts.append(f"all endpoints together have {rate.words} true failures")
    if p95.direction == "worse" and not any(one.kind == "slower" for one in worse):
        texts.append(f"all endpoints together are {p95.words}")
    rest = [
        trend
        for trend in report.endpoints
        if "worse" in {trend.true_rate.direction, trend.p95.direction} and trend.key not in inside
    ]
    if rest:
        name = rest[0].endpoint or NAMELESS if len(rest) == 1 else counted(len(rest), "endpoint")
        texts.append(f"{name} became worse")
    if report.collection.broken:
        texts.append(f"{counted(len(report.collection.broken), 'result')} could not be read")
    yield from texts[:2]
    if len(texts) > 2:
        yield f"{counted(len(texts) - 2, 'more change')}"


def _branch(report: Report, branch: str) -> str:
    several = len({run.branch for run in report.runs}) > 1
    return f" on {branch}" if several and branch else ""


def _known(report: Report) -> Iterator[str]:
    for incident in report.incidents[:1]:
        yield incident_text(incident) + _branch(report, incident.since.branch)


def _over(report: Report) -> Iterator[str]:
    """Yield what most failures of the period were, if it is over."""
    for incident in report.incidents[1:]:
        if incident.state == "gone" and 2 * incident.count > report.true:
            yield incident_text(incident) + _branch(report, incident.since.branch)


def _unchanged(report: Report) -> Iterator[str]:
    """Yield what is to say of a period in which nothing became worse."""
    over = [one for one in report.incidents if one.state == "gone"]
    known = [one for one in report.incidents if one.state == "known"]
    directions = {
        change.direction for trend in report.endpoints for change in (trend.true_rate, trend.p95)
    }
    if over:
        yield incident_text(over[0])
    elif not report.runs_before:
        yield "no runs before to compare with"
    elif too_few_runs(report):
        yield "too few runs to tell whether anything changed"
    else:
        yield "nothing got worse" if "better" in directions else "nothing changed"
    if known:
        yield f"still there: {what(known[0])} at {where(known[0])}{since(known[0])}"


def _rate(report: Report, about: str) -> Iterator[str]:
    """Yield how much failed, and where most of it did, unless what is said already names it."""
    rate, before = report.true_rate.now, report.true_rate.before
    if rate or before:
        text = f"{percent(rate)} of requests were true failures"
        if before is not None:
            text += f", {percent(before)} in the period before"
        most = max(report.endpoints, key=lambda trend: trend.true)
        name = most.endpoint or NAMELESS
        if most.true * 2 > report.true and name not in about:
            text += f", mostly {name}"
        yield text


def _alarms(report: Report) -> Iterator[str]:
    """Yield what passed runs hide, too: failures allowed, all of them, exceptions in tasks."""
    runs = report.runs
    moved = [trend.endpoint or NAMELESS for trend in report.endpoints if trend.moved]
    if moved:
        more = f" and {counted(len(moved) - 1, 'more endpoint')}" if len(moved) > 1 else ""
        yield f"the locustfile now allows failures at {moved[0]}{more}"
    failing = Counter(
        endpoint_label(row.method, row.name) or NAMELESS
        for run in runs
        for row in run.endpoints
        if all_failed(row.true, row.requests)
    )
    if failing:
        (name, times), *others = failing.most_common()
        of_runs = f" in {times:,} of {len(runs):,} runs" if len(runs) > 1 else ""
        more = f"; the same at {counted(len(others), 'more endpoint')}" if others else ""
        yield f"{told_hopeless(name)}{of_runs}{more}"
    if exceptions := sum(run.task_exceptions or 0 for run in runs):
        raised = Counter[str]()
        for run in runs:
            raised.update(dict(run.task_errors))
        yield counted(exceptions, "task exception") + classes(raised.most_common())
