"""The situations: how each comes about, what a gate should say of it, and why."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PASS = "pass"  # noqa: S105 - a verdict
FAIL = "fail"
NO_EVIDENCE = "no evidence"

LIMIT = "a limit on one endpoint"
BASELINE = "a comparison with an earlier run"
WORKERS = "workers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """A load test that happens, what is left of its files, and the right answer.

    A new one is an entry in `SITUATIONS`.
    """

    name: str
    """Also the name of its folder in `recorded/`."""
    what: str
    """What happened, for the table."""
    right: str
    """What a gate should say: `PASS`, `FAIL` or `NO_EVIDENCE`."""
    why: str
    """Why that is right."""
    service: Mapping[str, Any] = field(default_factory=dict)
    """What the service does: the plan of service.py."""
    test: Mapping[str, Any] = field(default_factory=dict)
    """What the test does: the plan of locustfile.py."""
    options: tuple[str, ...] = ()
    """Options of Locust's."""
    report: bool = False
    """Whether Locust's `--json-file` lies beside the CSV files."""
    damage: Callable[[Path], None] | None = None
    """What happens to the files afterwards; gates that run Locust themselves do not see it."""
    needs: str | None = None
    """What a gate must be able to express; one that cannot has no answer."""
    after: str | None = None
    """The situation whose files are those of the last run: a baseline, or files left behind."""


def _without(*endings: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        for ending in endings:
            (folder / f"run{ending}").unlink(missing_ok=True)

    return damage


def _cut(ending: str, behind: str) -> Callable[[Path], None]:
    """Return what cuts a file behind the first text like this: a full disk, half an upload."""

    def damage(folder: Path) -> None:
        path = folder / f"run{ending}"
        whole = path.read_text("utf-8")
        found = re.search(behind, whole)
        if not found or found.end() == len(whole):
            raise ValueError(f"{path} cannot be cut behind {behind!r}")
        path.write_text(whole[: found.end()], "utf-8")

    return damage


def _nothing(folder: Path) -> None:
    """Leave the files alone."""


ORDERS_FAIL = {"fail": {"/orders": [500, 5, 0]}}
"""Every fifth order: 5 % of all requests."""
ORDERS_FAIL_LATER = {"fail": {"/orders": [500, 2, 50]}}
"""Every second order from the middle on."""

SITUATIONS = (
    Situation(
        name="clean",
        what="Nothing wrong; 4 of 100 changes conflict",
        right=PASS,
        why="By design.",
    ),
    Situation(
        name="one-failure",
        what="1 of 400 requests fails",
        right=PASS,
        why="Below 1%.",
        service={"fail": {"/orders": [500, 60, 0]}},
    ),
    Situation(
        name="own-words",
        what="8 of 100 changes conflict; the test says `somebody else was faster`",
        right=PASS,
        why="The answers are 409.",
        test={"own_words": True, "conflict_every": 12},
    ),
    Situation(
        name="failures",
        what="5% of requests fail",
        right=FAIL,
        why="Above 1%.",
        service=ORDERS_FAIL,
    ),
    Situation(
        name="every-change-conflicts",
        what="Every change conflicts",
        right=FAIL,
        why="The lock has a bug; the budget is 10%.",
        service={"stale": "/"},
    ),
    Situation(
        name="one-kind-conflicts",
        what="5 of 5 changes of rooms conflict, of tools 4 of 100",
        right=FAIL,
        why="Nobody can change a room.",
        service={"stale": "/rooms"},
        test={"rooms_every": 20},
    ),
    Situation(
        name="text-names-409",
        what="6 changes fail: `Expected [200, 409], got 500`",
        right=FAIL,
        why="The status is 500.",
        service={"fail": {"/tools/7/state": [500, 16, 0]}},
        test={"texts": True},
    ),
    Situation(
        name="conflict-elsewhere",
        what="5% of requests are 409, to orders",
        right=FAIL,
        why="By design only for changes of state.",
        service={"fail": {"/orders": [409, 5, 0]}},
    ),
    Situation(
        name="swallowed",
        what="5% are 500; the locustfile calls `success()`",
        right=FAIL,
        why="They fail.",
        service=ORDERS_FAIL,
        test={"swallow": True},
    ),
    Situation(
        name="no-requests",
        what="No requests: the test's data file is empty",
        right=NO_EVIDENCE,
        why="Nothing was tested.",
        test={"rounds": 0},
    ),
    Situation(
        name="test-raises",
        what="Each task raises from the middle on",
        right=FAIL,
        why="Half of the test did not happen.",
        test={"raises_after": 0.5},
    ),
    Situation(
        name="not-started",
        what="Locust does not start; last night's good files are still there",
        right=NO_EVIDENCE,
        why="They are of another run.",
        test={"broken": True},
        after="clean",
    ),
    Situation(
        name="killed",
        what="Locust is killed in the middle",
        right=NO_EVIDENCE,
        why="Nobody knows how it would have ended.",
        test={"kill_at": 51},
    ),
    Situation(
        name="lost-worker",
        what="One of two workers is killed",
        right=NO_EVIDENCE,
        why="What it sent last is in no file.",
        test={"lose_worker_at": 51, "rounds": 150},
        options=("--processes", "2", "--users", "2"),
        needs=WORKERS,
    ),
    Situation(
        name="dead-writer",
        what="Locust's CSV writer dies, then 25% of requests fail",
        right=NO_EVIDENCE,
        why="The files are of an earlier moment.",
        service={"fail": {"/orders": [500, 1, 50]}},
        test={"dead_writer_at": 51},
    ),
    Situation(
        name="dead-writer-report",
        what="The same, with a `--json-file` beside",
        right=NO_EVIDENCE,
        why="It has twice the requests.",
        service={"fail": {"/orders": [500, 1, 50]}},
        test={"dead_writer_at": 51},
        report=True,
    ),
    Situation(
        name="no-failures-file",
        what="5% fail; the failures file is missing",
        right=FAIL,
        why="Nothing excuses them.",
        service=ORDERS_FAIL,
        damage=_without("_failures.csv"),
    ),
    Situation(
        name="torn-failures",
        what="5% fail; the failures file is cut behind the conflicts",
        right=FAIL,
        why="Nothing excuses the rest.",
        service={"fail": {"/reports": [500, 5, 0]}},
        damage=_cut("_failures.csv", r"409 Client Error.*\n"),
    ),
    Situation(
        name="torn-stats",
        what="5% fail; the statistics are cut in the last row",
        right=NO_EVIDENCE,
        why="There are no totals.",
        service=ORDERS_FAIL,
        damage=_cut("_stats.csv", r"\n,Aggr"),
    ),
    Situation(
        name="renamed-endpoint",
        what="Slow orders are called `/purchases`; the limit is on `/orders`",
        right=FAIL,
        why="It cannot be checked.",
        service={"slow": {"/orders": 300}},
        test={"renamed": True, "rounds": 20},
        needs=LIMIT,
    ),
    Situation(
        name="called-aggregated",
        what="5% fail; an endpoint without failures is called `Aggregated`",
        right=FAIL,
        why="Its row is not the total.",
        service=ORDERS_FAIL,
        test={"reports": "Aggregated"},
    ),
    Situation(
        name="regression",
        what="p95 is far worse than in the last run, but below 800 ms",
        right=FAIL,
        why="It may grow by half.",
        service={"slow": {"/reports": 60}},
        needs=BASELINE,
        after="clean",
    ),
)


def kept(situation: Situation, recorded: Path, folder: Path) -> Path:
    """Make the folder that a gate of files finds: a damaged copy of what was recorded."""
    shutil.copytree(recorded / situation.name, folder, dirs_exist_ok=True)
    (situation.damage or _nothing)(folder)
    return folder
