"""What loadgate writes over, what it removes, and how it knows its own files again."""

from __future__ import annotations

import errno
import gzip
import json
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.resources import files as files_of
from pathlib import Path
from typing import NoReturn

import pytest
from conftest import WriteRun

from loadgate.cli import run
from loadgate.cli.writing import Writer, marked
from loadgate.errors import OutputError
from loadgate.model import FILTERED

FORMATS = ("text", "markdown", "json", "junit", "github")
VERDICT = json.dumps({"format": "loadgate.result", "version": 1, "outcome": "passed"}, indent=2)
FAILED = [("POST", "/tools/[id]/state", "CatchResponseError('Expected [200], got 409')", 500)]
Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def stats(write_run: WriteRun) -> str:
    """Return the path of a run that passes."""
    return str(write_run())


def files() -> dict[str, bytes]:
    """Return the files of the working directory with what is in them."""
    return {str(p): p.read_bytes() for p in Path().rglob("*") if p.is_file()}


# --- nothing of others is written over ------------------------------------------------------------

OF_OTHERS = {
    "notes": "# Notes\n\nWritten by hand.\n",
    "a verdict with notes": marked("markdown", "### PASSED\n").decode() + "\nAsk Ann about it.\n",
    "about the mark": "It says <!-- Written by loadgate, which replaces this file. --> at its end.",
    "rules": 'version = 1\n[[thresholds]]\nrequire = "requests >= 1"\n',
    "CSV": "Method,Name,Error,Occurrences\n",
    "a blank": " ",
}


LIKE_ITS_OWN = {
    "other JSON": '{\n  "name": "x",\n  "format": "loadgate.result"\n}\n',
    "JSON with the format": '{\n  "format": "loadgate.result",\n  "mine": 1\n}\n',
    "JSON with the version": '{\n  "format": "loadgate.result",\n  "version": 1,\n  "mine": 1\n}\n',
    "JSON of another kind": VERDICT.replace("result", "comparison"),
    "JSON of an unknown kind": VERDICT.replace("result", "mine"),
    "verdicts one a line": f"{json.dumps(json.loads(VERDICT))}\n" * 2,
    "a verdict that was cut": VERDICT[:-3],
    "a document with notes": f"{VERDICT}\nAsk Ann about it.\n",
    "CSV with the mark inside": f"Method,{FILTERED}run_stats.csv,Notes\n",
    "CSV that is about the mark": f"Method,as in {FILTERED}run_stats.csv\n",
    "CSV that cannot be read": f'"{"x" * 200_000}",{FILTERED}\n',
}


@pytest.mark.parametrize("text", OF_OTHERS.values(), ids=OF_OTHERS)
@pytest.mark.parametrize("command", ["check", "compare", "report"])
def test_files_of_others_stay(command: str, text: str, stats: str, capsys: Captured) -> None:
    """One message names the file and what to do, and the other output is written."""
    Path("mine").write_text(text)
    inputs = [stats, stats] if command == "compare" else [stats]
    assert run([command, *inputs, "--output", "markdown:mine", "--output", "json:v.json"]) == 2
    said = capsys.readouterr().err
    assert "mine: exists" in said
    assert Path("mine").read_text() == text
    assert Path("v.json").exists()


@pytest.mark.parametrize("text", LIKE_ITS_OWN.values(), ids=LIKE_ITS_OWN)
def test_a_key_or_a_word_is_no_mark(text: str) -> None:
    """A file is known by all that loadgate begins and ends it with."""
    Path("mine").write_text(text)
    writer = Writer([])
    writer.clear(["mine"])
    with pytest.raises(OutputError, match=r"mine: exists"):
        writer.write([("mine", [b"{}"])])
    assert Path("mine").read_text() == text


def test_the_csv_of_another_run_stays(write_run: WriteRun, stats: str, capsys: Captured) -> None:
    """Neither of its files is touched, and of the two no half is written."""
    write_run(prefix="nightly")
    Path("nightly_stats.csv").rename("other_stats.csv")
    before = files()
    assert run(["check", stats, "--output", "csv:nightly", "--output", "csv:other"]) == 2
    assert capsys.readouterr().err.count("loadgate did not write it") == 2
    assert files() == before


def test_pictures_are_outputs_as_all_others(stats: str, capsys: Captured) -> None:
    """They replace each other, and nothing else."""
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    command = ["report", stats, f"--since={yesterday}", "--charts=svg", "--output=markdown:w.md"]
    assert run([*command, "--output", "json:w-1.svg"]) == 2
    assert "w-1.svg: asked for twice" in capsys.readouterr().err
    Path("w-1.svg").write_text("<svg/>")
    assert run(command) == 2
    assert "w-1.svg: exists" in capsys.readouterr().err
    assert {*files()} == {"run_failures.csv", "run_stats.csv", "w-1.svg"}
    Path("w-1.svg").unlink()
    assert run(command) == run(command) == 0
    assert "w-1.svg" in files()


def test_an_empty_file_is_nobody_s(stats: str) -> None:
    """As `mktemp` makes them, and GitHub for the summary of a step."""
    Path("summary").touch()
    assert run(["check", stats, "--output", "markdown:summary"]) == 0
    assert Path("summary").stat().st_size


def test_any_format_replaces_any_other(stats: str) -> None:
    """What loadgate wrote is known by its content, not by its name."""
    for first in FORMATS:
        for second in FORMATS:
            assert run(["check", stats, "--output", f"{first}:v"]) == 0
            assert run(["check", stats, "--output", f"{second}:v"]) == 0


def test_what_is_stored_with_other_line_ends_is_known(stats: str) -> None:
    """Git and editors change them, and add a mark of the encoding."""
    for name in FORMATS:
        assert run(["check", stats, "--output", f"{name}:v"]) == 0
        text = Path("v").read_text("utf-8")
        Path("v").write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
        assert run(["check", stats, "--output", f"{name}:v"]) == 0


# --- no older verdict stays -----------------------------------------------------------------------


def _crash(*_: object, **__: object) -> Iterator[str]:
    raise RuntimeError


def _interrupt(*_: object, **__: object) -> Iterator[str]:
    raise KeyboardInterrupt


@pytest.mark.parametrize("path", ["v.{0}", "out/{label}.{0}"])
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        pytest.param(["run"], 2, id="no-run"),
        pytest.param(["run/"], 2, id="no-folder"),
        pytest.param(["run_stats.csv", "--rules", "gone.toml"], 2, id="no-rules"),
        pytest.param(["run_stats.csv", "--threshold", "p95"], 2, id="threshold"),
        pytest.param(["run_stats.csv", "--baseline", "gone"], 2, id="no-baseline"),
        pytest.param(["run_stats.csv", "--history", "gone"], 2, id="no-history"),
        pytest.param(["run_stats.csv", "--today", "x"], 2, id="date"),
    ],
)
def test_an_error_leaves_no_older_verdict(
    path: str, arguments: list[str], code: int, stats: str
) -> None:
    """In no format: a step that reads one would take yesterday's for today's."""
    wanted = [f"--output={name}:{path.replace('{0}', name)}" for name in (*FORMATS, "csv")]
    assert run(["check", stats, *wanted]) == 0
    Path("run.json").write_text(VERDICT)
    made = {*files()} - {"run_stats.csv", "run_failures.csv", "run.json"}
    assert len(made) == len(FORMATS) + 2
    if not Path(arguments[0]).exists():
        Path("run_stats.csv").unlink()
    assert run(["check", *arguments, *wanted]) == code
    assert not made & {*files()}
    assert "run.json" in files()  # which nobody asked for


@pytest.mark.parametrize(("end", "code"), [(_crash, 70), (_interrupt, 130)])
def test_a_bug_leaves_no_older_verdict(
    end: object, code: int, stats: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However the command ends."""
    assert run(["check", stats, "--output", "json:v.json"]) == 0
    monkeypatch.setattr("loadgate.cli.check.load_policy", end)
    assert run(["check", stats, "--output", "json:v.json"]) == code
    assert not Path("v.json").exists()


def test_several_runs_with_one_path_leave_no_older_verdict(write_run: WriteRun) -> None:
    """A run that was added to a folder makes the path one for two."""
    write_run(folder="runs")
    assert run(["check", "runs", "--output", "json:v.json"]) == 0
    write_run(folder="runs", prefix="more")
    assert run(["check", "runs", "--output", "json:v.json"]) == 2
    assert not Path("v.json").exists()


def test_of_several_runs_each_has_its_own_name(write_run: WriteRun) -> None:
    """A run that cannot be read keeps its name, and of that only the older verdict goes."""
    for name in ("a b", "a_b", "c"):
        write_run(prefix=name)
    wanted = "json:out/{label}.json"
    assert run(["check", "a b", "a_b", "--output", wanted]) == 0
    assert run(["check", "c", "--output", wanted]) == 0
    Path("a b_stats.csv").unlink()
    assert run(["check", "a b", "a_b", "--output", wanted]) == 2
    assert sorted(path.name for path in Path("out").iterdir()) == ["a_b-2.json", "c.json"]


@pytest.mark.parametrize("command", ["compare", "report"])
def test_other_commands_leave_nothing_older(command: str, stats: str) -> None:
    """A report on another week is none on this one."""
    inputs = [stats, stats] if command == "compare" else [stats]
    wanted = ["--output=markdown:v.md", "--output=json:v.json"]
    assert run([command, *inputs, *wanted]) in {0, 2}
    assert {"v.md", "v.json"} <= {*files()}
    assert run([command, *inputs, *wanted, "--rules", "gone.toml", "--today", "x"]) == 2
    assert not {"v.md", "v.json"} & {*files()}


def test_what_is_read_or_of_others_is_not_removed(
    stats: str, write_run: WriteRun, capsys: Captured
) -> None:
    """A document may be the baseline; a link, a pipe and a file of others stay what they are."""
    assert run(["check", stats, "--output", "json:base/v.json"]) == 0
    Path("mine.md").write_text("mine")
    Path("link").symlink_to("mine.md")
    os.mkfifo("pipe")
    write_run([("GET", "/", 100, 0)], [], prefix="other")
    before = files()
    for base in ("base", "base/v.json", "."):
        command = ["check", stats, "--baseline", base, "--rules", "gone.toml"]
        paths = ("base/v.json", "link", "base", "nowhere/v", "n\0l")
        assert run([*command, *(f"--output=text:{path}" for path in paths)]) == 2
        assert files() == before
    assert run(["check", "gone", "--output", "text:pipe"]) == 2
    command = ["check", "other", "--baseline", "base", "--output", "json:base/v.json"]
    assert run(command) == 2
    assert "base/v.json: is one of" in capsys.readouterr().err
    assert files() == before
    assert run(["check", "base/v.json", "--output", "json:base/v.json"]) == 2
    assert files() == before


def test_its_own_file_is_replaced_where_it_could_not_be_removed() -> None:
    """As of a document that another job has written meanwhile."""
    Path("v.json").write_text(VERDICT)
    Path("v.json").chmod(0o640)
    Writer([]).write([("v.json", [b"{}"])])
    assert Path("v.json").read_text() == "{}"
    assert Path("v.json").stat().st_mode & 0o777 == 0o640


def test_what_cannot_be_removed_is_emptied(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a file that is mounted by itself, or one in a folder that is read-only."""

    def refuse(_: Path) -> None:
        raise OSError(errno.EBUSY, "Device or resource busy")

    Path("v.json").write_text(VERDICT)
    monkeypatch.setattr(Path, "unlink", refuse)
    Writer([]).clear(["v.json"])
    assert Path("v.json").read_bytes() == b""


@pytest.mark.parametrize("kind", ["result", "report", "comparison", "lint"])
def test_every_document_is_known_by_its_first_keys(kind: str) -> None:
    """They are those of its schema, in this order since the first commit."""
    schema = json.loads((files_of("loadgate") / "schemas" / f"{kind}.json").read_text("utf-8"))
    document = dict.fromkeys(schema["required"]) | {"format": f"loadgate.{kind}", "version": 1}
    Path("v.json").write_text(json.dumps(document, indent=2))
    Writer([]).clear(["v.json"])
    assert not Path("v.json").exists()


@pytest.mark.parametrize("name", ["json", "csv", "text"])
def test_a_large_file_is_known_by_its_ends(name: str, stats: str) -> None:
    """Without reading all of it."""
    assert run(["check", stats, f"--output={name}:v"]) == 0
    path = Path("v_failures.csv" if name == "csv" else "v")
    data = path.read_bytes()
    at = data.index(b"\n", 200 if name == "json" else 0)
    with path.open("wb") as file:  # which takes no room on most disks
        file.write(data[:at])
        file.seek(2**36)
        file.write(data[at:])
    Writer([]).clear([str(path)])
    assert not path.exists()


def test_what_cannot_be_opened_is_not_written_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody knows who wrote it."""

    def refuse(*_: object) -> NoReturn:
        raise PermissionError

    Path("v.json").write_text(VERDICT)
    monkeypatch.setattr(Path, "open", refuse)
    writer = Writer([])
    writer.clear(["v.json"])
    with pytest.raises(OutputError, match=r"v\.json: exists"):
        writer.write([("v.json", [b"{}"])])


# --- loadgate's own CSV is no run -----------------------------------------------------------------

MESSAGE = "was written by loadgate and lacks the expected failures of run_stats.csv"


@pytest.fixture
def filtered(write_run: WriteRun) -> str:
    """Return the prefix of the CSV of a run that exceeds its budget."""
    write_run([("POST", "/tools/[id]/state", 1000, 500)], FAILED)
    assert run(["check", "run", "--output", "csv:true"]) == 0
    return "true"


def _as_it_is(prefix: str) -> str:
    return prefix


def _renamed(prefix: str) -> str:
    Path("x").mkdir()
    shutil.move(f"{prefix}_stats.csv", "x/requests.csv")
    shutil.move(f"{prefix}_failures.csv", "x/failures.csv")
    return "x"


def _zipped(prefix: str) -> str:
    for part in ("stats", "failures"):
        data = Path(f"{prefix}_{part}.csv").read_bytes()
        Path(f"z_{part}.csv.gz").write_bytes(gzip.compress(data))
    return "z_stats.csv.gz"


def _saved_by_a_spreadsheet(prefix: str) -> str:
    for part in ("stats", "failures"):
        text = Path(f"{prefix}_{part}.csv").read_text()
        Path(f"s_{part}.csv").write_text(f"sep=;\n{text.replace(',', ';')}", "utf-16")
    return "s_stats.csv"


def _failures_alone(prefix: str) -> str:
    shutil.copy("run_stats.csv", "m_stats.csv")
    shutil.copy(f"{prefix}_failures.csv", "m_failures.csv")
    return "m"


@pytest.mark.parametrize(
    "touch", [_as_it_is, _renamed, _zipped, _saved_by_a_spreadsheet, _failures_alone]
)
@pytest.mark.parametrize("command", ["check", "report", "compare", "baseline"])
def test_loadgate_s_own_csv_is_no_run(
    command: str, touch: object, filtered: str, capsys: Captured
) -> None:
    """It would pass where its original fails; the message names that."""
    assert callable(touch)
    path = touch(filtered)
    arguments = {
        "compare": ["compare", path, "run_stats.csv"],
        "baseline": ["check", "run_stats.csv", "--threshold=p95 <= baseline", "--baseline", path],
    }.get(command, [command, path])
    assert run(arguments) == 2
    said = capsys.readouterr()
    assert MESSAGE in said.err + said.out


def test_loadgate_s_own_csv_beside_its_original(filtered: str, capsys: Captured) -> None:
    """A folder with both is refused, as nothing in it says what was meant."""
    assert filtered
    assert run(["check", "./"]) == 2
    assert f"true_stats.csv: {MESSAGE}" in capsys.readouterr().err
