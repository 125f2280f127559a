"""Example services for the tests of a module."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from example_service import HANG, SERVICE, Service, Start, by_end_of_input


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start services with the options given; stop those that still run."""
    processes: list[subprocess.Popen[str]] = []

    def start(*options: str) -> Service:
        tally = tmp_path / f"tally-{len(processes)}.json"
        command = [sys.executable, str(SERVICE), "--port=0", f"--tally={tally}", "--stop-at-eof"]
        process = subprocess.Popen(
            [*command, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        processes.append(process)
        assert process.stdout
        return Service(process, process.stdout.readline().strip(), tally)

    yield start
    for process in processes:
        with process:  # closes its streams
            by_end_of_input(process)
            try:
                process.wait(timeout=HANG)
            finally:
                process.kill()
