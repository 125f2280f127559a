"""`loadgate rules lint` as it is run: files, runs, formats and exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import WriteRun
from jsonschema import Draft202012Validator

from loadgate.cli import run
from loadgate.rules import presets

ROOT = Path(__file__).parents[2]
Captured = pytest.CaptureFixture[str]

SOUND = """\
[[rules]]
id = "conflict"
endpoint = "POST /**/state"
status = 409
why = "Of two concurrent toggles the loser gets 409."
at_most = "5%"
"""
NO_BUDGET = SOUND.replace('at_most = "5%"\n', "")
TODO = SOUND.replace("Of two", "TODO of two")


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def rules(text: str, name: str = "loadgate.toml") -> str:
    """Write a rules file and return its name."""
    Path(name).write_text(f"version = 1\n{text}", encoding="utf-8")
    return name


@pytest.mark.parametrize(
    ("text", "options", "code"),
    [
        pytest.param(SOUND, [], 0, id="sound"),
        pytest.param(NO_BUDGET, [], 0, id="a-warning"),
        pytest.param(NO_BUDGET, ["--strict"], 1, id="a-warning-strictly"),
        pytest.param(SOUND, ["--strict"], 1, id="no-example-strictly"),
        pytest.param(TODO, [], 1, id="an-error"),
        pytest.param(SOUND + 'expires = "soon"', [], 2, id="not-valid"),
        pytest.param(SOUND + "expires = 2026-11-22", ["--today", "2026-11-23"], 1, id="expired"),
        pytest.param(SOUND + "expires = 2026-11-23", ["--today", "2026-11-23"], 0, id="last-day"),
        pytest.param(SOUND, ["--today", "monday"], 2, id="no-date"),
        pytest.param(SOUND, ["--output", "xml"], 2, id="no-format"),
        pytest.param(
            NO_BUDGET + 'lint_ignore = ["no-budget", "no-example"]', ["--strict"], 0, id="ignored"
        ),
    ],
)
def test_exit_codes(text: str, options: list[str], code: int) -> None:
    """0 is nothing that counts, 1 is found, 2 is not to be used."""
    assert run(["rules", "lint", rules(text), *options]) == code


@pytest.mark.parametrize("command", ["lint", "test"])
def test_the_file_is_loadgate_toml_unless_told(command: str, capsys: Captured) -> None:
    """As it is for a check; where there is none, that is said as of any file."""
    assert run(["rules", command]) == 2
    said = "".join(capsys.readouterr())
    assert "loadgate.toml" in said
    assert "`loadgate init`" in said
    example = '[[examples]]\nendpoint = "GET /x"\nerror = "e"\nexpect = "failure"\n'
    rules(SOUND + example)
    assert run(["rules", command]) == 0
    assert "loadgate.toml" in capsys.readouterr().out


@pytest.mark.parametrize("form", ["text", "json", "github"])
def test_an_invalid_file_is_a_finding_in_every_format(form: str, capsys: Captured) -> None:
    """Every problem is told where the findings are told, with its line."""
    assert run(["rules", "lint", rules(TODO + "statuss = 1\n"), "--output", form]) == 2
    out, err = capsys.readouterr()
    assert "unknown key" in out
    assert "TODO" not in out
    assert err == ""
    if form == "json":
        (finding,) = json.loads(out)["findings"]
        assert (finding["code"], finding["line"]) == ("invalid", 8)


@pytest.mark.parametrize(
    "file",
    [
        pytest.param("missing.toml", id="missing"),
        pytest.param("a\0b", id="nul"),
        pytest.param(".", id="folder"),
    ],
)
def test_a_file_that_cannot_be_read(file: str, capsys: Captured) -> None:
    """It is invalid like any other, and exit code 2; what to do is another thing."""
    assert run(["rules", "lint", file]) == 2
    out = capsys.readouterr().out
    assert "error[invalid]" in out
    assert "Check the path" in out
    assert "Correct the file" not in out


def test_findings_name_the_file_that_holds_the_rule(capsys: Captured) -> None:
    """A rule of an extended file has to be changed there."""
    rules(TODO, "team.toml")
    assert run(["rules", "lint", rules('extends = ["team.toml", "rate-limiting"]')]) == 1
    assert capsys.readouterr().out.startswith("team.toml:3: error[todo]\n")


def test_runs_show_what_is_idle(write_run: WriteRun, capsys: Captured) -> None:
    """A rule that no run needs is a warning; one of them is enough."""
    used = write_run(prefix="used", folder="a")
    unused = write_run([("GET", "/", 10, 0)], [], prefix="unused", folder="b")
    file = rules(SOUND)
    assert run(["rules", "lint", file, str(unused), "--output", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [one["code"] for one in document["findings"]] == ["idle"]
    schema = json.loads((ROOT / "loadgate" / "schemas" / "lint.json").read_text("utf-8"))
    Draft202012Validator(schema).validate(document)
    assert run(["rules", "lint", file, str(unused), str(used)]) == 0
    assert "no findings" in capsys.readouterr().out


def test_a_run_without_requests_shows_nothing(write_run: WriteRun, capsys: Captured) -> None:
    """It is said, and nothing is called idle by it."""
    empty = write_run([("POST", "/x/state", 0, 0)], [], prefix="empty")
    assert run(["rules", "lint", rules(SOUND), str(empty)]) == 0
    out, err = capsys.readouterr()
    assert "no findings" in out
    assert "no requests were made" in err


def test_a_question_is_no_sentence_twice(capsys: Captured) -> None:
    """A problem that ends in a question gets no full stop."""
    assert run(["rules", "lint", rules("extend = []")]) == 2
    assert 'did you mean "extends"?\n' in capsys.readouterr().out


def test_a_run_that_cannot_be_read(write_run: WriteRun, capsys: Captured) -> None:
    """It is said, the file is judged all the same, nothing is called idle, and exit code 2."""
    unused = write_run([("GET", "/", 10, 0)], [])
    assert run(["rules", "lint", rules(NO_BUDGET), str(unused), "missing_stats.csv"]) == 2
    out, err = capsys.readouterr()
    assert "no-budget" in out
    assert "idle" not in out
    assert "missing_stats.csv" in err


@pytest.mark.parametrize("preset", [pytest.param(name, id=name) for name in presets()])
def test_the_bundled_presets_have_no_findings(preset: str, capsys: Captured) -> None:
    """By their own strictest rules, with what is set aside on purpose."""
    assert run(["rules", "lint", preset, "--strict"]) == 0
    assert f"preset {preset}: no findings" in capsys.readouterr().out


@pytest.mark.parametrize(
    "file", ["examples/runs/loadgate.toml", "examples/runs/strict.toml",
             "examples/optimistic-locking/loadgate.toml"],
)  # fmt: skip
def test_the_examples_have_no_findings(file: str, capsys: Captured) -> None:
    """What we show to others we would accept ourselves."""
    assert run(["rules", "lint", str(ROOT / file), "--today", "2026-11-23"]) == 0
    assert "no findings" in capsys.readouterr().out


def test_what_init_writes_has_no_findings(write_run: WriteRun, capsys: Captured) -> None:
    """The first thing that a newcomer is told to do finds nothing."""
    assert run(["init", str(write_run())]) == 0
    assert run(["rules", "lint", "loadgate.toml"]) == 0
    assert "no findings" in capsys.readouterr().out


def test_patterns_in_problems_are_shown_as_written(capsys: Captured) -> None:
    """A pattern that cannot be used is repeated as it is; what else the file holds is masked."""
    file = rules(
        SOUND.replace("POST /**/state", "post|put /x?token=*").replace("= 409", '= "/?a=b"')
    )
    for command in (["rules", "lint", file], ["check", "nothing", "--rules", file]):
        assert run(command) == 2
        captured = capsys.readouterr()
        told = " ".join((captured.out + captured.err).split())
        assert '"post|put /x?token=*" is read as a name without a method' in told
        assert '"POST,PUT /x?token=*"' in told
        assert "a=b" not in told
