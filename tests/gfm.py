"""Markdown as GitHub renders it: what a document is made of, and whether that is what was meant."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

from loadgate.published import DOCS

GITHUB = MarkdownIt("gfm-like", {"html": True, "linkify": True})
"""CommonMark with tables, bare links and strike-through."""

OUR_HTML = re.compile(r"<details><summary>[\w ,]+</summary>|</details>")
_STRAY = re.compile(
    r"[`|$\\]|\*|~~|__|\]\(|!\[|@\w|(?<![\w&])#[0-9]|GH-[0-9]|://|www\.|:[a-z0-9_+-]+:|<(?!=)"
    # GitLab: merge requests, labels, milestones, epics, alerts; Jira's issues
    r"|(?<!\w)(?:![0-9]|~\w|%\w|&[0-9]|\^alert)|\b(?!UTF-)[A-Z][A-Z0-9_]+-[0-9]"
)
"""What means something to GitHub or GitLab, or is left of what should have: only for code."""
_QUICK_ACTION = re.compile(r"^\s*/\w", re.MULTILINE)


@dataclass(slots=True, kw_only=True)
class Page:
    """What is on a page, in its order."""

    headings: list[tuple[int, str]] = field(default_factory=list)
    paragraphs: list[str] = field(default_factory=list)
    """Those outside of lists and tables."""
    items: list[str] = field(default_factory=list)
    """Of all lists."""
    tables: list[list[list[str]]] = field(default_factory=list)
    """The cells of each, the header first."""
    codes: list[str] = field(default_factory=list)
    """What stands in code spans."""
    links: list[str] = field(default_factory=list)
    """Those that come from a run."""
    help: list[str] = field(default_factory=list)
    """The links to our own pages."""
    images: list[str] = field(default_factory=list)
    blocks: list[str] = field(default_factory=list)
    """The languages of blocks of code; "" is an indented one."""


def page(text: str) -> Page:
    """Return what is on the page, after checking that no text of a run became part of its shape.

    That is: no mark outside of code, no HTML but folds, no line that runs on into another, no list
    that runs on into another, no row with other cells than its header.
    """
    assert not _QUICK_ACTION.search(text), "GitLab would do that"
    found = Page()
    tokens = GITHUB.parse(text)
    lines = text.split("\n")
    kinds = [token.type for token in tokens]
    for place, token in enumerate(tokens):
        before = kinds[place - 1]
        match token.type:
            case "html_block":
                assert not OUR_HTML.sub("", token.content).strip(), token.content
            case "fence" | "code_block":
                found.blocks.append(token.info)
            case "table_open":
                assert token.map is not None
                _rows_are_whole(lines[slice(*token.map)])
                found.tables.append([])
            case "tr_open":
                found.tables[-1].append([])
            case "paragraph_open" if before == "list_item_open":
                assert token.hidden, f"two lists became one: {tokens[place + 1].content}"
            case "inline":
                shown = _inline(token, found)
                _file(tokens[place - 1], kinds[place - 2], shown, found)
    folds = [token.content for token in tokens if token.type == "html_block"]
    opened = "".join(folds)
    assert opened.count("<details>") == opened.count("</details>")
    levels = [level for level, _ in found.headings]
    assert all(later - sooner <= 1 for sooner, later in pairwise(levels)), levels
    return found


def _file(opening: Token, outer: str, shown: str, found: Page) -> None:
    """Put the text of an element where it belongs."""
    match opening.type:
        case "heading_open":
            found.headings.append((int(opening.tag[1:]), shown))
        case "th_open" | "td_open":
            found.tables[-1][-1].append(shown)
        case "paragraph_open" if outer == "list_item_open":
            found.items.append(shown)
        case "paragraph_open":
            found.paragraphs.append(shown)
        case other:
            raise AssertionError(f"{shown!r} stands in {other}")


def _inline(token: Token, found: Page) -> str:
    """Return the text of a paragraph or cell, and note what it holds."""
    shown = ""
    for part in token.children or []:
        match part.type:
            case "code_inline":
                assert part.content.strip(), token.content
                found.codes.append(part.content)
                shown += part.content
            case "text":
                assert not _STRAY.search(part.content), token.content
                shown += part.content
            case "link_open":
                address = str(part.attrs["href"])
                (found.help if address.startswith(DOCS) else found.links).append(address)
            case "image":
                found.images.append(str(part.attrs["src"]))
            case "strong_open" | "strong_close" | "em_open" | "em_close" | "link_close":
                pass
            case other:  # a line that runs on, HTML, what is struck through
                raise AssertionError(f"{other} in {token.content!r}")
    return shown


def _rows_are_whole(rows: list[str]) -> None:
    """Hold each row of a table to the cells of its header: parsers drop what is too much."""
    cells = [len(re.findall(r"(?<!\\)\|", row)) for row in rows if row]
    assert len(set(cells)) == 1, rows
    # Parsers differ on whether a pipe behind two backslashes ends the cell.
    assert not any(re.search(r"\\\\\|", row) for row in rows), rows
