"""Sphinx configuration of the documentation site; also writes the reference pages."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import finish  # noqa: E402 - found by the line above
import navigation  # noqa: E402 - as above
import project as beside  # noqa: E402 - as above; Sphinx reads a name `project`
import reference  # noqa: E402 - as above
import tabs  # noqa: E402 - as above

import loadgate  # noqa: E402 - as above
from loadgate import published  # noqa: E402 - as above
from loadgate.schemas import FOLDER  # noqa: E402 - as above

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.application import Sphinx

DOCS = HERE.parent

project = "loadgate"
release = version = loadgate.__version__
# No year: the same pages are to give the same bytes on any day.
project_copyright = "the loadgate authors"
html_last_updated_fmt = None

extensions = ["myst_parser", "notfound.extension", "sphinx_copybutton", "sphinx_inline_tabs"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["site", "images"]
# Anchors of headings as GitHub makes them, so that a link is right in both places, and checked.
myst_heading_anchors = 4
nitpicky = True
# Quotation marks and dots as a printer sets them, but no dashes: --help stays what one types.
smartquotes_action = "qe"

html_theme = "furo"
html_title = "loadgate"
html_baseurl = published.DOCS
html_favicon = "mark.svg"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
html_use_index = False
html_show_sourcelink = False
html_theme_options: dict[str, object] = {"top_of_page_buttons": ["edit"]}
html_additional_pages = {"search": "search.html"}
templates_path = ["templates"]

# A command without its prompt, and without what it prints.
copybutton_exclude = ".linenos, .gp, .go"
# Links of this page must be right at any address that does not exist.
notfound_urls_prefix = urlsplit(published.DOCS).path
notfound_context = {
    "title": "Page not found",
    "body": "<h1>Page not found</h1>\n<p>There is no page at this address."
    f' <a href="{notfound_urls_prefix}search.html">Search</a>, or start from the'
    f' <a href="{notfound_urls_prefix}">first page</a>.</p>',
}


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
    """Let links out of docs/ lead somewhere, and put in what GitHub cannot show."""
    if page.partition("/")[0] not in {"reference", "project"}:
        place = (DOCS / page).parent
        source[0] = beside.relinked(source[0], DOCS, place, f"{page}.md")
    source[0] = tabs.tabbed(source[0])
    if page == "index":
        source[0] += navigation.toctrees(DOCS, reference.below())


def tell(
    _app: Sphinx, page: str, _template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Tell the templates where a page is edited, what it is about, how the search weighs it."""
    source = beside.source(page)
    if source:
        context["theme_source_edit_link"] = f"{published.REPOSITORY}/edit/main/{source}"
    context["search_weight"] = navigation.weight(page, reference.below())
    if doctree is not None:
        context["description"] = finish.description(doctree)
        context["body"] = finish.finished(context["body"])


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
    app.connect("builder-inited", finish.without_sphinx_search)
    app.connect("source-read", adapt)
    app.connect("html-page-context", tell)
    app.connect("build-finished", publish_schemas)
    app.connect("build-finished", finish.index)
