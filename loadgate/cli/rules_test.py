"""`loadgate rules test`: whether the examples of a rules file hold."""

from __future__ import annotations

from datetime import date

import click

from loadgate.cli import console, options
from loadgate.cli import exit_codes as exits
from loadgate.cli.lazy import Command
from loadgate.render.rules.examples import render_examples
from loadgate.rules import load_policy
from loadgate.rules.examples import run_examples


@click.command(
    cls=Command,
    epilog=exits.OF_TEST,
    short_help="Run the examples in a rules file.",
    page="rules#examples",
)
@options.RULES_FILE
@options.TODAY
@click.pass_context
def test(context: click.Context, file: str, today: date | None) -> None:
    """Decide each of the [[examples]] in FILE by its rules, and list those that fail.

    FILE is a rules file or the name of a bundled preset; by default loadgate.toml. Test the files
    that it extends to run their examples.
    """
    policy = load_policy(file, today=today)
    results = run_examples(policy)
    color, columns = console.color_wanted(), console.columns()
    console.write(render_examples(policy.origins[0], results, color=color, columns=columns))
    if not results:
        context.exit(exits.NO_EVIDENCE)
    context.exit(exits.FAILED if any(result.problem for result in results) else 0)
