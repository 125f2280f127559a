"""The command line: commands, exit codes, and what happens when a command fails."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence

import click

from loadgate import __version__
from loadgate.cli import console, options
from loadgate.cli import exit_codes as exits
from loadgate.cli.lazy import Command, Commands, NoCommandError
from loadgate.errors import LoadgateError, UsageError
from loadgate.published import address

_QUESTIONS = {"-h", "--help", "--version"}
"""Options that only print a text; a reader that goes away early is no error."""
_COMPLETION = "_LOADGATE_COMPLETE"
_BEGIN = """\b
Begin with one of these:
  loadgate locust -f locustfile.py   run Locust, record and judge the run
  loadgate check run_stats.csv       judge what Locust wrote
  loadgate init run_stats.csv        write a rules file for it

"""


class _Commands(Commands):
    names = (
        "check",
        "locust",
        "report",
        "compare",
        "explain",
        "rules",
        "init",
        "schema",
        "completion",
    )
    modules = {"locust": "run_locust"}  # noqa: RUF012 - it is never changed
    # A module named locust would be found instead of Locust where this folder is searched.


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=_BEGIN + exits.OF_CHECK,
    page="index",
)
@click.version_option(__version__, message="%(prog)s %(version)s")
def cli() -> None:
    """Run Locust or read its results, and tell expected failures from true ones by a rules file."""


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    console.begin()
    words = sys.argv[1:] if arguments is None else list(arguments)
    if words[:1] == ["help"]:  # as git, cargo and uv have it
        words = [*words[1:], "--help"]
    if words:
        # A shell that completes gives no words. With both, click would complete and end with 0,
        # whatever the gate was to judge.
        os.environ.pop(_COMPLETION, None)
    try:
        code = _main(words)
    except click.ClickException as error:
        return _wrong_line(error)
    except (KeyboardInterrupt, click.Abort):
        return exits.INTERRUPTED
    except SystemExit:  # click ends this way after completion, and when a pipe breaks
        if _QUESTIONS.isdisjoint(words) and _COMPLETION not in os.environ:
            return console.report(
                LoadgateError("a worker process ended unexpectedly; run the command again")
            )
        return 0
    except Exception as error:  # noqa: BLE001 - so that no bug can look like a failed gate
        if isinstance(error, OSError):
            console.forget(sys.stdout)  # it may hold what could not be written
        return console.report(error)
    return code if isinstance(code, int) else 0


def _wrong_line(error: click.ClickException) -> int:
    """Show what click says of a command line, with a link to the page of the command."""
    text = io.StringIO()
    error.show(text)
    console.tell(text.getvalue().rstrip("\n"))
    command = error.ctx.command if isinstance(error, click.UsageError) and error.ctx else None
    if isinstance(command, Command) and not isinstance(error, NoCommandError):
        console.see(address(command.page))
    return exits.ERROR


def _main(words: Sequence[str]) -> object:
    """Run a command; if its command line is wrong, remove the older outputs that it names."""
    try:
        return cli.main(args=words, prog_name="loadgate", standalone_mode=False)
    except (click.ClickException, UsageError):
        options.withdraw(cli, words)
        raise
