"""docs/compare.md: its commands print what it shows."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import pytest
from docs.console import ROOT, run_command, sessions

from loadgate.cli.compare import compare

PAGE = ROOT / "docs" / "compare.md"


@pytest.mark.skipif(sys.platform == "win32", reason="the blocks are for a POSIX shell")
def test_the_commands_print_what_is_shown(tmp_path: Path) -> None:
    """Beside the recorded nights, every command gives every byte that the page shows."""
    folder = tmp_path / "weeks"
    shutil.copytree(ROOT / "examples" / "weeks", folder)
    ran = 0
    for session in sessions(PAGE):
        for command, shown in session:
            done = run_command(command, folder)
            assert (done.returncode, done.stdout, done.stderr) == (0, shown, "")
            ran += 1
    assert ran == 2


def test_every_option_has_its_row() -> None:
    """The table names each option of the command, and no other."""
    rows = re.findall(r"^\| (`--[^|]*) \|", PAGE.read_text("utf-8"), re.MULTILINE)
    named = {option for row in rows for option in re.findall(r"`(--[a-z-]+)", row)}
    assert named == {option for one in compare.params for option in one.opts if option[0] == "-"}
