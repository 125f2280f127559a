"""A verdict in, the same verdict with query strings and credentials in its texts masked out."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from loadgate.masking import Endpoint, distinct, mask_credentials, mask_secrets
from loadgate.model import Classification, EndpointStats, FailureKind, Rule, Verdict

__all__ = ["Endpoint", "distinct", "mask_credentials", "mask_secrets", "mask_verdict"]

Named = TypeVar("Named", EndpointStats, FailureKind)


def mask_verdict(verdict: Verdict) -> Verdict:
    """Mask every text that is not a path.

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
            endpoint=check.endpoint
            and (joined.get(check.endpoint) or mask_secrets(check.endpoint)),
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
    return replace(verdict, classification=masked, checks=checks, provenance=provenance)


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
        warnings=tuple(map(mask_secrets, classification.warnings)),
    )


def _mask_rule(rule: Rule) -> Rule:
    """Mask what a rule says; its ticket is a link that people follow, query and all."""
    ticket = " ".join(mask_credentials(word) for word in rule.ticket.split())
    return replace(rule, why=mask_secrets(rule.why), owner=mask_secrets(rule.owner), ticket=ticket)


def _renamed(of: Named, names: dict[Endpoint, Endpoint]) -> Named:
    """Return the same with its endpoint's masked name; the whole run keeps its own."""
    method, name = names.get((of.method, of.name), (of.method, of.name))
    return replace(of, method=method, name=name)
