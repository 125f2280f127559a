"""Every evil string in every field, through every output: text stays text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from loadgate.cli import run

from . import checks
from .evil import EVIL
from .inputs import MOSTLY_REFUSED, OF_RULES, OF_RUNS, Input

OUTPUTS = {
    "markdown": checks.markdown,
    "json": checks.sound_json,
    "junit": checks.junit,
    "github": checks.github,
}
MARK = re.compile(r"(?:<!-- )?Written by loadgate, which replaces this file\.(?: -->)?\n\Z")
"""By which loadgate knows its files again: as a line of a log it is no annotation."""
SLOW = {"long", "long-lines"}
_URLS = {"url-password", "url-query", "url-upper", "url-odd", "url-path"}
SHOWN = {
    "prefix": _URLS,
    **dict.fromkeys(("endpoint", "glob", "threshold", "status-text"), _URLS),
    "ticket": {"url-query", "url-upper", "url-odd", "url-path"},
}
"""What is shown as it is: paths and patterns as the user gives them, the query of a ticket's link."""
FIELDS = OF_RUNS | OF_RULES | MOSTLY_REFUSED
REFUSED = 2


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder whose name is short: paths are shown as they are given."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NO_COLOR", raising=False)
    return Path()


class Commands:
    """Runs commands, and checks what they say."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self.code = 0
        """Of the last command."""

    def run(self, *arguments: str, codes: Iterable[int] = (0, 1, REFUSED)) -> str:
        """Run a command; check its messages and its exit code; return what it printed."""
        self.code = run(list(arguments))
        printed = self._capsys.readouterr()
        checks.terminal(printed.err)
        assert self.code in codes, printed.err[-2000:]
        assert "Traceback" not in printed.err
        return printed.out


@pytest.fixture
def commands(capsys: pytest.CaptureFixture[str]) -> Commands:
    """Return what runs the commands of a test."""
    return Commands(capsys)


@pytest.fixture
def clean(place: Path, commands: Commands) -> list[str]:
    """Write a run with nothing evil in it, and its document `clean.json`."""
    arguments = Input(place / "clean").write()
    commands.run("check", *arguments, "--output=json:clean.json", codes=[1])
    return arguments


def inputs(evil: str, fields: Iterable[str], commands: Commands, folder: Path) -> Iterator[Input]:
    """Yield an input with the string in all these fields at once.

    Where one of them stops the check, which hides what the others do, it is tried by itself.
    """

    def filled(name: str, *fields: str) -> Input:
        filled = Input(folder / name)
        for field in fields:
            FIELDS[field](filled, EVIL[evil])
        return filled

    fields = [field for field in fields if evil not in SHOWN.get(field, ())]
    together = filled("together", *fields)
    commands.run("check", *together.write())
    if commands.code == REFUSED:
        judged = []
        for field in fields:
            alone = filled(field, field)
            commands.run("check", *alone.write())
            if commands.code == REFUSED:
                yield alone
            else:
                judged.append(field)
        together = filled("judged", *judged)
        commands.run("check", *together.write(), codes=[0, 1])
    yield together


@pytest.mark.parametrize("evil", EVIL)
def test_a_run(evil: str, place: Path, clean: list[str], commands: Commands) -> None:
    """In the fields of a run, in all its forms, through every command that reads one."""
    for given in inputs(evil, OF_RUNS, commands, place):
        for form in (given.write, given.document, given.page)[: 1 if evil in SLOW else 3]:
            check(form(), commands)
        results, _, rules = given.write()
        lint_and_test(results, rules, commands)
        checks.terminal(commands.run("explain", results, "--rules", rules))
        checks.terminal(commands.run("explain", results, "--rules", rules, "--all"))
        if drafted := commands.run("rules", "suggest", results, "--rules", rules):
            checks.toml(drafted)
        new = given.folder / "new.toml"
        commands.run("init", results, "--file", str(new))
        if new.exists():
            checks.toml(new.read_text(encoding="utf-8"))
        compare(results, rules, clean, commands)


@pytest.mark.parametrize("evil", EVIL)
def test_a_rules_file(evil: str, place: Path, clean: list[str], commands: Commands) -> None:
    """In the fields of a rules file, through every command that shows them."""
    for given in inputs(evil, OF_RULES, commands, place):
        results, _, rules = arguments = given.write()
        check(arguments, commands)
        lint_and_test(results, rules, commands)
        compare(results, rules, clean, commands)


@pytest.mark.parametrize("field", MOSTLY_REFUSED)
def test_what_is_mostly_refused(field: str, place: Path, commands: Commands) -> None:
    """In a field that takes few texts: the message is safe to show, and so is what it lets pass."""
    refused = 0
    for evil, text in EVIL.items():
        given = Input(place / evil)
        MOSTLY_REFUSED[field](given, text)
        results, _, rules = arguments = given.write()
        check(arguments, commands)
        refused += commands.code == REFUSED
        lint_and_test(results, rules, commands)
    assert refused > len(EVIL) / 2


def test_a_weekly_report(place: Path, commands: Commands) -> None:
    """Of a document for each string and each set of fields."""
    for evil in EVIL.keys() - SLOW:
        for kind, fields in (("run", OF_RUNS), ("rules", OF_RULES)):
            *_, judged = inputs(evil, fields, commands, place / kind / evil)
            document = f"documents/{kind}-{evil}.json"
            commands.run("check", *judged.write(), f"--output=json:{document}", codes=[0, 1])
    week = "--week=" + this_week(place / document)
    for name, safe in (("markdown", checks.markdown), ("json", checks.sound_json)):
        safe(commands.run("report", "documents", week, f"--output={name}", codes=[0]))
    commands.run("report", "documents", week, "--output=html:week.html", codes=[0])
    checks.html((place / "week.html").read_text(encoding="utf-8"))


def check(arguments: list[str], commands: Commands) -> None:
    """Check all outputs of `check`."""
    outputs = [f"--output={name}:out/{name}" for name in OUTPUTS]
    printed = commands.run("check", *arguments, *outputs, "--output=csv:out/left", "--output=text")
    checks.terminal(printed)
    if commands.code != REFUSED:
        for name, safe in OUTPUTS.items():
            safe(MARK.sub("", Path("out", name).read_text(encoding="utf-8")))
        for kind in ("stats", "failures"):
            checks.spreadsheet(Path(f"out/left_{kind}.csv").read_bytes().decode("utf-8"))


def lint_and_test(results: str, rules: str, commands: Commands) -> None:
    """Check what is said to those who keep rules files."""
    checks.terminal(commands.run("rules", "lint", "--rules", rules, results))
    checks.terminal(commands.run("rules", "test", rules, codes=[0, 1, REFUSED]))


def compare(results: str, rules: str, clean: list[str], commands: Commands) -> None:
    """Check a comparison with a clean run, and its check against this run as its baseline."""
    commands.run("check", results, "--rules", rules, "--output=json:document.json")
    if commands.code == REFUSED:
        return
    for name, safe in (
        ("text", checks.terminal), ("markdown", checks.markdown), ("json", checks.sound_json),
    ):  # fmt: skip
        safe(
            commands.run("compare", "clean.json", "document.json", f"--output={name}", codes=[0, 1])
        )
    limit = "--threshold=new_failure_kinds <= 0"
    checks.terminal(commands.run("check", *clean, "--baseline=document.json", limit))


def this_week(path: Path) -> str:
    """Return the ISO week in which a file was written, which stands in for when its run was."""
    from datetime import UTC, datetime

    year, week, _ = datetime.fromtimestamp(path.stat().st_mtime, UTC).isocalendar()
    return f"{year}-W{week:02}"
