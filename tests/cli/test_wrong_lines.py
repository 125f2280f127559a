"""A command line that is refused: no output that it asks for keeps an older verdict."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import WriteRun

from loadgate.cli import run
from loadgate.cli.writing import marked

GOOD = (
    "--output=text:v.txt",
    "--output=markdown:v.md",
    "--output=json:v.json",
    "--output=junit:v.xml",
    "--output=github:v.log",
    "--output=csv:v",
    "--output=json:out/{label}.json",
)
WRITTEN = {"v.txt", "v.md", "v.json", "v.xml", "v.log", "v_stats.csv", "v_failures.csv"}
READ = {"run_stats.csv", "run_failures.csv"}


@pytest.fixture(autouse=True)
def _there(write_run: WriteRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_run()
    assert run(["check", "run", *GOOD]) == 0
    assert WRITTEN | {"out/run.json"} <= there()


def there() -> set[str]:
    """Return the files of the working directory."""
    return {str(path) for path in Path().rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["check"], id="no-run"),
        pytest.param(["check", "run", "--encoding", "klingon"], id="encoding"),
        pytest.param(["check", "run", "--output", "xml:q"], id="format"),
        pytest.param(["check", "run", "--output", "json:"], id="no-path"),
        pytest.param(["check", "run", "--output", "csv"], id="csv-without-a-path"),
        pytest.param(["check", "run", "--output", "."], id="a-folder"),
        pytest.param(["check", "run", "--output", "json:v.md"], id="twice"),
        pytest.param(["check", "run", "--output", "json", "--output=junit"], id="on-one-stream"),
        pytest.param(["check", "run", "--bogus"], id="unknown-option"),
        pytest.param(["check", "run", "--bogus", "x"], id="unknown-option-with-a-value"),
        pytest.param(["check", "run", "-x"], id="unknown-letter"),
        pytest.param(["check", ".", "--bogus"], id="a-folder-with-its-outputs"),
        pytest.param(["check", "run", "--today", "nonsense"], id="date"),
        pytest.param(["check", "run", "--threshold", "p95 <="], id="threshold"),
        pytest.param(["check", "run", "--baseline-optional"], id="no-baseline"),
        pytest.param(["check", "run", "--history-optional"], id="no-history"),
        pytest.param(["check", "run", "--strict-rules=yes"], id="a-value-too-many"),
        pytest.param(["check", "run", "--rules", "no-such-preset"], id="rules"),
        pytest.param(["chek", "run"], id="unknown-command"),
        pytest.param(["--bogus", "check", "run"], id="unknown-option-of-the-program"),
        pytest.param([*GOOD, "check", "run"], id="options-before-the-command"),
    ],
)
@pytest.mark.parametrize("first", [True, False], ids=["before", "behind"])
def test_no_output_that_is_asked_for_stays(
    first: bool,
    arguments: list[str],
) -> None:
    """Whatever is wrong, and wherever it stands."""
    at = 2 if first and arguments[0] in {"check", "chek"} else len(arguments)
    assert run([*arguments[:at], *GOOD, *arguments[at:]]) == 2
    assert there() == READ


@pytest.mark.parametrize(
    "last",
    [
        *(["--threshold"], ["--output"], ["--output="]),
        *(["--baseline"], ["--baseline", ""], ["--history"], ["--history", ""]),
    ],
)
def test_an_option_without_its_value(last: list[str]) -> None:
    """As where a variable is empty; no baseline is not the working directory."""
    assert run(["check", "run", *GOOD, *last]) == 2
    assert there() == READ


def test_an_output_that_is_itself_wrong() -> None:
    """The path tells what was meant."""
    wrong = ("jsno:v.json", "v.txt", "cvs:v", "markdwon:v.md", "JUnit=v.xml", "x:out/{label}.json")
    assert run(["check", "run", *(f"--output={text}" for text in wrong)]) == 2
    assert there() == {*READ, "v.log"}


def test_an_option_that_is_meant_to_be_output() -> None:
    """A format and a path are enough to know it."""
    wrong = ("--ouput", "text:v.txt", "-o", "json:v.json", "--outputs=csv:v", "--out=junit:v.xml")
    assert run(["check", "run", *wrong]) == 2
    assert there() == {*READ, "v.md", "v.log", "out/run.json"}


def test_of_several_runs_with_a_label(write_run: WriteRun) -> None:
    """The names are those that a right command line gives; the results of others stay."""
    write_run(prefix="other")
    command = ["check", "run", "other", "--label", "night 1", "--output=json:out/{label}.json"]
    assert run(command) == 0
    made = {"out/night_1_run.json", "out/night_1_other.json"}
    assert made <= there()
    assert run([*command, "--today", "x"]) == 2
    assert not made & there()
    assert run(command) == 0
    assert run([*command, "--jobs", "2"]) == 2
    assert not made & there()
    assert "out/run.json" in there()


def test_what_is_read_stays() -> None:
    """A wrong command line tells what is read, too: runs, and documents for a baseline."""
    before = there()
    read = ("v.json", "out/run.json", "./out/run.json")
    outputs = [f"--output=json:{path}" for path in read]
    for arguments in (
        ["check", "v.json", "--baseline", "out"],
        ["check", "v.json", "--baseline=out/run.json"],
        ["check", "v.json", "--history", "out"],
        ["check", "v.json", "--basline=out/run.json"],
        ["report", "v.json", "out"],
        ["compare", "v.json", "out/run.json"],
        ["compare", "--base=v.json", "--head", "out"],
    ):
        assert run([*arguments, *outputs, "--bogus"]) == 2
        assert there() == before


def test_files_of_others_stay() -> None:
    """Nothing is removed that loadgate did not write."""
    for name in sorted(WRITTEN):
        Path(name).write_text("mine")
    assert run(["check", "run", *GOOD, "--bogus"]) == 2
    assert there() == WRITTEN | READ


def test_a_question_removes_nothing() -> None:
    """Nothing was to be judged."""
    before = there()
    assert run(["check", "run", *GOOD, "--help"]) == 0
    assert there() == before


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["compare", "run"], id="compare-one"),
        pytest.param(["compare", "run", "run", "--encoding", "klingon"], id="compare-encoding"),
        pytest.param(["compare", "run", "run", "--output", "html:w.html"], id="compare-format"),
        pytest.param(["report"], id="report-nothing"),
        pytest.param(["report", "run", "--charts", "png"], id="report-charts"),
        pytest.param(["report", "run", "--jobs", "0"], id="report-jobs"),
        pytest.param(["report", "run", "--week", "47"], id="report-week"),
    ],
)
def test_other_commands_leave_nothing_older(arguments: list[str]) -> None:
    """Nor the pictures of a report."""
    for name, format_ in (("w.md", "markdown"), ("w-1.svg", "svg")):
        Path(name).write_bytes(marked(format_, "older\n"))
    assert run([*arguments, "--output=markdown:w.md", "--output=json:v.json"]) == 2
    assert not {"w.md", "v.json"} & there()
    assert Path("w-1.svg").exists() == (arguments[0] == "compare")


def test_a_report_with_pictures_in_a_folder(capsys: pytest.CaptureFixture[str]) -> None:
    """That a path has no name to give to the pictures is no bug."""
    assert run(["report", "run", "--charts=svg", "--output=markdown:."]) == 2
    assert ".: is a folder; name a file" in capsys.readouterr().err
