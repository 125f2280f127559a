"""Every recorded run of real Locust releases: what is counted, against its texts and its server."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from loadgate import load_policy, read_run
from loadgate.classify import classify
from loadgate.errors import ContradictionError, ResultError
from loadgate.gate import evaluate
from loadgate.model import Classification

# What locust-formats tells of these runs: a writer that died, and a folder without results.
DEAD_WRITERS = {"2.47.0__locust_badname__std", "2.8.6__locust_odd__std"}
NO_RESULTS = {"2.47.0__locust_catch__summary"}
POLICY = load_policy("optimistic-locking")


def judged(path: Path) -> Classification:
    """Return the classification of the run at a path."""
    result = classify(read_run(path), POLICY)
    total = result.total
    assert total.failures == total.expected + total.true
    assert total.failures == sum(kind.count for kind in result.failures)
    assert evaluate(result, POLICY).outcome in {"passed", "failed", "no-evidence"}
    return result


def conflicts_by_text(path: Path) -> Counter[tuple[str, str]]:
    """Count the conflicts on state changes that a failures CSV holds, by a plain search."""
    found: Counter[tuple[str, str]] = Counter()
    csv.field_size_limit(10**9)
    with path.open(newline="", encoding="utf-8", errors="replace") as file:
        for row in csv.DictReader(file):
            method, name, error = row["Method"], row["Name"], row["Error"]
            conflict = re.search(
                r"got 409(?!\d)|\b409 Client Error|code=409\)?\Z|CatchResponseError\(409\)", error
            )
            if method == "POST" and re.search(r"/state(\?|\Z)", name) and conflict:
                found[method, name] += int(row["Occurrences"])
    return found


def test_all_recorded_runs(shared: Path) -> None:
    """Expected failures are the conflicts that the texts tell, endpoint by endpoint."""
    seen = 0
    for folder in sorted((shared / "runs").iterdir()):
        if folder.name in NO_RESULTS:
            with pytest.raises(ResultError, match="no Locust results"):
                read_run(folder)
            continue
        if folder.name in DEAD_WRITERS:
            with pytest.raises(ContradictionError):
                judged(folder)
            continue
        result = judged(folder)
        expected = {
            (row.stats.method, row.stats.name): row.expected
            for row in result.endpoints
            if row.expected
        }
        told = conflicts_by_text(folder / "run_failures.csv")
        texts = next(each.path for each in result.run.sources if each.role == "failures")
        if texts.endswith(".html"):  # it is up to a second newer
            assert 0 <= sum(expected.values()) - told.total() < 20, folder.name
            assert all(expected[endpoint] >= count for endpoint, count in told.items())
        else:
            assert expected == told, folder.name
        seen += 1
    assert seen > 70


def test_no_more_conflicts_than_the_server_sent(shared: Path) -> None:
    """The server's own count of 409 on state changes is never below what is excused."""
    for folder in sorted((shared / "runs").iterdir()):
        if folder.name in DEAD_WRITERS | NO_RESULTS:
            continue
        truth = json.loads((folder / "truth.json").read_text())["counts"]
        sent = sum(
            by_status.get("409", 0) for name, by_status in truth.items() if name.endswith("/state")
        )
        assert judged(folder).total.expected <= sent, folder.name


def test_reports_are_judged_where_they_know_more(shared: Path) -> None:
    """An HTML report, the JSON and the CSV files of one run tell of the same failures."""
    reports = sorted((shared / "runs").glob("*/run.html"))
    for report in reports:
        html, pair = judged(report), judged(report.with_name("run_stats.csv"))
        assert html.total.unexplained == 0
        assert html.total == replace(pair.total, stats=html.total.stats)
        assert pair.run.warnings == ()
        # Locust before 2.10.2 did not escape names in its report: what is markup is lost there.
        named = {row.stats.name for row in pair.endpoints if "<" not in row.stats.name}
        assert named <= {row.stats.name for row in html.endpoints}
        listed = report.with_name("stdout.json")
        if listed.exists() and listed.stat().st_size > 2:
            assert read_run(listed).total.requests == html.total.stats.requests


def test_downloads_of_the_web_ui(shared: Path) -> None:
    """Saved JSON and downloaded CSV files agree where they were taken at the end."""
    for document in sorted((shared / "runs").glob("*/web_end/stats_requests.json")):
        if "many" in str(document):  # over 500 endpoints: the JSON is cut
            with pytest.raises(ContradictionError, match="first 500 endpoints"):
                read_run(document)
            continue
        saved, pair = judged(document), judged(document.with_name("stats_requests.csv"))
        assert saved.total.stats.requests == pair.total.stats.requests
        assert (saved.total.expected, saved.total.true) == (pair.total.expected, pair.total.true)


def test_dead_writers_count_strictly_where_allowed(shared: Path) -> None:
    """With contradictions allowed the fewest requests and the most failures count."""
    run = read_run(shared / "runs" / "2.47.0__locust_badname__std", allow_partial=True)
    result = classify(run, POLICY)
    assert (result.total.stats.requests, result.total.true) == (0, 879)
    assert run.contradictions


def test_the_seed_run(shared: Path) -> None:
    """825,874 requests, 1,000 failures = 119 expected + 881 true."""
    result = judged(shared / "seed-run" / "locust_stats.csv")
    assert result.total.stats.requests == 825_874
    assert (result.total.failures, result.total.expected, result.total.true) == (1000, 119, 881)
    for require, outcome in (
        ("true_failure_rate <= 0.11%", "passed"),
        ("true_failure_rate <= 0.10%", "failed"),
        ("failure_rate <= 0.11%", "failed"),
    ):
        policy = load_policy("optimistic-locking", thresholds=[require])
        assert evaluate(result, policy).outcome == outcome
