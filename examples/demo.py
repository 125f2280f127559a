"""The first look at loadgate: what `make demo` shows of a recorded run, on one screen."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ARGUMENTS = ("check", "examples/first-run")
GATE_FAILED = 1
LEFT_OUT = "[...]"


def main() -> int:
    """Print what a reader has to see of the verdict; return 2 if it is not the recorded one."""
    done = subprocess.run(
        [sys.executable, "-m", "loadgate", *ARGUMENTS],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "80"},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    print(f"$ .venv/bin/loadgate {' '.join(ARGUMENTS)}")
    if done.returncode != GATE_FAILED:
        print(f"{done.stdout}(exit code {done.returncode})")
        return 2
    # The first lines name the check that failed, and all endpoints are those of the true failures.
    verdict, _checks, true_failures, rules, *_endpoints_and_files = done.stdout.split("\n\n")
    print(verdict, LEFT_OUT, true_failures, "", rules, LEFT_OUT, sep="\n")
    print(f"(exit code {done.returncode})\n")
    print("Next, a run: .venv/bin/pip install locust; .venv/bin/loadgate locust -f FILE")
    print("Or results that you have: .venv/bin/loadgate check run_stats.csv")
    return 0


if __name__ == "__main__":
    sys.exit(main())
