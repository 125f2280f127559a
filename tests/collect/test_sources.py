"""Paths in, what is read behind them out."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest
from conftest import WriteRun

from loadgate.collect import find_sources

from .nights import ROOT, WEEKS, document, written

pytestmark = pytest.mark.usefixtures("_here")


@pytest.fixture
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def found(*inputs: str) -> list[tuple[str, str]]:
    """Return path and kind of each source."""
    return [(source.path, source.kind) for source in find_sources(inputs)]


def test_files_are_taken_at_their_word(write_run: WriteRun) -> None:
    """A document says that it is one; everything else is a run, also one that is not there."""
    write_run()
    written(document(), Path("night.json"))
    written({"format": "else"}, Path("else.json"))
    assert found("run_stats.csv", "night.json", "else.json", "gone", "gone.json", "a\0.json") == [
        ("a\0.json", "run"), ("else.json", "run"), ("gone", "run"), ("gone.json", "run"),
        ("night.json", "document"), ("run_stats.csv", "run"),
    ]  # fmt: skip


def test_folders_are_searched(write_run: WriteRun) -> None:
    """All that is below, hidden folders and files excepted; nothing twice."""
    write_run(folder="a/b")
    write_run(folder="a/b", prefix="other")
    written(document(), Path("a/night.json"))
    written(document(), Path("a/.hidden.json"))
    written(document(), Path("a/.git/night.json"))
    Path("a/notes.json").write_text("{}")
    Path("a/readme.txt").write_text("x")
    wanted = [
        ("a/b/other_stats.csv", "run"),
        ("a/b/run_stats.csv", "run"),
        ("a/night.json", "document"),
    ]
    assert found("a") == wanted
    assert found("a", "a/b/run_stats.csv", "a/b") == wanted


def test_a_report_beside_csv_files_is_no_run_of_its_own() -> None:
    """But it is one where a folder has no statistics in CSV."""
    shutil.copytree(ROOT / "examples" / "runs", "runs")
    html = next((ROOT / "tests").rglob("*.html"), None)
    report = Path("runs/run.html")
    report.write_text(html.read_text("utf-8") if html else REPORT, "utf-8")
    assert found("runs") == [("runs/run_stats.csv", "run")]
    Path("reports").mkdir()
    shutil.copy(report, "reports/run.html")
    assert found("reports") == [("reports/run.html", "run")]


REPORT = """<!DOCTYPE html><html><head><title>Locust Test Report</title></head><body>
<script>window.templateArgs = {"requests_statistics": []}</script></body></html>"""


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_links_are_followed_and_circles_end() -> None:
    """A link to a folder is a folder; one that leads back is not searched again."""
    written(document(), Path("real/night.json"))
    Path("top").mkdir()
    Path("top/link").symlink_to(Path("real").resolve())
    Path("top/loop").symlink_to(Path("top").resolve())
    assert found("top") == [("top/link/night.json", "document")]


def test_what_looks_like_a_result_and_cannot_be_read_is_left_out() -> None:
    """In a folder there may be anything; only what is named is worth a word."""
    Path("mixed").mkdir()
    Path("mixed/cut.json").write_text('{"stats": [')
    Path("mixed/page.html").write_text("<html>notes")
    written(document(), Path("mixed/night.json"))
    assert found("mixed") == [("mixed/night.json", "document")]


def test_an_empty_folder_has_nothing() -> None:
    """And that is no error of the search."""
    Path("empty").mkdir()
    assert found("empty") == []


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root reads everything")
def test_what_cannot_be_read_is_no_document() -> None:
    """Reading it says why."""
    path = written(document(), Path("night.json"))
    path.chmod(0)
    assert found("night.json") == [("night.json", "run")]


def test_the_recorded_weeks() -> None:
    """Fourteen documents; the script and the page beside them are none."""
    assert len(find_sources([str(WEEKS)])) == 14
