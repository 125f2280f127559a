"""The page of a weekly report in a real Chromium, without a network: drawn, quiet, never too wide."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Literal

import pytest
from browsing import PATIENCE, chromium, needs_chromium
from playwright.sync_api import Browser, Page

from loadgate.render.weekly.html import render_html
from loadgate.weekly.model import Report

from . import weeks

pytestmark = needs_chromium

WEEKS: dict[str, Callable[[], Report]] = {
    "bad": weeks.bad_week,
    "hostile": weeks.hostile_week,
    "empty": weeks.report,
    "one-run": lambda: weeks.report([weeks.record()]),
    "large": weeks.large_week,
    "gap": lambda: weeks.report(
        [weeks.record(weeks.MONDAY + timedelta(days=day)) for day in (-7, -6, -5, 1)]
    ),
}
DRAWN = "document.querySelectorAll('.chart:not(.drawn)').length === 0"
DRAW = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
MARKS = ".chart svg .mark-symbol path, .chart svg .mark-rect path"


@dataclass(slots=True)
class Seen:
    """What a page did that it should not."""

    page: Page
    said: list[str] = field(default_factory=list)
    """Everything on the console, and exceptions that nobody caught."""
    requests: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start Debian's Chromium once for all pages."""
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Write the page of each kind of week."""
    folder = tmp_path_factory.mktemp("pages")
    for name, week in WEEKS.items():
        (folder / f"{name}.html").write_text(render_html(week()), "utf-8", newline="\n")
    return {name: folder / f"{name}.html" for name in WEEKS}


def _look(
    browser: Browser,
    file: Path,
    *,
    width: int = 1280,
    scheme: Literal["light", "dark"] = "light",
    script: bool = True,
) -> Seen:
    """Open a page with the network off and wait until its charts are drawn."""
    context = browser.new_context(
        viewport={"width": width, "height": 850},
        color_scheme=scheme,
        offline=True,
        java_script_enabled=script,
        timezone_id="America/Los_Angeles",
    )
    context.set_default_timeout(PATIENCE)
    seen = Seen(page=context.new_page())
    seen.page.on("console", lambda message: seen.said.append(message.text))
    seen.page.on("pageerror", lambda error: seen.said.append(str(error)))
    seen.page.on("request", lambda request: seen.requests.append(request.url))
    seen.page.goto(file.as_uri())
    if script:
        seen.page.wait_for_function(DRAWN)
    return seen


@pytest.mark.parametrize(
    ("week", "width", "scheme"),
    [
        pytest.param(
            week,
            width,
            scheme,
            # One page with every section and hostile names, as most people and as phones see it.
            marks=() if (week, scheme) == ("hostile", kept) else pytest.mark.prove,
            id=f"{week}-{width}-{scheme}",
        )
        for week in WEEKS
        for width, kept in ((390, "dark"), (1280, "light"))
        for scheme in ("light", "dark")
    ],
)
def test_a_page_is_drawn_and_quiet(
    browser: Browser,
    files: dict[str, Path],
    week: str,
    width: int,
    scheme: Literal["light", "dark"],
) -> None:
    """At any width, light or dark: no error, no request, no foreign script, no sideways scrolling."""
    seen = _look(browser, files[week], width=width, scheme=scheme)
    page = seen.page
    assert seen.said == []
    assert seen.requests == [files[week].as_uri()]
    assert page.evaluate("window.canary") is None
    for opened in page.query_selector_all("details"):
        opened.evaluate("element => { element.open = true }")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.body.scrollWidth") <= width
    charts = page.locator(".chart")
    for place in range(charts.count()):
        box = charts.nth(place).locator("svg").bounding_box()
        assert box is not None
        assert 0.8 * width - 100 < box["width"] <= width
    assert (page.locator(MARKS).count() > 0) == (week != "empty")
    page.context.close()


def test_paper_is_white_in_the_dark(browser: Browser, files: dict[str, Path]) -> None:
    """Dark mode is for screens: printed, and in light, letters are dark and the ground is light."""
    page = _look(browser, files["bad"], scheme="dark").page
    ground = "getComputedStyle(document.body).backgroundColor"
    letters = "getComputedStyle(document.querySelector('.role-axis-label text')).fill"
    assert page.evaluate(ground) == "rgb(13, 17, 23)"
    on_screen = page.evaluate(letters)
    page.emulate_media(media="print")
    assert page.evaluate(ground) == "rgb(255, 255, 255)"
    assert page.evaluate(letters) == "rgb(87, 96, 106)" != on_screen
    page.context.close()


def test_a_mark_tells_its_run(browser: Browser, files: dict[str, Path]) -> None:
    """Under the pointer a dot of a chart tells run, verdict and numbers, the time as in the zone."""
    seen = _look(browser, files["bad"])
    targets = seen.page.locator("#chart-weeks .mark-symbol").last.locator("path")
    targets.nth(9).hover(force=True)
    tip = seen.page.locator("#tip.visible").inner_text()
    for told in (
        "nightly 2026-11-18",
        "Wed 2026-11-18 02:00",
        "failed",
        "1.03% (412)",
        "main 51f1",
    ):
        assert told in tip
    assert seen.said == []
    seen.page.context.close()


def test_a_hostile_name_in_a_tip_is_text(browser: Browser, files: dict[str, Path]) -> None:
    """The box under the pointer shows an attack as the text that it is."""
    seen = _look(browser, files["hostile"])
    marks = seen.page.locator("#chart-weeks .mark-symbol").last.locator("path")
    marks.nth(3).hover(force=True)
    assert weeks.SCRIPT in seen.page.locator("#tip.visible").inner_text()
    assert seen.page.locator("#tip img, #tip script").count() == 0
    assert seen.page.evaluate("window.canary") is None
    assert seen.said == []
    seen.page.context.close()


def test_days_of_the_chart_are_those_of_the_report(
    browser: Browser, files: dict[str, Path]
) -> None:
    """Where the reader's clock is does not move a day of the report; nothing is outside of it."""
    page = _look(browser, files["bad"]).page
    labels = page.locator("#chart-weeks .role-axis-label").first.locator("text")
    assert labels.all_text_contents() == ["Nov 9", "Nov 16"]
    page.context.close()


def test_times_without_runs_are_seen(browser: Browser, files: dict[str, Path]) -> None:
    """They are hatched by what is in the page, which the chart finds."""
    page = _look(browser, files["gap"]).page
    hatched = page.locator("#chart-weeks path[fill^='url(']")
    assert hatched.count() == 2
    place = str(hatched.first.get_attribute("fill")).removeprefix("url(").strip("\"')")
    assert page.locator(place).count() == 1
    page.context.close()


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_the_first_screen_answers(
    browser: Browser, files: dict[str, Path], width: int, height: int
) -> None:
    """Is it fine, what is wrong, since when: without scrolling, on a desk and on a phone."""
    page = _look(browser, files["bad"], width=width).page
    for asked in (".mark.failed", ".headline", ".incident h3", ".incident dl a"):
        box = page.locator(asked).first.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] < height, asked
    page.context.close()


def test_a_page_is_short(browser: Browser, files: dict[str, Path]) -> None:
    """What is not urgent is folded, also where there is a lot of it."""
    for week in ("bad", "large"):
        page = _look(browser, files[week]).page
        assert page.evaluate("document.documentElement.scrollHeight") < 3200, week
        page.context.close()


def test_tables_can_be_unfolded_by_keyboard(browser: Browser, files: dict[str, Path]) -> None:
    """The summary of a long table takes the focus and opens by the return key."""
    page = _look(browser, files["bad"]).page
    folded = page.locator("#table-endpoints details")
    assert folded.get_attribute("open") is None
    folded.locator("summary").focus()
    page.keyboard.press("Enter")
    page.locator("#table-endpoints details[open]").wait_for()
    page.context.close()


def test_without_script_the_tables_have_it_all(browser: Browser, files: dict[str, Path]) -> None:
    """Where no script runs, as in the preview of a mail, the page has its numbers all the same."""
    seen = _look(browser, files["bad"], script=False)
    assert "1.03%" in seen.page.locator("#table-runs").inner_text()
    assert seen.said == []
    seen.page.context.close()
