"""docs/explain.md: its commands print what it shows, and it names all that is said of a status."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from loadgate.cli import run
from loadgate.render.readings import PLACES, UNKNOWN

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "explain.md").read_text("utf-8")
BLOCKS = re.findall(r"^```console\n\$ (.*)\n((?:.*\n)*?)^```$", PAGE, re.MULTILINE)


def test_the_page_has_examples() -> None:
    """A run, a text at an endpoint and a text at any: what the next test needs is found."""
    assert len(BLOCKS) == PAGE.count("```console") == 3


@pytest.mark.parametrize(
    "number", [pytest.param(number, id=f"block-{number + 1}") for number in range(len(BLOCKS))]
)
def test_every_command_prints_what_is_shown(
    number: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The output on the page is the real one, to the last character."""
    command, shown = BLOCKS[number]
    program, *arguments = shlex.split(command)
    assert program == "loadgate"
    monkeypatch.chdir(ROOT)
    assert run(arguments) == 0
    assert capsys.readouterr().out == shown


@pytest.mark.parametrize(
    "said", [pytest.param(said, id=said) for said in (PLACES | UNKNOWN).values()]
)
def test_everything_that_is_said_is_explained(said: str) -> None:
    """Each way to read a status, and each reason to read none, has its row."""
    assert f"| {said} | " in PAGE


def test_links_into_other_pages_name_headings() -> None:
    """A link to a place in another page names a heading of it."""
    for page, place in re.findall(r"\]\((\S+?)#(\S+?)\)", PAGE):
        headings = re.findall(r"^#+ (.*)$", (ROOT / "docs" / page).read_text("utf-8"), re.MULTILINE)
        names = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
        assert place in names, f"{page}#{place}"
