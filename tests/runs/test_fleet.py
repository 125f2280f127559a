"""A real Dask cluster and a real S3 API: the same collection as one process makes of files."""

from __future__ import annotations

import gc
import os
import signal
import socket
from collections.abc import Callable
from concurrent.futures import CancelledError, Executor, Future
from pathlib import Path
from typing import Any, Self

import pytest

from loadgate.errors import UsageError
from loadgate.runs import Settings, cluster, collect, find_candidates
from loadgate.runs import executors as mapping
from loadgate.runs.candidate import VANISHED

from . import made
from .conftest import dask_scheduler, workers

SETTINGS = Settings(rules="optimistic-locking")


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory, s3: str) -> str:
    """Return the URL of a folder with 60 documents, two raw runs and a broken document."""
    s3fs = pytest.importorskip("s3fs")
    folder = made.week(tmp_path_factory.mktemp("week"), 60)
    made.write(folder / "cut.json", '{"format": "loadgate.result"')
    runs = Path(__file__).parents[2] / "examples" / "runs"
    system = s3fs.S3FileSystem()
    system.put(str(folder), "runs-of-tests/week", recursive=True)
    system.put(str(runs), "runs-of-tests/week/raw", recursive=True)
    return f"{s3}/week"


def test_one_process_a_pool_and_a_cluster_give_the_same_bytes(week: str, scheduler: str) -> None:
    """It does not matter to a byte where a collection is computed."""
    sources = find_candidates([f"{week}/"])
    assert len(sources) == 62
    alone = collect(sources, settings=SETTINGS, jobs=1)
    assert len(alone.records) == 61
    assert [each.source for each in alone.broken] == [f"{week}/cut.json"]
    raw = next(record for record in alone.records if record.rejudged)
    assert (raw.source, raw.label) == (f"{week}/raw/run_stats.csv", "run")
    assert raw.expected > 0
    told: list[tuple[int, int]] = []
    pool = collect(sources, settings=SETTINGS, jobs=2)
    mapped = collect(
        sources,
        settings=SETTINGS,
        scheduler=scheduler,
        progress=lambda *numbers: told.append(numbers),
    )
    assert made.as_bytes(pool) == made.as_bytes(alone)
    assert made.as_bytes(mapped) == made.as_bytes(alone)
    assert told[-1] == (62, 62)


def test_a_killed_worker_of_the_cluster_loses_nothing(tmp_path: Path, scheduler: str) -> None:
    """A worker that is killed in the middle costs time, and nothing else."""
    from distributed import Client

    sources = find_candidates([str(made.week(tmp_path, 400))])
    alone = collect(sources, settings=SETTINGS, jobs=1)
    with Client(scheduler, set_as_default=False) as client:  # type: ignore[no-untyped-call] # as distributed has it
        victims = list(client.run(os.getpid).values())
    killed: list[int] = []

    def kill(_done: int, _total: int) -> None:
        if not killed:
            killed.append(victims[0])
            os.kill(victims[0], signal.SIGKILL)

    found = collect(sources, settings=SETTINGS, scheduler=scheduler, progress=kill)
    assert killed
    assert made.as_bytes(found) == made.as_bytes(alone)


def test_an_object_that_vanished_is_named(week: str, s3: str) -> None:
    """An object that is deleted between finding and reading is listed, the rest is judged."""
    system = pytest.importorskip("s3fs").S3FileSystem()
    system.copy(f"{week}/00000.json", f"{s3}/gone/a.json")
    system.copy(f"{week}/00001.json", f"{s3}/gone/b.json")
    sources = find_candidates([f"{s3}/gone"])
    system.rm(f"{s3}/gone/a.json")
    found = collect(sources, settings=SETTINGS, jobs=2)
    assert len(found.records) == 1
    ((source, problem),) = [(each.source, each.problem) for each in found.broken]
    assert (source, problem) == (f"{s3}/gone/a.json", VANISHED)


@pytest.mark.parametrize(
    ("url", "number"),
    [
        pytest.param("week/0000*.json", 10, id="glob"),
        pytest.param("we*/raw/", 1, id="glob-of-folders"),
        pytest.param("week/00003.json", 1, id="object"),
        pytest.param("week/raw/run_stats.csv", 1, id="raw-run"),
    ],
)
def test_what_a_url_may_name(week: str, s3: str, url: str, number: int) -> None:
    """A URL names an object, a folder, or many by a glob."""
    assert week
    found = collect(find_candidates([f"{s3}/{url}"]), settings=SETTINGS, jobs=1)
    assert (len(found.records), found.broken) == (number, ())


def test_what_is_wrong_with_a_url_is_told(week: str, s3: str) -> None:
    """A bucket that is not there, or holds nothing, is broken; the rest is still collected."""
    found = collect(
        find_candidates([f"{s3}/nothing/", "s3://no-such-bucket/", f"{week}/00001.json"]),
        settings=SETTINGS,
        jobs=1,
    )
    assert len(found.records) == 1
    assert [(each.source, each.problem) for each in found.broken] == [
        ("s3://no-such-bucket/", "there is no such file or folder; check the URL"),
        (f"{s3}/nothing/", "there is no such file or folder; check the URL"),
    ]


def test_a_scheduler_that_cannot_be_used_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """No answer, no such protocol, no workers: each is told before anything is judged."""
    pytest.importorskip("distributed", reason="the extra fleet is not installed")
    sources = [made.named(made.write(tmp_path / "a.json"))]

    def problem(address: str) -> str:
        with pytest.raises(UsageError) as caught:
            collect(sources, settings=SETTINGS, scheduler=address)
        return str(caught.value).removeprefix(f"--scheduler {address}: ")

    with dask_scheduler(tmp_path) as address:
        assert problem(address).startswith("has no workers; start them: dask worker tcp://")
        with workers(tmp_path, address, number=1):
            from distributed import Client

            with Client(address, set_as_default=False) as client:  # type: ignore[no-untyped-call] # as distributed has it
                (worker,) = client.run(os.getpid)
            assert problem(worker).startswith("is not a scheduler but a Worker; name the address")
    assert problem("carrier://pigeon").startswith("does not answer: ")
    monkeypatch.setattr(cluster, "ANSWER_WITHIN", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        assert problem(f"tcp://127.0.0.1:{port}").startswith("does not answer within 0.5 seconds")
    assert problem(f"tcp://127.0.0.1:{port}").startswith("does not answer")
    gc.collect()  # a client that nobody closed complains when it is thrown away
    assert "Traceback" not in capfd.readouterr().err


class _Cluster(Executor):
    """What a client of Dask does, without a cluster: some sources kill, some are cancelled."""

    def __init__(self, *_address: object, **_options: object) -> None:
        self.version: Callable[[Any], Any] = lambda ask: ask()

    def __enter__(self) -> Self:
        return self

    def run(self, ask: Callable[[], str]) -> dict[str, str]:
        """Ask the only worker."""
        return {"worker": self.version(ask)}

    def nthreads(self) -> dict[str, int]:
        """Return the threads of the only worker."""
        return {"worker": 1}

    def get_executor(self, **_options: object) -> Executor:
        """Return what maps."""
        return self

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Do it at once."""
        from distributed import KilledWorker

        future: Future[Any] = Future()
        paths = [source.path for source in args[0]]
        if any(path.endswith("00001.json") for path in paths):
            future.set_exception(KilledWorker("task", None, 3))  # type: ignore[arg-type] # nobody asks for the worker
        elif any(path.endswith("lost.json") for path in paths):
            future.set_exception(CancelledError())
        else:
            future.set_result(fn(*args, **kwargs))
        return future


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> type[_Cluster]:
    """Let Dask's client be one without a cluster."""
    distributed = pytest.importorskip("distributed", reason="the extra fleet is not installed")
    monkeypatch.setattr(cluster, "_check_answer", lambda _: None)
    monkeypatch.setattr(distributed, "Client", _Cluster)
    return _Cluster


@pytest.mark.usefixtures("client")
def test_a_source_that_kills_workers_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What Dask gave up on is tried alone; then it is broken, and what was beside it is judged."""
    monkeypatch.setattr(mapping, "LARGEST_CHUNK", 2)
    told: list[tuple[int, int]] = []
    found = collect(
        find_candidates([str(made.week(tmp_path, 20))]),
        settings=SETTINGS,
        scheduler="tcp://here",
        progress=lambda *numbers: told.append(numbers),
    )
    assert len(found.records) == 19
    assert [Path(each.source).name for each in found.broken] == ["00001.json"]
    assert told[-1] == (20, 20)


@pytest.mark.usefixtures("client")
def test_a_cluster_that_goes_away_is_an_error(tmp_path: Path) -> None:
    """Without a scheduler nothing can be finished, and the message says so."""
    sources = [made.named(made.write(tmp_path / "lost.json"))]
    with pytest.raises(UsageError, match="tcp://here: went away; run the report again"):
        collect(sources, settings=SETTINGS, scheduler="tcp://here")


def _missing(_ask: object) -> str:
    raise ModuleNotFoundError("No module named 'loadgate'")


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        pytest.param(_missing, "workers have no loadgate", id="not-installed"),
        pytest.param(lambda _ask: "0.0.1", "workers have loadgate 0.0.1, and this is", id="older"),
    ],
)
def test_workers_must_have_the_same_loadgate(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    client: type[_Cluster],
    answer: Callable[[Any], Any],
    problem: str,
) -> None:
    """Workers without loadgate, or with another one, would not give the same bytes."""
    monkeypatch.setattr(client, "run", lambda _self, ask: {"worker": answer(ask)})
    sources = [made.named(made.write(tmp_path / "a.json"))]
    with pytest.raises(UsageError, match=problem):
        collect(sources, settings=SETTINGS, scheduler="tcp://here")


def test_what_to_install_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra, a URL and a scheduler are errors that say what to install."""
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    monkeypatch.setitem(__import__("sys").modules, "fsspec.core", None)
    sources = [made.named(made.write(tmp_path / "a.json"))]
    with pytest.raises(UsageError, match=r"pip install 'loadgate\[fleet\]'"):
        collect(sources, settings=SETTINGS, scheduler="tcp://here")
    with pytest.raises(UsageError, match=r"pip install 'loadgate\[fleet\]'"):
        find_candidates(["s3://bucket/runs/"])
