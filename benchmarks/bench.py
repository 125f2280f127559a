"""The cost of judging made-up runs, next to baselines."""  # noqa: INP001 - a script

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

from made_up import write_run

ROOT = Path(__file__).resolve().parent.parent

# A process that only starts and imports what a check cannot do without.
IMPORTS = "import click, jsonschema, tabulate, tomllib, csv"

# A process that only goes once through the rows.
READER = """
import csv, sys
csv.field_size_limit(2**31 - 1)
with open(sys.argv[1] + "_failures.csv", newline="", encoding="utf-8") as file:
    for row in csv.reader(file):
        pass
"""

# What teams write before they look for a tool. It takes "Expected [200, 409], got 500" and a port
# for conflicts, keeps no reasons, notices no damaged file and knows one version of Locust.
NAIVE = r"""
import csv, re, sys
conflict = re.compile(r"\b409\b")
with open(sys.argv[1] + "_stats.csv", newline="", encoding="utf-8") as file:
    for row in csv.DictReader(file):
        if row["Name"] == "Aggregated":
            requests, failures = int(row["Request Count"]), int(row["Failure Count"])
expected = 0
with open(sys.argv[1] + "_failures.csv", newline="", encoding="utf-8") as file:
    for row in csv.DictReader(file):
        if row["Name"].endswith("/state") and conflict.search(row["Error"]):
            expected += int(row["Occurrences"])
rate = (failures - expected) / requests
print(f"{failures} failures, {expected} expected, {rate:.2%} of {requests} true")
sys.exit(rate > 0.01)
"""

# The same job by hand, as a good engineer would write it in an hour: the status from its place in
# the three common forms, kinds with what varies masked, so that a report can be read. Still no
# rules file, no budgets, no other version of Locust, and no word on a damaged file.
BY_HAND = r"""
import csv, re, sys
from collections import Counter
status = re.compile(r"code=(\d{3})\b|(\d{3}) (?:Client|Server) Error: |got (\d{3})\b")
varies = re.compile(r"(?:https?:/)?/[^\s'\"]+|[0-9a-f]{8}-[0-9a-f-]{27}|\b\d+\b")
with open(sys.argv[1] + "_stats.csv", newline="", encoding="utf-8") as file:
    *_, total = csv.DictReader(file)
requests, failures = int(total["Request Count"]), int(total["Failure Count"])
kinds = Counter()
with open(sys.argv[1] + "_failures.csv", newline="", encoding="utf-8") as file:
    rows = csv.reader(file)
    next(rows)
    for method, name, error, count, *_ in rows:
        found = status.search(error)
        code = found and found[found.lastindex]
        kinds[method, name, code, varies.sub("*", error)] += int(count)
conflicts = [kind for kind in kinds if kind[1].endswith("/state") and kind[2] == "409"]
expected = sum(kinds[kind] for kind in conflicts)
for kind, count in kinds.most_common(20):
    print(count, *kind)
rate = (failures - expected) / requests
print(f"{failures} failures, {expected} expected, {rate:.2%} of {requests} true")
sys.exit(rate > 0.01)
"""

# A process that only reads every document of a folder.
DOCUMENTS = """
import json, pathlib, sys
for path in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    json.loads(path.read_text(encoding="utf-8"))
"""
RUNS = (10, 100, 1000)
WEEK = datetime(2026, 11, 9, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one process cost."""

    seconds: float
    peak: float | None
    """Largest resident memory in MiB; None where the platform does not say (Windows)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One line of the report."""

    what: str
    value: float | None
    """None: not measured on this platform."""
    unit: str
    target: float | None
    """The largest value wanted; None: for comparison only."""
    detail: str

    @property
    def holds(self) -> bool | None:
        """Say whether the target is met; None: there is nothing to say."""
        if self.value is None or self.target is None:
            return None
        return self.value <= self.target


class BenchError(Exception):
    """A process that did not do what is measured."""


def main() -> int:
    """Measure, report, and with --assert exit with 1 if a target is missed."""
    options = parse_options()
    with tempfile.TemporaryDirectory(prefix="loadgate-bench-") as name:
        folder = Path(name)
        try:
            results = [
                *start_up(folder, options.rounds),
                *large_run(folder, options.rows, max(1, options.rounds // 2)),
                *weekly(folder, max(1, options.rounds // 2)),
            ]
        except BenchError as error:
            sys.exit(f"bench.py: {error}")
    return report(results, options)


def report(results: Sequence[Result], options: argparse.Namespace) -> int:
    """Print results as a table or, with --json, as JSON; return the exit code."""
    if options.json:
        rows = [asdict(result) | {"holds": result.holds} for result in results]
        sys.stdout.write(json.dumps(rows, indent=2) + "\n")
    else:
        sys.stdout.write(table(results))
    return int(options.check and any(result.holds is False for result in results))


def parse_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Measure a check next to baselines.")
    add = parser.add_argument
    add("--rows", type=int, default=1_000_000, help="rows of the large failures file")
    add("--rounds", type=int, default=7, help="rounds for starting up; half as many for rows")
    add("--json", action="store_true", help="print JSON instead of a table")
    add("--assert", dest="check", action="store_true", help="exit with 1 if a target is missed")
    return parser.parse_args()


# --- what is measured ---------------------------------------------------------------------------


def start_up(folder: Path, rounds: int) -> Iterator[Result]:
    """Judge a small run against a process that only imports."""
    write_run(folder / "small", rows=45, occurrences=22)
    costs = interleaved(
        {
            "check": check_command(folder / "small"),
            "imports": [sys.executable, "-c", IMPORTS],
            "version": [sys.executable, "-m", "loadgate", "--version"],
            "python": [sys.executable, "-c", "pass"],
        },
        folder,
        rounds,
    )
    verify(folder / "small", failures=45 * 22)
    yield ratio("loadgate --version / python -c pass", costs, "version", "python", target=None)
    yield ratio("judge 15 endpoints / only import", costs, "check", "imports", target=1.5)


def large_run(folder: Path, rows: int, rounds: int) -> Iterator[Result]:
    """Judge a run with a failure row per request, and one with a tenth of the rows."""
    write_run(folder / "large", rows=rows, occurrences=1)
    write_run(folder / "tenth", rows=rows // 10, occurrences=1)
    costs = interleaved(
        {
            "check": check_command(folder / "large"),
            "tenth": check_command(folder / "tenth"),
            "reader": [sys.executable, "-c", READER, str(folder / "large")],
            "naive": [sys.executable, "-c", NAIVE, str(folder / "large")],
            "by hand": [sys.executable, "-c", BY_HAND, str(folder / "large")],
        },
        folder,
        rounds,
    )
    verify(folder / "large", failures=rows)
    verify(folder / "tenth", failures=rows // 10)
    yield ratio(f"judge {rows:,} rows / only csv.reader", costs, "check", "reader", target=4)
    yield ratio(f"judge {rows:,} rows / naive script", costs, "check", "naive", target=None)
    yield ratio(f"judge {rows:,} rows / the job by hand", costs, "check", "by hand", target=1)
    yield memory(f"peak memory, {rows // 10:,} rows", costs["tenth"])
    yield memory(f"peak memory, {rows:,} rows", costs["check"])
    yield growth("peak memory, ten times the rows", costs["check"], costs["tenth"])


def weekly(folder: Path, rounds: int) -> Iterator[Result]:
    """Report on the week of so many runs, against only reading their documents."""
    verdict = json.loads((folder / "small.json").read_text(encoding="utf-8"))
    for runs in RUNS:
        place = folder / f"runs-{runs}"
        place.mkdir()
        for number in range(runs):
            ended = WEEK + timedelta(days=14) * number / runs
            verdict["run"] |= {
                "label": f"run {number}",
                "started": f"{ended - timedelta(minutes=5):%Y-%m-%dT%H:%M:%SZ}",
                "ended": f"{ended:%Y-%m-%dT%H:%M:%SZ}",
            }
            (place / f"{number:04}.json").write_text(json.dumps(verdict), encoding="utf-8")
        report = [sys.executable, "-m", "loadgate", "report", str(place), "--jobs", "1"]
        costs = interleaved(
            {
                "report": [*report, "--week", "2026-W47", "--output", f"markdown:{place}.md"],
                "documents": [sys.executable, "-c", DOCUMENTS, str(place)],
            },
            folder,
            rounds,
        )
        yield ratio(f"report on {runs:,} runs / only read them", costs, "report", "documents",
                    target=None)  # fmt: skip
        yield memory(f"peak memory, report on {runs:,} runs", costs["report"], target=None)


def ratio(
    what: str, costs: Mapping[str, list[Cost]], one: str, other: str, *, target: float | None
) -> Result:
    """Compare the medians of two commands that were run side by side."""
    mine, base = (statistics.median(cost.seconds for cost in costs[key]) for key in (one, other))
    detail = f"{mine:.3f} s / {base:.3f} s"
    return Result(what=what, value=mine / base, unit="x", target=target, detail=detail)


def memory(what: str, costs: Sequence[Cost], *, target: float | None = 80) -> Result:
    """Report the largest peak of any round."""
    return Result(
        what=what, value=peak(costs), unit="MiB", target=target, detail="largest of all rounds"
    )


def growth(what: str, large: Sequence[Cost], small: Sequence[Cost]) -> Result:
    """Compare two peaks."""
    more, less = peak(large), peak(small)
    value = more / less if more and less else None
    return Result(what=what, value=value, unit="x", target=1.1, detail="1.0: it does not grow")


def peak(costs: Sequence[Cost]) -> float | None:
    """Return the largest peak, in MiB."""
    return max((cost.peak for cost in costs if cost.peak is not None), default=None)


# --- processes ----------------------------------------------------------------------------------


def check_command(run: Path) -> list[str]:
    """Return the command that judges a run by the bundled rules."""
    return [
        *(sys.executable, "-m", "loadgate", "check", f"{run}_stats.csv"),
        *("--output", f"json:{run}.json", "--output", f"text:{run}.txt"),
    ]


def interleaved(
    commands: Mapping[str, Sequence[str]], folder: Path, rounds: int
) -> dict[str, list[Cost]]:
    """Run all commands in turn, `rounds` times, so that a slow moment meets all of them."""
    costs: dict[str, list[Cost]] = {key: [] for key in commands}
    for number in range(rounds + 1):
        for key, command in commands.items():
            cost = measure(command, folder)
            if number:  # the first round fills the caches of the disk and of compiled modules
                costs[key].append(cost)
    return costs


def measure(command: Sequence[str], folder: Path) -> Cost:
    """Run one process; raises BenchError if it ends in an error instead of a verdict.

    On Linux a process starts with the peak of the one that started it, which is why this file
    never holds a run in memory.
    """
    log = folder / "output.log"
    # Both sides find their modules compiled, and the checkout stays clean.
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": str(folder / "pyc")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    with log.open("wb") as output:
        start = perf_counter()
        process = subprocess.Popen(  # noqa: S603 - our own commands
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=folder,
            env=environment,
        )
        if sys.platform == "win32":
            process.wait()
            peak_mib = None
        else:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            # Bytes on macOS, KiB everywhere else (getrusage(2) of either).
            peak_mib = usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
        seconds = perf_counter() - start
    said = log.read_text(encoding="utf-8", errors="replace")
    if process.returncode not in (0, 1) or "Traceback" in said:
        raise BenchError(f"{command[1:5]} ended with {process.returncode}:\n{said[-2000:]}")
    return Cost(seconds=seconds, peak=peak_mib)


def verify(run: Path, *, failures: int) -> None:
    """Raise BenchError unless the verdict accounts for every failure: speed alone is no merit."""
    totals = json.loads(run.with_suffix(".json").read_text(encoding="utf-8"))["totals"]
    explained = totals["expected_failures"] + totals["true_failures"]
    if not failures == totals["failures"] == explained or not totals["expected_failures"]:
        raise BenchError(f"{run.name}: {failures} failures were written, the verdict has {totals}")


# --- report -------------------------------------------------------------------------------------


def table(results: Sequence[Result]) -> str:
    """Return the report as aligned text."""
    lines = [("", "measured", "target", "holds", "")]
    for result in results:
        value = "-" if result.value is None else f"{result.value:.2f} {result.unit}"
        target = "-" if result.target is None else f"<= {result.target:g} {result.unit}"
        holds = {True: "yes", False: "NO", None: "-"}[result.holds]
        lines.append((result.what, value, target, holds, result.detail))
    widths = [max(len(line[column]) for line in lines) for column in range(4)]
    return "".join(
        f"{line[0]:<{widths[0]}}  {line[1]:>{widths[1]}}  {line[2]:>{widths[2]}}"
        f"  {line[3]:<{widths[3]}}  {line[4]}".rstrip()
        + "\n"
        for line in lines
    )


if __name__ == "__main__":
    sys.exit(main())
