"""Tests of a verdict as text of 80 columns."""

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
from hypothesis import strategies as st

from loadgate.model import Verdict
from loadgate.render import render, render_text
from loadgate.render.terminal import COLUMNS, UNWRAPPED
from loadgate.render.verdict.text import LINES
from loadgate.text import width

from .cases import CASES, HOSTILE
from .strategies import PROPERTY, verdicts


@PROPERTY
@given(of=verdicts(), columns=st.sampled_from([COLUMNS, 200, UNWRAPPED]))
def test_any_verdict_fits_a_terminal(of: Verdict, columns: int) -> None:
    """Lines and columns are bounded, and no character but the line feed controls anything."""
    text = render_text(of, columns=columns)
    lines = text.splitlines()
    assert text.endswith("\n")
    assert text.count("\n") == len(lines) <= LINES
    for line in lines:
        wide = sum(unicodedata.east_asian_width(character) in "WF" for character in line)
        assert len(line) + wide <= columns
        assert not any(unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for c in line)
        assert not line.lstrip().startswith("::")
        assert not re.search(r"##\w*\[", line)


@PROPERTY
@given(verdicts())
def test_the_equation_is_on_every_screen(of: Verdict) -> None:
    """Nothing disappears: failures = expected + true."""
    total = of.classification.total
    text = " ".join(render_text(of).split())
    assert f"= {total.expected:,} expected + {total.true:,} true" in text


@pytest.mark.parametrize(
    ("case", "line"),
    [
        pytest.param(
            "passed", "PASSED  run: 4 checks passed, 1 skipped (not enough data)", id="passed"
        ),
        pytest.param(
            "failed-threshold",
            "FAILED  run: true_failure_rate is 0.107%, must be <= 0.1%; 4 more checks failed",
            id="failed",
        ),
        pytest.param("no-evidence", "NO EVIDENCE  run: no requests were made", id="no-evidence"),
    ],
)
def test_the_first_line_is_the_verdict(case: str, line: str) -> None:
    """A red build explains itself in its first line."""
    assert render_text(CASES[case]).splitlines()[0] == line


def test_a_long_output_ends_with_the_verdict() -> None:
    """Who reads the end of a log sees the verdict, too."""
    lines = render_text(CASES["failed-threshold"]).splitlines()
    assert lines[-2:] == lines[:2]
    short = render_text(CASES["no-evidence"]).splitlines()
    assert not short[-1].startswith("  0 requests")


def test_what_a_table_leaves_out_is_counted() -> None:
    """Kinds, endpoints and checks beyond the first few are summed up."""
    names = [f"/endpoint/{number}" for number in range(40)]
    of = classification(
        endpoints=[endpoint_result(name, true=2) for name in names],
        failures=[failure_kind(name=name, decision="true", count=2) for name in names],
    )
    text = render_text(verdict(*[check(result="failed")] * 9, *[check()] * 31, of=of))
    assert re.search(r"\.\.\. and (\d+) more failure kinds \(\d+ failures\)", text)
    assert re.search(r"\.\.\. and (\d+) more endpoints \(\d+ failures\)", text)
    assert re.search(r"\.\.\. and (\d+) more checks \(\d+ passed\)", text)
    of_many = render_text(verdict(*[check(result="failed")] * 40, of=of))
    assert re.search(r"\.\.\. and \d+ more checks \(\d+ failed\)\n", of_many)
    mixed = [check(result="failed")] * 20 + [check()] * 20
    told = re.search(
        r"\.\.\. and (\d+) more checks \((\d+) failed, (\d+) passed\)",
        render_text(verdict(*mixed, of=of)),
    )
    assert told is None or int(told[1]) == int(told[2]) + int(told[3])
    one_more = render_text(verdict(*[check(result="failed")] * 16))
    assert "... and 1 more check (1 failed)\n" in one_more


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
    text = render_text(verdict(*[failed] * 200, outcome="failed", of=of))
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


LONG = "/segment" * 18
"""A name that is longer than a line of 80 columns and shorter than one of 200."""


def long_texts() -> Verdict:
    """Return a verdict whose texts are wider than 80 columns, some of wide characters."""
    text = f"Expected [200], got 500 {'冲突' * 30} the end"
    return verdict(
        check("p95 <= 800ms", endpoint=f"POST {LONG}", actual="900ms", result="failed"),
        of=classification(
            endpoints=[endpoint_result(LONG, true=3), endpoint_result("/冲突🔒", true=1)],
            failures=[failure_kind(text, name=LONG, decision="true", count=3)],
            rules=[rule_result(rule(why=f"It is right {'because of this ' * 9}here."))],
            warnings=(f"a warning {'of many words ' * 10}with a remedy",),
        ),
        outcome="failed",
    )


def test_the_room_of_a_terminal_is_used() -> None:
    """On 200 columns a name, a text, a reason and a warning take a line each, where 80 have two."""
    wide = render_text(long_texts(), columns=200).splitlines()
    narrow = render_text(long_texts(), columns=80).splitlines()
    assert max(map(width, narrow)) <= 80 < max(map(width, wide)) < 200
    assert len(wide) < len(narrow)
    assert sum(line.endswith(LONG) for line in wide) >= 3
    assert any("because of this here." in line and "It is right" in line for line in wide)
    assert f"- a warning {'of many words ' * 10}with a remedy" in wide


def test_nothing_is_wrapped_where_there_is_no_terminal() -> None:
    """What goes to a file or a pipe has every text in one line, however long."""
    of = verdict(of=classification(warnings=("word " * 150 + "end",)))
    assert "- " + "word " * 150 + "end\n" in render(of, "text")


def test_columns_line_up_behind_wide_characters() -> None:
    """A character of two columns takes two."""
    of = verdict(
        check("p95 <= 1s", actual="2s"),
        of=classification(
            endpoints=[endpoint_result(name, true=1) for name in ("/冲突", "/a")],
            rules=[],
        ),
    )
    lines = render_text(of, columns=80).splitlines()
    places = {width(line.split("POST")[0]) for line in lines if "POST" in line}
    assert len(places) == 1
