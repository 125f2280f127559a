"""docs/compare.md: its table of options is complete."""

from __future__ import annotations

import re

from docs.console import ROOT

from loadgate.cli.compare import compare

PAGE = ROOT / "docs" / "compare.md"


def test_every_option_has_its_row() -> None:
    """The table names each option of the command, and no other."""
    rows = re.findall(r"^\| (`--[^|]*) \|", PAGE.read_text("utf-8"), re.MULTILINE)
    named = {option for row in rows for option in re.findall(r"`(--[a-z-]+)", row)}
    assert named == {option for one in compare.params for option in one.opts if option[0] == "-"}
