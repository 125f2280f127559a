"""A verdict in, the same verdict with query strings and credentials in its texts masked out."""

from __future__ import annotations

import re
from dataclasses import replace

from loadgate.model import Check, Classification, EndpointStats, Verdict

MASK = "***"

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
    end = text.rfind("@") + 1  # with an end in sight the second pattern takes linear time, too
    head = text[:end]
    for pattern in (_CREDENTIALS, _ODD_CREDENTIALS):
        head = pattern.sub(f"://{MASK}@", head)
    return _QUERY_OF_URL.sub(f"?{MASK}", head + text[end:])


def mask_verdict(verdict: Verdict) -> Verdict:
    """Mask every text that may come from a result file; paths and what rules say stay."""
    return replace(
        verdict,
        classification=_mask_classification(verdict.classification),
        checks=tuple(_mask_check(check) for check in verdict.checks),
    )


def _mask_classification(classification: Classification) -> Classification:
    run = replace(
        classification.run,
        label=mask_secrets(classification.run.label),
        contradictions=tuple(map(mask_secrets, classification.run.contradictions)),
    )
    return replace(
        classification,
        run=run,
        endpoints=tuple(
            replace(row, stats=_mask_stats(row.stats)) for row in classification.endpoints
        ),
        failures=tuple(
            replace(
                kind,
                method=mask_secrets(kind.method),
                name=mask_secrets(kind.name),
                signature=mask_secrets(kind.signature),
            )
            for kind in classification.failures
        ),
        budgets=tuple(replace(use, stats=_mask_stats(use.stats)) for use in classification.budgets),
        warnings=tuple(map(mask_secrets, classification.warnings)),
    )


def _mask_stats(stats: EndpointStats) -> EndpointStats:
    return replace(stats, method=mask_secrets(stats.method), name=mask_secrets(stats.name))


def _mask_check(check: Check) -> Check:
    return replace(
        check,
        endpoint=None if check.endpoint is None else mask_secrets(check.endpoint),
        note=mask_secrets(check.note),
    )
