"""Explanations: which status was read from error texts, which rules were tried, which decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from loadgate.masking import Endpoint
from loadgate.matching import (
    TEXT_CONDITIONS,
    Matcher,
    decide_text,
    expired,
    unmet,
    unmet_by_text,
)
from loadgate.model import (
    OTHER_SIGNATURES,
    UNEXPLAINED,
    AtEndpoint,
    Classification,
    FailureKind,
    Policy,
    Rule,
    Status,
)
from loadgate.name_pattern import Effort
from loadgate.patterns import EndpointPattern
from loadgate.status import RECORDED, Reading
from loadgate.status.signature import normalise, template
from loadgate.tally import tally

_Key = tuple[str, str, Status | None, str, int | None, str | None, str, str | None, str]
"""Endpoint, status with its source, the likely one and the exception, decision, rule, signature."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A rule that was tried on failures."""

    place: int
    """Its place in the order of the rules, from 1."""
    rule: Rule
    unmet: tuple[str, ...]
    """Every condition that the failures do not meet; empty: the rule matches."""
    around: str | None = None
    """The glob that finds the words of its first unmet text condition in the text; None: none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why failures of one kind, or with one text, are decided as they are."""

    kind: FailureKind
    reading: Reading | None = None
    """Of the texts of a kind the least by form and words; None: the kind has no text."""
    attempts: tuple[Attempt, ...] = ()
    """In the order in which the rules were tried, up to the one that decided."""
    rule: Rule | None = None
    """The rule that decided; None: no rule matched."""
    expired: bool = False
    """That rule excuses nothing any more."""
    text: str | None = None
    """The one text that was asked about; None: all of the kind."""
    anywhere: bool = False
    """The text was asked about without an endpoint, so all rules were tried and none decided."""
    example: str | None = None
    """One of the texts as it stands, if its status is unknown: it may have to be taught."""

    def near(self, condition: str) -> list[Attempt]:
        """Return the rules that would match but for this condition."""
        return [attempt for attempt in self.attempts if attempt.unmet == (condition,)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """Failures of a run, or one text, with why they are decided as they are."""

    origins: tuple[str, ...]
    """The rules files and presets that decided."""
    kinds: tuple[FailureKind, ...]
    """All that were asked about, in the order of the classification."""
    explanations: tuple[Explanation, ...]
    """Of the first so many kinds."""
    classification: Classification | None = None
    """The run; None: one text was asked about."""
    endpoint: str | None = None
    """The pattern of the endpoints that were asked about, as typed; None: all."""


def kinds_at(classification: Classification, endpoint: str) -> tuple[FailureKind, ...] | None:
    """Return the kinds of failures at the endpoints that a pattern matches; None: it matches none.

    A method and name as outputs show them match, too, whatever the method looks like. Raises
    PatternError.
    """
    pattern = EndpointPattern.parse(endpoint, wide=True)

    def meant(at: AtEndpoint) -> bool:
        return pattern.matches(at.method, at.name) or at.endpoint == endpoint

    kinds = tuple(kind for kind in classification.failures if meant(kind))
    known = [row.stats for row in classification.endpoints]
    return kinds if kinds or not known or any(map(meant, known)) else None


def explain_run(
    classification: Classification,
    policy: Policy,
    *,
    endpoint: str | None = None,
    kinds: Sequence[FailureKind],
    first: int,
) -> Explained:
    """Explain the `first` so many of some kinds of a run, in a second pass over its failures.

    The pass takes as little memory as that of `classify`, whose result it needs.
    """
    wanted = kinds[:first]
    texts = _gather(classification, policy, wanted)
    _add_examples(classification, texts)
    return Explained(
        origins=classification.origins,
        kinds=tuple(kinds),
        explanations=tuple(_explanation(policy, kind, texts.get(_key(kind))) for kind in wanted),
        classification=classification,
        endpoint=endpoint,
    )


def explain_text(policy: Policy, text: str, endpoint: Endpoint | None = None) -> Explained:
    """Explain how a failure with this text is decided, at an endpoint or, without one, at any."""
    match, (_, met) = decide_text(policy, *(endpoint or ("", "")), text)
    method, name = endpoint or ("", "")
    kind = FailureKind(
        method=method,
        name=name,
        status=match.reading.status,
        status_from=match.reading.source,
        likely_status=match.reading.likely,
        decision=match.decision if endpoint else "true",
        signature=match.signature,
        count=1,
        rule=match.rule.id if match.rule and endpoint else None,
    )
    texts = _Texts(match.reading, frozenset(met))
    explanation = _explanation(policy, kind, texts, text=text, anywhere=endpoint is None)
    return Explained(origins=policy.origins, kinds=(kind,), explanations=(explanation,))


@dataclass(slots=True)
class _Texts:
    """What the texts of one kind have in common, in whatever order they come."""

    reading: Reading
    """The least by form and words."""
    met: frozenset[tuple[str, str]]
    """The conditions that all of them meet."""
    template: str = ""
    """The least."""
    example: str | None = None
    """The least of the texts themselves, if their status is unknown."""

    def add(self, other: _Texts) -> None:
        """Take another text of the kind, read by other words perhaps."""
        self.reading = min(
            self.reading, other.reading, key=lambda reading: (reading.source, reading.why)
        )
        self.met &= other.met
        self.template = min(self.template, other.template)


def _key(kind: FailureKind) -> _Key:
    status = (kind.status, kind.status_from, kind.likely_status, kind.exception)
    return (kind.method, kind.name, *status, kind.decision, kind.rule, kind.signature)


def _gather(
    classification: Classification, policy: Policy, kinds: Sequence[FailureKind]
) -> dict[_Key, _Texts]:
    """Read the failures again, for what their kinds do not keep."""
    gathered: dict[_Key, _Texts] = {}
    log = classification.run.failure_log
    if log is None or not kinds:
        return gathered
    wanted = set(map(_key, kinds))
    told_apart = set(map(_key, classification.failures))
    effort = Effort()
    matcher = Matcher(policy, effort=effort)
    for (method, name, text, facts), _ in tally(log, policy, [], effort):
        reading, signature, rule, decision = matcher.decide(method, name, text, facts)
        status = (reading.status, reading.source, reading.likely, reading.exception)
        decided = (method, name, *status, decision, rule.id if rule else None)
        key: _Key = (*decided, signature)
        if key not in told_apart:
            key = (*decided, OTHER_SIGNATURES)
        if key in wanted:
            texts = _Texts(reading, frozenset(facts[1] if facts else ()), text)
            gathered.setdefault(key, texts).add(texts)
    return gathered


def _add_examples(classification: Classification, gathered: Mapping[_Key, _Texts]) -> None:
    """Read the failures once more, for the least text of each kind whose status is unknown."""
    wanted = {
        (method, name, texts.template): texts
        for (method, name, status, *_), texts in gathered.items()
        if status is None and texts.reading.source not in RECORDED
    }
    log = classification.run.failure_log
    endpoints = {(method, name) for method, name, _ in wanted}
    for method, name, text, _ in log.rows([]) if log and wanted else ():
        if (method, name) in endpoints:
            texts = wanted.get((method, name, normalise(template(text))))
            if texts is not None:
                texts.example = text if texts.example is None else min(text, texts.example)


def _explanation(
    policy: Policy,
    kind: FailureKind,
    texts: _Texts | None,
    *,
    text: str | None = None,
    anywhere: bool = False,
) -> Explanation:
    """Explain a kind of failures by what its texts have in common; None: it has no texts.

    Whichever rule one of them was held against, the outcome was that of all: rules before the one
    that decided miss on the status, which they share, or else none of the texts fits.
    """
    if texts is None:
        return Explanation(kind=kind)
    attempts: list[Attempt] = []
    decided = None
    for place, rule in enumerate(policy.rules, 1):
        if anywhere:
            conditions = tuple(unmet_by_text(rule, kind.status, kind.likely_status, texts.met))
        else:
            conditions = unmet(rule, kind, texts.met)
        around = _around(rule, kind.signature if text is None else text, texts)
        attempts.append(Attempt(place=place, rule=rule, unmet=conditions, around=around))
        if not conditions and not anywhere:
            decided = rule
            break
    return Explanation(
        kind=kind,
        reading=texts.reading,
        attempts=tuple(attempts),
        rule=decided,
        expired=decided is not None and expired(decided, policy),
        text=text,
        anywhere=anywhere,
        example=texts.example,
    )


def _around(rule: Rule, text: str, texts: _Texts) -> str | None:
    """Return the glob that would match a text, or all texts of a signature, by words in it."""
    missed = (each for each in rule.globs if (rule.id, each[0]) not in texts.met)
    key, glob = next(missed, ("", None))
    known = texts.reading if texts.reading.source in RECORDED else None
    if glob is None or text in {OTHER_SIGNATURES, UNEXPLAINED}:
        return None
    wider = glob.around()
    found = wider != glob and any(map(wider.matches, TEXT_CONDITIONS[key](text, known)))
    return wider.text if found else None
