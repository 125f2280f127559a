"""Every evil string in every field, through every output: text stays text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
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
    "html": checks.html,
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


class Commands:
    """Runs commands, and checks what they say."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self.code = 0
        """Of the last command."""

    def run(self, command: str, *more: str, codes: Iterable[int] = (0, 1, REFUSED)) -> str:
        """Run a command; check its messages and its exit code; return what it printed."""
        self.code = run([*command.split(), *more])
        printed = self._capsys.readouterr()
        checks.terminal(printed.err)
        assert self.code in codes, printed.err[-2000:]
        assert "Traceback" not in printed.err
        return printed.out


@pytest.fixture
def commands(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Commands:
    """Return what runs commands, in a folder whose name is short: paths are shown as given."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NO_COLOR", raising=False)
    return Commands(capsys)


@pytest.fixture
def clean(commands: Commands) -> list[str]:
    """Write a run with nothing evil in it, and its document `clean.json`."""
    arguments = Input(Path("clean")).write()
    commands.run("check --output=json:clean.json", *arguments, codes=[1])
    return arguments


def inputs(
    evil: str, fields: Iterable[str], commands: Commands, folder: Path = Path()
) -> Iterator[Input]:
    """Yield an input with the string in all these fields at once.

    Where one of them stops the check, which hides what the others do, it is tried by itself.
    """

    def judged(name: str, *fields: str) -> Input:
        filled = Input(folder / name)
        for field in fields:
            FIELDS[field](filled, EVIL[evil])
        commands.run("check", *filled.write())
        return filled

    fields = [field for field in fields if evil not in SHOWN.get(field, ())]
    together = judged("together", *fields)
    if commands.code == REFUSED:
        passed = []
        for field in fields:
            alone = judged(field, field)
            if commands.code == REFUSED:
                yield alone
            else:
                passed.append(field)
        together = judged("passed", *passed)
        assert commands.code != REFUSED
    yield together


@pytest.mark.parametrize("evil", EVIL)
def test_a_run(evil: str, clean: list[str], commands: Commands) -> None:
    """In the fields of a run, in all its forms, through every command that reads one."""
    for given in inputs(evil, OF_RUNS, commands):
        for form in (given.write, given.document, given.page)[: 1 if evil in SLOW else 3]:
            check(form(), commands)
        arguments = given.write()
        lint_and_test(arguments, commands)
        checks.terminal(commands.run("explain", *arguments))
        checks.terminal(commands.run("explain --all", *arguments))
        if drafted := commands.run("rules suggest", *arguments):
            checks.toml(drafted)
        new = given.folder / "new.toml"
        commands.run("init", arguments[0], "--file", str(new))
        if new.exists():
            checks.toml(new.read_text(encoding="utf-8"))
        compare(arguments, clean, commands)


@pytest.mark.parametrize("evil", EVIL)
def test_a_rules_file(evil: str, clean: list[str], commands: Commands) -> None:
    """In the fields of a rules file, through every command that shows them."""
    for given in inputs(evil, OF_RULES, commands):
        arguments = given.write()
        check(arguments, commands)
        lint_and_test(arguments, commands)
        compare(arguments, clean, commands)


@pytest.mark.parametrize("field", MOSTLY_REFUSED)
def test_what_is_mostly_refused(field: str, commands: Commands) -> None:
    """In a field that takes few texts: the message is safe to show, and so is what it lets pass."""
    refused = 0
    for evil, text in EVIL.items():
        given = Input(Path(evil))
        MOSTLY_REFUSED[field](given, text)
        arguments = given.write()
        check(arguments, commands)
        refused += commands.code == REFUSED
        lint_and_test(arguments, commands)
    assert refused > len(EVIL) / 2


def test_a_weekly_report(commands: Commands) -> None:
    """Of a document for each string and each set of fields."""
    for evil in EVIL.keys() - SLOW:
        for kind, fields in (("run", OF_RUNS), ("rules", OF_RULES)):
            *_, judged = inputs(evil, fields, commands, Path(kind, evil))
            document = f"documents/{kind}-{evil}.json"
            commands.run("check", *judged.write(), f"--output=json:{document}", codes=[0, 1])
    written = datetime.fromtimestamp(Path(document).stat().st_mtime, UTC)  # it has no other time
    report = f"report documents --week={written:%G-W%V}"
    for name, safe in (("markdown", checks.markdown), ("json", checks.sound_json)):
        safe(commands.run(f"{report} --output={name}", codes=[0]))
    commands.run(f"{report} --output=html:week.html", codes=[0])
    checks.html(Path("week.html").read_text(encoding="utf-8"))


def check(arguments: list[str], commands: Commands) -> None:
    """Check all outputs of `check`."""
    outputs = [f"--output={name}:out/{name}" for name in OUTPUTS]
    more = [*arguments, *outputs]
    checks.terminal(commands.run("check --output=csv:out/left --output=text", *more))
    if commands.code != REFUSED:
        for name, safe in OUTPUTS.items():
            safe(MARK.sub("", Path("out", name).read_text(encoding="utf-8")))
        for kind in ("stats", "failures"):
            checks.spreadsheet(Path(f"out/left_{kind}.csv").read_bytes().decode("utf-8"))


def lint_and_test(arguments: list[str], commands: Commands) -> None:
    """Check what is said to those who keep rules files."""
    stats, _, rules = arguments
    forms = {
        "text": checks.terminal,
        "github": checks.github,
        "json": checks.sound_json,
        "sarif": checks.sound_json,
    }
    for form, safe in forms.items():
        safe(commands.run(f"rules lint --output {form}", rules, "--run", stats))
    checks.terminal(commands.run("rules test", rules))


def compare(arguments: list[str], clean: list[str], commands: Commands) -> None:
    """Check a comparison with a clean run, and its check against this run as its baseline."""
    commands.run("check --output=json:document.json", *arguments)
    if commands.code == REFUSED:
        return
    texts = {"text": checks.terminal, "markdown": checks.markdown, "json": checks.sound_json}
    for name, safe in texts.items():
        safe(commands.run(f"compare clean.json document.json --output={name}", codes=[0, 1]))
    limit = "--threshold=new_failure_kinds <= 0"
    checks.terminal(commands.run("check --baseline=document.json", *clean, limit))
