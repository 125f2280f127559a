"""Names of runs that tell them apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from loadgate.summary import RunSummary


def named(runs: Sequence[RunSummary], zone: ZoneInfo) -> tuple[RunSummary, ...]:
    """Return the runs; labels that several have get the start behind them, and then the source."""
    ways: tuple[Callable[[RunSummary], str], ...] = (
        lambda run: run.label,
        lambda run: f"{run.label} {run.started.astimezone(zone):%Y-%m-%d %H:%M}",
        lambda run: f"{run.label} ({run.source})",
    )
    names = [run.label for run in runs]
    for way in ways:
        taken = Counter(names)
        names = [
            way(run) if taken[name] > 1 else name for run, name in zip(runs, names, strict=True)
        ]
    return tuple(
        run if name == run.label else replace(run, label=name)
        for run, name in zip(runs, names, strict=True)
    )
