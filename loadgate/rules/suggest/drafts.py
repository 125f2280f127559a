"""Drafts of rules for what looks like contention, each with what was measured."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import ceil, isqrt

from loadgate.globs import PatternError
from loadgate.masking import mask_secrets
from loadgate.model import Classification, FailureKind, Status
from loadgate.patterns import EndpointPattern, bare_path
from loadgate.share import share
from loadgate.text import endpoint_label, numbered, status_order

CONTENTION: dict[Status | None, str] = {
    409: "Conflict",
    412: "Precondition Failed",
    423: "Locked",
    428: "Precondition Required",
    429: "Too Many Requests",
    "grpc:ABORTED": "the operation was aborted",
    "grpc:RESOURCE_EXHAUSTED": "a quota is used up",
}
"""Statuses by which concurrency control and throttling refuse a change (RFC 9110, 4918, 6585; the
status codes of gRPC)."""

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
    status: Status
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


Place = tuple[int, str, str]
"""An endpoint of a run: the id of its classification, method, name."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A kind of failures, and the run that had it."""

    classification: Classification
    kind: FailureKind

    @property
    def place(self) -> Place:
        """Return the endpoint of the run that had it."""
        return id(self.classification), self.kind.method, self.kind.name


@dataclass(frozen=True, slots=True)
class Group:
    """What one draft is for."""

    method: str
    name: str
    """A path; where several differ in identifiers only, with `*` for those."""
    names: int
    """Distinct paths."""
    seen: Sequence[Seen]

    @property
    def status(self) -> Status:
        """Return the status that all of them have; 0: unknown."""
        return self.seen[0].kind.status or 0

    @property
    def count(self) -> int:
        """Return how many failures they are."""
        return sum(each.kind.count for each in self.seen)


def grouped(seen: Iterable[Seen]) -> list[Group]:
    """Put failures together that one rule could be for, and that are decided alike.

    They have a method and a status in common, or a text where there is no status, and their
    endpoints differ in identifiers only.
    """
    groups: defaultdict[tuple[str, str, Status, str | None], list[Seen]] = defaultdict(list)
    for each in seen:
        kind = each.kind
        shape = _IDENTIFIER.sub("*", bare_path(kind.name))
        groups[kind.method, shape, kind.status or kind.signature, kind.rule].append(each)
    found = []
    for (method, shape, _, _), alike in groups.items():
        names = {bare_path(each.kind.name) for each in alike}
        name = shape if len(names) > 1 else min(names)
        found.append(Group(method, name, len(names), alike))
    return found


def is_contention(kind: FailureKind) -> bool:
    """Say whether failures that no rule decides look like contention."""
    changes = kind.method in WRITING or isinstance(kind.status, str)  # gRPC has no methods
    return kind.rule is None and kind.status in CONTENTION and changes


def drafts_of(
    groups: Sequence[Group], requests: Mapping[Place, int], today: date, taken: set[str]
) -> tuple[list[Draft], list[str]]:
    """Return drafts for the first DRAFTS_AT_MOST groups, and the endpoints no pattern can name.

    Their ids are none of those that are taken, and are taken then.
    """
    drafts: list[Draft] = []
    unnamed = []
    ranked = sorted(
        groups, key=lambda of: (of.names > 1, of.name, of.method, status_order(of.status))
    )
    for group in ranked:
        pattern = pattern_of(group)
        if pattern is None:
            unnamed.append(endpoint_label(group.method, group.name))
        elif len(drafts) < DRAFTS_AT_MOST:
            measured = _measured(group, requests)
            drafts.append(
                Draft(
                    id=id_of(group, taken),
                    name=group.name,
                    status=group.status,
                    pattern=pattern,
                    endpoints=group.names,
                    measured=measured,
                    texts=_texts(group),
                    at_most=max(map(_budget, measured)),
                    # At the end of the calendar its last day.
                    expires=date.fromordinal(min(today.toordinal() + DAYS, date.max.toordinal())),
                )
            )
    return drafts, unnamed


def pattern_of(group: Group) -> str | None:
    """Return the pattern that names the endpoints of a group; None: there is none."""
    pattern = f"{group.method} {group.name}"
    if len(pattern) > _LONGEST_PATTERN or mask_secrets(pattern) != pattern:
        return None  # a rules file is no place for a password, which some odd names hold
    try:
        pattern.encode()  # a rules file is UTF-8, which cannot say a lone surrogate
        parsed = EndpointPattern.parse(pattern)
    except (PatternError, UnicodeEncodeError):
        return None
    names = (seen.kind.name for seen in group.seen)
    return pattern if all(parsed.matches(group.method, name) for name in names) else None


def _measured(group: Group, requests: Mapping[Place, int]) -> tuple[Measured, ...]:
    """Return what was measured at each endpoint of each run, the highest share first."""
    counts: Counter[Place] = Counter()
    labels: dict[Place, str] = {}
    for seen in group.seen:
        labels[seen.place] = seen.classification.run.label
        counts[seen.place] += seen.kind.count
    measured = (
        Measured(run=labels[place], endpoint=place[2], count=count, requests=requests[place])
        for place, count in counts.items()
    )
    return tuple(sorted(measured, key=lambda each: (-_share(each), each.run, each.endpoint)))


def _share(measured: Measured) -> Fraction:
    return share(measured.count, measured.requests) or Fraction(0)


def _texts(group: Group) -> tuple[str, ...]:
    counts: Counter[str] = Counter()
    for seen in group.seen:
        counts[seen.kind.signature] += seen.kind.count
    ordered = sorted(counts, key=lambda text: (-counts[text], text))
    return tuple(ordered[:_TEXTS_SHOWN])


def id_of(group: Group, taken: set[str]) -> str:
    """Return an id such as post-tools-id-state-409 that is not taken, and take it."""
    words = re.findall("[a-z0-9]+", group.name.lower())
    plain = "-".join([group.method.lower(), *words])[:_LONGEST_ID].strip("-")
    status = str(group.status or "text").lower().replace(":", "-").replace("_", "-")
    identifier = numbered(f"{plain}-{status}", taken, "{}-{}")
    taken.add(identifier)
    return identifier


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
