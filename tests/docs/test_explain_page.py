"""docs/explain.md: it explains why a status can be unknown."""

from __future__ import annotations

from pathlib import Path

import pytest

from loadgate.render.rules.readings import UNKNOWN

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "explain.md").read_text("utf-8")


@pytest.mark.parametrize("reason", [pytest.param(reason, id=reason) for reason in UNKNOWN.values()])
def test_every_reason_is_explained(reason: str) -> None:
    """Each reason why no status was read has its row."""
    assert f"| {reason} | " in PAGE
