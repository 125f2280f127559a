"""Incidents: what went wrong, at which endpoints, since which run, and who should look."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from loadgate.masking import Endpoint
from loadgate.model import SERVER_ERRORS, Owner
from loadgate.since import ChangePoint, change_points
from loadgate.summary import RunSummary
from loadgate.text import status_order
from loadgate.weekly.episodes import Failure, failure
from loadgate.weekly.groups import Group, groups_of
from loadgate.weekly.model import Incident, IncidentEndpoint, KindState

_TEXTS = 20  # of an incident


def incidents(
    runs: Sequence[RunSummary],
    now: Sequence[RunSummary],
    before: Sequence[RunSummary],
    owners: Sequence[Owner] = (),
) -> tuple[Incident, ...]:
    """Return the incidents of two periods, of which `runs` are all runs up to their end.

    Each true failure of a kind is in exactly one. Those of the period before only are gone.
    """
    this_period = range(len(runs) - len(now), len(runs))
    both = range(this_period.start - len(before), len(runs))
    requests = _requests(runs[this_period.start :])
    found = [
        _failures(known, group, runs, this_period, requests)
        for known, group in groups_of(runs, (*before, *now))
        if any(number in both for _, number in group.counts)
    ]
    found += _slower(runs, this_period, both, requests)
    owned = (replace(one, owners=_owners(one.endpoints, owners)) for one in found)
    return tuple(sorted(owned, key=_most_urgent_first))


def _failures(
    known: Failure,
    group: Group,
    runs: Sequence[RunSummary],
    this_period: range,
    requests: Counter[Endpoint],
) -> Incident:
    numbers = {number for _, number in group.counts}
    counts: Counter[Endpoint] = Counter()
    for (endpoint, number), count in group.counts.items():
        counts[endpoint] += count * (number in this_period)
    some = any(counts.values())
    endpoints = sorted(
        (
            IncidentEndpoint(method=key[0], name=key[1], requests=requests[key], count=count)
            for key, count in counts.items()
            if count or not some
        ),
        key=lambda one: (-one.count, one.name, one.method),
    )
    texts: Counter[str] = Counter()
    certain = likely = None
    for number in sorted(numbers):
        for kind in runs[number].kinds:
            if (kind.key, number) in group.counts and failure(kind) == known:
                texts[kind.signature] += kind.failures
                certain = kind.status if certain is None else certain
                likely = kind.likely_status if likely is None else likely
    first, good, grew = group.first, group.good, group.grew
    undated = good is None and not any(
        run.requests for run in runs[:first] if run.branch == runs[first].branch
    )
    state: KindState = "known"
    if group.over or not some:
        state = "gone"
    elif first in this_period and not undated:
        state = "new"
    elif grew and grew.run in this_period:
        state = "growing"
    return Incident(
        kind="failures",
        status=certain,
        likely_status=None if certain is not None else likely,
        signatures=tuple(sorted(texts, key=lambda text: (-texts[text], text))[:_TEXTS]),
        endpoints=tuple(endpoints),
        count=sum(counts.values()),
        runs=sum(number in this_period for number in numbers),
        state=state,
        first=runs[first],
        last=runs[max(numbers)],
        good=None if good is None else runs[good],
        undated=undated,
        grew=None if grew is None else runs[grew.run],
        before_grew=None if grew is None else runs[grew.run_before],
        rate_before=None if grew is None else grew.rate_before,
        rate_since=None if grew is None else grew.rate,
    )


def _slower(
    runs: Sequence[RunSummary],
    this_period: range,
    both: range,
    requests: Counter[Endpoint],
) -> Iterator[Incident]:
    """Yield endpoints that became slower in the same run of both periods, or in the one after it.

    It is over with the run in which they became faster again, and shown in that period still.
    """
    number = {id(run): place for place, run in enumerate(runs)}
    points = [point for point in change_points(runs) if point.metric == "p95" and point.endpoint]
    ends: dict[int, ChangePoint] = {}
    latest: dict[Endpoint | None, ChangePoint] = {}
    for point in points:
        if point.endpoint in latest:
            ends[id(latest[point.endpoint])] = point
        latest[point.endpoint] = point
    together: list[list[ChangePoint]] = []
    for point in points:
        end = ends.get(id(point))
        first = number[id(point.first)]
        if point.worse and first in both and (end is None or number[id(end.first)] in this_period):
            same = next(
                (
                    of
                    for of in together
                    if first - number[id(of[0].first)] <= 1
                    and point.endpoint not in {each.endpoint for each in of}
                ),
                None,
            )
            if same is None:
                together.append([point])
            else:
                same.append(point)
    for of in together:
        yield _slower_together(of, ends, runs, this_period, requests)


def _slower_together(
    points: Sequence[ChangePoint],
    ends: dict[int, ChangePoint],
    runs: Sequence[RunSummary],
    this_period: range,
    requests: Counter[Endpoint],
) -> Incident:
    keys = {point.endpoint for point in points if point.endpoint}
    now = runs[this_period.start :]
    period = {id(run) for run in now}  # to compare whole runs takes minutes where there are 10,000
    endpoints = sorted(
        (
            IncidentEndpoint(
                method=point.endpoint[0],
                name=point.endpoint[1],
                requests=requests[point.endpoint],
                count=0,
                before=point.before,
                after=point.after,
            )
            for point in points
            if point.endpoint
        ),
        key=lambda one: (-(one.after or 0) / max(one.before or 0, 1), one.name, one.method),
    )
    over = [ends[id(point)].last_before for point in points if id(point) in ends]
    asking = [run for run in runs if any(row.requests and row.key in keys for row in run.endpoints)]
    is_over = len(over) == len(points)
    last = max(over, key=lambda run: run.started) if is_over else asking[-1]
    first = points[0].first
    state: KindState = "new" if first.started >= now[0].started else "known"
    return Incident(
        kind="slower",
        status=None,
        likely_status=None,
        signatures=(),
        endpoints=tuple(endpoints),
        count=0,
        runs=sum(
            first.started <= run.started <= last.started for run in asking if id(run) in period
        ),
        state="gone" if is_over else state,
        first=first,
        last=last,
        good=points[0].last_before,
    )


def _owners(endpoints: Iterable[IncidentEndpoint], owners: Sequence[Owner]) -> tuple[str, ...]:
    """Return who owns the endpoints, that of the worst first: the first that matches, of each."""
    found = (
        next((one.owner for one in owners if one.endpoint.matches(*endpoint.key)), None)
        for endpoint in endpoints
    )
    return tuple(dict.fromkeys(owner for owner in found if owner is not None))


def _requests(runs: Iterable[RunSummary]) -> Counter[Endpoint]:
    requests: Counter[Endpoint] = Counter()
    for run in runs:
        for row in run.endpoints:
            requests[row.key] += row.requests
    return requests


def _most_urgent_first(incident: Incident) -> tuple[object, ...]:
    status = incident.likely_status if incident.status is None else incident.status
    return (
        *(incident.state == "gone", incident.kind == "slower"),
        *(status not in SERVER_ERRORS, incident.state == "known"),
        *(-incident.count, incident.first.started),
        *(status_order(status), incident.signatures, [one.key for one in incident.endpoints]),
    )
