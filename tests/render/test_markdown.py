"""A verdict in, GitHub-flavoured Markdown out."""

from __future__ import annotations

import re

import pytest
from builders import (
    check,
    classification,
    endpoint_result,
    failure_kind,
    rule,
    rule_result,
    verdict,
)
from hypothesis import given

from loadgate.model import Verdict
from loadgate.render import render
from loadgate.render.markdown import BYTES, code, escape

from .cases import CASES, HOSTILE
from .strategies import PROPERTY, TEXTS, verdicts

OUTSIDE = re.compile(r"(`+)(?!`)(.*?)(?<!`)\1(?!`)")
"""A code span, as CommonMark 6.1 finds it: a run of backticks up to the next one as long."""


def outside_code(line: str) -> str:
    """Return what of a line is not inside a code span."""
    return OUTSIDE.sub("", line)


@PROPERTY
@given(verdicts())
def test_any_verdict_keeps_its_shape(of: Verdict) -> None:
    """Rows have the cells of their header, and nothing active stands outside of code."""
    text = render(of, "markdown")
    assert len(text.encode()) < BYTES
    cells = 0
    for line in text.splitlines():
        plain = outside_code(line)
        assert "`" not in plain
        assert not re.search(r"@|://|www\.|!\[|\]\(|#[0-9]|GH-[0-9]|\$|:\w+:", plain)
        assert re.sub(r"</?(details|summary|br)>", "", plain).count("<") == plain.count("<=")
        if line.startswith("|"):
            pipes = len(re.findall(r"(?<!\\)\|", line))
            assert pipes == len(re.findall(r"(?<!\\)(?:\\\\)*\|", line))
            cells = cells or pipes
            assert pipes == cells
        else:
            cells = 0


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("Of two, the loser gets 409; no update is lost.", None, id="sentence"),
        pytest.param("p95 is 1 ms, must be <= 0.1% (true_failure_rate)", None, id="our-words"),
        pytest.param("", "", id="empty"),
        pytest.param("@octocat", "`@octocat`", id="mention"),
        pytest.param("see #1", "`see #1`", id="reference"),
        pytest.param("see GH-1", "`see GH-1`", id="other-reference"),
        pytest.param("see www.example.com", "`see www.example.com`", id="link-without-scheme"),
        pytest.param("1. list", "`1. list`", id="list"),
        pytest.param("- list", "`- list`", id="bullet"),
        pytest.param(":tada:", "`:tada:`", id="emoji"),
        pytest.param("_a_", "`_a_`", id="emphasis"),
        pytest.param("a|b", "`a\\|b`", id="pipe"),
        pytest.param("a\\|b", "`a\\ \\|b`", id="escaped-pipe"),
        pytest.param("a`b", "``a`b``", id="backtick"),
        pytest.param("`a``", "``` `a`` ```", id="backticks-at-the-ends"),
        pytest.param("a" + "`" * 500, "```` a``` ````", id="too-many-backticks"),
        pytest.param("a\n\nb <b>", "`a b <b>`", id="lines-and-markup"),
    ],
)
def test_a_text_is_shown_as_it_is(text: str, shown: str | None) -> None:
    """Sentences stay sentences; what Markdown would read becomes code."""
    assert escape(text) == (text if shown is None else shown)


@PROPERTY
@given(TEXTS)
def test_code_is_one_span(text: str) -> None:
    """A name or an error text is one code span and nothing else."""
    shown = code(text)
    assert outside_code(shown) == ""
    assert not re.search(r"(?<!\\)\|", shown)


def test_long_tables_are_folded_and_bounded() -> None:
    """Ten rows are seen at once, the rest on demand; what is left out is counted."""
    names = [f"/endpoint/{number}" for number in range(300)]
    of = classification(
        endpoints=[endpoint_result(name, true=1) for name in names],
        failures=[failure_kind(HOSTILE, name=name, decision="true", count=2) for name in names],
        rules=[rule_result(rule(f"rule-{number}", why=HOSTILE)) for number in range(300)],
        warnings=(HOSTILE,) * 300,
        origins=("loadgate.toml",) * 300,
    )
    text = render(verdict(*[check()] * 300, of=of), "markdown")
    assert len(text.encode()) < BYTES
    assert text.count("<details>") == text.count("</details>") == 4
    assert re.search(r"Left out for their size: \d+ more kinds \(\d+ failures\)", text)
    assert re.search(r"Left out for their size: \d+ more checks\.", text)
    assert re.search(r"- and \d+ more like these", text)
    assert re.search(r"Rules: .* and \d+ more", text)


@PROPERTY
@given(verdicts())
def test_no_evidence_and_partial_results_are_said(of: Verdict) -> None:
    """Neither can be overlooked."""
    text = render(of, "markdown")
    assert ("Nothing was judged" in text) == (of.outcome == "no-evidence")
    assert ("PARTIAL RESULTS" in text) == of.classification.run.partial


def test_a_failed_run_says_why() -> None:
    """The heading is the verdict, the first sentence the reason."""
    lines = render(CASES["budget-exceeded"], "markdown").splitlines()
    assert lines[0] == "### ❌ FAILED: `run`"
    assert "the budget of rule state-conflict is exceeded: 25.1%" in lines[2]
