"""The site of the documentation: built strictly, complete, quiet, and from nowhere but itself."""

from __future__ import annotations

import html
import json
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
from docs.console import PAGES, ROOT

from loadgate.cli import cli
from loadgate.cli import exit_codes as exits
from loadgate.metrics import METRICS
from loadgate.rules import presets
from loadgate.rules.lint import CODES
from loadgate.status.forms import forms

pytestmark = [
    pytest.mark.prove,
    pytest.mark.skipif(
        find_spec("myst_parser") is None, reason="the dependency group docs is not installed"
    ),
]
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
PATIENCE = 300_000  # milliseconds after which what has not happened never will
BESIDE = ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")
NEW = """# New

A page that leads to [the policy](../SECURITY.md#reporting), [a folder](../rules), [rules](rules.md#rules),
[a file](../loadgate/model.py) and `[no](../link)`.
"""
SCHEMAS = sorted((ROOT / "loadgate" / "schemas").glob("*.json"))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site of a copy of the pages, as `make docs` does."""
    folder = tmp_path_factory.mktemp("site")
    for name in ("docs", "rules"):
        shutil.copytree(
            ROOT / name, folder / name, ignore=shutil.ignore_patterns("reference", "project")
        )
    (folder / "docs" / "nobody-has-listed-it.md").write_text(NEW, "utf-8")
    # What pages link to outside of docs/.
    for name in (
        "loadgate/schemas",
        "loadgate/model.py",
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
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder / "build" / "docs"


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
    assert re.search(r'href="_downloads/\w+/model.py"', page)
    assert ", a folder, " in page
    assert "[no](../link)" in page
    assert 'href="../rules.html' in (site / "project" / "contributing.html").read_text("utf-8")


def test_nothing_comes_from_another_host(site: Path) -> None:
    """No script, style, font or picture; links for people to follow are another matter."""
    looked_at = 0
    for file in site.rglob("*"):
        if file.suffix == ".html":
            text = file.read_text("utf-8")
            loaded = re.findall(r"<(?:script|img|iframe|source)\b[^>]*\bsrc=\"([^\"]*)\"", text)
            loaded += re.findall(r"<link\b[^>]*\bhref=\"([^\"]*)\"", text)
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
        "anyOf", "dependentRequired", "additionalProperties", "propertyNames",
    }  # fmt: skip


def test_every_option_is_on_the_page_of_commands(site: Path) -> None:
    """Of every command, those below `rules` included."""
    text = _text(site, "reference/commands.html")
    seen = 0

    def walk(path: str, command: click.Command) -> None:
        nonlocal seen
        assert f"Usage: {path} " in text
        for option in command.params:
            if isinstance(option, click.Option):
                assert f"{option.opts[0]} " in text, option.opts
                seen += 1
        if isinstance(command, click.Group):
            context = click.Context(command)
            for name in command.list_commands(context):
                inner = command.get_command(context, name)
                assert inner is not None
                walk(f"{path} {name}", inner)

    walk("loadgate", cli)
    assert seen > 40


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


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    """Serve the site on this machine."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Keep the tests' output clean."""

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium")
def test_pages_in_a_browser(site: Path, address: str) -> None:
    """Every page asks only its own host, says nothing on the console, and fits desktop and phone."""
    from playwright.sync_api import sync_playwright

    pages = sorted(page.relative_to(site).as_posix() for page in site.rglob("*.html"))
    asked: list[str] = []
    said: list[str] = []
    with sync_playwright() as started:
        browser = started.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"], timeout=PATIENCE
        )
        page = browser.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(f"{page.url}: {message.text}"))
        page.on("pageerror", lambda error: said.append(f"{page.url}: {error}"))
        for name in pages:
            page.goto(f"{address}/{name}")
            for width in (1280, 390):
                page.set_viewport_size({"width": width, "height": 850})
                assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        page.goto(f"{address}/search.html?q=budget")
        page.wait_for_selector("#search-results li, ul.search li")
        browser.close()
    assert said == []
    assert [url for url in asked if not url.startswith((f"{address}/", "data:"))] == []
    assert len(pages) > 30
