"""Result documents and raw runs in, the records of all of them, no run twice, out.

Reading and judging one source is a pure function of its files, so it is mapped over any
`concurrent.futures.Executor`; putting the records together depends on no order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor

from loadgate.collect.merge import merge
from loadgate.collect.pool import read_all
from loadgate.collect.runs import Settings
from loadgate.collect.sources import Source, find_sources
from loadgate.week import Collection

__all__ = ["Settings", "Source", "collect", "find_sources"]

Progress = Callable[[int, int], None]
"""Is told how many of how many sources were read."""


def collect(
    inputs: Sequence[str],
    settings: Settings,
    *,
    jobs: int | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Collection:
    """Read everything behind the inputs.

    By `executor`, else by `jobs` processes (None: as many as there are cores; 1: by this one).
    Raises RulesError and UsageError where the settings are of no use.
    """
    sources: Iterable[Source] = find_sources(inputs)
    return merge(read_all(tuple(sources), settings, jobs, executor, progress))
