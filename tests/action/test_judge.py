"""Tests of the judging step by itself: its log, summary and outputs."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import WriteRun, run_as_main
from gfm import page

from action.commands import parse_log, parse_pairs
from action.conftest import FAILED
from loadgate.action.step_outputs import SUMMARY_BYTES
from loadgate.published import DOCS, address

Judge = Callable[..., dict[str, str]]
RULES = 'version = 1\n[[rules]]\nid = "all"\nendpoint = "/**"\nstatus = 409\nwhy = "So."\n'

SWITCHES = (
    *("summary", "annotations", "fail-on-gate", "strict-rules", "merge"),
    *("baseline-optional", "history-optional", "allow-partial", "comment"),
)


@pytest.fixture
def judge(tmp_path: Path, write_run: WriteRun, monkeypatch: pytest.MonkeyPatch) -> Judge:
    """Return a function that judges with these inputs and returns the outputs of the step."""
    write_run()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RUNNER_TEMP", str(tmp_path))
    for name in ("GITHUB_BASE_REF", "GITHUB_EVENT_PATH"):  # of the job that tests
        monkeypatch.delenv(name, raising=False)
    for name in ("output", "step_summary"):
        monkeypatch.setenv(f"GITHUB_{name.upper()}", str(tmp_path / name))

    def run(**inputs: str) -> dict[str, str]:
        for name, text in {"results": "run", **inputs}.items():
            monkeypatch.setenv(f"LOADGATE_{name.upper()}", text)
        run_as_main("loadgate.action")
        text = (tmp_path / "output").read_text("utf-8")
        (tmp_path / "output").unlink()
        return parse_pairs(text)

    return run


def _summary() -> str:
    return Path("step_summary").read_text("utf-8")


def _document(outputs: dict[str, str]) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(Path(outputs["result-json"]).read_text("utf-8"))
    return document


def test_a_run_that_passes(judge: Judge) -> None:
    """Its numbers are those of its result document."""
    outputs = judge()
    assert _document(outputs)["outcome"] == "passed"
    markdown, junit = (Path(outputs.pop(name)) for name in ("markdown", "junit"))
    assert markdown.read_text("utf-8").startswith("### ✅ PASSED: `run`\n")
    assert '<testsuite name="loadgate" tests="2"' in junit.read_text("utf-8")
    assert {markdown.stem, junit.stem, Path(outputs.pop("result-json")).stem} == {"run"}
    assert outputs == {
        "outcome": "passed",
        "requests": "1000",
        "failures": "10",
        "p95": "15",
        "true-failures": "0",
        "true-failure-rate": "0.0",
        "expected-failures": "10",
        "comment": "",
        "exit-code": "0",
        "fail-on-gate": "true",
    }
    assert _summary().startswith("### ✅ PASSED: `run`\n")


def test_several_runs_are_summed(judge: Judge, write_run: WriteRun) -> None:
    """The worst comes first in the summary and is the outcome; a rate is written out in full."""
    write_run(prefix="a", endpoints=[("GET", "/x", 99_000, 0)], failures=())
    write_run(*FAILED, prefix="b")
    write_run([], (), prefix="c")
    outputs = judge(results="?_stats.csv\n\n", label="nightly")
    assert (outputs["outcome"], outputs["exit-code"]) == ("failed", "1")
    assert outputs["true-failures"] == "500"
    assert float(outputs["true-failure-rate"]) == 500 / 99_900
    assert [outputs[name] for name in ("requests", "failures", "p95")] == ["99900", "500", "15"]
    names = [Path(path).name for path in outputs["result-json"].split("\n")]
    assert names == ["nightly_a.json", "nightly_b.json", "nightly_c.json"]
    assert [line for line in _summary().splitlines() if line.startswith("### ")] == [
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
    titles = [title for level, title in found.headings if level == 3]
    assert titles == ["❌ NOT JUDGED", "❌ FAILED: `a`", "❌ FAILED: *b*"]
    assert found.blocks == [""]
    assert [*found.links, *found.images] == []


@pytest.mark.parametrize(
    ("requests", "failures", "rate"),
    [
        pytest.param(1_000_000, 1, "0.000001", id="no-exponent-which-some-tools-do-not-know"),
        pytest.param(10, 12, "1.0", id="a-rate-is-a-share"),
        pytest.param(0, 0, "", id="empty-can-be-taken-for-no-good-one"),
    ],
)
def test_the_rate(
    requests: int, failures: int, rate: str, judge: Judge, write_run: WriteRun
) -> None:
    """As a step can compare it."""
    write_run(
        [("GET", "/x", requests, failures)], [("GET", "/x", "boom", failures)] * (failures > 0)
    )
    outputs = judge()
    assert (outputs["true-failure-rate"], outputs["true-failures"]) == (rate, str(failures))
    assert (outputs["outcome"] == "no-evidence") is (requests == 0)


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("results", "gone_stats.csv\nother", ["gone_stats.csv: ", "other: "]),
        ("results", "out/*", ["input results: out/*: "]),
        ("results", " \n", ["input results: "]),
        ("rules", "gone.toml", ["input rules: gone.toml: "]),
        ("rules", "bad.toml", ["input rules: bad.toml:2: "]),
        ("thresholds", "p95 = 1", ["input thresholds: p95 = 1: "]),
        ("thresholds", "p95 < 8\nrps >= it's", ["input thresholds: p95 < 8: "]),
        ("thresholds", "p95 <= baseline", ["input thresholds: p95 <= baseline needs a baseline\n"]),
        ("encoding", "klingon", ["input encoding: klingon: "]),
        ("baseline-optional", "true", ["input baseline-optional: needs the input baseline, "]),
        ("working-directory", "gone", ["input working-directory: gone: "]),
        ("working-directory", "run_stats.csv", ["input working-directory: run_stats.csv: "]),
        ("working-directory", "a\nb", ["input working-directory: a\n"]),
        *(("max-annotations", text, ["input max-annotations: is "]) for text in ("11", "-1", "٣")),
        *((switch, "yes", [f"input {switch}: is 'yes'"]) for switch in SWITCHES),
    ],
)
def test_what_is_wrong_is_told_three_times(
    name: str, text: str, told: list[str], judge: Judge, capsys: pytest.CaptureFixture[str]
) -> None:
    """In the log, an annotation and the summary, in loadgate's own words; there are no numbers."""
    Path("bad.toml").write_text("version = 1\nrule = 3\n", "utf-8")
    outputs = judge(**{name.replace("-", "_"): text})
    assert {name: text for name, text in outputs.items() if text} == {
        "outcome": "error", "exit-code": "2", "fail-on-gate": "true",
    }  # fmt: skip
    log = capsys.readouterr().out
    errors = [command for command in parse_log(log) if command.name == "error"]
    for error, beginning in zip(errors, told, strict=True):
        assert f"loadgate: {beginning}" in log
        assert error.text.startswith(beginning)
        assert error.title == "loadgate"
        assert f"\n\n    {beginning}".rstrip("\n") in _summary()
    assert not re.search(r"--(?!csv|html|json-file|file)[a-z]", _summary())


@pytest.mark.parametrize(
    ("inputs", "told", "section"),
    [
        (
            {"thresholds": "p95 <= baseline"},
            "the input baseline. If there may be none yet, add baseline-optional: true.",
            "baseline",
        ),
        ({"thresholds": "p95 <= history"}, "add history-optional: true.", "baseline"),
        ({"history": "run"}, "input history: ", "baseline"),
        ({"baseline": "./run"}, "input baseline: ", "baseline"),
        ({"merge": "true", "results": "run\ncopy"}, "input merge: ", ""),
        ({"results": "torn"}, "judge what is there with allow-partial: true.", "inputs"),
        (
            {"baseline": "main"},
            "input baseline: main is no path",
            "ci#compare-with-main",
        ),
        ({"working_directory": "gone"}, "input working-directory: ", "ci#github-actions"),
        ({"max_annotations": "11"}, "input max-annotations: ", "ci#github-actions"),
        ({"rules": "--merge"}, "input rules: --merge: ", "rules"),
        (
            {"results": "run", "baseline": "./a --merge.toml"},
            "./a --merge.toml: no such",
            "baseline",
        ),
        ({"label": "a", "rules": "gone.toml"}, "input rules: gone.toml: ", "rules"),
    ],
)
def test_messages_are_about_inputs(
    inputs: dict[str, str], told: str, section: str, judge: Judge, write_run: WriteRun
) -> None:
    """Not about options of the command line; and each links to the page that says more."""
    write_run([("GET", "/x", 1000, 3)], [("GET", "/x", "boom", 5)], prefix="torn")
    for file in Path().glob("run_*"):
        Path(file.name.replace("run", "copy", 1)).write_bytes(file.read_bytes())
    assert judge(**inputs)["exit-code"] == "2"
    assert told in " ".join(_summary().split())
    assert re.search(rf"See {re.escape(DOCS)}{section.replace('#', '.html#')}", _summary())
    assert f"See {DOCS}\n" not in _summary()


@pytest.mark.parametrize(
    ("inputs", "title"),
    [
        ({"label": " service a "}, "❌ NOT JUDGED: service a"),
        ({"label": "a", "artifact_name": "b"}, "❌ NOT JUDGED: a"),
        ({"artifact_name": "result"}, "❌ NOT JUDGED: result"),
        ({"results": "run"}, "❌ NOT JUDGED: run"),
        ({"results": "run\nother"}, "❌ NOT JUDGED"),
        ({"results": ""}, "❌ NOT JUDGED"),
        ({"label": "a", "merge": "yes"}, "❌ NOT JUDGED: a"),
        ({"label": "@octocat closes #1 `x` | <b> [a](https://x.example)"}, None),
    ],
)
def test_what_was_not_judged_has_its_name(
    inputs: dict[str, str], title: str | None, judge: Judge
) -> None:
    """Each leg of a matrix has a comment: which of them this is must be seen; secrets must not."""
    text = Path(judge(rules="gone.toml", comment="true", **inputs)["comment"]).read_text("utf-8")
    for found in (page(text), page(_summary())):
        assert found.headings == [(3, title or f"❌ NOT JUDGED: {inputs['label']}")]
        assert [*found.links, *found.images] == []
    judge(rules="gone.toml", label="https://me:hunter2@x.example")
    assert "hunter2" not in _summary()


def test_a_rules_file_that_nobody_named(judge: Judge) -> None:
    """Is not that of the input."""
    Path("loadgate.toml").write_text("version = 1\nrule = 3\n", "utf-8")
    judge()
    assert "    loadgate.toml:2: " in _summary()


def test_a_rules_file_that_is_not_used_is_told(
    judge: Judge, write_run: WriteRun, capsys: pytest.CaptureFixture[str]
) -> None:
    """The run may be judged by rules that nobody meant."""
    write_run(folder="services/a")
    Path("services/a/loadgate.toml").write_text(RULES, "utf-8")
    said = (
        "services/a/loadgate.toml lies beside the run but is not used; name it with the input"
        " rules: services/a/loadgate.toml"
    )
    assert judge(results="services/a/run")["exit-code"] == "0"
    log = capsys.readouterr().out
    assert [one.text for one in parse_log(log) if "lies beside" in one.text] == [said]
    assert said in _summary()
    judge(results="services/a/run", rules="services/a/loadgate.toml")
    assert said not in capsys.readouterr().out


def test_too_many_errors_are_counted(judge: Judge, capsys: pytest.CaptureFixture[str]) -> None:
    """GitHub shows ten annotations of a step and drops others without a word."""
    judge(results="\n".join(f"run{number}" for number in range(12)))
    errors = [command.text for command in parse_log(capsys.readouterr().out)]
    assert len(errors) == 10
    assert "2 more" in errors[-1]


def test_annotations_are_limited(
    judge: Judge, write_run: WriteRun, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of all runs together, as GitHub counts them of a step; errors of the judging come first."""
    for name in "ab":
        write_run(*FAILED, prefix=name)

    def shown(most: str) -> list[tuple[str, str]]:
        judge(results="?_stats.csv\ngone", max_annotations=most)
        found = parse_log(capsys.readouterr().out)
        return [(one.name, one.title) for one in found if one.name != "warning"]

    assert shown("0") == []
    assert shown("1") == [("error", "loadgate"), ("notice", "loadgate a")]
    assert shown("") == [
        *(("error", title) for title in ("loadgate", "loadgate a", "loadgate b")),
        *(("notice", f"loadgate {name}") for name in "aabb"),
    ]


def test_a_long_message_is_cut(judge: Judge) -> None:
    """All of it is in the log."""
    rules = "".join(f'[[rules]]\nid = "r{number}"\nwhy = ""\n' for number in range(60))
    Path("loadgate.toml").write_text(f"version = 1\n{rules}", "utf-8")
    judge()
    _title, _, *block = _summary().rstrip("\n").splitlines()
    assert len(block) == 30
    assert "24 more" in block[-1]


def test_switches_switch(judge: Judge, capsys: pytest.CaptureFixture[str]) -> None:
    """In any case of letters; without annotations the log has no commands."""
    outputs = judge(summary="False", annotations="FALSE", fail_on_gate="false ")
    assert outputs["fail-on-gate"] == "false"
    assert not Path("step_summary").exists()
    assert parse_log(capsys.readouterr().out) == []


def test_the_summary_stays_within_its_limit(judge: Judge, write_run: WriteRun) -> None:
    """What is there stays and counts; what is left out is counted, and the worst is not left out."""
    for name in "abc":
        write_run(prefix=name)
    write_run(*FAILED, prefix="d")
    there = "x" * (SUMMARY_BYTES - 2300)
    Path("step_summary").write_text(there, "utf-8")
    judge(results="?_stats.csv")
    text = _summary()
    assert text.startswith(f"{there}\n### ❌ FAILED: `d`\n")
    assert text.splitlines()[-1].startswith("2 more")
    assert len(text.encode()) < SUMMARY_BYTES + 100


def test_the_summary_begins_on_a_line_of_its_own(judge: Judge) -> None:
    """No blank line is added where the last one has ended."""
    Path("step_summary").write_text("before\n", "utf-8")
    judge()
    assert _summary().startswith("before\n### ")


def test_options_reach_the_check(judge: Judge) -> None:
    """Rules, and each line of thresholds that says something."""
    Path("mine.toml").write_text(RULES, "utf-8")
    document = _document(
        judge(rules=" mine.toml", thresholds="\n p95 <= 1ms \r\n\nrequests >= 1\n")
    )
    assert document["run"]["rules"][0] == "mine.toml"
    required = [check["require"] for check in document["checks"] if check["rule"] is None]
    assert required == ["true_failure_rate <= 1%", "p95 <= 1ms", "requests >= 1"]


def test_a_run_is_held_against_others(judge: Judge, write_run: WriteRun) -> None:
    """Against each line of `baseline`; one may be missing where the input says so."""
    write_run(*FAILED)
    inputs = {"thresholds": "new_failure_kinds <= 0\nfailures <= 500"}
    assert judge(**inputs)["exit-code"] == "2"
    assert judge(**inputs, baseline="./main", baseline_optional="false")["exit-code"] == "2"
    assert judge(thresholds=inputs["thresholds"], baseline_optional="True")["exit-code"] == "1"
    assert "no baseline yet" in _summary()
    write_run([("GET", "/x", 1000, 0)], (), folder="main")
    write_run([("GET", "/x", 1001, 0)], (), folder="before")
    outputs = judge(**inputs, baseline="\n main\nbefore ")
    assert outputs["exit-code"] == "1"
    assert _document(outputs)["run"]["baseline"] == ["before/run_stats.csv", "main/run_stats.csv"]


def test_a_run_is_held_against_the_last_ones(judge: Judge, write_run: WriteRun) -> None:
    """Against those behind each line of `history`; too few may be there where the input says so."""
    write_run(*FAILED)
    inputs = {"thresholds": "p95 <= history\nfailures <= 500"}
    assert judge(**inputs)["exit-code"] == "2"
    for night in range(5):
        folder = f"{'one' if night else 'two'}/{night}"
        rows = [(method, name, requests + night, 0) for method, name, requests, _ in FAILED[0]]
        path = write_run(rows, (), folder=folder)
        for file in path.parent.iterdir():
            os.utime(file, ((night + 1) * 86_400,) * 2)
    assert judge(**inputs, history="one")["exit-code"] == "2"
    assert judge(**inputs, history="one", history_optional="true")["exit-code"] == "1"
    assert "no history yet" in _summary()
    outputs = judge(**inputs, history="\n one\ntwo ")
    assert len(_document(outputs)["run"]["history"]) == 5


def test_paths_start_from_a_folder(judge: Judge, write_run: WriteRun) -> None:
    """That is where results, rules and baselines are."""
    write_run(folder="services/shop")
    write_run([("POST", "/tools/[id]/state", 2000, 0)], (), folder="services/shop/before")
    Path("services/shop/loadgate.toml").write_text(RULES, "utf-8")
    inputs = {"results": "*.csv", "baseline": "before"}
    document = _document(judge(**inputs, working_directory="services/shop"))
    assert document["run"]["rules"] == ["loadgate.toml"]
    assert document["run"]["baseline"] == ["before/run_stats.csv"]


def test_partial_results_may_be_allowed(judge: Judge, write_run: WriteRun) -> None:
    """They are judged in the strict way, and the documents say so."""
    write_run([("GET", "/x", 1000, 3)], [("GET", "/x", "boom", 5)])
    assert judge()["exit-code"] == "2"
    outputs = judge(allow_partial="true")
    assert (outputs["failures"], _document(outputs)["run"]["partial"]) == ("5", True)


def test_a_comment_is_prepared(judge: Judge, write_run: WriteRun) -> None:
    """Whatever comes of the runs: what an earlier push got must not stay."""
    write_run(*FAILED, prefix="b")
    write_run([("GET", "/x", 2000, 0)], (), folder="main")
    text = Path(judge(results="run\nb", baseline="main", comment="true")["comment"]).read_text()
    assert text.startswith("### ❌ FAILED: `b`\n")
    assert "\n1 new kind of true failures compared with main/run_stats.csv.\n" in text
    assert "### ✅ PASSED: `run`\n" in text
    text = Path(judge(results="gone", comment="TRUE", merge="no")["comment"]).read_text()
    assert text == (
        "### ❌ NOT JUDGED: `gone`\n\n    input merge: is 'no'; write true or false\n"
        f"    See {address('ci#github-actions')}\n\n"
    )


def test_rules_can_be_held_strictly(judge: Judge, write_run: WriteRun) -> None:
    """A rule that matched nothing fails the gate only then."""
    write_run([("GET", "/x", 1000, 0)], ())
    Path("loadgate.toml").write_text(RULES, "utf-8")
    assert judge()["exit-code"] == "0"
    assert judge(strict_rules="true")["exit-code"] == "1"


def test_results_in_another_encoding(judge: Judge, write_run: WriteRun) -> None:
    """A guess would read another name; what is no encoding is an error with no verdict."""
    stats = write_run([("GET", "/größe", 1000, 0)], ())
    stats.write_bytes(stats.read_text("utf-8").encode("cp437"))
    document = _document(judge(encoding=" cp437 "))
    assert document["endpoints"][0]["name"] == "/größe"
    assert not [warning for warning in document["warnings"] if "UTF-8" in warning]
    outputs = judge(encoding="klingon")
    assert (outputs["outcome"], outputs["result-json"]) == ("error", "")
    assert "input encoding: klingon" in _summary()


@pytest.mark.parametrize(
    "hostile",
    [
        "::error::pwned", "x\n::error::pwned", "x\r  ::error::pwned", "##[error]pwned",
        "x%0A::error::pwned",
    ],
)  # fmt: skip
def test_no_message_is_a_command(
    hostile: str, judge: Judge, capsys: pytest.CaptureFixture[str]
) -> None:
    """A message quotes what is wrong; the log must not obey it."""
    for name in ("rules", "thresholds", "baseline", "history", "results"):
        judge(
            **{name: hostile.rsplit("\n", maxsplit=1)[-1] + "*" if name == "results" else hostile}
        )
        assert {command.title for command in parse_log(capsys.readouterr().out)} == {"loadgate"}
    assert "\n::" not in _summary()


def _exit(judge: Judge, capsys: pytest.CaptureFixture[str]) -> tuple[object, str]:
    """Judge what breaks the step; return its exit code and its log, whose end is an annotation."""
    with pytest.raises(SystemExit) as end:
        judge()
    return end.value.code, capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("RUNNER_TEMP", None, "RUNNER_TEMP: not set"),
        ("GITHUB_OUTPUT", "", "GITHUB_OUTPUT: not set"),
        ("GITHUB_STEP_SUMMARY", None, "GITHUB_STEP_SUMMARY: not set"),
        ("RUNNER_TEMP", "gone", "No such file or directory"),
        ("GITHUB_OUTPUT", ".", "cannot be handed on"),
        ("GITHUB_STEP_SUMMARY", "a/b", "cannot be handed on"),
    ],
)
def test_what_cannot_be_handed_on_is_an_error(
    name: str, value: str | None, said: str, judge: Judge,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """One message, also as an annotation, and never exit code 1, which is a failed gate's."""
    monkeypatch.delenv(name)
    if value is not None:
        monkeypatch.setenv(name, value)
    code, log = _exit(judge, capsys)
    assert code == 2
    assert said in next(line for line in log.splitlines() if line.startswith("loadgate: "))
    assert said in parse_log(log)[-1].text


def test_a_bug_is_no_failed_gate(
    judge: Judge, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 70, and the way to report it; 2 where nothing can be imported."""

    def crash(*_: object) -> None:
        raise RuntimeError("so")

    with monkeypatch.context() as patched:
        patched.setattr("loadgate.action.step.append_summary", crash)
        code, log = _exit(judge, capsys)
    assert code == 70
    assert "bug in loadgate" in log
    assert "RuntimeError: so" in log
    monkeypatch.setitem(sys.modules, "loadgate.action.step", None)
    code, log = _exit(judge, capsys)
    assert code == 2
    assert "ModuleNotFoundError" in parse_log(log)[0].text
