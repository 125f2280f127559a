"""`loadgate schema`: the name of a document in, its JSON Schema out."""

from __future__ import annotations

from pathlib import Path

import click

from loadgate.cli import console
from loadgate.cli import exit_codes as exits

SCHEMAS = Path(__file__).parent.parent / "schemas"
DOCUMENTS = ("rules", "result", "lint", "report", "comparison")


@click.command(epilog=exits.OF_ALL_ELSE, short_help="Print the JSON Schema of a document.")
@click.argument("document", type=click.Choice(DOCUMENTS))
def schema(document: str) -> None:
    """Print the JSON Schema of a document, for editors and for programs.

    rules: the rules file; result: what `check --output json` writes; lint: what `rules lint
    --output json` writes; report: what `report --output json` writes; comparison: what `compare
    --output json` writes.
    """
    console.write((SCHEMAS / f"{document}.json").read_text("utf-8"))
