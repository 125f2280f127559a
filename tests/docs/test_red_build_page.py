"""docs/red-build.md: the messages that it explains are those of loadgate."""

from __future__ import annotations

import re

from docs.console import ROOT

PAGE = (ROOT / "docs" / "red-build.md").read_text("utf-8")


def test_messages_are_real_ones() -> None:
    """Each is a part of one that stands in the package, where long ones are broken into lines."""
    source = "".join(path.read_text("utf-8") for path in (ROOT / "loadgate").rglob("*.py"))
    said = re.sub(r'"\n\s*f?"', "", source)
    _, _, table = PAGE.partition("| message | why | do |\n|---|---|---|\n")
    rows = table.split("\n\n")[0].splitlines()
    messages = [
        message for row in rows for message in re.findall(r"`([^`]+)`", row.split(" | ")[0])
    ]
    assert len(messages) >= 4
    # The operating system's own words.
    messages.remove("no such file or directory")
    assert [one for one in messages if one not in said] == []
