"""Result documents of real runs, and what they become when somebody changes a value."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
WEEKS = ROOT / "examples" / "weeks"


def document(night: str = "2026-11-18") -> dict[str, Any]:
    """Return the result document of a recorded night."""
    found = json.loads((WEEKS / f"{night}.json").read_text("utf-8"))
    assert isinstance(found, dict)
    return found


def changed(*path: str | int, to: object = None, night: str = "2026-11-18") -> dict[str, Any]:
    """Return the document with the value at `path` exchanged."""
    found = copy.deepcopy(document(night))
    place: Any = found
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = to
    return found


def without(*path: str | int) -> dict[str, Any]:
    """Return the document without the key at `path`."""
    found = copy.deepcopy(document())
    place: Any = found
    for step in path[:-1]:
        place = place[step]
    del place[path[-1]]
    return found


def written(of: object, file: Path) -> Path:
    """Write a document to a file; return the file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(of), "utf-8")
    return file
