"""The page of the verdict, as the web UI serves it and Chromium shows it, of made-up documents."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import builders
import pytest
from browsing import PATIENCE, chromium, needs_chromium
from flask import Flask, Response
from playwright.sync_api import Browser, Page, Route, expect

from loadgate.document.write import as_document
from loadgate.masked import mask_verdict
from loadgate.model import Verdict
from loadgate.recorder import web
from loadgate.recorder.file import RecordingFile
from loadgate.recorder.options import Options
from loadgate.recorder.run import Run
from loadgate.recorder.web import Answers, add_page, offer

SITE = "http://locust.test"
HOSTILE = """</script><img src=x onerror="window.canary=1">\u202e\u2028\x1b[31m'"`"""
LIGHT, DARK = "rgb(255, 255, 255)", "rgb(18, 18, 18)"
INDEX = "<html><body><p>Locust</p></body></html>"


@dataclass
class WebUI:
    """As Locust's."""

    app: Flask
    host: str = ""
    port: int = 8089
    allowed: bool = True

    def auth_required_if_enabled(self, view: Callable[[], Response]) -> Callable[[], Response]:
        """Demand a login."""
        return lambda: view() if self.allowed else Response("log in", status=401)


def web_ui(path: str = "/", index: str = INDEX) -> WebUI:
    """Return one with its own page at a path."""
    app = Flask("locust")
    app.add_url_rule(path, "locust.index", lambda: index)
    app.add_url_rule("/report", "report", lambda: index)
    return WebUI(app)


def answer(verdict: Verdict | None = None, phase: str = "running", problem: str = "") -> bytes:
    """Return what the page asks for."""
    result = None if verdict is None else as_document(mask_verdict(verdict))
    return json.dumps({"phase": phase, "result": result, "problem": problem}).encode()


# --- as it is served ------------------------------------------------------------------------------


def test_it_is_served_without_what_it_does_not_need() -> None:
    """Nothing inline, nothing of other hosts, nothing kept."""
    ui = web_ui()
    assert add_page(ui, answer) == "http://localhost:8089/loadgate"
    client = ui.app.test_client()
    for path, kind in {
        "": "text/html",
        "/page.css": "text/css",
        "/page.js": "text/javascript",
        "/tab.js": "text/javascript",
        "/verdict.json": "application/json",
    }.items():
        got = client.get(f"/loadgate{path}")
        assert (got.status_code, got.mimetype) == (200, kind)
        policy = got.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self';")
        assert "unsafe" not in policy
        assert got.headers["X-Content-Type-Options"] == "nosniff"
        assert got.headers["Cache-Control"] == "no-store"


def test_the_script_of_the_tab_is_in_locusts_page_alone() -> None:
    """Behind everything else; pages without an end, and all others, are left as they are."""
    ui = web_ui()
    add_page(ui, answer)
    client = ui.app.test_client()
    script = '<script src="./loadgate/tab.js"></script>'
    assert client.get("/").text == INDEX.replace("</body>", f"{script}</body>")
    assert client.get("/report").text == INDEX
    ui = web_ui(index="an error")
    add_page(ui, answer)
    assert ui.app.test_client().get("/").text == "an error"


def test_it_wants_a_login_where_locust_does() -> None:
    """All of it, at once when Locust does."""
    ui = web_ui()
    asked: list[int] = []

    def told() -> bytes:
        asked.append(1)
        return b"{}"

    add_page(ui, told)
    ui.allowed = False
    client = ui.app.test_client()
    for path in ("", "/page.css", "/page.js", "/tab.js", "/verdict.json"):
        assert client.get(f"/loadgate{path}").status_code == 401
    assert asked == []
    ui.allowed = True
    assert client.get("/loadgate/verdict.json").data == b"{}"
    assert asked == [1]


@pytest.mark.parametrize(
    ("path", "host", "address"),
    [
        ("/base/", "0.0.0.0", "http://localhost:8089/base/loadgate"),  # noqa: S104
        ("/", "::", "http://localhost:8089/loadgate"),
        ("/", "::1", "http://[::1]:8089/loadgate"),
        ("/", "load.example.com", "http://load.example.com:8089/loadgate"),
    ],
)
def test_its_address(path: str, host: str, address: str) -> None:
    """Below the base path of the web UI, as somebody on this machine may follow it."""
    ui = web_ui(path)
    ui.host = host
    assert add_page(ui, answer) == address
    assert ui.app.test_client().get(f"{path}loadgate").status_code == 200


# --- what it is told ------------------------------------------------------------------------------


class Beside:
    """As Live, the process that judges a run while it is on."""

    problem: str | None = None
    found = True

    def look(self, _: Run) -> Any:
        """Return what was found."""
        return SimpleNamespace(text=b'{"of": "now"}\n') if self.found else None


@dataclass
class Told:
    """Answers about a run in a folder, and how often they took a process."""

    monkeypatch: pytest.MonkeyPatch
    folder: Path
    live: Any = field(default_factory=Beside)
    judged: list[bool] = field(default_factory=list)
    run: Run | None = None
    result: tuple[str, str] = ('{"of": "check"}', "")

    def __post_init__(self) -> None:
        """Nothing has begun."""

        def result_of(options: Options, folder: str, *, partial: bool) -> tuple[str, str]:
            assert (options.file, folder) == ("run.gz", "folder")
            self.judged.append(partial)
            return self.result

        self.monkeypatch.setattr(web, "result_of", result_of)
        self._answers = Answers(Options(file="run.gz"), "folder", self.live, lambda: self.run)

    def begin(self, *, started: bool) -> Run:
        """Begin a recording."""
        file = RecordingFile(str(self.folder / "run.gz"))
        self.run = Run(file, "2.47.0", started=started)
        return self.run

    def now(self) -> tuple[str, Any, str]:
        """Return phase, result and problem."""
        told = json.loads(self._answers.now())
        assert sorted(told) == ["phase", "problem", "result"]
        return told["phase"], told["result"], told["problem"]


def test_it_is_told_the_verdict_of_check(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Before the start and at the end, once each; in between that of the process beside Locust."""
    told = Told(monkeypatch, tmp_path)
    assert told.now() == ("before", None, "there is no recording yet")
    told.begin(started=False)
    check, now = {"of": "check"}, {"of": "now"}
    assert told.now() == told.now() == ("before", check, "")
    assert told.judged == [True]
    for number in (1, 2):
        run = told.begin(started=True)
        assert told.now() == told.now() == ("running", now, "")
        run.finish(None)
        assert told.now() == told.now() == ("ended", check, "")
        assert told.judged == [True, *[False] * number]
    told.begin(started=True).finish(None)
    told.result = ("", "not finished")
    assert told.now() == ("ended", None, "not finished")
    assert run is not told.run
    assert told.run is not None
    told.run.finish(None)  # requests of other listeners came behind
    told.result = ('{"of": "later"}', "")
    assert told.now() == ("ended", {"of": "later"}, "")


def test_it_is_told_why_there_is_no_verdict(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A recorder that failed, a process that cannot judge, a file of another run."""
    told = Told(monkeypatch, tmp_path)
    run = told.begin(started=True)
    told.live.found = False
    assert told.now() == ("running", None, "nothing of this run is in run.gz")
    told.live.problem = "it ended"
    assert told.now() == ("running", None, "it ended")
    run.fail("the disk is full")
    run.fail("again")
    problem = "the recording is incomplete: the disk is full; again"
    assert told.now() == ("running", None, problem)
    told.live.found = True
    assert told.now() == ("running", {"of": "now"}, problem)
    assert told.judged == []


def test_a_web_ui_that_has_no_place_for_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """One of another kind, or one that answers already: the run goes on without the page."""
    told = Told(monkeypatch, tmp_path)
    caplog.set_level("INFO", "loadgate")
    answers = Answers(Options(), "folder", told.live, lambda: None)
    for ui in (WebUI(Flask("locust")), SimpleNamespace()):
        offer(ui, answers)
        assert caplog.messages[-1].startswith("The web UI has no page of the verdict: ")
    ui = web_ui()
    offer(ui, answers)
    assert caplog.messages[-1] == "The verdict as of now: http://localhost:8089/loadgate"
    told_twice = len(caplog.messages)
    ui.app.test_client().get("/")
    offer(ui, answers)
    assert len(caplog.messages) == told_twice + 1


# --- as a browser shows it ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start Chromium once for all pages."""
    with chromium() as started:
        yield started


@dataclass
class Shown:
    """A page that asks for answers."""

    page: Page
    answers: list[bytes]
    """The last of them is given again and again; none: Locust does not answer."""
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def text(self) -> str:
        """Return what is to be read."""
        return self.page.inner_text("main")


def show(browser: Browser, *answers: bytes, width: int = 1280) -> Shown:
    """Open the page and wait for the first answer."""
    context = browser.new_context(viewport={"width": width, "height": 850})
    context.set_default_timeout(PATIENCE)
    shown = Shown(context.new_page(), list(answers))
    ui = web_ui()
    add_page(ui, lambda: shown.answers.pop(0) if len(shown.answers) > 1 else shown.answers[0])
    client = ui.app.test_client()

    def fulfill(route: Route) -> None:
        shown.asked.append(route.request.url)
        if not shown.answers:
            route.abort()
            return
        got = client.get(route.request.url.removeprefix(SITE))
        route.fulfill(status=got.status_code, headers=dict(got.headers), body=got.data)

    context.route("**/*", fulfill)
    shown.page.on("console", lambda message: shown.said.append(message.text))
    shown.page.on("pageerror", lambda error: shown.said.append(str(error)))
    shown.page.goto(f"{SITE}/loadgate")
    shown.page.wait_for_selector("h1")
    return shown


def failed() -> Verdict:
    """Return a verdict with one of everything."""
    tools = builders.endpoint_result(requests=1000, expected=300, true=20)
    pay = builders.endpoint_result("/pay", requests=0, expected=0, true=5)
    budget = builders.rule(at_most="25%", expires=date(2026, 12, 1))
    return builders.verdict(
        builders.check("p95 <= 800ms", actual="810ms", result="failed"),
        builders.check("true_failure_rate <= 1%", actual="1.0001%", result="failed", severity="warning"),
        builders.check("failures <= 500", actual="325"),
        builders.check("p95 <= 900ms every 10s", actual="9ms", span=("10", "20")),
        builders.check("rps >= 100", actual=None, result="missing", note="no history"),
        builders.check("duration >= 60s", actual=None, result="not-enough-data", endpoint=""),
        builders.check("p95 <= baseline + 10%", actual="100ms", limit="110ms", baseline="100ms"),
        builders.check("expected_failure_rate <= 25%", actual="30%", result="failed", rule="state-conflict", endpoint="POST /a"),
        builders.check("expected_failure_rate <= 25%", actual="5%", rule="state-conflict", endpoint="POST /b"),
        builders.check("expected_failure_rate <= 0%", actual="0%", rule="state-conflict", endpoint="POST /c"),
        outcome="failed",
        of=builders.classification(
            of=builders.run(task_exceptions=1),
            endpoints=[tools, pay],
            failures=[
                builders.failure_kind(count=300),
                builders.failure_kind("sold out", status=None, decision="true", count=3, rule=None),
                builders.failure_kind("gone", status=None, decision="true", count=10, rule=None),
                builders.failure_kind("", likely=503, decision="true", count=7, rule=None),
            ],
            rules=[
                builders.rule_result(budget, matched=300, expiring=True),
                builders.rule_result(builders.rule("no-budget"), matched=0, state="expired"),
                builders.rule_result(builders.rule("carve-out", excuses=False), matched=0, state="idle"),
            ],
            warnings=("a first warning",),
        ),
    )  # fmt: skip


@needs_chromium
@pytest.mark.parametrize("width", [320, 390, 740, 1280])
def test_everything_is_told(browser: Browser, width: int) -> None:
    """Sums, limits with what is actual, budgets with how much is used, failures by status."""
    shown = show(browser, answer(failed()), width=width)
    page = shown.page
    assert page.inner_text("h1") == "FAILED as of now"
    text = shown.text()
    for told in (
        "3 of 10 checks failed, 1 skipped (not enough data), 1 warning",
        "1,000 requests, 325 failures = 300 expected + 25 true (2.5%); 1 task exception",
        "The run is on. This is what the verdict would be if it ended now.",
        "810 ms",
        "1.0001%",  # in as many digits as show that it is over the limit
        "no history",
        "all endpoints",
        "limit 110 ms, baseline 100 ms",
        "30% of at most 25%",
        "5% of at most 25%",
        "503?",
        "(empty error text)",
        "gone",
        "expires on 2026-12-01",
        "counts as a failure",
        "no budget",
        "a first warning",
        "loadgate.toml",
    ):
        assert told in text
    assert "sold out" not in text  # of two texts the more frequent one
    marks = page.locator("section").nth(0).locator(".mark").all_inner_texts()
    assert marks == ["FAILED", "FAILED", "warning", "skipped", "passed", "passed", "passed"]
    meters = page.locator("meter")
    values = [meters.nth(place).evaluate("it => [it.value, it.className]") for place in range(3)]
    assert values == [[1, "over"], [0.2, ""], [0, ""]]
    statuses = page.locator("section", has_text="by endpoint and status").locator("tbody tr")
    assert statuses.count() == 3
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert shown.said == []
    assert all(url.startswith(SITE) for url in shown.asked)
    page.context.close()


@needs_chromium
@pytest.mark.parametrize("width", [390, 1280])
def test_hostile_texts_are_texts(browser: Browser, width: int) -> None:
    """Wherever they stand, and however long they are."""
    long = HOSTILE + "x" * 5000
    verdict = builders.verdict(
        builders.check(endpoint=long, note=long),
        builders.check("expected_failure_rate <= 25%", rule=HOSTILE, endpoint=long),
        of=builders.classification(
            of=builders.run(label=HOSTILE),
            origins=(long,),
            endpoints=[builders.endpoint_result(long, method=HOSTILE)],
            failures=[
                builders.failure_kind(
                    long, name=long, method=HOSTILE, decision="true", rule=HOSTILE
                )
            ],
            rules=[builders.rule_result(builders.rule(HOSTILE, why=long))],
            warnings=(long,),
        ),
    )
    for given in (answer(verdict), answer(verdict, "before"), answer(problem=long)):
        shown = show(browser, given, width=width)
        assert "onerror" in shown.text()
        assert shown.page.locator("main img, main script").count() == 0
        assert shown.page.evaluate("window.canary") is None
        assert shown.page.evaluate("document.documentElement.scrollWidth") <= width
        assert shown.said == []
        shown.page.context.close()


@needs_chromium
def test_steering_characters_are_dropped(browser: Browser) -> None:
    """A text cannot turn what stands beside it around."""
    name = "/a\u202eb\u200bc\x07d\u2066"
    verdict = builders.verdict(
        of=builders.classification(endpoints=[builders.endpoint_result(name)])
    )
    for given in (answer(verdict), answer(problem=f"POST {name}\n  what to do")):
        shown = show(browser, given)
        assert "POST /a b c d" in shown.text()
        assert not {"\u202e", "\u200b", "\u2066", "\x07"} & set(shown.page.content())
        shown.page.context.close()


@needs_chromium
def test_a_long_table_is_cut_and_counted(browser: Browser) -> None:
    """Of thousands of endpoints the first are shown."""
    rows = [builders.endpoint_result(f"/{number}", expected=1) for number in range(3000)]
    verdict = builders.verdict(
        of=builders.classification(endpoints=rows, warnings=tuple(map(str, range(3000))))
    )
    shown = show(browser, answer(verdict))
    assert "and 2,900 more endpoints" in shown.text()
    assert shown.page.locator("tr").count() < 120
    assert shown.page.locator("li").count() == 101
    shown.page.context.close()


@needs_chromium
def test_from_before_the_start_to_the_end(browser: Browser) -> None:
    """The page follows the run."""
    nothing = builders.verdict(outcome="no-evidence", of=builders.classification(endpoints=[]))
    shown = show(
        browser,
        answer(nothing, "before"),
        answer(nothing),
        answer(failed()),
        answer(builders.verdict(), "ended"),
        answer(problem="the run did not finish"),
    )
    page = shown.page
    assert page.inner_text("h1") == "The run has not started"
    assert "true_failure_rate <= 0.1%" in shown.text()
    assert "ACTUAL" not in shown.text().upper()
    for heading in ("NO EVIDENCE as of now", "FAILED as of now", "PASSED", "NO VERDICT"):
        expect(page.locator("h1")).to_have_text(heading, timeout=PATIENCE)
    assert page.inner_text("pre") == "the run did not finish"
    assert shown.said == []
    page.context.close()


@needs_chromium
def test_a_locust_that_is_gone(browser: Browser) -> None:
    """What it said last stays, and that it is old."""
    shown = show(browser, answer(failed()))
    last, shown.answers = shown.answers, []
    shown.page.wait_for_selector("text=No news from Locust")
    assert "FAILED as of now" in shown.text()
    shown.answers = last
    shown.page.wait_for_selector("text=No news from Locust", state="hidden")
    shown.page.context.close()


@needs_chromium
def test_who_copies_a_text_keeps_it(browser: Browser) -> None:
    """The page waits until nothing is selected any more."""
    shown = show(browser, answer(failed()), answer(failed()))
    shown.page.evaluate("getSelection().selectAllChildren(document.querySelector('h1'))")
    shown.answers = [answer(builders.verdict(), "ended")]
    asked = len(shown.asked)
    shown.page.wait_for_timeout(100)
    while len(shown.asked) < asked + 2:
        shown.page.wait_for_timeout(100)
    assert shown.page.inner_text("h1") == "FAILED as of now"
    shown.page.evaluate("getSelection().removeAllRanges()")
    expect(shown.page.locator("h1")).to_have_text("PASSED", timeout=PATIENCE)
    shown.page.context.close()


@needs_chromium
def test_light_and_dark_as_chosen_in_locust(browser: Browser) -> None:
    """Locust keeps its choice where the page looks; without one the system's counts."""
    shown = show(browser, answer(failed()))
    page = shown.page
    ground = expect(page.locator("body"))
    ground.to_have_css("background-color", LIGHT, timeout=PATIENCE)
    page.emulate_media(color_scheme="dark")
    ground.to_have_css("background-color", DARK, timeout=PATIENCE)
    other = page.context.new_page()
    other.goto(f"{SITE}/loadgate")
    for theme, color in {"light": LIGHT, "dark": DARK}.items():
        other.evaluate(f"localStorage.theme = '{theme}'")
        ground.to_have_css("background-color", color, timeout=PATIENCE)
    assert shown.said == []
    page.context.close()
