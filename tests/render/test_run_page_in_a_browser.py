"""The page of one run in a real Chromium, without a network: drawn, quiet, never too wide."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
from browsing import PATIENCE, chromium, needs_chromium
from builders import check
from playwright.sync_api import Browser, Page

from loadgate.model import Verdict
from loadgate.render import render
from loadgate.time_series import Phase

from .cases import CASES
from .test_run_page import interval, judged, kinds, series, times

pytestmark = needs_chromium

DRAWN = "document.querySelectorAll('.chart:not(.drawn)').length === 0"
PHASES = (Phase(name="ramp-up", begin=0, end=12), Phase(name="steady", begin=12, end=60))
PAGES: dict[str, Verdict] = {
    "recorded": judged(
        replace(kinds(times(12.2, 41.9, [0, 2, 3, 0, 1, 0])), phases=PHASES),
        check("true_failure_rate <= 2%"),
        check("p95 <= 25ms during steady", span=("12", "60")),
    ),
    "doubtful": judged(series(interval(0, failures=9, true=2, expected=3), resets=(5.0,))),
    "hostile": replace(
        CASES["hostile"],
        series=series(interval(0, true=None, expected=None), source="history", times_of="start"),
    ),
    "nothing": CASES["no-evidence"],
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start Chromium once for all pages."""
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Write the page of each verdict."""
    folder = tmp_path_factory.mktemp("pages")
    for name, verdict in PAGES.items():
        (folder / f"{name}.html").write_text(render(verdict, "html"), "utf-8", newline="\n")
    return {name: folder / f"{name}.html" for name in PAGES}


def look(
    browser: Browser, file: Path, width: int = 1280, scheme: Literal["light", "dark"] = "light"
) -> tuple[Page, list[str]]:
    """Open a page with the network off; return it drawn, and all that it said or asked for."""
    context = browser.new_context(
        viewport={"width": width, "height": 850}, color_scheme=scheme, offline=True
    )
    context.set_default_timeout(PATIENCE)
    page, noise = context.new_page(), []
    page.on("console", lambda message: noise.append(message.text))
    page.on("pageerror", lambda error: noise.append(str(error)))
    page.on("request", lambda request: noise.append(request.url))
    page.goto(file.as_uri())
    page.wait_for_function(DRAWN)
    return page, noise


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_drawn_and_quiet(
    browser: Browser,
    files: dict[str, Path],
    name: str,
    width: int,
    scheme: Literal["light", "dark"],
) -> None:
    """No error, no request but its own, no foreign script, no sideways scrolling when unfolded."""
    page, noise = look(browser, files[name], width, scheme)
    assert noise == [files[name].as_uri()]
    for folded in page.query_selector_all("details"):
        folded.evaluate("element => { element.open = true }")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.body.scrollWidth") <= width
    charts = page.locator(".chart")
    assert (charts.count() > 0) == (name != "nothing")
    for place in range(charts.count()):
        assert charts.nth(place).locator(".mark-rect path, .mark-line path").count() > 0
    page.context.close()


def test_a_moment_tells_all_of_it(browser: Browser, files: dict[str, Path]) -> None:
    """Whichever chart the pointer is on, it tells the numbers of all of them at that time."""
    page, noise = look(browser, files["recorded"])
    for chart in ("true", "times"):
        page.locator(f"#chart-{chart} .mark-rect").last.locator("path").nth(2).hover(force=True)
        tip = page.locator("#tip.visible").inner_text()
        for told in ("0:20 to 0:30", "06:08:27 UTC", "100 (10/s)", "1 (0.1/s)", "20 ms"):
            assert told in tip
    assert len(noise) == 1
    page.context.close()


def test_times_are_at_one_place_in_all_charts(browser: Browser, files: dict[str, Path]) -> None:
    """So that a reader can look from one down to the next."""
    page, _ = look(browser, files["recorded"])
    labels = [page.locator(".chart").nth(at).get_by_text("0:00") for at in range(4)]
    places = {round(box["x"]) for each in labels if (box := each.bounding_box()) is not None}
    assert len(places) == 1
    page.context.close()


def test_paper_is_white_in_the_dark(browser: Browser, files: dict[str, Path]) -> None:
    """Dark mode is for screens: printed, the ground is white, and tables are tables."""
    page, _ = look(browser, files["recorded"], 390, "dark")
    ground = "getComputedStyle(document.body).backgroundColor"
    row = "getComputedStyle(document.querySelector('.box tbody tr')).display"
    assert (page.evaluate(ground), page.evaluate(row)) == ("rgb(13, 17, 23)", "flex")
    page.emulate_media(media="print")
    assert (page.evaluate(ground), page.evaluate(row)) == ("rgb(255, 255, 255)", "table-row")
    page.context.close()
