"""The lines of the input `results`, and the runs that are judged for them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from conftest import WriteRun

from loadgate.action.results import find_results
from loadgate.cli.check import passed_over
from loadgate.cli.runs import find_all
from loadgate.errors import UsageError


@pytest.fixture(autouse=True)
def _there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def _judged(*patterns: str) -> list[str]:
    """Return the runs that are judged for some lines."""
    runs = find_all(find_results(patterns), None).runs
    return [path.replace("\\", "/") for path in runs]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        pytest.param("a/run_stats.csv", ["a/run_stats.csv"], id="a-path"),
        pytest.param("a/run", ["a/run"], id="a-prefix-is-left-to-the-check"),
        pytest.param("nowhere/run", ["nowhere/run"], id="what-is-missing-is-left-to-the-check"),
        pytest.param("a/*", ["a/run_stats.csv"], id="companions-are-no-runs"),
        pytest.param("*/*_stats.csv", ["a/run_stats.csv", "b/run_stats.csv"], id="statistics"),
        pytest.param("?", ["a", "b"], id="folders"),
        pytest.param("**", ["a/run_stats.csv", "b/run_stats.csv"], id="files-before-folders"),
        pytest.param("**/*.csv", ["a/run_stats.csv", "b/run_stats.csv"], id="any-depth"),
        pytest.param("*/*failures.csv", ["a/run_failures.csv", "b/run_failures.csv"], id="a-part"),
    ],
)
def test_a_line_names_runs(pattern: str, found: list[str], write_run: WriteRun) -> None:
    """Each run once, in order, whichever of its files a glob matches."""
    write_run(folder="b")
    write_run(folder="a", exceptions=1)
    assert _judged(pattern) == found


@pytest.mark.parametrize(("name", "other"), [("[id]", "i"), ("run[1]*", "run1")])
def test_a_name_may_have_brackets(name: str, other: str, write_run: WriteRun) -> None:
    """A file, and a prefix; what they match as globs is judged, too."""
    if "*" in name and os.name == "nt":
        pytest.skip("no such names on Windows")
    path = write_run(prefix=name).name
    assert _judged(path) == [path]
    assert _judged(name) == [name]
    write_run(prefix=other)
    assert _judged(path) == sorted([f"{other}_stats.csv", path])


@pytest.mark.parametrize("pattern", ["results/*/run_stats.csv", "results/*/run", "results/*"])
def test_a_name_hides_nothing_that_a_glob_reaches(pattern: str, write_run: WriteRun) -> None:
    """A pull request may add a folder that is called as the glob is written."""
    if os.name == "nt":
        pytest.skip("no such names on Windows")
    for folder in ("results/*", "results/night"):
        write_run(folder=folder)
    found = _judged(pattern)
    assert len(found) == 2 - (pattern == "results/*/run")
    if pattern != "results/*/run":  # which is no glob of any file
        assert found[1].startswith("results/night")


def test_a_damaged_report_is_judged_too(write_run: WriteRun) -> None:
    """The check says what is wrong with it, as `loadgate check *` does."""
    page = "<html><head><title>Test Report</title></head><script>window.templateArgs = {}</script>"
    write_run().with_name("run.html").write_text(page, "utf-8")
    write_run(prefix="other")
    assert _judged("*") == ["other_stats.csv", "run.html", "run_stats.csv"]


def test_no_run_is_judged_twice(write_run: WriteRun) -> None:
    """Lines may overlap; the first name of a run is kept."""
    write_run()
    write_run(prefix="other")
    found = _judged("./other_stats.csv", "*_stats.csv", "run_stats.csv")
    assert found == ["./other_stats.csv", "run_stats.csv"]


def test_what_is_no_result_is_judged_too(write_run: WriteRun) -> None:
    """The gate fails closed: a file that cannot be read may be all that is left of a run."""
    write_run()
    Path("broken_stats.csv").write_text("Type,Na", "utf-8")
    assert _judged("*_stats.csv") == ["broken_stats.csv", "run_stats.csv"]


def test_a_folder_with_several_runs_stands_for_each(write_run: WriteRun) -> None:
    """No run that a glob reaches is dropped, be it through a folder or as a file."""
    write_run(folder="many")
    write_run(folder="many", prefix="other")
    write_run(folder="many/deeper")
    Path("empty").mkdir()
    runs = ["many/other_stats.csv", "many/run_stats.csv"]
    assert sorted(_judged("**/")) == ["empty/", "many/deeper/", *runs]
    assert sorted(_judged("**")) == ["empty", "many/deeper/run_stats.csv", *runs]


def test_what_a_folder_holds_besides_its_runs_is_named(write_run: WriteRun) -> None:
    """As a glob may match the folder, and its runs are judged one by one."""
    stats = write_run(folder="many")
    write_run(folder="many", prefix="other")
    stats.with_name(".hidden_stats.csv").write_bytes(stats.read_bytes())
    named = find_all(find_results(["m*"]), None)
    assert len(named.runs) == 2
    (text,) = passed_over(named, [])
    assert text.startswith("many/.hidden_stats.csv was left out: hidden files")


def _report(path: str, failures: int) -> None:
    total = {"method": "", "name": "Aggregated", "num_requests": 90, "num_failures": failures}
    row = {**total, "method": "GET", "name": "/"}
    texts = [{"method": "GET", "name": "/", "error": "boom", "occurrences": failures}]
    data = {
        "requests_statistics": [row, total],
        "failures_statistics": texts * bool(failures),
        "start_time": "2026-01-02T03:04:05Z",
        "end_time": "2026-01-02T03:05:05Z",
    }
    page = f"<title>Locust</title><script>window.templateArgs = {json.dumps(data)}</script></html>"
    Path(path).write_text(page, "utf-8")


@pytest.mark.parametrize("pattern", ["m/*", "m/**", "**", "*/*", "m*"])
def test_nothing_that_a_glob_reaches_is_dropped(pattern: str, write_run: WriteRun) -> None:
    """A report of another run is judged, whatever matched it and whatever it is called."""
    write_run(folder="m", prefix="a")
    write_run(folder="m", prefix="b")
    _report("m/c.html", 80)
    expected = ["m/a_stats.csv", "m/b_stats.csv", "m/c.html"]
    assert _judged(pattern) == expected


@pytest.mark.parametrize(
    ("pattern", "found"),
    [("**/x*", ["f/x", "f/x/x.html"]), ("f/**", ["f/x/run_stats.csv", "f/x/x.html"])],
)
def test_a_folder_goes_only_where_its_results_are_matches(pattern: str, found: list[str]) -> None:
    """One with a damaged result that the glob does not reach by itself stays."""
    Path("f/x").mkdir(parents=True)
    _report("f/x/x.html", 0)
    Path("f/x/run_stats.csv").write_text("Type,Na", "utf-8")
    assert _judged(pattern) == found


@pytest.mark.parametrize(
    ("patterns", "message"),
    [
        pytest.param([], "input results: names no run; write the path", id="none"),
        pytest.param(["*.csv"], "input results: *.csv: matches nothing in ", id="no-match"),
    ],
)
def test_nothing_to_judge_is_an_error(patterns: list[str], message: str) -> None:
    """An empty list of runs must not pass."""
    with pytest.raises(UsageError) as error:
        find_results(patterns)
    assert str(error.value).startswith(message)


def test_a_report_and_a_document_of_its_name(tmp_path: Path) -> None:
    """Neither is left to the other where they contradict each other."""
    data: dict[str, list[object]] = {
        "requests_statistics": [],
        "failures_statistics": [],
        "exceptions_statistics": [],
    }
    page = f"<title>Locust</title>window.templateArgs = {json.dumps(data)}</html>"
    for name in ("a.html", "b.html"):
        (tmp_path / name).write_text(page)
    entry = {"name": "/a", "method": "GET", "num_requests": 9, "num_failures": 9}
    total = entry | {"name": "Aggregated", "method": ""}
    (tmp_path / "b.json").write_text(json.dumps({"stats": [entry, total], "errors": []}))
    assert _judged("*") == ["a.html", "b.html", "b.json"]
