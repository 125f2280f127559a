"""The lines of the input `results`, and the runs that are judged for them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from conftest import WriteRun

from loadgate.action.results import find_results
from loadgate.errors import UsageError
from loadgate.judging.runs import find_all, passed_over

POSIX = pytest.mark.skipif(os.name == "nt", reason="no such names on Windows")
BROKEN = "Type,Na"


@pytest.fixture(autouse=True)
def _there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def _judged(*patterns: str) -> list[str]:
    """Return the runs that are judged for some lines."""
    runs = find_all(find_results(patterns), None).runs
    return [path.replace("\\", "/") for path in runs]


def _report(path: str, failures: int | None) -> None:
    """Write a report of Locust; None: a damaged one."""
    total = {"method": "", "name": "Aggregated", "num_requests": 90, "num_failures": failures}
    texts = [{"method": "GET", "name": "/", "error": "boom", "occurrences": failures}]
    data = {
        "requests_statistics": [{**total, "method": "GET", "name": "/"}, total],
        "failures_statistics": texts * bool(failures),
        "start_time": "2026-01-02T03:04:05Z",
        "end_time": "2026-01-02T03:05:05Z",
    }
    text = "{}" if failures is None else json.dumps(data)
    page = f"<title>Locust</title><script>window.templateArgs = {text}</script></html>"
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(page, "utf-8")


BOTH = ["a/run_stats.csv", "b/run_stats.csv"]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        pytest.param("a/run_stats.csv", BOTH[:1], id="a-path"),
        pytest.param("a/run", ["a/run"], id="a-prefix-is-left-to-the-check"),
        pytest.param("nowhere/run", ["nowhere/run"], id="what-is-missing-is-left-to-the-check"),
        pytest.param("a/*", BOTH[:1], id="companions-are-no-runs"),
        pytest.param("*/*_stats.csv", BOTH, id="statistics"),
        pytest.param("?", ["a", "b"], id="folders"),
        pytest.param("**", BOTH, id="files-before-folders"),
        pytest.param("**/*.csv", BOTH, id="any-depth"),
        pytest.param("*/*failures.csv", ["a/run_failures.csv", "b/run_failures.csv"], id="a-part"),
    ],
)
def test_a_line_names_runs(pattern: str, found: list[str], write_run: WriteRun) -> None:
    """Each run once, in order, whichever of its files a glob matches."""
    write_run(folder="b")
    write_run(folder="a", exceptions=1)
    assert _judged(pattern) == found


@POSIX
@pytest.mark.parametrize(("name", "other"), [("[id]", "i"), ("run[1]*", "run1")])
def test_a_name_may_have_brackets(name: str, other: str, write_run: WriteRun) -> None:
    """A file, and a prefix; what they match as globs is judged, too."""
    path = write_run(prefix=name).name
    assert _judged(path) == [path]
    assert _judged(name) == [name]
    write_run(prefix=other)
    assert _judged(path) == sorted([f"{other}_stats.csv", path])


@POSIX
@pytest.mark.parametrize("pattern", ["results/*/run_stats.csv", "results/*/run", "results/*"])
def test_a_name_hides_nothing_that_a_glob_reaches(pattern: str, write_run: WriteRun) -> None:
    """A pull request may add a folder that is called as the glob is written."""
    for folder in ("results/*", "results/night"):
        write_run(folder=folder)
    found = _judged(pattern)
    assert len(found) == 2 - (pattern == "results/*/run")  # which is no glob of any file
    assert all(path.startswith("results/night") for path in found[1:])


def test_what_is_no_result_is_judged_too(write_run: WriteRun) -> None:
    """The gate fails closed: a file that cannot be read may be all that is left of a run."""
    write_run()
    write_run(prefix="other")
    _report("run.html", None)
    Path("broken_stats.csv").write_text(BROKEN, "utf-8")
    assert _judged("*") == ["broken_stats.csv", "other_stats.csv", "run.html", "run_stats.csv"]
    assert _judged("r*_stats.csv", "b*") == ["run_stats.csv", "broken_stats.csv"]


def test_no_run_is_judged_twice(write_run: WriteRun) -> None:
    """Lines may overlap; the first name of a run is kept."""
    write_run()
    write_run(prefix="other")
    found = _judged("./other_stats.csv", "*_stats.csv", "run_stats.csv")
    assert found == ["./other_stats.csv", "run_stats.csv"]


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
    assert text.startswith("many/.hidden_stats.csv ")


@pytest.mark.parametrize("pattern", ["m/*", "m/**", "**", "*/*", "m*"])
def test_nothing_that_a_glob_reaches_is_dropped(pattern: str, write_run: WriteRun) -> None:
    """A report of another run is judged, whatever matched it and whatever it is called."""
    write_run(folder="m", prefix="a")
    write_run(folder="m", prefix="b")
    _report("m/c.html", 80)
    assert _judged(pattern) == ["m/a_stats.csv", "m/b_stats.csv", "m/c.html"]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [("**/x*", ["f/x", "f/x/x.html"]), ("f/**", ["f/x/run_stats.csv", "f/x/x.html"])],
)
def test_a_folder_goes_only_where_its_results_are_matches(pattern: str, found: list[str]) -> None:
    """One with a damaged result that the glob does not reach by itself stays."""
    _report("f/x/x.html", 0)
    Path("f/x/run_stats.csv").write_text(BROKEN, "utf-8")
    assert _judged(pattern) == found


@pytest.mark.parametrize(
    ("patterns", "message"), [([], "input results: "), (["*.csv"], "input results: *.csv: ")]
)
def test_nothing_to_judge_is_an_error(patterns: list[str], message: str) -> None:
    """An empty list of runs must not pass."""
    with pytest.raises(UsageError) as error:
        find_results(patterns)
    assert str(error.value).startswith(message)


def test_a_report_and_a_document_of_its_name() -> None:
    """Neither is left to the other where they contradict each other."""
    _report("a.html", 0)
    _report("b.html", 0)
    entry = {"name": "/a", "method": "GET", "num_requests": 9, "num_failures": 9}
    total = entry | {"name": "Aggregated", "method": ""}
    Path("b.json").write_text(json.dumps({"stats": [entry, total], "errors": []}))
    assert _judged("*") == ["a.html", "b.html", "b.json"]
