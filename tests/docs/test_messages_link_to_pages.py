"""Every page and section that a message links to is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import get_args

import click
import pytest
from docs.console import ROOT
from docs.test_links import _anchors

from loadgate import locustfile
from loadgate.cli import cli
from loadgate.cli.lazy import Command
from loadgate.published import DOCS, FindingsPage, Page, address, finding, see
from loadgate.rules.lint import CODES

PAGES: tuple[Page, ...] = get_args(Page)
FOUND = {"rules-lint": ("invalid", *CODES), "teach": ("missing-wording", *locustfile.CODES)}
ADDRESSES = [address(page) for page in PAGES]
ADDRESSES += [finding(page, code) for page in get_args(FindingsPage) for code in FOUND[page]]


@pytest.mark.parametrize("link", ADDRESSES)
def test_a_link_leads_to_a_section(link: str) -> None:
    """`docs/ci.md` is published as `ci.html`, and its headings have the anchors of GitHub."""
    page, _, section = link.removeprefix(DOCS).partition("#")
    file = ROOT / "docs" / (page.removesuffix("html") + "md" if page else "index.md")
    assert file.exists()
    assert not section or section in _anchors(file)


def test_a_link_has_a_line_of_its_own() -> None:
    """In 80 columns, so that a terminal need not break it."""
    assert [page for page in PAGES if len(see(address(page))) > 80] == []


def test_every_page_is_used() -> None:
    """A list of what is linked has nothing that is not."""
    files = (ROOT / "loadgate").rglob("*.py")
    text = "".join(path.read_text("utf-8") for path in files if path.name != "published.py")
    assert [page for page in PAGES if f'"{page}"' not in text and f"'{page}'" not in text] == []


def _commands(command: click.Command) -> Iterator[click.Command]:
    yield command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield from _commands(inner)


def test_every_command_has_a_page() -> None:
    """Its help ends with the link, whole at any width."""
    commands = [*_commands(cli)]
    assert len(commands) > 10
    for command in commands:
        assert isinstance(command, Command)
        context = click.Context(command, info_name="x", terminal_width=40, max_content_width=40)
        text = command.get_help(context)
        assert text.rstrip("\n").endswith(f"\n\nDocs: {address(command.page)}")


def test_no_message_names_a_file_of_the_docs() -> None:
    """Whoever installs the package has none."""
    for path in (ROOT / "loadgate").rglob("*.py"):
        source = re.sub(r'"""(?:.|\n)*?"""|#.*', "", path.read_text("utf-8"))
        assert not re.search(r"docs/[\w-]+\.md", source), path
