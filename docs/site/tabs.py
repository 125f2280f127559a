"""Alternatives that the site shows as tabs; GitHub shows them one below the other."""

from __future__ import annotations

import re

_TABS = re.compile(r"^<!-- tabs -->\n(.*?)^<!-- end of tabs -->\n", re.MULTILINE | re.DOTALL)
_LABEL = re.compile(r"^\*\*(.+)\*\*\n", re.MULTILINE)


def tabbed(text: str) -> str:
    """Return a page with a tab for each line in bold between the comments that begin and end tabs.

    What stands above the first such line stays there.
    """

    def tabs(found: re.Match[str]) -> str:
        above, *rest = _LABEL.split(found[1])
        pairs = zip(rest[::2], rest[1::2], strict=True)
        return above + "".join(f"````{{tab}} {label}\n{inner}````\n\n" for label, inner in pairs)

    return _TABS.sub(tabs, text)
