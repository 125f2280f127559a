"""What a gate costs: wall time and peak memory, in alternating rounds."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from gates.contestants import Contestant
from gates.play import Done, ask, named

ROUNDS = {True: 3, False: 9}
"""By whether the contestant runs Locust; the first round warms up and is not counted."""


def costs(contestants: Sequence[Contestant]) -> dict[str, dict[str, float]]:
    """Let each judge the clean run, in turn; return the median seconds and megabytes of each."""
    found: dict[str, dict[str, float]] = {}
    for runs_locust, rounds in ROUNDS.items():
        group = [one for one in contestants if one.runs_locust is runs_locust]
        taken: dict[str, list[Done]] = {one.name: [] for one in group}
        for _ in range(rounds + 1):
            for one in group:
                folder = Path(tempfile.mkdtemp(prefix="gates-"))
                taken[one.name].append(ask(one, named("clean"), folder))
                shutil.rmtree(folder)
        for name, all_of_it in taken.items():
            found[name] = {
                "seconds": round(median(done.seconds for done in all_of_it[1:]), 3),
                "megabytes": round(median(done.megabytes for done in all_of_it[1:]), 1),
            }
    return found
