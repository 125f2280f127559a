"""Judging candidates on a Dask cluster."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from loadgate.errors import UsageError
from loadgate.runs.candidate import Candidate
from loadgate.runs.deadline import OutOfTimeError, within
from loadgate.runs.executors import Tell, chunks, killed, mapped
from loadgate.runs.load import Task
from loadgate.summary import Collection

if TYPE_CHECKING:
    from distributed import Client

ANSWER_WITHIN = 5.0
"""Seconds in which a scheduler must answer; it does nothing else, so it takes milliseconds."""


class _ClusterError(UsageError):
    """A cluster that cannot be used."""

    page = "fleets#a-dask-cluster"


def in_a_cluster(
    address: str, candidates: Sequence[Candidate], task: Task, tell: Tell
) -> Iterator[Collection]:
    """Judge on a cluster, by the `concurrent.futures` interface that Dask has.

    Dask gives what a killed worker had to another one. Raises UsageError for a cluster that cannot
    be used, or that went away.
    """
    try:
        from distributed import Client, KilledWorker
    except ImportError as error:
        raise _ClusterError(
            "--scheduler: needs Dask; install it: pip install 'loadgate[fleet]'"
        ) from error
    with _quiet():
        _check_answer(address)
        client = Client(  # type: ignore[no-untyped-call] # as distributed has it
            address, timeout=ANSWER_WITHIN, set_as_default=False
        )
        with client:
            threads = _threads(client, address)
            executor = client.get_executor(  # type: ignore[no-untyped-call] # as above
                pure=False
            )
            parts = chunks(candidates, threads)
            try:
                left = yield from mapped(executor, parts, task, tell, lost=KilledWorker)
                singly = [[candidate] for candidate in itertools.chain.from_iterable(left)]
                left = yield from mapped(executor, singly, task, tell, lost=KilledWorker)
            except CancelledError as error:
                raise _ClusterError(
                    f"--scheduler {address}: went away; run the report again"
                ) from error
    for candidate in itertools.chain.from_iterable(left):
        yield killed(candidate)
        tell(1)


def _check_answer(address: str) -> None:
    """Raise UsageError unless a scheduler answers.

    A client of Dask that gets no answer waits on, twice as long, to say so, with a traceback.
    """
    try:
        kind = within(ANSWER_WITHIN, lambda: asyncio.run(_identity(address))).get("type")
    except OutOfTimeError:
        problem = f"does not answer within {ANSWER_WITHIN:g} seconds"
    except Exception as error:  # noqa: BLE001 - whatever answers there may not be Dask
        problem = f"does not answer: {_reason(error)}"
    else:
        problem = "" if kind == "Scheduler" else f"is not a scheduler but a {kind}"
    if problem:
        raise _ClusterError(
            f"--scheduler {address}: {problem}; name the address that `dask scheduler` shows"
        )


async def _identity(address: str) -> dict[str, Any]:
    """Return what says who answers at an address."""
    options = import_module("distributed.security").Security().get_connection_args("client")
    connect = import_module("distributed.core").rpc
    async with connect(address, timeout=ANSWER_WITHIN, connection_args=options) as there:
        found: dict[str, Any] = await there.identity()
        return found


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep back what Dask logs, tracebacks and all: what matters of it is told in a sentence."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)


def _threads(client: Client, address: str) -> int:
    """Return how many runs the cluster judges at once; raise UsageError if it is not ready."""
    try:
        versions = set(client.run(_version).values())
    except ImportError as error:
        raise _ClusterError(
            f"--scheduler {address}: its workers have no loadgate {_version()}: {error}"
        ) from error
    if not versions:
        raise _ClusterError(
            f"--scheduler {address}: has no workers; start them: dask worker {address}"
        )
    if versions != {_version()}:
        raise _ClusterError(
            f"--scheduler {address}: its workers have loadgate {', '.join(sorted(versions))}, and"
            f" this is {_version()}; install the same version"
        )
    threads: dict[str, int] = client.nthreads()  # type: ignore[no-untyped-call] # as above
    return sum(threads.values())


def _version() -> str:
    """Return the version of loadgate, where this is called."""
    return version("loadgate")


def _reason(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
