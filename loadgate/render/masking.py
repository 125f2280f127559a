"""A verdict in, the same verdict with query strings and credentials in its texts masked out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TypeVar

from loadgate.masking import Endpoint, distinct, mask_credentials, mask_secrets
from loadgate.model import Classification, EndpointStats, FailureKind, Rule, Verdict

__all__ = [
    "Endpoint",
    "distinct",
    "mask_credentials",
    "mask_secrets",
    "mask_secrets_but",
    "mask_verdict",
]

Named = TypeVar("Named", EndpointStats, FailureKind)


def mask_verdict(verdict: Verdict) -> Verdict:
    """Mask every text, paths too: some are URLs.

    Endpoints that only differed in what is masked are numbered, as by `distinct`.
    """
    classification = verdict.classification
    names = distinct(
        [(row.stats.method, row.stats.name) for row in classification.endpoints], mask_secrets
    )
    joined = {_joined(*endpoint): _joined(*masked) for endpoint, masked in names.items()}
    checks = tuple(
        replace(
            check,
            # Where it is no endpoint of the run, it is a pattern, which is shown as written.
            endpoint=check.endpoint and joined.get(check.endpoint, check.endpoint),
            note=mask_secrets(check.note),
        )
        for check in verdict.checks
    )
    masked = _mask_classification(classification, names)
    provenance = replace(
        verdict.provenance,
        branch=mask_secrets(verdict.provenance.branch),
        commit=mask_secrets(verdict.provenance.commit),
        link=mask_credentials(verdict.provenance.link),
    )
    return replace(
        verdict,
        classification=masked,
        checks=checks,
        provenance=provenance,
        baseline=tuple(map(mask_secrets, verdict.baseline)),
    )


def mask_secrets_but(text: str, patterns: Iterable[str]) -> str:
    """Mask a text, but for the first of some patterns of the user that stands in it."""
    for pattern in patterns:
        if pattern and pattern in text:
            return pattern.join(map(mask_secrets, text.split(pattern)))
    return mask_secrets(text)


def _proposed(classification: Classification) -> Iterator[str]:
    """Yield the patterns that warnings may propose for rules, as they stand there."""
    for result in classification.rules:
        around = result.rule.error and result.rule.error.around()
        if around:
            yield f'"{around.text}"'


def _joined(method: str, name: str) -> str:
    return f"{method} {name}".strip()


def _mask_classification(
    classification: Classification, names: dict[Endpoint, Endpoint]
) -> Classification:
    run = classification.run
    return replace(
        classification,
        run=replace(
            run,
            label=mask_secrets(run.label),
            sources=tuple(replace(one, path=mask_secrets(one.path)) for one in run.sources),
            contradictions=tuple(map(mask_secrets, run.contradictions)),
        ),
        endpoints=tuple(
            replace(row, stats=_renamed(row.stats, names)) for row in classification.endpoints
        ),
        failures=tuple(
            replace(_renamed(kind, names), signature=mask_secrets(kind.signature))
            for kind in classification.failures
        ),
        rules=tuple(
            replace(result, rule=_mask_rule(result.rule)) for result in classification.rules
        ),
        budgets=tuple(
            replace(use, stats=_renamed(use.stats, names)) for use in classification.budgets
        ),
        warnings=tuple(
            mask_secrets_but(text, _proposed(classification)) for text in classification.warnings
        ),
    )


def _mask_rule(rule: Rule) -> Rule:
    """Mask what a rule says; its ticket is a link that people follow, query and all."""
    ticket = " ".join(mask_credentials(word) for word in rule.ticket.split())
    return replace(rule, why=mask_secrets(rule.why), owner=mask_secrets(rule.owner), ticket=ticket)


def _renamed(of: Named, names: dict[Endpoint, Endpoint]) -> Named:
    """Return the same with its endpoint's masked name; the whole run keeps its own."""
    method, name = names.get((of.method, of.name), (of.method, of.name))
    return replace(of, method=method, name=name)
