"""`loadgate rules lint` as it is run: files, runs, formats and exit codes."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from conftest import WriteRun
from jsonschema import Draft202012Validator

from loadgate import __version__, published
from loadgate.cli import run
from loadgate.rules import presets
from loadgate.rules.lint import CODES

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
    assert run(["rules", "lint", file, "--run", str(unused), "--output", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [one["code"] for one in document["findings"]] == ["idle"]
    schema = json.loads((ROOT / "loadgate" / "schemas" / "lint.json").read_text("utf-8"))
    Draft202012Validator(schema).validate(document)
    assert run(["rules", "lint", file, "--run", str(unused), "--run", str(used)]) == 0
    assert "no findings" in capsys.readouterr().out


def test_a_run_without_requests_shows_nothing(write_run: WriteRun, capsys: Captured) -> None:
    """It is said, and nothing is called idle by it."""
    empty = write_run([("POST", "/x/state", 0, 0)], [], prefix="empty")
    assert run(["rules", "lint", rules(SOUND), "--run", str(empty)]) == 0
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
    runs = ["--run", str(unused), "--run", "missing_stats.csv"]
    assert run(["rules", "lint", rules(NO_BUDGET), *runs]) == 2
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


# --- several files --------------------------------------------------------------------------------


def monorepo(**texts: str) -> list[str]:
    """Write the rules file of each service, and return their names."""
    names = []
    for service, text in texts.items():
        Path("services", service).mkdir(parents=True)
        names.append(rules(text, f"services/{service}/loadgate.toml"))
    return names


def linted(capsys: Captured, *words: str, code: int) -> Any:
    """Return the JSON document of the findings."""
    assert run(["rules", "lint", *words, "--output", "json"]) == code
    document = json.loads(capsys.readouterr().out)
    schema = json.loads((ROOT / "loadgate" / "schemas" / "lint.json").read_text("utf-8"))
    Draft202012Validator(schema).validate(document)
    return document


def test_every_file_is_checked(capsys: Captured) -> None:
    """Also behind one that is invalid, or not there: the worst exit code counts."""
    sound, broken, todo = monorepo(a=SOUND, b="version = 2", c=TODO)
    assert run(["rules", "lint", sound, todo]) == 1
    assert run(["rules", "lint", todo, sound]) == 1
    capsys.readouterr()
    document = linted(capsys, sound, broken, "gone.toml", todo, code=2)
    assert document["file"] == sound
    assert [(one["file"], one["rules"], one["counts"]["errors"]) for one in document["files"]] == [
        (sound, 1, 0),
        (broken, None, 1),
        ("gone.toml", None, 1),
        (todo, 1, 1),
    ]
    assert [(one["file"], one["code"]) for one in document["findings"]] == [
        (broken, "invalid"),
        ("gone.toml", "invalid"),
        (todo, "todo"),
    ]
    assert document["counts"]["errors"] == 3


def test_a_file_is_checked_once(capsys: Captured) -> None:
    """However it is named; a preset and a file of that name are two."""
    (sound,) = monorepo(a=SOUND)
    Path("link.toml").symlink_to(sound)
    Path("rate-limiting").write_text("version = 1\n", "utf-8")
    names = [sound, f"./{sound}", str(Path(sound).resolve()), "link.toml"]
    names += ["rate-limiting", "./rate-limiting", "gone.toml", "gone.toml"]
    document = linted(capsys, *names, code=2)
    checked = [one["file"] for one in document["files"]]
    assert checked == [sound, "preset rate-limiting", "./rate-limiting", "gone.toml"]


def test_what_files_share_is_found_once(capsys: Captured) -> None:
    """A finding on a file that two extend is one, and counts at both."""
    rules(TODO, "team.toml")
    names = monorepo(a='extends = ["../../team.toml"]', b='extends = ["../../team.toml"]')
    document = linted(capsys, *names, code=1)
    (finding,) = document["findings"]
    assert os.path.normpath(finding["file"]) == "team.toml"
    assert [one["counts"]["errors"] for one in document["files"]] == [1, 1]
    assert document["counts"]["errors"] == 1


def test_github_shows_ten_of_all_files(capsys: Captured) -> None:
    """It drops further ones of a step without a word, whichever file they are of."""
    names = monorepo(**{f"s{number}": TODO for number in range(12)})
    assert run(["rules", "lint", *names, "--output", "github"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["::error"] * 10 + ["::notice"]
    assert "and 3 more" in lines[9]
    assert "12 rules files: 12 errors" in lines[10]


@pytest.mark.parametrize("command", ["lint", "test"])
@pytest.mark.parametrize("folder", ["-x", "--strict", "with space", "--today=x"])
def test_files_in_any_folder(command: str, folder: str, capsys: Captured) -> None:
    """As pre-commit names them: a folder whose name begins with - is no option."""
    Path(folder).mkdir()
    example = '[[examples]]\nendpoint = "GET /x"\nerror = "e"\nexpect = "expected"\n'
    code = 2 if "=" in folder else 1  # which no other program would take for a file, either
    assert run(["rules", command, rules(TODO + example, f"{folder}/loadgate.toml")]) == code
    assert ("loadgate.toml" in capsys.readouterr().out) == (code == 1)


@pytest.mark.parametrize("name", ["-rules.toml", "--strict.json", "-x.TOML"])
def test_files_with_names_like_options(name: str, capsys: Captured) -> None:
    """No option ends as a file does."""
    Path(name).write_text('{"version": 1}' if "json" in name else "version = 1\n", "utf-8")
    assert run(["rules", "lint", name, "--run=missing.toml"]) == 2
    out, err = capsys.readouterr()
    assert f"./{name}: no rules of its own" in out
    assert "missing.toml" in err


@pytest.mark.parametrize(
    "name", ["run_stats.csv", "run", ".", "results", "results/report.json", "gone_stats.csv.gz"]
)
def test_a_run_is_named_by_its_option(name: str, write_run: WriteRun, capsys: Captured) -> None:
    """Where it follows the rules file, nothing is checked, and the message names the option."""
    write_run(folder=".", prefix="run")
    write_run(folder="results", prefix="one")
    write_run(folder="results", prefix="two")
    entry = {"method": "GET", "name": "/", "num_requests": 1, "num_failures": 0}
    Path("results/report.json").write_text(
        json.dumps([{**entry, "response_times": {}}]), encoding="utf-8"
    )
    path = name if name != "." else str(Path.cwd())
    assert run(["rules", "lint", rules(TODO, "./rules.toml"), path]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert f"{path}: is a run" in err
    assert f"--run {path}" in err


@pytest.mark.parametrize("command", ["lint", "test"])
def test_a_folder_is_no_rules_file(command: str, capsys: Captured) -> None:
    """The message names the file in it."""
    (sound,) = monorepo(a=SOUND)
    for folder in ("services/a", "./services/a/"):
        assert run(["rules", command, folder]) == 2
        assert f"is a folder; name the file in it: {sound}" in "".join(capsys.readouterr())


def test_each_file_is_tested(capsys: Captured) -> None:
    """One without examples, or invalid, does not hide the others; the worst exit code counts."""
    example = '[[examples]]\nendpoint = "POST /x/state"\nerror = "409 Conflict"\nexpect = "{}"\n'
    holds, fails = (SOUND + example.format(word) for word in ("expected", "failure"))
    good, none, bad, broken = monorepo(a=holds, b=SOUND, c=fails, d="x = 2")
    cases: tuple[tuple[tuple[str, ...], int], ...] = (
        ((good, good), 0),
        ((good, none), 3),
        ((good, none, bad), 1),
        ((broken, bad, none, good), 2),
    )
    for names, code in cases:
        assert run(["rules", "test", *names]) == code
        out, err = capsys.readouterr()
        for name in names:
            assert name in out + err


# --- SARIF ----------------------------------------------------------------------------------------


def sarif(capsys: Captured, *words: str, code: int) -> tuple[dict[str, Any], list[Any]]:
    """Return the driver and the results of a SARIF log."""
    assert run(["rules", "lint", *words, "--output", "sarif"]) == code
    log = json.loads(capsys.readouterr().out)
    assert log["$schema"].endswith("/sarif-schema-2.1.0.json")
    assert log["version"] == "2.1.0"
    (found,) = log["runs"]
    return found["tool"]["driver"], found["results"]


def test_code_scanning_gets_what_it_demands(capsys: Captured) -> None:
    """Of the program, of each rule, and of each finding, from a folder below the root."""
    monorepo(**{"a b": NO_BUDGET + 'lint_ignore = ["no-budget"]\n' + TODO.replace("conflict", "x")})
    Path(".git").mkdir()
    os.chdir("services/a b")
    broken = rules("version = 2", "broken#1.toml")
    driver, results = sarif(capsys, "loadgate.toml", broken, code=2)
    assert driver["name"] == "loadgate"
    assert driver["version"] == __version__
    assert driver["informationUri"] == published.DOCS
    assert [rule["id"] for rule in driver["rules"]] == list(CODES)
    for rule in driver["rules"]:
        assert rule["helpUri"] == f"{published.DOCS}rules-lint.html#{rule['id']}"
        assert rule["shortDescription"]["text"].endswith(".")
        assert rule["fullDescription"]["text"]
        assert rule["help"]["text"]
        assert rule["defaultConfiguration"]["level"] in {"error", "warning"}
    assert {one["ruleId"] for one in results} == {"todo", "duplicate-rule", "invalid"}
    for one in results:
        assert one["level"] == "error"
        assert one["message"]["text"]
        place = one["locations"][0]["physicalLocation"]
        name = "broken%231.toml" if one["ruleId"] == "invalid" else "loadgate.toml"
        assert place["artifactLocation"] == {
            "uri": f"services/a%20b/{name}",
            "uriBaseId": "%SRCROOT%",
        }
        assert place["region"]["startLine"] == {"invalid": 2}.get(one["ruleId"], 9)


def test_fingerprints_outlast_changes_elsewhere(capsys: Captured) -> None:
    """Of what is found, on another line and another day; no two are the same."""
    own = SOUND + "expires = 2026-11-30\n"
    file = rules(own + own.replace("conflict", "other"))
    prints = []
    for text, today in (("", "2026-11-23"), ("# a comment\n" * 3, "2026-11-25")):
        rules(f"{text}{own}{own.replace('conflict', 'other')}")
        _, results = sarif(capsys, file, "--today", today, code=1)
        prints.append([one["partialFingerprints"]["loadgate/v1"] for one in results])
        assert len({*prints[-1]}) == len(results) > 2
    assert prints[0] == prints[1]


def test_a_preset_is_no_file_of_the_repository(capsys: Captured) -> None:
    """Code scanning shows a finding in a file, so there is none to show it in."""
    assert run(["rules", "lint", "rate-limiting", "--output", "sarif"]) == 2
    assert "preset rate-limiting is no file" in capsys.readouterr().err


def test_an_annotation_of_a_preset_names_no_file(write_run: WriteRun, capsys: Captured) -> None:
    """GitHub shows it without a place."""
    unused = str(write_run([("GET", "/", 10, 0)], []))
    assert run(["rules", "lint", "rate-limiting", "--run", unused, "--output", "github"]) == 0
    assert "::warning title=loadgate rules lint idle::Rule" in capsys.readouterr().out


def test_annotations_name_files_from_the_root(capsys: Captured) -> None:
    """GitHub looks for them there, wherever the step runs; a file outside is named as it is."""
    monorepo(a=TODO, b="")
    Path("outer").mkdir()
    for root, shown in ((".", "services/a/loadgate.toml"), ("services/b", "../a/loadgate.toml")):
        Path(root, ".git").touch()
        home = Path.cwd()
        os.chdir("services/b")
        assert run(["rules", "lint", "../a/loadgate.toml", "--output", "github"]) == 1
        os.chdir(home)
        assert f",file={shown},line=3::" in capsys.readouterr().out
