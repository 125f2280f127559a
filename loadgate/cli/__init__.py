"""A command line in, outputs and an exit code out; it decides nothing."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence

import click

from loadgate import __version__
from loadgate.cli import console as streams
from loadgate.cli import exit_codes as exits
from loadgate.cli import options
from loadgate.cli.lazy import Commands
from loadgate.errors import LoadgateError, UsageError

_QUESTIONS = {"-h", "--help", "--version"}
"""What is answered by a text that nobody may be left to read."""
_COMPLETION = "_LOADGATE_COMPLETE"


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
    asked = _asked(arguments)
    try:
        code = _main(asked)
    except click.ClickException as error:
        return _report_usage(error)
    except LoadgateError as error:
        return streams.report(error)
    except (KeyboardInterrupt, click.Abort):
        return exits.INTERRUPTED
    except SystemExit:  # so click ends behind completion, and where a pipe broke
        if _QUESTIONS.isdisjoint(asked) and _COMPLETION not in os.environ:
            trouble = "a worker process ended unexpectedly; run the command again"
            return streams.report(LoadgateError(trouble))
        return 0
    except (OSError, MemoryError, ImportError) as error:
        return _report_trouble(error)
    except Exception as error:  # noqa: BLE001 - so that no bug can look like a failed gate
        return _report_bug(error)
    return code if isinstance(code, int) else 0


def _main(asked: Sequence[str]) -> object:
    """Run a command; where its command line is wrong, no older output of it stays."""
    try:
        return cli.main(args=asked, prog_name="loadgate", standalone_mode=False)
    except (click.ClickException, UsageError):
        options.withdraw(cli, asked)
        raise


def _asked(arguments: Sequence[str] | None) -> list[str]:
    """Return the arguments; where there are some, nothing is to be completed.

    Shells that complete give none, and a variable. With both, click would print what it completes
    and end with 0, whatever the gate was to judge.
    """
    asked = sys.argv[1:] if arguments is None else list(arguments)
    if asked:
        os.environ.pop(_COMPLETION, None)
    return asked


def _report_usage(error: click.ClickException) -> int:
    """Show what click has to say."""
    told = io.StringIO()
    error.show(told)
    streams.tell(told.getvalue().rstrip("\n"))
    return exits.ERROR


def _report_trouble(error: OSError | MemoryError | ImportError) -> int:
    """Say what the system refuses at a place where nothing else could be done about it."""
    _trace(error)
    streams.forget(sys.stdout)  # it may hold what could not be written
    if isinstance(error, MemoryError):
        return streams.report(LoadgateError("out of memory; give it more"))
    if isinstance(error, ImportError):  # also where there is too little memory to load a library
        trouble = f"cannot import a library: {error}; check the installation, and the memory"
        return streams.report(LoadgateError(trouble))
    place = f"{error.filename}: " if error.filename else ""
    return streams.report(LoadgateError(f"{place}{error.strerror or error}"))


def _report_bug(error: Exception) -> int:
    """Ask for a report of an error that nobody foresaw; LOADGATE_DEBUG=1 shows where it was."""
    _trace(error)
    streams.report(
        LoadgateError(
            f"this is a bug in loadgate, please report it: {type(error).__name__}: {error}\n"
            "  LOADGATE_DEBUG=1 shows where it happened"
        )
    )
    return exits.BUG


def _trace(error: Exception) -> None:
    if os.environ.get("LOADGATE_DEBUG"):
        import traceback

        streams.tell("".join(traceback.format_exception(error)))
