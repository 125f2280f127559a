"""`make demo-live`: what it tells of real runs, and that it notices what it does not show."""

from __future__ import annotations

import importlib
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("sqlalchemy", reason="the example service needs the dependency group `live`")
if find_spec("locust") is None:  # to import it would make this process one of gevent's
    pytest.skip("the demonstration needs the dependency group `live`", allow_module_level=True)

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
COUNTED = ROOT / "tests" / "counted.py"
LOCUSTFILE = EXAMPLES / "optimistic-locking" / "locustfile.py"
COLUMNS, LINES = 80, 40
HANG = 1200  # seconds
RULES = """\
version = 1
[[rules]]
id = "state-toggle-conflict"
endpoint = "POST /**/state"
status = 409
why = "Optimistic locking."
[[thresholds]]
require = "true_failure_rate <= 1%"
"""


def demonstrate(folder: Path, rules: str, locustfiles: str) -> subprocess.CompletedProcess[str]:
    """Run it with rules of our own: none is about response times."""
    path = folder / "rules.toml"
    path.write_text(rules, encoding="utf-8")
    return subprocess.run(
        [
            *(sys.executable, str(EXAMPLES / "live.py"), "--seconds=600", f"--rules={path}"),
            *(f"--folder={folder}", f"--locustfile={locustfiles}"),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=HANG,
    )


@pytest.mark.prove
def test_it_shows_what_it_is_to_show(tmp_path: Path) -> None:
    """On a screen of 80 columns, in under 40 lines, without a warning about its own results."""
    done = demonstrate(tmp_path, RULES, f"{LOCUSTFILE},{COUNTED}")

    lines = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert [line[:4] for line in lines if line.startswith(("yes ", "NO "))] == ["yes "] * 3
    assert [line.split("(")[0].split() for line in lines if "exit " in line] == [
        ["Locust", "alone:", "failed,", "exit", "1"],
        ["loadgate:", "passed,", "exit", "0"],
        ["Locust", "alone:", "failed,", "exit", "1"],
        ["loadgate:", "failed,", "exit", "1"],
    ]
    assert sum(line.endswith(": the same.") for line in lines) == 2
    assert "warning" not in done.stdout
    assert len(lines) < LINES
    assert max(map(len, lines[:-2])) <= COLUMNS  # the last two have paths of this machine


@pytest.mark.prove
def test_it_fails_where_the_sound_run_fails(tmp_path: Path) -> None:
    """Rules that excuse nothing: it says that the first of three does not hold."""
    done = demonstrate(
        tmp_path, RULES.replace("POST /**/state", "GET /nothing"), f"{LOCUSTFILE},{COUNTED}"
    )

    assert (done.returncode, done.stderr) == (1, "")
    told = [line for line in done.stdout.splitlines() if line.startswith(("yes ", "NO "))]
    assert [line[:4] for line in told] == ["NO  ", "yes ", "yes "]


def test_what_keeps_it_from_running_is_told(tmp_path: Path) -> None:
    """A locustfile that is not there: exit code 2, and Locust's own words."""
    done = demonstrate(tmp_path, RULES, str(tmp_path / "none.py"))

    assert done.returncode == 2
    assert done.stderr.startswith("live.py: Locust ended with exit code 1:\n")
    assert "none.py" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture
def live(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The demonstration as a module."""
    monkeypatch.syspath_prepend(str(EXAMPLES))
    return importlib.import_module("live")


def made(live: Any, *, locust: int, gate: int, table: dict[int, str], service: Any) -> Any:
    """Return a run with ten failures of each status in the table."""
    failures = [
        {"method": "POST", "name": "/x", "status": status, "kind": kind, "count": 10}
        for status, kind in table.items()
    ]
    check = {"metric": "true_failure_rate", "result": ("passed", "failed")[gate]}
    return live.Run(
        locust=live.Result(exit_code=locust, tally={"POST /x": service}),
        exit_code=gate,
        verdict={"failures": failures, "checks": [{**check, "severity": "error"}]},
    )


@pytest.mark.parametrize(
    ("sound", "faulty", "holds"),
    [
        pytest.param({}, {}, [True, True, True], id="all"),
        pytest.param({"locust": 0}, {}, [False, True, True], id="locust-passes-too"),
        pytest.param({"gate": 1}, {}, [False, True, True], id="the-gate-fails-too"),
        pytest.param({"service": {"409": 11}}, {}, [True, False, True], id="one-more"),
        pytest.param({"table": {}, "service": {}}, {}, [True, False, True], id="no-conflict"),
        pytest.param({"table": {}}, {}, [True, False, True], id="conflicts-not-in-the-table"),
        pytest.param({}, {"service": {"503": 9}}, [True, False, True], id="one-503-less"),
        pytest.param({}, {"gate": 0}, [True, True, False], id="the-fault-passes"),
        pytest.param(
            {}, {"table": {503: "expected"}}, [True, True, False], id="the-fault-is-excused"
        ),
        pytest.param(
            {}, {"table": {500: "true"}, "service": {"500": 10}}, [True, True, False], id="another"
        ),
    ],
)
def test_each_claim_is_checked(live: Any, sound: Any, faulty: Any, holds: list[bool]) -> None:
    """What does not hold is said not to hold, and nothing else."""
    conflicts = {"locust": 1, "gate": 0, "table": {409: "expected"}, "service": {"409": 10}}
    locked = {"locust": 1, "gate": 1, "table": {503: "true"}, "service": {"503": 10}}

    claims = live.claims_of(made(live, **conflicts | sound), made(live, **locked | faulty))

    assert list(claims.values()) == holds


def test_long_names_and_warnings_do_not_leave_the_screen(live: Any) -> None:
    """Whatever the load test and the rules are, lines have 80 columns."""
    run = made(live, locust=1, gate=1, table={409: "expected", 503: "true"}, service={"409": 11})
    totals = dict.fromkeys(
        ("requests", "failures", "expected_failures", "true_failures"), 1_000_000
    )
    long = "/" + "very/long/" * 9
    for failure in run.verdict["failures"]:
        failure["name"] = long
    (check,) = run.verdict["checks"]
    check |= {"require": "p95 <= 500ms", "actual": 612.4, "unit": "ms", "endpoint": f"POST {long}"}
    run.verdict.update(totals=totals, warnings=["This is a warning of many words. " * 5])

    told = live.description(run)

    assert max(map(len, told.splitlines())) <= COLUMNS
    assert "limit p95 <= 500ms: the run has 612 ms" in told
    assert "warning: This is a warning" in told
    assert "11 answers with 409 and 0 with 503: NOT the same." in told
