"""Checks of what loadgate wrote: no text became more than a text."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

from action.commands import parse_log
from gfm import page

from .evil import SECRET

LARGEST = 8_000_000
"""Bytes that an output of one small run may have, be its texts as long as they like."""
_TABLE_TAGS = "table thead tbody tr th td"
PAGE_TAGS = frozenset(
    "html head meta title style body main header footer nav section article h1 h2 h3 p a ul ol li dl"
    " dt dd strong em b i code pre span div small abbr time details summary figure figcaption"
    f" noscript script caption colgroup col label input button sup svg {_TABLE_TAGS}".split()
)


def bounded(text: str) -> None:
    """Check what holds for every output: it can be written, is not huge, and shows no secret."""
    assert len(text.encode("utf-8")) < LARGEST
    assert SECRET not in text


def terminal(text: str) -> None:
    """Check that a terminal shows lines of visible characters, and that a runner sees no command."""
    bounded(text)
    for character in set(text) - {"\n"}:
        assert unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}, character
    assert parse_log(text) == []


def github(text: str) -> None:
    """Check that a runner finds one annotation in each line."""
    bounded(text)
    commands = parse_log(text)
    assert len(commands) == len(text.splitlines()) == text.count("\n")
    assert {command.name for command in commands} <= {"error", "warning", "notice"}
    for command in commands:
        assert command.title.startswith("loadgate")


def markdown(text: str) -> None:
    """Check what GitHub would make of it: the shape that was meant, no link, no image."""
    bounded(text)
    assert parse_log(text) == []
    found = page(text)
    assert [*found.links, *found.images] == []


class _Page(HTMLParser):
    """The elements of a page and their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_comment(self, data: str) -> None:
        self.tags.append(f"comment {data[:40]}")

    def handle_decl(self, decl: str) -> None:
        self.tags.append(f"declaration {decl[:40]}")


def junit(text: str) -> None:
    """Check that a strict parser reads it, and finds only elements of JUnit."""
    bounded(text)
    root = ET.fromstring(text)  # noqa: S314 - our own document
    assert {each.tag for each in root.iter()} <= {
        "testsuite", "testcase", "failure", "error", "skipped", "system-out",
    }  # fmt: skip


def sound_json(text: str) -> None:
    """Check that it parses, and that each text in it can be written by any program."""
    bounded(text)
    json.dumps(json.loads(text), ensure_ascii=False).encode("utf-8")


def spreadsheet(text: str) -> None:
    """Check that all rows have as many cells as the first, and that no cell starts a formula."""
    bounded(text)
    csv.field_size_limit(LARGEST)
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert {len(row) for row in rows} == {len(rows[0])}
    for row in rows:
        for cell in row:
            assert not re.match(r"\s*[=+@＝＋＠]|[\t\r]|-\D", cell), cell[:40]


def html(text: str) -> None:
    """Check that a page is made of known elements and that no attribute is a handler of events."""
    bounded(text)
    page = _Page(text)
    known = PAGE_TAGS | {"declaration doctype html", "declaration DOCTYPE html"}
    known |= {"comment  Written by loadgate, which replaces thi"}  # the last line of a file
    assert set(page.tags) <= known, set(page.tags) - known
    assert not [name for name in page.attributes if name.startswith("on")]


def toml(text: str) -> None:
    """Check that it is TOML, without any character that an editor would not show."""
    import tomllib

    bounded(text)
    tomllib.loads(text)
    for character in set(text) - {"\n"}:
        assert unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}, character
