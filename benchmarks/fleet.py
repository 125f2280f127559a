"""The cost of a report on many made-up results, and what more processes gain."""  # noqa: INP001 - a script

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from time import perf_counter, sleep

from bench import ROOT, BenchError, Cost, Result, peak, report
from made_up import write_run

# Collects a folder with so many jobs and says how many runs that were; without a number of jobs, as
# most users call it, it also makes the report on the last half of the year.
COLLECT = """
import sys
from datetime import date
from loadgate.runs import Settings, collect, find_candidates
from loadgate.weekly.period import choose_period
from loadgate.weekly.report import report
if __name__ == "__main__":
    sources = find_candidates([sys.argv[1]])
    found = collect(sources, settings=Settings(), jobs=int(sys.argv[2]) or None)
    if sys.argv[2] == "0":
        day = date(2026, 11, 1)
        report(found, *choose_period(months=6, today=day), today=day)
    print(len(found.records), len(found.broken))
"""

# What teams write before they look for a tool: endpoints in both periods, and kinds of failures. It
# takes any number for granted, knows nothing of copies, tests nothing and marks nothing.
PANDAS = """
import json, pathlib, sys
import pandas as pd
runs, kinds = [], []
for path in pathlib.Path(sys.argv[1]).glob("*.json"):
    document = json.loads(path.read_text(encoding="utf-8"))
    started = document["run"]["started"]
    for row in document["endpoints"]:
        runs.append((started, row["method"], row["name"], row["requests"],
                     row["true_failures"], row["percentiles"]["95"]))
    for row in document["failures"]:
        kinds.append((started, row["method"], row["name"], row["status"], row["kind"],
                      row["signature"], row["count"]))
runs = pd.DataFrame(runs, columns=["started", "method", "name", "requests", "true", "p95"])
kinds = pd.DataFrame(
    kinds, columns=["started", "method", "name", "status", "kind", "signature", "count"]
)
for frame in (runs, kinds):
    frame["started"] = pd.to_datetime(frame["started"], utc=True, format="ISO8601")
    frame["now"] = frame["started"] >= pd.Timestamp(sys.argv[2], tz="UTC")
endpoints = runs.groupby(["method", "name", "now"]).agg(
    requests=("requests", "sum"), true=("true", "sum"), p95=("p95", "median")
)
endpoints["rate"] = endpoints["true"] / endpoints["requests"]
print(endpoints.unstack().to_string())
known = kinds.groupby(["method", "name", "status", "kind", "signature"], dropna=False).agg(
    first=("started", "min"), last=("started", "max"), count=("count", "sum")
)
print(known.sort_values("count", ascending=False).head(50).to_string())
"""
MONTHS = ("--months", "6", "--today", "2026-11-01")

ENDPOINTS, KINDS = 20, 30
PERCENTILES = ("50", "66", "75", "80", "90", "95", "98", "99", "99.9", "100")
FIRST, SPAN = datetime(2025, 11, 1, tzinfo=UTC), timedelta(days=365)


def main() -> int:
    """Measure, report, and with --assert exit with 1 if a target is missed."""
    options = parse_options()
    with tempfile.TemporaryDirectory(prefix="loadgate-bench-") as name:
        folder = Path(name)
        (folder / "collect.py").write_text(COLLECT, encoding="utf-8")
        try:
            results = [
                *growing(folder, options.results, options.rounds),
                *months(folder, options.results, options.rounds),
                *shared(folder, options.results, options.runs, options.rounds),
            ]
        except BenchError as error:
            sys.exit(f"fleet.py: {error}")
    return report(results, options)


def parse_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Measure how reports on many results grow.")
    add = parser.add_argument
    add("--results", type=int, default=10_000, help="result documents, at most")
    add("--runs", type=int, default=400, help="raw runs")
    add("--rounds", type=int, default=3, help="rounds of each measurement")
    add("--json", action="store_true", help="print JSON instead of a table")
    add("--assert", dest="check", action="store_true", help="exit with 1 if a target is missed")
    return parser.parse_args()


# --- what is measured ---------------------------------------------------------------------------


def growing(folder: Path, most: int, rounds: int) -> Iterator[Result]:
    """Report on a hundredth, a tenth and all of the documents, as a user would."""
    numbers = (most // 100, most // 10, most)
    costs: dict[int, list[Cost]] = {}
    for number in numbers:
        write_documents(folder / f"{number}", number)
        costs[number] = measured(folder, f"{number}", number, rounds, jobs=0)
    for less, more in pairwise(numbers):
        one, other = best(costs[more]), best(costs[less])
        yield Result(
            what=f"time, {more:,} documents / {less:,}",
            value=one / other,
            unit="x",
            target=12,
            detail=f"{one:.2f} s / {other:.2f} s; 10 is in proportion, less: starting up",
        )
    for number in numbers:
        yield Result(
            what=f"peak memory, {number:,} documents",
            value=peak(costs[number]),
            unit="MiB",
            target=400,
            detail="of all processes together",
        )


def months(folder: Path, documents: int, rounds: int) -> Iterator[Result]:
    """Report on half a year, compared with the half before, against a script with pandas."""
    place, cores = f"{documents}", os.cpu_count() or 1
    report = [sys.executable, "-m", "loadgate", "report", place, *MONTHS]
    commands = {
        "script": [sys.executable, "-c", PANDAS, place, "2026-05-01"],
        "one process": [*report, "--jobs", "1", "--output", "markdown:report.md"],
        f"{cores} processes": [*report, "--jobs", f"{cores}", "--output", "markdown:report.md"],
    }
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
    for round_ in range(rounds + 1):
        for name, command in commands.items():  # in turn, so that a slow moment meets all of them
            cost, _ = measure(folder, command)
            if round_:
                costs[name].append(cost)
    script = best(costs.pop("script"))
    for name, of in costs.items():
        yield Result(
            what=f"report --months 6, {documents:,} documents, {name} / script with pandas",
            value=best(of) / script,
            unit="x",
            target=3,
            detail=f"{best(of):.2f} s / {script:.2f} s",
        )
        yield Result(
            what=f"peak memory, report --months 6, {name}",
            value=peak(of),
            unit="MiB",
            target=400,
            detail="of all processes together",
        )


def shared(folder: Path, documents: int, runs: int, rounds: int) -> Iterator[Result]:
    """Collect documents and raw runs in one process, and in one for each core."""
    for number in range(runs):
        (folder / "raw" / f"{number}").mkdir(parents=True)
        write_run(folder / "raw" / f"{number}" / "run", rows=1000 + number, occurrences=1)
    cores = os.cpu_count() or 1
    for what, name, number in (
        (f"{documents:,} documents", f"{documents}", documents),
        (f"{runs:,} raw runs of 1,000 texts", "raw", runs),
    ):
        one = best(measured(folder, name, number, rounds, jobs=1))
        all_ = best(measured(folder, name, number, rounds, jobs=cores))
        yield Result(
            what=f"speed-up, {what}",
            value=one / all_,
            unit="x",
            target=None,
            detail=f"{one:.2f} s in one process / {all_:.2f} s in {cores}",
        )


def best(costs: list[Cost]) -> float:
    """Return the shortest time: in others something else took the cores that this is about."""
    return min(cost.seconds for cost in costs)


def write_documents(folder: Path, number: int) -> None:
    """Write so many result documents of a year, as large as those of real services."""
    folder.mkdir()
    for place in range(number):
        begin = FIRST + place * SPAN / number
        text = json.dumps(document(place, begin), indent=2)
        (folder / f"{place:06}.json").write_text(text, encoding="utf-8")


def document(number: int, begin: datetime) -> dict[str, object]:
    """Return a result document of ENDPOINTS endpoints and KINDS kinds of failure."""
    times = {
        **dict.fromkeys(("avg", "min", "max", "median", "rps"), 12.5),
        "percentiles": dict.fromkeys(PERCENTILES, 40.5 + number % 50),
    }
    kinds = [
        {
            "method": "POST",
            "name": f"/tenants/[id]/collection-{kind % ENDPOINTS}/state",
            "status": (409, 500)[kind % 2],
            "kind": ("expected", "true")[kind % 2],
            "signature": f"CatchResponseError('Expected [200, 403, 404], got * of {kind}: *')",
            "count": 1 + number % 7,
            "rule": ("toggle-conflict", None)[kind % 2],
        }
        for kind in range(KINDS)
    ]
    rows = []
    for place in range(ENDPOINTS):
        name = f"/tenants/[id]/collection-{place}/state"
        mine = [kind for kind in kinds if kind["name"] == name]
        counts = {
            decision: sum(int(str(kind["count"])) for kind in mine if kind["kind"] == decision)
            for decision in ("expected", "true")
        }
        rows.append(counted(1000 + number, counts) | {"unexplained": 0, **times})
        rows[-1] |= {"method": "POST", "name": name}
    summed = {
        decision: sum(int(str(row[f"{decision}_failures"])) for row in rows)
        for decision in ("expected", "true")
    }
    requests = ENDPOINTS * (1000 + number)
    failed = {"": sum(summed.values()), "expected_": summed["expected"], "true_": summed["true"]}
    rates = {f"{of}failure_rate": count / requests for of, count in failed.items()}
    return {
        "format": "loadgate.result",
        "version": 1,
        "outcome": "passed",
        "run": {
            "label": f"nightly {number}",
            "started": begin.isoformat(),
            "ended": (begin + timedelta(seconds=50)).isoformat(),
            "time_from": "history",
            "branch": "main",
            "commit": f"{number:040x}",
            "link": f"https://ci.example/runs/{number}",
            "sources": [{"role": "statistics", "path": "run_stats.csv"}],
            "rules": ["loadgate.toml"],
            "baseline": [],
            "partial": False,
            "contradictions": [],
        },
        "totals": counted(requests, summed) | {**rates, **times, "task_exceptions": 0},
        "endpoints": rows,
        "failures": kinds,
        "rules": [
            {
                "id": "toggle-conflict",
                "why": "Of two concurrent toggles the loser gets 409.",
                "matched": summed["expected"],
                "state": "used",
                "expiring": False,
                "excuses": True,
                **dict.fromkeys(("at_most", "owner", "ticket", "expires", "origin")),
            }
        ],
        "checks": [
            {
                "require": "true_failure_rate <= 1%",
                **dict.fromkeys(("endpoint", "rule", "baseline")),
                "metric": "true_failure_rate",
                "unit": "ratio",
                "actual": rates["true_failure_rate"],
                "limit": 0.01,
                "result": "passed",
                "severity": "error",
                "note": "default limit",
            }
        ],
        "warnings": [],
    }


def counted(requests: int, counts: dict[str, int]) -> dict[str, object]:
    """Return the counts of an endpoint, or of the whole run."""
    return {
        "requests": requests,
        "failures": counts["expected"] + counts["true"],
        "expected_failures": counts["expected"],
        "true_failures": counts["true"],
    }


# --- processes ----------------------------------------------------------------------------------


def measured(folder: Path, name: str, number: int, rounds: int, *, jobs: int) -> list[Cost]:
    """Collect a folder several times; raises BenchError unless all of its runs were there."""
    costs = []
    for round_ in range(rounds + 1):
        cost, said = measure(folder, [sys.executable, "collect.py", name, str(jobs)])
        if said != f"{number} 0":
            raise BenchError(f"{name}: there are {number} runs, and it said {said!r}")
        if round_:  # the first round fills the caches of the disk and of compiled modules
            costs.append(cost)
    return costs


def measure(folder: Path, command: Sequence[str]) -> tuple[Cost, str]:
    """Run a command in a session of its own, and watch the memory of all of its processes."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": str(folder / "pyc")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    most: float | None = None
    start = perf_counter()
    with subprocess.Popen(  # noqa: S603 - our own command
        command,
        stdout=subprocess.PIPE,
        text=True,
        cwd=folder,
        env=environment,
        start_new_session=True,
    ) as process:
        while process.poll() is None:
            used = memory_of_session(process.pid)
            most = max(most or 0, used) if used is not None else most
            sleep(0.05)
        seconds = perf_counter() - start
        said = process.stdout.read().strip() if process.stdout else ""
    if process.returncode:
        raise BenchError(f"{command[1:5]} ended with {process.returncode}")
    return Cost(seconds=seconds, peak=most), said


def memory_of_session(session: int) -> float | None:
    """Return the MiB that the processes of a session take, shared pages counted once.

    None where the platform does not say (all but Linux).
    """
    if sys.platform != "linux":
        return None
    total = 0
    for process in Path("/proc").iterdir():
        try:
            if process.name.isdigit() and os.getsid(int(process.name)) == session:
                rollup = (process / "smaps_rollup").read_text(encoding="ascii")
                total += int(rollup.partition("\nPss:")[2].split()[0])
        except (OSError, IndexError):
            continue  # it has just ended
    return total / 1024


if __name__ == "__main__":
    sys.exit(main())
