"""Which failures are certain while the run is on, and what becomes of a run stopped for them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from builders import budget_use, classification, endpoint_result, policy, rule, stats, threshold
from click.testing import CliRunner

from loadgate.classify import classify
from loadgate.cli import cli
from loadgate.gate import evaluate
from loadgate.model import Classification, Policy, Threshold, TimeSpan
from loadgate.read import read_run
from loadgate.read.recording import run_so_far
from loadgate.recording.counts import ABORT, MOST_MARKS, Counts, Key, Mark
from loadgate.recording.document import LOCAL, Document, Totals, Worker, document_to_json
from loadgate.recording.journal import Part, pack, part_to_json
from loadgate.render import FORMATS, render
from loadgate.rules.thresholds import run_threshold

STARTED = datetime(2026, 11, 27, 12, tzinfo=UTC)
BEGAN = 1_795_000_000
REASON = "after 00:00:05: true_failures is 3, must be <= 2"


def run_of(requests: int, true: int, *, seconds: int = 60, exceptions: int = 0) -> Classification:
    """Return what a run counted so far, all of it at one endpoint."""
    row = endpoint_result("/a", method="GET", requests=requests, expected=0, true=true)
    found = classification(endpoints=(row,))
    time = TimeSpan(started=STARTED, ended=STARTED + timedelta(seconds=seconds), source="recording")
    return replace(found, run=replace(found.run, time=time, task_exceptions=exceptions))


def aborts(found: Classification, judged: Policy) -> list[str]:
    """Return the checks for which the run is stopped."""
    return [check.require for check in evaluate(found, judged).checks if check.aborts]


@pytest.mark.parametrize(
    ("limit", "true", "stops"),
    [
        (threshold("true_failures <= 2", abort=True), 2, False),
        (threshold("true_failures <= 2", abort=True), 3, True),
        (threshold("true_failures <= 2"), 900, False),
        (threshold("true_failures <= 2", abort=True, min_requests=1000), 3, True),
        (threshold("true_failures <= 2", abort=True, min_requests=1001), 3, False),
        (threshold("true_failures <= 2", abort=True, abort_after=60), 3, True),
        (threshold("true_failures <= 2", abort=True, abort_after=61), 3, False),
        (threshold("true_failures <= 2", abort=True, endpoint="GET /a"), 3, True),
        (threshold("true_failures <= 2", abort=True, endpoint="GET /b"), 3, False),
        (threshold("true_failure_rate <= 1%", abort=True), 15, False),
        (threshold("true_failure_rate <= 1%", abort=True), 30, True),
        (threshold("true_failure_rate <= 0%", abort=True), 1, True),
        (threshold("true_failure_rate <= 1%", abort=True, endpoint="/a"), 30, True),
        (threshold("task_exceptions <= 4", abort=True), 0, True),
        (threshold("requests <= 999", abort=True), 0, True),
    ],
)
def test_what_is_certain(limit: Threshold, true: int, *, stops: bool) -> None:
    """A count beyond its limit, a rate far enough beyond; with enough requests, late enough."""
    found = run_of(1000, true, exceptions=5)
    assert aborts(found, policy(thresholds=[limit])) == ([limit.require] if stops else [])


def test_the_default_limit_stops_where_nothing_can_take_its_place() -> None:
    """A limit of the policy that is too loose yet, or has too few requests, may be the one later."""
    bad = run_of(100, 60)
    assert aborts(bad, policy(thresholds=(), abort=True)) == ["true_failure_rate <= 1%"]
    assert aborts(bad, policy(thresholds=())) == []
    for other in (
        threshold("failures <= 5000"),
        threshold("true_failure_rate <= 70%", min_requests=1000),
        threshold("true_failure_rate <= 100%"),
    ):
        assert aborts(bad, policy(thresholds=[other], abort=True)) == []


@pytest.mark.parametrize(("excused", "stops"), [(105, False), (160, True)])
def test_budgets_stop_where_all_limits_do(excused: int, *, stops: bool) -> None:
    """They are rates, too."""
    spent = rule(at_most="10%")
    row = stats("/a", requests=1000, failures=excused)
    found = replace(run_of(1000, 0), budgets=(budget_use(spent, stats_of=row, expected=excused),))
    assert len(aborts(found, policy(spent, abort=True))) == stops
    assert aborts(found, policy(spent)) == []


@pytest.mark.parametrize(
    ("limit", "stops"),
    [
        ("true_failures <= 5 after 2s", True),
        ("true_failures <= 5 after 5s", False),
        ("true_failure_rate <= 50% after 2s", True),
        ("true_failure_rate <= 50% after 1s", False),
        ("max_ok <= 5s after 2s", False),
    ],
)
def test_what_is_certain_after_a_time(limit: str, *, stops: bool) -> None:
    """Only what happened since counts, and it counts as on all of the run."""
    counts, good, bad = (
        Counts(),
        Key("GET", "/a", 200, None, False),
        Key("GET", "/a", 503, None, True),
    )
    for second, key, number in ((1, good, 90), (3, bad, 20)):
        for _ in range(number):
            counts.cell(BEGAN + second, counts.kept(key)).record(5000)
    counts.count_text(bad, "no", 20)
    so_far = run_so_far(Document(run="r", started=BEGAN, ended=BEGAN + 9.5, counts=counts), "run")
    judged = policy(thresholds=[replace(run_threshold(limit, "file"), abort=True)])
    assert aborts(classify(so_far, judged), judged) == ([limit] if stops else [])


# --- a run that was aborted -----------------------------------------------------------------------


def recording(folder: Path, *, finished: bool = True, marks: int = 0, requests: int = 1000) -> Path:
    """Write the recording of an aborted run in which nothing failed that any limit forbids."""
    counts, key = Counts(), Key("GET", "/a", 200, None, False)
    for _ in range(requests):
        counts.cell(BEGAN, counts.kept(key)).record(5000)
    for _ in range(marks):
        counts.mark(Mark(at=BEGAN, kind="spawned", users=1))
    counts.mark(Mark(at=BEGAN + 5.0, kind=ABORT, reason=REASON))
    document = Document(run="r", started=BEGAN)
    parts = [Part(run="r", worker=LOCAL, number=1, counts=counts)]
    if finished:
        worker = Worker(id=LOCAL, parts=1, arrived=requests, recorded=requests, finished=True)
        totals = Totals(requests=requests, failures=0, reset=False)
        document = replace(
            document, state="finished", ended=BEGAN + 9.0, workers=[worker], locust_totals=totals,
            counts=counts,
        )  # fmt: skip
        parts = []
    path = folder / "run.loadgate.json.gz"
    path.write_bytes(b"".join(map(pack, [document_to_json(document), *map(part_to_json, parts)])))
    return path


def check(path: Path, *words: str) -> Any:
    """Judge a recording."""
    return CliRunner().invoke(cli, ["check", str(path), *words])


LOOSE = 'version = 1\n[[thresholds]]\nrequire = "true_failure_rate <= 100%"\n'


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--threshold", "true_failure_rate <= 100%"],
        ["--threshold", "aborts <= 5"],
        ["--rules", "rate-limiting"],
        ["--rules", "loose.toml"],
        ["--allow-partial"],
        ["--strict-rules"],
        *(["--output", name] for name in FORMATS if name != "csv"),
    ],
)
def test_an_aborted_run_never_passes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    """Whatever it is judged by later, and every output says why."""
    monkeypatch.chdir(tmp_path)
    Path("loose.toml").write_text(LOOSE)
    for marks in (0, MOST_MARKS + 5):
        result = check(recording(tmp_path, marks=marks), *words)
        assert result.exit_code == 1
        assert "aborted after 00:00:05: true_failures is 3" in " ".join(result.stdout.split())


def test_an_aborted_run_that_was_killed(tmp_path: Path) -> None:
    """The journal says it, too; no evidence at best, failed where that is allowed."""
    path = recording(tmp_path, finished=False)
    assert check(path).exit_code == 2
    assert check(path, "--allow-partial").exit_code == 1
    assert check(recording(tmp_path, requests=0)).exit_code == 3


@pytest.mark.parametrize("finished", [True, False])
def test_csv_files_of_an_aborted_run(tmp_path: Path, *, finished: bool) -> None:
    """They look like those of a run that passed; the recording beside them knows better."""
    recording(tmp_path, finished=finished)
    head = "Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time\n"
    (tmp_path / "run_stats.csv").write_text(f"{head}GET,/a,1000,0,5,5\n,Aggregated,1000,0,5,5\n")
    for path in (tmp_path, tmp_path / "run", tmp_path / "run_stats.csv"):
        for words in ([], ["--allow-partial"]):
            assert check(path, *words).exit_code == (1 if finished or words else 2)


def test_the_document_of_an_aborted_run_is_sound(tmp_path: Path) -> None:
    """Reports and baselines read it."""
    result = check(recording(tmp_path), "--output", "json")
    (tmp_path / "result.json").write_text(result.stdout)
    document = json.loads(result.stdout)
    assert [c["require"] for c in document["checks"] if c["result"] == "failed"] == ["aborts <= 0"]
    told = CliRunner().invoke(cli, ["report", str(tmp_path / "result.json")])
    assert told.exit_code == 0, told.output
    assert "aborts <= 0" in told.output


def test_abort_marks_without_a_reason(tmp_path: Path) -> None:
    """Nobody writes them; they fail the run all the same."""
    path = recording(tmp_path)
    run = replace(read_run(path), aborted=("", ""))
    verdict = evaluate(classify(run, policy(thresholds=())), policy(thresholds=()))
    assert verdict.outcome == "failed"
    assert verdict.checks[0].note == "aborted; aborted"
    assert "aborted; aborted" in render(verdict, "text")
