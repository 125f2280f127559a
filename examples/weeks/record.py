"""Record two weeks of nightly runs for `make demo-report`: `python examples/weeks/record.py`.

Every run is real: the example service, Locust, and loadgate's verdict. Only the dates are not: the
runs take some minutes in all, and each is dated to a night of the plan.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

HERE = Path(__file__).parent
LOAD_TEST = HERE.parent / "load_test.py"
RULES = HERE.parent / "optimistic-locking" / "loadgate.toml"
SECONDS = 12

# Night, share of requests that fail with 500, users. From the second Wednesday on a change of the
# service lets more requests fail; on the second Friday nothing was running to test.
PLAN = (
    ("2026-11-09", 0.0010, 30),
    ("2026-11-10", 0.0015, 30),
    ("2026-11-11", 0.0005, 30),
    ("2026-11-12", 0.0010, 30),
    ("2026-11-13", 0.0020, 30),
    ("2026-11-14", 0.0010, 20),
    ("2026-11-15", 0.0010, 20),
    ("2026-11-16", 0.0015, 30),
    ("2026-11-17", 0.0010, 30),
    ("2026-11-18", 0.0150, 30),
    ("2026-11-19", 0.0120, 30),
    ("2026-11-20", None, 30),
    ("2026-11-21", 0.0180, 20),
    ("2026-11-22", 0.0140, 20),
)


def main() -> int:
    """Record every night of the plan."""
    for night, fault_rate, users in PLAN:
        with tempfile.TemporaryDirectory() as folder:
            run(Path(folder), fault_rate, users)
            judge(Path(folder), night)
        sys.stderr.write(f"{night} recorded\n")
    return 0


def run(folder: Path, fault_rate: float | None, users: int) -> None:
    """Run Locust against the service; without a fault rate, with no users at all."""
    if fault_rate is None:
        command = [sys.executable, "-m", "locust", f"--locustfile={RULES.parent / 'locustfile.py'}"]
        command += ["--headless", "--host=http://127.0.0.1:9", "--users=0", "--run-time=3s"]
        subprocess.run(
            [*command, "--html=run.html", "--exit-code-on-error=0"],
            cwd=folder,
            check=True,
            capture_output=True,
        )
        return
    command = [sys.executable, str(LOAD_TEST), f"--folder={folder}", f"--seconds={SECONDS}"]
    subprocess.run(
        [*command, f"--users={users}", f"--fault-rate={fault_rate}"],
        check=False,  # a night may have no results
        capture_output=True,
    )


def judge(folder: Path, night: str) -> None:
    """Write the result document of the run, dated to two o'clock of its night."""
    document = HERE / f"{night}.json"
    commit = subprocess.run(
        ["git", "hash-object", "--stdin"], input=night.encode(), capture_output=True, check=True
    ).stdout.decode()
    subprocess.run(
        [
            *(sys.executable, "-m", "loadgate", "check", "run.html", f"--rules={RULES}"),
            *("--label", f"nightly {night}", "--branch", "main", "--commit", commit[:12]),
            *("--link", f"https://ci.example/nightly/{night}"),
            *("--today", night, "--output", f"json:{document}"),
        ],
        cwd=folder,
        check=False,  # as above
        capture_output=True,
    )
    result = json.loads(document.read_text("utf-8"))
    started, ended = (datetime.fromisoformat(result["run"][key]) for key in ("started", "ended"))
    dated = datetime.fromisoformat(night).replace(hour=2, tzinfo=UTC)
    result["run"]["started"] = stamp(dated)
    result["run"]["ended"] = stamp(dated + (ended - started))
    result["run"]["rules"] = ["examples/optimistic-locking/loadgate.toml"]
    for rule in result["rules"]:
        rule["origin"] = "examples/optimistic-locking/loadgate.toml"
    text = json.dumps(result, indent=1, ensure_ascii=False)
    document.write_text(text + "\n", encoding="utf-8", newline="\n")


def stamp(time: datetime) -> str:
    """Return a time as result documents have it."""
    return time.isoformat().replace("+00:00", "Z")


if __name__ == "__main__":
    sys.exit(main())
