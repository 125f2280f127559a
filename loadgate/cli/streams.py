"""Texts and errors in, what standard output and standard error show of them out."""

from __future__ import annotations

import os
import re
import sys

from loadgate.cli import exits
from loadgate.errors import LoadgateError, OutputError
from loadgate.masking import mask_secrets

# "##[error]" is obeyed anywhere in a line, "::error::" at its beginning.
_LOG_COMMAND = re.compile(r"(?m)^([^\S\n]*)::|##(?=\w*\[)")


def color_wanted() -> bool:
    """Colour only a terminal, and none where NO_COLOR is set (no-color.org)."""
    return (
        sys.stdout.isatty()
        and not os.environ.get("NO_COLOR")
        and os.environ.get("TERM", "") != "dumb"
    )


def write(text: str) -> None:
    """Write to standard output; a reader that has gone away is no error, a full disk is one."""
    try:
        sys.stdout.write(text if text.endswith("\n") or not text else text + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        _forget_stdout()
    except OSError as error:
        _forget_stdout()
        raise OutputError(f"standard output: cannot be written: {error.strerror}") from error


def _forget_stdout() -> None:
    """Send what is still buffered nowhere: the interpreter would fail on it at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def report(error: LoadgateError) -> int:
    """Say on standard error what a user can fix; return the exit code that it has."""
    print(f"loadgate: {_printable(str(error))}", file=sys.stderr)  # noqa: T201 - to standard error
    return exits.ERROR


def _printable(text: str) -> str:
    """Drop what could steer a terminal or a runner: names in messages come from result files."""
    shown = "".join(
        c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}"
        for c in mask_secrets(text)
    )
    return _LOG_COMMAND.sub(lambda found: f"{found[1] or ''}{' '.join(found[0].strip())}", shown)
