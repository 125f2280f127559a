"""`loadgate report` as it is run: inputs, periods, outputs and exit codes."""

from __future__ import annotations

import json
import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import WriteRun

from loadgate.cli import run

ROOT = Path(__file__).parents[1]
WEEKS = ROOT / "examples" / "weeks"
DAY = ["--today", "2026-11-23"]

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


def document(captured: Captured) -> dict[str, Any]:
    """Return the JSON document on standard output."""
    found = json.loads(captured.readouterr().out)
    assert isinstance(found, dict)
    return found


def test_markdown_is_the_default(capsys: Captured) -> None:
    """The last full week of a folder of result documents, on standard output."""
    assert run(["report", str(WEEKS), *DAY]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("# Load tests, 2026-W47\n\n❌ **Not fine**: 500 at 16 endpoints")
    assert "```mermaid" in out
    assert err == ""


def test_the_rules_file_says_who_should_look(tmp_path: Path, capsys: Captured) -> None:
    """Also of result documents, which do not know; without owners nobody is named."""
    rules = tmp_path / "owners.toml"
    rules.write_text('version = 1\n[[owners]]\nendpoint = "/tools**"\nowner = "@tools"\n', "utf-8")
    options = ["report", str(WEEKS), *DAY, "--output", "json"]
    assert run([*options, "--rules", str(rules)]) == 0
    owned = document(capsys)
    assert owned["incidents"][0]["owners"] == ["@tools"]
    assert "(@tools)" in owned["attention"][2]["sentence"]
    assert run(options) == 0
    assert document(capsys)["incidents"][0]["owners"] == []


def test_another_week_was_meant(capsys: Captured) -> None:
    """Where all runs given are of other times, the first sentence says of which."""
    assert run(["report", str(WEEKS), "--week", "2026-W01"]) == 0
    out, err = capsys.readouterr()
    assert "- **Nothing ran**: " in out
    assert err.startswith("loadgate: 2026-W01: ")
    assert "2026-11-22, see --week 2026-W47" in err
    assert "**Nothing ran**: The newest run started on 2026-11-22, see --week 2026-W47.\n" in out


@pytest.mark.parametrize(
    ("options", "name", "runs"),
    [
        pytest.param([], "2026-W47", 7, id="last-full-week"),
        pytest.param(["--week", "2026-W46"], "2026-W46", 7, id="week"),
        pytest.param(["--since", "2026-11-21"], "2026-11-21 to 2026-11-23", 2, id="since"),
        pytest.param(
            ["--since", "2026-11-10", "--until", "2026-11-10"], "2026-11-10", 1, id="one-day"
        ),
        pytest.param(["--months", "1", "--today", "2026-12-01"], "2026-11", 14, id="month"),
        pytest.param(
            ["--months", "6", "--today", "2026-11-30"], "2026-05 to 2026-10", 0, id="half"
        ),
        pytest.param(["--timezone", "America/New_York"], "2026-W47", 6, id="another-clock"),
        pytest.param(["--week", "2026-W01"], "2026-W01", 0, id="nothing-ran"),
    ],
)
def test_periods(options: list[str], name: str, runs: int, capsys: Captured) -> None:
    """A run belongs to the period in which it started, by the clock of the zone."""
    assert run(["report", str(WEEKS), *DAY, "--output", "json", *options]) == 0
    found = document(capsys)
    assert found["period"]["name"] == name
    assert found["totals"]["runs"] == runs


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param([], "Missing argument 'INPUT...'", id="no-input"),
        pytest.param([str(WEEKS), "--week", "47"], "--week 47: expected an ISO week", id="week"),
        pytest.param([str(WEEKS), "--output", "pdf"], "unknown format 'pdf'", id="format"),
        pytest.param([str(WEEKS), "--output", "json:"], "no path after the colon", id="no-path"),
        pytest.param(
            [str(WEEKS), "--output", "json:a", "--output", "markdown:a"], "asked for twice",
            id="twice",
        ),
        pytest.param([str(WEEKS), "--charts", "svg"], "beside the report", id="svg-to-a-pipe"),
        pytest.param([str(WEEKS), "--rules", "none.toml"], "there is no such file", id="rules"),
        pytest.param([str(WEEKS), "--threshold", "p95 < x"], "p95", id="threshold"),
        pytest.param([str(WEEKS), "--jobs", "0"], "--jobs", id="jobs"),
        pytest.param(
            [str(WEEKS), "--jobs", "2", "--scheduler", "tcp://127.0.0.1:9"], "exclude each other",
            id="two-places",
        ),
        pytest.param([str(WEEKS), "--today", "now"], "not a date", id="today"),
    ],
)  # fmt: skip
def test_wrong_usage(arguments: list[str], message: str, capsys: Captured) -> None:
    """One message says what is wrong, and nothing is written."""
    assert run(["report", *arguments]) == 2
    out, err = capsys.readouterr()
    assert (out, message in err) == ("", True), err
    assert not list(Path().iterdir())


@pytest.mark.parametrize("left", [24, 3000])
def test_broken_results_are_listed_and_exit_2(capsys: Captured, left: int) -> None:
    """The report is written all the same, and says what is missing from it."""
    Path("runs").mkdir()
    shutil.copy(WEEKS / "2026-11-16.json", "runs")
    text = (WEEKS / "2026-11-17.json").read_text("utf-8")
    Path("runs/cut.json").write_text(text[:left], "utf-8")
    assert run(["report", "runs", "missing.json", *DAY, "--output", "markdown:w.md"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "runs/cut.json: is not valid JSON" in err
    assert "missing.json: " in err
    report = Path("w.md").read_text("utf-8")
    assert "could not be read; 1 run passed" in report
    assert "runs/cut.json" in report
    assert "missing.json" in report


def test_raw_runs_are_judged_by_the_rules(write_run: WriteRun, capsys: Captured) -> None:
    """What-if: the same run under other rules."""
    stats = write_run()
    strict = ["--threshold", "failures <= 1"]
    for options, failed in (([], 0), (strict, 1)):
        command = ["report", str(stats), "--since", "2020-01-01", "--output", "json", *options]
        assert run(command) == 0
        (found,) = document(capsys)["runs"]
        assert found["judged_anew"] is True
        assert len(found["failed_checks"]) == failed


def test_the_same_run_counts_once(capsys: Captured) -> None:
    """A copy, and the folder that holds both."""
    shutil.copytree(WEEKS, "weeks")
    shutil.copy("weeks/2026-11-16.json", "copy.json")
    assert run(["report", "weeks", "copy.json", ".", *DAY, "--output", "json"]) == 0
    found = document(capsys)
    assert found["totals"]["runs"] == 7
    assert found["repeated"] == ["weeks/2026-11-16.json"]


def test_pictures_lie_beside_the_report() -> None:
    """They are named after it, and it shows them."""
    assert run(["report", str(WEEKS), *DAY, "--charts", "svg", "--output", "markdown:a/w.md"]) == 0
    names = sorted(path.name for path in Path("a").iterdir())
    assert names == ["w-1.svg", "w.md"]
    text = Path("a/w.md").read_text("utf-8")
    assert "](w-1.svg)" in text


def test_every_output_is_written_also_after_one_that_cannot_be(capsys: Captured) -> None:
    """And the exit code says that one could not."""
    Path("taken").mkdir()
    outputs = ["--output", "json:taken", "--output", "html:w.html", "--output", "markdown"]
    assert run(["report", str(WEEKS), *DAY, "--charts", "none", *outputs]) == 2
    out, err = capsys.readouterr()
    assert "taken: is a folder" in err
    assert out.startswith("# Load tests")
    assert "mermaid" not in out
    assert Path("w.html").read_text("utf-8").startswith("<!DOCTYPE html>")


def test_a_report_is_never_written_over_a_result(capsys: Captured) -> None:
    """What is read stays as it is."""
    shutil.copy(WEEKS / "2026-11-16.json", "run.json")
    before = Path("run.json").read_bytes()
    assert run(["report", "run.json", *DAY, "--output", "json:run.json"]) == 2
    assert "is one of the files being read" in capsys.readouterr().err
    assert Path("run.json").read_bytes() == before


def test_its_own_outputs_are_no_results(capsys: Captured) -> None:
    """A report written into the folder that it reads changes nothing the next time."""
    shutil.copytree(WEEKS, "weeks")
    outputs = [f"--output={form}:weeks/w.{form}" for form in ("markdown", "html", "json")]
    for _ in range(2):
        assert run(["report", "weeks", *DAY, *outputs, "--output", "json"]) == 0
        assert len(document(capsys)["sources"]) == 14


def test_the_same_input_gives_the_same_bytes(capsys: Captured) -> None:
    """Whatever the order of inputs and the number of processes."""
    files = [str(path) for path in sorted(WEEKS.glob("*.json"))]
    outputs = []
    for inputs in (files, files[::-1], [*files, "--jobs", "2"]):
        assert run(["report", *inputs, *DAY, "--output", "markdown"]) == 0
        outputs.append(capsys.readouterr().out)
    assert outputs[0] == outputs[1] == outputs[2]


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_a_terminal_sees_progress(capfd: Captured) -> None:
    """And no pipe does."""
    del capfd
    master, slave = pty.openpty()
    command = [sys.executable, "-m", "loadgate", "report", str(WEEKS), *DAY]
    done = subprocess.run(command, stderr=slave, stdout=subprocess.PIPE, check=True)
    os.close(slave)
    shown = os.read(master, 10_000).decode()
    os.close(master)
    assert "reading 14 of 14 results" in shown
    assert b"reading" not in done.stdout


@pytest.mark.parametrize(
    ("output", "code"),
    [
        pytest.param("markdown", 0, id="markdown-does-without"),
        pytest.param("json", 0, id="json-does-without"),
        pytest.param("html", 2, id="html-says-what-to-install"),
    ],
)
def test_without_the_extra(output: str, code: int) -> None:
    """Markdown and JSON need pandas only; no change is tested then, and the report says so."""
    program = (
        "import sys\n"
        "class Without:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] in {'scipy', 'altair', 'vl_convert'}:\n"
        "            raise ModuleNotFoundError(name)\n"
        "sys.meta_path.insert(0, Without())\n"
        "import importlib.util as u\n"
        "real = u.find_spec\n"
        "u.find_spec = lambda n, *a: None if n == 'scipy' else real(n, *a)\n"
        "from loadgate.cli import run\n"
        "sys.exit(run(sys.argv[1:]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "report", str(WEEKS), *DAY, "--output", output],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == code, done.stderr
    if code:
        assert "pip install 'loadgate[report]'" in done.stderr
    elif output == "json":
        assert json.loads(done.stdout)["tested"] is False
    else:
        assert "SciPy is not installed" in done.stdout


def test_without_pandas(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A report needs it in each format, and the message says what to install."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert run(["report", str(WEEKS), *DAY, "--output", "json"]) == 2
    assert "pip install pandas" in capsys.readouterr().err
