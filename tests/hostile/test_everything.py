"""Every evil string in every field, through every output: text stays text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from loadgate.cli import run

from . import checks
from .evil import EVIL
from .inputs import FIELDS, OF_RUNS, Input

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
CASES = [(evil, field) for evil in EVIL for field in FIELDS if evil not in SHOWN.get(field, ())]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder whose name is short: paths are shown as they are given."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NO_COLOR", raising=False)
    return Path()


class Said:
    """What the commands of a test said."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def run(self, *arguments: str, codes: tuple[int, ...] = (0, 1, 2)) -> str:
        """Run a command; check its messages; return what it printed."""
        code = run(list(arguments))
        printed = self._capsys.readouterr()
        checks.terminal(printed.err)
        assert code in codes, (code, printed.err[-2000:])
        assert "Traceback" not in printed.err
        return printed.out


@pytest.mark.parametrize(("evil", "field"), CASES)
def test_check(evil: str, field: str, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All outputs of `check`, of CSV files and, for what runs have, of both documents."""
    of = Input(place / "in")
    FIELDS[field](of, EVIL[evil])
    forms = [of.write]
    if field in OF_RUNS and evil not in SLOW:
        forms += [of.document, of.page]
    for form in forms:
        arguments = form()
        outputs = [f"--output={name}:out/{name}" for name in OUTPUTS]
        code = run(["check", *arguments, *outputs, "--output=csv:out/left", "--output=text"])
        printed = capsys.readouterr()
        checks.terminal(printed.err)
        checks.terminal(printed.out)
        assert code in {0, 1, 2}, printed.err[-2000:]
        if code != 2:
            for name, check in OUTPUTS.items():
                check(MARK.sub("", (place / "out" / name).read_text(encoding="utf-8")))
            for kind in ("stats", "failures"):
                path = place / "out" / f"left_{kind}.csv"
                checks.spreadsheet(path.read_bytes().decode("utf-8"))


@pytest.mark.parametrize("evil", EVIL)
def test_the_keepers_commands(evil: str, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """explain, rules lint, rules test, rules suggest and init, with each field in turn."""
    said = Said(capsys)
    for field, put in FIELDS.items():
        if evil in SLOW and field not in {"name", "error", "why"}:
            continue
        if (evil, field) not in CASES:
            continue
        of = Input(place / f"in-{field}")
        put(of, EVIL[evil])
        results, _, rules = of.write()
        checks.terminal(said.run("rules", "lint", "--rules", rules, results))
        checks.terminal(said.run("rules", "test", rules))
        if field in OF_RUNS:
            checks.terminal(said.run("explain", results, "--rules", rules))
            checks.terminal(said.run("explain", results, "--rules", rules, "--all"))
            drafted = said.run("rules", "suggest", results, "--rules", rules)
            if drafted:
                checks.toml(drafted)
            said.run("init", results, "--file", str(of.folder / "new.toml"))
            new = of.folder / "new.toml"
            if new.exists():
                checks.toml(new.read_text(encoding="utf-8"))


@pytest.mark.parametrize("evil", EVIL)
def test_several_runs(evil: str, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """compare, a baseline and the weekly report, of documents that hold the string."""
    said = Said(capsys)
    documents = []
    for number, field in enumerate((*OF_RUNS, "prefix", "why", "owner", "ticket")):
        if (evil in SLOW and field != "name") or (evil, field) not in CASES:
            continue
        of = Input(place / f"in-{field}")
        FIELDS[field](of, EVIL[evil])
        arguments = of.write()
        document = place / "documents" / f"{number}.json"
        said.run("check", *arguments, f"--output=json:{document}")
        if document.exists():
            documents.append(str(document))
    clean = Input(place / "clean").write()
    said.run("check", *clean, "--output=json:clean.json")
    for path in documents:
        for name, check in (
            ("text", checks.terminal), ("markdown", checks.markdown), ("json", checks.sound_json),
        ):  # fmt: skip
            check(said.run("compare", "clean.json", path, f"--output={name}"))
        limit = "--threshold=new_failure_kinds <= 0"
        checks.terminal(said.run("check", *clean, f"--baseline={path}", limit))
    if documents:
        week = "--week=" + this_week(place / documents[0])
        for name, check in (("markdown", checks.markdown), ("json", checks.sound_json)):
            check(said.run("report", "documents", week, f"--output={name}"))
        said.run("report", "documents", week, "--output=html:week.html")
        checks.html((place / "week.html").read_text(encoding="utf-8"))


def this_week(path: Path) -> str:
    """Return the ISO week in which a file was written, which stands in for when its run was."""
    from datetime import UTC, datetime

    year, week, _ = datetime.fromtimestamp(path.stat().st_mtime, UTC).isocalendar()
    return f"{year}-W{week:02}"
