"""Two groups of runs side by side: what is new, gone, more or slower. It decides nothing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from loadgate.baseline import Measured, other_load, together
from loadgate.identity import Identity, identity_of, same_run
from loadgate.metrics import Row
from loadgate.model import SERVER_ERRORS, AtEndpoint, Decision, Status
from loadgate.share import share
from loadgate.summary import RuleUse, RunSummary, known_sum
from loadgate.text import NAMELESS, status_order

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
    base_allowed: int | None
    """As EndpointResult.allowed, by this rule; None: not known, as in `head_allowed`."""
    head_allowed: int | None


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

    @property
    def shows_allowed(self) -> bool:
        """Say whether there is something to show of what the locustfile allowed."""
        return any(group.measured.total.allowed for group in (self.base, self.head))


def compare(base: Runs, head: Runs) -> Compared:
    """Put two groups, each of one run at least, side by side."""
    sides = _side(base), _side(head)
    endpoints = [*_endpoints(*sides)]
    return Compared(
        base=sides[0],
        head=sides[1],
        endpoints=tuple(endpoints),
        kinds=tuple(_kinds(*sides)),
        rules=tuple(_rules(*sides)),
        warnings=(*_warnings(*sides), *_became_allowed(endpoints)),
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
