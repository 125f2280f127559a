"""Stopping a run that is certain to fail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gevent

from loadgate.recorder.exit import say
from loadgate.recorder.live import Live
from loadgate.recorder.run import Run

_OFTEN = 1.0
"""Seconds between two looks, or more where they cost much."""


def watch(live: Live, run: Run, environment: Any, is_newest: Callable[[], bool]) -> None:  # noqa: ANN401 - Locust's own
    """Look at a run while it is on, and stop it once it is certain to fail."""

    def is_on() -> bool:
        return is_newest() and all(mark.kind != "stopping" for mark in run.document.counts.marks)

    problem = None
    while is_on():
        gevent.sleep(_OFTEN)
        look = live.look(run)
        if look is None and is_on() and live.problem not in {None, problem}:
            problem = live.problem
            say(f"the run is not judged while it is on, but when it ends: {problem}")
        # The look took time: the run may have ended.
        if look is not None and look.abort and is_on():
            say(f"aborting {run.abort(look.abort)}")
            _stop(environment)
            return


def _stop(environment: Any) -> None:  # noqa: ANN401 - Locust's own
    """End the run as its run time does, and Locust with it unless there is the web UI."""
    if environment.web_ui is None:
        environment.runner.quit()
        return
    environment.runner.stop()
    parsed = environment.parsed_options
    if getattr(parsed, "autostart", False) and getattr(parsed, "autoquit", -1) >= 0:
        gevent.sleep(parsed.autoquit)
        environment.runner.quit()
        environment.web_ui.stop()
