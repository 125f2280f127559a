"""The site of the documentation: built strictly, complete, quiet, and from nowhere but itself."""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click
import pytest
from browsing import PATIENCE, chromium, needs_chromium
from docs.console import PAGES, ROOT
from docs.test_messages_link_to_pages import ADDRESSES
from playwright.sync_api import Browser

import loadgate
from loadgate import published
from loadgate.cli import cli
from loadgate.cli import exit_codes as exits
from loadgate.metrics import METRICS
from loadgate.published import DOCS
from loadgate.rules import presets
from loadgate.rules.lint import CODES
from loadgate.status.forms import forms

pytestmark = [
    pytest.mark.prove,
    pytest.mark.skipif(
        find_spec("pagefind_bin") is None, reason="the dependency group docs is not installed"
    ),
]
BESIDE = ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")
NEW = """# New

A page that leads to [the policy](../SECURITY.md#reporting), [a folder](../rules), [rules](rules.md#rules),
[a file](../loadgate/metrics.py) and `[no](../link)`.
"""
SCHEMAS = sorted((ROOT / "loadgate" / "schemas").glob("*.json"))


def _build(folder: Path, **variables: str) -> Path:
    """Build the site of a copy of the pages in a folder, as `make docs` does."""
    for name in ("docs", "rules"):
        shutil.copytree(
            ROOT / name, folder / name, ignore=shutil.ignore_patterns("reference", "project")
        )
    (folder / "docs" / "nobody-has-listed-it.md").write_text(NEW, "utf-8")
    # What pages link to outside of docs/.
    for name in (
        "loadgate/schemas",
        "loadgate/metrics.py",
        ".github/workflows",
        "templates",
        *BESIDE,
    ):
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if source.is_dir() else shutil.copy)(source, target)
    (line,) = re.findall(r"-m sphinx ((?:.*\\\n)*.*)\n", (ROOT / "Makefile").read_text("utf-8"))
    command = [sys.executable, "-m", "sphinx", *line.replace("\\\n", " ").split()]
    assert {"--nitpicky", "--fail-on-warning"} <= set(command)
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    return folder / "build" / "docs"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site once for all tests that read it."""
    return _build(tmp_path_factory.mktemp("site"))


def test_the_same_pages_give_the_same_site(site: Path, tmp_path: Path) -> None:
    """To the byte, in another folder and on another day: whoever wants can check what is published."""
    again = _build(tmp_path, SOURCE_DATE_EPOCH="1", PYTHONHASHSEED="7", TZ="Asia/Tokyo")

    def files(folder: Path) -> dict[str, bytes]:
        return {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file()
        }

    first, second = files(site), files(again)
    assert sorted(first) == sorted(second)
    assert [name for name in first if first[name] != second[name]] == []
    assert len(first) > 100


def _text(site: Path, page: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", (site / page).read_text("utf-8")))


def _words(text: str) -> str:
    """Return the words: quotation marks, dots and dashes are set as a printer would."""
    return " ".join(re.findall(r"\w+", text))


def test_every_page_is_in_the_navigation(site: Path) -> None:
    """Also one that nobody has put anywhere: a page that cannot be found is not there."""
    index = (site / "index.html").read_text("utf-8")
    for page in PAGES:
        if page.is_relative_to(ROOT / "docs") and page.stem != "index":
            address = page.relative_to(ROOT / "docs").with_suffix(".html").as_posix()
            assert f'class="reference internal" href="{address}"' in index, page.name
    assert 'href="nobody-has-listed-it.html"' in index
    for name in BESIDE:
        assert f'href="project/{name.removesuffix(".md").lower()}.html"' in index
    made = [page.stem for page in (site / "reference").glob("*.html")]
    assert len(made) >= 10
    for name in made:
        assert f'href="reference/{name}.html"' in index


def test_links_out_of_the_pages_lead_somewhere(site: Path) -> None:
    """To a page of the site, to a file that comes along, or they are no links."""
    page = (site / "nobody-has-listed-it.html").read_text("utf-8")
    assert 'href="project/security.html#reporting"' in page
    assert 'href="rules.html#rules"' in page
    assert re.search(r'href="_downloads/\w+/metrics.py"', page)
    assert ", a folder, " in page
    assert "[no](../link)" in page
    assert 'href="../rules.html' in (site / "project" / "contributing.html").read_text("utf-8")


def test_what_messages_and_pages_link_to_is_there(site: Path) -> None:
    """Each page, and in it the section, under the address that the program or README has."""
    shown = "".join(page.read_text("utf-8") for page in PAGES)
    for link in [*ADDRESSES, *re.findall(rf"{DOCS}[\w/-]+\.html(?:#[\w-]+)?", shown)]:
        page, _, section = link.removeprefix(DOCS).partition("#")
        text = (site / (page or "index.html")).read_text("utf-8")
        assert not section or f'id="{section}"' in text, link


def test_nothing_comes_from_another_host(site: Path) -> None:
    """No script, style, font or picture; links for people to follow are another matter."""
    looked_at = 0
    for file in site.rglob("*"):
        if file.suffix == ".html":
            text = file.read_text("utf-8")
            loaded = re.findall(r"<(?:script|img|iframe|source)\b[^>]*\bsrc=\"([^\"]*)\"", text)
            loaded += re.findall(r"<link\b(?! rel=\"canonical\")[^>]*\bhref=\"([^\"]*)\"", text)
            assert [one for one in loaded if re.match(r"(?:[a-z]+:)?//", one)] == [], file
            looked_at += bool(loaded)
        elif file.suffix == ".css":
            text = file.read_text("utf-8")
            assert re.findall(r"(?:@import\s+|url\(\s*)['\"]?(?:[a-z]+:)?//", text) == [], file
    assert looked_at > 20


def _properties(schema: Any) -> Iterator[tuple[str, Any]]:
    """Yield every key that a schema describes, and every keyword that it uses with its value."""
    if isinstance(schema, list):
        for one in schema:
            yield from _properties(one)
    elif isinstance(schema, dict):
        for keyword, value in schema.items():
            yield keyword, value
            if keyword in {"properties", "$defs"}:
                for one in value.values():
                    yield from _properties(one)
            elif keyword in {"items", "oneOf", "anyOf", "additionalProperties", "propertyNames"}:
                yield from _properties(value)


@pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in SCHEMAS])
def test_every_key_of_a_schema_is_on_its_page(site: Path, path: Path) -> None:
    """With what it says of it; and a keyword that is new to the pages is noticed here."""
    text = " ".join(_text(site, f"reference/{path.stem}-schema.html").split())
    found = list(_properties(json.loads(path.read_text("utf-8"))))
    for keyword, value in found:
        if keyword == "properties":
            assert [key for key in value if key not in text] == []
        elif keyword == "description" and "`" not in value:
            assert _words(value) in _words(text), value
    assert {keyword for keyword, _ in found} <= {
        "$schema", "$id", "$ref", "$defs", "title", "description", "type", "properties", "items",
        "prefixItems", "required", "const", "enum", "oneOf", "minimum", "maximum", "exclusiveMaximum", "minLength",
        "maxLength", "minItems", "maxItems", "pattern", "default", "examples",
        # Told by the descriptions: these bind several keys, or the names of keys.
        "anyOf", "dependencies", "additionalProperties", "propertyNames",
    }  # fmt: skip


@pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in SCHEMAS])
def test_every_schema_is_where_it_says(site: Path, path: Path) -> None:
    """Byte for byte, for editors and SchemaStore; its page leads there."""
    address = json.loads(path.read_text("utf-8"))["$id"]
    published_at = site / address.removeprefix(published.DOCS)
    assert published_at.read_bytes() == path.read_bytes()
    page = (site / "reference" / f"{path.stem}-schema.html").read_text("utf-8")
    assert f'href="{address}"' in page


def _commands(path: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    """Yield every command with what one types to call it."""
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield from _commands(f"{path} {name}", inner)


def test_every_option_has_an_anchor_on_the_page_of_its_command(site: Path) -> None:
    """Of every command, those below `rules` included; messages and pages lead there."""
    overview = (site / "reference" / "commands.html").read_text("utf-8")
    seen = 0
    for path, command in list(_commands("loadgate", cli))[1:]:
        page = path.removeprefix("loadgate ").replace(" ", "-")
        assert f'id="{path.replace(" ", "-")}"' in overview
        text = (site / "reference" / f"{page}.html").read_text("utf-8")
        for option in command.params:
            if isinstance(option, click.Option):
                name = max(option.opts, key=len)
                assert f' id="{name}"><code ' in text, name
                assert f'href="#{name}"' in text, name
                seen += 1
    assert seen > 40


def test_options_in_texts_are_as_one_types_them(site: Path) -> None:
    """No dash of a printer in place of the two hyphens, so that one can copy them."""
    looked_at = 0
    for page in site.rglob("*.html"):
        text = page.read_text("utf-8")
        assert re.findall(r"\W[–—][a-z]+", text) == [], page
        looked_at += text.count("--")
    assert looked_at > 1000


def test_anchors_are_unique(site: Path) -> None:
    """Two places with one anchor: who follows a link to the second is at the first."""
    looked_at = 0
    for page in site.rglob("*.html"):
        anchors = re.findall(r"<[^>]* id=\"([^\"]+)\"", page.read_text("utf-8"))
        assert [one for one in set(anchors) if anchors.count(one) > 1] == [], page
        looked_at += len(anchors)
    assert looked_at > 1000


def test_every_key_and_metric_has_an_anchor(site: Path) -> None:
    """Named as the path in a file: `rules.status`."""
    text = (site / "reference" / "rules-schema.html").read_text("utf-8")
    schema = json.loads((ROOT / "loadgate" / "schemas" / "rules.json").read_text("utf-8"))
    for name, part in schema["properties"].items():
        assert f'id="document.{name}" href="#document.{name}"' in text
        for key in part.get("items", {}).get("properties", ()):
            assert f'id="{name}.{key}"' in text
    assert 'id="rules.status"' in text
    metrics = (site / "reference" / "metrics.html").read_text("utf-8")
    assert [name for name in METRICS if f'id="{name}"' not in metrics] == []


def test_a_page_tells_where_it_is_and_is_edited(site: Path) -> None:
    """Search engines, previews and readers; a page that is made has nothing to edit."""
    text = (site / "cookbook.html").read_text("utf-8")
    assert f'<link rel="canonical" href="{published.DOCS}cookbook.html">' in text
    assert f'href="{published.REPOSITORY}/edit/main/docs/cookbook.md"' in text
    assert '<meta name="description" content="Copy a [[rules]] table into your file' in text
    assert '<meta property="og:title" content="Ten rules to copy">' in text
    assert f'<span class="version">{loadgate.__version__}</span>' in text
    assert "/edit/main/CHANGELOG.md" in (site / "project" / "changelog.html").read_text("utf-8")
    assert "/edit/main/" not in (site / "reference" / "check.html").read_text("utf-8")
    listed = (site / "sitemap.xml").read_text("utf-8")
    for page in ("index", "cookbook", "reference/check"):
        assert f"<loc>{published.DOCS}{page}.html</loc>" in listed
    assert "search.html" not in listed


def test_metrics_codes_and_presets_are_listed(site: Path) -> None:
    """Each by its name, and the exit codes with them."""
    metrics = _text(site, "reference/metrics.html")
    assert [name for name in METRICS if f"\n{name}\n" not in metrics] == []
    codes = _text(site, "reference/lint-codes.html")
    assert [code for code in CODES if f"\n{code}\n" not in codes] == []
    ends = _text(site, "reference/exit-codes.html")
    for code in (*exits.WORST_FIRST, exits.INTERRUPTED):
        assert f"\n{code}\n" in ends
    texts = _words(_text(site, "reference/statuses.html"))
    shown = [(form.about, form.examples[:1]) for form in forms("clients")]
    shown += [(form.about, (*form.examples, *form.others)) for form in forms("words")]
    for about, examples in shown:
        for text in (about, *examples):
            assert _words(text) in texts
    told = _text(site, "reference/presets.html")
    for name in presets():
        assert (ROOT / "rules" / f"{name}.toml").read_text("utf-8") in told


BASE = "/loadgate/"
"""Where GitHub Pages serves the site."""


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    """Serve the site on this machine as GitHub Pages does: below a folder, with its 404 page."""

    class Pages(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Keep the tests' output clean."""

        def translate_path(self, path: str) -> str:
            below = path.removeprefix(BASE) if path.startswith(BASE) else "nothing/is/here"
            return super().translate_path(f"/{below}")

        def send_error(self, code: int, *_: object) -> None:
            body = (site / "404.html").read_bytes()
            self.send_response(code)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Pages, directory=str(site))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}{BASE}"
        server.shutdown()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Run one for all tests."""
    with chromium() as started:
        yield started


@needs_chromium
def test_pages_in_a_browser(site: Path, address: str, browser: Browser) -> None:
    """Every page asks only its own host, says nothing on the console, and fits desktop and phone."""
    pages = sorted(page.relative_to(site).as_posix() for page in site.rglob("*.html"))
    asked: list[str] = []
    said: list[str] = []
    page = browser.new_page()
    page.set_default_timeout(PATIENCE)
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(f"{page.url}: {message.text}"))
    page.on("pageerror", lambda error: said.append(f"{page.url}: {error}"))
    for name in pages:
        page.goto(f"{address}{name}")
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 850})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, name
    page.close()
    assert said == []
    assert [url for url in asked if not url.startswith((address, "data:"))] == []
    assert len(pages) > 60


@needs_chromium
@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("409", "cookbook.html"),
        ("StaleDataError", "cookbook.html"),
        ("p95", "latency.html"),
        ("exit code 2", "reference/exit-codes.html"),
        ("--history", "reference/check.html"),
        ("history", "baseline.html"),
        ("status_5xx", "reference/metrics.html"),
        ("--rules", "reference/check.html"),
    ],
)
def test_search_finds_the_page_first(
    address: str, browser: Browser, asked: str, found: str
) -> None:
    """Asked in the box of a page further down: numbers, names, options, sentences."""
    page = browser.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"{address}reference/metrics.html")
    page.fill(".sidebar-search", asked)
    page.press(".sidebar-search", "Enter")
    # The second may be there before the first, in whose place something grey is until then.
    first = page.locator(".pagefind-ui__result >> nth=0").locator(".pagefind-ui__result-link").first
    first.wait_for()
    assert first.get_attribute("href") == f"{BASE}{found}"
    first.click()
    page.wait_for_url(f"{address}{found}*")
    page.close()


@needs_chromium
def test_search_leads_to_the_very_option(address: str, browser: Browser) -> None:
    """Not only to the page of the command, which has twenty."""
    page = browser.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"{address}search.html?q=--strict-rules")
    page.locator(
        f'.pagefind-ui__result a[href="{BASE}reference/check.html#--strict-rules"]'
    ).click()
    page.wait_for_url(f"{address}reference/check.html#--strict-rules")
    page.wait_for_function(
        "Math.abs(document.getElementById('--strict-rules').getBoundingClientRect().top) < 100"
    )
    page.close()


@needs_chromium
def test_search_of_files_says_what_it_needs(site: Path, browser: Browser) -> None:
    """Who built the site opens it from the disk first."""
    page = browser.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"{(site / 'search.html').as_uri()}?q=409")
    page.locator("text=python -m http.server").wait_for()
    page.close()


@needs_chromium
def test_a_page_that_is_not_there_leads_on(address: str, browser: Browser) -> None:
    """At any depth: styles, links and search are found."""
    page = browser.new_page(viewport={"width": 1280, "height": 850})
    page.set_default_timeout(PATIENCE)
    page.goto(f"{address}no/such/page.html")
    assert page.title() == "Page not found - loadgate"
    assert page.locator(".sidebar-drawer").bounding_box() is not None
    sheets = "[...document.styleSheets].map(one => one.cssRules.length)"
    assert all(page.evaluate(sheets))
    page.fill(".sidebar-search", "409")
    page.press(".sidebar-search", "Enter")
    page.wait_for_url(f"{address}search.html?q=409")
    page.locator(".pagefind-ui__result-link").first.wait_for()
    page.close()


@needs_chromium
def test_the_first_screen(address: str, browser: Browser) -> None:
    """Install, one command and the picture, without scrolling; a tab for each way to install."""
    page = browser.new_page(viewport={"width": 1280, "height": 850})
    page.set_default_timeout(PATIENCE)
    page.goto(f"{address}index.html")
    for what in (
        "text=pip install loadgate",
        "text=loadgate check run_stats.csv",
        "img[src$='.svg']",
    ):
        box = page.locator(f"article >> {what} >> visible=true").first.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 850, what
    page.click("label:text-is('uv')")
    assert page.locator("text=uv tool install loadgate").is_visible()
    assert not page.locator("text=pip install loadgate >> nth=0").is_visible()
    page.close()


@needs_chromium
def test_copied_are_commands_alone(address: str, browser: Browser) -> None:
    """Neither prompts nor what is printed; of a command of several lines, all."""
    page = browser.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"{address}tutorial.html")
    page.evaluate(
        "document.execCommand = () => { window.copied = document.activeElement.value ?? getSelection().toString(); return true }"
    )
    page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    block = page.locator(".highlight-console").filter(has_text="sed 's/40%/0.5%/'")
    block.hover()
    block.locator("button.copybtn").click()
    lines = page.evaluate("window.copied").splitlines()
    assert lines[0] == "kill $!"
    assert lines[-1] == "echo $?"
    assert not [line for line in lines if line.startswith(("$", "FAILED", "..."))]
    page.close()
