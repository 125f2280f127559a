"""`loadgate rules test`: whether the examples of rules files hold."""

from __future__ import annotations

from datetime import date

import click

from loadgate.cli import console, options
from loadgate.cli import exit_codes as exits
from loadgate.errors import RulesError
from loadgate.render.rules.examples import render_examples
from loadgate.rules import each_file, load_policy
from loadgate.rules.examples import run_examples


@click.command(
    cls=options.TakesFiles,
    epilog=exits.OF_TEST,
    short_help="Run the examples in rules files.",
    page="rules#examples",
)
@options.RULES_FILES
@options.TODAY
@click.pass_context
def test(context: click.Context, files: tuple[str, ...], today: date | None) -> None:
    """Decide each of the [[examples]] in each FILE by its rules, and list those that fail.

    FILE is a rules file or the name of a bundled preset; by default loadgate.toml. Test the files
    that it extends to run their examples. Of several files the worst exit code counts.
    """
    context.exit(exits.worst([_test(file, today) for file in each_file(files)]))


def _test(file: str, today: date | None) -> int:
    """Show the examples of a rules file that fail, and return the exit code of the file."""
    try:
        policy = load_policy(file, today=today)
    except RulesError as error:
        return console.report(error)
    results = run_examples(policy)
    color, columns = console.color_wanted(), console.columns()
    console.write(render_examples(policy.origins[0], results, color=color, columns=columns))
    if not results:
        return exits.NO_EVIDENCE
    return exits.FAILED if any(result.problem for result in results) else 0
