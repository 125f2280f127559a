"""The nouns of a comparison: two groups of runs, and what is in one or both of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from loadgate.baseline import Measured
from loadgate.difference import Change, Difference
from loadgate.identity import Identity
from loadgate.metrics import Row
from loadgate.model import AtEndpoint, Decision, Status
from loadgate.share import share
from loadgate.since import ChangePoint
from loadgate.summary import RunSummary

State = Literal["new", "gone", "both"]
"""new: in the head only; gone: in the base only."""
Doubt = Literal["", "no-requests", "few-requests"]
"""Why the group without a kind of failures may have missed it; "": no reason, or both have it."""


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
    differences: Mapping[str, Difference]
    """By metric, as far as there are intervals."""

    def changed(self, metric: str) -> Change | None:
        """Say how a metric changed; None: there is no interval."""
        return self.differences[metric].change if metric in self.differences else None


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
    base_requests: int
    """Of the endpoint, in all runs of the group, as is `head_requests`."""
    head_requests: int
    state: State
    difference: Difference | None
    """Of its share of the endpoint's requests; None: a group made none."""
    doubt: Doubt


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
    total: EndpointPair
    """All requests."""
    endpoints: tuple[EndpointPair, ...]
    """Those of one group last; before them those that clearly fail more come first, then those that
    are clearly slower, then by how much the rate of true failures rose."""
    kinds: tuple[KindDiff, ...]
    """True before expected, new before known before gone, server errors first, then what clearly
    became more, then by count."""
    rules: tuple[RulePair, ...]
    """In the order of the head, then those of the base only."""
    warnings: tuple[str, ...]
    """What makes the groups hard to compare, a sentence each."""
    since: tuple[ChangePoint, ...]
    """What changed and stayed changed over the runs of both groups, the earliest first."""

    @property
    def single(self) -> bool:
        """Say whether each group is one run, so that nothing tells how much runs differ."""
        return len(self.base.runs) == len(self.head.runs) == 1

    @property
    def shows_allowed(self) -> bool:
        """Say whether there is something to show of what the locustfile allowed."""
        return any(group.measured.total.allowed for group in (self.base, self.head))


def true_rate(row: Row | None) -> Fraction | None:
    """Return the share of requests that truly failed; None: there were none."""
    return None if row is None else share(row.true, row.requests)


def expected_rate(row: Row | None) -> Fraction | None:
    """Return the share of requests that failed as expected; None: there were none."""
    return None if row is None else share(row.expected, row.requests)
