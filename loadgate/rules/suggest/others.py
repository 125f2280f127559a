"""What is not drafted: what presets cover, texts without a status, and why not the rest."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from http import HTTPStatus

from loadgate.masking import mask_secrets
from loadgate.model import (
    OTHER_SIGNATURES,
    SERVER_ERRORS,
    UNEXPLAINED,
    Classification,
    FailureKind,
    Rule,
)
from loadgate.rules.suggest.drafts import CONTENTION, Seen, group_of, id_of, pattern_of, shape_of
from loadgate.share import share
from loadgate.status import read_status
from loadgate.text import endpoint_label

# What may be a status: three digits of their own, or what was masked where they could have stood.
_MAYBE_STATUS = re.compile(r"(?<![\w.*/-])(?:\*|[1-5][0-9]{2})(?![\w.*/-])")
_NO_ANSWER = re.compile(r"time[d-]? ?out|connection|unreachable|\bssl\b", re.IGNORECASE)
_SERVER_WORDS = tuple(
    status.phrase.lower().replace(" ", "") for status in HTTPStatus if status.value in SERVER_ERRORS
)
_SERVER_ERROR = "a server error is not an intended refusal"
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
    classifications: Sequence[Classification], presets: Mapping[str, Sequence[Rule]]
) -> tuple[tuple[Cover, ...], set[int]]:
    """Return what presets would excuse of what no rule decides, and the kinds of that."""
    covers = []
    covered: set[int] = set()
    for preset, rules in presets.items():
        counts: Counter[tuple[int, str, str]] = Counter()
        above = set()
        for run in classifications:
            requests = {
                (row.stats.method, row.stats.name): row.stats.requests for row in run.endpoints
            }
            for kind in run.failures:
                rule = next((rule for rule in rules if _would_match(rule, kind)), None)
                if rule is not None and kind.decision == "true" and kind.rule is None:
                    key = (id(run), kind.method, kind.name)
                    covered.add(id(kind))
                    counts[key] += kind.count
                    used = share(counts[key], requests[kind.method, kind.name]) or 1
                    if rule.at_most is not None and used > rule.at_most:
                        above.add(key)
        if counts:
            covers.append(
                Cover(
                    preset=preset,
                    failures=counts.total(),
                    endpoints=len({key[1:] for key in counts}),
                    above=len({key[1:] for key in above}),
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
    classifications: Sequence[Classification], named: set[int], taken: set[str], true: int
) -> tuple[tuple[Candidate, ...], tuple[Refused, ...], int]:
    """Return candidates for what is frequent, why there is none, and how much is not frequent."""
    groups: defaultdict[tuple[str, str, str, str], list[Seen]] = defaultdict(list)
    for run in classifications:
        for kind in run.failures:
            if kind.decision == "true" and id(kind) not in named:
                what = str(kind.status or kind.signature)
                groups[kind.method, shape_of(kind.name), what, _reason(kind)].append(
                    Seen(run, kind)
                )
    candidates: list[Candidate] = []
    refused: list[Refused] = []
    shown = 0
    counts = {key: sum(each.kind.count for each in seen) for key, seen in groups.items()}
    for key in sorted(groups, key=lambda key: (-counts[key], key)):
        method, shape, what, reason = key
        if counts[key] < _FREQUENT * true or len(candidates) + len(refused) == _NAMED:
            break
        shown += counts[key]
        group = group_of(method, shape, None, groups[key])
        pattern = None if reason else pattern_of(group)
        if pattern is None:
            refused.append(
                Refused(
                    endpoint=endpoint_label(method, group.name),
                    what=what,
                    count=counts[key],
                    reason=reason or "no pattern can name this endpoint",
                )
            )
        else:
            candidates.append(
                Candidate(id=id_of(group, taken), pattern=pattern, error=what, count=counts[key])
            )
    return tuple(candidates), tuple(refused), sum(counts.values()) - shown


def _reason(kind: FailureKind) -> str:
    """Return why no rule is suggested for failures; "": a rule on their text might be."""
    if kind.rule is not None:
        return f"rule {kind.rule} decides them already"
    if kind.status is not None:
        return _reason_of_status(kind, kind.status)
    if kind.signature == UNEXPLAINED:
        return "no error text says what they are"
    if kind.signature == OTHER_SIGNATURES:
        return "there are too many different texts"
    if _is_server_error(kind.signature):
        return _SERVER_ERROR
    silent = read_status(kind.signature).form in {"no-answer", "silent"}
    if silent or _NO_ANSWER.search(kind.signature):
        return "there was no response, or the test did not look at it"
    if _MAYBE_STATUS.search(kind.signature):
        return "a number in the text may be the status; if so, add its wording to [[status_texts]]"
    if not fits_in_a_file(kind.signature):
        return "the text is empty, or holds a secret or what UTF-8 cannot say"
    return ""


def _reason_of_status(kind: FailureKind, status: int) -> str:
    if status in SERVER_ERRORS:
        return _SERVER_ERROR
    if status not in CONTENTION:
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
