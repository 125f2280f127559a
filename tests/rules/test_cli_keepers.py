"""The commands of those who keep the rules, as they run them: test, suggest, init, schema, completion."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from conftest import WriteRun
from jsonschema import Draft202012Validator

from loadgate import published
from loadgate.cli import run
from loadgate.rules import load_policy

STATE = "/tools/[id]/state"
CONFLICT = "CatchResponseError('Expected [200], got 409')"
RUN = ([("PUT", "/tools/[id]", 1000, 10)], [("PUT", "/tools/[id]", CONFLICT, 10)])

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run in a folder without a rules file."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


# --- rules test -----------------------------------------------------------------------------------


def _rules(text: str) -> str:
    Path("loadgate.toml").write_text(f"version = 1\n{text}", encoding="utf-8")
    return "loadgate.toml"


EXAMPLE = '[[examples]]\nendpoint = "POST /x"\nerror = "{error}"\nexpect = "{expect}"\n'


def test_examples_that_hold_exit_0(capsys: Captured) -> None:
    """The last line says of which file how many examples were run."""
    assert run(["rules", "test", _rules(EXAMPLE.format(error="HTTP 500", expect="failure"))]) == 0
    assert capsys.readouterr().out == "loadgate.toml: 1 example passed\n"
    assert run(["rules", "test", "optimistic-locking"]) == 0
    assert "preset optimistic-locking: 8 examples" in capsys.readouterr().out


def test_examples_that_do_not_exit_1(capsys: Captured) -> None:
    """Each is told with its number, endpoint, text and what is wrong; no text steers the terminal."""
    text = EXAMPLE.format(error="HTTP 500", expect="failure")
    text += EXAMPLE.format(error="\\u001b[31mHTTP 409 at http://u:p@h/x?token=s", expect="expected")
    text += EXAMPLE.format(error="", expect="expected")
    assert run(["rules", "test", _rules(text)]) == 1
    out = capsys.readouterr().out
    assert "FAILED  examples[2] POST /x\n" in out
    assert "HTTP 409 at http://***@h/x?***\n" in out
    assert "(empty error text)" in out
    assert "examples[1]" not in out
    assert out.endswith("loadgate.toml: 2 of 3 examples failed\n")
    assert "\x1b" not in out


def test_failures_are_red_on_a_terminal_and_bounded(
    capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Colour only where the reader has some; of very many only the first are shown."""
    text = EXAMPLE.format(error="HTTP 409", expect="expected") * 60
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert run(["rules", "test", _rules(text)]) == 1
    out = capsys.readouterr().out
    assert out.startswith("\x1b[1;31mFAILED\x1b[0m  examples[1]")
    assert out.count("FAILED") == 50
    assert "... and 10 more\n" in out


def test_no_examples_are_no_evidence(capsys: Captured) -> None:
    """Nothing ran, which is not a pass."""
    assert run(["rules", "test", _rules("")]) == 3
    assert "no examples" in capsys.readouterr().out


def test_rules_expire_in_tests_too() -> None:
    """An example that a rule excuses holds until the rule's last day."""
    rule = (
        '[[rules]]\nid = "r"\nendpoint = "/x"\nstatus = 409\nwhy = "w"\nexpires = 2027-01-31\n'
        + EXAMPLE.format(error="HTTP 409", expect="expected")
    )
    assert run(["rules", "test", _rules(rule), "--today", "2027-01-31"]) == 0
    assert run(["rules", "test", _rules(rule), "--today", "2027-02-01"]) == 1


# --- rules suggest --------------------------------------------------------------------------------


def test_a_suggestion_makes_the_run_pass(write_run: WriteRun, capsys: Captured) -> None:
    """What is drafted can be appended to a rules file, and excuses what it was made from."""
    stats = str(write_run(*RUN))
    file = Path(_rules('[[thresholds]]\nrequire = "true_failures <= 0"\n'))
    assert run(["check", stats]) == 1
    capsys.readouterr()
    assert run(["rules", "suggest", stats, "--today", "2026-11-23"]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    file.write_text(file.read_text("utf-8") + captured.out, encoding="utf-8")
    assert run(["check", stats, "--today", "2026-11-23"]) == 0
    (rule,) = load_policy().rules
    assert rule.why.startswith("TODO: ")
    assert rule.at_most_text == "1.7%"
    assert "10 of 1,000 requests (1%) in run\n" in captured.out


def test_what_is_left_is_told(write_run: WriteRun, capsys: Captured) -> None:
    """True failures without a draft are counted on standard error; several runs are told apart."""
    first = write_run([("GET", "/x", 10, 3)], [("GET", "/x", "HTTP 500", 3)], folder="a")
    second = write_run(*RUN, folder="b")
    runs = [os.path.relpath(path) for path in (first, second)]
    assert run(["rules", "suggest", *runs]) == 0
    captured = capsys.readouterr()
    assert " 3 true failures" in captured.err
    assert f"(1%) in {runs[1].removesuffix('_stats.csv')}\n" in captured.out


# --- init -----------------------------------------------------------------------------------------


def test_init_writes_what_is_used_without_a_file(capsys: Captured) -> None:
    """The new file decides as no file does, but for exceptions; it loads, and its examples hold."""
    without = load_policy()
    assert run(["init"]) == 0
    assert "loadgate.toml: written" in capsys.readouterr().out
    policy = load_policy()
    assert policy.rules == without.rules
    assert [item.require for item in policy.thresholds] == [
        "true_failure_rate <= 1%",
        "task_exceptions <= 0",
    ]
    assert '# require = "duration >= 270s"' in Path("loadgate.toml").read_text("utf-8")
    assert run(["rules", "test", "loadgate.toml"]) == 0
    assert max(map(len, Path("loadgate.toml").read_text("utf-8").splitlines())) <= 100


def test_init_offers_a_duration_that_the_run_had(write_run: WriteRun) -> None:
    """A run may end some seconds before its --run-time: a tenth less than it took is offered."""
    stats = write_run()
    rows = "".join(f"{1_700_000_000 + at},1,,Aggregated,100,10\n" for at in (0, 25, 50))
    head = "Timestamp,User Count,Type,Name,Total Request Count,Total Failure Count\n"
    stats.with_name("run_stats_history.csv").write_text(head + rows, "utf-8")
    assert run(["init", str(stats)]) == 0
    text = Path("loadgate.toml").read_text("utf-8")
    assert '# require = "duration >= 45s" ' in text
    assert "--run-time" not in text
    assert run(["check", str(stats), "--threshold", "duration >= 45s"]) == 0


@pytest.mark.parametrize(("exceptions", "code"), [(0, 0), (1, 1), (None, 0)])
def test_init_limits_task_exceptions(
    write_run: WriteRun, exceptions: int | None, code: int
) -> None:
    """What fails the gate is what the file counts; without that file the limit is a comment."""
    stats = write_run([("POST", "/a", 1000, 0)], [], exceptions=exceptions)
    assert run(["init", str(stats)]) == 0
    assert run(["check", str(stats)]) == code
    text = Path("loadgate.toml").read_text("utf-8")
    commented = '# require = "task_exceptions <= 0"' in text
    assert commented is ("needs Locust's _exceptions.csv" in text) is (exceptions is None)
    assert ("exception stops a task half-way\n\n# [[thresholds]]" in text) is not commented


def test_init_never_writes_over_a_file(capsys: Captured) -> None:
    """A file that is there stays as it is, also a link that leads nowhere; nothing else is written."""
    Path("loadgate.toml").write_text("mine")
    assert run(["init", "--schema"]) == 2
    assert "already exists, not changed" in capsys.readouterr().err
    assert Path("loadgate.toml").read_text() == "mine"
    assert not Path("loadgate.schema.json").exists()
    assert run(["init", "--file", "no/such/folder.toml"]) == 2
    assert "cannot be written" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_init_follows_no_link(capsys: Captured) -> None:
    """A link that leads nowhere is somebody's file, too."""
    Path("loadgate.toml").symlink_to("elsewhere.toml")
    assert run(["init"]) == 2
    assert not Path("elsewhere.toml").exists()
    assert "exists" in capsys.readouterr().err


def test_init_leaves_no_half_of_a_file(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    """On a full disk there is a message, and no file."""
    text = "x" * 10 + "\ud800"
    monkeypatch.setattr("loadgate.cli.init.render_starter", lambda *_, **__: text)
    assert run(["init"]) == 2
    assert "cannot be written" in capsys.readouterr().err
    assert not Path("loadgate.toml").exists()


def test_init_offers_what_a_run_has(write_run: WriteRun) -> None:
    """The endpoints that occur are listed, drafts stand there as comments, and nothing breaks out."""
    hostile = "/x\n[[rules]]\x1b[31m `\u202e"
    endpoints = [("PUT", "/tools/[id]", 1000, 10), ("GET", hostile, 5, 0)]
    stats = write_run(endpoints, RUN[1])
    assert run(["init", str(stats), "--schema", "--file", "new.toml"]) == 0
    text = Path("new.toml").read_text("utf-8")
    assert text.startswith("#:schema ./loadgate.schema.json\n")
    assert json.loads(Path("loadgate.schema.json").read_text("utf-8"))["title"]
    assert "#       1,000         10  PUT /tools/[id]\n" in text
    assert "#           5          0  GET /x [[rules]] `\n" in text
    assert '# id = "put-tools-id-409"\n' in text
    assert tomllib.loads(text).keys() == {"version", "extends", "thresholds", "examples"}
    # With the marks taken off, the draft is a rule.
    draft = text.split("and say why:\n#\n")[1].split("\n\n")[0]
    assert (
        tomllib.loads(draft.replace("# ", "", 1).replace("\n# ", "\n"))["rules"][0]["status"] == 409
    )


def test_init_says_nothing_of_services_that_are_not_there(write_run: WriteRun) -> None:
    """What a file from a run names is in the run: endpoints, presets, examples, commands."""
    rows = [("GET", "/orders", "HTTP 429", 133), ("GET", "/orders", "HTTP 500", 81)]
    stats = write_run([("GET", "/orders", 9000, 214)], rows)
    assert run(["init", str(stats)]) == 0
    text = Path("loadgate.toml").read_text("utf-8")
    assert '# extends = ["rate-limiting"] covers 133 failures' in text
    assert "tools" not in text.replace(str(stats), "")
    assert "conditional-requests" not in text
    assert '# endpoint = "GET /orders"' in text
    (example,) = tomllib.loads(text)["examples"]
    assert example == {"endpoint": "GET /orders", "error": "HTTP 500", "expect": "failure"}
    assert run(["rules", "test"]) == 0


def test_init_without_examples_names_no_command_for_them(write_run: WriteRun) -> None:
    """A run without failures shows nothing of what the rules mean."""
    stats = write_run([("GET", "/orders", 9000, 0)], [])
    assert run(["init", str(stats)]) == 0
    text = Path("loadgate.toml").read_text("utf-8")
    assert "[[examples]]" not in text
    assert "loadgate rules test" not in text


def test_init_is_bounded(write_run: WriteRun) -> None:
    """Of very many endpoints and drafts the first are shown, and how many more there are."""
    endpoints = [("POST", f"/e{number}", 1000, 10) for number in range(60)]
    stats = write_run(endpoints, [(*row[:2], CONFLICT, 10) for row in endpoints], folder="a")
    other = write_run(folder="b")
    assert run(["init", str(stats), str(other)]) == 0
    text = Path("loadgate.toml").read_text("utf-8")
    assert "# and 21 more\n" in text
    assert "# and 40 more: loadgate rules suggest RUN\n" in text
    assert len(text.splitlines()) < 320


@pytest.mark.parametrize("command", [["rules", "suggest"], ["init"]], ids=" ".join)
def test_a_run_that_cannot_be_read_is_an_error(
    command: list[str], write_run: WriteRun, capsys: Captured
) -> None:
    """Nothing is drafted from the other runs, and the message names the one."""
    assert run([*command, str(write_run(*RUN)), "gone_stats.csv"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "gone_stats.csv" in captured.err
    assert not Path("loadgate.toml").exists()


def test_the_file_says_what_to_do_with_itself(write_run: WriteRun) -> None:
    """By its own name and that of the run, as they were given."""
    stats = str(write_run(*RUN))
    assert run(["init", stats, "--file", "my rules.toml"]) == 0
    text = Path("my rules.toml").read_text("utf-8")
    assert text.startswith(f"#:schema {published.DOCS}schemas/rules-1.json\n")
    assert f"#   loadgate check {stats} --rules 'my rules.toml'" in text
    assert "#   loadgate rules lint 'my rules.toml'" in text
    tomllib.loads(text)
    assert run(["init"]) == 0
    assert "#   loadgate check run_stats.csv  " in Path("loadgate.toml").read_text("utf-8")


def test_what_is_written_is_toml(capsys: Captured) -> None:
    """A name that says JSON is refused, as the file could not be read again."""
    assert run(["init", "--file", "rules.json"]) == 2
    assert ".toml" in capsys.readouterr().err
    assert not list(Path().iterdir())


# --- schema and completion ------------------------------------------------------------------------


@pytest.mark.parametrize("document", ["rules", "result", "lint"])
def test_schemas_are_printed(document: str, capsys: Captured) -> None:
    """Each document has a schema that is one."""
    assert run(["schema", document]) == 0
    Draft202012Validator.check_schema(json.loads(capsys.readouterr().out))
    assert run(["schema", "pdf"]) == 2


def _shell(shell: str, script: str) -> list[str]:
    """Return the lines that a script prints in a real shell which has loadgate on its path."""
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell} here")
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    done = subprocess.run(
        [shell, "-c", script],
        env={**os.environ, "PATH": path, "TERM": "dumb"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    return done.stdout.splitlines()


BASH = """
eval "$(loadgate completion bash)"
complete -p loadgate
compopt() { echo "compopt $1 $2"; }
try() { COMP_WORDS=(loadgate "$@"); COMP_CWORD=$#; COMPREPLY=(); _loadgate_completion loadgate; echo "${COMPREPLY[*]}"; }
try ch
try rules ""
try check --output j
try check --rules rate
try check --rules my
try schema ""
try check run
"""


def test_bash_completes() -> None:
    """A real bash gets commands, formats and presets, and is told where files are meant."""
    assert _shell("bash", BASH) == [
        "complete -o nosort -F _loadgate_completion loadgate",
        "check",
        "lint test suggest teach",
        "json junit",
        "rate-limiting",
        "compopt -o default",
        "",
        "rules result lint report comparison recording",
        "compopt -o default",
        "",
    ]


def test_zsh_completes() -> None:
    """A real zsh takes the script, and gets the answers that it asks for."""
    script = """
    autoload -U compinit && compinit -D -u
    eval "$(loadgate completion zsh)"
    print $_comps[loadgate]
    compadd() { print -l -- ${(P)@[-1]}; }
    words=(loadgate check --output j) CURRENT=4
    _loadgate_completion
    """
    assert _shell("zsh", script) == ["_loadgate_completion", "json", "junit"]


def test_fish_completes() -> None:
    """A real fish completes formats and commands."""
    script = "loadgate completion fish | source; complete -C 'loadgate check --output j'"
    assert _shell("fish", script) == ["json", "junit"]


def test_an_unknown_shell_is_refused(capsys: Captured) -> None:
    """The shells that there are are named."""
    assert run(["completion", "cmd"]) == 2
    assert "'bash', 'zsh', 'fish'" in capsys.readouterr().err
