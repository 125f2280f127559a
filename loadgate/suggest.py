"""Classified runs and their policy in, drafts of rules for what looks like contention out."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import ceil, isqrt

from loadgate.masking import mask_secrets
from loadgate.model import Classification, FailureKind, Policy
from loadgate.patterns import EndpointPattern, PatternError, bare_path
from loadgate.share import share

CONTENTION = {
    409: "Conflict",
    412: "Precondition Failed",
    423: "Locked",
    428: "Precondition Required",
    429: "Too Many Requests",
}
"""Statuses by which concurrency control and throttling refuse a change (RFC 9110, 4918, 6585)."""

WRITING = ("POST", "PUT", "PATCH", "DELETE")
"""Methods that change something, so that there is something to contend for."""

DAYS = 90
"""Days for which a draft is to excuse."""

DRAFTS_AT_MOST = 200

# A whole segment of a path: a number, a UUID, hexadecimal digits of which one is a digit.
_IDENTIFIER = re.compile(r"(?<=/)(?:[0-9]+|(?=[^/]*[0-9])[0-9a-fA-F-]{8,})(?=/|\Z)")
_LONGEST_PATTERN = 1000
_LONGEST_ID = 80
_TEXTS_SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What one run says of an endpoint: how many of its requests got the status."""

    run: str
    """The run's label."""
    endpoint: str
    """The name, as Locust shows it."""
    count: int
    requests: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A rule that a person may want, with what was measured."""

    id: str
    name: str
    """The endpoint's name, as a bare path where it is a URL or has a query; for several endpoints
    with `*` for the identifiers in which they differ."""
    status: int
    pattern: str
    """For the key `endpoint`."""
    endpoints: int
    """How many paths it is for."""
    measured: tuple[Measured, ...]
    """Highest share first; never empty."""
    texts: tuple[str, ...]
    """Signatures of the failures, most frequent first; a few of them."""
    at_most: Fraction
    """Budget, a share of requests: a little above the highest that was measured."""
    expires: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """The drafts, and the true failures that none is for."""

    drafts: tuple[Draft, ...]
    unnamed: tuple[str, ...]
    """Endpoints that no pattern can name, though their failures look like contention."""
    more: int
    """Drafts beyond DRAFTS_AT_MOST, which are not made."""
    left: int
    """True failures that no draft is for: those are for a person to look at."""


def suggest(classifications: Sequence[Classification], policy: Policy) -> Suggestion:
    """Draft a rule for each endpoint and status that no rule decides and that look like contention.

    Never for another status, an unknown one, or an endpoint that only reads; nor for what a
    carve-out or an expired rule decides, as somebody has thought about that.
    """
    groups = _grouped(classifications)
    requests = {
        (id(of), row.stats.method, row.stats.name): row.stats.requests
        for of in classifications
        for row in of.endpoints
    }
    taken = {rule.id for rule in policy.rules}
    drafts: list[Draft] = []
    unnamed = []
    for group in sorted(groups, key=lambda group: (group.names > 1, group.name, group.method)):
        pattern = _pattern(group)
        if pattern is None:
            unnamed.append(f"{group.method} {group.name}".strip())
        elif len(drafts) < DRAFTS_AT_MOST:
            measured = _measured(group, requests)
            drafts.append(
                Draft(
                    id=_id(group, taken),
                    name=group.name,
                    status=group.status,
                    pattern=pattern,
                    endpoints=group.names,
                    measured=measured,
                    texts=_texts(group),
                    at_most=max(_budget(one) for one in measured),
                    expires=_in_days(policy.today),
                )
            )
    true = sum(classification.total.true for classification in classifications)
    drafted = sum(one.count for draft in drafts for one in draft.measured)
    return Suggestion(
        drafts=tuple(drafts),
        unnamed=tuple(unnamed),
        more=len(groups) - len(drafts) - len(unnamed),
        left=true - drafted,
    )


@dataclass(frozen=True, slots=True)
class _Seen:
    classification: Classification
    kind: FailureKind


@dataclass(frozen=True, slots=True)
class _Group:
    """What one draft is for."""

    method: str
    name: str
    """A path; where several differ in identifiers only, with `*` for those."""
    status: int
    names: int
    """Distinct paths."""
    seen: tuple[_Seen, ...]


def _grouped(classifications: Sequence[Classification]) -> list[_Group]:
    """Return what looks like contention, endpoints that differ in identifiers only as one."""
    found: defaultdict[tuple[str, str, int], list[_Seen]] = defaultdict(list)
    for classification in classifications:
        for kind in classification.failures:
            if kind.decision == "true" and kind.rule is None and _is_contention(kind):
                shape = _IDENTIFIER.sub("*", bare_path(kind.name))
                found[kind.method, shape, kind.status or 0].append(_Seen(classification, kind))
    groups = []
    for (method, shape, status), seen in sorted(found.items(), key=lambda item: item[0]):
        names = {bare_path(one.kind.name) for one in seen}
        name = shape if len(names) > 1 else next(iter(names))
        groups.append(_Group(method, name, status, len(names), tuple(seen)))
    return groups


def _is_contention(kind: FailureKind) -> bool:
    return kind.status in CONTENTION and kind.method in WRITING


def _pattern(group: _Group) -> str | None:
    """Return the pattern that names the endpoints of a group; None: there is none."""
    pattern = f"{group.method} {group.name}"
    if len(pattern) > _LONGEST_PATTERN or mask_secrets(group.name) != group.name:
        return None  # a rules file is no place for a password, which some odd names hold
    try:
        pattern.encode()  # a rules file is UTF-8, which cannot say a lone surrogate
        parsed = EndpointPattern.parse(pattern)
    except (PatternError, UnicodeEncodeError):
        return None
    names = (one.kind.name for one in group.seen)
    return pattern if all(parsed.matches(group.method, name) for name in names) else None


def _measured(group: _Group, requests: Mapping[tuple[int, str, str], int]) -> tuple[Measured, ...]:
    """Return what was measured at each endpoint of each run, the highest share first."""
    counts: Counter[tuple[int, str, str]] = Counter()
    labels: dict[int, str] = {}
    for one in group.seen:
        labels[id(one.classification)] = one.classification.run.label
        counts[id(one.classification), group.method, one.kind.name] += one.kind.count
    measured = (
        Measured(run=labels[key[0]], endpoint=key[2], count=count, requests=requests[key])
        for key, count in counts.items()
    )
    return tuple(sorted(measured, key=lambda one: (-_share(one), one.run, one.endpoint)))


def _share(measured: Measured) -> Fraction:
    return share(measured.count, measured.requests) or Fraction(0)


def _texts(group: _Group) -> tuple[str, ...]:
    counts: Counter[str] = Counter()
    for one in group.seen:
        counts[one.kind.signature] += one.kind.count
    ordered = sorted(counts, key=lambda text: (-counts[text], text))
    return tuple(ordered[:_TEXTS_SHOWN])


def _id(group: _Group, taken: set[str]) -> str:
    """Return an id such as post-tools-id-state-409 that is not taken, and take it."""
    words = re.findall("[a-z0-9]+", group.name.lower())
    plain = "-".join([group.method.lower(), *words])[:_LONGEST_ID].strip("-") + f"-{group.status}"
    identifier, number = plain, 1
    while identifier in taken:
        number += 1
        identifier = f"{plain}-{number}"
    taken.add(identifier)
    return identifier


def _in_days(today: date) -> date:
    """Return the day on which a draft expires; at the end of the calendar its last one."""
    return date.fromordinal(min(today.toordinal() + DAYS, date.max.toordinal()))


def _budget(measured: Measured) -> Fraction:
    """Return a share a little above the measured one, in two digits, rounded up.

    A fifth more, or two standard deviations of a Poisson count and one failure more where that is
    more: one conflict in a short run says little of how many the next run will have.
    """
    count, requests = measured.count, measured.requests
    room = max(Fraction(count) / 5, Fraction(2 * isqrt(count) + 1))
    wanted = (count + room) / max(requests, 1)
    step = Fraction(1, 100)
    while wanted / step < 10:
        step /= 10
    return min(ceil(wanted / step) * step, Fraction(1))
