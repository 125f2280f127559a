"""Tests of a verdict as GitHub workflow commands."""

from __future__ import annotations

import re

from builders import check, classification, run, verdict
from hypothesis import given

from loadgate.model import Verdict
from loadgate.published import address
from loadgate.render import render

from .cases import CASES
from .strategies import PROPERTY, verdicts

COMMAND = re.compile(r"::(error|warning|notice) title=((?:[^:,%\r\n]|%25|%3A|%2C)*)::(.*)")


@PROPERTY
@given(verdicts())
def test_every_line_is_one_command(of: Verdict) -> None:
    """No text ends its command, its title or its line; levels are bounded."""
    text = render(of, "github")
    lines = text.splitlines()
    assert text.count("\n") == len(lines)
    commands = [COMMAND.fullmatch(line) for line in lines]
    levels = [command.group(1) if command else "?" for command in commands]
    assert set(levels) <= {"error", "warning", "notice"}
    assert levels.count("error") <= 10
    assert levels.count("warning") <= 10
    idle = any(result.state == "idle" for result in of.classification.rules)
    assert levels[-1:] == ["notice"]
    assert levels.count("notice") == 1 + idle
    for line in lines:
        text = line.replace("%0ASee https://", "").replace("%25", "")
        assert text.count("%") == text.count("%3A") + text.count("%2C")


def test_texts_are_escaped() -> None:
    """Percent signs everywhere, colons and commas in the title."""
    of = verdict(
        check(result="failed", actual="1%"),
        of=classification(of=run(label="a:b,c%"), warnings=("x\n::error::y",)),
        outcome="failed",
    )
    assert render(of, "github").splitlines() == [
        "::error title=loadgate a%3Ab%2Cc%25::true_failure_rate is 1%25, must be <= 0.1%25",
        "::warning title=loadgate a%3Ab%2Cc%25::x ::error::y",
        "::notice title=loadgate a%3Ab%2Cc%25::FAILED: true_failure_rate is 1%25,"
        " must be <= 0.1%25. 1,000 requests, 10 failures = 10 expected + 0 true"
        f"%0ASee {address('red-build#exit-code-1')}%0ASee {address('red-build#warnings')}",
    ]


def test_what_github_would_drop_is_counted() -> None:
    """GitHub shows ten annotations of a level; the tenth says how many more there are."""
    lines = render(verdict(*[check(result="failed")] * 25), "github").splitlines()
    errors = [line for line in lines if line.startswith("::error")]
    assert len(errors) == 10
    assert errors[-1].endswith("must be <= 0.1%25 (and 15 more)")


def test_no_evidence_and_partial_results_are_said() -> None:
    """A run without requests is an error; allowed contradictions are a warning."""
    first = render(CASES["no-evidence"], "github").splitlines()[0]
    assert first.startswith("::error title=loadgate run::no requests")
    assert "::warning title=loadgate run::PARTIAL RESULTS" in render(CASES["partial"], "github")


def test_a_warning_is_no_error() -> None:
    """A check of severity warning is annotated as one."""
    text = render(verdict(check(result="failed", severity="warning")), "github")
    assert text.startswith("::warning title=loadgate run::true_failure_rate is 0%25")
