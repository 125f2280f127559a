"""Two groups of runs side by side: what is new, gone, more or slower. It decides nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from loadgate.baseline import Measured, other_load, together
from loadgate.identity import Identity, identity_of, same_run
from loadgate.metrics import Row
from loadgate.model import SERVER_ERRORS, AtEndpoint, Decision, Status
from loadgate.share import share
from loadgate.summary import RunSummary
from loadgate.text import status_order

Runs = Sequence[tuple[RunSummary, Measured]]
State = Literal["new", "gone", "both"]
"""new: in the head only; gone: in the base only."""

_KIND_ORDER = {"new": 0, "both": 1, "gone": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One of the two groups."""

    runs: tuple[RunSummary, ...]
    """By start, then label and source."""
    identities: tuple[Identity, ...]
    """What tells each from any other."""
    measured: Measured
    """All of them taken together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointPair(AtEndpoint):
    """One endpoint in both groups; None: the group does not have it."""

    base: Row | None
    head: Row | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KindDiff(AtEndpoint):
    """One kind of failure in both groups."""

    status: Status | None
    likely_status: int | None
    decision: Decision
    signature: str
    base: int
    """Failures in all runs of the group, as in `head`."""
    head: int
    state: State


@dataclass(frozen=True, slots=True, kw_only=True)
class RulePair:
    """One rule in both groups."""

    id: str
    why: str
    base: int | None
    """Failures that it matched in all runs of the group; None: the group has no such rule."""
    head: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Two groups of runs side by side."""

    base: Group
    head: Group
    endpoints: tuple[EndpointPair, ...]
    """Those whose true rate rose most come first, those of one group last."""
    kinds: tuple[KindDiff, ...]
    """True before expected, new before known before gone, server errors first, then by count."""
    rules: tuple[RulePair, ...]
    """In the order of the head, then those of the base only."""
    warnings: tuple[str, ...]
    """What makes the groups hard to compare, a sentence each."""


def compare(base: Runs, head: Runs) -> Compared:
    """Put two groups, each of one run at least, side by side."""
    sides = _side(base), _side(head)
    return Compared(
        base=sides[0],
        head=sides[1],
        endpoints=tuple(_endpoints(*sides)),
        kinds=tuple(_kinds(*sides)),
        rules=tuple(_rules(*sides)),
        warnings=tuple(_warnings(*sides)),
    )


def true_rate(row: Row | None) -> Fraction | None:
    """Return the share of requests that truly failed; None: there were none."""
    return None if row is None else share(row.true, row.requests)


def expected_rate(row: Row | None) -> Fraction | None:
    """Return the share of requests that failed as expected; None: there were none."""
    return None if row is None else share(row.expected, row.requests)


def _side(runs: Runs) -> Group:
    return Group(
        runs=tuple(record for record, _ in runs),
        identities=tuple(
            identity_of(record, measured.total, measured.endpoints) for record, measured in runs
        ),
        measured=together([measured for _, measured in runs]),
    )


def _endpoints(base: Group, head: Group) -> list[EndpointPair]:
    rows = base.measured.endpoints, head.measured.endpoints
    pairs = [
        EndpointPair(method=method, name=name, base=before, head=now)
        for method, name in {**rows[0], **rows[1]}
        for before, now in [(rows[0].get((method, name)), rows[1].get((method, name)))]
    ]
    return sorted(pairs, key=_worse_first)


def _worse_first(pair: EndpointPair) -> tuple[bool, Fraction, str, str]:
    now, before = true_rate(pair.head) or Fraction(0), true_rate(pair.base) or Fraction(0)
    alone = pair.base is None or pair.head is None
    return alone, before - now, pair.name, pair.method


def _kinds(base: Group, head: Group) -> list[KindDiff]:
    counts = _counted(base), _counted(head)
    kinds = [kind for side in (base, head) for run in side.runs for kind in run.kinds]
    likely = {kind[:5]: kind.likely_status for kind in kinds if kind.likely_status}
    pairs = [
        KindDiff(
            method=key[0],
            name=key[1],
            status=key[2],
            likely_status=likely.get(key),
            decision=key[3],
            signature=key[4],
            base=counts[0][key],
            head=counts[1][key],
            state=_state(counts[0][key], counts[1][key]),
        )
        for key in counts[0] | counts[1]
    ]
    return sorted(
        pairs,
        key=lambda kind: (
            *(kind.decision == "expected", _KIND_ORDER[kind.state]),
            (kind.status or kind.likely_status) not in SERVER_ERRORS,
            *(-max(kind.head, kind.base), kind.name, kind.method),
            *(status_order(kind.status), kind.signature),
        ),
    )


def _counted(side: Group) -> Counter[tuple[str, str, Status | None, Decision, str]]:
    counts: Counter[tuple[str, str, Status | None, Decision, str]] = Counter()
    for run in side.runs:
        for kind in run.kinds:
            key = (kind.method, kind.name, kind.status, kind.decision, kind.signature)
            counts[key] += kind.failures
    return counts


def _state(base: int, head: int) -> State:
    if not base:
        return "new"
    return "both" if head else "gone"


def _rules(base: Group, head: Group) -> Iterator[RulePair]:
    whys = {rule.id: rule.why for side in (base, head) for run in side.runs for rule in run.rules}
    matched = [_matched(side) for side in (base, head)]
    for name in {**matched[1], **matched[0]}:
        yield RulePair(
            id=name, why=whys[name], base=matched[0].get(name), head=matched[1].get(name)
        )


def _matched(side: Group) -> dict[str, int]:
    matched: Counter[str] = Counter()
    for run in side.runs:
        for rule in run.rules:
            matched[rule.id] += rule.matched
    return matched


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
