"""Tests of a verdict as GitHub-flavoured Markdown."""

from __future__ import annotations

import re

import pytest
from builders import (
    budget_use,
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
from gfm import page
from hypothesis import given

from loadgate.model import Verdict
from loadgate.render import render
from loadgate.render.markdown import BYTES, code, escape, sentence

from .cases import CASES, HOSTILE
from .strategies import PROPERTY, TEXTS, verdicts

HOSTILE_NAMES = [
    "`", "``a`", "a`", "`a", "` a `", " a ", "a|b", "|", "a\\|b", "\\", "a\\", "[id]", "*a*", "_a_", "~~a~~",
    "<b>a</b>", "<!-- a", "@user", "#12", "GH-12", "a](http://b.example)", "![a](b)", "www.a.example",
    "http://a.example", "a@b.example", "a\n\n# b", "- a", "1. a", "> a", ":tada:", "$a$", "&amp;", "a  b",
    "/close", "a\n/merge", "!12", "~bug", "%5", "a %v1", "&12", "^alert#1", "$12", "SHOP-123", "*iteration:1",
    "group/project!12", "[vulnerability:1]", "```\n/approve", "</details>\n\n/close", "100 %9",
]  # fmt: skip
"""What means something to GitHub or GitLab somewhere, as an endpoint, a rule, a file or a text may be called."""


@pytest.mark.parametrize("case", CASES)
def test_every_document_is_as_it_is_meant(case: str) -> None:
    """Rendered as GitHub does, the shape is ours, and each text is where it belongs."""
    text = render(CASES[case], "markdown")
    found = page(text)
    (level, title), *sections = found.headings
    assert level == 3
    assert title.split()[1] in {"PASSED:", "FAILED:", "NO"}
    known = {"Checks", "True failures", "Rules", "Endpoints with failures"}
    assert [level for level, _ in sections] == [4] * (len(found.tables) - text.count("<details>"))
    assert {title for _, title in sections} <= known
    assert [*found.links, *found.images] == []
    assert found.blocks == (["toml"] if case == "likely" else [])
    named = ("Rules: ", "Files: ", "Baseline: ", "History: ")
    judged = [item for item in found.items if item.startswith(named)]
    assert judged == found.items[-len(judged) :]
    assert "Inputs" in found.paragraphs


@PROPERTY
@given(verdicts())
def test_any_verdict_keeps_its_shape(of: Verdict) -> None:
    """Whatever the texts, they stay what and where they are."""
    text = render(of, "markdown")
    assert len(text.encode()) < BYTES
    found = page(text)
    assert [*found.links, *found.images, *found.blocks] == []
    assert len(found.headings) == 1 + len(found.tables) - text.count("<details>")


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_a_name_is_shown_as_it_is_wherever_it_stands(name: str) -> None:
    """In headings, sentences, lists and cells a name is code, and reads as on every screen."""
    attack = rule(name, why=name, at_most="1%")
    row = endpoint_result(name, method="", expected=2, true=1)
    of = verdict(
        check(endpoint=name, actual="2%", result="failed", note=name),
        check(endpoint=name, actual="2%", rule=name, note=f"of {name}"),
        of=classification(
            of=run(label=name, sources=(source(name),), partial=True, contradictions=(name,)),
            endpoints=[row],
            failures=[failure_kind(name, name=name, method="", decision="true")],
            rules=[rule_result(attack)],
            budgets=[budget_use(attack, stats_of=row.stats)],
            warnings=("x", name),
            origins=(name,),
        ),
        baseline=(name,),
        history=(name,),
        outcome="failed",
    )
    found = page(render(of, "markdown"))
    shown = " ".join(name.split())
    in_table = shown.replace("\\|", "\\ |")
    checks, failures, rules, endpoints = found.tables
    assert checks[1][3] == failures[1][2] == failures[1][3] == endpoints[1][5] == in_table
    assert rules[1][2] == rules[1][3] == in_table
    assert rules[1][4].endswith(f"of at most 1% at {in_table}")
    assert found.headings[0][1] == f"❌ FAILED: {shown}"
    judged = [f"{what}: {shown}" for what in ("Rules", "Files", "Baseline", "History")]
    assert found.items == [shown, "x", *judged]
    assert f"for {shown}" in found.paragraphs[0]


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
        pytest.param("50% of it, 0.5%", None, id="percent"),
        pytest.param("in %5", "`in %5`", id="milestone"),
        pytest.param("at 100 %v1", "`at 100 %v1`", id="other-milestone"),
        pytest.param("see SHOP-12", "`see SHOP-12`", id="jira"),
        pytest.param("not UTF-8", None, id="an-encoding"),
        pytest.param("1. list", "`1. list`", id="list"),
        pytest.param("- list", "`- list`", id="bullet"),
        pytest.param(":tada:", "`:tada:`", id="emoji"),
        pytest.param("_a_", "`_a_`", id="emphasis"),
        pytest.param("a|b", "`a|b`", id="pipe"),
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
    found = page(f"a {code(text)} b")
    assert len(found.codes) == bool(code(text))
    assert found.paragraphs[0].split() == ["a", *" ".join(found.codes).split(), "b"]


@pytest.mark.parametrize(
    ("text", "names", "shown"),
    [
        pytest.param("mostly POST predict.", ["POST predict"], "mostly `POST predict`.", id="end"),
        pytest.param("a, b: c (d)", ["b", "c"], "a, `b`: `c` (d)", id="punctuation"),
        pytest.param("of POST /a, POST /a/b", ["POST /a", "POST /a/b"], "of `POST /a`, `POST /a/b`", id="longest"),
        pytest.param("/a/b is", ["/a"], "`/a` `/b is`", id="touching"),
        pytest.param("/a*x*", ["/a"], "`/a` `*x*`", id="touching-marks"),
        pytest.param("one run of one", ["n", "un"], "one run of one", id="within-words"),
        pytest.param("rule \u200b used all", ["\u200b", ""], "rule used all", id="nothing-visible"),
        pytest.param("to /a (1,400) was", ["/a"], "to `/a` (1,400) was", id="count"),
        pytest.param("/a (#1) 1) x", ["/a"], "`/a` (`#1) 1) x`", id="no-count"),
        pytest.param("- a /b", ["/b"], "`- a` `/b`", id="no-list"),
    ],
)  # fmt: skip
def test_names_in_a_sentence_are_code(text: str, names: list[str], shown: str) -> None:
    """The words around them stay words."""
    assert sentence(text, names) == shown


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
    assert re.search(r"\d+ more failure kinds \(\d+ failures\)", text)
    assert re.search(r"\d+ more checks \(\d+ passed\)\.", text)
    assert re.search(r"- and \d+ more like these", text)
    assert re.search(r"Rules: .* and \d+ more", text)


@PROPERTY
@given(verdicts())
def test_no_evidence_and_partial_results_are_said(of: Verdict) -> None:
    """Neither can be overlooked."""
    text = render(of, "markdown")
    assert ("Nothing to judge" in text) == (of.outcome == "no-evidence")
    assert ("PARTIAL RESULTS" in text) == of.classification.run.partial


def test_a_failed_run_says_why() -> None:
    """The heading is the verdict, the first sentence the reason."""
    lines = render(CASES["budget-exceeded"], "markdown").splitlines()
    assert lines[0] == "### ❌ FAILED: `run`"
    assert "rule `state-conflict` exceeds its budget: it excuses 25.1% of requests" in lines[2]
    assert "for `POST /tools/[id]/state` (251 of 1,000 requests)" in lines[2]
