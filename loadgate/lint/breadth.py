"""Findings about rules that excuse more than anyone could have meant."""

from __future__ import annotations

from collections.abc import Iterator

from loadgate.lint.findings import Finding, about
from loadgate.model import Rule
from loadgate.patterns import EndpointPattern

_ANY_PATH = EndpointPattern.parse("/**")


def breadth(rule: Rule) -> Iterator[Finding]:
    """Yield what makes a rule over-broad; a carve-out excuses nothing, so it never is."""
    if not rule.excuses:
        return
    if rule.error is not None and not rule.error.text.strip("*"):
        yield _any_error(rule)
    if rule.endpoint.methods is None and rule.endpoint.includes_names(_ANY_PATH):
        yield about(
            rule,
            "any-endpoint",
            "excuses failures of every method on every endpoint",
            "Name the methods that may be refused (POST,PUT,PATCH,DELETE), or the endpoints.",
            "warning",
        )
    server = sorted(status for status in rule.statuses or () if status >= 500)
    if server:
        more = f" and {len(server) - 1} more" if len(server) > 1 else ""
        yield about(
            rule,
            "server-error",
            f"excuses {server[0]}{more}: a server error is not an intended refusal",
            "Remove the statuses from 500 on; have the server answer with the status it means, such"
            " as 409 or 429.",
        )
    if rule.at_most is None or rule.at_most >= 1:
        yield about(
            rule,
            "no-budget",
            "excuses any number of failures: it has no at_most"
            if rule.at_most is None
            else f'excuses any number of failures: at_most = "{rule.at_most_text}" is no limit',
            'Set at_most slightly above what you measure, such as "5%".',
            "warning",
        )


def _any_error(rule: Rule) -> Finding:
    if rule.statuses is None:
        return about(
            rule,
            "any-error",
            "excuses every failure of its endpoints, lost connections included: its error matches"
            " any text",
            'Name the expected status, or words of the text: error = "*Concurrent*".',
        )
    return about(
        rule,
        "any-error",
        "has an error that matches any text, which adds nothing to its status",
        "Remove the key error.",
        "warning",
    )
