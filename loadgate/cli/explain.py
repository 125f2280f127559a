"""`loadgate explain`: why failures are expected or true."""

from __future__ import annotations

import re
from datetime import date

import click

from loadgate.cli import console, options
from loadgate.cli import exit_codes as exits
from loadgate.cli.lazy import Command
from loadgate.errors import UsageError
from loadgate.explain import explain_run, explain_text, kinds_at
from loadgate.globs import PatternError
from loadgate.judging.runs import find_all, read_classified, rules_passed_over
from loadgate.model import Classification, FailureKind, Policy
from loadgate.render.rules.explanation import render_explained
from loadgate.rules import load_policy
from loadgate.text import hint

SHOWN = 20
"""Kinds that are explained unless all are asked for."""

_METHOD_AND_NAME = re.compile(r"([^\s/]+) +(\S.*)", re.DOTALL)


@click.command(cls=Command, epilog=exits.OF_ALL_ELSE, page="explain")
@click.argument("runs", metavar="[RUN]", type=options.RUN, nargs=-1)
@click.option(
    "--text",
    metavar="TEXT",
    help="Explain one error text, as Locust reports it, instead of RUN.  [default: explain RUN]",
)
@click.option(
    "--endpoint",
    metavar="PATTERN",
    help="Explain only failures of endpoints that match PATTERN, e.g. 'POST /**/state'. With"
    " --text, the endpoint that reported it, e.g. 'POST /tools/[id]/state'."
    "  [default: all endpoints]",
)
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Explain every kind of failure, expected ones too, and show every rule.  [default: the"
    f" {SHOWN} most frequent kinds of true failures; rules for other endpoints in one line]",
)
@options.RULES
@options.MERGE
@options.TODAY
@options.ENCODING
@options.ALLOW_PARTIAL
def explain(  # noqa: PLR0913, PLR0917 - one parameter an option
    runs: tuple[str, ...],
    text: str | None,
    endpoint: str | None,
    everything: bool,  # noqa: FBT001 - click passes it by name
    rules: str | None,
    merge: bool,  # noqa: FBT001 - click passes it by name
    today: date | None,
    encoding: str | None,
    allow_partial: bool,  # noqa: FBT001 - click passes it by name
) -> None:
    """Explain why the failures of RUN are expected or true.

    Shows for each kind of failure: the status and where it comes from, each rule in order
    with the conditions that are not met, the decision, and what to do. RUN is a run as for `check`.
    """
    if bool(runs) == (text is not None):
        raise UsageError(
            "explain: name a RUN or an error text, --text 'TEXT'" + ("; not both" if runs else "")
        )
    if len(runs) > 1 and not merge:
        raise UsageError("explain: name one RUN, or explain several as one with --merge")
    policy = load_policy(rules, today=today)
    for warning in rules_passed_over(rules, runs, policy):
        console.warn(warning, "rules")
    if runs:
        paths = find_all(runs, merge=True).runs if merge else runs
        classification = read_classified(
            paths, policy, allow_partial=allow_partial, encoding=encoding
        )
        kinds = _kinds(classification, endpoint)
        true = sum(kind.decision == "true" for kind in kinds)
        first = len(kinds) if everything else min(true, SHOWN)
        explained = explain_run(classification, policy, endpoint=endpoint, kinds=kinds, first=first)
    else:
        at = None if endpoint is None else _method_and_name(endpoint, policy)
        explained = explain_text(policy, text or "", at)
    color, columns = console.color_wanted(), console.columns()
    console.write(render_explained(explained, full=everything, color=color, columns=columns))


def _kinds(classification: Classification, endpoint: str | None) -> tuple[FailureKind, ...]:
    """Return the kinds that were asked about; raise UsageError for an endpoint the run lacks."""
    if endpoint is None:
        return classification.failures
    try:
        kinds = kinds_at(classification, endpoint)
    except PatternError as error:
        raise UsageError(f"--endpoint: {error}") from error
    if kinds is None:
        known = [row.stats.endpoint for row in classification.endpoints]
        raise UsageError(f"--endpoint: the run has no such endpoint{hint(endpoint, known)}")
    return kinds


def _method_and_name(endpoint: str, policy: Policy) -> tuple[str, str]:
    """Split an endpoint as outputs show it; a method of several words must be one of a rule."""
    methods = {method for rule in policy.rules for method in rule.endpoint.methods or ()}
    for method in sorted(methods, key=len, reverse=True):
        if endpoint.startswith(f"{method} "):
            return method, endpoint.removeprefix(method).lstrip()
    match = _METHOD_AND_NAME.fullmatch(endpoint)
    if match is None:
        raise UsageError(
            "--endpoint: with --text, give a method and a name, e.g. 'POST /tools/[id]/state'"
        )
    return match[1], match[2]
