"""What is written for other tools, read back by their rules: every count is there again."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from loadgate import read_run, render
from loadgate.classify import classify
from loadgate.document.read import read
from loadgate.gate import evaluate
from loadgate.model import FILTERED, Rule, Threshold, Verdict
from loadgate.render import render_csv

from .worlds import PROPERTY, RULES, WORLDS, World, policy_of, thresholds

DEMANDED = st.lists(thresholds(), max_size=3)


def judged(world: World, rules: list[Rule], demanded: list[Threshold]) -> Verdict:
    """Return the verdict on a world."""
    policy = policy_of(rules, demanded)
    return evaluate(classify(world.run(), policy), policy)


@PROPERTY
@given(WORLDS, RULES, DEMANDED)
def test_json_reads_back(world: World, rules: list[Rule], demanded: list[Threshold]) -> None:
    """The reader of the weekly report finds the counts of every endpoint, kind, rule and check."""
    verdict = judged(world, rules, demanded)
    read_back = read(render(verdict, "json"), "result.json", written=None)
    assert read_back is not None
    record = read_back.summary
    found = verdict.classification
    assert record.outcome == verdict.outcome
    assert [(row.requests, row.failures, row.expected, row.true) for row in record.endpoints] == [
        (row.stats.requests, row.failures, row.expected, row.true) for row in found.endpoints
    ]
    assert [(kind.status, kind.decision, kind.failures) for kind in record.kinds] == [
        (kind.status, kind.decision, kind.count) for kind in found.failures
    ]
    assert [(use.id, use.matched, use.state) for use in record.rules] == [
        (result.rule.id, result.matched, result.state) for result in found.rules
    ]


@PROPERTY
@given(WORLDS, RULES, DEMANDED)
def test_junit_reads_back(world: World, rules: list[Rule], demanded: list[Threshold]) -> None:
    """There is a case for every check, and as many failures, errors and skips as it says."""
    verdict = judged(world, rules, demanded)
    suite = ET.fromstring(render(verdict, "junit"))  # noqa: S314 - our own document
    cases = suite.findall("testcase")
    without_evidence = verdict.outcome == "no-evidence"
    assert len(cases) == len(verdict.checks) + without_evidence == int(suite.attrib["tests"])
    results = Counter(check.result for check in verdict.checks)
    for attribute, tag, count in (
        ("failures", "failure", results["failed"]),
        ("errors", "error", results["missing"] + without_evidence),
        ("skipped", "skipped", results["not-enough-data"]),
    ):
        assert len(suite.findall(f"testcase/{tag}")) == count == int(suite.attrib[attribute])
    broken = int(suite.attrib["failures"]) + int(suite.attrib["errors"])
    assert (broken == 0) == (verdict.outcome == "passed")


@PROPERTY
@given(WORLDS, RULES, DEMANDED)
def test_csv_reads_back(world: World, rules: list[Rule], demanded: list[Threshold]) -> None:
    """Locust's own two files without what is expected: what is left is what was true."""
    verdict = judged(world, rules, demanded)
    pieces = render_csv(verdict)
    # Under another name of the last column, as loadgate refuses its own files.
    stats, failures = ("".join(piece).replace(FILTERED, "", 1) for piece in pieces)
    with TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "run_stats.csv").write_text(stats, encoding="utf-8", newline="")
        (place / "run_failures.csv").write_text(failures, encoding="utf-8", newline="")
        again = classify(read_run(place / "run_stats.csv"), policy_of([]))
    found = verdict.classification
    assert again.total.expected == 0
    assert again.total.true == again.total.failures == found.total.true
    assert again.total.stats.requests == found.total.stats.requests
    assert {row.stats.name: row.true for row in again.endpoints if row.true} == {
        row.stats.name: row.true for row in found.endpoints if row.true
    }


@PROPERTY
@given(WORLDS, RULES, DEMANDED)
def test_every_format_says_the_same(
    world: World, rules: list[Rule], demanded: list[Threshold]
) -> None:
    """`failures = expected + true` stands in each format that people read, with its numbers."""
    verdict = judged(world, rules, demanded)
    total = verdict.classification.total
    document = json.loads(render(verdict, "json"))
    totals = document["totals"]
    assert (totals["failures"], totals["expected_failures"], totals["true_failures"]) == (
        total.failures, total.expected, total.true,
    )  # fmt: skip
    equation = f"{total.failures:,} failures = {total.expected:,} expected + {total.true:,} true"
    for name in ("text", "markdown", "junit", "github"):
        shown = render(verdict, name)
        plain = shown.replace("**", "").replace("1 failure =", "1 failures =")
        assert equation in plain, name
