"""The contestants: how each is installed, run and read."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gates.situations import BASELINE, FAIL, LIMIT, NO_EVIDENCE, PASS, WORKERS, Situation

HERE = Path(__file__).resolve().parent
CRASH = "crash"
"""It ended with a traceback: the build is red, by luck."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A situation, made ready for a contestant."""

    situation: Situation
    folder: Path
    """Where the command runs. For a gate of files, the files are there."""
    last: Path
    """The files of the last run."""
    tools: Path
    """Where the contestant's own programs are."""
    url: str = ""
    """The service, for a gate that runs Locust itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contestant:
    """A gate. A new one is an entry in `CONTESTANTS`."""

    name: str
    """For `--only`, and the name of its environment."""
    title: str
    """Its column in the table."""
    shown: str
    """The command, or what stands for it, on the page."""
    command: Callable[[Case], list[str]]
    packages: tuple[str, ...] = ()
    """What is installed for it from PyPI; empty: it runs in loadgate's own environment."""
    own: tuple[str, ...] = ()
    """What it needs of that environment."""
    runs_locust: bool = True
    """Whether it runs Locust itself, or judges its files."""
    codes: Mapping[int, str] = field(default_factory=dict)
    """What exit codes mean besides 0, which passes; any other fails."""
    cannot: frozenset[str] = frozenset()
    """What nobody can tell it: `Situation.needs`."""
    remember: tuple[str, ...] | None = None
    """Options by which it keeps a run as the one to compare the next with; None: it keeps none."""

    def answer(self, code: int, output: str) -> str:
        """Return what an exit code and output say of a run."""
        if code == 0:
            return PASS
        if code in self.codes:
            return self.codes[code]
        if not self.runs_locust and "Traceback (most recent call last)" in output:
            return CRASH
        return FAIL


LOCUST_CODES = {2: NO_EVIDENCE, -9: NO_EVIDENCE, 137: NO_EVIDENCE}
"""An unhandled error; killed."""


def _locust(*options: str, file: str = "locustfile.py") -> Callable[[Case], list[str]]:
    def command(case: Case) -> list[str]:
        return [
            *(str(case.tools / "locust"), "-f", str(HERE / file), "--host", case.url),
            *("--headless", "--only-summary", "--users", "1", "--csv", "run"),
            *case.situation.options,
            *options,
        ]

    return command


def _taurus(case: Case) -> list[str]:
    text = (HERE / "taurus.yml").read_text("utf-8")
    text = text.replace("${URL}", case.url).replace("${LOCUSTFILE}", str(HERE / "locustfile.py"))
    (case.folder / "taurus.yml").write_text(text, "utf-8")
    return [str(case.tools / "bzt"), "taurus.yml"]


def _locomotive(case: Case) -> list[str]:
    workers = ["--processes", "2", "--users", "2"] if case.situation.needs == WORKERS else []
    return [
        *(str(case.tools / "loco"), "--config", str(HERE / "locomotive.json"), "ci"),
        *("--host", case.url, "--locustfile", str(HERE / "locustfile.py")),
        *("--locust-cmd", str(case.tools / "locust"), "--storage", "artifacts"),
        *("--run-id", case.situation.name, *workers),
    ]


def _script(name: str) -> Callable[[Case], list[str]]:
    def command(case: Case) -> list[str]:
        last = [str(case.last / "run")] if case.situation.needs == BASELINE else []
        return [sys.executable, str(HERE / name), "run", *last]

    return command


def _limits(case: Case, prefix: str = "--") -> list[str]:
    compared = [
        f"{prefix}baseline={case.last / 'run_stats.csv'}",
        f"{prefix}threshold=p95 <= baseline + 50%",
    ]
    return [
        f"{prefix}rules={HERE / 'loadgate.toml'}",
        *(compared if case.situation.needs == BASELINE else []),
    ]


def _check(case: Case) -> list[str]:
    return [sys.executable, "-m", "loadgate", "check", "run_stats.csv", *_limits(case)]


def check_recording(case: Case) -> list[str]:
    """Return the command that judges a recording anew."""
    return [sys.executable, "-m", "loadgate", "check", "run.loadgate.json.gz", *_limits(case)]


def record(case: Case) -> list[str]:
    """Return the command that runs Locust, records the run and judges it."""
    return [
        *(sys.executable, "-m", "loadgate", "locust", "-f", str(HERE / "locustfile.py")),
        *("--host", case.url, "--headless", "--only-summary", "--users", "1", "--csv", "run"),
        *("--json-file", "run"),
        *(case.situation.options),
        *_limits(case, "--loadgate-"),
    ]


CHECKS = "--check-fail-ratio 0.01 --check-avg-response-time 800 --check-rps 1"
ALONE = frozenset({LIMIT, BASELINE})
CONTESTANTS = (
    Contestant(
        name="locust",
        title="Locust's exit code",
        shown="locust -f locustfile.py",
        own=("locust",),
        command=_locust(),
        codes=LOCUST_CODES,
        cannot=ALONE,
    ),
    Contestant(
        name="exit-code-on-error",
        title="`--exit-code-on-error 0`",
        shown="locust -f locustfile.py --exit-code-on-error 0",
        own=("locust",),
        command=_locust("--exit-code-on-error", "0"),
        codes=LOCUST_CODES,
        cannot=ALONE,
    ),
    Contestant(
        name="success",
        title="`success()` for 409",
        shown="locust -f forgiving.py",
        own=("locust",),
        command=_locust(file="forgiving.py"),
        codes=LOCUST_CODES,
        cannot=ALONE,
    ),
    Contestant(
        name="listener",
        title="`quitting` listener",
        shown="locust -f listener.py",
        own=("locust",),
        command=_locust(file="listener.py"),
        codes={**LOCUST_CODES, 3: NO_EVIDENCE},
        cannot=ALONE,
    ),
    Contestant(
        name="locust-plugins",
        title="locust-plugins",
        shown=f"locust -f plugins.py {CHECKS}",
        packages=("locust-plugins", "locust"),
        command=_locust(*CHECKS.split(), file="plugins.py"),
        codes=LOCUST_CODES,
        cannot=ALONE,
    ),
    Contestant(
        name="taurus",
        title="Taurus",
        shown="bzt taurus.yml",
        packages=("bzt", "locust"),
        command=_taurus,
        codes={1: NO_EVIDENCE, 3: FAIL},
        cannot=frozenset({BASELINE, WORKERS}),
    ),
    Contestant(
        name="locomotive",
        title="Locomotive",
        shown="loco --config locomotive.json ci --locustfile locustfile.py",
        packages=("locomotive", "locust"),
        command=_locomotive,
        cannot=frozenset({LIMIT}),
        remember=("--set-baseline",),
    ),
    Contestant(
        name="csv",
        title="60 lines with csv",
        shown="python csv_gate.py run",
        command=_script("csv_gate.py"),
        codes={2: NO_EVIDENCE},
        runs_locust=False,
        cannot=frozenset({BASELINE}),
    ),
    Contestant(
        name="pandas",
        title="50 lines with pandas",
        shown="python pandas_gate.py run",
        own=("pandas",),
        command=_script("pandas_gate.py"),
        codes={2: NO_EVIDENCE},
        runs_locust=False,
    ),
    Contestant(
        name="check",
        title="loadgate, files",
        shown="loadgate check run_stats.csv",
        own=("loadgate",),
        command=_check,
        codes={2: NO_EVIDENCE, 3: NO_EVIDENCE},
        runs_locust=False,
    ),
    Contestant(
        name="recording",
        title="loadgate, recording",
        shown="loadgate locust -f locustfile.py",
        own=("loadgate", "locust"),
        command=record,
        codes={2: NO_EVIDENCE, 3: NO_EVIDENCE, -9: NO_EVIDENCE},
    ),
)
