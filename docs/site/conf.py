"""The pages below docs/ in, the site out: what Sphinx is told, and what is made before it reads."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import navigation  # noqa: E402 - found by the line above
import reference  # noqa: E402 - as above

import loadgate  # noqa: E402 - as above

if TYPE_CHECKING:
    from sphinx.application import Sphinx

DOCS = HERE.parent
MADE = DOCS / "reference"

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


def make_reference() -> None:
    """Write the pages that are made from the package, and remove those that no longer are."""
    MADE.mkdir(exist_ok=True)
    made = reference.pages()
    for old in MADE.glob("*.md"):
        if old.stem not in made:
            old.unlink()
    for name, text in made.items():
        target = MADE / f"{name}.md"
        if not target.exists() or target.read_text("utf-8") != text:
            target.write_text(text, "utf-8")


def add_navigation(_app: Sphinx, page: str, source: list[str]) -> None:
    """Put the table of contents below the first page, where GitHub need not show it."""
    if page == "index":
        source[0] += navigation.toctrees(DOCS)


def setup(app: Sphinx) -> None:
    """Make what is made, before Sphinx looks which pages there are."""
    make_reference()
    app.connect("source-read", add_navigation)
