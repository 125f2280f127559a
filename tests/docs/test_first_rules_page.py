"""docs/first-rules.md: its draft is a real one; and no command is left out."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import click
import pytest
from docs.console import ROOT, run_command

from loadgate.cli import cli

PAGE = ROOT / "docs" / "first-rules.md"
DOCS = "".join(
    page.read_text("utf-8") for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
)


@pytest.mark.skipif(sys.platform == "win32", reason="the blocks are for a POSIX shell")
def test_the_shown_draft_is_a_real_one(tmp_path: Path) -> None:
    """The rule on the page is one that the command above it prints."""
    folder = tmp_path / "runs"
    shutil.copytree(ROOT / "examples" / "runs", folder)
    text = PAGE.read_text("utf-8")
    (command,) = re.findall(
        r"^\$ (loadgate rules suggest .*) >> loadgate.toml$", text, re.MULTILINE
    )
    (draft,) = re.findall(r"^```toml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert draft in run_command(command, folder).stdout


def _commands() -> list[tuple[str, click.Command]]:
    found: list[tuple[str, click.Command]] = []

    def walk(name: str, command: click.Command) -> None:
        if isinstance(command, click.Group):
            context = click.Context(command)
            for child in command.list_commands(context):
                below = command.get_command(context, child)
                assert below is not None
                walk(f"{name} {child}", below)
        else:
            found.append((name, command))

    walk("loadgate", cli)
    return found


@pytest.mark.parametrize(
    ("name", "command"), [pytest.param(*one, id=one[0]) for one in _commands()]
)
def test_every_command_is_in_the_docs(name: str, command: click.Command) -> None:
    """README or a page under docs names each; help texts say what happens, and the default.

    The reference, which is made of these texts, has every option (test_site.py).
    """
    assert f"`{name}" in DOCS or f"$ {name}" in DOCS
    assert command.help
    for option in command.params:
        if isinstance(option, click.Option):
            assert option.help, option.opts
            assert option.help.split("  [default: ")[0].endswith((".", ".)")), option.opts
            assert option.help.endswith("]"), f"{option.opts}: says no default"
