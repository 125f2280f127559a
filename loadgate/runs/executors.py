"""Judging candidates in this process, in a pool of processes, or in any executor."""

from __future__ import annotations

import gc
import itertools
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import (
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    as_completed,
)
from contextlib import contextmanager, suppress
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from time import monotonic

from loadgate.runs.candidate import Candidate
from loadgate.runs.load import Task, judge, judge_all
from loadgate.runs.merge import single
from loadgate.signals import unwinding
from loadgate.summary import Collection, Unreadable

PATIENCE = 0.5
"""Seconds of work that are worth the start of a process, which takes about as long."""
_SAMPLE = 0.1
"""Seconds of work that tell how long the rest takes."""
LARGEST_CHUNK = 64
"""Sources that go to a worker at once, at most: what is done is told after each chunk."""
_MOST_JOBS = 61
"""Windows waits for no more processes at once."""

_ABANDONED = 1
"""Exit code that nobody is left to look at."""

Tell = Callable[[int], None]
"""Is told how many more candidates are done."""
Chunks = Sequence[Sequence[Candidate]]


def here(candidates: Sequence[Candidate], task: Task, tell: Tell) -> Iterator[Collection]:
    """Judge one candidate after another in this process."""
    for candidate in candidates:
        outcome = judge(candidate, task)
        if outcome is not None:
            yield single(outcome)
        tell(1)


def in_processes(
    jobs: int | None, candidates: Sequence[Candidate], task: Task, tell: Tell
) -> Iterator[Collection]:
    """Judge in so many processes.

    None: in this one, until what is left is worth the start of others, as a week of documents
    never is.
    """
    left = deque(candidates)
    begin = monotonic()
    while jobs is None and left:
        yield from here([left.popleft()], task, tell)
        spent = monotonic() - begin
        expected = spent / (len(candidates) - len(left)) * len(left)
        if spent > _SAMPLE and expected > 2 * PATIENCE:
            jobs = min(_cores(), int(expected / PATIENCE))
    if jobs == 1 or not _has_place():
        yield from here(left, task, tell)
    elif jobs is not None:
        yield from _in_pools(tuple(left), jobs, task, tell)


def in_an_executor(
    executor: Executor, candidates: Sequence[Candidate], task: Task, tell: Tell
) -> Iterator[Collection]:
    """Judge in an executor; should it break, finish in processes of our own."""
    left = yield from mapped(executor, chunks(candidates, LARGEST_CHUNK), task, tell)
    yield from _in_pools(tuple(itertools.chain.from_iterable(left)), _cores(), task, tell)


def chunks(candidates: Sequence[Candidate], workers: int) -> Chunks:
    """Return the candidates in chunks: several for each worker, as some take longer than others."""
    size = max(1, min(LARGEST_CHUNK, len(candidates) // (workers * 4)))
    return [candidates[place : place + size] for place in range(0, len(candidates), size)]


def mapped(
    executor: Executor,
    parts: Chunks,
    task: Task,
    tell: Tell,
    lost: type[Exception] | tuple[type[Exception], ...] = BrokenExecutor,
) -> Generator[Collection, None, Chunks]:
    """Yield what comes of each chunk, as it comes; return the chunks that were `lost`."""
    waiting: dict[Future[Collection], Sequence[Candidate]] = {}
    missing: list[Sequence[Candidate]] = []
    for part in parts:
        try:
            waiting[executor.submit(judge_all, part, task)] = part
        except lost:  # it broke while it was being filled
            missing.append(part)
    for future in as_completed(list(waiting)):
        part = waiting.pop(future)
        try:
            collection = future.result()
        except lost:
            missing.append(part)
            continue
        yield collection
        tell(len(part))
    return missing


def killed(candidate: Candidate) -> Collection:
    """Return what came of a candidate that no process survived."""
    return single(
        Unreadable(
            source=candidate.path,
            problem="crashed every process that read it; it may need more memory than there is",
        )
    )


def _in_pools(
    candidates: Sequence[Candidate], jobs: int, task: Task, tell: Tell
) -> Iterator[Collection]:
    """Judge in a pool of processes.

    One of them may be killed: the pool is broken then, and a new one does what is missing. Where
    that breaks, too, a candidate may be what kills them: they go one by one to find out which.
    """
    jobs = max(1, min(jobs, _MOST_JOBS, len(candidates)))
    left = chunks(candidates, jobs)
    for _ in range(2):
        if left:
            with _pool(jobs) as pool:
                left = yield from mapped(pool, left, task, tell)
    singly = deque(itertools.chain.from_iterable(left))
    while singly:
        with _pool(1) as pool:
            broken = False
            while singly and not broken:
                candidate = singly.popleft()
                broken = bool((yield from mapped(pool, [[candidate]], task, tell)))
        if broken:
            yield killed(candidate)
            tell(1)


@contextmanager
def _pool(jobs: int) -> Iterator[ProcessPoolExecutor]:
    """Give a pool whose processes end with it, also where it is left in the middle (Ctrl-C)."""
    # Never forked from this process: threads that fsspec or a caller started would not survive.
    context: BaseContext = multiprocessing.get_context("spawn")
    if "forkserver" in multiprocessing.get_all_start_methods():
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([__name__])  # so that not each has to import it
        _start_server()
    others = set(multiprocessing.active_children())
    with unwinding():
        pool = ProcessPoolExecutor(
            jobs, mp_context=context, initializer=_begin, initargs=(dict(os.environ),)
        )
        try:
            yield pool
        except BaseException:
            for child in set(multiprocessing.active_children()) - others:
                child.terminate()
            raise
        finally:
            with suppress(RuntimeError):  # it was ended while it started its thread
                pool.shutdown(cancel_futures=True)


def _start_server() -> None:
    """Start the process that all others are forked from, with a standard error that goes nowhere.

    What they find is handed over; what they write themselves is only that a signal, or the end of
    this process, came while they began. A terminal that hangs up ends this process, and so them:
    the one that keeps account of what they share must not go first.
    """
    from multiprocessing import forkserver

    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})
        forkserver.ensure_running()
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _begin(environment: dict[str, str]) -> None:
    """Give this process the environment of the one it serves, and let it end with that one.

    It was forked from a server, which has the environment of the day it was started: credentials
    may be of today. Ctrl-C ends it, which a terminal sends to all. The process that it serves may
    be killed and can tell it nothing; by itself a process of a pool would wait for work for ever.
    """
    gc.disable()  # as in __main__: a quarter of the time of reading documents
    os.environ.clear()
    os.environ.update(environment)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    threading.Thread(
        target=_end_after, args=(multiprocessing.parent_process(),), daemon=True
    ).start()


def _end_after(parent: BaseProcess | None) -> None:
    if parent is not None:
        parent.join()
        os._exit(_ABANDONED)


def _has_place() -> bool:
    """Say whether the working directory is there: no process of a pool starts in a deleted one."""
    try:
        os.getcwd()
    except FileNotFoundError:
        return False
    return True


def _cores() -> int:
    """Return how many cores this process may use, as far as this Python can tell."""
    return getattr(os, "process_cpu_count", os.cpu_count)() or 1
