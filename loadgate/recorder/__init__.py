"""The recorder: listens inside Locust and writes what it did, with every status and count.

To import it is to record: `loadgate locust` does, and so does the first line of a locustfile.
"""

from __future__ import annotations

import atexit
from typing import Any

import locust

from loadgate.recorder.listeners import Recorder

recorder = Recorder(locust.events)
"""Of the environment that the `locust` command makes."""
atexit.register(recorder.exit.at_exit)


def attach(environment: Any) -> Recorder:  # noqa: ANN401 - Locust's own
    """Record what an environment does, where Locust is used as a library.

    Call it after the runner and the web UI are made. The recording is finished when the test has
    stopped.

    Raises:
        OutputError: The recording cannot be written.
        LoadgateError: The run cannot be judged: the policy has a problem.
    """
    own = environment.events is locust.events
    found = recorder if own else Recorder(environment.events)
    found.begin(environment)
    return found
