"""What is made from the finished pages: the index of the search, and the map of the site.

Sphinx's own search drops numbers, so it cannot find 409, and ranks a page by how often it has a
word alone. Pagefind is kept well, runs from a wheel, and needs no server.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from docutils import nodes

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.builders.html import StandaloneHTMLBuilder


def without_sphinx_search(app: Sphinx) -> None:
    """Write no index of Sphinx's own: nothing would read it."""
    builder: StandaloneHTMLBuilder = app.builder  # type: ignore[assignment]
    builder.search = False


def description(page: nodes.document) -> str:
    """Return what a page is about, for search engines and previews: how its first paragraph begins."""
    first = next(page.findall(nodes.paragraph), None)
    words = first.astext().split() if first else []
    return textwrap.shorten(" ".join(words), 160, placeholder=" ...")


def index(app: Sphinx, failed: Exception | None) -> None:
    """Index the pages for the search, and list them for search engines."""
    if failed:
        return
    site = Path(app.outdir)
    shutil.rmtree(site / "pagefind", ignore_errors=True)
    options = ["--quiet", "--site", str(site), "--exclude-selectors", ".headerlink", "--include-characters=-"]
    subprocess.run([sys.executable, "-m", "pagefind", *options], check=True)
    pages = sorted(app.env.found_docs)
    lines = [f"<url><loc>{app.config.html_baseurl}{page}.html</loc></url>" for page in pages]
    text = "\n".join(
        (
            '<?xml version="1.0" encoding="utf-8"?>',
            '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">',
            *lines,
            "</urlset>\n",
        )
    )
    (site / "sitemap.xml").write_text(text, "utf-8")
