"""Signals that end the process: the exit code 128 + signal, and no half-written file."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from types import FrameType

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
"""Windows has no SIGHUP; only Windows has SIGBREAK."""

_unwinding = 0


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
    global _unwinding  # noqa: PLW0603 - signals are the process's, too
    if _unwinding:
        _unwinding = 0  # once: a second signal does not wait until all is put away
        raise Ended(number)
    say(f"interrupted by {signal.Signals(number).name}")
    os._exit(128 + number)


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
