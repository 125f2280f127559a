"""docs/ci.md and action.yml say the same of inputs and outputs."""

from __future__ import annotations

import re

from action.documents import load
from action.runner import ROOT

PAGE = (ROOT / "docs" / "ci.md").read_text("utf-8")
ACTION = load(ROOT / "action.yml")


def _table(header: str) -> dict[str, list[str]]:
    """Return the rows of the table with this header: name -> the other cells."""
    _, _, rest = PAGE.partition(f"| {header} |")
    lines = rest.split("\n\n")[0].splitlines()[2:]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    return {first.strip("` |"): others for first, *others in cells}


def _first_clause(text: str) -> str:
    return re.split(r"[:;,(.]| by default", text)[0].replace("`", "").strip().lower()


def test_inputs() -> None:
    """The same names in the same order, sentences that begin alike, the same defaults."""
    table = _table("input")
    assert list(table) == list(ACTION["inputs"])
    for name, (sentence, default) in table.items():
        declared = ACTION["inputs"][name]
        assert _first_clause(sentence) == _first_clause(declared["description"]), name
        assert declared.get("required", False) is (default.strip("| ") == "required"), name
        if declared.get("default"):
            assert default.strip("`| ") == declared["default"], name


def test_outputs() -> None:
    """The same names in the same order, and the same sentences."""
    table = _table("output")
    assert list(table) == list(ACTION["outputs"])
    for name, (sentence, *_) in table.items():
        told = ACTION["outputs"][name]["description"].rstrip(".").lower()
        assert sentence.rstrip("| .").lower() == told, name
