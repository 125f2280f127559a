"""Sources in, what each was read as out, by this process, by several, or by a cluster."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import (
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    as_completed,
)

from loadgate.collect.runs import Settings, read_sources
from loadgate.collect.sources import Source
from loadgate.week import Broken, Record

_CHUNK = 16
"""Sources that a process is handed at once: few enough that all stay busy to the end."""

_FEW = 64
"""Sources for which starting processes takes longer than reading them."""

Progress = Callable[[int, int], None]
Chunk = Sequence[Source]


def read_all(
    sources: Chunk,
    settings: Settings,
    jobs: int | None,
    executor: Executor | None,
    progress: Progress | None,
) -> list[Record | Broken]:
    """Read every source; the order of the answers is that of the sources, whoever read them."""
    chunks = [sources[start : start + _CHUNK] for start in range(0, len(sources), _CHUNK)]
    done: dict[int, list[Record | Broken]] = {}

    def finished(number: int, answers: list[Record | Broken]) -> None:
        done[number] = answers
        if progress is not None:
            progress(sum(map(len, done.values())), len(sources))

    wanted = (os.cpu_count() or 1) if jobs is None else jobs
    if executor is not None:
        _run(executor, chunks, settings, finished)
    elif wanted > 1 and (jobs is not None or len(sources) > _FEW):
        _run_in_processes(chunks, settings, wanted, done, finished)
    else:
        for number, chunk in enumerate(chunks):
            finished(number, read_sources(chunk, settings))
    return [answer for number in range(len(chunks)) for answer in done[number]]


Finished = Callable[[int, list[Record | Broken]], None]


def _run(
    executor: Executor, chunks: Sequence[Chunk], settings: Settings, finished: Finished
) -> None:
    futures: dict[Future[list[Record | Broken]], int] = {
        executor.submit(read_sources, chunk, settings): number
        for number, chunk in enumerate(chunks)
    }
    for future in as_completed(futures):
        finished(futures[future], future.result())


def _run_in_processes(
    chunks: Sequence[Chunk],
    settings: Settings,
    jobs: int,
    done: dict[int, list[Record | Broken]],
    finished: Finished,
) -> None:
    """Read by a pool of processes; what a killed one took with it is read again, each by itself.

    A source that ends the process that reads it, again, is broken, and takes nothing else along.
    """
    try:
        with ProcessPoolExecutor(min(jobs, len(chunks))) as pool:
            _run(pool, chunks, settings, finished)
    except BrokenExecutor:
        lost = [number for number in range(len(chunks)) if number not in done]
        for number in lost:
            finished(number, [_read_apart(source, settings) for source in chunks[number]])


def _read_apart(source: Source, settings: Settings) -> Record | Broken:
    try:
        with ProcessPoolExecutor(1) as pool:
            return pool.submit(read_sources, [source], settings).result()[0]
    except BrokenExecutor:
        return Broken(
            source=source.path, problem="the process that read it was ended: was there memory?"
        )
