"""Raw texts and parts of a page in, HTML out; nothing else of the page makes any."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NewType

from loadgate.render import words as wording
from loadgate.text import cut, one_line

Html = NewType("Html", str)
"""Well-formed HTML. Raw text becomes it by `text` alone, which the type checker sees to."""

NOTHING = Html("")
SPACE = Html(" ")
MOST = 1000
"""Rows that a table of the page has at most."""

_COLUMNS = 320  # of a sentence; browsers wrap what is long, but no page needs more of it
_CELL = 160  # of a name or an error text
_LINKS = ("https://", "http://")


def shown(raw: str) -> str:
    """Return a text as all of the page shows it: one line, not endless, not yet escaped."""
    return cut(one_line(raw), _COLUMNS)


def text(raw: str) -> Html:
    """Return a text as HTML that shows it, in content and attributes; the one escape function."""
    return Html(html.escape(shown(raw), quote=True))


def name(raw: str) -> Html:
    """Return the name of a run, which may be as long as people write them."""
    return text(cut(shown(raw), _CELL))


def join(parts: Iterable[Html]) -> Html:
    """Return parts behind one another."""
    return Html("".join(parts))


def element(tag: str, *content: Html, **attributes: str) -> Html:
    """Return an element; `class_="x"` is its class, `aria_label="x"` its aria-label."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{text(value)}"' for key, value in attributes.items()
    )
    return Html(f"<{tag}{written}>{join(content)}</{tag}>")


def code(raw: str) -> Html:
    """Return a name or an error text of a run, kept apart from the writing direction around it."""
    return element("code", name(raw)) if raw.strip() else NOTHING


def small(raw: str) -> Html:
    """Return a remark in smaller, paler letters on a line of its own."""
    return element("small", text(raw)) if raw else NOTHING


def link(label: Html, address: str) -> Html:
    """Return a label that leads to a web address; to anything else it does not lead."""
    address = one_line(address)
    if not address.lower().startswith(_LINKS) or " " in address:
        return label
    safe = Html(html.escape(address, quote=True))
    return Html(f'<a href="{safe}" rel="noopener noreferrer nofollow">{label}</a>')


def items(parts: Sequence[Html], **attributes: str) -> Html:
    """Return a list."""
    return element("ul", *(element("li", part) for part in parts), **attributes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What a table shows; the first cell of each row names it."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Html, ...], ...]
    numbers: frozenset[int] = frozenset()
    """Places of the columns that hold numbers."""
    unfolded: int = 10
    """Rows that are seen at once; the others unfold."""
    left_out: int = 0
    """Rows for which there was no room to begin with."""


def table(of: Table) -> Html:
    """Return a table in a box that scrolls by itself; the rows of a long one are folded."""
    rows = of.rows[:MOST]
    left_out = of.left_out + len(of.rows) - len(rows)
    parts = [_box(of, rows[: of.unfolded], of.name)]
    if rows[of.unfolded :]:
        more = f"{len(rows) - of.unfolded:,} more"
        summary = element("summary", text(more))
        parts.append(element("details", summary, _box(of, rows[of.unfolded :], f"{of.name}, more")))
    if left_out:
        left = f"Left out to save space: {wording.counted(left_out, 'more row')}."
        parts.append(element("p", text(left), class_="note"))
    return join(parts)


def _box(of: Table, rows: Sequence[Sequence[Html]], title: str) -> Html:
    header = element(
        "tr",
        *(
            element("th", text(column), scope="col", **_kind(of, place))
            for place, column in enumerate(of.columns)
        ),
    )
    body = join(
        element(
            "tr",
            element("th", row[0], scope="row"),
            *(element("td", cell, **_kind(of, place)) for place, cell in enumerate(row[1:], 1)),
        )
        for row in rows
    )
    inner = element(
        "table",
        element("caption", text(title)),
        element("thead", header),
        element("tbody", body),
    )
    # A box that scrolls must be reachable by keyboard, and then it needs a name.
    return element("div", inner, class_="box", tabindex="0", role="region", aria_label=title)


def _kind(of: Table, place: int) -> dict[str, str]:
    return {"class_": "number"} if place in of.numbers else {}
