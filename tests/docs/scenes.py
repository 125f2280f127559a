"""The scene of each page: the folder that its reader is in, with what is there already."""

from __future__ import annotations

import csv
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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


PROVOKED = ("/drop", "/slow", "/admin", "[bad json]", "[create]")
"""Endpoints of the recorded run that fail because the test wants them to."""


def two_branches(folder: Path) -> None:
    """Make a run of the main branch, and one of a pull request that has a failure of its own."""
    for branch in ("main", "pull"):
        without_rules(folder / branch)
        (folder / branch / "run_stats_history.csv").unlink()  # it counts what is taken out here
        stats, failures = (_table(folder / branch / f"run_{name}.csv") for name in KINDS)
        kept = [row for row in failures if not any(name in row[1] for name in PROVOKED)]
        for row in stats[1:-1]:
            if any(name in row[1] for name in PROVOKED):
                stats[-1][3] = str(int(stats[-1][3]) - int(row[3]))
                row[3] = "0"
        if branch == "pull":
            # Other requests, or it would be the very run of the main branch.
            for row in (stats[1], stats[-1]):
                row[2] = str(int(row[2]) + 7)
            (conflict,) = [row for row in kept if "JSON-RPC error" in row[2]]
            conflict[2] = "CatchResponseError('Expected [200], got 502')"
        for name, rows in zip(KINDS, (stats, kept), strict=True):
            with (folder / branch / f"run_{name}.csv").open(
                "w", newline="", encoding="utf-8"
            ) as out:
                csv.writer(out).writerows(rows)


KINDS = ("stats", "failures")


def _table(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def below(*parts: str, fill: Callable[[Path], None]) -> Callable[[Path], None]:
    """Return what fills a folder further down."""

    def made(folder: Path) -> None:
        place = folder.joinpath(*parts)
        place.parent.mkdir(parents=True, exist_ok=True)
        fill(place)

    return made


def together(*fills: Callable[[Path], None]) -> Callable[[Path], None]:
    """Return what fills a folder by each of several."""

    def made(folder: Path) -> None:
        for fill in fills:
            fill(folder)

    return made


def seed_run(folder: Path) -> None:
    """Fill a folder with the run that started the project."""
    shutil.copytree(EXAMPLES / "seed-run", folder, dirs_exist_ok=True)


def nothing(folder: Path) -> None:
    """Leave a folder empty."""


SCENES: dict[str, Callable[[Path], None]] = {
    "README.md": without_rules,
    "api.md": together(recorded_run, two_branches),
    "baseline.md": two_branches,
    "compare.md": nights,
    "explain.md": below("examples", "runs", fill=recorded_run),
    "first-rules.md": without_rules,
    "index.md": without_rules,
    "fleets.md": below("runs", fill=recorded_run),
    "outputs.md": together(
        recorded_run, below("monday", fill=without_rules), below("tuesday", fill=without_rules)
    ),
    "several-runs.md": shards,
    "tutorial.md": nothing,
    "weekly-report.md": below("results", fill=nights),
    "why-budgets.md": seed_run,
}
"""Where the reader of a page is; of any other page beside the recorded run, with its rules."""


@contextmanager
def kept_port() -> Iterator[str]:
    """Yield a port of this machine that nobody else is given meanwhile; only who names it can listen."""
    with socket.socket() as kept:
        kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        kept.bind(("127.0.0.1", 0))
        port = str(kept.getsockname()[1])
        if sys.platform != "linux":  # which alone lets another listen where this one only is bound
            kept.close()
        yield port
