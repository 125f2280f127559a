"""Tests of the benchmarks: as small as they go, they still measure something."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


@pytest.mark.prove
@pytest.mark.parametrize(
    ("name", "small", "told"),
    [
        pytest.param("bench.py", ("--rows=200", "--rounds=1"), "judge", id="bench"),
        pytest.param(
            "fleet.py",
            ("--results=100", "--runs=2", "--rounds=1"),
            "speed-up, 2 raw runs",
            id="fleet",
        ),
        pytest.param(
            "recorder.py",
            ("--requests=500", "--rounds=1", "--names=20", "--seconds=2", "--rate=10"),
            "listener, a failure",
            id="recorder",
        ),
        pytest.param(
            "weekly_evidence.py", ("--weeks=1",), "independent nights", id="weekly_evidence"
        ),
        pytest.param(
            "comparison_evidence.py", ("--pairs=1",), "one run each", id="comparison_evidence"
        ),
        pytest.param("since.py", ("--reports=1",), "weekends, one run a day", id="since"),
    ],
)
def test_a_benchmark_runs(name: str, small: tuple[str, ...], told: str) -> None:
    """What it makes up is still read; how fast is for it to say, on a quiet machine."""
    if not BENCHMARKS.is_dir():
        pytest.skip("only a checkout has the benchmarks")
    done = subprocess.run(
        [sys.executable, str(BENCHMARKS / name), *small],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert told in done.stdout
