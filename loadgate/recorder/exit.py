"""The exit code of Locust: the gate's, whoever else sets one."""

from __future__ import annotations

import logging
import os
import sys
from contextlib import suppress
from typing import Any, TextIO

import locust.log

from loadgate.published import Page, address, see
from loadgate.recorder.verdict import ERROR, WORSE, Judgement

_linked: set[Page] = set()
"""Pages that this process has linked to."""


class Exit:
    """What this process ends with, and the verdict that stands behind Locust's tables."""

    def __init__(self) -> None:
        """Owe nothing."""
        self.judgement: Judgement | None = None
        self._code = ERROR
        """The gate's, but 2 where Locust had an exception that nobody handled."""
        self._owner = 0
        """The process that has to end with a verdict; its forks have not."""
        self._told = False

    def owe(self) -> None:
        """Have this process end with a verdict, or with 2."""
        self._owner = os.getpid()

    def judged(self, environment: Any, judgement: Judgement, other: int | None) -> None:  # noqa: ANN401 - Locust's own
        """Have Locust end with the gate's code; say so if a listener had set another one."""
        self.judgement = judgement
        self._code = judgement.code
        if locust.log.unhandled_greenlet_exception and self._code not in WORSE:
            self._code = ERROR
        if other not in {None, self._code}:
            say(f"the exit code is the gate's, {self._code}; a listener had set {other}")
        environment.process_exit_code = self._code

    def tell(self, code: int) -> None:
        """Print the verdict, once, and say so if Locust ends with another code."""
        if self._told or self.judgement is None:
            return
        self._told = True
        if not _written(sys.stdout, f"\n{self.judgement.text}"):
            say("the verdict could not be printed; run: loadgate check, with the recording")
        if code != self.judgement.code:
            say(f"the exit code is {code}, not the gate's, which is {self.judgement.code}")

    def final(self, code: object, *, worker: bool) -> int:
        """Return what to end with where Locust ended with this.

        Locust ends with 1 for much that is wrong with its command line or locustfile; of ours it
        says that the gate failed.
        """
        if self._owner == os.getpid():
            own = self._settled(crashed=code == ERROR or not isinstance(code, int))
            if self.judgement is not None and code != own:
                say(f"the exit code is {own}; something had Locust end with {code}")
            return own
        if worker and isinstance(code, int):
            return code
        return 0 if code == 0 else ERROR

    def at_exit(self) -> None:
        """End with the gate's code, or 2, where Locust did not come to the end of its own.

        Only here is it known, and only so can it be changed: Python may be about to end with 0.
        """
        if self._owner == os.getpid() and not self._told:
            code = self._settled(crashed=hasattr(sys, "last_value"))
            logging.shutdown()
            for stream in (sys.stdout, sys.stderr):
                _written(stream, "")
            os._exit(code)

    def _settled(self, *, crashed: bool) -> int:
        """Return the code to end with, where no other listener has a say any more."""
        code = ERROR if crashed else self._code
        if self.judgement is None and not self._told:
            self._told = True
            say("Locust ended before there was a verdict: the exit code is 2")
        self.tell(code)
        return code


def say(text: str, page: Page = "recorder") -> None:
    """Write a message to standard error; the first one about a page links to it."""
    more = "" if page in _linked else f"{see(address(page))}\n"
    _linked.add(page)
    _written(sys.stderr, f"loadgate: {text}\n{more}")


def _written(stream: TextIO | None, text: str) -> bool:
    """Write and say whether that was possible; the stream may be a pipe that nobody reads."""
    if stream is None:
        return False
    try:
        encoding = stream.encoding or "utf-8"
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
        stream.flush()
    except (OSError, ValueError):  # ValueError: it is closed
        with suppress(OSError, ValueError):  # Python would fail on it at its end, with 120
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        return False
    return True
