"""Masking whole objects: every text of a verdict, comparison, report or explanation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any, TypeVar

from loadgate.globs import TextGlob
from loadgate.masking import Endpoint, distinct, mask_link, mask_secrets, mask_secrets_but
from loadgate.model import Latency, Metric, Threshold, Verdict
from loadgate.patterns import EndpointPattern
from loadgate.rules.upkeep import proposed_patterns
from loadgate.status import Reading
from loadgate.text import endpoint_label

T = TypeVar("T")

_AS_THEY_ARE = (EndpointPattern, TextGlob, Latency, Metric, Threshold)
"""What the user wrote for others to review, and what holds no text of a run."""
_LINKS = frozenset({"link", "ticket"})
_NOT_SHOWN = frozenset(
    {
        "around",
        "endpoint",
        "pattern",
        "failure_log",
        "true_log",
        "recorded",
        "series",
        "identities",
        "measured",
    }
)
"""Fields that hold patterns, and those that no output shows but csv, which masks each row."""
_COUNTED = frozenset({"endpoints", "kinds", "rules"})
"""Fields of a record, thousands of rows, of which no output shows any."""


def mask_verdict(verdict: Verdict) -> Verdict:
    """Mask every text, paths too: some are URLs."""
    classification = verdict.classification
    rows = [row.stats for row in classification.endpoints]
    labels = {endpoint_label(*old): endpoint_label(*new) for old, new in _names(rows).items()}
    checks = tuple(
        # Where it is no endpoint of the run, it is a pattern, which is shown as written.
        replace(check, endpoint=check.endpoint and labels.get(check.endpoint, check.endpoint))
        for check in verdict.checks
    )
    kept = proposed_patterns(classification.rules)
    return masked(replace(verdict, checks=checks), endpoints=rows, kept=kept)


def masked(noun: T, *, endpoints: Iterable[Any] = (), kept: Sequence[str] = ()) -> T:
    """Return the same with every text masked; patterns of the user, and `kept`, stay as written.

    `endpoints` have a method and a name; those that masking makes equal are numbered everywhere.
    """
    walked: T = _Masker(names=_names(endpoints), kept=kept).walk(noun)
    return walked


def _names(rows: Iterable[Any]) -> dict[Endpoint, Endpoint]:
    return distinct(dict.fromkeys((row.method, row.name) for row in rows), mask_secrets)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Masker:
    """How the texts of one output are masked."""

    names: dict[Endpoint, Endpoint]
    """What endpoints are called instead."""
    kept: Sequence[str]
    texts: dict[str, str] = field(default_factory=dict)
    """Masked texts: most stand in an output more than once."""
    nouns: dict[int, Any] = field(default_factory=dict)
    """What was masked, by identity: a rule stands in each explanation."""

    def walk(self, value: Any) -> Any:  # noqa: ANN401 - whatever an output is made of
        """Return a value with each text in it masked."""
        if isinstance(value, str):
            if value not in self.texts:
                self.texts[value] = mask_secrets_but(value, self.kept)
            return self.texts[value]
        if isinstance(value, tuple):
            walked = map(self.walk, value)
            return type(value)(*walked) if hasattr(value, "_fields") else tuple(walked)
        if not is_dataclass(value) or isinstance(value, (type, *_AS_THEY_ARE)):
            return value
        if isinstance(value, Reading) and value.source == "taught":
            return value  # by a wording that the user wrote
        if id(value) not in self.nouns:
            self.nouns[id(value)] = self._noun(value)
        return self.nouns[id(value)]

    def _noun(self, value: Any) -> Any:  # noqa: ANN401 - as above
        # By its name: a check, which has none, is not to import what defines it.
        counted = _COUNTED if type(value).__name__ == "RunSummary" else frozenset()
        changes: dict[str, Any] = dict.fromkeys(counted, ())
        for name in {each.name for each in fields(value)} - _NOT_SHOWN - counted:
            text = getattr(value, name)
            changes[name] = mask_link(text) if name in _LINKS else self.walk(text)
        if isinstance(endpoint := getattr(value, "endpoint", None), tuple):
            changes["endpoint"] = self.names.get(endpoint) or self.walk(endpoint)
        if "method" in changes:
            endpoint = value.method, value.name
            shown = self.names.get(endpoint, (changes["method"], changes["name"]))
            changes["method"], changes["name"] = shown
        return replace(value, **changes)
