"""Standard output and standard error: what goes there, and how an error is shown."""

from __future__ import annotations

import contextlib
import io
import os
import re
import sys
from typing import TextIO

from loadgate.cli import exit_codes as exits
from loadgate.errors import LoadgateError, OutputError, RulesError
from loadgate.masking import mask_secrets
from loadgate.published import ISSUES, Page, address
from loadgate.published import see as link_line
from loadgate.text import REPLACEMENT

# "##[error]" is obeyed anywhere in a line, "::error::" at its beginning.
_LOG_COMMAND = re.compile(r"(?m)^([^\S\n]*)::|##(?=\w*\[)")
_seen: set[str] = set()
"""The addresses that this command has shown."""


def begin() -> None:
    """Begin a command: it has shown no address yet, and can show any text."""
    _seen.clear()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # What a terminal's encoding lacks is shown as an escape instead of ending in an error.
            stream.reconfigure(errors="backslashreplace")


def color_wanted() -> bool:
    """Colour only a terminal, and none where NO_COLOR is set (no-color.org)."""
    return (
        sys.stdout is not None  # as it is where it was closed
        and sys.stdout.isatty()
        and not os.environ.get("NO_COLOR")
        and os.environ.get("TERM", "") != "dumb"
    )


def columns(*, of_errors: bool = False) -> int:
    """Return the width of standard output or error: COLUMNS, else the terminal's, else no limit."""
    from loadgate.render.terminal import COLUMNS, UNWRAPPED

    stream = sys.stderr if of_errors else sys.stdout

    asked = os.environ.get("COLUMNS", "")[: len(str(UNWRAPPED))]
    if asked.isascii() and asked.isdecimal() and int(asked):
        return max(COLUMNS, min(int(asked), UNWRAPPED))
    if stream is None or not stream.isatty():
        return UNWRAPPED
    with contextlib.suppress(OSError, ValueError):  # of a terminal that does not say
        return max(COLUMNS, os.get_terminal_size(stream.fileno()).columns)
    return COLUMNS


def write(text: str) -> None:
    """Write to standard output; a reader that has gone away is no error, a full disk is one."""
    if sys.stdout is None:
        raise OutputError("standard output is closed; redirect it to /dev/null to discard output")
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
    """Write to standard error, secrets masked."""
    _write_error(mask_secrets(text))


def see(address: str) -> None:
    """Link what was just said to a page, unless this command has shown that link."""
    if address not in _seen:
        _seen.add(address)
        _write_error(link_line(address))


def report(error: Exception) -> int:
    """Show an error on standard error with a link to its page, and return its exit code."""
    code, text, page = _explained(error)
    if os.environ.get("LOADGATE_DEBUG") and not isinstance(error, LoadgateError):
        import traceback

        tell("".join(traceback.format_exception(error)))
    _write_error(f"loadgate: {text}")
    see(page)
    return code


def warn(text: str, page: Page) -> None:
    """Show a warning on standard error, in one line, with a link to its page."""
    _write_error(f"loadgate: {warning(text)}")
    see(address(page))


def explain(error: Exception) -> tuple[int, str]:
    """Return the exit code of an error, and its message: what is wrong, where, what to do, more."""
    code, text, page = _explained(error)
    return code, f"{text}\n{link_line(page)}"


def _explained(error: Exception) -> tuple[int, str, str]:
    """Return the exit code of an error, its message, and the address that says more."""
    code, page = exits.ERROR, address(LoadgateError.page)
    match error:
        case RulesError():  # its problems are masked, except for patterns, which must be exact
            text = mask_secrets(error.path) + str(error).removeprefix(error.path)
            return code, _printable(text), address(error.page)
        case LoadgateError():
            text, page = str(error), address(error.page)
        case MemoryError():
            text = "out of memory"
        case ImportError():  # also where there is too little memory to load a library
            text = f"cannot import a library: {error}; check the installation and free memory"
            page = address("tutorial#install")
        case OSError():
            place = f"{error.filename}: " if error.filename else ""
            text = f"{place}{error.strerror or error}"
        case _:
            code, page = exits.BUG, ISSUES
            text = (
                "this is a bug in loadgate, please report it:"
                f" {type(error).__name__}: {error}\n  LOADGATE_DEBUG=1 shows where it happened"
            )
    return code, _printable(mask_secrets(text)), page


def warning(text: str) -> str:
    """Return a warning as one line; names in it may be hostile."""
    return _printable(mask_secrets(" ".join(text.split())))


def _write_error(text: str) -> None:
    if sys.stderr is None:
        return
    try:
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()
    except OSError:  # it must not become the exit code, of which click makes a 0 or Python a 1
        forget(sys.stderr)


def _printable(text: str) -> str:
    """Drop what could steer a terminal or a runner: names in messages come from result files."""
    shown = "".join(c if c.isprintable() or c == "\n" else REPLACEMENT for c in text)
    return _LOG_COMMAND.sub(lambda match: f"{match[1] or ''}{' '.join(match[0].strip())}", shown)
