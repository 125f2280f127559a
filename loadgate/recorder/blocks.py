"""Error responses that a task leaves by an exception which Locust counts nowhere.

A task that raises inside `with client.get(..., catch_response=True)`, before it says what the
response is, has made a request that Locust does not count. What it raises is a task exception,
but not if it only ends the task or the user: then nothing would tell of the response.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import locust.clients
import locust.contrib.fasthttp
import locust.exception

_NAMES = ("InterruptTaskSet", "RescheduleTask", "RescheduleTaskImmediately", "StopTest", "StopUser")
_QUIET: tuple[type[Exception], ...] = tuple(
    getattr(locust.exception, name) for name in _NAMES if hasattr(locust.exception, name)
)
"""What a task may raise without Locust calling it an exception of the task."""
_FIRST_ERROR = 400

_COUNTS: dict[int, Callable[[BaseException], None]] = {}
"""What counts such an exception, by the event that the request would have fired."""


def count_blocks(event: object, count: Callable[[BaseException], None]) -> None:
    """Have `count` called for each; the event is the environment's for requests."""
    if not _COUNTS:
        for module in (locust.clients, locust.contrib.fasthttp):
            manager: Any = module.ResponseContextManager
            manager.__exit__ = _counting(manager.__exit__)
    _COUNTS[id(event)] = count


def _counting(leave: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(leave)
    def leave_and_count(response: Any, exc: Any, value: Any, traceback: Any) -> Any:  # noqa: ANN401 - Locust's own
        # Also called without a block, once for each request: None must cost nothing.
        if exc is not None and isinstance(value, _QUIET) and _unjudged(response):
            count = _COUNTS.get(id(_event(response)))
            if count is not None:
                count(value)
        return leave(response, exc, value, traceback)

    return leave_and_count


def _event(response: Any) -> object:  # noqa: ANN401 - Locust's own
    """Return the event that tells of the request; FastHttpUser has it elsewhere in Locust 2.15."""
    try:
        return response._request_event  # noqa: SLF001 - there is no other way
    except AttributeError:
        return response._environment.events.request  # noqa: SLF001 - as above


def _unjudged(response: Any) -> bool:  # noqa: ANN401 - Locust's own
    """Say whether a response is an error, and the task did not say what it makes of it."""
    status = response.status_code
    return response._manual_result is None and isinstance(status, int) and status >= _FIRST_ERROR  # noqa: SLF001 - as above
