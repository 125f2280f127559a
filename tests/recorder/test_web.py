"""The tab in Locust's web UI, of real runs, in Chromium: from before the start to the verdict."""

from __future__ import annotations

import json
import sys
import urllib.error
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any, Literal, Self
from urllib.request import HTTPCookieProcessor, build_opener

import pytest
from browsing import PATIENCE, chromium, needs_chromium
from e2e.releases import OLDER, Release, environment
from playwright.sync_api import Browser, FrameLocator, Page, expect

from .hostile import ROUNDS
from .runs import Recorded, counting_server, free_port
from .test_recorder import answers, asked
from .test_verdict import loadgate

LIGHT, DARK = "rgb(255, 255, 255)", "rgb(18, 18, 18)"
RULES = """
version = 1
[[rules]]
id = "put-conflict"
endpoint = "PUT /s/409"
status = 409
why = "Of two concurrent changes the later one gets 409."
at_most = "40%"
[[rules]]
id = "post-conflict"
endpoint = "POST /s/409"
status = 409
why = "As above, and the locustfile allows it."
"""
USERS = 4
EACH = USERS * ROUNDS
SUMS = (
    f"{4 * EACH} requests, {2 * EACH} failures = {EACH} expected + {EACH} true (25%);"
    f" {EACH} allowed by the locustfile"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start Chromium once for all pages."""
    with chromium() as started:
        yield started


class WebRun(Recorded):
    """A load test with a web UI."""

    def __init__(self, folder: Path, url: str, python: Path | str = sys.executable) -> None:
        """Start nothing yet."""
        here = Path(__file__).with_name("hostile.py")
        super().__init__(folder, url, python, here)
        (folder / "loadgate.toml").write_text(RULES)
        self.web_port = free_port()
        self.web = f"http://127.0.0.1:{self.web_port}"

    def __enter__(self) -> Self:
        """Run what is started while the block runs."""
        return self

    def __exit__(self, *_: object) -> None:
        """Leave no process behind, be the test failed."""
        for process in self.processes:
            process.kill()
            process.wait()

    def serve(self, *words: str, workers: int = 0) -> None:
        """Start Locust and wait for its web UI."""
        role = ["--master", "--master-bind-host=127.0.0.1", f"--master-bind-port={self.port}"]
        self.start(
            "--web-host=127.0.0.1", f"--web-port={self.web_port}", *words,
            "--loadgate-threshold=true_failure_rate <= 10%", *(role if workers else []),
        )  # fmt: skip
        for _ in range(workers):
            self.start("--worker", f"--master-port={self.port}")
        self.until(lambda: answers(self.web), "no web UI")
        if workers:
            self.until(lambda: len(self.stats()["workers"]) == workers, "no workers")

    def swarm(self) -> None:
        """Start the load test, and wait until the users make no more requests."""
        asked(self.web, "/swarm", user_count=str(USERS), spawn_rate=str(USERS))
        self.all_done(USERS)
        # Locust keeps what it says for some seconds; a page that is told "ready" never asks again.
        self.until(lambda: self.stats()["state"] == "running", "it does not run")

    def stats(self) -> dict[str, Any]:
        """Return what Locust tells its own page."""
        document: dict[str, Any] = json.loads(asked(self.web, "/stats/requests"))
        return document

    def told(self) -> dict[str, Any]:
        """Return what the page is told."""
        document: dict[str, Any] = json.loads(asked(self.web, "/loadgate/verdict.json"))
        return document

    def checked(self) -> Any:
        """Return what `loadgate check` says of the recording."""
        words = ("--threshold", "true_failure_rate <= 10%", "--output", "json")
        return json.loads(
            loadgate(self.folder, "check", "loadgate-run.loadgate.json.gz", *words).stdout
        )


class Opened:
    """A page of the web UI, and what it did that it should not."""

    def __init__(
        self, browser: Browser, url: str, width: int, scheme: Literal["light", "dark"]
    ) -> None:
        """Open it."""
        context = browser.new_context(viewport={"width": width, "height": 850}, color_scheme=scheme)
        context.set_default_timeout(PATIENCE)
        self.width = width
        self.said: list[str] = []
        self.asked: list[str] = []
        context.on("console", lambda message: self.said.append(message.text))
        context.on("weberror", lambda error: self.said.append(str(error.error)))
        context.on("request", lambda request: self.asked.append(request.url))
        self.page: Page = context.new_page()
        self.page.goto(url)

    @property
    def frame(self) -> FrameLocator:
        """The tab's content."""
        return self.page.frame_locator("iframe[title=loadgate]")

    def says(self, text: str) -> None:
        """Wait until it stands in the tab."""
        expect(self.frame.locator("main")).to_contain_text(text, timeout=PATIENCE)

    def fits(self, page: Page) -> None:
        """Nothing runs, and nothing is wider than the screen."""
        for each in page.frames:
            assert each.evaluate("window.canary") is None
            assert each.evaluate("document.documentElement.scrollWidth") <= self.width

    def close(self, url: str) -> None:
        """It said nothing on the console, and asked nobody else."""
        assert self.said == []
        assert [each for each in self.asked if not each.startswith((url, "data:"))] == []
        self.page.context.close()


@needs_chromium
@pytest.mark.parametrize(
    ("width", "scheme", "workers"),
    [
        (1280, "light", 0),
        (390, "dark", 2),
        pytest.param(1280, "dark", 2, marks=pytest.mark.prove),
        pytest.param(390, "light", 0, marks=pytest.mark.prove),
    ],
)
def test_a_run_in_the_tab(
    browser: Browser, tmp_path: Path, width: int, scheme: Literal["light", "dark"], workers: int
) -> None:
    """What will judge it, the verdict as of now, and the final one, which is that of `check`."""
    with counting_server() as server, WebRun(tmp_path, server.url) as run:
        run.serve(workers=workers)
        opened = Opened(browser, run.web, width, scheme)
        page = opened.page
        with page.expect_popup() as popup:
            page.get_by_text("loadgate: what the run is judged by").click()
        before = popup.value
        main = expect(before.locator("main"))
        for text in (
            "The run has not started",
            "true_failure_rate <= 10%",
            "put-conflict",
            "at most 40%",
        ):
            main.to_contain_text(text, timeout=PATIENCE)
        opened.fits(before)
        before.close()

        run.swarm()
        page.reload()
        page.get_by_role("tab", name="loadgate").click()
        opened.says(SUMS)
        for text in ("FAILED as of now", "100% of at most 40%", "</script><img"):
            opened.says(text)
        ground = expect(opened.frame.locator("body"))
        ground.to_have_css("background-color", LIGHT if scheme == "light" else DARK)
        opened.fits(page)
        height = "document.querySelector('iframe').offsetHeight"
        assert page.evaluate(height) >= page.frames[1].evaluate("document.body.scrollHeight")
        expect(page.get_by_text("what the run is judged by")).to_be_hidden()
        if width > 1000:  # else the switch is in a menu
            page.locator("header button").last.click()
            other = DARK if scheme == "light" else LIGHT
            ground.to_have_css("background-color", other, timeout=PATIENCE)

        page.get_by_role("tab", name="Own", exact=True).click()  # another's, which stays
        expect(page.locator("iframe")).to_have_count(0)
        page.get_by_role("tab", name="loadgate").click()
        asked(run.web, "/stop", now="1")
        expect(opened.frame.locator("h1")).to_have_text("FAILED", timeout=PATIENCE)
        opened.says(SUMS)
        told = run.told()
        assert (told["phase"], told["problem"]) == ("ended", "")
        assert told["result"] == run.checked()
        opened.close(run.web)
        run.processes[0].terminate()
        assert run.wait() == 1
    assert SUMS in " ".join(run.log.read_text("utf-8").split())


@needs_chromium
@pytest.mark.prove
@pytest.mark.parametrize("release", OLDER[3:], ids=lambda release: release.version)
def test_older_locusts(browser: Browser, tmp_path: Path, release: Release) -> None:
    """The tab where the web UI has tabs of others, else the page alone, with a link to it."""
    python = environment(release)
    with counting_server() as server, WebRun(tmp_path, server.url, python) as run:
        run.serve()
        run.swarm()
        opened = Opened(browser, run.web, 1280, "light")
        if release.version == "2.15.1":
            with opened.page.expect_popup() as popup:
                opened.page.get_by_text("loadgate: what the run is judged by").click()
            expect(popup.value.locator("main")).to_contain_text(SUMS, timeout=PATIENCE)
        else:
            opened.page.get_by_role("tab", name="loadgate").click()
            opened.says(SUMS)
            opened.close(run.web)
        run.processes[0].terminate()
        run.wait()
    assert f"The verdict as of now: {run.web}/loadgate" in run.log.read_text("utf-8")


def test_a_login_and_a_base_path(tmp_path: Path) -> None:
    """Nothing of it is seen without the login that Locust's own page wants."""
    with WebRun(tmp_path, "http://127.0.0.1:1") as run:
        words = ["--web-login", "--web-base-path=/base"]
        run.start("--web-host=127.0.0.1", f"--web-port={run.web_port}", *words)
        run.until(lambda: answers(f"{run.web}/base"), "no web UI")
        client = build_opener(HTTPCookieProcessor(CookieJar()))

        def got(path: str) -> tuple[str, str]:
            with client.open(f"{run.web}{path}", timeout=60) as answer:
                return answer.url.removeprefix(run.web), answer.read().decode()

        paths = [
            f"/base/loadgate{path}"
            for path in ("", "/page.js", "/page.css", "/tab.js", "/verdict.json")
        ]
        for path in ("/base/", *paths):
            assert got(path)[0].startswith("/base/login?next=")
        assert got("/enter")[1] == "welcome"
        for path in paths:
            assert got(path)[0] == path
        assert '<script src="./loadgate/tab.js">' in got("/base/")[1]
        assert json.loads(got("/base/loadgate/verdict.json")[1])["phase"] == "before"
        with pytest.raises(urllib.error.HTTPError, match="404"):
            got("/loadgate")
        run.processes[0].terminate()
        run.wait()


def test_a_web_ui_without_a_place_for_it(tmp_path: Path) -> None:
    """A user's own page has the name: it stays, and the run is judged all the same."""
    (tmp_path / "own.py").write_text(OWN)
    with counting_server() as server, WebRun(tmp_path, server.url) as run:
        run.start(
            "-f", f"{tmp_path / 'own.py'},{Path(__file__).with_name('hostile.py')}",
            "--web-host=127.0.0.1", f"--web-port={run.web_port}", "--autostart", f"-u{USERS}", f"-r{USERS}",
        )  # fmt: skip
        run.until(lambda: answers(run.web), "no web UI")
        run.all_done(USERS)
        assert asked(run.web, "/loadgate") == b"mine"
        run.processes[0].terminate()
        assert run.wait() == 1
    log = run.log.read_text("utf-8")
    assert "The web UI has no page of the verdict: ValueError" in log
    assert SUMS in " ".join(log.split())


OWN = """
from flask import Blueprint
from locust import env

made = env.Environment.create_web_ui

def create_web_ui(self, *args, **kwargs):
    ui = made(self, *args, **kwargs)
    own = Blueprint("loadgate", "own")
    own.add_url_rule("/loadgate", "own", lambda: "mine")
    ui.app.register_blueprint(own)
    return ui

env.Environment.create_web_ui = create_web_ui
"""
