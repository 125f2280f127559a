"""docs/teach.md: a section for each finding, with code that has it."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest

from loadgate.locustfile import CODES, learn

PAGE = Path(__file__).parents[2] / "docs" / "teach.md"
SECTIONS = re.findall(
    r"^### (\S+)\n(.*?)(?=^### |\Z)", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL
)
BLOCKS = [
    pytest.param(code, block, id=code)
    for code, text in SECTIONS
    for block in re.findall(r"^```py\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
]


def test_every_code_has_its_section() -> None:
    """In the order of the codes, and with a block, but for the one that has a table."""
    assert [code for code, _ in SECTIONS] == ["missing-wording", *CODES]
    assert list(dict.fromkeys(block.id for block in BLOCKS)) == list(CODES)[1:]


@pytest.mark.parametrize(("code", "block"), BLOCKS)
def test_the_block_of_a_section_has_its_finding(code: str, block: str, tmp_path: Path) -> None:
    """And no other."""
    path = tmp_path / "locustfile.py"
    path.write_text(f"def task(self):\n{textwrap.indent(block, '    ')}", "utf-8")
    assert [finding.code for finding in learn([str(path)]).findings] == [code]


def test_the_table_of_messages_is_true(tmp_path: Path) -> None:
    """Of each message in it no wording is safe, and of the one to write instead there is."""
    (text,) = (text for code, text in SECTIONS if code == "no-safe-wording")
    rows = re.findall(
        r"^\| `(f.*?)`(?: .*?`(f.*?)`)? .*?\| .*? \| `(f.*?)` \|$", text, re.MULTILINE
    )
    assert len(rows) == 5
    for message, other, better in rows:
        found = []
        for expressions in ((message, other), (better, message if other else "")):
            lines = "".join(f"    r.failure({one})\n" for one in expressions if one)
            path = tmp_path / "locustfile.py"
            login = "login = self.client.get('/')\n    r = self.client.get('/')"
            path.write_text(f"def task(self, name, rows):\n    {login}\n{lines}", "utf-8")
            found.append([finding.code for finding in learn([str(path)]).findings])
        assert "no-safe-wording" in found[0], message
        assert "no-safe-wording" not in found[1], better
