"""Suggestions: which rules the failures of some runs may need, and why not for the others."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from loadgate.matching import decide_text
from loadgate.model import (
    OTHER_SIGNATURES,
    UNEXPLAINED,
    Classification,
    Decision,
    Example,
    FailureKind,
    Policy,
    Rule,
)
from loadgate.rules.suggest.drafts import Draft, Seen, drafts_of, grouped, is_contention
from loadgate.rules.suggest.others import (
    Candidate,
    Cover,
    Refused,
    covers_of,
    fits_in_a_file,
    others_of,
)
from loadgate.rules.wordings import LikelyStatuses, likely_statuses


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """What rules there could be, and the true failures that none is for."""

    covers: tuple[Cover, ...]
    """Most failures first."""
    candidates: tuple[Candidate, ...]
    """Most failures first, of those that are frequent."""
    refused: tuple[Refused, ...]
    """Most failures first, of those that are frequent."""
    rare: int
    """True failures that are neither drafted nor covered nor frequent enough to be named."""
    drafts: tuple[Draft, ...]
    unnamed: tuple[str, ...]
    """Endpoints that no pattern can name, though their failures look like contention."""
    more: int
    """Drafts beyond DRAFTS_AT_MOST, which are not made."""
    left: int
    """True failures that no draft is for: those are for a person to look at."""
    likely: LikelyStatuses
    examples: tuple[Example, ...]
    """An expected and a true failure, to show what the rules of the policy mean."""


def suggest(
    classifications: Sequence[Classification],
    policy: Policy,
    presets: Mapping[str, Sequence[Rule]],
) -> Suggestion:
    """Draft a rule for each endpoint and status that no rule decides and that look like contention.

    Never for another status, an unknown one, or an endpoint that only reads; nor for what a
    carve-out or an expired rule decides, as somebody has thought about that. Of `presets`, the
    rules of each by its name, it says what they would excuse; of all else that is frequent, why
    nothing is drafted for it.
    """
    seen = [
        Seen(run, kind)
        for run in classifications
        for kind in run.failures
        if kind.decision == "true"
    ]
    requests = {
        (id(run), row.stats.method, row.stats.name): row.stats.requests
        for run in classifications
        for row in run.endpoints
    }
    taken = {rule.id for rule in policy.rules}
    groups = grouped(each for each in seen if is_contention(each.kind))
    drafts, unnamed = drafts_of(groups, requests, policy.today, taken)
    covers, covered = covers_of(seen, requests, presets)
    others = grouped(
        each for each in seen if not is_contention(each.kind) and id(each.kind) not in covered
    )
    true = sum(classification.total.true for classification in classifications)
    candidates, refused, rare = others_of(others, taken, true)
    drafted = sum(measured.count for draft in drafts for measured in draft.measured)
    return Suggestion(
        covers=covers,
        candidates=candidates,
        refused=refused,
        rare=rare,
        drafts=tuple(drafts),
        likely=likely_statuses(kind for run in classifications for kind in run.failures),
        unnamed=tuple(unnamed),
        more=len(groups) - len(drafts) - len(unnamed),
        left=true - drafted,
        examples=tuple(_examples(classifications, policy)),
    )


def _examples(classifications: Sequence[Classification], policy: Policy) -> Iterator[Example]:
    """Yield an expected and a true failure of the runs, to show what the rules of a policy mean."""
    decisions: tuple[Decision, ...] = ("expected", "true")
    for decision in decisions:
        for kind in (kind for run in classifications for kind in run.failures):
            if kind.decision == decision and _is_plain(kind, policy):
                yield Example(
                    method=kind.method,
                    name=kind.name,
                    error=kind.signature,
                    expect=decision,
                    rule=kind.rule,
                )
                break


def _is_plain(kind: FailureKind, policy: Policy) -> bool:
    """Say whether the signature of failures is decided as their texts are, and can be shown."""
    return (
        re.fullmatch("[A-Z]+", kind.method) is not None
        and kind.name == kind.name.strip()
        and all(map(fits_in_a_file, (kind.name, kind.signature)))
        and kind.signature not in {OTHER_SIGNATURES, UNEXPLAINED}
        and decide_text(policy, kind.method, kind.name, kind.signature)[0].decision == kind.decision
    )
