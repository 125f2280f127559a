"""Two groups of runs side by side: what is new, gone, more or slower. It decides nothing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from fractions import Fraction

from loadgate.baseline import Measured, one_row, other_load, together
from loadgate.difference import (
    CONFIDENCE,
    Counts,
    each_of,
    may_be_missed,
    rate_difference,
)
from loadgate.identity import identity_of, same_run
from loadgate.model import SERVER_ERRORS, Decision, Status
from loadgate.runs.compared import (
    Compared,
    Doubt,
    EndpointPair,
    Group,
    KindDiff,
    RulePair,
    State,
    true_rate,
)
from loadgate.runs.differences import differences
from loadgate.share import share
from loadgate.since import change_points
from loadgate.summary import RuleUse, RunSummary, known_sum
from loadgate.text import NAMELESS, status_order

Runs = Sequence[tuple[RunSummary, Measured]]
"""Each run, and what it measured."""
_KIND_ORDER = {"new": 0, "both": 1, "gone": 2}


def compare(base: Runs, head: Runs) -> Compared:
    """Put two groups, each of one run at least, side by side."""
    sides = _side(base), _side(head)
    endpoints = _endpoints(base, head)
    return Compared(
        base=sides[0],
        head=sides[1],
        total=_total(base, head),
        endpoints=tuple(endpoints),
        kinds=tuple(_kinds(base, head)),
        rules=tuple(_rules(*sides)),
        warnings=(*_warnings(*sides), *_became_allowed(endpoints)),
        since=change_points(_in_time(*sides)),
    )


def _side(runs: Runs) -> Group:
    return Group(
        runs=tuple(record for record, _ in runs),
        identities=tuple(
            identity_of(record, measured.total, measured.endpoints) for record, measured in runs
        ),
        measured=together([measured for _, measured in runs]),
    )


def _in_time(base: Group, head: Group) -> list[RunSummary]:
    """Return the runs of both groups by start, those that are in both once."""
    added = [
        run
        for run, own in zip(head.runs, head.identities, strict=True)
        if not any(same_run(own, known) for known in base.identities)
    ]
    return sorted([*base.runs, *added], key=lambda run: (run.started, run.label, run.source))


def _total(base: Runs, head: Runs) -> EndpointPair:
    rows = [[measured.total for _, measured in side] for side in (base, head)]
    return EndpointPair(
        method="",
        name="",
        base=one_row(rows[0]),
        head=one_row(rows[1]),
        differences=differences(rows[0], rows[1], CONFIDENCE),
    )


def _endpoints(base: Runs, head: Runs) -> list[EndpointPair]:
    rows = [
        {key: [run[1].endpoints[key] for run in side if key in run[1].endpoints] for key in keys}
        for side in (base, head)
        for keys in [dict.fromkeys(key for _, measured in side for key in measured.endpoints)]
    ]
    confidence = each_of(len(rows[0].keys() & rows[1].keys()))
    pairs = [
        EndpointPair(
            method=key[0],
            name=key[1],
            base=one_row(before) if before else None,
            head=one_row(now) if now else None,
            differences=differences(before, now, confidence) if before and now else {},
        )
        for key in {**rows[0], **rows[1]}
        for before, now in [(rows[0].get(key, []), rows[1].get(key, []))]
    ]
    return sorted(pairs, key=_worse_first)


def _worse_first(pair: EndpointPair) -> tuple[bool, bool, bool, Fraction, str, str]:
    now, before = true_rate(pair.head) or Fraction(0), true_rate(pair.base) or Fraction(0)
    return (
        pair.base is None or pair.head is None,
        pair.changed("true_failure_rate") != "more",
        all(pair.changed(name) != "more" for name in ("avg", "p50", "p95", "p99")),
        *(before - now, pair.name, pair.method),
    )


_Kind = tuple[str, str, Status | None, Decision, str]
"""Method, name, status, decision and signature: what tells kinds apart."""


def _kinds(base: Runs, head: Runs) -> list[KindDiff]:
    counts = [[_counted(run) for run, _ in side] for side in (base, head)]
    kinds = [kind for side in (base, head) for run, _ in side for kind in run.kinds]
    likely = {kind[:5]: kind.likely_status for kind in kinds if kind.likely_status}
    keys = dict.fromkeys(key for side in counts for run in side for key in run)
    confidence = each_of(len(keys))
    pairs = [
        _kind(
            key,
            likely.get(key),
            _of_runs(key, base, counts[0]),
            _of_runs(key, head, counts[1]),
            confidence,
        )
        for key in keys
    ]
    return sorted(
        pairs,
        key=lambda kind: (
            *(kind.decision == "expected", _KIND_ORDER[kind.state]),
            (kind.status or kind.likely_status) not in SERVER_ERRORS,
            bool(kind.doubt) or kind.difference is None or kind.difference.change != "more",
            *(-max(kind.head, kind.base), kind.name, kind.method),
            *(status_order(kind.status), kind.signature),
        ),
    )


def _counted(run: RunSummary) -> Counter[_Kind]:
    counts: Counter[_Kind] = Counter()
    for kind in run.kinds:
        counts[kind.method, kind.name, kind.status, kind.decision, kind.signature] += kind.failures
    return counts


def _of_runs(key: _Kind, runs: Runs, counts: Sequence[Counter[_Kind]]) -> list[tuple[int, int]]:
    """Return how many requests of the endpoint each run made, and failures of the kind."""
    rows = [measured.endpoints.get(key[:2]) for _, measured in runs]
    return [
        (of_run[key], max(row.requests if row else 0, of_run[key]))
        for of_run, row in zip(counts, rows, strict=True)
    ]


def _kind(
    key: _Kind, likely: int | None, base: Counts, head: Counts, confidence: float
) -> KindDiff:
    before, now = (sum(failures for failures, _ in side) for side in (base, head))
    return KindDiff(
        method=key[0],
        name=key[1],
        status=key[2],
        likely_status=likely,
        decision=key[3],
        signature=key[4],
        base=before,
        head=now,
        base_requests=sum(requests for _, requests in base),
        head_requests=sum(requests for _, requests in head),
        state=_state(before, now),
        difference=rate_difference(base, head, confidence),
        doubt=_doubt(head if now else base, base if now else head),
    )


def _doubt(seen: Counts, other: Counts) -> Doubt:
    """Say why the other group may have missed a kind."""
    if any(failures for failures, _ in other):
        return ""
    failures, requests, others = *map(sum, zip(*seen, strict=True)), sum(of for _, of in other)
    if not others:
        return "no-requests"
    return "few-requests" if may_be_missed(failures, requests, others) else ""


def _state(base: int, head: int) -> State:
    if not base:
        return "new"
    return "both" if head else "gone"


def _rules(base: Group, head: Group) -> Iterator[RulePair]:
    whys = {rule.id: rule.why for side in (base, head) for run in side.runs for rule in run.rules}
    uses = [_uses(side) for side in (base, head)]
    for name in {**uses[1], **uses[0]}:
        of_base, of_head = (of.get(name, ()) for of in uses)
        yield RulePair(
            id=name,
            why=whys[name],
            base=known_sum(use.matched for use in of_base),
            head=known_sum(use.matched for use in of_head),
            base_allowed=known_sum(use.allowed for use in of_base),
            head_allowed=known_sum(use.allowed for use in of_head),
        )


def _uses(side: Group) -> dict[str, list[RuleUse]]:
    uses: defaultdict[str, list[RuleUse]] = defaultdict(list)
    for run in side.runs:
        for rule in run.rules:
            uses[rule.id].append(rule)
    return uses


def _became_allowed(pairs: Sequence[EndpointPair]) -> Iterator[str]:
    """Yield where fewer requests fail in the head, and about so many more are allowed."""
    for pair in pairs:
        if pair.base is None or pair.head is None or not pair.head.allowed:
            continue
        failed = [share(row.failures, row.requests) or 0 for row in (pair.base, pair.head)]
        allowed = [share(row.allowed or 0, row.requests) or 0 for row in (pair.base, pair.head)]
        fall, rise = failed[0] - failed[1], allowed[1] - allowed[0]
        if 0 < fall <= 2 * rise and (failed[0] >= 2 * failed[1] or allowed[1] >= 2 * allowed[0]):
            known = pair.base.allowed is not None
            before = f"{pair.base.allowed:,} in the base" if known else "not known of the base"
            yield (
                f"fewer failures at {pair.endpoint or NAMELESS} are no improvement: the locustfile"
                f" counts {pair.head.allowed:,} as successes (allowed), {before}"
            )


def _warnings(base: Group, head: Group) -> Iterator[str]:
    judged = [{run.rules_from for run in side.runs} for side in (base, head)]
    if judged[0] != judged[1]:
        by = [
            " or ".join(sorted(", ".join(files) or "no rules" for files in side)) for side in judged
        ]
        yield (
            f"the base was judged by {by[0]}, the head by {by[1]}: what is expected in the one"
            " may be true in the other"
        )
    for name, side in (("base", base), ("head", head)):
        empty = [run.label for run in side.runs if not run.requests]
        if empty:
            yield f"of the {name}, these runs made no requests: {', '.join(empty)}"
        partial = [run.label for run in side.runs if run.partial]
        if partial:
            yield f"of the {name}, these runs are partial, counted strictly: {', '.join(partial)}"
    head_of = head.measured
    other = other_load(base.measured, head_of.total, head_of.endpoints.keys())
    if other:
        yield f"base and head had different loads, so they are hard to compare: {other}"
    both = [
        run.label
        for run, own in zip(head.runs, head.identities, strict=True)
        if any(same_run(own, known) for known in base.identities)
    ]
    if both:
        yield f"these runs are in both groups: {', '.join(both)}"
