"""When a run was, as each kind of file says it."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from conftest import WriteRun

from loadgate.model import TimeSpan
from loadgate.read import read_run
from loadgate.read.times import failures_span, file_span, from_epoch, from_text

ROOT = Path(__file__).parents[2]
START = datetime(2026, 11, 23, 6, 0, 17, tzinfo=UTC)
END = datetime(2026, 11, 23, 6, 5, 17, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("2026-11-23 06:00:17", id="through-2.28"),
        pytest.param("2026-11-23T06:00:17Z", id="since-2.29"),
        pytest.param("2026-11-23T07:00:17.25+01:00", id="another-zone"),
    ],
)
def test_times_of_reports(text: str) -> None:
    """Every form that Locust had is UTC, to the second."""
    assert from_text(text) == START


@pytest.mark.parametrize("text", ["", "yesterday", None, 7, "0001-01-01T00:00:00+05:00"])
def test_what_is_no_time_of_a_report(text: object) -> None:
    """Anything else is none, and no error."""
    assert from_text(text) is None


@pytest.mark.parametrize("seconds", [None, "", "now", "nan", float("inf"), 1e30])
def test_what_is_no_number_of_seconds(seconds: float | str | None) -> None:
    """Neither is what no calendar has."""
    assert from_epoch(seconds) is None


def test_failures_say_when_they_were_seen(tmp_path: Path) -> None:
    """Since Locust 2.44; the times may be empty."""
    path = tmp_path / "run_failures.csv"
    head = "Method,Name,Error,Occurrences,First Seen,Last Seen\n"
    path.write_text(
        f"{head}GET,/,a,1,2026-11-23T06:00:20Z,2026-11-23T06:05:17Z\n"
        "GET,/,b,1,2026-11-23T06:00:17Z,2026-11-23T06:00:18Z\nGET,/,c,1,,\nGET,/,cut\n"
    )
    assert failures_span(str(path)) == TimeSpan(started=START, ended=END, source="failures")
    path.write_text("Method,Name,Error,Occurrences\nGET,/,a,1\n")
    assert failures_span(str(path)) is None
    path.write_text(f"{head}GET,/,a,1,,\n")
    assert failures_span(str(path)) is None


def test_without_any_the_files_own_time_is_taken(write_run: WriteRun) -> None:
    """A run that says nothing was when its statistics were written."""
    path = write_run()
    os.utime(path, (START.timestamp(), START.timestamp()))
    run = read_run(path)
    assert run.time == TimeSpan(started=START, ended=START, source="file")
    assert file_span(str(path.parent / "nowhere")) is None


def test_a_list_says_when(tmp_path: Path) -> None:
    """--json has the first and the last request of each endpoint."""
    entry = {
        "method": "GET", "name": "/", "num_requests": 1, "num_failures": 0,
        "num_none_requests": 0, "response_times": {"5": 1}, "total_response_time": 5,
        "min_response_time": 5, "max_response_time": 5, "total_content_length": 1,
        "start_time": START.timestamp(), "last_request_timestamp": END.timestamp(),
    }  # fmt: skip
    path = tmp_path / "run.json"
    path.write_text(json.dumps([entry, {**entry, "name": "/b", "last_request_timestamp": None}]))
    assert read_run(path).time == TimeSpan(started=START, ended=END, source="json")


def test_real_runs_say_when_they_were(shared: Path) -> None:
    """Every source of every recorded run agrees with the clock of the machine that ran it."""
    seen: set[str] = set()
    for folder in sorted((shared / "runs").iterdir()):
        meta = json.loads((folder / "meta.json").read_text("utf-8"))
        for path in [*folder.rglob("run*_stats.csv"), *folder.rglob("*.html")]:
            try:
                time = read_run(path, allow_partial=True).time
            except Exception:  # noqa: BLE001, S112 - what cannot be read is another test's business
                continue
            assert time is not None
            if time.source == "file":
                continue
            seen.add(time.source)
            assert -2 <= time.started.timestamp() - meta["start"] < 8, path
            assert time.started <= time.ended
            assert -2 <= meta["end"] - time.ended.timestamp() < 30, path
    assert seen == {"history", "report"}
