"""Files of 2 GB: memory is bounded, and what cannot be read is told."""

from __future__ import annotations

import os
import resource
from pathlib import Path

import pytest
from conftest import WriteRun

from faults.processes import HEAVY, few, loadgate, prove

GIGABYTES = 2 << 30
FILES = ["run_stats.csv", "run_failures.csv", "run.json", "run.html"]


def bounded() -> None:
    """Let a process have 400 MB of addresses, of which Python and its libraries take 60."""
    resource.setrlimit(resource.RLIMIT_AS, (400 << 20, 400 << 20))


@pytest.mark.parametrize("name", few(FILES, {"run.json", "run.html"}))
def test_a_file_of_nothing(name: str, write_run: WriteRun) -> None:
    """As a file system leaves one that was not written before the power failed."""
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
    [(1000, 40 << 20), pytest.param(1_200_000, GIGABYTES, marks=prove)],
    ids=["40-MB", "2-GB"],
)
def test_a_long_line(rows: int, zeros: int, write_run: WriteRun) -> None:
    """One that begins as Locust's rows do, and goes on behind 32 Mi characters."""
    with write_run().with_name("run_failures.csv").open("ab") as file:
        file.write(b"POST,/tools/[id]/state,boom,1\n" * rows)
        os.truncate(file.fileno(), file.tell() + zeros)
    command = "check run --allow-partial --output json"
    ended = loadgate(command, before=bounded, measured=True).sound()
    assert ended.code == 1
    assert "33,554,432" in ended.out


@prove
@pytest.mark.skipif(not HEAVY, reason="takes long: make faults")
def test_rows_of_two_gigabytes(write_run: WriteRun) -> None:
    """Twenty million real rows in the memory of a few: each counted."""
    stats = write_run([("POST", "/x/state", 40_000_000, 20_000_000)], [])
    text = (
        "CatchResponseError('Expected [200], got 409 of order {:09} at host-a.example.com:8080 ')"
    )
    with stats.with_name("run_failures.csv").open("a") as file:
        for start in range(0, 20_000_000, 10_000):
            numbers = range(start, start + 10_000)
            file.writelines(f'POST,/x/state,"{text.format(number)}",1\n' for number in numbers)
    ended = loadgate("check --output markdown", stats, before=bounded).sound()
    assert ended.code == 0
    assert "20,000,000 failures = 20,000,000 expected + 0 true" in ended.out
