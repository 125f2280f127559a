"""`loadgate rules`: commands for people who maintain a rules file."""

from __future__ import annotations

import click

from loadgate.cli.lazy import Commands


class _Commands(Commands):
    names = ("lint", "test", "suggest", "teach")
    prefix = "rules_"


@click.group(
    cls=_Commands,
    page="keeping-rules",
    short_help="Lint and test a rules file; draft rules; learn wordings.",
)
def rules() -> None:
    """Find mistakes in a rules file, run its examples, draft rules, learn wordings of statuses."""
