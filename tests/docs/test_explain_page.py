"""docs/explain.md: it names all that is said of a status."""

from __future__ import annotations

from pathlib import Path

import pytest

from loadgate.render.rules.reasons import PLACES, UNKNOWN

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "explain.md").read_text("utf-8")


@pytest.mark.parametrize(
    "said", [pytest.param(said, id=said) for said in (PLACES | UNKNOWN).values()]
)
def test_everything_that_is_said_is_explained(said: str) -> None:
    """Each way to read a status, and each reason to read none, has its row."""
    assert f"| {said} | " in PAGE
