"""`loadgate check --warning-exit-code`: which warnings count, and which codes are free."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from conftest import WriteRun

from loadgate.cli import exit_codes as exits
from loadgate.cli import run

STATE = "/tools/[id]/state"
ERROR = "CatchResponseError('Expected [200], got 500')"
FAILS = "--threshold=failures <= 9"
RULES = """\
version = 1
[[thresholds]]
require = "true_failure_rate <= 1%"
"""
LOOSE = RULES.replace("1%", "2%")
WARNS = f"""{RULES}
[[thresholds]]
require = "failures <= 9"
severity = "warning"
"""
EXPIRED = f"""{RULES}
[[rules]]
id = "old"
endpoint = "GET /old"
status = 409
why = "It was so once."
expires = 2020-01-01
"""
SKIPPED = f"""{RULES}
[[thresholds]]
require = "failures <= 9"
min_requests = 9999
[[rules]]
id = "idle"
endpoint = "GET /none"
status = 409
why = "It may come."
"""


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(
    write_run: WriteRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Have a run of 1,000 requests with ten true failures."""
    write_run([("POST", STATE, 1000, 10)], [("POST", STATE, ERROR, 10)])
    monkeypatch.chdir(tmp_path)


def checked(*words: str, rules: str = RULES) -> int:
    """Return the exit code of a check that asks for 42 where there are warnings."""
    Path("loadgate.toml").write_text(rules, "utf-8")
    return run(["check", "run", "--warning-exit-code", "42", *words])


@pytest.mark.parametrize(
    ("rules", "words", "code"),
    [
        pytest.param(RULES, [], 0, id="no-warning"),
        pytest.param(WARNS, [], 42, id="a-limit-that-only-warns"),
        pytest.param(EXPIRED, [], 42, id="about-the-rules"),
        pytest.param(SKIPPED, [], 0, id="skipped-and-idle-are-no-warnings"),
        pytest.param(RULES, ["--baseline", "none", "--baseline-optional"], 42, id="no-baseline"),
        pytest.param(WARNS, [FAILS], 1, id="the-gate-fails"),
        pytest.param(WARNS, ["--threshold", "nonsense"], 2, id="wrong-usage"),
        pytest.param(WARNS, ["nothing"], 2, id="one-run-cannot-be-read"),
        pytest.param(WARNS, ["--output", "json:run_stats.csv"], 2, id="cannot-be-written"),
    ],
)
def test_passed_with_warnings(
    rules: str, words: Sequence[str], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """Only a gate that passed has the code, and says why."""
    assert checked(*words, rules=rules) == code
    said = "passed with warnings: exit code 42 (--warning-exit-code)" in capsys.readouterr().err
    assert said is (code == 42)


def test_partial_results_are_a_warning(write_run: WriteRun) -> None:
    """Whatever else is said of them."""
    write_run([("POST", STATE, 1000, 10)], [("POST", STATE, ERROR, 12)])
    assert checked() == 2
    assert checked("--allow-partial", rules=LOOSE) == 42


def test_no_evidence_is_none(write_run: WriteRun) -> None:
    """A run without requests did not pass, with or without warnings."""
    write_run([], [])
    assert checked(rules=EXPIRED) == 3


def test_one_of_several_runs_is_enough(write_run: WriteRun) -> None:
    """All pass, and one of them with warnings; one that fails counts more."""
    write_run([("POST", STATE, 10, 0)], [], prefix="good")
    assert checked("good", rules=WARNS) == 42
    assert checked("good", FAILS, rules=WARNS) == 1


def test_a_result_that_was_not_judged_is_a_warning(write_run: WriteRun) -> None:
    """Of a folder, a result is passed over: that is said on standard error only."""
    for prefix in ("a", "b"):
        write_run([("POST", STATE, 10, 0)], [], prefix=prefix, folder="runs")
    command = ["check", "runs", "--warning-exit-code", "42"]
    assert run(command) == 0
    Path("runs/left_failures.csv").write_text("Method,Name,Error,Occurrences\nGET,/,x,3\n", "utf-8")
    assert run(command) == 42


def test_without_the_option_nothing_changes(capsys: pytest.CaptureFixture[str]) -> None:
    """A warning alone never fails a build."""
    Path("loadgate.toml").write_text(WARNS, "utf-8")
    assert run(["check", "run"]) == 0
    assert run(["check", "run", "--warning-exit-code", "0"]) == 0
    assert "exit code" not in capsys.readouterr().err


def test_only_codes_that_mean_nothing_else_are_free() -> None:
    """A passed gate must not look like a failed one, nor a loadgate that is not there like passed."""
    meant = {*exits.WORST_FIRST, exits.INTERRUPTED, *range(120, 256)} - {0}
    Path("loadgate.toml").write_text(WARNS, "utf-8")
    for number in range(-1, 300):
        code = run(["check", "run", f"--warning-exit-code={number}"])
        assert code == (2 if number in meant or not 0 <= number < 256 else number)


@pytest.mark.parametrize("text", ["", " ", "4.0", "04", "+4", "٤", "9" * 5000, "yes"])
def test_what_is_no_code_is_wrong_usage(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """It says what may be written, and removes an older verdict as any wrong command line does."""
    assert run(["check", "run", "--output", "json:verdict.json"]) == 0
    words = ["check", "run", "--warning-exit-code", text, "--output", "json:verdict.json"]
    assert run(words) == 2
    assert "choose a number from 4 to 119, but not 70" in capsys.readouterr().err
    assert not Path("verdict.json").exists()


# --- a rules file that is not used ----------------------------------------------------------------

SAID = "lies beside the run but is not used; name it with --rules"


@pytest.mark.parametrize(
    ("files", "run_at", "told"),
    [
        pytest.param(["a/loadgate.toml"], "a/run", "a/loadgate.toml", id="beside"),
        pytest.param(["a/loadgate.toml"], "a/b/c/run", "a/loadgate.toml", id="above"),
        pytest.param(["loadgate.toml", "a/loadgate.toml"], "a/run", "a/loadgate.toml", id="two"),
        pytest.param(["a/loadgate.toml", "a/b/loadgate.toml"], "a/b/run", "a/b/loadgate.toml",
                     id="nearest"),
        pytest.param(["a b/loadgate.toml"], "a b/run", "'a b/loadgate.toml'", id="quoted"),
        pytest.param(["loadgate.toml"], "a/run", None, id="the-default"),
        pytest.param(["loadgate.toml"], "run", None, id="the-default-beside"),
        pytest.param(["b/loadgate.toml"], "a/run", None, id="of-another"),
    ],
)  # fmt: skip
def test_a_rules_file_beside_the_run_that_is_not_used(
    files: Sequence[str],
    run_at: str,
    told: str | None,
    write_run: WriteRun,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It is named once, be there several runs, and counts as a warning."""
    _rules_files(files)
    for name in ("run", "twin"):
        write_run([("POST", STATE, 10, 0)], [], prefix=name, folder=str(Path(run_at).parent))
    for path in (run_at, str(Path(run_at).resolve())):
        command = ["check", path, path.replace("run", "twin"), "--warning-exit-code", "42"]
        assert run(command) == (0 if told is None else 42)
        err = capsys.readouterr().err
        assert err.count(SAID) == (told is not None)
        assert told is None or f"{SAID} {told}\n" in err
    assert run(["check", run_at, "--rules", files[0], "--warning-exit-code", "42"]) == 0
    assert run(["check", run_at, "--rules", "rate-limiting", "--warning-exit-code", "42"]) == 0


def test_one_folder_that_is_a_run(write_run: WriteRun, capsys: pytest.CaptureFixture[str]) -> None:
    """The rules file may lie in it."""
    _rules_files(["a/run/loadgate.toml"])
    write_run([("POST", STATE, 10, 0)], [], folder="a/run")
    for command in (["check"], ["explain"], ["rules", "suggest"]):
        assert run([*command, "a/run"]) == 0
        assert f"{SAID} a/run/loadgate.toml\n" in capsys.readouterr().err
        assert run([*command, "a/run", "--rules", "a/run/loadgate.toml"]) == 0
        assert SAID not in capsys.readouterr().err


@pytest.mark.parametrize("command", ["check", "explain", "report", "rules suggest"])
def test_a_rules_file_that_is_not_there(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The option is named, and how to write one."""
    assert run([*command.split(), "run", "--rules", "no.toml"]) == 2
    said = "--rules no.toml: there is no such file; write a rules file with `loadgate init"
    assert said in capsys.readouterr().err


def test_a_run_of_a_name_that_no_file_can_have(capsys: pytest.CaptureFixture[str]) -> None:
    """It is refused, and the others are judged."""
    assert run(["check", "x" * 300, "run"]) == 2
    assert "10 true" in capsys.readouterr().out


def test_a_run_that_cannot_be_read(capsys: pytest.CaptureFixture[str]) -> None:
    """What would have been wrong with the verdict is said at once."""
    _rules_files(["a/loadgate.toml"])
    assert run(["check", "a/gone"]) == 2
    assert f"{SAID} a/loadgate.toml\n" in capsys.readouterr().err


def test_outside_the_working_directory_only_the_own_folder_counts(
    write_run: WriteRun, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What lies above may belong to anything."""
    _rules_files(["a/loadgate.toml"])
    Path("here").mkdir()
    write_run([("POST", STATE, 10, 0)], [], folder="a")
    write_run([("POST", STATE, 10, 0)], [], folder="a/deep")
    monkeypatch.chdir("here")
    assert run(["check", "../a/deep/run"]) == 0
    assert SAID not in capsys.readouterr().err
    assert run(["check", "../a/run"]) == 0
    assert f"{SAID} ../a/loadgate.toml\n" in capsys.readouterr().err


@pytest.mark.parametrize("how", ["link", "extends"])
def test_a_rules_file_that_is_used_in_another_way(
    how: str, write_run: WriteRun, capsys: pytest.CaptureFixture[str]
) -> None:
    """By a link, or as what the rules file in use extends."""
    _rules_files(["a/loadgate.toml"])
    write_run([("POST", STATE, 10, 0)], [], folder="a")
    if how == "link":
        Path("loadgate.toml").symlink_to("a/loadgate.toml")
    else:
        Path("loadgate.toml").write_text('version = 1\nextends = ["a/loadgate.toml"]\n', "utf-8")
    assert run(["check", "a/run", "--warning-exit-code", "42"]) == 0
    assert SAID not in capsys.readouterr().err


def test_a_working_directory_that_was_removed(
    write_run: WriteRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run with a whole path is judged all the same."""
    path = write_run([("POST", STATE, 10, 0)], []).resolve()
    Path("gone").mkdir()
    monkeypatch.chdir("gone")
    Path("../gone").rmdir()
    assert run(["check", str(path)]) == 0


def _rules_files(names: Sequence[str]) -> None:
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(RULES, "utf-8")
