"""The Markdown report, as GitHub renders it and as plain text."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from gfm import page
from hypothesis import given, settings
from hypothesis import strategies as st

from loadgate.render.markdown import BYTES, link
from loadgate.render.weekly.markdown import render_markdown
from loadgate.weekly.model import ActionItem, ActionKind, KindTrend, Report
from render.strategies import COUNTS, PROPERTY, TEXTS

from . import weeks


def test_the_most_important_comes_first() -> None:
    """A verdict, the totals, incidents, what else is to do, then the chart and tables, then how."""
    text = render_markdown(weeks.bad_week())
    wanted = [
        "# Load tests, 2026-W47",
        "❌ **Not fine**: 500 at 5 endpoints since",
        "requests, ",
        "## Incidents",
        "- **500 at 5 endpoints** (new): 412 failures in 4 of 7 runs",
        "<details><summary>2 more</summary>",
        "## To do",
        "- **Gate failed**",
        "```mermaid",
        "## Runs",
        "## Endpoints",
        "## Kinds of failures",
        "## Rules",
        "How this was computed",
    ]
    places = [text.index(one) for one in wanted]
    assert places == sorted(places)


def test_headings_are_in_order() -> None:
    """One title, and sections right below it."""
    headings = re.findall(r"^(#+) ", render_markdown(weeks.bad_week()), re.MULTILINE)
    assert headings[0] == "#"
    assert set(headings[1:]) == {"##"}


@pytest.mark.parametrize(
    "words",
    [
        pytest.param("| new | true | 412 (4 runs) | |", id="a-new-kind"),
        pytest.param(
            "  - Since: [nightly 2026-11-18](https://ci.example/nightly/2026-11-18?job=7)"
            " (commit 51f1bfce4e5d on main)",
            id="since",
        ),
        pytest.param("  - Good before: [nightly 2026-11-17](", id="good"),
        pytest.param("  - Good before: none: its first run had it", id="never-good"),
        pytest.param("  - Who should look: `gateway-team, @shop`", id="owners"),
        pytest.param("  - 11 times as many since: [nightly 2026-11-18](", id="grown"),
        pytest.param("(206 of 8,000 requests), `POST /tools`", id="endpoints"),
        pytest.param("and 2 more\n  - Error texts: `", id="error-texts"),
        pytest.param("- **Slower at `GET /tools`** (new): 40 ms to 81 ms at p95", id="slower"),
        pytest.param("▲ worse (14 times as many)", id="a-change"),
        pytest.param("| 0.62% (was 0.045%) |", id="both-periods"),
        pytest.param("⚠️ no evidence", id="no-evidence"),
        pytest.param("8.8% of at most 10%", id="a-budget"),
        pytest.param("2026-12-01 (8 days left)", id="expiring"),
        pytest.param(
            "(counts as failure) | 714 | 6 of 7 | | 2026-11-01 (22 days ago) |", id="a-carve-out"
        ),
        pytest.param("no limit", id="no-budget"),
        pytest.param("[nightly 2026-11-16](https://ci.example/nightly/", id="a-link"),
        pytest.param("Left out to save space: 3 more kinds (6 failures)", id="known-kinds"),
        pytest.param("(1): runs/cut.json: line 7: not JSON", id="broken"),
        pytest.param("(1): copy/2026-11-16.json", id="repeated"),
        pytest.param("a rank test over the runs of both periods", id="method"),
    ],
)
def test_the_report_says(words: str) -> None:
    """What a reader looks for is there."""
    assert words in render_markdown(weeks.bad_week())


def test_names_in_sentences_are_set_apart() -> None:
    """What comes from runs is code, and the words around it are words."""
    one = ActionItem(
        kind="endpoint-worse",
        sentence="POST /a has a new error: 500, 6 times: Boom('x') (again)",
        runs=("night 1", "night_2_"),
        names=("POST /a", "Boom('x')", "", "not in it"),
    )
    text = render_markdown(replace(weeks.report(), action_items=(one,)))
    assert (
        "- **More failures**: `POST /a` has a new error: 500, 6 times: `Boom('x')`"
        " (again) (night 1, `night_2_`)\n" in text
    )


def test_a_name_of_nothing_visible_leaves_no_gap() -> None:
    """A name that only a terminal would obey is left out."""
    one = ActionItem(kind="budget", sentence="rule \u200b used all", names=("\u200b",))
    text = render_markdown(replace(weeks.report(), action_items=(one,)))
    assert "- **Budget**: rule used all\n" in text


def test_a_week_without_anything_says_so() -> None:
    """No table, no picture, nothing for a person to do."""
    text = render_markdown(weeks.report())
    assert "\n⚠️ **Nothing ran**\n" in text
    assert "## " not in text
    assert "|" not in text
    assert "mermaid" not in text


def test_incidents_that_are_over_are_folded() -> None:
    """Where the period had none the report says so first."""
    gone = replace(weeks.incident(state="gone"), count=0, runs=0)
    text = render_markdown(replace(weeks.report([weeks.record()]), incidents=(gone,)))
    assert "None in this period.\n\n<details><summary>1 of the period before</summary>" in text
    assert "  - Last in: [nightly 2026-11-22](" in text


def test_many_incidents_have_room() -> None:
    """A few are seen; of the folded ones as many as there is room for, and how many more."""
    names = [f"/{'x' * 150}/{number}" for number in range(40)]
    many = tuple(weeks.incident(9, *names) for _ in range(400))
    text = render_markdown(replace(weeks.report([weeks.record()]), incidents=many))
    assert len(text.encode()) < BYTES
    assert "<details><summary>396 more</summary>" in text
    assert re.search(r"^- and \d+ more like these$", text, re.MULTILINE)


def test_many_things_to_do_are_folded() -> None:
    """Five are seen at once."""
    week = weeks.bad_week()
    text = render_markdown(replace(week, action_items=week.action_items * 2))
    assert "<details><summary>3 more</summary>\n\n- **More failures**" in text
    assert "like these" not in text


def test_times_without_runs_are_named() -> None:
    """A bar chart has no gaps."""
    starts = [weeks.MONDAY + timedelta(days=day) for day in (-7, -6, -5, 6)]
    text = render_markdown(weeks.report([weeks.record(start) for start in starts]))
    assert "\nNothing ran: 2026-11-12 to 2026-11-21.\n" in text


def test_many_runs_are_told_by_week() -> None:
    """Before the runs themselves, which are folded."""
    text = render_markdown(weeks.large_week(40))
    assert "## Weeks\n\n<details><summary>2 weeks</summary>" in text
    assert "## Runs\n\n<details><summary>40 runs</summary>" in text
    assert "## Weeks" not in render_markdown(weeks.bad_week())


def test_untested_changes_are_said_to_be_untested() -> None:
    """Without SciPy no change is marked, and the report says why."""
    text = render_markdown(replace(weeks.bad_week(), tested=False))
    assert "Changes were not tested" in text


def test_odd_runs_are_marked() -> None:
    """Partial results, verdicts made anew, guessed times, runs without a name."""
    odd = replace(
        weeks.record(), label="", partial=True, rejudged=True, time_from="file", link="ftp://x"
    )
    text = render_markdown(weeks.report([odd]))
    assert "| runs/2026-11-16.json (partial results) | ✅ passed (judged again) |" in text
    assert "Mon 2026-11-16 00:00 (by the file's time) |" in text


def test_pictures_are_shown_where_they_are_drawn() -> None:
    """With svg the files are named instead of diagrams; with none neither."""
    week = weeks.bad_week()
    text = render_markdown(week, diagrams=False, pictures={"p95 per run": "w-1.svg"})
    assert "\n![p95 per run](w-1.svg)\n" in text
    assert "mermaid" not in text
    assert "mermaid" not in render_markdown(week, diagrams=False)


@pytest.mark.parametrize("runs", [0, 100, 1000])
def test_any_number_of_runs_has_room(runs: int) -> None:
    """It fits into an issue, long tables are folded, and what is left out is counted."""
    text = render_markdown(weeks.large_week(runs) if runs else weeks.report())
    assert len(text.encode()) < BYTES
    assert text.count("<details>") == text.count("</details>")
    page(text)
    if runs == 1000:
        assert re.search(r"\d+ more runs\.", text)
        assert re.search(r"[\d,]+ more kinds", text)


def of_kinds(*kinds: KindTrend) -> str:
    """Return the Markdown of a week with these kinds of failures."""
    return render_markdown(replace(weeks.report(), kinds=kinds))


def test_server_errors_are_never_left_out() -> None:
    """However many other kinds there are, new, known and expected ones, and however long."""
    new = [weeks.kind(f"new {n} {'x' * 150}", status=404) for n in range(900)]
    known = [replace(one, state="known", signature=f"known {one.signature}") for one in new]
    expected = [replace(one, decision="expected", count=9000) for one in known]
    errors = [
        replace(weeks.kind(f"error {n}:", count=1, status=500 + n), state=state)
        for n in range(40)
        for state in ("new", "growing", "known")
    ]
    text = of_kinds(*new, *expected, *known, *errors)
    assert len(text.encode()) < BYTES
    assert all(text.count(f"error {n}:") == 3 for n in range(40))
    assert "5xx" not in text


def test_where_there_are_only_server_errors_the_rest_is_counted_as_such() -> None:
    """More than fit at all are counted, and a kind that is gone is none of them."""
    errors = [weeks.kind(f"error {n} {'x' * 150}") for n in range(2000)]
    gone = replace(weeks.kind("gone", count=0), state="gone")
    text = of_kinds(*errors, gone)
    left = re.search(r"Left out to save space: ([\d,]+) more kinds \(.*, ([\d,]+) kinds with", text)
    assert len(text.encode()) < BYTES
    assert left is not None
    assert left[1] == left[2]
    assert "gone" in text


def test_of_too_many_runs_those_that_failed_stay() -> None:
    """They are shown at their place in time; those that passed give way."""
    week = weeks.large_week(600)
    runs = [
        replace(run, outcome="failed" if n % 100 == 99 else "passed")
        for n, run in enumerate(week.runs)
    ]
    text = render_markdown(replace(week, runs=tuple(runs)))
    assert re.findall(r"run (\d+)\]\(\S+\) \| ❌", text) == [
        "99",
        "199",
        "299",
        "399",
        "499",
        "599",
    ]
    assert re.search(r"\d+ more runs\.", text)


def test_few_runs_are_named_with_what_failed() -> None:
    """Of more the table of runs tells."""
    runs = tuple(f"night {n}" for n in range(4))
    for number, last in ((3, "night 2)"), (4, "failed")):
        one = ActionItem(kind="gate-failed", sentence="failed", runs=runs[:number])
        text = render_markdown(replace(weeks.report(), action_items=(one,)))
        (line,) = [line for line in text.splitlines() if "Gate failed" in line]
        assert line.endswith(last)


def test_many_concerns_are_counted() -> None:
    """Of more than there is room for the last line says how many."""
    one = ActionItem(kind="budget", sentence="x" * 150)
    text = render_markdown(replace(weeks.report(), action_items=(one,) * 3000))
    assert len(text.encode()) < BYTES
    assert re.search(r"^- and 2,\d{3} more like these$", text, re.MULTILINE)


def test_no_text_of_a_run_becomes_markup() -> None:
    """Rendered as GitHub does, a hostile week has the same tags as any other; no secret is shown."""
    text = render_markdown(weeks.hostile_week())
    found = page(text)
    assert [*found.links, *found.images] == []
    assert set(found.blocks) <= {"mermaid"}
    assert "hunter2" not in text
    assert not any(line.startswith("::") for line in text.splitlines())


@pytest.mark.parametrize("week", [weeks.bad_week(), weeks.report(), weeks.large_week(100)])
def test_every_document_is_as_it_is_meant(week: Report) -> None:
    """Rendered as GitHub does, the shape is ours; runs are links to their jobs."""
    found = page(render_markdown(week))
    titles = [title for level, title in found.headings if level == 2]
    assert titles[:1] != ["Runs"] or not week.incidents
    assert len(found.headings) == 1 + len(titles)
    of_incidents = len(re.findall(r"^  - .*\]\(", render_markdown(week), re.MULTILINE))
    assert len(found.links) == sum(bool(link(run.link)) for run in week.runs) + of_incidents
    assert len(found.items) >= len(week.action_items)


def test_a_headline_ends_behind_its_name() -> None:
    """The full stop is no code, and none is left open."""
    week = replace(
        weeks.report([weeks.record()]),
        headline="1 run, passed: 1% true failures, mostly POST predict.",
        endpoints=(weeks.endpoint("predict"),),
    )
    found = page(render_markdown(week))
    assert found.paragraphs[0] == week.headline
    assert found.codes[0] == "POST predict"


@settings(PROPERTY, max_examples=40)
@given(raw=TEXTS, count=COUNTS, action=st.sampled_from(["budget", "broken", "flapping"]))
def test_any_text_keeps_the_shape(raw: str, count: int, action: ActionKind) -> None:
    """Texts and counts of any kind change what the report says, never what it is made of."""
    run = replace(weeks.record(true=count, expected=0), label=raw, branch=raw, link=raw)
    week: Report = replace(
        weeks.report([run]),
        headline=raw,
        action_items=(ActionItem(kind=action, sentence=f"of {raw} x", names=(raw,), runs=(raw,)),),
        endpoints=(weeks.endpoint(raw),),
        kinds=(replace(weeks.kind(raw, count=count), last_run=raw, rule=raw, decision="expected"),),
        rules=(weeks.rule(raw),),
        incidents=(replace(weeks.incident(count, raw), signatures=(raw,), owners=(raw,)),),
    )
    text = render_markdown(week)
    text.encode()
    found = page(text)
    assert len(found.tables) == 4
    assert not found.images
    assert len(found.links) <= 2


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("", id="none"),
        pytest.param("javascript:alert(1)", id="script"),
        pytest.param("https://a.example/)![x](https://b.example", id="ends-early"),
        pytest.param("https://a.example/<b>", id="markup"),
        pytest.param("https://a.example/|", id="pipe"),
        pytest.param("https://***@a.example/", id="masked"),
        pytest.param("https://a.example/ b", id="two-words"),
    ],
)
def test_what_is_no_plain_web_address_is_no_link(address: str) -> None:
    """The run keeps its name."""
    assert link(address) == ""
