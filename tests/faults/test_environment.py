"""An environment that lacks what programs expect, or has too little of it: the same verdict."""

from __future__ import annotations

import json
import os
import resource
import shutil
import sys
from pathlib import Path

import pytest
from conftest import WriteRun

from faults.processes import few, linux, loadgate, prove

pytestmark = linux


@pytest.fixture(autouse=True)
def _here(write_run: WriteRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_run([("GET", "/größe", 100, 50)], [("GET", "/größe", "boom 冲", 50)], folder="bad")
    monkeypatch.chdir(tmp_path)


ENVIRONMENTS: dict[str, dict[str, str | None]] = {
    "no-home": {"HOME": None},
    "home-not-writable": {"HOME": "/proc/nowhere", "XDG_CACHE_HOME": None},
    "tmpdir-not-writable": {"TMPDIR": "/proc/nowhere"},
    "no-path": {"PATH": None},
    "c-locale": {"LC_ALL": "C"},
    "ascii": {"LANG": "C", "LC_ALL": None, "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "unknown-locale": {"LC_ALL": "xx_XX.nothing"},
    "ascii-streams": {"PYTHONIOENCODING": "ascii"},
    "cp1252-streams": {"PYTHONIOENCODING": "cp1252:strict"},
    "source-date-epoch": {"SOURCE_DATE_EPOCH": "-1"},
    "unknown-time-zone": {"TZ": "Nowhere/Land"},
    "no-width": {"COLUMNS": "0", "LINES": "-1"},
}


def _files() -> list[tuple[str, bytes]]:
    return [(path.name, path.read_bytes()) for path in sorted(Path().iterdir()) if path.is_file()]


def test_the_environment_changes_nothing() -> None:
    """Files hold the same bytes as ever; what is printed may be escaped."""
    forms = ("text", "markdown", "json", "junit", "github")
    command = ["check", "bad", *(f"--output={form}:{form}" for form in forms)]
    assert loadgate(*command).sound().code == 1
    before = _files()
    for name, env in ENVIRONMENTS.items():
        for form in forms:
            Path(form).unlink()
        ended = loadgate(*command, "--output", "text", env=env).sound()
        assert ended.code == 1, name
        assert ended.err == "", name
        assert ended.out.startswith("FAILED"), name
        assert _files() == before, name


@prove
@pytest.mark.parametrize("env", ENVIRONMENTS.values(), ids=ENVIRONMENTS)
def test_the_environment_changes_no_report(env: dict[str, str | None]) -> None:
    """Nor do the processes that help with it need more."""
    ended = loadgate("report", "bad", "--jobs", "2", "--output", "markdown", env=env)
    assert ended.sound().code == 0


FLAGS = ["-O", "-OO", "-I", "-Xdev", "-Werror", "-bb"]


@pytest.mark.parametrize("flag", FLAGS)
def test_flags_of_python(flag: str) -> None:
    """None of them changes a verdict, or is a bug."""
    assert loadgate("check", "bad", python=[flag]).sound().code == 1


@pytest.mark.parametrize("flag", few(FLAGS, {"-OO"}))
def test_flags_of_python_and_a_report(flag: str) -> None:
    """Nor a report, but that pandas needs its docstrings."""
    command = ["report", "bad", "--jobs", "2", "--output", "html:r.html"]
    ended = loadgate(*command, python=[flag], measured=flag == "-OO").sound()
    if flag == "-OO":
        assert ended.code == 2
        assert "without -OO" in ended.err
    else:
        assert ended.code == 0, ended.err


def test_a_working_directory_that_was_deleted(tmp_path: Path) -> None:
    """What is named by its whole path is read and written; what is not cannot be found."""
    gone = tmp_path / "gone"
    gone.mkdir()

    def leave() -> None:
        os.chdir(gone)
        shutil.rmtree(gone, ignore_errors=True)
        gone.mkdir()
        shutil.rmtree(gone)

    bad, out = tmp_path / "bad", tmp_path / "v.json"
    named = {"python": ["-P"], "before": leave, "measured": True}
    for arguments, code in (
        (["check", bad, "--output", f"json:{out}"], 1),
        (["check", bad, "--output", "json:v.json"], 2),
        (["check", "bad"], 2),
        (["check", "."], 2),
        (["init"], 2),
        (["report", bad, "--jobs", "2"], 0),
        (["compare", bad, bad], 0),
    ):
        gone.mkdir(exist_ok=True)
        ended = loadgate(*arguments, **named).sound()  # type: ignore[arg-type] # they differ in type
        assert ended.code == code, (arguments, ended)
    assert json.loads(out.read_text())["outcome"] == "failed"


@pytest.mark.parametrize("written", few(["1901", "1968", "2101", "2401"], {"1968", "2401"}))
def test_files_of_another_time(written: str) -> None:
    """A file that was written before 1970, or long from now, is judged all the same."""
    year = int(written)
    seconds = (year - 1970) * 31_556_952
    for path in Path("bad").iterdir():
        os.utime(path, (seconds, seconds))
    ended = loadgate("check", "bad", "--output", "json").sound()
    assert ended.code == 1
    assert json.loads(ended.out)["run"]["ended"].startswith(written[:3])
    ended = loadgate("report", "bad", "--today", "2026-11-23").sound()
    assert ended.code == (0 if 1970 <= year < 2200 else 2)


@pytest.mark.parametrize(
    "day", few(["0001-01-01", "1969-12-31", "9999-12-31"], {"0001-01-01", "9999-12-31"})
)
def test_another_day(day: str) -> None:
    """Rules expire by any day that there is."""
    assert loadgate("check", "bad", "--today", day).sound().code == 1
    ended = loadgate("report", "bad", "--today", day, measured=day == "0001-01-01").sound()
    assert ended.code == (2 if day == "0001-01-01" else 0)


@pytest.mark.parametrize("most", few(["6", "8", "12"], {"8"}))
def test_too_few_open_files(most: str) -> None:
    """The verdict, or an error: never Python's own exit code, which is 1.

    With fewer files Python itself does not get as far as loadgate's first line.
    """

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (int(most), int(most)))

    ended = loadgate("check", "bad", "--output", "json", before=limit)
    if "shared libraries" not in ended.err:  # that of Python itself
        assert ended.sound().code in {1, 2}
        assert ended.code == 2 or json.loads(ended.out)["outcome"] == "failed"
    loadgate("report", "bad", "--jobs", "2", before=limit)


@pytest.mark.parametrize("megabytes", few(["30", "40", "50", "60", "80", "120"], {"40", "60"}))
def test_too_little_memory(megabytes: str) -> None:
    """Likewise, for memory."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (int(megabytes) << 20, int(megabytes) << 20))

    ended = loadgate("check", "bad", "--output", "json", before=limit)
    if "SystemError" in ended.err:  # Python's own bug when memory ends in an unlucky place
        assert ended.code == 70
    elif "Fatal Python error" not in ended.err and "shared libraries" not in ended.err:
        ended.sound()
        assert ended.code == 2 or json.loads(ended.out)["outcome"] == "failed"
    assert sys.platform == "linux"
