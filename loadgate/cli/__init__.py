"""A command line in, outputs and an exit code out; it decides nothing."""

from __future__ import annotations

import gc
import io
import os
import sys
from collections.abc import Sequence

import click

from loadgate import __version__
from loadgate.cli import exits, streams
from loadgate.cli.lazy import Commands
from loadgate.errors import LoadgateError


class _Commands(Commands):
    names = ("check", "report", "compare", "explain", "rules", "init", "schema", "completion")


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=exits.OF_CHECK,
    no_args_is_help=False,
)
@click.version_option(__version__, message="%(prog)s %(version)s")
def cli() -> None:
    """Judge Locust results: tell expected failures from true ones, by a reviewed rules file."""


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # What a terminal's encoding lacks is shown as an escape instead of ending in an error.
            stream.reconfigure(errors="backslashreplace")
    try:
        code = cli.main(
            args=None if arguments is None else list(arguments),
            prog_name="loadgate",
            standalone_mode=False,
        )
    except click.ClickException as error:
        error.show()
        return exits.ERROR
    except LoadgateError as error:
        return streams.report(error)
    except (KeyboardInterrupt, click.Abort):
        return exits.INTERRUPTED
    except SystemExit:
        return 0  # click found nobody reading the help
    except Exception as error:  # noqa: BLE001 - so that no bug can look like a failed gate
        return _report_bug(error)
    return code if isinstance(code, int) else 0


def _report_bug(error: Exception) -> int:
    """Ask for a report of an error that nobody foresaw; LOADGATE_DEBUG=1 shows where it was."""
    if os.environ.get("LOADGATE_DEBUG"):
        import traceback

        traceback.print_exception(error)
    streams.report(
        LoadgateError(
            f"this is a bug in loadgate, please report it: {type(error).__name__}: {error}\n"
            "  LOADGATE_DEBUG=1 shows where it happened"
        )
    )
    return exits.BUG


def main() -> None:
    """Run `loadgate`, and end the process with its exit code."""
    # A check leaves no cycles that grow; looking for them takes 4 % of the time of a million rows.
    gc.disable()
    sys.exit(run())
