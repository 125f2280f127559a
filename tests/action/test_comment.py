"""The text of the comment, as a reader of the pull request sees it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import check, classification, endpoint_result, failure_kind, run, verdict
from gfm import Page, page
from hypothesis import given
from render.cases import CASES
from render.strategies import PROPERTY, verdicts

from loadgate.action.comment import comment
from loadgate.baseline import ABSENT, Baseline, Measured
from loadgate.metrics import Row
from loadgate.model import FailureKind, Verdict
from loadgate.render import render
from loadgate.render.markdown import BYTES, code


def _page(text: str) -> Page:
    assert len(text.encode()) < BYTES
    found = page(text)
    assert [*found.links, *found.images] == []
    return found


@pytest.mark.parametrize("case", CASES)
def test_every_comment_is_as_it_is_meant(case: str) -> None:
    """The verdict comes first; checks are a list, true failures a table of a few rows."""
    found = _page(comment([(CASES[case], None)], []))
    (level, title), *sections = found.headings
    assert level == 3
    assert title.split()[1] in {"PASSED:", "FAILED:", "NO"}
    assert {title for _, title in sections} <= {"True failures"}
    assert all(len(table) <= 6 for table in found.tables)
    assert bool(found.items) is any(
        one.result in {"failed", "missing"} for one in CASES[case].checks
    )


@PROPERTY
@given(verdicts())
def test_any_comment_keeps_its_shape(of: Verdict) -> None:
    """Whatever the texts of the system under test, they link, mention and format nothing."""
    assert _page(comment([(of, None)], [])).blocks == []


def _kind(number: int, count: int) -> FailureKind:
    return failure_kind(f"boom {number}", status=500, decision="true", count=count, rule=None)


def _failed(*kinds: FailureKind) -> Verdict:
    count = sum(kind.count for kind in kinds)
    return verdict(
        check("new_failure_kinds <= 0", actual="2", result="failed", note="new at X: boom"),
        check(
            "expected_failure_rate <= 25%", endpoint="POST /x", rule="r", actual="30%",
            result="failed", note="30 of 100 requests",
        ),
        check("rps >= 500", actual="412", result="failed", severity="warning"),
        of=classification(
            of=run(label="shop"),
            endpoints=[endpoint_result(expected=0, true=count)],
            failures=kinds,
        ),
        outcome="failed",
        baseline=("main/a.json", "@main"),
    )  # fmt: skip


def _baseline(*kinds: FailureKind) -> Baseline:
    row = Row(
        runs=1, requests=1000, failures=0, expected=0, true=0, task_exceptions=None, numbers={}
    )
    known = frozenset((*kind.key, kind.status, kind.signature) for kind in kinds)
    place = kinds[0].key
    return Baseline(
        measured=Measured(total=row, endpoints={place: row}, unsure=frozenset(), kinds=known),
        runs=(),
    )


def test_what_is_new_comes_first() -> None:
    """Marked in the table, and counted against the runs that it is new to."""
    kinds = [_kind(number, 90 - number) for number in range(7)]
    found = _page(comment([(_failed(*kinds), _baseline(*kinds[:4], kinds[5]))], []))
    assert found.paragraphs[1] == ("2 new kinds of true failures compared with main/a.json, @main.")
    header, *rows = found.tables[0]
    assert header == ["New", "Count", "Status", "Endpoint", "Error"]
    assert [(row[0], row[-1]) for row in rows] == [
        ("yes", "boom 4"), ("yes", "boom 6"), ("", "boom 0"), ("", "boom 1"), ("", "boom 2"),
    ]  # fmt: skip
    assert "2 more failure kinds (172 failures)" in found.paragraphs[-1]
    assert found.items == [
        "❌ new_failure_kinds <= 0: 2",
        "❌ expected_failure_rate <= 25%: 30%, at POST /x, by rule r (30 of 100 requests)",
        "⚠️ rps >= 500: 412/s",
    ]


def test_nothing_new_is_said_too() -> None:
    """Without a baseline nothing is."""
    kind = _kind(1, 10)
    found = _page(comment([(_failed(kind), _baseline(kind))], []))
    assert found.paragraphs[1].startswith("0 new kinds of true failures")
    assert found.tables[0][0][0] == "Count"
    for absent in (None, ABSENT):
        assert "compared" not in comment([(_failed(kind), absent)], [])


@pytest.mark.parametrize(
    "name",
    [
        "/servers [create]", "/a|b", "@octocat", "fixes #1", "https://x.example/a", "[a](b)",
        "`a`", "<b>a</b>", "*a*", "1. a", "a was a true failure",
    ],
)  # fmt: skip
def test_only_names_in_a_warning_are_code(name: str) -> None:
    """In the comment and in the job summary alike."""
    row = endpoint_result(name, requests=10, expected=0, true=10)
    warning = f"every request to {row.stats.endpoint} was a true failure"
    of = verdict(
        of=classification(
            endpoints=[row],
            warnings=(warning, f"every request to {row.stats.endpoint} (400) failed"),
        )
    )
    alarm = f"⚠️ every request to {code(row.stats.endpoint)} was a true failure"
    both = (comment([(of, None)], []), render(of, "markdown"))
    for text in both:
        assert alarm in text.splitlines()
        assert warning in " ".join(page(text).paragraphs)
        assert {link for link in page(text).links if "loadgate" not in str(link)} == set()
    assert f"- every request to {code(row.stats.endpoint)} (400) failed" in both[1].splitlines()


def test_many_checks_are_counted() -> None:
    """The job summary has all."""
    of = verdict(*[check(actual="2%", result="failed")] * 9, outcome="failed")
    found = _page(comment([(of, None)], []))
    assert (len(found.items), found.items[-1]) == (6, "and 4 more checks")


def test_of_several_runs_the_worst_comes_first() -> None:
    """Those that passed are a list; what could not be judged stands above all."""
    one, other = (
        replace(of, classification=replace(of.classification, run=run(label=label)))
        for of, label in ((CASES["passed"], "a"), (CASES["passed"], "@b"))
    )
    judged = [(of, None) for of in (one, CASES["no-evidence"], other, _failed(_kind(1, 3)))]
    found = _page(comment(judged, ["x.csv: <b>broken</b>\nSee @octocat."]))
    assert [title for level, title in found.headings if level == 3] == [
        "❌ NOT JUDGED", "❌ FAILED: shop", "⚠️ NO EVIDENCE: run", "✅ PASSED: 2 runs",
    ]  # fmt: skip
    assert [item[:5] for item in found.items[-2:]] == ["a: 82", "@b: 8"]
    assert found.blocks == [""]


def test_it_fits_whatever_it_is_of() -> None:
    """GitHub refuses a comment of more than 65,536 characters."""
    kinds = [
        failure_kind(
            "\N{SNOWMAN}" * 300, name="\N{SNOWMAN}" * 300, decision="true", count=9 - number
        )
        for number in range(5)
    ]
    text = comment([(_failed(*kinds), None)] * 60, ["\N{SNOWMAN}" * 500] * 9)
    assert "more in the log" in text.splitlines()[-1]
    assert len(text) > BYTES / 4
    _page(text.rpartition("\n### ")[0])
