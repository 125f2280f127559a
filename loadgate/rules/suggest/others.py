"""What is not drafted: what presets cover, texts without a status, and why not the rest."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from http import HTTPStatus

from loadgate.masking import mask_secrets
from loadgate.model import (
    OTHER_SIGNATURES,
    SERVER_ERRORS,
    UNEXPLAINED,
    FailureKind,
    Rule,
)
from loadgate.rules.suggest.drafts import CONTENTION, Group, Place, Seen, id_of, pattern_of
from loadgate.share import share
from loadgate.status import read_status
from loadgate.text import endpoint_label

# What may be a status: three digits of their own, or what was masked where they could have stood.
_MAYBE_STATUS = re.compile(r"(?<![\w.*/-])(?:\*|[1-5][0-9]{2})(?![\w.*/-])")
_NO_ANSWER = re.compile(r"time[d-]? ?out|connection|unreachable|\bssl\b", re.IGNORECASE)
_SERVER_WORDS = tuple(
    status.phrase.lower().replace(" ", "") for status in HTTPStatus if status.value in SERVER_ERRORS
)
_READING = ("GET", "HEAD", "OPTIONS")
_FREQUENT = Fraction(1, 100)  # of all true failures: what is rarer is only counted
_NAMED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """A bundled preset that the policy does not extend, and what it would excuse."""

    preset: str
    failures: int
    endpoints: int
    above: int
    """Those of the endpoints whose share of failures is above the budget of the preset's rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Failures whose text tells no status, so that only a rule on the text could excuse them."""

    id: str
    pattern: str
    error: str
    """A glob that all of the texts match."""
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Frequent true failures for which no rule is suggested."""

    endpoint: str
    what: str
    """The status, or where it is unknown the signature of the texts."""
    count: int
    reason: str


def covers_of(
    seen: Sequence[Seen], requests: Mapping[Place, int], presets: Mapping[str, Sequence[Rule]]
) -> tuple[tuple[Cover, ...], set[int]]:
    """Return what presets would excuse of what no rule decides, and the kinds of that."""
    covers = []
    covered: set[int] = set()
    for preset, rules in presets.items():
        counts: Counter[Place] = Counter()
        above = set()
        for each in seen:
            kind, place = each.kind, each.place
            rule = next((rule for rule in rules if _would_match(rule, kind)), None)
            if rule is not None and kind.rule is None:
                covered.add(id(kind))
                counts[place] += kind.count
                used = share(counts[place], requests[place]) or 1
                if rule.at_most is not None and used > rule.at_most:
                    above.add(place[1:])
        if counts:
            covers.append(
                Cover(
                    preset=preset,
                    failures=counts.total(),
                    endpoints=len({place[1:] for place in counts}),
                    above=len(above),
                )
            )
    return tuple(sorted(covers, key=lambda cover: (-cover.failures, cover.preset))), covered


def _would_match(rule: Rule, kind: FailureKind) -> bool:
    """Say whether a rule on status is about failures of this kind."""
    return (
        rule.excuses
        and not rule.globs
        and kind.status in (rule.statuses or ())
        and rule.endpoint.matches(kind.method, kind.name)
    )


def others_of(
    groups: Sequence[Group], taken: set[str], true: int
) -> tuple[tuple[Candidate, ...], tuple[Refused, ...], int]:
    """Return candidates for what is frequent, why there is none, and how much is not frequent."""
    candidates: list[Candidate] = []
    refused: list[Refused] = []
    rare = sum(group.count for group in groups)
    what = {id(group): str(group.status or group.seen[0].kind.signature) for group in groups}
    ranked = sorted(groups, key=lambda of: (-of.count, of.method, of.name, what[id(of)]))
    for group in ranked[:_NAMED]:
        if group.count < _FREQUENT * true:
            break
        rare -= group.count
        reason = _reason(group.seen[0].kind)
        pattern = None if reason else pattern_of(group)
        if pattern is None:
            refused.append(
                Refused(
                    endpoint=endpoint_label(group.method, group.name),
                    what=what[id(group)],
                    count=group.count,
                    reason=reason or "no pattern can name this endpoint",
                )
            )
        else:
            candidates.append(
                Candidate(
                    id=id_of(group, taken),
                    pattern=pattern,
                    error=what[id(group)],
                    count=group.count,
                )
            )
    return tuple(candidates), tuple(refused), rare


def _reason(kind: FailureKind) -> str:
    """Return why no rule is suggested for failures; "": a rule on their text might be."""
    if kind.rule is not None:
        return f"rule {kind.rule} decides them already"
    status = kind.status or kind.likely_status
    if status in SERVER_ERRORS or (status is None and _is_server_error(kind.signature)):
        return "a server error is not an intended refusal"
    if kind.status is not None:
        return _reason_of_status(kind)
    if kind.likely_status is not None:
        return f"they look like {kind.likely_status}, which is not certain"
    if kind.signature == UNEXPLAINED:
        return "no error text says what they are"
    if kind.signature == OTHER_SIGNATURES:
        return "there are too many different texts"
    if not read_status(kind.signature).answered or _NO_ANSWER.search(kind.signature):
        return "there was no response, or the test did not look at it"
    if _MAYBE_STATUS.search(kind.signature):
        return "a number in the text may be the status; if so, add its wording to [[status_texts]]"
    if not fits_in_a_file(kind.signature):
        return "the text is empty, contains a secret, or is not valid Unicode"
    return ""


def _reason_of_status(kind: FailureKind) -> str:
    if kind.status not in CONTENTION:
        return "this status does not mean contention or throttling"
    if kind.method in _READING:
        return "a request that only reads cannot lose a race"
    return "loadgate does not know whether this type of request changes anything"


def _is_server_error(text: str) -> bool:
    """Say whether a text names a status from 500 on, by its number or its words."""
    numbers = (int(number) for number in re.findall(r"(?<![0-9])[0-9]{3}(?![0-9])", text))
    words = re.sub("[^a-z]", "", text.lower())
    return any(number in SERVER_ERRORS for number in numbers) or any(
        phrase in words for phrase in _SERVER_WORDS
    )


def fits_in_a_file(text: str) -> bool:
    """Say whether a rules file may hold a text: it says something, no secret, and in UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return bool(text.strip("* ")) and mask_secrets(text) == text
