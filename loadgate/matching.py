"""Matching: which rule decides a failure, and which conditions of the others it does not meet.

The only module that knows the conditions of a rule: on endpoint, status, error text, exception.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from loadgate import masking
from loadgate.globs import STATUS_PLACE, TextGlob
from loadgate.masking import Endpoint
from loadgate.model import (
    OTHER_SIGNATURES,
    UNEXPLAINED,
    Answer,
    Decision,
    FailureKind,
    Policy,
    Rule,
    Status,
)
from loadgate.name_pattern import Effort
from loadgate.status import (
    NO_NUMBER,
    RECORDED,
    Reading,
    agree,
    may_have_status,
    messages,
    read_taught,
    read_template,
    recorded,
)
from loadgate.status.signature import MASK, normalise, signature, template

if TYPE_CHECKING:
    from loadgate.summary import KindCount

TEXT_CONDITIONS: dict[str, Callable[[str, Reading | None], Iterable[str]]] = {
    "error": lambda text, _: messages(text),
    "exception": lambda _, known: () if known is None else filter(None, [known.exception]),
}
"""Conditions on texts: the key in the rules file, and what its glob may match of a failure with an
error text and what was recorded; None: nothing was."""

_GRPC_CODE = re.compile(r"\bStatusCode\.([A-Z_]+)")

LIKELY_CONDITIONS: dict[str, Callable[[str], Iterable[str]]] = {
    # Locust writes repr(exception), which of gRPC is "<_InactiveRpcError of RPC that ...".
    "exception": re.compile(r"\A<?([A-Za-z_]\w*)(?:\(| of RPC )").findall,
    "status": lambda text: map("grpc:{}".format, _GRPC_CODE.findall(text)),
}
"""What it likely is where nothing was recorded. That is enough for carve-outs alone."""

Met = Collection[tuple[str, str]]
"""The text conditions that an error text meets, each as the id of a rule and a key."""

TextFacts = tuple[Reading | None, tuple[tuple[str, str], ...]]
"""What a failure says that the template of its text does not: the status as recorded or taught,
and what the text meets (Met)."""

MOST_COMPARED = 20_000_000
"""Characters of names and texts in documents that are held against rules, once for each rule."""

_READINGS_KEPT = 4096
_ANY_TEXT = TextGlob("*")


class Match(NamedTuple):
    """How one failure was decided; a tuple, as there may be one for each of a million texts."""

    reading: Reading
    """The status, and from which words."""
    signature: str
    rule: Rule | None
    """The rule that decided, also a carve-out or an expired one; None: none matched."""
    decision: Decision


class Matcher:
    """Decides by one policy; remembers the rules of each endpoint and the readings of texts."""

    def __init__(self, policy: Policy, *, why: bool = True, effort: Effort | None = None) -> None:
        """Take a policy; without `why`, readings without a status do not say what is in the way.

        `effort` is what has been done for the run.
        """
        self._policy = policy
        self._why = why
        self._effort = effort
        self._rules: dict[tuple[str, str], tuple[Rule, ...]] = {}
        self._readings: dict[str, tuple[Reading, str]] = {}

    def decide(self, method: str, name: str, text: str, facts: TextFacts | None) -> Match:
        """Decide on a failure by the normalised template and the facts of its text.

        `facts` is None where no rule or wording of the policy looks at texts.
        """
        reading, kind = self._read(text)
        taught, met = facts or (None, ())
        agreed = agree(reading, taught)
        if agreed is not reading:
            kind = signature(text, agreed.shown)
        rule = self._rule((method, name), agreed.status, agreed.likely, met)
        excused = rule is not None and rule.excuses and not expired(rule, self._policy)
        return Match(agreed, kind, rule, "expected" if excused else "true")

    def naming(self, method: str, name: str, status: int) -> Rule | None:
        """Return the rule for responses with a status that are no failures, so have no text."""
        rule = self._rule((method, name), status, None, ())
        return None if rule is None or rule.statuses is None else rule

    def _read(self, text: str) -> tuple[Reading, str]:
        """Return the reading and the signature of a normalised template."""
        if not self._why and not may_have_status(text):
            return NO_NUMBER, signature(text, None)
        known = self._readings.get(text)
        if known is None:
            if len(self._readings) >= _READINGS_KEPT:
                self._readings.clear()
            reading = read_template(text)
            known = self._readings[text] = (reading, signature(text, reading.shown))
        return known

    def _rule(
        self, endpoint: Endpoint, status: Status | None, likely: int | None, met: Met
    ) -> Rule | None:
        """Return the first rule that matches."""
        rules = self._rules.get(endpoint)
        if rules is None:
            rules = tuple(
                rule
                for rule in self._policy.rules
                if rule.endpoint.matches(*endpoint, self._effort)
            )
            self._rules[endpoint] = rules
        for rule in rules:
            if not any(unmet_by_text(rule, status, likely, met)):
                return rule
        return None


def decide_text(
    policy: Policy, method: str, name: str, text: str, known: Answer | None = None
) -> tuple[Match, TextFacts]:
    """Decide on one failure with the error text `text`, and with what was recorded."""
    facts = text_facts(text, policy, None if known is None else recorded(known))
    return Matcher(policy).decide(method, name, normalise(template(text)), facts), facts


def text_conditions(policy: Policy) -> int:
    """Count the conditions and wordings of the policy that look at texts."""
    conditions = sum(len(rule.globs) + _may_look_likely(rule) for rule in policy.rules)
    return conditions + len(policy.status_texts)


def text_facts(error: str, policy: Policy, known: Reading | None = None) -> TextFacts:
    """Read from an error text what its template does not say; `known` is the recorded status.

    Of the texts that a recording did not keep it is taken for granted that carve-outs are meant,
    and that rules which excuse are not.
    """
    lost = known is not None and error == OTHER_SIGNATURES
    texts = Texts(error, known)
    met = [
        (rule.id, key)
        for rule in policy.rules
        for key, glob in rule.globs
        if (not rule.excuses if lost and key == "error" else _meets(rule, key, glob, texts))
    ]
    met += [(rule.id, "status") for rule in policy.rules if _looks_likely(rule, texts)]
    return known or read_taught(error, policy.status_texts), tuple(met)


class Texts(dict[str, tuple[str, ...]]):
    """What of a failure each text condition is about, by key; found when a rule first asks."""

    def __init__(self, error: str, known: Reading | None = None) -> None:
        """Take the error text, and what was recorded."""
        super().__init__()
        self._error = error
        self._known = known
        self.is_sure = known is not None and known.source == RECORDED[0]
        """The recorder knows the failure, so nothing is only likely."""

    def __missing__(self, key: str) -> tuple[str, ...]:
        found = self[key] = tuple(TEXT_CONDITIONS[key](self._error, self._known))
        return found

    def likely(self, key: str) -> Iterable[str]:
        """Return what it likely is."""
        of = LIKELY_CONDITIONS.get(key)
        return () if of is None or self.is_sure else of(self._error)


def fits_text(rule: Rule, texts: Texts) -> bool:
    """Say whether a failure meets the text conditions of a rule."""
    return all(_meets(rule, key, glob, texts) for key, glob in rule.globs)


def _meets(rule: Rule, key: str, glob: TextGlob, texts: Texts) -> bool:
    if any(map(glob.matches, texts[key])):
        return True
    return not rule.excuses and any(map(glob.matches, texts.likely(key)))


def _may_look_likely(rule: Rule) -> bool:
    """Say whether a rule is a carve-out of a status of gRPC, which texts are asked for."""
    return not rule.excuses and any(isinstance(status, str) for status in rule.statuses or ())


def _looks_likely(rule: Rule, texts: Texts) -> bool:
    """Say whether a text names a status of gRPC that a carve-out is about."""
    return _may_look_likely(rule) and not (rule.statuses or frozenset()).isdisjoint(
        texts.likely("status")
    )


def expired(rule: Rule, policy: Policy) -> bool:
    """Say whether the rule's last day is over."""
    return rule.expires is not None and rule.expires < policy.today


def would_match(rule: Rule, kind: FailureKind, effort: Effort) -> bool:
    """Say whether a rule would match failures of a kind, as far as is known."""
    effort.spend(1)
    texts = Texts(kind.signature, recorded_of(kind))
    if rule.globs and (
        kind.signature in {OTHER_SIGNATURES, UNEXPLAINED} or not fits_text(rule, texts)
    ):
        return False
    met = meets_status(rule, kind.status, kind.likely_status, looks=_looks_likely(rule, texts))
    return met and rule.endpoint.matches(kind.method, kind.name, effort)


def recorded_of(kind: FailureKind | KindCount) -> Reading | None:
    """Return what was recorded of failures of a kind; None: nothing was."""
    if kind.status_from not in RECORDED:
        return None
    return recorded(Answer(kind.status, kind.exception, kind.status_from))


def covers_text(other: Rule, rule: Rule) -> bool:
    """Say whether every text that `rule` is about meets what `other` wants of texts."""
    own = dict(rule.globs)
    return all(glob.includes(own.get(key, _ANY_TEXT)) for key, glob in other.globs)


def unmet(rule: Rule, kind: FailureKind, met: Met) -> tuple[str, ...]:
    """Return the conditions of a rule that failures do not meet; empty: the rule matches.

    In the order in which they are asked: "endpoint", or "method" if the name alone matches, then
    those of `unmet_by_text`. `met` are the conditions that the texts of the failures meet.
    """
    by_text = unmet_by_text(rule, kind.status, kind.likely_status, met)
    if rule.endpoint.matches(kind.method, kind.name):
        return tuple(by_text)
    named = any(rule.endpoint.matches(other, kind.name) for other in rule.endpoint.methods or ())
    return ("method" if named else "endpoint", *by_text)


def unmet_by_text(rule: Rule, status: Status | None, likely: int | None, met: Met) -> Iterator[str]:
    """Yield the conditions that a text does not meet, whatever the endpoint: "status", and keys."""
    if not meets_status(rule, status, likely, looks=(rule.id, "status") in met):
        yield "status"
    for key, _ in rule.globs:
        if (rule.id, key) not in met:
            yield key


def meets_status(
    rule: Rule, status: Status | None, likely: int | None, *, looks: bool = False
) -> bool:
    """Say whether a status meets the condition of a rule; an unknown one meets none.

    A likely one is enough for a carve-out: it excuses nothing, and keeps others from doing so.
    `looks`: the text names a status of gRPC that the rule is a carve-out of.
    """
    if status is None and not rule.excuses:
        if looks:
            return True
        status = likely
    return rule.statuses is None or status in rule.statuses


class DocumentMatcher:
    """Decides by one policy on failures of which documents are left; remembers what it decided."""

    def __init__(self, policy: Policy) -> None:
        """Take a policy."""
        self._policy = policy
        self._wordings = tuple(
            TextGlob(wording.text.replace(STATUS_PLACE, "*")) for wording in policy.status_texts
        )
        self._rules: dict[Endpoint, list[tuple[Rule, bool | None]]] = {}
        self._decided: dict[tuple[object, ...], set[Decision]] = {}
        self._characters = 0

    @property
    def exhausted(self) -> bool:
        """Whether so much was compared that no more can be decided."""
        return self._characters > MOST_COMPARED

    def decisions(self, kind: KindCount) -> set[Decision]:
        """Return how the policy decides.

        Both decisions, where that depends on what is masked in the texts and names.
        """
        if kind.signature == UNEXPLAINED:
            return {"true"}
        status = kind.status, kind.status_from, kind.likely_status, kind.exception
        key = kind.key, *status, kind.signature
        found = self._decided.get(key)
        if found is None:
            found = self._decided[key] = self._decide(kind)
        return found

    def _decide(self, kind: KindCount) -> set[Decision]:
        found: set[Decision] = set()
        for rule, at_endpoint in self._asked(kind):
            if self.exhausted:
                break
            met = {at_endpoint, self._meets_status(rule, kind)}
            if False not in met:
                met.update(self._meets(rule, key, glob, kind) for key, glob in rule.globs)
            if False not in met:
                excused = rule.excuses and not expired(rule, self._policy)
                found.add("expected" if excused else "true")
                if None not in met:
                    return found
        return found | {"true"}

    def _asked(self, kind: KindCount) -> list[tuple[Rule, bool | None]]:
        """Return the rules that may be of the endpoint, and if they surely are; exhausted: none."""
        endpoint = kind.method, kind.name
        rules = self._rules.get(endpoint)
        if rules is None:
            asked = self._policy.rules
            self._characters += len(kind.name) * len(asked)
            met = [(rule, _meets_endpoint(rule, kind)) for rule in asked if not self.exhausted]
            rules = self._rules[endpoint] = [each for each in met if each[1] is not False]
        self._characters += len(rules)
        return rules

    def _meets_status(self, rule: Rule, kind: KindCount) -> bool | None:
        if rule.statuses is None:
            return True
        texts = Texts(kind.signature, recorded_of(kind))
        may_look = _may_look_likely(rule)
        if may_look:
            self._characters += len(kind.signature)
        looks = _looks_likely(rule, texts)
        met = meets_status(rule, kind.status, kind.likely_status, looks=looks)
        unsure = may_look and not texts.is_sure and kind.status is None
        if not met and unsure and _is_cut(kind.signature):
            return None
        return met if self._is_sure_of_status(kind) else None

    def _is_sure_of_status(self, kind: KindCount) -> bool:
        """Say whether the wordings of the policy read the status that the document has."""
        if not self._wordings or kind.status_from in RECORDED:
            return True
        self._characters += len(kind.signature) * len(self._wordings)
        taught = read_taught(kind.signature, self._policy.status_texts)
        if taught is not None:
            return taught.status == kind.status
        texts = tuple(messages(kind.signature))
        return all(self._meets_text(glob, kind, texts) is False for glob in self._wordings)

    def _meets(self, rule: Rule, key: str, glob: TextGlob, kind: KindCount) -> bool | None:
        """Say whether texts of a kind meet a condition; None: what is masked decides that."""
        texts = Texts(kind.signature, recorded_of(kind))
        if key == "exception":
            return _meets(rule, key, glob, texts)
        return self._meets_text(glob, kind, texts[key])

    def _meets_text(self, glob: TextGlob, kind: KindCount, texts: tuple[str, ...]) -> bool | None:
        masked = kind.signature
        self._characters += len(masked)
        if masked != OTHER_SIGNATURES and any(map(glob.matches, texts)):
            return True
        if _is_cut(masked):
            return None
        return None if any(map(glob.could_match, texts)) else False


def _is_cut(masked: str) -> bool:
    """Say whether the texts of a signature may say more than it does."""
    return masked == OTHER_SIGNATURES or masked.endswith(MASK)


_SIGNS = re.compile("[:;=@]")
"""What stands at a secret in a name: a pattern that has none of these is not about it."""


def _meets_endpoint(rule: Rule, kind: KindCount) -> bool | None:
    """Say whether the endpoint is one of the rule's; None: that depends on what is masked."""
    pattern = rule.endpoint
    if masking.MASK in kind.name and (pattern.name.has_query or _SIGNS.search(pattern.text)):
        return None
    return pattern.matches(kind.method, kind.name)
