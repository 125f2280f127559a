"""Files of 2 GB: memory is bounded, and what cannot be read is told."""

from __future__ import annotations

import os
import resource
from pathlib import Path

import pytest
from conftest import WriteRun

from faults.processes import few, heavy, linux, loadgate, prove

pytestmark = linux

GIGABYTES = 2 << 30


def bounded() -> None:
    """Let a process have 400 MB of addresses, of which Python and its libraries take 60."""
    resource.setrlimit(resource.RLIMIT_AS, (400 << 20, 400 << 20))


@pytest.mark.parametrize(
    "name",
    few(["run_stats.csv", "run_failures.csv", "run.json", "run.html"], {"run.json", "run.html"}),
)
def test_a_file_of_nothing(
    name: str, write_run: WriteRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a file system leaves one that was not written before the power failed."""
    monkeypatch.chdir(tmp_path)
    if name.endswith(".csv"):
        write_run()
    with Path(name).open("ab") as file:
        os.truncate(file.fileno(), GIGABYTES)
    ended = loadgate("check", name, before=bounded).sound()
    assert ended.code == 2
    assert name in ended.err
    assert "memory" not in ended.err


@pytest.mark.parametrize(
    ("rows", "zeros"),
    [
        pytest.param(1000, 40 << 20, id="40-MB"),
        pytest.param(1_200_000, GIGABYTES, marks=prove, id="2-GB"),
    ],
)
def test_a_long_line(
    rows: int, zeros: int, write_run: WriteRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that begins as Locust's rows do, and goes on behind 32 Mi characters."""
    monkeypatch.chdir(tmp_path)
    stats = write_run()
    with stats.with_name("run_failures.csv").open("ab") as file:
        file.write(b"POST,/tools/[id]/state,boom,1\n" * rows)
        os.truncate(file.fileno(), file.tell() + zeros)
    ended = loadgate(
        "check", "run", "--allow-partial", "--output", "json", before=bounded, measured=True
    ).sound()
    assert ended.code == 1
    assert "a line is longer than 33,554,432 characters; what follows is left out" in ended.out


@prove
@heavy
def test_rows_of_two_gigabytes(write_run: WriteRun) -> None:
    """Twenty million real rows in the memory of a few: each counted."""
    stats = write_run([("POST", "/x/state", 40_000_000, 20_000_000)], [])
    with stats.with_name("run_failures.csv").open("a") as file:
        for number in range(2000):
            rows = (
                f"POST,/x/state,\"CatchResponseError('Expected [200], got 409 of order {number * 10_000 + row:09} at host-a.example.com:8080 ')\",1\n"
                for row in range(10_000)
            )
            file.write("".join(rows))
    ended = loadgate("check", stats, "--output", "markdown", before=bounded, within=1200).sound()
    assert ended.code == 0
    assert "20,000,000 failures = 20,000,000 expected + 0 true" in ended.out
