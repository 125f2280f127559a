"""Calls of the command whose outputs a snapshot keeps: inputs, policies, and what is asked of each."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

TODAY = "--today=2026-11-27"
OUT = Path("out")

RULES = "examples/runs/loadgate.toml"
POLICIES: dict[str, tuple[str, ...]] = {
    "default": (),
    "no-rules": ("--rules=no-rules.toml",),
    "example": (f"--rules={RULES}", "--threshold=true_failure_rate <= 5%"),
    "preset": ("--rules=rate-limiting", "--threshold=true_failure_rate <= 20%"),
    "limits": (
        "--rules=examples/runs/strict.toml",
        "--strict-rules",
        "--baseline=examples/runs",
        "--threshold=true_failures <= 0",
        "--threshold=p95 <= 1ms",
        "--threshold=p95 <= baseline + 10%",
        "--threshold=new_failure_kinds <= 0",
        "--threshold=status_5xx <= 0",
        "--threshold=status_unknown_rate <= 0.1%",
    ),
    "partial": ("--allow-partial", "--threshold=true_failure_rate <= 100%"),
}
OUTPUTS: tuple[str, ...] = (
    "text",
    "json:out/result.json",
    "markdown:out/result.md",
    "junit:out/result.xml",
)
OUTPUTS += ("github:out/github.txt", "csv:out/locust")
RESULT = re.compile(r"stats(_requests)?\.csv|\.html|(stdout|run_file|stats_requests)\.json")
"""The files that people give to check; of others the verdict is kept alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One call of the command."""

    name: str
    arguments: tuple[str, ...] = ()
    """What stands behind `loadgate`; without any it is the GitHub Action that runs."""
    environment: dict[str, str] = field(default_factory=dict)


def inputs() -> list[tuple[str, bool]]:
    """Return all inputs below the current folder, and whether each is what people give."""
    found: list[tuple[str, bool]] = []
    for folder, _, names in sorted(os.walk(".")):
        place = folder.removeprefix("./")
        if names and not place.startswith((".", "out", "examples/optimistic", "examples/weeks")):
            found.append((place, True))
            for name in sorted(names):
                path = f"{place}/{name}"
                found.append((path, bool(RESULT.search(name))))
                if name.endswith("_stats.csv"):
                    found.append((path.removesuffix("_stats.csv"), True))
    return found


def cases_of(target: str, *, given: bool) -> list[Case]:
    """Return what is asked about one input: of a folder everything, of other forms the most."""
    if not given:
        return [_check(target, "default", "json:out/result.json")]
    explain = ("explain", target, TODAY)
    cases = [Case(name="explain", arguments=(*explain, f"--rules={RULES}"))]
    if not Path(target).is_dir():
        return [*cases, *(_check(target, name, *OUTPUTS) for name in ("default", "partial"))]
    compared = ("text", "markdown:out/comparison.md", "json:out/comparison.json")
    options = (TODAY, *(f"--output={output}" for output in compared))
    lint = ("rules", "lint", RULES, f"--run={target}", TODAY, "--output=json")
    return [
        *cases,
        *(_check(target, name, *OUTPUTS) for name in POLICIES),
        Case(name="explain all", arguments=(*explain, "--rules=rate-limiting", "--all")),
        Case(name="compare", arguments=("compare", "examples/runs", target, *options)),
        Case(name="suggest", arguments=("rules", "suggest", target, TODAY)),
        Case(name="lint", arguments=lint),
        Case(name="action", environment=_action(target)),
    ]


def _check(target: str, policy: str, *outputs: str) -> Case:
    options = (TODAY, *POLICIES[policy], *(f"--output={output}" for output in outputs))
    return Case(name=f"check {policy}", arguments=("check", target, *options))


def _action(target: str) -> dict[str, str]:
    return {
        "LOADGATE_RESULTS": target,
        "LOADGATE_RULES": "rate-limiting",
        "RUNNER_TEMP": str(OUT),
        "GITHUB_OUTPUT": str(OUT / "outputs.txt"),
        "GITHUB_STEP_SUMMARY": str(OUT / "summary.md"),
    }


def other_cases() -> Iterator[tuple[str, list[Case]]]:
    """Return what is asked about many inputs at once, and about rules files."""
    weeks: dict[str, tuple[str, ...]] = {"examples/weeks": ("2026-W46", "2026-W47")}
    if Path("shared/runs").is_dir():
        weeks["shared/runs"] = ("2026-W48",)
    for folder, names in weeks.items():
        for week in names:
            for rules, charts in (("optimistic-locking", "mermaid"), (RULES, "svg")):
                written = ("markdown:out/report.md", "html:out/report.html", "json:out/report.json")
                asked = ("report", folder, f"--week={week}", TODAY, "--jobs=1", f"--rules={rules}")
                options = (f"--charts={charts}", *(f"--output={output}" for output in written))
                case = Case(name=f"report {charts}", arguments=(*asked, *options))
                yield f"{folder} {week} {charts}", [case]
    several = [
        "examples/runs",
        "examples/seed-run",
        *map(str, sorted(Path().glob("shared/runs/*std"))),
    ]
    outputs = ("--output=text", "--output=json:out/{label}.json")
    yield "several runs", [Case(name="check", arguments=("check", *several, TODAY, *outputs))]
    files = ("examples/runs/strict.toml", "examples/optimistic-locking/loadgate.toml")
    for rules in (RULES, *files, "optimistic-locking", "rate-limiting", "conditional-requests"):
        yield (
            f"rules {rules}",
            [
                Case(name="lint", arguments=("rules", "lint", rules, TODAY)),
                Case(name="lint json", arguments=("rules", "lint", rules, TODAY, "--output=json")),
                Case(name="test", arguments=("rules", "test", rules, TODAY)),
            ],
        )
