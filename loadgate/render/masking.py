"""A verdict in, the same verdict with query strings and credentials in its texts masked out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeVar

from loadgate.model import Classification, EndpointStats, FailureKind, Rule, Verdict

MASK = "***"

Endpoint = tuple[str, str]
"""Method and name."""

Named = TypeVar("Named", EndpointStats, FailureKind)

# Every class is closed by a character that starts the next attempt, so no text makes these slow.
_TOKEN = re.compile(r"\S+")
_CREDENTIALS = re.compile(r"://[^\s/?#]*@")
# A password with characters that should have been encoded; after a colon, but no port.
_ODD_CREDENTIALS = re.compile(r"://[^\s/@:]*:(?!\d+(?:/|$)).*@", re.DOTALL)
_VALUE = r"(?:[^\s'\"]|['\"](?![\s,;:)\]}>]|$))*"  # up to the quote that ends a literal
_QUERY = re.compile(r"(?<=.)\?[^\s?=]*=" + _VALUE)
_QUERY_OF_URL = re.compile(r"\?(?=[^\s'\"])" + _VALUE)


def mask_secrets(text: str) -> str:
    """Mask credentials (`scheme://***@host`) and query strings (`?***`) of the URLs in `text`.

    In a word without a scheme, `?` starts a query only where `key=` follows it.
    """
    if "://" not in text and "?" not in text:
        return text
    return _TOKEN.sub(_mask_word, text)


def _mask_word(word: re.Match[str]) -> str:
    text = word.group()
    if "://" not in text:
        return _QUERY.sub(f"?{MASK}", text)
    return _QUERY_OF_URL.sub(f"?{MASK}", mask_credentials(text))


def mask_credentials(word: str) -> str:
    """Mask the credentials of the URLs in a word without white space; queries stay."""
    end = word.rfind("@") + 1  # with an end in sight the second pattern takes linear time, too
    head = word[:end]
    for pattern in (_CREDENTIALS, _ODD_CREDENTIALS):
        head = pattern.sub(f"://{MASK}@", head)
    return head + word[end:]


def distinct(
    endpoints: Iterable[Endpoint], clean: Callable[[str], str]
) -> dict[Endpoint, Endpoint]:
    """Return every endpoint with its method and name cleaned, still no two of them the same.

    Those that cleaning made equal are told apart by ` (2)`, ` (3)` behind the name.
    """
    numbers: Counter[Endpoint] = Counter()
    taken: set[Endpoint] = set()
    cleaned: dict[Endpoint, Endpoint] = {}
    for endpoint in endpoints:
        method, name = plain = clean(endpoint[0]), clean(endpoint[1])
        while (method, name) in taken:
            numbers[plain] += 1
            name = f"{plain[1]} ({numbers[plain] + 1})"
        taken.add((method, name))
        cleaned[endpoint] = (method, name)
    return cleaned


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
