"""`loadgate locust`: Locust with the recorder."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys

import click

from loadgate.cli.lazy import Command
from loadgate.errors import UsageError


@click.command(
    cls=Command,
    page="recorder",
    short_help="Run Locust, record it, and judge the run when it ends.",
    add_help_option=False,
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def locust(arguments: tuple[str, ...]) -> int:
    """Run Locust with any of its own options, record it, and judge the run when it ends.

    The exit code is the gate's.
    """
    if importlib.util.find_spec("locust") is None:
        raise UsageError(f"Locust is not installed in {sys.prefix}; run there: pip install locust")
    command = [sys.executable, "-P", "-m", "loadgate.recorder", *arguments]
    if os.name == "nt":  # its exec leaves the shell behind
        return subprocess.call(command)  # noqa: S603 - the user's own command
    # Locust patches all of Python at its start, so it gets a process where nothing is imported.
    return os.execv(sys.executable, command)  # noqa: S606 - as above
