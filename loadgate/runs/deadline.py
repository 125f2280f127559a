"""Deadlines: work that waits for others is given up when its time is over."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic
from typing import TypeVar

Found = TypeVar("Found")


class OutOfTimeError(Exception):
    """The work was not done in time; it may still go on, in a thread that nobody waits for."""


def within(seconds: float, work: Callable[[], Found]) -> Found:
    """Return what the work returns, or raise what it raises; OutOfTimeError after so many seconds.

    A limit of a library holds for one of its requests, or for one wait: a server that sends a byte
    now and then meets it for ever.
    """
    results: list[Found] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:  # noqa: BLE001 - it is raised below
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    ends = monotonic() + seconds
    while thread.is_alive() and (left := ends - monotonic()) > 0:
        thread.join(min(left, 1))  # Windows hears of Ctrl-C only in between
    if failed:
        raise failed[0]
    if not results:
        raise OutOfTimeError
    return results[0]
