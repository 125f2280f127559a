"""Whole locustfiles: comments in them say what the next line teaches, or why it does not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from loadgate.locustfile import learn

FILES = Path(__file__).with_name("files")


def test_each_line_teaches_what_its_comments_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also in the module beside it, and in no other line."""
    monkeypatch.chdir(tmp_path)
    expected: set[tuple[str, int, str]] = set()
    for file in FILES.glob("*.txt"):
        notes: list[str] = []
        name = file.name.removesuffix(".txt")
        text = file.read_text("utf-8")
        Path(name).write_text(text, "utf-8")
        for number, line in enumerate(text.splitlines(), 1):
            note = re.fullmatch(r"#: (.*)", line)
            if note:
                notes.append(note[1])
                continue
            expected |= {(name, number, note) for note in notes}
            notes = []
    learned = learn(["locustfile.py", "odd.py", "findings.py"])
    found = {
        *((p.path, p.line, f"teaches: {one.text}") for one in learned.taught for p in one.places),
        *(
            (f.place.path, f.place.line, f"{f.code}: {f.text}".strip(": "))
            for f in learned.findings
        ),
    }
    assert {(path, line, note.replace("\n", "\\n")) for path, line, note in found} == expected
