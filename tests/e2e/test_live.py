"""A real Locust against the real example service: what is excused, against the service's own count."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

from loadgate import load_policy, read_run
from loadgate.classify import classify

ROOT = Path(__file__).parents[2]
NEEDED = ("locust", "sqlalchemy")
MISSING = [name for name in NEEDED if importlib.util.find_spec(name) is None]
EXAMPLE = ROOT / "examples" / "optimistic-locking" / "locustfile.py"
COUNTED = ROOT / "tests" / "counted.py"


@pytest.mark.prove
@pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")
def test_what_is_excused_is_what_the_service_refused(tmp_path: Path) -> None:
    """Conflicts on state changes are expected, everything else true, as the service counted them."""
    done = subprocess.run(
        [
            *(sys.executable, str(ROOT / "examples" / "load_test.py")),
            *("--seconds", "600", "--fault-rate", "0.01"),
            *("--folder", str(tmp_path), "--locustfile", f"{EXAMPLE},{COUNTED}"),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=1200,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Locust ended with exit code 1; ")
    tally = json.loads((tmp_path / "tally.json").read_text())
    refused = sum(
        by_status.get("409", 0) for name, by_status in tally.items() if name.endswith("/state")
    )
    policy = load_policy("optimistic-locking")
    report = classify(read_run(tmp_path / "run.html"), policy).total
    assert report.expected == refused > 0
    assert report.stats.requests == sum(sum(by_status.values()) for by_status in tally.values())
    pair = classify(read_run(tmp_path / "run_stats.csv"), policy).total
    assert pair.expected == report.expected
    assert pair.unexplained == report.unexplained == 0
