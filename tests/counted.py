"""Beside a locustfile: a load test that ends by what it counted, not by the clock.

`locust -f locustfile.py,counted.py` ends when it has seen enough, and when its files have all of it,
however fast the machine is. Whatever `--run-time` it has is for one that hangs.
"""

from __future__ import annotations

import csv
import os
import re
import threading
import time
from pathlib import Path
from typing import Any

from locust import events

REQUESTS = int(os.environ.get("COUNTED_REQUESTS", "800"))
CONFLICTS = int(os.environ.get("COUNTED_CONFLICTS", "20"))
PREFIX = os.environ.get("COUNTED_PREFIX", "run")
FILES = Path(f"{PREFIX}_stats.csv"), Path(f"{PREFIX}_failures.csv")


def start(environment: Any, **_: Any) -> None:
    """Watch the load test from the start."""
    # Locust makes threads and sleeping those of gevent.
    threading.Thread(target=end_when_counted, args=(environment,), daemon=True).start()


def end_when_counted(environment: Any) -> None:
    """End it, as at the end of its time."""
    while environment.stats.total.num_requests < REQUESTS or conflicts(environment) < CONFLICTS:
        time.sleep(0.1)
    environment.runner.stop()
    total = environment.stats.total
    files = environment.parsed_options.csv_prefix
    while files and written() != (total.num_requests, total.num_failures):
        time.sleep(0.1)
    environment.runner.quit()


def conflicts(environment: Any) -> int:
    """Return how many failures have a status of 409."""
    errors = environment.stats.errors.values()
    return sum(each.occurrences for each in errors if re.search(r"\b409\b", str(each.error)))


def written() -> tuple[int, int]:
    """Return the requests of the statistics, and the failures whose texts are written, too."""
    stats, failures = (
        list(csv.reader(path.read_text(encoding="utf-8").splitlines())) for path in FILES
    )
    return int(stats[-1][2]), sum(int(row[3]) for row in failures[1:])


events.init.add_listener(start)  # type: ignore[no-untyped-call] # Locust has no types for it
