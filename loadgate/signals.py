"""Signals that end the process, with nothing left half done."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from types import FrameType

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
"""SIGHUP is none of Windows, SIGBREAK one of Windows only."""

_finishing = 0
_unwinding = 0
_noted: int | None = None


class Ended(BaseException):
    """A signal ends the process, once what is in use has been put away."""

    def __init__(self, number: int) -> None:
        """Take the number of the signal."""
        self.code = 128 + number
        super().__init__(self.code)


def heed_signals() -> None:
    """Let the signals that end a process do so with exit code 128 + signal, from now on.

    Where nothing is in use the process ends at once: an exception might be raised in code of
    others that swallows it. Signals that are ignored, as by nohup, stay so.
    """
    for name in _NAMES:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _end)


def _end(number: int, _frame: FrameType | None) -> None:
    global _noted, _unwinding  # noqa: PLW0603 - signals are the process's, too
    if _finishing:
        _noted = number
        return
    if _unwinding:
        _unwinding = 0  # once: a second signal does not wait until all is put away
        raise Ended(number)
    say(f"interrupted by {signal.Signals(number).name}")
    os._exit(128 + number)


@contextlib.contextmanager
def finishing() -> Iterator[None]:
    """Let signals wait until what is done here, which must be short, is done."""
    global _finishing, _noted  # noqa: PLW0603 - as above
    _finishing += 1
    try:
        yield
    finally:
        _finishing -= 1
        if _noted is not None and not _finishing:
            number, _noted = _noted, None
            _end(number, None)


@contextlib.contextmanager
def unwinding() -> Iterator[None]:
    """Let the first signal raise Ended here, so that what is in use can be put away."""
    global _unwinding  # noqa: PLW0603 - as above
    _unwinding += 1
    try:
        yield
    finally:
        _unwinding = max(0, _unwinding - 1)


def say(text: str) -> None:
    """Write a line to standard error, past its buffer."""
    with contextlib.suppress(OSError):
        os.write(2, f"loadgate: {text}\n".encode(errors="backslashreplace"))
