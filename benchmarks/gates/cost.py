"""What a gate costs: wall time and peak memory, in alternating rounds."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from gates.contestants import CONTESTANTS, Contestant
from gates.play import Done, ask, named

ROUNDS = {True: 3, False: 9}
"""By whether the contestant runs Locust; the first round warms up and is not counted."""


def costs(contestants: Sequence[Contestant]) -> dict[str, dict[str, float]]:
    """Let each judge the clean run, in turn; return medians, also against the first of its kind."""
    found: dict[str, dict[str, float]] = {}
    for runs_locust, rounds in ROUNDS.items():
        group = [one for one in contestants if one.runs_locust is runs_locust]
        first = next(one for one in CONTESTANTS if one.runs_locust is runs_locust)
        if group and first not in group:
            group = [first, *group]
        taken: dict[str, list[Done]] = {one.name: [] for one in group}
        for _ in range(rounds + 1):
            for one in group:
                folder = Path(tempfile.mkdtemp(prefix="gates-"))
                taken[one.name].append(ask(one, named("clean"), folder))
                shutil.rmtree(folder)
        for name, done in taken.items():
            # Round by round, as the machine may be busier in one than in another.
            pairs = list(zip(done, taken[group[0].name], strict=True))[1:]
            found[name] = {
                "seconds": round(median(own.seconds for own, _ in pairs), 3),
                "megabytes": round(median(own.megabytes for own, _ in pairs), 1),
                "times": round(median(own.seconds / first.seconds for own, first in pairs), 2),
                "memory": round(median(own.megabytes / first.megabytes for own, first in pairs), 2),
            }
    return found
