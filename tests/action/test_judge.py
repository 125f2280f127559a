"""Tests of the judging step by itself: its log, summary and outputs."""

from __future__ import annotations

import json
import runpy
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import WriteRun
from gfm import page

from action.commands import parse_log, parse_pairs
from loadgate.action.step_outputs import SUMMARY_BYTES

Judge = Callable[..., dict[str, str]]
FAILED = [("GET", "/x", "ConnectionResetError(104)", 500)]


@pytest.fixture
def judge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Judge:
    """Return a function that judges with these inputs and returns the outputs of the step."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RUNNER_TEMP", str(tmp_path))
    for name in ("output", "step_summary"):
        monkeypatch.setenv(f"GITHUB_{name.upper()}", str(tmp_path / name))

    def run(**inputs: str) -> dict[str, str]:
        for name, text in {"results": "run", **inputs}.items():
            monkeypatch.setenv(f"LOADGATE_{name.upper()}", text)
        runpy.run_module("loadgate.action", run_name="__main__")
        text = (tmp_path / "output").read_text("utf-8")
        (tmp_path / "output").unlink()
        return parse_pairs(text)

    return run


def _summary() -> str:
    return Path("step_summary").read_text("utf-8")


def test_a_run_that_passes(judge: Judge, write_run: WriteRun) -> None:
    """Its numbers are those of its result document."""
    write_run()
    outputs = judge()
    path = outputs.pop("result-json")
    assert json.loads(Path(path).read_text("utf-8"))["outcome"] == "passed"
    assert outputs == {
        "outcome": "passed",
        "true-failures": "0",
        "true-failure-rate": "0.0",
        "expected-failures": "10",
        "exit-code": "0",
        "fail-on-gate": "true",
    }
    assert _summary().startswith("### ✅ PASSED: `run`\n")


def test_several_runs_are_summed(judge: Judge, write_run: WriteRun) -> None:
    """The worst comes first in the summary and is the outcome; a rate is written out in full."""
    write_run(prefix="a", endpoints=[("GET", "/x", 99_000, 0)], failures=())
    write_run(prefix="b", endpoints=[("GET", "/x", 900, 500)], failures=FAILED)
    write_run(prefix="c", endpoints=[], failures=())
    outputs = judge(results="*_stats.csv\n\n", label="nightly")
    assert outputs["outcome"] == "failed"
    assert outputs["exit-code"] == "1"
    assert outputs["true-failures"] == "500"
    assert float(outputs["true-failure-rate"]) == 500 / 99_900
    names = [Path(path).name for path in outputs["result-json"].split("\n")]
    assert names == ["nightly_a.json", "nightly_b.json", "nightly_c.json"]
    titles = [line for line in _summary().splitlines() if line.startswith("### ")]
    assert titles == [
        "### ❌ FAILED: `nightly b`",
        "### ⚠️ NO EVIDENCE: `nightly c`",
        "### ✅ PASSED: `nightly a`",
    ]


def test_the_summary_is_rendered_as_it_is_meant(judge: Judge, write_run: WriteRun) -> None:
    """What could not be judged is a block, and no verdict runs on into the next."""
    for name in ("`a`", "*b*"):
        write_run([("GET", name, 900, 500)], [("GET", name, f"boom {name}", 500)], prefix=name)
    judge(results="`a`\n*b*_stats.csv\n| nowhere <b>\n")
    found = page(_summary())
    assert [title for level, title in found.headings if level == 3] == [
        "❌ NOT JUDGED",
        "❌ FAILED: `a`",
        "❌ FAILED: *b*",
    ]
    assert found.blocks == [""]
    assert [*found.links, *found.images] == []


def test_a_small_rate_has_no_exponent(judge: Judge, write_run: WriteRun) -> None:
    """A step may compare it with a tool that knows none."""
    failures = [("GET", "/x", "ConnectionResetError(104)", 1)]
    write_run(endpoints=[("GET", "/x", 1_000_000, 1)], failures=failures)
    assert judge()["true-failure-rate"] == "0.000001"


def test_more_failures_than_requests_are_all(judge: Judge, write_run: WriteRun) -> None:
    """A rate is a share: what cannot be counts as 100 %."""
    failures = [("GET", "/x", "ConnectionResetError(104)", 12)]
    write_run(endpoints=[("GET", "/x", 10, 12)], failures=failures)
    assert judge()["true-failure-rate"] == "1.0"


def test_no_requests_have_no_rate(judge: Judge, write_run: WriteRun) -> None:
    """Empty, so that no comparison can take it for a good one."""
    write_run(endpoints=[], failures=())
    outputs = judge()
    assert outputs["outcome"] == "no-evidence"
    assert outputs["true-failure-rate"] == ""
    assert outputs["true-failures"] == "0"


def test_what_could_not_be_judged_has_no_numbers(
    judge: Judge, capsys: pytest.CaptureFixture[str]
) -> None:
    """Loadgate's own message is in the log, the annotation and the summary."""
    outputs = judge(results="one\ntwo")
    assert outputs["outcome"] == "error"
    assert outputs["exit-code"] == "2"
    assert outputs["true-failures"] == outputs["expected-failures"] == outputs["result-json"] == ""
    log = capsys.readouterr().out
    assert "loadgate: one: no such file or directory\n  RUN is a _stats.csv" in log
    errors = [command for command in parse_log(log) if command.name == "error"]
    assert [error.text.split("\n")[0] for error in errors] == [
        "one: no such file or directory",
        "two: no such file or directory",
    ]
    assert {error.title for error in errors} == {"loadgate"}
    assert "### ❌ NOT JUDGED\n\n    two: no such file or directory\n    RUN is a" in _summary()


def test_too_many_errors_are_counted(judge: Judge, capsys: pytest.CaptureFixture[str]) -> None:
    """GitHub shows ten annotations of a step and drops others without a word."""
    judge(results="\n".join(f"run{number}" for number in range(12)))
    errors = [command.text for command in parse_log(capsys.readouterr().out)]
    assert len(errors) == 10
    assert errors[-1] == "and 3 more like these"


def test_a_long_message_is_cut(judge: Judge, write_run: WriteRun) -> None:
    """All of it is in the log."""
    write_run()
    rules = "".join(f'[[rules]]\nid = "r{number}"\nwhy = ""\n' for number in range(60))
    Path("loadgate.toml").write_text(f"version = 1\n{rules}", "utf-8")
    judge()
    block = _summary().rstrip("\n").splitlines()
    assert block[-1] == "    and 23 more lines in the log"
    assert len(block) == len(["title", ""]) + 30


@pytest.mark.parametrize(
    "name", ["summary", "annotations", "fail-on-gate", "baseline-optional", "strict-rules"]
)
def test_a_switch_is_true_or_false(
    name: str, judge: Judge, write_run: WriteRun, capsys: pytest.CaptureFixture[str]
) -> None:
    """Anything else is an error that names the input, and nothing is judged."""
    write_run()
    outputs = judge(**{name.replace("-", "_"): "yes"})
    assert outputs["exit-code"] == "2"
    assert outputs["fail-on-gate"] == "true"
    told = f"loadgate: input {name}: is 'yes'; write true or false\n"
    assert capsys.readouterr().out.startswith(told)


def test_switches_switch(
    judge: Judge, write_run: WriteRun, capsys: pytest.CaptureFixture[str]
) -> None:
    """In any case of letters; without annotations the log has no commands."""
    write_run()
    outputs = judge(summary="False", annotations="FALSE", fail_on_gate="false ")
    assert outputs["fail-on-gate"] == "false"
    assert not Path("step_summary").exists()
    assert parse_log(capsys.readouterr().out) == []


def test_the_summary_stays_within_its_limit(judge: Judge, write_run: WriteRun) -> None:
    """What is there stays and counts; what is left out is counted, and the worst is not left out."""
    for name in "abc":
        write_run(prefix=name)
    write_run(prefix="d", endpoints=[("GET", "/x", 900, 500)], failures=FAILED)
    there = "x" * (SUMMARY_BYTES - 2000)
    Path("step_summary").write_text(there, "utf-8")
    judge(results="*_stats.csv")
    text = _summary()
    assert text.startswith(f"{there}\n### ❌ FAILED: `d`\n")
    assert text.endswith("\n2 more in the log: a job summary has no room for them.\n")
    assert len(text.encode()) < SUMMARY_BYTES + 100


def test_the_summary_begins_on_a_line_of_its_own(judge: Judge, write_run: WriteRun) -> None:
    """No blank line is added where the last one has ended."""
    write_run()
    Path("step_summary").write_text("before\n", "utf-8")
    judge()
    assert _summary().startswith("before\n### ")


def test_options_reach_the_check(judge: Judge, write_run: WriteRun) -> None:
    """Rules, and each line of thresholds that says something."""
    write_run()
    rules = 'version = 1\n[[rules]]\nid = "all"\nendpoint = "/**"\nstatus = 409\nwhy = "So."\n'
    Path("mine.toml").write_text(rules, "utf-8")
    outputs = judge(rules=" mine.toml", thresholds="\n p95 <= 1ms \r\n\nrequests >= 1\n")
    document = json.loads(Path(outputs["result-json"]).read_text("utf-8"))
    assert document["run"]["rules"][0] == "mine.toml"
    required = [check["require"] for check in document["checks"] if check["rule"] is None]
    assert required == ["true_failure_rate <= 1%", "p95 <= 1ms", "requests >= 1"]


def test_a_run_is_held_against_others(judge: Judge, write_run: WriteRun) -> None:
    """Against each line of `baseline`; where it may be missing, the verdict says that it is."""
    write_run([("GET", "/x", 900, 500)], FAILED)
    judged = {"thresholds": "new_failure_kinds <= 0\nfailures <= 500"}
    assert judge(**judged)["exit-code"] == "2"
    assert judge(**judged, baseline="main")["exit-code"] == "2"
    write_run([("GET", "/x", 1000, 0)], (), folder="main")
    write_run([("GET", "/x", 1001, 0)], (), folder="before")
    outputs = judge(**judged, baseline="\n main\nbefore ")
    assert outputs["exit-code"] == "1"
    document = json.loads(Path(outputs["result-json"]).read_text("utf-8"))
    assert document["run"]["baseline"] == ["before/run_stats.csv", "main/run_stats.csv"]


def test_a_baseline_may_be_missing(judge: Judge, write_run: WriteRun) -> None:
    """If the input says so; then the thresholds that need it are skipped."""
    write_run()
    inputs = {"thresholds": "new_failure_kinds <= 0\nfailures <= 10", "baseline": "main"}
    assert judge(**inputs, baseline_optional="false")["exit-code"] == "2"
    assert judge(**inputs, baseline_optional="True")["exit-code"] == "0"
    assert "no baseline yet" in _summary()


def test_rules_can_be_held_strictly(judge: Judge, write_run: WriteRun) -> None:
    """A rule that matched nothing fails the gate only then."""
    write_run([("GET", "/x", 1000, 0)], ())
    rules = 'version = 1\n[[rules]]\nid = "a"\nendpoint = "/**"\nstatus = 409\nwhy = "So."\n'
    Path("loadgate.toml").write_text(rules, "utf-8")
    assert judge()["exit-code"] == "0"
    assert judge(strict_rules="true")["exit-code"] == "1"


def test_results_in_another_encoding(judge: Judge, write_run: WriteRun) -> None:
    """A guess would read another name; what is no encoding is an error with no verdict."""
    stats = write_run([("GET", "/größe", 1000, 0)], ())
    stats.write_bytes(stats.read_text("utf-8").encode("cp437"))
    document = json.loads(Path(judge(encoding=" cp437 ")["result-json"]).read_text("utf-8"))
    assert document["endpoints"][0]["name"] == "/größe"
    assert not [warning for warning in document["warnings"] if "UTF-8" in warning]
    outputs = judge(encoding="klingon")
    assert (outputs["outcome"], outputs["result-json"]) == ("error", "")
    assert "--encoding klingon: is not an encoding" in _summary()


@pytest.mark.parametrize(
    "hostile",
    [
        pytest.param("::error::pwned", id="a-command"),
        pytest.param("x\n::error::pwned", id="a-command-on-a-line-of-its-own"),
        pytest.param("x\r  ::error::pwned", id="a-carriage-return"),
        pytest.param("##[error]pwned", id="the-older-form"),
        pytest.param("x%0A::error::pwned", id="encoded"),
    ],
)
def test_no_message_is_a_command(
    hostile: str, judge: Judge, write_run: WriteRun, capsys: pytest.CaptureFixture[str]
) -> None:
    """A message quotes what is wrong; the log must not obey it."""
    write_run()
    judge(rules=hostile, summary="false")
    assert {command.title for command in parse_log(capsys.readouterr().out)} == {"loadgate"}
    judge(thresholds=hostile, summary="true")
    judge(baseline=hostile)
    judge(results=hostile.rsplit("\n", maxsplit=1)[-1] + "*")
    assert {command.title for command in parse_log(capsys.readouterr().out)} == {"loadgate"}
    assert "\n::" not in _summary()


@pytest.mark.parametrize(
    ("name", "value", "code", "said"),
    [
        pytest.param("RUNNER_TEMP", None, 2, "RUNNER_TEMP: not set; run this as", id="no-temp"),
        pytest.param("GITHUB_OUTPUT", "", 2, "GITHUB_OUTPUT: not set", id="no-output"),
        pytest.param("GITHUB_STEP_SUMMARY", None, 2, "GITHUB_STEP_SUMMARY: not", id="no-summary"),
        pytest.param("RUNNER_TEMP", "gone", 2, "No such file or directory", id="temp-is-gone"),
        pytest.param("GITHUB_OUTPUT", ".", 2, "cannot be handed on: ", id="output-is-a-folder"),
        pytest.param(
            "GITHUB_STEP_SUMMARY", "a/b", 2, "cannot be handed on: ", id="summary-is-gone"
        ),
    ],
)
def test_what_cannot_be_handed_on_is_an_error(
    name: str,
    value: str | None,
    code: int,
    said: str,
    judge: Judge,
    write_run: WriteRun,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One message, also as an annotation, and never exit code 1, which is a failed gate's."""
    write_run()
    monkeypatch.delenv(name)
    if value is not None:
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as end:
        judge()
    assert end.value.code == code
    log = capsys.readouterr().out
    assert said in next(line for line in log.splitlines() if line.startswith("loadgate: "))
    assert said in parse_log(log)[-1].text


def test_a_bug_is_no_failed_gate(
    judge: Judge,
    write_run: WriteRun,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Exit code 70, and the way to report it."""
    write_run()

    def crash(*_: object) -> None:
        raise RuntimeError("so")

    monkeypatch.setattr("loadgate.action.step.append_summary", crash)
    with pytest.raises(SystemExit) as end:
        judge()
    assert end.value.code == 70
    assert (
        "this is a bug in loadgate, please report it: RuntimeError: so" in capsys.readouterr().out
    )


def test_what_cannot_be_imported_is_an_error(
    judge: Judge, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Python's own exit code would be that of a failed gate."""
    monkeypatch.setitem(sys.modules, "loadgate.action.step", None)
    with pytest.raises(SystemExit) as end:
        judge()
    assert end.value.code == 2
    assert "cannot start: ModuleNotFoundError" in parse_log(capsys.readouterr().out)[0].text
