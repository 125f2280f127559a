"""`loadgate rules suggest`: drafts of rules for what looks like contention."""

from __future__ import annotations

from datetime import date

import click

from loadgate.cli import console, options
from loadgate.cli import exit_codes as exits
from loadgate.cli.lazy import Command
from loadgate.judging.runs import classify_runs, rules_passed_over
from loadgate.render import words as wording
from loadgate.render.rules.drafts import render_suggestion
from loadgate.rules import load_policy, other_presets
from loadgate.rules.suggest import suggest as draft
from loadgate.rules.wordings import TEACH_HINT, may_be_taught


@click.command(
    cls=Command,
    epilog=exits.OF_ALL_ELSE,
    short_help="Draft rules for what looks like contention.",
    page="first-rules",
)
@click.argument("runs", metavar="RUN...", type=options.RUN, nargs=-1, required=True)
@options.RULES
@options.TODAY
@options.ENCODING
@options.ALLOW_PARTIAL
def suggest(
    runs: tuple[str, ...],
    rules: str | None,
    today: date | None,
    encoding: str | None,
    allow_partial: bool,  # noqa: FBT001 - click passes it by name
) -> None:
    """Draft rules for failures of each RUN that no rule decides and that look like contention.

    That is 409, 412, 423, 428 or 429 to POST, PUT, PATCH or DELETE; never a 5xx or a lost
    connection. The drafts go to standard output, as TOML to append to a rules file: each with what
    was measured, a budget slightly above that, an expiry in 90 days, and a reason for you to write.
    Comments name bundled presets that cover failures, error texts without a status that a rule
    could match, and why nothing is drafted for other frequent failures.
    """
    policy = load_policy(rules, today=today)
    classifications = classify_runs(runs, policy, allow_partial=allow_partial, encoding=encoding)
    suggestion = draft(classifications, policy, other_presets(policy))
    console.write(render_suggestion(suggestion))
    for warning in rules_passed_over(rules, runs, policy):
        console.warn(warning, "rules")
    if may_be_taught(kind for run in classifications for kind in run.failures):
        console.warn(TEACH_HINT, "teach")
    if suggestion.left:
        rest = wording.counted(suggestion.left, "true failure")
        console.warn(f"no draft for {rest}; `loadgate explain RUN` says why", "explain")
