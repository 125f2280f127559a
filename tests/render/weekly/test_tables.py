"""The tables of the weekly report, before any format has them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from loadgate.render.markdown import table_section
from loadgate.render.tables import Cell, Code, Column, Table
from loadgate.render.terminal import table_lines
from loadgate.render.weekly import tables as module
from loadgate.render.weekly.html import render_html
from loadgate.render.weekly.markdown import render_markdown
from loadgate.render.weekly.tables import change, tables
from loadgate.weekly.model import Change, Report

from . import weeks


@pytest.mark.parametrize(
    ("of", "text", "remark"),
    [
        pytest.param(weeks.evidence(now=None), "", "", id="nothing-to-compare"),
        pytest.param(weeks.evidence(), "", "", id="not-tested"),
        pytest.param(
            weeks.evidence("same", words="1 ms slower"), "within normal variation", "", id="same"
        ),
        pytest.param(
            weeks.evidence("unclear", words="21 ms slower", p_value=0.3),
            "within normal variation",
            "",
            id="unclear",
        ),
        pytest.param(weeks.evidence("same", now=0.0, before=0.0), "", "", id="none-in-both"),
        pytest.param(weeks.evidence("new", before=None), "new", "", id="new"),
        pytest.param(
            weeks.evidence("better", words="half as many", p_value=0.03),
            "▼ better",
            "half as many",
            id="better",
        ),
    ],
)
def test_changes_in_words(of: Change, text: str, remark: str) -> None:
    """Direction and effect, where there is one; no number where it is chance."""
    cell = change(of)
    assert (cell.text, cell.remark) == (text, remark)


@pytest.mark.parametrize("name", ["runs", "endpoints", "kinds", "rules"])
def test_a_column_is_written_once(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A column that is added to a table is in Markdown and in HTML."""

    def added(*of: object) -> list[object]:
        return [
            replace(
                table, columns=(*table.columns, Column("Extra", lambda _: "added", numeric=True))
            )
            if table.id == name
            else table
            for table in tables(*of)  # type: ignore[arg-type]
        ]

    monkeypatch.setattr(module, "tables", added)
    week = weeks.bad_week()
    assert "| Extra |" in render_markdown(week)
    assert '<th scope="col" class="number">Extra</th>' in render_html(week)
    assert '<td class="number" data-title="Extra"><div>added</div></td>' in render_html(week)


def test_what_the_locustfile_allowed() -> None:
    """It stands beside the failures; what is not known is no zero."""
    week = weeks.recorded_week()
    text, page = render_markdown(week), render_html(week)
    # Of runs, endpoints (a table in two parts) and rules.
    assert text.count("| Allowed |") == page.count('class="number">Allowed</th>') == 4
    assert "| 114 | 40 | 412 (1.03%) |" in text
    assert "| 90 | – | 14 (0.035%) |" in text
    assert "| 41,284 | 714 | 240 | 412 |" in text
    assert "| 714 | 240 | 6 of 7 |" in text
    assert "744 expected + 1,679 true; 240 allowed by the locustfile" in text
    assert "744 expected + 1,679 true; 240 allowed by the locustfile" in page


@pytest.mark.parametrize(
    "week",
    [
        pytest.param(weeks.bad_week(), id="not-recorded"),
        pytest.param(replace(weeks.recorded_week(), allowed=0), id="none"),
        pytest.param(
            replace(weeks.recorded_week(), allowed=None, allowed_before=5), id="recorded-before"
        ),
    ],
)
def test_nothing_that_the_locustfile_allowed(week: Report) -> None:
    """Then nothing is said of it."""
    assert "llowed" not in render_markdown(week).replace("not allowed", "")
    assert "Allowed</th>" not in render_html(week)


def test_what_is_within_normal_variation_comes_last() -> None:
    """Endpoints that failed or changed are seen, a few of them; the others unfold."""
    calm = replace(weeks.endpoint("/calm"), true=0, true_rate=weeks.evidence(now=0.0, before=0.0))
    rows = (
        calm,
        weeks.endpoint("/failed"),
        replace(calm, name="/moved", moved=True),
        replace(calm, name="/slower", p95=weeks.evidence("worse", 80.0, 40.0)),
    )
    week = replace(weeks.report([weeks.record()], [weeks.record()]), endpoints=rows)
    table = module.endpoints(week)
    assert [row.name for row in table.rows] == ["/failed", "/moved", "/slower", "/calm"]
    assert table.fold == "1 more"
    first = module.endpoints(replace(week, runs_before=()))
    assert [row.name for row in first.rows[: first.unfolded]] == ["/failed", "/moved"]


def test_where_nothing_ran_before_no_endpoint_is_called_new() -> None:
    """All of them are; of one that is new alone its p95 is not called so again."""
    new = weeks.evidence("new", 0.1, None)
    row = replace(weeks.endpoint(rate=new), p95=weeks.evidence("new", 40.0, None))
    alone = replace(weeks.report([weeks.record()]), endpoints=(row,))
    both = replace(weeks.report([weeks.record()], [weeks.record()]), endpoints=(row,))
    assert "new" not in render_markdown(alone).split("## Endpoints")[1].split("\n\n")[1]
    assert render_markdown(both).split("## Endpoints")[1].split("\n\n")[1].count("| new |") == 1


def test_no_zero_is_a_change() -> None:
    """Where nothing failed in both periods the cells are empty."""
    row = replace(weeks.endpoint(rate=weeks.evidence(now=0.0, before=0.0)), true=0, expected=0)
    week = replace(weeks.report([weeks.record()], [weeks.record()]), endpoints=(row,))
    assert "| 41,284 | | | | | 41 ms | |" in render_markdown(week)


def test_a_table_is_text_and_markdown() -> None:
    """What a page shows below a cell is not there; of rows that there is no room for the number is."""
    table: Table[str] = Table(
        title="Runs",
        columns=(
            Column("Run", lambda row: Cell(text=row, remark="partial", details=("below",))),
            Column("Name", Code, wide=True),
        ),
        rows=["a", "b", "c"],
        rest=["d"],
        noun="run",
    )
    assert list(table_lines(table, 2)) == [
        "", "RUNS", "run        name", "---------  ----", "a partial  a", "b partial  b",
        "... and 2 more runs",
    ]  # fmt: skip
    text = "\n".join(table_section(table))
    assert "| a (partial) | `a` |" in text
    assert "1 more run" in text
    assert "below" not in text
