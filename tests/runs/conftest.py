"""A Dask cluster and a server of the S3 API, both real, both on this machine."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import pytest

from loadgate.runs import cluster

T = TypeVar("T")
HANG = 300.0
"""Seconds after which a server that has not started never will."""

AWS = {
    "AWS_ACCESS_KEY_ID": "nobody",
    "AWS_SECRET_ACCESS_KEY": "nothing",
    "AWS_DEFAULT_REGION": "us-east-1",
    # Nothing of the machine's own may be used, nor anything else be asked.
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
    "NO_PROXY": "127.0.0.1",
}


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start a server of the S3 API, and let the environment name it; return a bucket's URL."""
    s3fs = pytest.importorskip("s3fs", reason="the extra fleet is not installed")
    pytest.importorskip("moto", reason="moto[server] is not installed")
    log = tmp_path_factory.mktemp("s3") / "log"
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]
    with _running(command, log, AWS), pytest.MonkeyPatch.context() as patch:
        address = _logged(log, r"Running on (http://127\.0\.0\.1:[0-9]+)")
        for name, value in {**AWS, "AWS_ENDPOINT_URL": address}.items():
            patch.setenv(name, value)
        s3fs.S3FileSystem.clear_instance_cache()
        s3fs.S3FileSystem().mkdir("runs-of-tests")
        yield "s3://runs-of-tests"
        s3fs.S3FileSystem.clear_instance_cache()


@pytest.fixture(scope="session")
def scheduler(s3: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start a Dask scheduler and two worker processes that know the S3 server."""
    pytest.importorskip("distributed", reason="the extra fleet is not installed")
    assert s3
    place = tmp_path_factory.mktemp("dask")
    with dask_scheduler(place) as address, workers(place, address, number=2):
        yield address


@contextmanager
def dask_scheduler(place: Path) -> Iterator[str]:
    """Start a Dask scheduler and return its address."""
    file = place / "scheduler.json"
    options = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", file]
    command = [sys.executable, "-m", "distributed.cli.dask_scheduler", *map(str, options)]
    with (
        _running(command, place / "scheduler.log", {}),
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(cluster, "ANSWER_WITHIN", HANG)
        address = json.loads(_written(file))["address"]
        assert isinstance(address, str)
        yield address


@contextmanager
def workers(place: Path, address: str, *, number: int) -> Iterator[None]:
    """Start so many Dask worker processes, and wait until all are known to the scheduler."""
    options = ["--nworkers", number, "--nthreads", 1, "--no-dashboard", "--local-directory", place]
    command = [sys.executable, "-m", "distributed.cli.dask_worker", address, *map(str, options)]
    with _running(command, place / "workers.log", {}):
        from distributed import Client

        with Client(address, set_as_default=False) as client:  # type: ignore[no-untyped-call] # as distributed has it
            client.wait_for_workers(number, timeout=HANG)
        yield


@contextmanager
def _running(command: list[str], log: Path, environment: dict[str, str]) -> Iterator[None]:
    """Run a server in a session of its own, and end all of its processes afterwards."""
    with log.open("wb") as out:
        server = subprocess.Popen(
            command,
            stdout=out,
            stderr=subprocess.STDOUT,
            env={**os.environ, **environment},
            start_new_session=True,
        )
    try:
        yield
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def _written(path: Path) -> str:
    """Wait for a file with a document, and return its text."""

    def text() -> str:
        found = path.read_text(encoding="utf-8") if path.exists() else ""
        return found if found.endswith("}") else ""

    return awaited(text, f"{path} is not written")


def _logged(log: Path, pattern: str) -> str:
    """Wait until a server logs what matches, and return its group."""

    def group() -> str:
        found = re.search(pattern, log.read_text(encoding="utf-8"))
        return found.group(1) if found else ""

    return awaited(group, f"{log} has no {pattern}")


def awaited(look: Callable[[], T], problem: str) -> T:
    """Look until there is something to see; return it."""
    deadline = time.monotonic() + HANG
    while not (found := look()):
        assert time.monotonic() < deadline, problem
        time.sleep(0.05)
    return found
