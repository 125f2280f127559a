"""Links of messages to published pages, and what leads to a command."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from conftest import WriteRun

from loadgate.cli import check, console, run
from loadgate.errors import RulesError
from loadgate.published import DOCS, ISSUES, Page, address, see

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("arguments", "page"),
    [
        pytest.param(["check", "nowhere"], "inputs", id="no-run"),
        pytest.param(["check", "--nope"], "inputs", id="option-of-a-command"),
        pytest.param(["check"], "inputs", id="no-argument"),
        pytest.param(["check", "x", "--today", "z"], "inputs", id="value-of-an-option"),
        pytest.param(["check", "x", "--output", "pdf"], "outputs", id="format"),
        pytest.param(["check", "x", "--threshold", "p95"], "rules#thresholds", id="threshold"),
        pytest.param(["check", "x", "--encoding", "z"], "inputs#encodings", id="encoding"),
        pytest.param(["check", "x", "--rules", "./no.toml"], "rules", id="rules"),
        pytest.param(["check", "x", "--baseline-optional"], "baseline", id="baseline"),
        pytest.param(["compare", "a"], "compare", id="compare"),
        pytest.param(["rules", "teach", "--write", "--check"], "teach", id="group"),
        pytest.param(["rules", "teach", "nowhere.py"], "teach", id="locustfile"),
        pytest.param(["rules", "lnt"], "keeping-rules", id="command-of-a-group"),
        pytest.param(["report", "https://x.example", "--jobs", "x"], "weekly-report", id="number"),
        pytest.param(["chek"], "index", id="command"),
        pytest.param(["--nope"], "index", id="option"),
    ],
)
def test_an_error_links_to_its_page(arguments: list[str], page: Page, capsys: Captured) -> None:
    """On a line of its own, the last."""
    assert run(arguments) == 2
    assert capsys.readouterr().err.splitlines()[-1] == see(address(page))


def test_a_link_is_shown_once(write_run: WriteRun, capsys: Captured) -> None:
    """Of twenty runs that cannot be read the first says where more is; the next command, too."""
    write_run([("POST", "/a", 10, 2)], [("POST", "/a", "boom", 5)], folder="bad")
    for _ in range(2):
        assert run(["check", "bad", *(f"no{number}" for number in range(19))]) == 2
        told = capsys.readouterr().err.splitlines()
        links = [line for line in told if DOCS in line]
        assert sorted(links) == [see(address("inputs")), see(address("inputs#what-stops-a-check"))]
        assert told.index(see(address("inputs"))) < told.index(next(x for x in told if "no1:" in x))


def test_a_warning_links_to_its_page(write_run: WriteRun, capsys: Captured) -> None:
    """What was left out of a folder is told on standard error, each in a line."""
    for prefix in ("a", "b"):
        write_run(prefix=prefix, folder="runs")
    for name in ("c.json.zip", ".d_stats.csv"):
        Path("runs", name).write_bytes(Path("runs/a_stats.csv").read_bytes())
    assert run(["check", "runs"]) == 0
    told = capsys.readouterr().err
    assert told.count("left out") >= 1
    assert told.count(DOCS) == 1
    assert see(address("inputs#folders")) in told.splitlines()


@pytest.mark.parametrize(
    ("raised", "link"),
    [
        pytest.param(ZeroDivisionError("x"), ISSUES, id="bug"),
        pytest.param(ImportError("x"), address("tutorial#install"), id="library"),
        pytest.param(OSError(5, "x"), address("red-build#exit-code-2"), id="system"),
        pytest.param(MemoryError(), address("red-build#exit-code-2"), id="memory"),
        pytest.param(RulesError("f", ("x",)), address("rules"), id="rules"),
    ],
)
def test_what_nobody_raised_links_somewhere(
    raised: Exception,
    link: str,
    write_run: WriteRun,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Captured,
) -> None:
    """A bug to where it is reported; the action, which shows messages itself, has the link too."""

    def fail(*_: object, **__: object) -> None:
        raise raised

    stats = str(write_run())
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stdout", sys.stdout)
        patched.setattr(check, "load_policy", fail)
        run(["check", stats])
    assert capsys.readouterr().err.splitlines()[-1] == see(link)
    assert console.explain(raised)[1].splitlines()[-1] == see(link)


@pytest.mark.parametrize(
    ("arguments", "commands"),
    [
        pytest.param([], ["check", "locust", "completion"], id="loadgate"),
        pytest.param(["rules"], ["lint", "test", "suggest", "teach"], id="rules"),
    ],
)
def test_a_group_by_itself_shows_its_commands(
    arguments: list[str], commands: list[str], capsys: Captured
) -> None:
    """And judged nothing, so it is no success; the help is the same, and no error."""
    assert run(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    for command in commands:
        assert re.search(rf"^  {command} ", captured.err, re.MULTILINE)
    assert captured.err.count(DOCS) == 1
    assert run([*arguments, "-h"]) == 0
    assert capsys.readouterr().out.rstrip() == captured.err.rstrip()


@pytest.mark.parametrize(
    ("arguments", "near"),
    [
        pytest.param(["rulez"], '"rules"', id="command"),
        pytest.param(["rules", "suggets"], '"suggest"', id="command-of-a-group"),
        pytest.param(["help", "chek"], '"check"', id="help"),
    ],
)
def test_the_nearest_command_is_named(arguments: list[str], near: str, capsys: Captured) -> None:
    """Where one is near."""
    assert run(arguments) == 2
    assert f"No such command '{arguments[-1]}'; did you mean {near}?" in capsys.readouterr().err
    assert run([*arguments[:-1], "frobnicate"]) == 2
    assert "Error: No such command 'frobnicate'.\n" in capsys.readouterr().err


@pytest.mark.parametrize("words", [[], ["check"], ["rules"], ["rules", "lint"]])
def test_help_is_a_command_too(words: list[str], capsys: Captured) -> None:
    """It says what --help says."""
    assert run(["help", *words]) == 0
    told = capsys.readouterr().out
    assert run([*words, "--help"]) == 0
    assert capsys.readouterr().out == told
