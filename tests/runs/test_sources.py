"""Tests of the sources that inputs name or hold, in order."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest
from conftest import WriteRun

from loadgate.runs import Candidate, candidate, find_candidates
from loadgate.runs import discover as sources

from . import made


def below(folder: Path) -> list[tuple[str, str, bool]]:
    """Return the sources of a folder: path below it, form, whether only documents count."""
    found = find_candidates([str(folder)])
    assert all(source.below == str(folder) for source in found)
    return [
        (os.path.relpath(source.path, folder), source.form, source.documents_only)
        for source in found
    ]


def test_a_folder_is_searched_in_order(tmp_path: Path, write_run: WriteRun) -> None:
    """Documents and runs are found in all folders, sorted; hidden ones and others are left out."""
    for name in ("b.json", "a.json", "nested/deep/c.json", ".hidden/d.json", ".e.json", "f.txt"):
        made.write(tmp_path / name)
    write_run(folder="raw", prefix="monday", exceptions=1)
    write_run(folder="raw", prefix="tuesday")
    assert below(tmp_path) == [
        ("a.json", "json", False),
        ("b.json", "json", False),
        ("nested/deep/c.json", "json", False),
        ("raw/monday_stats.csv", "run", False),
        ("raw/tuesday_stats.csv", "run", False),
    ]


def test_a_folder_that_may_be_a_prefix(write_run: WriteRun) -> None:
    """A baseline, a report or a comparison of it would be of another run."""
    stats = write_run(prefix="main")
    inside = write_run(folder="main", prefix="x").parent
    (source,) = find_candidates([str(inside)])
    assert source.form == "broken"
    assert "is ambiguous: the folder main/ or the file main_stats.csv" in source.problem
    assert [each.path for each in find_candidates([f"{inside}/", str(stats)])] == [
        f"{inside}/x_stats.csv",
        str(stats),
    ]


def test_no_run_counts_twice_in_its_folder(tmp_path: Path, write_run: WriteRun) -> None:
    """Beside CSV statistics a report is no run of its own, nor is Locust's JSON."""
    write_run()
    for name in ("run.html", "run.json", "reports/run.htm", "reports/run.json", "reports/x.json"):
        made.write(tmp_path / name)
    assert below(tmp_path) == [
        ("run.json", "json", True),
        ("run_stats.csv", "run", False),
        ("reports/run.htm", "run", False),
        ("reports/run.json", "json", True),
        ("reports/x.json", "json", False),
    ]


def test_statistics_are_found_by_content_too(tmp_path: Path, write_run: WriteRun) -> None:
    """A downloaded or renamed statistics CSV is a run; alone, what lies in its folder belongs."""
    downloaded = write_run(folder="web")
    downloaded.rename(downloaded.with_name("requests_1700000000.csv"))
    renamed = write_run(folder="renamed")
    renamed.rename(renamed.with_name("monday.csv"))
    made.write(tmp_path / "other" / "table.csv", "a,b\n1,2\n")
    made.write(tmp_path / "other" / "cut_stats.csv", "")
    (tmp_path / "other" / "unreadable.csv").write_bytes(b'"' + b"x" * 20_000_000)
    assert below(tmp_path) == [
        ("other/cut_stats.csv", "run", False),
        ("renamed", "run", False),
        ("web/requests_1700000000.csv", "run", False),
    ]


def test_links_may_lead_in_circles(tmp_path: Path) -> None:
    """Every folder is searched once; links that lead nowhere, and pipes, are left out."""
    made.write(tmp_path / "a" / "a.json")
    (tmp_path / "a" / "back").symlink_to(tmp_path)
    (tmp_path / "b").symlink_to(tmp_path / "a")
    (tmp_path / "nowhere.json").symlink_to(tmp_path / "missing.json")
    os.mkfifo(tmp_path / "pipe.json")
    assert below(tmp_path) == [("a/a.json", "json", False)]


def test_the_search_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of too many results the first are taken, and it is said; so are too many folders."""
    monkeypatch.setattr(candidate, "MOST", 2)
    monkeypatch.setattr(sources, "_DEEPEST", 1)
    for name in ("1.json", "a/2.json", "a/b/3.json"):
        made.write(tmp_path / name)
    assert [name for name, _, _ in below(tmp_path)] == ["1.json", "a/2.json"]
    made.write(tmp_path / "a" / "4.json")
    *_, last = find_candidates([str(tmp_path)])
    assert last.problem == "holds more than 2 results; name the folders in it"


@pytest.mark.parametrize(
    ("name", "form", "problem"),
    [
        pytest.param("run.json", "json", "", id="json"),
        pytest.param("verdict.txt", "json", "", id="a-document-of-any-name"),
        pytest.param("run_stats.csv", "run", "", id="csv"),
        pytest.param("run", "run", "", id="prefix"),
        pytest.param(
            "gone.json", "broken", "no such file or directory; check the path", id="gone-json"
        ),
        pytest.param(
            "gone.csv", "broken", "no such file or directory; check the path", id="gone-csv"
        ),
        pytest.param("nul\0.csv", "broken", "its path holds a NUL; check the path", id="no-path"),
    ],
)
def test_what_is_named_is_a_source(
    tmp_path: Path, write_run: WriteRun, name: str, form: str, problem: str
) -> None:
    """A named file is a source whatever it is called; a missing one says what is wrong."""
    write_run()
    for document in ("run.json", "verdict.txt"):
        made.write(tmp_path / document)
    path = f"{tmp_path}/{name}"
    assert find_candidates([path]) == [Candidate(path=path, form=form, problem=problem)]  # type: ignore[arg-type] # a table of texts


def test_a_folder_without_results_is_told(tmp_path: Path) -> None:
    """A folder in which there is nothing is broken."""
    (source,) = find_candidates([str(tmp_path)])
    assert (source.form, source.path) == ("broken", str(tmp_path))
    assert source.problem.startswith("holds no result documents")


def test_a_folder_that_cannot_be_listed_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be searched is broken; the rest is still found."""
    made.write(tmp_path / "a.json")
    made.write(tmp_path / "secret" / "b.json")
    scandir = os.scandir

    def refuse(path: str) -> object:
        if path.endswith("secret"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    _, secret = find_candidates([str(tmp_path)])
    assert secret.problem == "cannot be searched: Permission denied"


def test_each_source_is_found_once(tmp_path: Path) -> None:
    """A file that is named, and lies in a folder that is named, is one source: a named one."""
    path = made.write(tmp_path / "a.json")
    assert find_candidates([str(tmp_path), path, path]) == [made.named(path)]
    assert find_candidates([path, str(tmp_path)]) == [made.named(path)]


def test_what_cannot_be_looked_into_is_no_run(tmp_path: Path, write_run: WriteRun) -> None:
    """A packed file that is cut, and whose name says nothing, is no source."""
    write_run()
    lines = "Type,Name,Request Count,Failure Count\n" * 1000
    (tmp_path / "other.csv.gz").write_bytes(gzip.compress(lines.encode())[:-9])
    assert below(tmp_path) == [("run_stats.csv", "run", False)]
