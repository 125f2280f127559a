"""An environment that lacks what programs expect, or has too little of it: the same verdict."""

from __future__ import annotations

import json
import os
import resource
import shutil
from pathlib import Path

import pytest

from faults.processes import few, loadgate, prove

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
FLAGS = ["-O", "-OO", "-I", "-Xdev", "-Werror", "-bb"]
LIMITS = {"files": (resource.RLIMIT_NOFILE, 1), "megabytes": (resource.RLIMIT_AS, 1 << 20)}


def test_the_environment_changes_nothing() -> None:
    """Files hold the same bytes as ever; what is printed may be escaped."""
    forms = ("text", "markdown", "json", "junit", "github")
    command = " ".join(["check bad", *(f"--output={form}:{form}" for form in forms)])
    assert loadgate(command).sound().code == 1
    before = [Path(form).read_bytes() for form in forms]
    for name, env in ENVIRONMENTS.items():
        for form in forms:
            Path(form).unlink()
        ended = loadgate(f"{command} --output text", env=env).sound()
        assert (ended.code, ended.err, ended.out[:6]) == (1, "", "FAILED"), name
        assert [Path(form).read_bytes() for form in forms] == before, name


@prove
@pytest.mark.parametrize("env", ENVIRONMENTS.values(), ids=ENVIRONMENTS)
def test_the_environment_changes_no_report(env: dict[str, str | None]) -> None:
    """Nor do the processes that help with it need more."""
    assert loadgate("report bad --jobs 2 --output markdown", env=env).sound().code == 0


@pytest.mark.parametrize("flag", few(FLAGS, {"-OO"}))
def test_flags_of_python(flag: str) -> None:
    """None changes a verdict or a report, but that pandas needs its docstrings."""
    assert loadgate("check bad", python=(flag,)).sound().code == 1
    command = "report bad --jobs 2 --output html:r.html"
    ended = loadgate(command, python=(flag,), measured=flag == "-OO").sound()
    assert ended.code == (2 if flag == "-OO" else 0), ended.err
    assert ("-OO" in ended.err) == (flag == "-OO")


def test_a_working_directory_that_was_deleted(tmp_path: Path) -> None:
    """What is named by its whole path is read and written; what is not cannot be found."""
    gone, bad, out = tmp_path / "gone", tmp_path / "bad", tmp_path / "v.json"

    def leave() -> None:
        gone.mkdir(exist_ok=True)
        os.chdir(gone)
        shutil.rmtree(gone)

    for command, code in {
        f"check {bad} --output json:{out}": 1,
        f"check {bad} --output json:v.json": 2,
        "check bad": 2,
        "check .": 2,
        "init": 2,
        f"report {bad} --jobs 2": 0,
        f"compare {bad} {bad}": 0,
    }.items():
        ended = loadgate(command, python=("-P",), before=leave, measured=True).sound()
        assert ended.code == code, (command, ended)
    assert json.loads(out.read_text())["outcome"] == "failed"


@pytest.mark.parametrize("written", few(["1901", "1968", "2101", "2401"], {"1968", "2401"}))
def test_files_of_another_time(written: str) -> None:
    """A file that was written before 1970, or long from now, is judged all the same."""
    seconds = (int(written) - 1970) * 31_556_952
    for path in Path("bad").iterdir():
        os.utime(path, (seconds, seconds))
    ended = loadgate("check bad --output json").sound()
    assert ended.code == 1
    assert json.loads(ended.out)["run"]["ended"].startswith(written[:3])
    ended = loadgate("report bad --today 2026-11-23").sound()
    assert ended.code == (0 if 1970 <= int(written) < 2200 else 2)


@pytest.mark.parametrize(
    "day", few(["0001-01-01", "1969-12-31", "9999-12-31"], {"0001-01-01", "9999-12-31"})
)
def test_another_day(day: str) -> None:
    """Rules expire by any day that there is; no week is before the first."""
    assert loadgate("check bad --today", day).sound().code == 1
    first = day == "0001-01-01"
    assert loadgate("report bad --today", day, measured=first).sound().code == (2 if first else 0)


@pytest.mark.parametrize(
    "limit",
    few(
        [*(f"{n}-files" for n in (6, 8, 12)), *(f"{n}-megabytes" for n in (30, 40, 50, 60, 80, 120))],
        {"8-files", "40-megabytes", "60-megabytes"},
    ),
)  # fmt: skip
def test_too_little_of_the_machine(limit: str) -> None:
    """The verdict, or an error: never Python's own exit code, which is 1.

    With less Python itself does not get as far as loadgate's first line.
    """
    number, _, unit = limit.partition("-")
    what, size = LIMITS[unit]

    def limited() -> None:
        resource.setrlimit(what, (int(number) * size,) * 2)

    ended = loadgate("check bad --output json", before=limited)
    if "SystemError" in ended.err:  # Python's own bug when memory ends in an unlucky place
        assert ended.code == 70
    elif "Fatal Python error" not in ended.err and "shared libraries" not in ended.err:
        assert ended.sound().code in {1, 2}
        assert ended.code == 2 or json.loads(ended.out)["outcome"] == "failed"
    if unit == "files":
        loadgate("report bad --jobs 2", before=limited)
