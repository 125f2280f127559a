"""The schema of rules files in Taplo, which is what TOML editors ask."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from e2e.releases import ROOT, tool
from loadgate.cli import run

pytestmark = pytest.mark.prove

SCHEMA = ROOT / "loadgate" / "schemas" / "rules.json"
RULE = '[[rules]]\nid = "x"\nendpoint = "POST /x"\nstatus = 409\nwhy = "One of two loses."\n'


def problems(file: Path, *options: str) -> list[str]:
    """Return what Taplo has against a file, each problem once."""
    done = subprocess.run(
        [tool("taplo"), "check", *options, str(file)],
        capture_output=True,
        text=True,
        check=False,
    )
    found = sorted({*re.findall(r"^error: (.*)$", done.stderr, re.MULTILINE)})
    assert bool(found) == bool(done.returncode), done.stderr
    return found


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (f"{RULE}expires = 2027-06-30\n", None),
        (f"{RULE}statuss = 1\n", "'statuss' was unexpected"),
        (RULE.replace('"x"', '"a b"'), '"a b" does not match'),
        (RULE.replace("status = 409\n", ""), "not valid under any of"),
        (f'{RULE}as = "fail"\n', '"fail" is not one of'),
        ('[[thresholds]]\nrequire = "p95 <= 1s"\noptional = true\n', '"endpoint" is a required'),
    ],
)
def test_an_editor_sees_what_loadgate_sees(text: str, problem: str | None, tmp_path: Path) -> None:
    """Also that one key needs another, which drafts later than 7 say in words that it passes over."""
    file = tmp_path / "loadgate.toml"
    file.write_text(f"version = 1\n{text}", "utf-8")
    found = problems(file, "--schema", SCHEMA.as_uri())
    if problem is None:
        assert found == []
    else:
        assert any(problem in one for one in found), found


@pytest.mark.parametrize("file", sorted(ROOT.glob("rules/*.toml")), ids=lambda file: file.stem)
def test_the_presets_are_fine(file: Path) -> None:
    """As they are for loadgate."""
    assert problems(file, "--schema", SCHEMA.as_uri()) == []


def test_the_first_line_of_a_new_file_is_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The schema beside the file is found by the line that names it."""
    monkeypatch.chdir(tmp_path)
    assert run(["init", "--schema"]) == 0
    file = tmp_path / "loadgate.toml"
    assert problems(file) == []
    file.write_text(file.read_text("utf-8").replace("version = 1", "version = 9"), "utf-8")
    assert any("1 was expected" in one for one in problems(file))
