"""The page of a weekly report, as a program reads it: well-formed, safe, whole and repeatable."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loadgate.errors import UsageError
from loadgate.masking import mask_secrets
from loadgate.published import address
from loadgate.render.page.template import environment, text_of, web_address
from loadgate.render.weekly import words
from loadgate.render.weekly.html import render_html
from loadgate.render.weekly.words import shown
from loadgate.weekly.model import ActionItem, ActionKind, DayCell, Direction, Report
from loadgate.weekly.weeks import weeks_up_to
from render.strategies import COUNTS, PROPERTY, TEXTS, TIMES

from . import weeks

VOID = {"meta", "link", "br", "img", "input", "hr"}
STYLE = text_of("page/base.css") + text_of("weekly/page.css")


class Page(HTMLParser):
    """What a page has: its elements, the text in each kind of them, and its scripts apart."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: dict[str, list[str]] = {}
        self.feed(html)
        self.close()
        assert not self.open, f"left open: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element and begin its text."""
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
            self.texts.setdefault(tag, []).append("")

    def handle_endtag(self, tag: str) -> None:
        """See that the element that ends is the one that began last."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Note a text for every element around it."""
        for tag in set(self.open):
            self.texts[tag][-1] += data

    def of(self, tag: str) -> list[dict[str, str | None]]:
        """Return the attributes of all elements of a kind."""
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def data(self) -> dict[str, Any]:
        """What the charts draw."""
        found: dict[str, Any] = json.loads(self.texts["script"][0])
        return found


WEEKS: dict[str, Callable[[], Report]] = {
    "bad": weeks.bad_week,
    "hostile": weeks.hostile_week,
    "empty": weeks.report,
    "large": weeks.large_week,
    "recorded": weeks.recorded_week,
}


@cache
def html_of(week: str) -> str:
    """Return the page of a week, made once for all tests."""
    return render_html(WEEKS[week]())


def visible(page: Page) -> str:
    """Return all that the page shows but its charts."""
    return "\n".join(page.texts["main"] + page.texts["header"])


# --- content --------------------------------------------------------------------------------------


def test_the_most_important_comes_first() -> None:
    """Is it fine, what is wrong since when, what else is to do, how it went, then the tables."""
    page = Page(html_of("bad"))
    assert page.texts["h1"] == ["Not fine Load tests, 2026-W47"]
    assert page.texts["title"] == ["Load tests, 2026-W47"]
    assert "500 at 5 endpoints since nightly 2026-11-18" in page.texts["header"][0]
    assert page.texts["h2"] == [
        "Incidents",
        "To do",
        "True failure rate up to 2026-11-22",
        "Runs",
        "Endpoints",
        "Kinds of failures",
        "Rules",
        "Results that could not be read (1)",
        "How this was computed",
    ]


@pytest.mark.parametrize(
    "words",
    [
        pytest.param("7 runs (2 passed, 4 failed, 1 no evidence)", id="outcomes"),
        pytest.param("744 expected + 1,679 true", id="failures-add-up"),
        pytest.param("500 at 5 endpoints new", id="incident"),
        pytest.param("412 failures in 4 of 7 runs, 1.03% of requests there", id="how-much"),
        pytest.param("Sincenightly 2026-11-18commit 51f1", id="since"),
        pytest.param("Good beforenightly 2026-11-17commit 51f1", id="good"),
        pytest.param("Good beforenone: its first run had it", id="never-good"),
        pytest.param("Who should lookgateway-team, @shop", id="owners"),
        pytest.param("Slower at GET /tools", id="slower"),
        pytest.param("40 ms to 81 ms at p95, in 4 of 7 runs", id="how-much-slower"),
        pytest.param("11 times as many sincenightly 2026-11-18", id="grown"),
        pytest.param("0.1% up to then, 1.1% since; first in nightly 2026-11-18", id="rates"),
        pytest.param("Sincebefore the first run given, nightly 2026-11-18", id="undated"),
        pytest.param("none in this period", id="over"),
        pytest.param("14 times as many", id="evidence"),
        pytest.param("0.62%was 0.045%", id="period-before"),
        pytest.param("Wed 2026-11-18 02:00", id="time"),
        pytest.param("8.8% of at most 10%", id="budget"),
        pytest.param("22 days ago", id="expired"),
        pytest.param("8 days left", id="expires"),
        pytest.param("runs/cut.json: line 7: not JSON", id="broken"),
        pytest.param("copy/2026-11-16.json", id="repeated"),
        pytest.param("Left out to save space: 3 more kinds (6 failures).", id="known-kinds"),
        pytest.param("ReadTimeout(*)", id="gone-kind"),
        pytest.param("loadgate.toml", id="judged-by"),
        pytest.param("rank test over the runs", id="method"),
    ],
)
def test_the_page_says(words: str) -> None:
    """Every number of the report that a reader needs stands in the page."""
    assert words in visible(Page(html_of("bad")))


@pytest.mark.parametrize(
    ("headline", "word", "mark", "rest"),
    [
        pytest.param("Fine: 7 runs passed.", "Fine", "passed", "7 runs passed.", id="fine"),
        pytest.param("Not fine: it broke.", "Not fine", "failed", "It broke.", id="not-fine"),
        pytest.param(
            "Passed, but not fine: slower.", "Passed, but not fine", "warning", "Slower.", id="but"
        ),
        pytest.param(
            "Nothing ran; 7 before.", "Nothing ran", "no-evidence", "7 before.", id="nothing"
        ),
    ],
)
def test_the_verdict_is_a_word(headline: str, word: str, mark: str, rest: str) -> None:
    """Whoever reads nothing else has read it."""
    page = Page(render_html(replace(weeks.report([weeks.record()]), headline=headline)))
    assert page.texts["h1"] == [f"{word} Load tests, 2026-W47"]
    assert page.of("span")[0]["class"] == f"mark {mark}"
    assert rest in page.texts["p"]


def test_incidents_that_are_over_are_folded() -> None:
    """Unless the period had it; where it had none the page says so first."""
    gone = replace(weeks.incident(state="gone"), undated=True)
    page = Page(render_html(replace(weeks.report([weeks.record()]), incidents=(gone,))))
    assert "412 failures" in visible(page)
    assert "From" not in page.texts["dt"]
    before = replace(gone, count=0, runs=0)
    page = Page(render_html(replace(weeks.report([weeks.record()]), incidents=(before,))))
    assert "None in this period." in visible(page)
    assert "1 of the period before" in page.texts["summary"]


def test_an_incident_says_how_it_grew_where_nobody_knows_when_it_began() -> None:
    """Neither a first run, nor a number of times, nor error texts are made up."""
    grown = replace(weeks.grown(), undated=True, rate_before=None, signatures=())
    nameless = replace(weeks.incident(), signatures=(), first=replace(weeks.record(), commit=""))
    page = Page(render_html(replace(weeks.report([weeks.record()]), incidents=(grown, nameless))))
    assert "More since" in page.texts["dt"]
    assert "first in" not in visible(page)
    assert page.texts["summary"][0] == "The 5 endpoints"


def test_many_incidents_and_things_to_do_are_folded() -> None:
    """A few are seen at once, 5xx first as they come; the others unfold."""
    week = weeks.bad_week()
    page = Page(html_of("bad"))
    assert page.texts["summary"].count("2 more") == 1
    lots = replace(week, action_items=week.action_items * 2, incidents=week.incidents * 40)
    text = visible(Page(render_html(lots)))
    assert "236 more" in text
    assert "and 136 more like these" in text
    assert "3 more" in Page(render_html(lots)).texts["summary"]


def test_what_made_a_gate_fail_is_said_where_runs_differ() -> None:
    """Else it is something to do, once."""
    night = weeks.record(outcome="failed")
    other = replace(night, failed_checks=("p95 <= 1s",), branch="feature")
    same = visible(Page(render_html(weeks.report([night, night]))))
    differ = visible(Page(render_html(weeks.report([night, other]))))
    assert "true_failure_rate <= 0.1%: the whole run" not in same
    assert "feature" not in same
    assert "true_failure_rate <= 0.1%: the whole run" in differ
    assert "p95 <= 1s" in differ
    assert "feature" in differ


def test_no_cell_has_a_p_value() -> None:
    """It is what a pointer over the change tells."""
    page = Page(html_of("bad"))
    assert "p = " not in visible(page)
    assert "p = 0.0012" in [of.get("title") for of in page.of("span")]


def test_untested_changes_are_said_to_be_untested() -> None:
    """Without SciPy nothing was tested, which the page says, and what to install."""
    shown = visible(Page(render_html(replace(weeks.bad_week(), tested=False))))
    assert "Changes were not tested" in shown
    assert "pip install 'loadgate[report]'" in shown


def test_a_week_without_runs_says_so() -> None:
    """An empty week has nothing to draw, and needs no script."""
    page = Page(html_of("empty"))
    assert page.texts["h1"] == ["Nothing ran Load tests, 2026-W47"]
    assert page.texts["h2"] == ["How this was computed"]
    assert not page.of("script")
    assert "script-src 'none'" in str(page.of("meta")[1]["content"])
    assert render_html(replace(weeks.report(), weeks=None)) == html_of("empty")


def test_runs_without_evidence_are_marked_at_the_bottom() -> None:
    """They have no rate, so that no line leads to them."""
    nothing = weeks.record(outcome="no-evidence", requests=0, expected=0, true=0, p95=None)
    page = Page(render_html(weeks.report([nothing])))
    (mark,) = page.data["datasets"]["marks"]
    assert (mark["rate"], mark["true"], mark["outcome"]) == (0, "no requests", "no evidence")
    assert "no requests" in visible(page)


def test_odd_runs_are_marked() -> None:
    """A guessed time, partial results and a new judgement are said beside the run."""
    run = replace(weeks.record(), time_from="file", partial=True, rejudged=True)
    shown = visible(Page(render_html(weeks.report([run]))))
    for remark in ("by the file's time", "partial results", "judged again"):
        assert remark in shown


def test_a_budget_of_nothing_is_used_up() -> None:
    """A rule that may excuse nothing has no share to divide by."""
    week = replace(weeks.report(), rules=(replace(weeks.rule(), budget=0.0, used=None),))
    page = Page(render_html(week))
    assert "0% of at most 0%" in visible(page)
    assert page.of("meter")[0]["value"] == "1.000"


def test_an_expiry_without_a_day_of_report_is_a_date() -> None:
    """A rule's last day is told where nobody counted the days up to it."""
    week = replace(
        weeks.report(), rules=(replace(weeks.rule(expires=date(2027, 6, 30)), days_left=None),)
    )
    assert "2027-06-30" in visible(Page(render_html(week)))


# --- size -----------------------------------------------------------------------------------------


def test_long_tables_are_folded_and_end() -> None:
    """Of a thousand runs the first are seen, the others unfold; very long tables say what is cut."""
    page = Page(html_of("large"))
    summaries = page.texts["summary"]
    assert "Runs 1,000 runs" in summaries
    assert "200 more kinds (82,400 failures)" in visible(page)
    assert all("1,000 more" not in one for one in summaries)
    longer = visible(Page(render_html(weeks.large_week(1001))))
    assert "1 more run." in longer


def test_long_lists_end() -> None:
    """Attention items and sources are counted where there are more than a page can hold."""
    week = weeks.bad_week()
    shown = visible(Page(render_html(replace(week, action_items=week.action_items * 30))))
    assert "and 20 more like these" in shown


# --- the chart ------------------------------------------------------------------------------------


def drawn(of: Report) -> dict[str, Any]:
    """Return the rows of the chart."""
    found: dict[str, Any] = Page(render_html(of)).data["datasets"]
    return found


def test_each_run_is_a_mark() -> None:
    """With its verdict, the limit that it had, and what a pointer tells."""
    rows = drawn(weeks.bad_week())
    assert len(rows["marks"]) == 14
    assert rows["marks"][9] == {
        "at": 1794967200000.0,  # Wed 2026-11-18 02:00
        "rate": 1.03,
        "true": "1.03% (412)",
        "outcome": "failed",
        "limit": 0.1,
        "run": "nightly 2026-11-18",
        "when": "Wed 2026-11-18 02:00",
        "commit": "main 51f1bfce4e5d",
        "limit_text": "0.1%",
    }


def test_many_runs_are_drawn_by_week() -> None:
    """A thousand marks are a wall; a week in which one failed is drawn as failed."""
    week = weeks.large_week()
    failed = (replace(week.runs[0], outcome="failed"), *week.runs[1:])
    of_weeks = weeks_up_to(week.period, (*week.runs_before, *failed), weeks.TODAY)
    rows = drawn(replace(week, weeks=of_weeks))["marks"]
    assert [(row["run"], row["outcome"]) for row in rows] == [
        ("1,000 runs", "passed"),
        ("1,000 runs, 1 failed", "failed"),
    ]
    assert rows[0]["when"] == "2026-11-09 to 2026-11-15"
    nothing = tuple(replace(run, requests=0, outcome="no-evidence") for run in week.runs)
    (row,) = drawn(replace(week, weeks=weeks_up_to(week.period, nothing, weeks.TODAY)))["marks"]
    assert (row["run"], row["outcome"]) == ("1,000 runs, 1,000 without requests", "no evidence")


def test_a_limit_is_as_long_as_it_holds() -> None:
    """From the run that has it first to the one that has another, or to the end."""
    limits = (None, 0.01, 0.01, None, 0.02)
    nights = [
        replace(weeks.record(weeks.MONDAY + timedelta(days=day)), true_failure_limit=limit)
        for day, limit in enumerate(limits)
    ]
    rows = drawn(weeks.report(nights))
    days = [(row["begin"], row["end"], row["limit"]) for row in rows["limits"]]
    start = rows["period"][0]["begin"]
    in_days = [((b - start) / 864e5, (e - start) / 864e5, limit) for b, e, limit in days]
    assert in_days == [(1, 3, 1.0), (4, 7, 2.0)]
    assert drawn(weeks.report(nights[:1]))["limits"] == []


def test_times_without_runs_are_hatched() -> None:
    """And named, the last few of many; before the first run given nobody knows."""
    starts = [weeks.MONDAY + timedelta(days=day) for day in (-21, -20, -8, -7, 0, 1, 4, 5, 6)]
    week = weeks.report([weeks.record(start) for start in starts])
    rows = drawn(week)["idle"]
    assert [(row["end"] - row["begin"]) / 864e5 for row in rows] == [11, 6, 2]
    assert (
        "Nothing ran: 2026-10-28 to 2026-11-07, 2026-11-10 to 2026-11-15,"
        " 2026-11-18 to 2026-11-19." in visible(Page(render_html(week)))
    )
    assert week.weeks is not None
    times = ((date(2026, 9, 1), date(2026, 9, 1)), *week.weeks.idle)
    longer = replace(week, weeks=replace(week.weeks, idle=times))
    assert "2026-11-19, and 1 earlier time." in visible(Page(render_html(longer)))
    assert len(drawn(longer)["idle"]) == 3  # the other one is left of the chart
    one = replace(week, weeks=replace(week.weeks, idle=times[:1]))
    assert "Nothing ran: 2026-09-01." in visible(Page(render_html(one)))


def test_the_chart_begins_with_the_first_run() -> None:
    """With the week of it, and ends with the period: nothing is outside of it."""
    axis = Page(html_of("bad")).data["charts"]["chart-weeks"]["layer"][0]["encoding"]["x"]
    first, last = axis["scale"]["domain"]
    marks = [row["at"] for row in drawn(weeks.bad_week())["marks"]]
    assert datetime.fromtimestamp(first / 1000, UTC).date() == date(2026, 11, 9)
    assert datetime.fromtimestamp(last / 1000, UTC).date() == date(2026, 11, 23)
    assert all(first <= at < last for at in marks)


def test_times_are_those_of_the_zone() -> None:
    """A run at eleven at night in UTC was on the next day in Berlin."""
    late = weeks.record(datetime(2026, 11, 16, 23, tzinfo=UTC))
    week = weeks.report([late])
    week = replace(week, period=replace(week.period, zone=ZoneInfo("Europe/Berlin")))
    page = Page(render_html(week))
    at = page.data["datasets"]["marks"][0]["at"]
    assert datetime.fromtimestamp(at / 1000, UTC) == datetime(2026, 11, 17, tzinfo=UTC)
    assert "Tue 2026-11-17 00:00" in visible(page)


# --- accessible -----------------------------------------------------------------------------------


@pytest.fixture(params=list(WEEKS))
def page(request: pytest.FixtureRequest) -> Page:
    """Return the page of each kind of week."""
    return Page(html_of(request.param))


def test_headings_are_in_order(page: Page) -> None:
    """There is one first heading, and none skips a level."""
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_tables_can_be_read_aloud(page: Page) -> None:
    """Every header cell says what it heads, every table has a caption, every box can be reached."""
    assert all(header["scope"] in {"col", "row"} for header in page.of("th"))
    assert len(page.of("caption")) == len(page.of("table"))
    boxes = [box for box in page.of("div") if box.get("class") == "box"]
    assert len(boxes) == len(page.of("table"))
    assert all(box["tabindex"] == "0" and box["aria-label"] for box in boxes)
    assert all(chart["aria-label"] for chart in page.of("div") if chart.get("role") == "img")


def test_the_page_has_a_language_and_every_link_a_place(page: Page) -> None:
    """Identifiers are unique, and links inside of the page lead to one."""
    assert page.of("html") == [{"lang": "en"}]
    names = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(names) == len(set(names))
    labels = [of["aria-labelledby"] for of in page.of("section")]
    assert labels
    assert set(labels) <= set(names)


def test_every_chart_has_its_place(page: Page) -> None:
    """What is drawn and where it is drawn are the same, in the same order."""
    places = [of["id"] for of in page.of("div") if of.get("class") == "chart"]
    assert places == (list(page.data["charts"]) if page.of("script") else [])


def _colours(scheme: str) -> dict[str, str]:
    light, dark = STYLE.split("@media screen and (prefers-color-scheme: dark)")
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]+);", light))
    if scheme == "dark":
        colours |= dict(re.findall(r"--([\w-]+): (#[0-9a-f]+);", dark))
    return colours


def _contrast(one: str, other: str) -> float:
    """Return the contrast of two colours as WCAG 2.2 defines it."""

    def luminance(colour: str) -> float:
        digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
        parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
        linear = [
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
        ]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_no_two_colours_are_the_same() -> None:
    """A picture tells by a colour which one it is to have in the dark."""
    colours = _colours("light")
    assert len({*colours.values()}) == len(colours)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("letters", "ground", "least"),
    [
        *(
            (letters, ground, 4.5)
            for letters in ("ink", "muted", "link")
            for ground in ("paper", "card")
        ),
        *((f"{mark}-ink", f"{mark}-paper", 4.5) for mark in ("bad", "good", "note")),
        ("ink", "plain-paper", 4.5),
        *(
            (line, ground, 3.0)
            for line in ("true", "expected", "muted", "bad-ink")
            for ground in ("paper", "plain-paper")
        ),
    ],
)
def test_colours_have_contrast(letters: str, ground: str, least: float, scheme: str) -> None:
    """Text and lines differ from what they stand on as much as WCAG's level AA asks for."""
    colours = _colours(scheme)
    assert _contrast(colours[letters], colours[ground]) >= least


# --- safe -----------------------------------------------------------------------------------------


def test_no_text_of_a_run_becomes_html() -> None:
    """The page of a hostile week has the elements of the same week without the attacks, no more."""
    html = html_of("hostile")
    page = Page(html)
    assert len(page.of("script")) == 3
    assert not page.of("img")
    assert not any(key.startswith("on") for _, attributes in page.tags for key in attributes)
    assert "<!--" not in html.split("</style>")[1].split("<script>")[0]
    assert weeks.SCRIPT in visible(page)


def test_no_secret_is_in_the_page() -> None:
    """Query strings of texts and credentials of links reach neither tables nor charts."""
    assert "hunter2" not in html_of("hostile")


def test_links_lead_to_the_web_only() -> None:
    """The link of a run may come from anywhere; one that is no web address is no link."""
    page = Page(html_of("hostile"))
    outside = [str(of["href"]) for of in page.of("a") if of["href"] != address("weekly-report")]
    assert outside == ['https://***@ci.example/"onmouseover="window.canary=1']
    assert all("noreferrer" in str(of["rel"]) for of in page.of("a") if "rel" in of)
    queries = Page(html_of("bad")).of("a")
    assert any(of["href"] == "https://ci.example/nightly/2026-11-16?job=7" for of in queries)


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("", id="none"),
        pytest.param("javascript:alert(1)", id="script"),
        pytest.param("java\tscript:alert(1)", id="script-with-a-tab"),
        pytest.param(" data:text/html,x", id="data"),
        pytest.param("//evil.example/", id="no-scheme"),
        pytest.param("https://a.example/ b", id="two-words"),
    ],
)
def test_what_is_no_web_address_is_no_link(address: str) -> None:
    """The label stays, the link does not."""
    assert web_address(address) == ""


def test_the_policy_allows_what_is_in_the_page_only(page: Page) -> None:
    """Scripts and styles run by their hashes; nothing is fetched, sent or evaluated."""
    policy = str(page.of("meta")[1]["content"])
    assert policy.startswith("default-src 'none'; script-src '")
    assert "unsafe" not in policy
    assert policy.count("'sha256-") == max(len(page.of("script")) - 1, 0) + len(page.of("style"))
    fetched = [of for _, of in page.tags if "src" in of or "srcset" in of]
    assert not fetched
    assert not page.of("link")
    assert "url(" not in STYLE
    assert "@import" not in STYLE


def _shapes(html: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(tag, tuple(attributes)) for tag, attributes in Page(html).tags]


@PROPERTY
@given(raw=TEXTS)
def test_any_text_is_shown_as_it_is(raw: str) -> None:
    """Whatever the text, it is one text in content and one value in an attribute."""
    template = environment().from_string('<p title="{{ raw }}">{{ raw }}</p><b>{{ raw|name }}</b>')
    page = Page(template.render(raw=raw))
    assert page.tags == [("p", {"title": shown(raw)}), ("b", {})]
    assert page.texts["p"] == [shown(raw)]
    assert len(page.texts["b"][0]) <= 160


@settings(PROPERTY, max_examples=6)  # each draws two pages, which take their time
@given(
    raw=TEXTS,
    count=COUNTS,
    time=TIMES,
    action=st.sampled_from(get_args(ActionKind)),
    direction=st.sampled_from(get_args(Direction)),
    seen=st.datetimes(timezones=st.just(UTC)),
)
def test_any_week_has_a_page(
    raw: str,
    count: int,
    time: float | None,
    action: ActionKind,
    direction: Direction,
    seen: datetime,
) -> None:
    """Texts, counts and times of any kind change what the page says, never what it is made of."""

    def week(raw: str) -> Report:
        run = replace(weeks.record(true=count, expected=0, p95=time), label=raw, branch=raw)
        first = replace(weeks.incident(count, raw, raw), signatures=(raw,), first=run)
        change = replace(weeks.evidence(direction), words=raw)
        kind = replace(weeks.kind(raw, count=count), first_seen=seen, last_run=raw, rule=raw)
        day = DayCell(method=raw, name=raw, day=weeks.TODAY, requests=count, true=count)
        return replace(
            weeks.report([run]),
            headline=f"Fine: then {raw}",
            action_items=(ActionItem(kind=action, sentence=raw, runs=(raw,)),),
            endpoints=(weeks.endpoint(raw, rate=change),),
            kinds=(kind,),
            rules=(weeks.rule(raw),),
            days=(day,),
            incidents=(first, replace(weeks.slower(), owners=(raw,), good=run)),
        )

    html = render_html(week(raw))
    html.encode()
    none_where_empty = {"code", "small", "div"}
    parts = [tag for tag in _shapes(html) if tag[0] not in none_where_empty]
    assert parts == [
        tag for tag in _shapes(render_html(week("x"))) if tag[0] not in none_where_empty
    ]
    assert Page(html).data["datasets"]["marks"][0]["run"] == shown(mask_secrets(raw))
    assert (f'concern">{words.ACTIONS[action]}<' in html) == (action != "incident")


@pytest.mark.parametrize("year", [1, 9999])
@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/Los_Angeles"])
def test_the_ends_of_the_calendar_are_times(year: int, zone: str) -> None:
    """A document may claim any time; a zone's clock may not have it."""
    time = datetime(year, 1, 1, tzinfo=UTC) if year == 1 else datetime(year, 12, 31, 23, tzinfo=UTC)
    assert str(year) in words.when(time, ZoneInfo(zone))


# --- repeatable -----------------------------------------------------------------------------------


def test_the_same_report_is_the_same_page() -> None:
    """The bytes depend on the report only: on no clock, no order of sets, no count of calls."""
    script = (
        "import sys; sys.path[:0] = ['tests', '.']\n"
        "from render.weekly import weeks\n"
        "from loadgate.render.weekly.html import render_html\n"
        "sys.stdout.buffer.write(render_html(weeks.hostile_week()).encode())"
    )
    root = Path(__file__).parents[3]
    other = subprocess.run(
        [sys.executable, "-c", script],
        cwd=root,
        env={"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "PYTHONUTF8": "1"},
        capture_output=True,
        check=True,
    )
    assert other.stdout == html_of("hostile").encode()


@pytest.mark.parametrize("missing", ["altair", "vl_convert"])
def test_without_the_extra_the_page_says_what_to_install(
    missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What draws is optional; who asks for the page without it is told how to get it."""
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(UsageError, match=r"pip install 'loadgate\[report\]'"):
        render_html(weeks.report())


def test_the_page_is_no_larger_than_said() -> None:
    """Most of a page is the script that draws, under one megabyte; a week adds little to it."""
    empty, bad, large = (len(html_of(week).encode()) for week in ("empty", "bad", "large"))
    assert empty < 50_000  # there is nothing to draw
    assert bad < 1_000_000
    assert large < 3_000_000
