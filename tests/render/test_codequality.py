"""Tests of a verdict as a code quality report, as GitLab reads it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from builders import check, classification, verdict
from hypothesis import given

from loadgate.classify import classify
from loadgate.cli import run
from loadgate.gate import evaluate
from loadgate.model import Provenance, Verdict
from loadgate.read import read_run
from loadgate.render import render
from loadgate.rules import load_policy

from .cases import CASES
from .strategies import PROPERTY, verdicts

RULES = """\
# Line 1 is a comment.
version = 1
extends = ["wide.toml"]

[[thresholds]]
endpoint = "POST /**/state"
require = "p95 <= 1ms" # line 7

[[thresholds]]
require = "failures <= 9" # line 10
severity = "warning"

[[rules]]
id = "state-conflict"
endpoint = "POST /**/state"
status = 409
why = "Of two that toggle one loses."
at_most = "0.5%" # line 18
"""
WIDE = """\
version = 1
thresholds = [
  {require = "true_failure_rate <= 5%"},
  {require = "requests >= 9999"}, # line 4
]
"""


def report(of: Verdict) -> list[dict[str, Any]]:
    """Return the findings."""
    found: list[dict[str, Any]] = json.loads(render(of, "codequality"))
    return found


@PROPERTY
@given(verdicts())
def test_any_verdict_has_what_gitlab_reads(of: Verdict) -> None:
    """Each finding has all of it, and a fingerprint of its own."""
    findings = report(of)
    for finding in findings:
        assert isinstance(finding["description"], str)
        assert finding["check_name"]
        assert finding["severity"] in {"info", "minor", "major", "critical", "blocker"}
        assert not finding["location"]["path"].startswith(("/", "./", "../"))
        assert finding["location"]["lines"]["begin"] >= 1
    assert len({finding["fingerprint"] for finding in findings}) == len(findings)
    severe = [c for c in of.checks if c.result in {"failed", "missing"} and c.severity == "error"]
    critical = [one for one in findings if one["severity"] == "critical"]
    assert len(critical) == len(severe) + (of.outcome == "no-evidence")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write_run: Any) -> Path:
    """Return a folder of a repository in which a run fails by its rules, and work in it."""
    write_run(folder="repository/shop")
    folder = tmp_path / "repository" / "shop"
    (folder / "loadgate.toml").write_text(RULES, "utf-8")
    (folder / "wide.toml").write_text(WIDE, "utf-8")
    monkeypatch.chdir(folder)
    return folder


def written(*words: str) -> list[dict[str, Any]]:
    """Return the report that `check` writes."""
    assert run(["check", "run", *words, "--output", "codequality:report.json"]) == 1
    found: list[dict[str, Any]] = json.loads(Path("report.json").read_text("utf-8"))
    return found


def places(findings: list[dict[str, Any]]) -> list[tuple[str, str, int, str]]:
    """Return what each finding is about, where, and how bad it is."""
    return [
        (
            finding["check_name"],
            finding["location"]["path"],
            finding["location"]["lines"]["begin"],
            finding["severity"],
        )
        for finding in findings
    ]


def test_a_finding_is_where_its_limit_is(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its path in the repository: the job may work in a folder of it."""
    monkeypatch.setenv("GITLAB_CI", "true")
    monkeypatch.setenv("CI_PROJECT_DIR", str(project.parent))
    assert places(written("--threshold", "p90 <= 1ms")) == [
        ("p95", "shop/loadgate.toml", 7, "critical"),
        ("failures", "shop/loadgate.toml", 10, "minor"),
        ("requests", "shop/wide.toml", 4, "critical"),
        ("p90", "shop/loadgate.toml", 1, "critical"),
        ("budget", "shop/loadgate.toml", 18, "critical"),
    ]


@pytest.mark.parametrize("rules", ["./loadgate.toml", "../shop/loadgate.toml", "{}/loadgate.toml"])
def test_a_path_is_that_of_the_repository_however_it_is_written(project: Path, rules: str) -> None:
    """Without CI_PROJECT_DIR the working directory is the repository."""
    findings = written("--rules", rules.format(project))
    assert {finding["location"]["path"] for finding in findings} == {"loadgate.toml", "wide.toml"}


def test_json_has_lines_too(project: Path) -> None:
    """A rules file may be JSON."""
    text = '{"version": 1,\n"thresholds": [\n{"require":\n"p95 <= 1ms"}]}'
    (project / "rules.json").write_text(text, "utf-8")
    assert places(written("--rules", "rules.json")) == [("p95", "rules.json", 3, "critical")]


def test_a_rules_file_elsewhere_is_shown_by_its_name(project: Path) -> None:
    """GitLab could not link it, and nobody need know the machine's folders."""
    elsewhere = project.parent / "team.toml"
    elsewhere.write_text(WIDE, "utf-8")
    assert places(written("--rules", str(elsewhere))) == [("requests", "team.toml", 4, "critical")]


def test_without_a_rules_file_it_is_where_one_would_be(project: Path) -> None:
    """Limits of a preset and of the command line."""
    (project / "loadgate.toml").unlink()
    assert places(written("--threshold", "p95 <= 1ms")) == [("p95", "loadgate.toml", 1, "critical")]
    own = project / "loadgate.toml"
    own.write_text('version = 1\nextends = ["optimistic-locking"]\n', "utf-8")
    assert places(written("--threshold", "p95 <= 1ms")) == [("p95", "loadgate.toml", 1, "critical")]


def test_a_rules_file_that_is_gone_has_no_lines(project: Path) -> None:
    """A verdict outlives it, in a notebook for example."""
    rules = load_policy("wide.toml")
    of = evaluate(classify(read_run("run"), rules), rules)
    (project / "wide.toml").unlink()
    assert places(report(of)) == [("requests", "loadgate.toml", 1, "critical")]


def test_a_fingerprint_is_the_same_in_the_next_run(project: Path, write_run: Any) -> None:
    """With other numbers, limits, lines and another name; another limit's is another one."""
    before = {finding["fingerprint"] for finding in written()}
    changed = RULES.replace("0.5%", "0.4%").replace("1ms", "2ms").replace("# Line 1", "#\n# Line 2")
    (project / "loadgate.toml").write_text(changed, "utf-8")
    (project / "run_stats.csv").unlink()
    (project / "run_failures.csv").unlink()
    conflict = "CatchResponseError('Expected [200], got 409')"
    state = "/tools/[id]/state"
    write_run(
        [("POST", state, 2000, 90)], [("POST", state, conflict, 90)], folder="repository/shop"
    )
    after = {finding["fingerprint"] for finding in written("--label", "second")}
    assert before == after
    assert len(before) == 4
    (project / "wide.toml").rename(project / "wider.toml")
    (project / "loadgate.toml").write_text(RULES.replace("wide.", "wider."), "utf-8")
    assert len(before - {finding["fingerprint"] for finding in written()}) == 1


def test_warnings_keep_their_fingerprints_and_differ() -> None:
    """Numbers in them vary from run to run; two that differ by nothing else are two."""

    def fingerprints(*warnings: str) -> list[str]:
        of = verdict(of=classification(warnings=warnings))
        return [finding["fingerprint"] for finding in report(of)]

    first = fingerprints("3 of 1,000 lost", "4 of 7 lost", "rule a expired")
    assert first == fingerprints("5.5 of 9 lost", "6 of 8 lost", "rule a expired")
    assert len(set(first)) == 3


def test_a_run_that_passes_has_no_findings() -> None:
    """Which the file says, so that GitLab shows what is solved."""
    assert render(verdict(check()), "codequality") == "[]\n"


def test_no_evidence_is_a_finding() -> None:
    """It fails the build."""
    (finding,) = report(verdict(outcome="no-evidence"))
    assert places([finding]) == [("no-evidence", "loadgate.toml", 1, "critical")]
    assert finding["description"].startswith("no requests were made")
    assert "PARTIAL" in render(CASES["partial"], "codequality")


def test_its_own_file_is_replaced_and_no_other(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With findings or without; an older one is removed whatever becomes of the check."""
    file = project / "report.json"
    command = ["check", "run", "--output", "codequality:report.json", "--rules"]
    passes = [*command[:-1], "--rules", "optimistic-locking"]
    for _ in range(2):
        assert run(passes) == 0
        assert file.read_text("utf-8") == "[]\n"
        assert run([*command, "loadgate.toml"]) == 1
        assert len(json.loads(file.read_text("utf-8"))) == 4
    assert run([*command, "none.toml"]) == 2
    assert not file.exists()
    for foreign in ('[{"engine_name": "other"}]', "[1]", '["loadgate"]', "[] x"):
        file.write_text(foreign, "utf-8")
        assert run(passes) == 2
        assert file.read_text("utf-8") == foreign
    assert "report.json: exists, and loadgate did not write it" in capsys.readouterr().err


def test_one_report_fits_on_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    """It is a document."""
    words = ["--output", "codequality", "--output", "json"]
    assert run(["check", "run", *words]) == 2
    assert "standard output can hold one document" in capsys.readouterr().err


def test_a_root_that_is_given_is_used(tmp_path: Path) -> None:
    """Of the verdict itself, as of a job."""
    (tmp_path / "a").mkdir()
    rules = tmp_path / "a" / "rules.toml"
    rules.write_text(WIDE, "utf-8")
    of = verdict(check(result="failed"), of=classification(origins=(str(rules),)))
    of = replace(of, provenance=Provenance(root=str(tmp_path)))
    assert places(report(of)) == [("true_failure_rate", "a/rules.toml", 1, "critical")]
