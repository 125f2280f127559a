"""Checks of what loadgate wrote: no text became more than a text."""

from __future__ import annotations

import csv
import io
import json
import re
import tomllib
import unicodedata
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

from action.commands import parse_log
from gfm import page

from .evil import SECRET

LARGEST = 8_000_000
"""Bytes that an output of one small run may have, be its texts as long as they like."""
PAGE_TAGS = frozenset(
    "html head meta title style body main header footer nav section article h1 h2 h3 p a ul ol li dl"
    " dt dd strong em b i code pre span div small abbr time details summary figure figcaption"
    " noscript script caption colgroup col label input button sup svg defs pattern path table thead tbody tr th td".split()
)
JUNIT_TAGS = {"testsuite", "testcase", "failure", "error", "skipped", "system-out"}
_LAST_LINE = " Written by loadgate, which replaces this file. "


def bounded(text: str) -> None:
    """Check what holds for every output: it can be written, is not huge, and shows no secret."""
    assert len(text.encode("utf-8")) < LARGEST
    assert SECRET not in text


def visible(text: str) -> None:
    """Check that it is made of lines of visible characters."""
    bounded(text)
    for character in set(text) - {"\n"}:
        assert unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}, character


def terminal(text: str) -> None:
    """Check that a runner sees no command in what a terminal shows, either."""
    visible(text)
    assert parse_log(text) == []


def toml(text: str) -> None:
    """Check that it is TOML, without any character that an editor would not show."""
    visible(text)
    tomllib.loads(text)


def github(text: str) -> None:
    """Check that a runner finds one annotation in each line."""
    bounded(text)
    commands = parse_log(text)
    assert len(commands) == len(text.splitlines()) == text.count("\n")
    for command in commands:
        assert command.name in {"error", "warning", "notice"}
        assert command.title.startswith("loadgate")


def markdown(text: str) -> None:
    """Check what GitHub would make of it: the shape that was meant, no link, no image."""
    bounded(text)
    assert parse_log(text) == []
    found = page(text)
    assert [*found.links, *found.images] == []


def junit(text: str) -> None:
    """Check that a strict parser reads it, and finds only elements of JUnit."""
    bounded(text)
    root = ET.fromstring(text)  # noqa: S314 - our own document
    assert {each.tag for each in root.iter()} <= JUNIT_TAGS


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
    for cell in (cell for row in rows for cell in row):
        assert not re.match(r"\s*[=+@＝＋＠]|[\t\r]|-\D", cell), cell[:40]


class _Known(HTMLParser):
    """Stops at an element that no page has, at a comment, and at a handler of events."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in PAGE_TAGS
        assert not [name for name, _ in attrs if name.startswith("on")]

    def handle_comment(self, data: str) -> None:
        assert data == _LAST_LINE

    def handle_decl(self, decl: str) -> None:
        assert decl.lower() == "doctype html"


def html(text: str) -> None:
    """Check that a page is made of known elements and that no attribute is a handler of events."""
    bounded(text)
    parser = _Known()
    parser.feed(text)
    parser.close()
