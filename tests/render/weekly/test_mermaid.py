"""The Mermaid diagrams: what they draw, and that Mermaid itself draws them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from browsing import PATIENCE, chromium, needs_chromium

from loadgate.render.weekly.mermaid import diagram
from loadgate.weekly.model import Report

from . import weeks

MERMAID = Path(__file__).parents[3] / ".venv/node/node_modules/mermaid/dist/mermaid.min.js"


def drawn(of: Report) -> list[str]:
    """Return the diagram without its fences, if there is one."""
    return re.findall(r"```mermaid\n(.*?)```", "\n".join(diagram(of)), re.DOTALL)


def test_the_runs_and_their_limit() -> None:
    """True failure rates of both weeks; the run without requests is left out."""
    (rates,) = drawn(weeks.bad_week())
    assert 'title "True failures, % of requests, per run"' in rates
    assert '"Nov 17", "Nov 18", "Nov 19", "Nov 21", "Nov 22"]' in rates
    assert "0.0350, 0.0225, 1.03, 0.9700, 1.1375, 1.0025]" in rates
    assert "y-axis 0 --> 1.25125" in rates
    assert f"line [{', '.join(['0.1000'] * 13)}]" in rates
    assert "The line is the limit." in "\n".join(diagram(weeks.bad_week()))


def test_a_limit_that_not_all_runs_have_is_no_line() -> None:
    """A line without a gap would say that they had."""
    night = weeks.record()
    text = "\n".join(diagram(weeks.report([night, replace(night, true_failure_limit=None)])))
    assert "bar [" in text
    assert "line" not in text


def test_no_bar_is_above_all_requests() -> None:
    """More failures than requests count as 100 %."""
    nights = [
        weeks.record(weeks.MONDAY + timedelta(days=day), requests=10, true=12) for day in (0, 1)
    ]
    assert "bar [100, 100]" in drawn(weeks.report(nights))[0]


def test_several_runs_of_a_day_are_told_apart() -> None:
    """By their number, as no name of a run comes into a diagram."""
    nights = [weeks.record(weeks.MONDAY + timedelta(hours=hour)) for hour in (1, 2, 30)]
    assert 'x-axis ["Nov 16 #1", "Nov 16 #2", "Nov 17"]' in drawn(weeks.report(nights))[0]


def test_many_runs_are_drawn_by_week() -> None:
    """A thousand bars are a wall; a week is all its runs together, if it has any."""
    (rates,) = drawn(weeks.large_week())
    assert "per week" in rates
    assert 'x-axis ["Nov 9", "Nov 16"]' in rates
    assert "bar [0.0300, 0.0199]" in rates


@pytest.mark.parametrize(
    "of",
    [
        pytest.param(weeks.report(), id="no-run"),
        pytest.param(replace(weeks.bad_week(), weeks=None), id="no-weeks"),
        pytest.param(weeks.report([weeks.record()]), id="one-run"),
        pytest.param(weeks.report([replace(weeks.record(), requests=0)] * 3), id="no-requests"),
    ],
)
def test_less_than_two_numbers_are_no_picture(of: Report) -> None:
    """The table has them."""
    assert drawn(of) == []


def test_no_text_of_a_run_is_in_a_diagram() -> None:
    """A hostile week has the same diagrams as the same week with other names."""
    assert drawn(weeks.hostile_week()) == drawn(weeks.bad_week())


@needs_chromium
@pytest.mark.skipif(not MERMAID.exists(), reason="Mermaid is not installed (make node)")
def test_mermaid_draws_them(tmp_path: Path) -> None:
    """Mermaid itself, as GitHub uses it, draws a bar for each number."""
    (tmp_path / "mermaid.js").write_bytes(MERMAID.read_bytes())
    (tmp_path / "page.html").write_text("<script src=mermaid.js></script><body></body>", "utf-8")
    quiet = replace(weeks.report([weeks.record(true=0)] * 2), headline="")
    extreme = weeks.report([weeks.record(requests=10**12, true=1), weeks.record(requests=1)])
    with chromium() as browser:
        page = browser.new_page()
        page.set_default_timeout(PATIENCE)
        page.goto((tmp_path / "page.html").as_uri())
        for week in (weeks.bad_week(), weeks.large_week(), quiet, extreme):
            for number, text in enumerate(drawn(week)):
                bars = text.split("bar [")[1].split("]")[0].count(",") + 1
                svg = page.evaluate(
                    "([id, text]) => mermaid.render(id, text).then(it => it.svg)",
                    [f"picture-{number}", text],
                )
                assert svg.count("<rect") >= bars
