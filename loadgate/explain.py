"""Explanations: what was read from error texts, and which rules were asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from loadgate.matching import (
    TEXT_CONDITIONS,
    Matcher,
    Met,
    decide_text,
    expired,
    unmet,
    unmet_by_text,
)
from loadgate.model import OTHER_SIGNATURES, UNEXPLAINED, Classification, FailureKind, Policy, Rule
from loadgate.name_pattern import Effort
from loadgate.patterns import EndpointPattern
from loadgate.status import Reading
from loadgate.status.signature import normalise, template
from loadgate.tally import tally
from loadgate.text import endpoint_label

_Key = tuple[str, str, int | None, str, str | None, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A rule that was asked about failures."""

    place: int
    """Its place in the order of the rules, from 1."""
    rule: Rule
    unmet: tuple[str, ...]
    """Every condition that the failures do not meet; empty: the rule matched, and so decided."""
    around: str | None = None
    """The glob that finds the words of its first unmet text condition in the text; None: none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why failures of one kind are decided as they are."""

    kind: FailureKind
    reading: Reading | None
    """Of the texts of a kind the least by form and words; None: the kind has no text."""
    attempts: tuple[Attempt, ...]
    """In the order in which the rules were asked, up to the one that decided."""
    rule: Rule | None
    """The rule that decided; None: no rule matched."""
    expired: bool
    """That rule excuses nothing any more."""
    text: str | None = None
    """The one text that was asked about; None: all of the kind."""
    example: str | None = None
    """One of the texts as it stands, if its status is unknown: it may have to be taught."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFit:
    """What one error text says by itself, without an endpoint."""

    text: str
    signature: str
    reading: Reading
    attempts: tuple[Attempt, ...]
    """All rules; their endpoints were not asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunExplanation:
    """A run, of which failures are explained."""

    classification: Classification
    endpoint: str | None
    """The pattern of the endpoints that were asked about, as typed; None: all."""
    kinds: tuple[FailureKind, ...]
    """All kinds of those endpoints, in the order of the classification."""
    explanations: tuple[Explanation, ...]
    """Of the first so many kinds."""


def kinds_at(classification: Classification, endpoint: str) -> tuple[FailureKind, ...]:
    """Return the kinds of failures at the endpoints that a pattern means.

    A method and name as outputs show them are understood, too, whatever the method looks like.
    Raises PatternError.
    """
    means = _meaning(endpoint)
    return tuple(kind for kind in classification.failures if means(kind.method, kind.name))


def occurs(classification: Classification, endpoint: str) -> bool:
    """Say whether the run has any endpoint that a pattern means. Raises PatternError."""
    means = _meaning(endpoint)
    return any(means(row.stats.method, row.stats.name) for row in classification.endpoints)


def _meaning(endpoint: str) -> Callable[[str, str], bool]:
    pattern = EndpointPattern.parse(endpoint, wide=True)

    def means(method: str, name: str) -> bool:
        return pattern.matches(method, name) or endpoint_label(method, name) == endpoint

    return means


def explain_run(
    classification: Classification,
    policy: Policy,
    *,
    endpoint: str | None = None,
    kinds: Sequence[FailureKind],
    first: int,
) -> RunExplanation:
    """Explain the `first` so many of some kinds of a run, in a second pass over its failures.

    The pass takes as little memory as that of `classify`, whose result it needs.
    """
    wanted = kinds[:first]
    found = _gather(classification, policy, wanted)
    examples = _examples(classification, found)
    return RunExplanation(
        classification=classification,
        endpoint=endpoint,
        kinds=tuple(kinds),
        explanations=tuple(
            replace(
                _explanation(policy, kind, found.get(_key(kind))), example=examples.get(_key(kind))
            )
            for kind in wanted
        ),
    )


def explain_text(policy: Policy, method: str, name: str, text: str) -> Explanation:
    """Explain how one failure of an endpoint is decided."""
    match, (_, met) = decide_text(policy, method, name, text)
    kind = FailureKind(
        method=method,
        name=name,
        status=match.reading.status,
        decision=match.decision,
        signature=match.signature,
        count=1,
        rule=match.rule.id if match.rule else None,
    )
    return _explanation(policy, kind, _Texts(match.reading, met), text)


def fit_text(policy: Policy, text: str) -> TextFit:
    """Say what one error text is read as, and which rules it fits if the endpoint does."""
    match, (_, met) = decide_text(policy, "", "", text)
    return TextFit(
        text=text,
        signature=match.signature,
        reading=match.reading,
        attempts=tuple(
            Attempt(
                place=place,
                rule=rule,
                unmet=tuple(unmet_by_text(rule, match.reading.status, met)),
                around=_around(rule, text, met),
            )
            for place, rule in enumerate(policy.rules, 1)
        ),
    )


class _Texts:
    """What the texts of one kind have in common, in whatever order they come."""

    __slots__ = ("met", "reading", "template")

    def __init__(self, reading: Reading, met: Met, template: str = "") -> None:
        self.reading = reading
        self.met = frozenset(met)  # the conditions that all of them meet
        self.template = template  # the least of them

    def add(self, reading: Reading, met: Met, template: str) -> None:
        """Take another text of the kind, read by other words perhaps."""
        self.reading = min(self.reading, reading, key=lambda of: (of.form, of.words))
        self.met = self.met.intersection(met)
        self.template = min(self.template, template)


def _key(kind: FailureKind) -> _Key:
    return kind.method, kind.name, kind.status, kind.decision, kind.rule, kind.signature


def _gather(
    classification: Classification, policy: Policy, kinds: Sequence[FailureKind]
) -> dict[_Key, _Texts]:
    """Read the failures again, for what their kinds do not keep."""
    found: dict[_Key, _Texts] = {}
    log = classification.run.failure_log
    if log is None or not kinds:
        return found
    wanted = set(map(_key, kinds))
    told_apart = set(map(_key, classification.failures))
    effort = Effort()
    matcher = Matcher(policy, effort=effort)
    for (method, name, text, facts), _ in tally(log, policy, [], effort):
        reading, signature, rule, decision = matcher.decide(method, name, text, facts)
        of = (method, name, reading.status, decision, rule.id if rule else None)
        key = (*of, signature)
        if key not in told_apart:
            key = (*of, OTHER_SIGNATURES)
        if key not in wanted:
            continue
        _, met = facts or (None, ())
        if key in found:
            found[key].add(reading, met, text)
        else:
            found[key] = _Texts(reading, met, text)
    return found


def _examples(classification: Classification, found: Mapping[_Key, _Texts]) -> dict[_Key, str]:
    """Read the failures once more, for the least text of each kind whose status is unknown."""
    wanted = {
        (key[0], key[1], texts.template): key for key, texts in found.items() if key[2] is None
    }
    log = classification.run.failure_log
    examples: dict[_Key, str] = {}
    if log is None or not wanted:
        return examples
    endpoints = {(method, name) for method, name, _ in wanted}
    for method, name, text, _ in log.rows([]):
        if (method, name) in endpoints:
            key = wanted.get((method, name, normalise(template(text))))
            if key is not None:
                examples[key] = min(text, examples.get(key, text))
    return examples


def _explanation(
    policy: Policy, kind: FailureKind, texts: _Texts | None, text: str | None = None
) -> Explanation:
    """Explain a kind of failures by what its texts have in common; None: it has no texts.

    Whichever rule one of them was held against, the outcome was that of all: rules before the one
    that decided miss on the status, which they share, or else none of the texts fits.
    """
    if texts is None:
        return Explanation(kind=kind, reading=None, attempts=(), rule=None, expired=False)
    attempts: list[Attempt] = []
    decided = None
    for place, rule in enumerate(policy.rules, 1):
        conditions = unmet(rule, kind.method, kind.name, kind.status, texts.met)
        around = _around(rule, kind.signature if text is None else text, texts.met)
        attempts.append(Attempt(place=place, rule=rule, unmet=conditions, around=around))
        if not conditions:
            decided = rule
            break
    return Explanation(
        kind=kind,
        reading=texts.reading,
        attempts=tuple(attempts),
        rule=decided,
        expired=decided is not None and expired(decided, policy),
        text=text,
    )


def _around(rule: Rule, text: str, met: Met) -> str | None:
    """Return the glob that would match a text, or all texts of a signature, by words in it."""
    key, glob = next((each for each in rule.globs if (rule.id, each[0]) not in met), ("", None))
    if glob is None or text in {OTHER_SIGNATURES, UNEXPLAINED}:
        return None
    wider = glob.around()
    found = wider != glob and any(map(wider.matches, TEXT_CONDITIONS[key](text)))
    return wider.text if found else None
