"""What a file is by its content, and files of releases that are not read."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import WriteRun

from loadgate import read_run
from loadgate.errors import ResultError
from loadgate.read.formats import Kind
from loadgate.read.kinds import kind_of, may_be_document

OLDEST = '"Method","Name","# requests","# failures","Median response time","Requests/s"\n'


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        pytest.param("Method,Name,Error,Occurrences,First Seen,Last Seen\n", "failures", id="2.44"),
        pytest.param('"Method","Name","Error","Occurrences"\n', "failures", id="quoted"),
        pytest.param("Count,Message,Traceback,Nodes\n", "exceptions", id="exceptions"),
        pytest.param('"Type","Name","Timestamp","# requests"\n', "history", id="history-0.13"),
        pytest.param("Timestamp,User Count,Type,Name\n", "history", id="history"),
        pytest.param("Type,Name,Request Count,Failure Count\n", "statistics", id="statistics"),
        pytest.param('"Name","# requests","50%","66%","100%"\n', None, id="distribution-0.11"),
        pytest.param("[]\n[]\n", "list", id="empty-lists"),
        pytest.param('\n [{"num_requests": 1, "response_times": {}}]', "list", id="blank-line"),
        pytest.param('{"errors": [], "stats": []}', "web", id="web"),
        pytest.param('{"errors": []}', None, id="json-of-another-tool"),
        pytest.param('["stats"]', None, id="list-of-texts"),
        pytest.param("\n<title>Locust</title>window.templateArgs = {", "report", id="report"),
        pytest.param("<title>Locust</title>", None, id="page-of-locust"),
        pytest.param("<html>", None, id="other-page"),
        pytest.param("", None, id="empty"),
    ],
)
def test_kinds(tmp_path: Path, text: str, kind: Kind | None) -> None:
    """The content says what a file is; the name says nothing."""
    (tmp_path / "file").write_text(text)
    assert kind_of(str(tmp_path / "file")) == kind


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('{"dependencies": {}}', id="json"),
        pytest.param('[{"id": 1}]', id="list"),
        pytest.param("<html><title>Coverage</title>", id="page"),
        pytest.param("a,b", id="csv"),
    ],
)
def test_documents_of_other_programs(text: str) -> None:
    """Their first bytes are enough to leave them alone."""
    assert not may_be_document(text)


def test_releases_without_error_texts(tmp_path: Path) -> None:
    """Locust 0.11 and 0.12 wrote nothing that tells one failure from another."""
    (tmp_path / "run_requests.csv").write_text(OLDEST + '"None","Total",5,2,9,1.5')
    (tmp_path / "run_distribution.csv").write_text('"Name","# requests","50%"\n"None Total",5,9')
    for path in (tmp_path, tmp_path / "run", tmp_path / "run_requests.csv"):
        with pytest.raises(ResultError, match=r"Locust 0\.12 or older"):
            read_run(path)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("", "is empty", id="empty"),
        pytest.param("a,b\n", "is not a file that Locust wrote", id="other"),
    ],
)
def test_statistics_that_are_none(write_run: WriteRun, text: str, problem: str) -> None:
    """A failures file whose statistics are damaged is not judged by another source instead."""
    stats = write_run()
    stats.write_text(text)
    stats.with_name("run.json").write_text('[{"num_requests": 1, "response_times": {}}]')
    with pytest.raises(ResultError, match=rf"run_stats\.csv: {problem}"):
        read_run(stats.with_name("run_failures.csv"))


def test_more_files_than_anybody_looks_at(write_run: WriteRun) -> None:
    """However many files a folder holds, a second run in it is noticed."""
    stats = write_run(prefix="a")
    for number in range(300):
        stats.with_name(f"b{number}.csv").write_text("x,y\n")
    write_run(prefix="c")
    with pytest.raises(ResultError, match="holds 2 runs"):
        read_run(stats.parent)
