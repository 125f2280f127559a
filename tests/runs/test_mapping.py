"""Tests of executors: one process, a pool or any other give the same collection."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import (
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
)
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest

from loadgate.runs import Candidate, Settings, collect, find_candidates
from loadgate.runs import executors as mapping
from loadgate.runs.load import Task, judge_all
from loadgate.summary import Collection

from . import made
from .conftest import HANG, awaited

SETTINGS = Settings()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with 200 runs, a copy of one, and a broken one."""
    place = made.week(tmp_path_factory.mktemp("weeks"), 200)
    made.write(place / "copy.json")
    made.write(place / "cut.json", '{"format": "loadgate.result"')
    return place


@pytest.fixture(scope="module")
def expected(folder: Path) -> bytes:
    """Return what one process collects."""
    return made.as_bytes(collect(find_candidates([str(folder)]), settings=SETTINGS, jobs=1))


def test_a_pool_gives_the_same_bytes(folder: Path, expected: bytes) -> None:
    """Two processes give what one does, and progress reaches the end."""
    told: list[tuple[int, int]] = []
    sources = find_candidates([str(folder)])
    found = collect(
        sources, settings=SETTINGS, jobs=2, progress=lambda *numbers: told.append(numbers)
    )
    assert made.as_bytes(found) == expected
    assert told == sorted(told)
    assert told[-1] == (202, 202)


def test_a_pool_has_the_environment_of_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its processes are forked from a server that was started earlier: with other credentials."""
    for secret in ("old", "new"):
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", secret)
        with mapping._pool(1) as pool:  # noqa: SLF001 - it is what collecting is spread over
            assert pool.submit(os.getenv, "AWS_SECRET_ACCESS_KEY").result() == secret


def test_a_pool_of_new_processes_gives_the_same_bytes(
    folder: Path, expected: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a system knows only one way to start processes, that will do."""
    monkeypatch.setattr(multiprocessing, "get_all_start_methods", lambda: ["spawn"])
    found = collect(find_candidates([str(folder)]), settings=SETTINGS, jobs=2)
    assert made.as_bytes(found) == expected


@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_an_executor_of_the_caller_gives_the_same_bytes(
    folder: Path, expected: bytes, method: str
) -> None:
    """Any executor will do, however it starts its processes."""
    context = multiprocessing.get_context(method)
    with ProcessPoolExecutor(1, mp_context=context) as executor:
        found = collect(find_candidates([str(folder)]), settings=SETTINGS, executor=executor)
    assert made.as_bytes(found) == expected


def test_order_does_not_matter(folder: Path, expected: bytes) -> None:
    """Sources in another order, in threads that finish in any order, give the same bytes."""
    with ThreadPoolExecutor(4) as executor:
        sources = find_candidates([str(folder)])[::-1]
        found = collect(sources, settings=SETTINGS, executor=executor)
    assert made.as_bytes(found) == expected


class _Dying(Executor):
    """An executor that does a few chunks, and then breaks."""

    def __init__(self, healthy: int) -> None:
        self._left = healthy

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Do it at once, or fail: half of the time when asked, half of the time later."""
        future: Future[Any] = Future()
        self._left -= 1
        if self._left >= 0:
            future.set_result(fn(*args, **kwargs))
        elif self._left % 2:
            raise BrokenExecutor("dead")
        else:
            future.set_exception(BrokenExecutor("died"))
        return future


def test_what_a_broken_executor_left_is_finished(
    folder: Path, expected: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An executor that breaks loses nothing: a pool of our own does the rest."""
    monkeypatch.setattr(mapping, "_cores", lambda: 1)
    sources = find_candidates([str(folder)])
    found = collect(sources, settings=SETTINGS, executor=_Dying(100))
    assert made.as_bytes(found) == expected


def test_a_killed_worker_loses_nothing(folder: Path, expected: bytes) -> None:
    """A process of the pool that is killed in the middle costs time, and nothing else."""
    victims: list[int] = []

    def kill(_done: int, _total: int) -> None:
        if not victims:
            child = multiprocessing.active_children()[0]
            assert child.pid is not None
            victims.append(child.pid)
            os.kill(child.pid, signal.SIGKILL)

    found = collect(find_candidates([str(folder)]), settings=SETTINGS, jobs=2, progress=kill)
    assert victims
    assert made.as_bytes(found) == expected
    assert multiprocessing.active_children() == []


def _deadly(sources: Sequence[Candidate], task: Task) -> Collection:
    """Judge, but die of one of the sources."""
    if any("00002" in source.path for source in sources):
        os._exit(9)
    return judge_all(sources, task)


def test_a_source_that_kills_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What no process survives is broken, and found out; everything else is judged."""
    monkeypatch.setattr(mapping, "judge_all", _deadly)
    folder = made.week(tmp_path, 20)
    found = collect(find_candidates([str(folder)]), settings=SETTINGS, jobs=2)
    assert len(found.records) == 19
    assert [each.source for each in found.broken] == [str(folder / "00002.json")]
    assert found.broken[0].problem.startswith("crashed every process that read it")


def _failing(_sources: Sequence[Candidate], _task: Task) -> Collection:
    raise ZeroDivisionError


def test_a_bug_is_an_error(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug in a process of the pool is not taken for a broken source, and leaves none behind."""
    monkeypatch.setattr(mapping, "judge_all", _failing)
    with pytest.raises(ZeroDivisionError):
        collect(find_candidates([str(folder)]), settings=SETTINGS, jobs=2)
    assert multiprocessing.active_children() == []


class _Clock:
    """A clock by which everything takes long."""

    def __init__(self, step: float) -> None:
        self._now = 0.0
        self._step = step

    def __call__(self) -> float:
        self._now += self._step
        return self._now


@pytest.mark.parametrize(
    ("step", "jobs"),
    [
        pytest.param(0.0, None, id="quick-work-stays-here"),
        pytest.param(0.25, 3, id="a-process-for-every-half-second"),
        pytest.param(9.0, 4, id="at-most-a-process-for-each-core"),
    ],
)
def test_work_that_takes_long_is_shared(
    folder: Path, monkeypatch: pytest.MonkeyPatch, step: float, jobs: int | None
) -> None:
    """Without a number of jobs, other processes are started for what takes long."""
    asked: list[tuple[int, int]] = []

    def note(
        sources: Sequence[Candidate], jobs: int, _task: Task, _tell: mapping.Tell
    ) -> list[Collection]:
        asked.append((len(sources), jobs))
        return []

    monkeypatch.setattr(mapping, "monotonic", _Clock(step))
    monkeypatch.setattr(mapping, "_cores", lambda: 4)
    monkeypatch.setattr(mapping, "_in_pools", note)
    sources = find_candidates([str(folder)])[:8]
    collect(sources, settings=SETTINGS)
    if jobs is None:
        assert asked == []
    else:
        ((left, started),) = asked
        assert left < 8
        assert started == jobs


def test_what_is_left_may_be_too_little_to_share(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing to do is done at once, by any number of jobs."""
    monkeypatch.setattr(mapping, "monotonic", _Clock(0.3))
    assert len(collect(find_candidates([str(folder)])[:2], settings=SETTINGS).records) == 2
    assert collect([], settings=SETTINGS, jobs=8).records == ()


def test_a_process_ends_at_ctrl_c_without_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes of the pool leave the message on Ctrl-C to the one that was called."""
    ended: list[int] = []
    monkeypatch.setattr("os._exit", ended.append)
    before = signal.getsignal(signal.SIGINT)
    try:
        mapping._begin(dict(os.environ))  # noqa: SLF001 - what each process of the pool starts with
        assert signal.getsignal(signal.SIGINT) is signal.SIG_DFL
        assert ended == []  # this process serves no other
        mapping._end_after(_Gone())  # noqa: SLF001 - as above
        assert ended == [1]
    finally:
        signal.signal(signal.SIGINT, before)


class _Gone(BaseProcess):
    """A process that has ended."""

    def join(self, timeout: float | None = None) -> None:
        """Return at once."""


_SCRIPT = """
import os, signal, sys, time
from pathlib import Path
from loadgate.runs import Settings, collect, executors, find_candidates

def slow(sources, task):
    Path(sys.argv[2], str(os.getpid())).touch()
    time.sleep(3600)

if __name__ == "__main__":
    # A shell that starts tests in the background has them ignore it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    executors.judge_all = slow
    try:
        collect(find_candidates([sys.argv[1]]), settings=Settings(), jobs=2)
    except KeyboardInterrupt:
        print("interrupted", flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no process groups to signal")
def test_ctrl_c_stops_at_once(tmp_path: Path, folder: Path) -> None:
    """Ctrl-C ends a collection in the middle, all of its processes, and without a traceback."""
    script = tmp_path / "slow.py"
    script.write_text(_SCRIPT)
    at_work = tmp_path / "at-work"
    at_work.mkdir()
    # Not measured: an exception in the middle of its own bookkeeping can make coverage wait for ever.
    environment = {key: text for key, text in os.environ.items() if not key.startswith("COV")}
    with subprocess.Popen(
        [sys.executable, str(script), str(folder), str(at_work)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        awaited(lambda: len(list(at_work.iterdir())) == 2, "two processes are not at work")
        os.killpg(process.pid, signal.SIGINT)
        out, error = process.communicate(timeout=HANG)  # an hour of work is left
    assert (out, error) == ("interrupted\n", "")
