"""Paths that mean one and the same run, as a shell's `run*` does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import WriteRun

from loadgate.read.runs import each_once

REPORT = """<title>Locust</title>window.templateArgs = {}</html>"""


def report(requests: int, failures: int) -> str:
    """Return a report of the run that `write_run` writes."""
    row = {"method": "POST", "name": "/tools/[id]/state", "num_requests": requests}
    row["num_failures"] = failures
    text = {
        "method": "POST",
        "name": row["name"],
        "error": "Expected [200], got 409",
        "occurrences": failures,
    }
    data = {
        "requests_statistics": [row, {**row, "method": "", "name": "Aggregated"}],
        "failures_statistics": [text],
    }
    return f"<title>Locust</title>window.templateArgs = {json.dumps(data)}</html>"


def test_the_files_of_a_run_are_one_run(
    write_run: WriteRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is named first, twice or as a prefix; the order of the runs stays."""
    folder = write_run(exceptions=1).parent
    write_run(prefix="b")
    (folder / "run_stats_history.csv").write_text("Timestamp,User Count,Type,Name\n")
    monkeypatch.chdir(folder)
    files = sorted(path.name for path in folder.glob("run*.csv"))
    assert len(files) == 4
    assert each_once(files) == ["run_stats.csv"]
    assert each_once([*files, "b_stats.csv", "b_failures.csv", "run"]) == [
        "run_stats.csv",
        "b_stats.csv",
    ]
    assert each_once(["run", "./run_stats.csv", "run_failures.csv"]) == ["./run_stats.csv"]
    assert each_once(["run_failures.csv", "run"]) == ["run_failures.csv"]
    assert each_once(["run_stats.csv", "b_stats.csv", "./run_stats.csv"]) == [
        "run_stats.csv",
        "b_stats.csv",
    ]
    assert each_once(["run_exceptions.csv"]) == ["run_exceptions.csv"]


def test_other_failures_are_another_reading(write_run: WriteRun) -> None:
    """Two files of error texts for one file of statistics: neither is dropped."""
    stats = write_run(prefix="requests_1795415320", folder="a")
    stats = stats.rename(stats.with_name("requests_1795415320.csv"))
    texts = stats.with_name("requests_1795415320_failures.csv")
    first = texts.rename(stats.with_name("failures_1795415320.csv"))
    second = stats.with_name("failures_1795415321.csv")
    second.write_text(first.read_text())
    assert each_once([str(stats), str(first), str(second)]) == [str(stats), str(second)]


def test_what_cannot_be_read_stays(tmp_path: Path) -> None:
    """Whoever reads it says what is wrong; once is enough."""
    (tmp_path / "README.md").write_text("# Type")
    paths = [str(tmp_path / name) for name in ("README.md", "nowhere", "README.md")]
    assert each_once(paths) == paths[:2]


@pytest.mark.parametrize(
    ("page", "is_one"),
    [
        pytest.param(report(1050, 12), True, id="later"),
        pytest.param(report(1000, 900), False, id="contradiction"),
        pytest.param(REPORT, False, id="damaged"),
    ],
)
def test_a_report_that_was_named_beside_the_files(
    write_run: WriteRun, page: str, *, is_one: bool
) -> None:
    """It goes only where the check of the files takes account of it."""
    stats = write_run()
    (stats.parent / "run.html").write_text(page)
    paths = [str(stats.with_name("run.html")), str(stats)]
    assert each_once(paths) == (paths[1:] if is_one else paths)


@pytest.mark.parametrize(("failures", "is_one"), [(12, True), (13, False)])
def test_a_list_that_was_named_beside_a_report(
    tmp_path: Path, failures: int, *, is_one: bool
) -> None:
    """As beside CSV files."""
    times = '{"start_time": "2026-01-02T03:04:05Z", "end_time": "2026-01-02T03:05:05Z", '
    (tmp_path / "run.html").write_text(report(1050, 12).replace("{", times, 1))
    entry = {
        "name": "/tools/[id]/state",
        "method": "POST",
        "start_time": 1767323046.0,
        "last_request_timestamp": 1767323104.0,
        "num_requests": 1050,
        "num_none_requests": 0,
        "num_failures": failures,
        "total_response_time": 5250.0,
        "max_response_time": 5.0,
        "min_response_time": 5.0,
        "response_times": {"5": 1050},
    }
    (tmp_path / "run.json").write_text(json.dumps([entry]))
    paths = [str(tmp_path / "run.html"), str(tmp_path / "run.json")]
    assert each_once(paths) == (paths[:1] if is_one else paths)
