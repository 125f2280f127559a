"""docs/rules-lint.md: a section for each code, and examples that have the finding, or not."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from docs.console import ROOT

from loadgate.cli import run
from loadgate.rules.lint import CODES

PAGE = ROOT / "docs" / "rules-lint.md"
TEXT = PAGE.read_text("utf-8")
SECTIONS = dict(re.findall(r"^## (\S+)\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL))
TIMED = {"expiring", "idle", "budget-nearly-spent"}
"""Codes that a file alone does not have on every day."""

BLOCKS = [
    pytest.param(code, kind, text, id=f"{code}-{kind}")
    for code, section in SECTIONS.items()
    for kind, text in re.findall(
        r"^```toml (before|after)\n(.*?)^```$", section, re.MULTILINE | re.DOTALL
    )
]


def test_every_code_has_its_section() -> None:
    """And each section that can has a file with the finding, and one without."""
    assert set(SECTIONS) == set(CODES)
    told = [(one.values[0], one.values[1]) for one in BLOCKS]
    assert told == [
        (code, kind) for code in SECTIONS if code not in TIMED for kind in ("before", "after")
    ]
    assert all(f"(#{code})" in TEXT for code in CODES)


@pytest.mark.parametrize(("code", "kind", "text"), BLOCKS)
def test_the_finding_is_there_before_and_gone_after(
    code: str,
    kind: str,
    text: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Of what the section is about; whoever copies the second block has nothing to mend."""
    monkeypatch.chdir(tmp_path)
    Path("loadgate.toml").write_text(text, "utf-8")
    for name, other in re.findall(
        r"^```(?:toml|python) with\n# (\S+)\n(.*?)^```$", SECTIONS[code], re.MULTILINE | re.DOTALL
    ):
        Path(name).write_text(other, "utf-8")
    locustfile = ["--locustfile", "locustfile.py"] if Path("locustfile.py").exists() else []
    run(["rules", "lint", "loadgate.toml", "--output", "json", "--strict", *locustfile])
    found = {one["code"] for one in json.loads(capsys.readouterr().out)["findings"]}
    if kind == "before":
        assert found - {"no-example"} == {code} - {"no-example"}
        assert code in found
    else:
        assert found <= {"no-example"} - {code}


def test_what_can_be_ignored_is_listed() -> None:
    """The codes of the schema's enum, and no others."""
    schema = json.loads((ROOT / "loadgate" / "schemas" / "rules.json").read_text("utf-8"))
    rule = schema["properties"]["rules"]["items"]["properties"]
    (listed,) = re.findall(r"(?s)Only\s+(`lost-carve-out`.*?)\s+can\s+be\s+ignored", TEXT)
    assert re.findall(r"`([a-z-]+)`", listed) == rule["lint_ignore"]["items"]["enum"]
