"""The pages beside docs/ on the site, and the links that lead to them."""

from __future__ import annotations

import os
import re
from pathlib import Path

from loadgate import published

FILES = {
    "CHANGELOG.md": "project/changelog",
    "CONTRIBUTING.md": "project/contributing",
    "SECURITY.md": "project/security",
}
"""Files of the repository's root, and what the site calls them."""

_LINK = re.compile(r"(?<!!)\[([^\]]*)\]\((?![a-z]+:|#)([^)\s#]+)(#[^)\s]*)?\)")

_OWN = re.compile(rf"\]\({re.escape(published.DOCS)}([\w/-]+)\.html")


def source(page: str) -> str:
    """Return the file of the repository that a page of the site is, or nothing if it is made."""
    for file, name in FILES.items():
        if name == page:
            return file
    return "" if page.startswith("reference/") else f"docs/{page}.md"


def pages(docs: Path) -> dict[str, str]:
    """Return the pages that the site takes over from the root, by their names without .md."""
    root = docs.parent
    return {
        name: relinked((root / file).read_text("utf-8"), docs, root, f"{name}.md")
        for file, name in FILES.items()
        if (root / file).exists()
    }


def relinked(text: str, docs: Path, place: Path, page: str) -> str:
    """Return the text of a page with its links as they must be on the site.

    Links are written as they are right in the folder `place`; `page` is what the site calls the
    page. A link to a folder, or to a page that the site does not have, is its text alone. One to
    the published site, for those who read on GitHub, leads to the page as it is built here.
    """

    def link(found: re.Match[str]) -> str:
        words, target, anchor = found[1], found[2], found[3] or ""
        path = Path(os.path.normpath(place / target))
        taken = FILES.get(os.path.relpath(path, docs.parent))
        if taken:
            path = docs / f"{taken}.md"
        elif path.is_dir() or (path.suffix == ".md" and not path.is_relative_to(docs)):
            return words
        to = Path(os.path.relpath(path, (docs / page).parent)).as_posix()
        return f"[{words}]({to}{anchor})"

    def own(found: re.Match[str]) -> str:
        return f"]({os.path.relpath(docs / found[1], place)}.md"

    # Only outside of code, in which brackets and parentheses are what they are.
    parts = re.split(r"(^```.*?^```$|`[^`\n]+`)", text, flags=re.MULTILINE | re.DOTALL)
    parts[::2] = [_LINK.sub(link, _OWN.sub(own, part)) for part in parts[::2]]
    return "".join(parts)
