"""Texts and errors in, what standard output and standard error show of them out."""

from __future__ import annotations

import contextlib
import os
import re
import sys
from typing import TextIO

from loadgate.cli import exit_codes as exits
from loadgate.errors import LoadgateError, OutputError, RulesError
from loadgate.masking import mask_secrets

# "##[error]" is obeyed anywhere in a line, "::error::" at its beginning.
_LOG_COMMAND = re.compile(r"(?m)^([^\S\n]*)::|##(?=\w*\[)")


def color_wanted() -> bool:
    """Colour only a terminal, and none where NO_COLOR is set (no-color.org)."""
    return (
        sys.stdout is not None  # as it is where it was closed
        and sys.stdout.isatty()
        and not os.environ.get("NO_COLOR")
        and os.environ.get("TERM", "") != "dumb"
    )


def columns() -> int:
    """Return how wide standard output is: as COLUMNS or the terminal says, else as texts are."""
    from loadgate.render.terminal import COLUMNS, UNWRAPPED

    told = os.environ.get("COLUMNS", "")[: len(str(UNWRAPPED))]
    if told.isascii() and told.isdecimal() and int(told):
        return max(COLUMNS, min(int(told), UNWRAPPED))
    if sys.stdout is None or not sys.stdout.isatty():
        return UNWRAPPED
    with contextlib.suppress(OSError, ValueError):  # of a terminal that does not say
        return max(COLUMNS, os.get_terminal_size(sys.stdout.fileno()).columns)
    return COLUMNS


def write(text: str) -> None:
    """Write to standard output; a reader that has gone away is no error, a full disk is one."""
    if sys.stdout is None:
        raise OutputError("standard output: is closed; let it go to /dev/null to write nothing")
    try:
        sys.stdout.write(text if text.endswith("\n") or not text else text + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        forget(sys.stdout)
    except OSError as error:
        forget(sys.stdout)
        raise OutputError(f"standard output: cannot be written: {error.strerror}") from error


def forget(stream: TextIO | None) -> None:
    """Send what is still buffered nowhere: the interpreter would fail on it at its end."""
    if stream is not None:
        with contextlib.suppress(OSError, ValueError):  # what is no file keeps nothing back
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def tell(text: str) -> None:
    """Write to standard error, secrets masked; where nobody can be told, the exit code says it."""
    _tell(mask_secrets(text))


def _tell(text: str) -> None:
    if sys.stderr is None:
        return
    try:
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()
    except OSError:  # it must not become the exit code, of which click makes a 0 or Python a 1
        forget(sys.stderr)


def report(error: LoadgateError) -> int:
    """Say on standard error what a user can fix; return the exit code that it has."""
    text = mask_secrets(str(error))
    if isinstance(error, RulesError):  # its problems are masked, but for patterns, shown as written
        text = mask_secrets(error.path) + str(error).removeprefix(error.path)
    _tell(f"loadgate: {_printable(text)}")
    return exits.ERROR


def warn(text: str) -> None:
    """Say on standard error, in one line, what a user should know; names in it may be hostile."""
    tell(f"loadgate: {_printable(mask_secrets(' '.join(text.split())))}")


def _printable(text: str) -> str:
    """Drop what could steer a terminal or a runner: names in messages come from result files."""
    shown = "".join(
        c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text
    )
    return _LOG_COMMAND.sub(lambda found: f"{found[1] or ''}{' '.join(found[0].strip())}", shown)
