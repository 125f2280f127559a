"""`make demo`: what a first reader sees."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
COLUMNS, LINES = 80, 24
AROUND = 2  # lines: what make prints before, and the prompt after


def test_the_demo_fits_on_one_screen() -> None:
    """A recorded run in which conflicts are excused, one kind of failure is true, the gate fails."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "examples" / "demo.py")],
        capture_output=True,
        text=True,
        check=False,
    )
    lines = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (0, "")
    assert len(lines) <= LINES - AROUND
    assert max(map(len, lines)) <= COLUMNS
    assert lines[1].startswith("FAILED")
    assert "606 failures = 574 expected + 32 true" in lines[2]
    assert sum(line.startswith("   32     500  ") for line in lines) == 1
    assert "(exit code 1)" in lines
    assert lines[-2].startswith("Next, a run: ")
