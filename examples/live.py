"""`make demo-live`: the same load test on a sound service and on a faulty one, both judged."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from textwrap import TextWrapper
from typing import Any

from load_test import HERE, DemoError, Result, add_options, guarded, last_lines, load_test

PASSED, FAILED = 0, 1
WORDS = {PASSED: "passed", FAILED: "failed"}
LOCKS = ("--lock-timeout-ms=200",)  # shorter than the limit of response times in loadgate.toml
FAULT = ("--batch-job", *LOCKS)
WIDTH = 80

INTRODUCTION = """\
A small service lets users switch tools on and off. If two switch one tool at
the same moment, the second gets 409 Conflict, and nothing is lost: that is
optimistic locking. Locust counts every 409 as a failure. loadgate has a rules
file, which expects 409 there and nowhere else.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A load test and what was said of it."""

    locust: Result
    """What Locust and the service said."""
    exit_code: int
    """loadgate's."""
    verdict: dict[str, Any]
    """loadgate's result document."""

    @property
    def failures(self) -> Counter[str]:
        """How many failures loadgate counted, per status."""
        counts: Counter[str] = Counter()
        for failure in self.verdict["failures"]:
            counts[str(failure["status"])] += failure["count"]
        return counts

    @property
    def answers(self) -> Counter[str]:
        """How many answers the service counted, per status."""
        counts: Counter[str] = Counter()
        for by_status in self.locust.tally.values():
            counts.update(by_status)
        return counts

    @property
    def counted_alike(self) -> bool:
        """Whether the service counted as many of each status, and of 409, as loadgate."""
        answers, failures = self.answers, self.failures
        return all(answers[status] == failures[status] for status in {"409", *failures})


def main() -> int:
    """Run the demonstration; return 0 if it shows what it is to show."""
    parser = argparse.ArgumentParser(
        description="Judge live runs of the example service, a sound and a faulty one.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add_options(parser, seconds=10)
    rules = HERE / "loadgate.toml"
    parser.add_argument("--rules", type=Path, default=rules, help="rules to judge by")
    options = parser.parse_args()
    return guarded(lambda: demonstrate(options))


def demonstrate(options: argparse.Namespace) -> int:
    """Run and judge both load tests, and hold them against what they are to show."""
    load = f"{options.users} users, {options.seconds} seconds ..."
    say(INTRODUCTION)
    say(f"RUN 1: the service works. {load}")
    sound = run(options.folder / "sound", options, *LOCKS)
    say(description(sound))
    say(f"RUN 2: a batch job locks the table; writers get 503. {load}")
    faulty = run(options.folder / "faulty", options, *FAULT)
    say(description(faulty))
    claims = claims_of(sound, faulty)
    say("WHAT THIS SHOWS")
    for claim, holds in claims.items():
        say(f"{'yes' if holds else 'NO '}  {claim}")
    say("\nThe whole verdict on run 2, with response times and budgets:")
    say(f"  .venv/bin/loadgate check {short(options.folder / 'faulty' / 'run.html')} \\")
    say(f"    --rules {short(options.rules)}")
    return 0 if all(claims.values()) else 1


def short(path: Path) -> str:
    """Return a path as a person here would write it."""
    try:
        return str(path.absolute().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def run(folder: Path, options: argparse.Namespace, *service_options: str) -> Run:
    """Run Locust alone, then have loadgate judge its report; both end with a code of their own."""
    result = load_test(folder, options, *service_options)
    command = [sys.executable, "-m", "loadgate", "check", str(folder / "run.html")]
    command += ["--rules", str(options.rules), "--output", f"json:{folder / 'verdict.json'}"]
    command += ["--output", f"markdown:{folder / 'verdict.md'}"]
    with (folder / "loadgate.log").open("wb") as log:
        code = subprocess.run(command, check=False, stdout=log, stderr=log).returncode
    if code not in WORDS:
        log_text = last_lines(folder / "loadgate.log")
        raise DemoError(f"loadgate could not judge the run, exit {code}:\n{log_text}")
    verdict = json.loads((folder / "verdict.json").read_text(encoding="utf-8"))
    return Run(locust=result, exit_code=code, verdict=verdict)


def claims_of(sound: Run, faulty: Run) -> dict[str, bool]:
    """Return what the demonstration is to show, and whether each of it holds."""
    return {
        "Run 1: Locust alone fails the build, loadgate passes it.": (
            sound.locust.exit_code == FAILED and sound.exit_code == PASSED
        ),
        "Both runs: for each status, loadgate and the service count the same.": (
            sound.failures["409"] > 0 and sound.counted_alike and faulty.counted_alike
        ),
        "Run 2: loadgate fails the build, because of the 503s.": (
            faulty.exit_code == FAILED
            and true_failures(faulty, "503") > 0
            and any("true_failure" in check["metric"] for check in failed_checks(faulty))
        ),
    }


def description(run: Run) -> str:
    """Return what was said of a run."""
    totals = run.verdict["totals"]
    counts = f"{totals['failures']:,} of {totals['requests']:,} requests failed"
    verdict = f"{totals['expected_failures']:,} expected, {totals['true_failures']:,} true"
    code = run.locust.exit_code
    lines = [
        f"  Locust alone: {WORDS[code]}, exit {code} ({counts})",
        f"  loadgate:     {WORDS[run.exit_code]}, exit {run.exit_code} ({verdict})",
        *indented(limits(run)),
        *indented(f"warning: {warning}" for warning in run.verdict["warnings"]),
        "",
        "  failures  status  verdict   endpoint",
        *table(run.verdict["failures"]),
        f"  The service itself counted {counted(run)}: {agreement(run)}.",
        "",
    ]
    return "\n".join(lines)


def failed_checks(run: Run) -> list[dict[str, Any]]:
    """Return the checks for which loadgate failed the run."""
    checks = run.verdict["checks"]
    return [each for each in checks if (each["result"], each["severity"]) == ("failed", "error")]


def limits(run: Run) -> list[str]:
    """Return the limits that the run exceeds, with what it has; the first few."""
    lines = [
        f"limit {check['require']}: the run has {shown(check['actual'], check['unit'])}"
        + (f" at {check['endpoint']}" if check["endpoint"] else "")
        for check in failed_checks(run)
    ]
    return lines if len(lines) <= 3 else [*lines[:2], f"and {len(lines) - 2} more limits"]


def indented(texts: Iterable[str]) -> list[str]:
    """Return texts as lines that stand below what was said of the verdict."""
    indent = " " * 16
    wrapper = TextWrapper(WIDTH, initial_indent=indent, subsequent_indent=f"{indent}  ")
    return [line for text in texts for line in wrapper.wrap(text)]


def shown(actual: float | None, unit: str) -> str:
    """Return a value as a limit is written."""
    if actual is None:
        return "unknown"
    return f"{actual:.1%}" if unit == "ratio" else f"{actual:,.0f}{' ms' * (unit == 'ms')}"


def table(failures: list[dict[str, Any]]) -> list[str]:
    """Return a row for each status and verdict; most failures first."""
    counts: Counter[tuple[str, str]] = Counter()
    endpoints: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for failure in failures:
        kind = str(failure["status"] or "-"), failure["kind"]
        counts[kind] += failure["count"]
        endpoints[kind][f"{failure['method']} {failure['name']}"] += failure["count"]
    lines = []
    for (status, verdict), count in counts.most_common():
        (most, _), *others = endpoints[status, verdict].most_common()
        where = f"{most} and {len(others)} more" if others else most
        lines.append(f"  {count:8,}  {status:>6}  {verdict:<8}  {where}"[:WIDTH])
    return lines


def counted(run: Run) -> str:
    """Return the answers that the service counted of each status in the table."""
    first, *others = sorted({"409", *run.failures} - {"None"})
    parts = [f"{run.answers[first]:,} answers with {first}"]
    parts += [f"{run.answers[status]:,} with {status}" for status in others]
    return " and ".join(parts)


def agreement(run: Run) -> str:
    """Say whether the service counted as loadgate did."""
    return "the same" if run.counted_alike else "NOT the same"


def true_failures(run: Run, status: str) -> int:
    """Return how many failures with a status loadgate called true."""
    return sum(
        failure["count"]
        for failure in run.verdict["failures"]
        if failure["kind"] == "true" and str(failure["status"]) == status
    )


def say(text: str) -> None:
    """Print at once: the runs take their time."""
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
