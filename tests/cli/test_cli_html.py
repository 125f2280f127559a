"""`check --output html`: what it needs, what it writes, and that others need none of it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from loadgate.cli import run

WriteRun = Callable[..., Path]


@pytest.mark.parametrize("missing", ["altair", "vl_convert", "jinja2"])
def test_without_the_extra_nothing_is_written(
    write_run: WriteRun,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    missing: str,
) -> None:
    """It is said before anything is judged, once, with what to install; older verdicts are gone."""
    monkeypatch.setitem(sys.modules, missing, None)
    monkeypatch.chdir(tmp_path)
    stats = str(write_run())
    Path("old.json").write_text(
        '{\n  "format": "loadgate.result",\n  "version": 1,\n  "outcome": 1\n}'
    )
    code = run(["check", stats, stats, "--output", "html:page.html", "--output", "json:old.json"])
    assert code == 2
    told = capsys.readouterr()
    assert told.err.count("pip install 'loadgate[report]'") == 1
    assert told.out == ""
    assert not Path("page.html").exists()
    assert not Path("old.json").exists()


def test_other_formats_import_none_of_it(write_run: WriteRun) -> None:
    """Nor do they read a run over time."""
    heavy = ("altair", "vl_convert", "jinja2", "loadgate.over_time", "loadgate.render.page")
    code = (
        "import sys; from loadgate.cli import run;"
        f" code = run(sys.argv[1:]); sys.exit(9 if set({heavy}) & set(sys.modules) else code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "check", str(write_run()), "--output", "markdown"],
        stdout=subprocess.DEVNULL,
        check=False,
    )
    assert done.returncode == 0


def test_a_page_for_each_run(write_run: WriteRun, tmp_path: Path) -> None:
    """Several runs have a page each, which the next check replaces."""
    one, other = str(write_run()), str(Path("examples/runs/run_stats.csv").resolve())
    words = ["check", one, other, "--output", f"html:{tmp_path}/pages/{{label}}.html"]
    for _ in range(2):
        assert run(words) in {0, 1}
        pages = sorted((tmp_path / "pages").iterdir())
        assert len(pages) == 2
        for page in pages:
            text = page.read_text("utf-8")
            assert text.startswith("<!DOCTYPE html>")
            assert text.endswith("<!-- Written by loadgate, which replaces this file. -->\n")


def test_standard_output_holds_one_document(
    write_run: WriteRun, capsys: pytest.CaptureFixture[str]
) -> None:
    """A page, too, may go there; behind it nothing may follow."""
    stats = str(write_run())
    assert run(["check", stats, "--output", "html"]) == 0
    assert capsys.readouterr().out.startswith("<!DOCTYPE html>")
    assert run(["check", stats, "--output", "html", "--output", "json"]) == 2


def test_a_history_is_drawn(tmp_path: Path) -> None:
    """The run of the examples has one."""
    run(["check", "examples/runs/run_stats.csv", "--output", f"html:{tmp_path}/page.html"])
    page = (tmp_path / "page.html").read_text("utf-8")
    assert 'id="chart-rps"' in page
    assert "From Locust&#39;s history" in page
