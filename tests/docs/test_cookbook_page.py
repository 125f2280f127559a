"""docs/cookbook.md: ten rules that lint accepts, each with examples that it decides as they say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from docs.console import ROOT, blocks

from loadgate.cli import run
from loadgate.rules import load_policy

PAGE = ROOT / "docs" / "cookbook.md"
RECIPES = [
    pytest.param(block.text, id=str(block.number))
    for block in blocks(PAGE)
    if block.language == "toml"
]


def test_there_are_ten() -> None:
    """Each under a heading of its own, numbered."""
    headings = re.findall(r"^## (\d+)\. ", PAGE.read_text("utf-8"), re.MULTILINE)
    assert headings == [str(number) for number in range(1, 11)]
    assert len(RECIPES) == 10


@pytest.mark.parametrize("text", RECIPES)
def test_a_recipe_can_be_copied(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lint finds nothing in it, and its examples are decided as they expect."""
    monkeypatch.chdir(tmp_path)
    Path("loadgate.toml").write_text(text, "utf-8")
    assert run(["rules", "lint", "loadgate.toml", "--strict"]) == 0
    assert run(["rules", "test", "loadgate.toml"]) == 0


@pytest.mark.parametrize("text", RECIPES)
def test_a_recipe_shows_both_sides(text: str, tmp_path: Path) -> None:
    """A failure that it excuses, and a neighbour that stays true."""
    path = tmp_path / "loadgate.toml"
    path.write_text(text, "utf-8")
    policy = load_policy(path)
    assert len({example.expect for example in policy.examples}) == 2
    assert all(rule.why for rule in policy.rules)
