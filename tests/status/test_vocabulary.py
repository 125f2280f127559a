"""Every word that statuses are read by, in a text that would be read otherwise without it."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from loadgate.status import read_status

LINES = (Path(__file__).parents[1] / "data/vocabulary.jsonl").read_text("utf-8").splitlines()
TEXTS: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
for _line in map(json.loads, LINES):
    TEXTS[_line["of"]].append(_line)


@pytest.mark.parametrize("of", TEXTS)
def test_every_word_counts(of: str) -> None:
    """What a word makes read is read, and what it keeps from being read is not."""
    wrong: list[tuple[Any, int | None]] = [
        (line, status)
        for line in TEXTS[of]
        if (status := read_status(line["error"]).status) != line["status"]
    ]
    assert wrong == []
