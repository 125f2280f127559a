"""`loadgate schema`: the JSON Schema of a document."""

from __future__ import annotations

import click

from loadgate.cli import console
from loadgate.cli import exit_codes as exits
from loadgate.cli.lazy import Command
from loadgate.schemas import FOLDER

DOCUMENTS = ("rules", "result", "lint", "report", "comparison", "recording")


@click.command(
    cls=Command,
    epilog=exits.OF_ALL_ELSE,
    short_help="Print the JSON Schema of a document.",
    page="reference",
)
@click.argument("document", type=click.Choice(DOCUMENTS))
def schema(document: str) -> None:
    """Print the JSON Schema of a document, for editors and programs.

    rules is the rules file. The others are what a command writes with --output json: result from
    check, lint from rules lint, report from report, comparison from compare. recording is what
    `loadgate locust` writes of a run, gzipped.
    """
    console.write((FOLDER / f"{document}.json").read_text("utf-8"))
