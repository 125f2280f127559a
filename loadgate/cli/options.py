"""The options that several commands have, and what their texts mean."""

from __future__ import annotations

from datetime import date

import click

from loadgate.errors import UsageError

RULES = click.option(
    "--rules",
    metavar="FILE",
    help="Sort failures by the rules in FILE (TOML or JSON), or by a bundled preset of that name."
    "  [default: loadgate.toml here, else the preset optimistic-locking]",
)
TODAY = click.option(
    "--today",
    metavar="DATE",
    help="Let rules expire as if it were DATE (YYYY-MM-DD).  [default: the current date in UTC]",
)
ALLOW_PARTIAL = click.option(
    "--allow-partial",
    is_flag=True,
    help="Go on where result files contradict each other, count in the strict way and say so."
    "  [default: stop with exit code 2]",
)


def read_date(text: str | None) -> date | None:
    """Read what `--today` says; raise UsageError where it is no date."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--today {text}: not a date like 2026-11-23") from None
