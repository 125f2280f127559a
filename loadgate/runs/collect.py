"""Collecting runs: everything behind the inputs, judged wherever it is computed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import date

from loadgate.errors import RulesError
from loadgate.model import Policy
from loadgate.rules import load_policy
from loadgate.runs.candidate import NOTHING, Candidate
from loadgate.runs.executors import Tell, in_an_executor, in_processes
from loadgate.runs.load import Task
from loadgate.runs.merge import joined, merge
from loadgate.summary import Collection, Unreadable


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How raw runs are judged."""

    rules: str | None = None
    """A rules file or preset, by which raw runs are judged even if they were when they ran; None:
    the default rules, and what was judged when it ran stays so."""
    thresholds: tuple[str, ...] = ()
    """Demands on every run, besides those of the rules."""
    today: date | None = None
    """The day by which rules expire; None: the current one in UTC."""
    allow_partial: bool = False
    """Contradictions are allowed, and counted in the strict way."""
    encoding: str | None = None
    """Of files that are not Unicode by their marks; None: it is found out."""


def collect(  # noqa: PLR0913 - what is judged, how, and three ways of where
    candidates: Sequence[Candidate],
    *,
    settings: Settings,
    executor: Executor | None = None,
    jobs: int | None = None,
    scheduler: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Collection:
    """Read and judge all candidates, and return what they say, each run once.

    The same comes out wherever it is computed: in the `executor`, on the Dask cluster whose
    `scheduler` is named ("tcp://host:8786"), or in `jobs` processes; 1: in this one; None: in this
    one, and if that takes long in as many as there are cores. `progress` is told how many are
    done, and of how many. What cannot be read is in Collection.broken.

    Raises RulesError for rules in `settings` that cannot be followed, UsageError for thresholds
    that cannot, for a scheduler that does not answer, and for an extra that is not installed.
    """
    task = task_of(settings)
    tell = _counted(progress, len(candidates))
    if executor is not None:
        parts = in_an_executor(executor, candidates, task, tell)
    elif scheduler is not None:
        from loadgate.runs.cluster import in_a_cluster

        parts = in_a_cluster(scheduler, candidates, task, tell)
    else:
        parts = in_processes(jobs, candidates, task, tell)
    collection = joined(merge(parts, rejudged=task.rejudged))
    broken = (*collection.broken, *_empty(candidates, collection))
    return replace(
        collection,
        broken=tuple(sorted(broken, key=lambda each: each.source)),
    )


def _counted(progress: Callable[[int, int], None] | None, total: int) -> Tell:
    """Return what adds up how many candidates are done, and tells `progress`."""
    done = 0

    def tell(more: int) -> None:
        nonlocal done
        done += more
        if progress is not None:
            progress(done, total)

    return tell


def task_of(settings: Settings) -> Task:
    """Read the rules, once; only raw runs need them, so those taken by default may be broken."""
    policy: Policy | str
    try:
        policy = load_policy(settings.rules, thresholds=settings.thresholds, today=settings.today)
    except RulesError as error:
        if settings.rules is not None:
            raise
        policy = f"cannot be judged: {' '.join(str(error).split())}"
    return Task(
        policy=policy,
        allow_partial=settings.allow_partial,
        rejudged=settings.rules is not None,
        encoding=settings.encoding,
    )


def _empty(candidates: Sequence[Candidate], found: Collection) -> list[Unreadable]:
    """Return as broken the inputs that were searched, but hold nothing that is a run."""
    full = {record.source for record in found.records} | {each.source for each in found.broken}
    full |= set(found.repeated)
    inputs = {candidate.below for candidate in candidates if candidate.below}
    inputs -= {candidate.below for candidate in candidates if candidate.path in full}
    return [Unreadable(source=below, problem=NOTHING) for below in inputs]
