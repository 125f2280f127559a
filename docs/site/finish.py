"""What is made from the finished pages: the index of the search, and the map of the site.

Sphinx's own search drops numbers, so it cannot find 409, and ranks a page by how often it has a
word alone. Pagefind is kept well, runs from a wheel, and needs no server.
"""

from __future__ import annotations

import re
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
    # Sphinx types it as any builder; the Makefile asks for this one.
    builder: StandaloneHTMLBuilder = app.builder  # type: ignore[assignment]
    builder.search = False


_HEADING = re.compile(
    r'<section id="([^"]+)">\n(?:<span id="([^"]+)"></span>)?<(h[2-6])>(.*?)</\3>', re.DOTALL
)
_SHORT = re.compile(r'<span class="pre">(?=[^<]{1,24}</span>)')
_LESS = 'data-pagefind-weight="0.1"'


def finished(body: str) -> str:
    """Return a page with its anchors at the headings, where the search looks for them.

    Sphinx puts them at the sections. A heading has the anchor that GitHub gives it, if that is
    another one (`--history`, not `history`); the section keeps its own. In examples a word counts
    less for the search. Words of code that fit into a line of a phone are told from longer ones.
    """

    def heading(found: re.Match[str]) -> str:
        own, github, tag, words = found.groups()
        section = f'<section id="{own}">' if github else "<section>"
        place = github or own
        words = words.replace(f'href="#{own}"', f'href="#{place}"')
        return f'{section}\n<{tag} id="{place}">{words}</{tag}>'

    body = body.replace('<div class="highlight-', f'<div {_LESS} class="highlight-')
    body = _SHORT.sub('<span class="pre short">', body)
    return _HEADING.sub(heading, body)


def description(page: nodes.document) -> str:
    """Return how a page begins, as search engines and previews show it."""
    first = next(page.findall(nodes.paragraph), None)
    words = first.astext().split() if first else []
    return textwrap.shorten(" ".join(words), 160, placeholder=" ...")


def index(app: Sphinx, failed: Exception | None) -> None:
    """Index the pages for the search, and list them for search engines."""
    if failed:
        return
    site = Path(app.outdir)
    shutil.rmtree(site / "pagefind", ignore_errors=True)
    # A hyphen belongs to a word: who asks for --history does not mean the history of something.
    words = ("--exclude-selectors", ".headerlink", "--include-characters=-")
    command = (sys.executable, "-m", "pagefind_bin", "--quiet", "--site", str(site), *words)
    subprocess.run(command, check=True)
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
