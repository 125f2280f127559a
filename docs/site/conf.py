"""Sphinx configuration of the documentation site; also writes the reference pages."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import navigation  # noqa: E402 - found by the line above
import project as beside  # noqa: E402 - as above; Sphinx reads a name `project`
import reference  # noqa: E402 - as above

import loadgate  # noqa: E402 - as above
from loadgate import published  # noqa: E402 - as above
from loadgate.schemas import FOLDER  # noqa: E402 - as above

if TYPE_CHECKING:
    from sphinx.application import Sphinx

DOCS = HERE.parent

project = "loadgate"
release = version = loadgate.__version__
# No year: the same pages are to give the same bytes on any day.
project_copyright = "the loadgate authors"
html_last_updated_fmt = None

extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["site", "images"]
# Anchors of headings as GitHub makes them, so that a link is right in both places, and checked.
myst_heading_anchors = 4
nitpicky = True

html_theme = "furo"
html_title = "loadgate"
html_favicon = "mark.svg"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
html_use_index = False
html_show_sourcelink = False
html_theme_options: dict[str, object] = {"top_of_page_buttons": []}
templates_path: list[str] = []


def make_pages() -> None:
    """Write the pages that are made from the package or taken over, and remove those of old."""
    made = {f"reference/{name}": text for name, text in reference.pages().items()}
    made |= beside.pages(DOCS)
    for old in (*DOCS.glob("reference/*.md"), *DOCS.glob("project/*.md")):
        if old.relative_to(DOCS).with_suffix("").as_posix() not in made:
            old.unlink()
    for name, text in made.items():
        target = DOCS / f"{name}.md"
        target.parent.mkdir(exist_ok=True)
        if not target.exists() or target.read_text("utf-8") != text:
            target.write_text(text, "utf-8")


def adapt(_app: Sphinx, page: str, source: list[str]) -> None:
    """Let links out of docs/ lead somewhere, and put the contents where GitHub need not show it."""
    if page.partition("/")[0] not in {"reference", "project"}:
        place = (DOCS / page).parent
        source[0] = beside.relinked(source[0], DOCS, place, f"{page}.md")
    if page == "index":
        source[0] += navigation.toctrees(DOCS)


def publish_schemas(app: Sphinx, _problem: Exception | None) -> None:
    """Put each schema where its `$id` says that it is, for editors and SchemaStore."""
    for file in FOLDER.glob("*.json"):
        address = json.loads(file.read_text("utf-8"))["$id"]
        target = Path(app.outdir, address.removeprefix(published.DOCS))
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.read_bytes())


def setup(app: Sphinx) -> None:
    """Make what is made, before Sphinx looks which pages there are."""
    make_pages()
    app.connect("source-read", adapt)
    app.connect("build-finished", publish_schemas)
