"""A verdict in, 80 columns of text out."""

from __future__ import annotations

import re
import unicodedata

import pytest
from builders import (
    check,
    classification,
    endpoint_result,
    failure_kind,
    rule,
    rule_result,
    run,
    source,
    verdict,
)
from hypothesis import given

from loadgate.model import Verdict
from loadgate.render import render, render_text
from loadgate.render.text import COLUMNS, LINES

from .cases import CASES, HOSTILE
from .strategies import PROPERTY, verdicts


@PROPERTY
@given(verdicts())
def test_any_verdict_fits_a_terminal(of: Verdict) -> None:
    """Lines and columns are bounded, and no character but the line feed controls anything."""
    text = render(of, "text")
    lines = text.splitlines()
    assert text.endswith("\n")
    assert text.count("\n") == len(lines) <= LINES
    for line in lines:
        wide = sum(unicodedata.east_asian_width(character) in "WF" for character in line)
        assert len(line) + wide <= COLUMNS
        assert not any(unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for c in line)
        assert not line.lstrip().startswith("::")
        assert not re.search(r"##\w*\[", line)


@PROPERTY
@given(verdicts())
def test_the_equation_is_on_every_screen(of: Verdict) -> None:
    """Nothing disappears: failures = expected + true."""
    total = of.classification.total
    text = " ".join(render(of, "text").split())
    assert f"= {total.expected:,} expected + {total.true:,} true" in text


@pytest.mark.parametrize(
    ("case", "line"),
    [
        pytest.param(
            "passed", "PASSED  run: 4 checks hold, 1 skipped for want of data", id="passed"
        ),
        pytest.param(
            "failed-threshold",
            "FAILED  run: true_failure_rate is 0.107%, must be <= 0.1%; 4 more checks fail",
            id="failed",
        ),
        pytest.param("no-evidence", "NO EVIDENCE  run: no requests were made", id="no-evidence"),
    ],
)
def test_the_first_line_is_the_verdict(case: str, line: str) -> None:
    """A red build explains itself in its first line."""
    assert render(CASES[case], "text").splitlines()[0] == line


def test_a_long_output_ends_with_the_verdict() -> None:
    """Who reads the end of a log sees the verdict, too."""
    lines = render(CASES["failed-threshold"], "text").splitlines()
    assert lines[-2:] == lines[:2]
    short = render(CASES["no-evidence"], "text").splitlines()
    assert not short[-1].startswith("  0 requests")


def test_what_a_table_leaves_out_is_counted() -> None:
    """Kinds, endpoints and checks beyond the first few are summed up."""
    names = [f"/endpoint/{number}" for number in range(40)]
    of = classification(
        endpoints=[endpoint_result(name, true=2) for name in names],
        failures=[failure_kind(name=name, decision="true", count=2) for name in names],
    )
    text = render(verdict(*[check(result="failed")] * 9, *[check()] * 31, of=of), "text")
    assert re.search(r"\.\.\. and (\d+) more kinds \(\d+ failures\)", text)
    assert re.search(r"\.\.\. and (\d+) more endpoints \(\d+ failures\)", text)
    assert re.search(r"\.\.\. and (\d+) more checks that passed", text)
    of_many = render(verdict(*[check(result="failed")] * 40, of=of), "text")
    assert re.search(r"\.\.\. and \d+ more checks that failed\n", of_many)
    mixed = [check(result="failed")] * 20 + [check()] * 20
    told = re.search(
        r"\.\.\. and (\d+) more checks: (\d+) failed, (\d+) passed",
        render(verdict(*mixed, of=of), "text"),
    )
    assert told is None or int(told[1]) == int(told[2]) + int(told[3])
    one_more = render(verdict(*[check(result="failed")] * 16), "text")
    assert "... and 1 more check that failed\n" in one_more


def test_the_worst_run_is_bounded() -> None:
    """However much there is of everything, the output is for reading."""
    many = range(200)
    of = classification(
        of=run(label=HOSTILE, sources=(source(HOSTILE),) * 200, partial=True,
               contradictions=(HOSTILE,) * 200),
        origins=(HOSTILE,) * 200,
        endpoints=[endpoint_result(f"{HOSTILE} {n}", true=10**17, requests=1) for n in many],
        failures=[failure_kind(HOSTILE * 3, name=HOSTILE, decision="true") for _ in many],
        rules=[
            *[rule_result(rule(f"{n} {HOSTILE}", why=HOSTILE * 3)) for n in many],
            *[rule_result(rule(f"{HOSTILE} {n}"), matched=0) for n in many],
        ],
        warnings=(f"warning {HOSTILE * 3}",) * 200,
    )  # fmt: skip
    failed = check(endpoint=HOSTILE, actual=None, result="missing", note=HOSTILE * 3)
    text = render(verdict(*[failed] * 200, outcome="failed", of=of), "text")
    assert text.count("\n") <= LINES
    for title in ("CHECKS", "TRUE FAILURES", "RULES", "ENDPOINTS WITH FAILURES", "WARNINGS"):
        assert f"\n{title}\n" in text


def test_colour_changes_no_text() -> None:
    """Taking the colours off gives the plain output; only the way things ended is coloured."""
    for case in CASES.values():
        colored = render_text(case, color=True)
        assert re.sub("\x1b\\[[0-9;]*m", "", colored) == render_text(case)
    failed = render_text(CASES["failed-threshold"], color=True)
    assert failed.startswith("\x1b[1;31mFAILED\x1b[0m  run")
    assert "\x1b[1mCHECKS\x1b[0m\n" in failed
    assert "\x1b[32mpassed\x1b[0m   requests" in failed
