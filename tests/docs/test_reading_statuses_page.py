"""docs/reading-statuses.md: its examples are read so."""

from __future__ import annotations

import re

import pytest
from docs.console import ROOT

from loadgate.status import read_status

TEXT = (ROOT / "docs" / "reading-statuses.md").read_text("utf-8")
EXAMPLES = re.findall(r"^\| `([^`]+)` \| ([0-9]+\??|-) \|$", TEXT, re.MULTILINE)


@pytest.mark.parametrize(("message", "read"), EXAMPLES)
def test_the_examples_are_read_as_shown(message: str, read: str) -> None:
    """A number is certain, one with ? is likely, a dash is neither."""
    reading = read_status(f"CatchResponseError({message!r})")
    shown = f"{reading.likely}?" if reading.likely else "-"
    assert (str(reading.status) if reading.status else shown) == read


def test_the_page_has_examples_of_each_kind() -> None:
    """Certain, likely and unknown."""
    assert {re.sub("[0-9]+", "N", read) for _, read in EXAMPLES} == {"N", "N?", "-"}
