"""The name of a page in, the folder that its reader is in, with what is there already, out."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Callable
from pathlib import Path

from docs.console import ROOT

EXAMPLES = ROOT / "examples"


def recorded_run(folder: Path) -> None:
    """Fill a folder as examples/runs is: a recorded run with two rules files."""
    shutil.copytree(EXAMPLES / "runs", folder, dirs_exist_ok=True)


def without_rules(folder: Path) -> None:
    """Leave out the rules files."""
    folder.mkdir(exist_ok=True)
    for file in (EXAMPLES / "runs").glob("run_*.csv"):
        shutil.copy(file, folder)


def nights(folder: Path) -> None:
    """Fill a folder with the recorded nights."""
    shutil.copytree(EXAMPLES / "weeks", folder, dirs_exist_ok=True)


def shards(folder: Path) -> None:
    """Fill three folders with a run each."""
    for name in ("shard-1", "shard-2", "shard-3"):
        without_rules(folder / name)


def two_branches(folder: Path) -> None:
    """Make a run of the main branch, and one of a pull request that has a failure of its own."""
    for branch in ("main", "pull"):
        without_rules(folder / branch)
        # Only failures that the page's rules leave at 5 % or less.
        for name, error in (("/drop", ""), ("/slow", ""), ("/admin", ""), ("[bad json]", "")):
            _spare(folder / branch, name, error)
        _spare(folder / branch, "[create]", "")
    failures = folder / "pull" / "run_failures.csv"
    text = failures.read_text("utf-8")
    assert "JSON-RPC error -32000: Concurrent modification" in text
    failures.write_text(
        text.replace("JSON-RPC error -32000: Concurrent modification", "Expected [200], got 502"),
        "utf-8",
    )


def _spare(folder: Path, name: str, error: str) -> None:
    """Take the failures of an endpoint out of a run."""
    import csv

    stats, failures = folder / "run_stats.csv", folder / "run_failures.csv"
    with failures.open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.reader(file) if name not in row[1] or error not in row[2]]
    with failures.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    with stats.open(newline="", encoding="utf-8") as file:
        table = list(csv.reader(file))
    for row in table[1:-1]:
        if name in row[1]:
            table[-1][3] = str(int(table[-1][3]) - int(row[3]))
            row[3] = "0"
    with stats.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(table)


def below(*parts: str, fill: Callable[[Path], None]) -> Callable[[Path], None]:
    """Return what fills a folder further down."""

    def made(folder: Path) -> None:
        place = folder.joinpath(*parts)
        place.parent.mkdir(parents=True, exist_ok=True)
        fill(place)

    return made


def seed_run(folder: Path) -> None:
    """Fill a folder with the run that started the project."""
    shutil.copytree(EXAMPLES / "seed-run", folder, dirs_exist_ok=True)


def nothing(folder: Path) -> None:
    """Leave a folder empty."""


SCENES: dict[str, Callable[[Path], None]] = {
    "README.md": without_rules,
    "baseline.md": two_branches,
    "compare.md": nights,
    "explain.md": below("examples", "runs", fill=recorded_run),
    "first-rules.md": without_rules,
    "fleets.md": below("runs", fill=recorded_run),
    "several-runs.md": shards,
    "tutorial.md": nothing,
    "weekly-report.md": below("results", fill=nights),
    "why-budgets.md": seed_run,
}
"""Where the reader of a page is; of any other page beside the recorded run, with its rules."""


def free_port() -> str:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return str(found.getsockname()[1])
