"""docs/reading-statuses.md: its tables are made of the forms, and its examples are read so."""

from __future__ import annotations

import re

import pytest
from docs.console import ROOT

from loadgate.status import read_status
from loadgate.status.forms import forms

TEXT = (ROOT / "docs" / "reading-statuses.md").read_text("utf-8")
EXAMPLES = re.findall(r"^\| `([^`]+)` \| ([0-9]+\??|-) \|$", TEXT, re.MULTILINE)


def cell(text: str) -> str:
    """Return a text as code in a cell."""
    return f"`{text}`".replace("|", "\\|").replace("\n", "⏎")


def clients() -> str:
    """Return the table of what clients write."""
    rows = [f"| {form.about} | {cell(form.examples[0])} |" for form in forms("clients")]
    return "\n".join(["| written by | for example |", "|---|---|", *rows])


def words() -> str:
    """Return the table of what people write."""
    rows = [
        f"| `{form.source}` | {form.about} | {', '.join(map(cell, form.examples))}"
        f" | {', '.join(map(cell, form.others))} |"
        for form in forms("words")
    ]
    head = "| `status_from` | what the message says | certain | not certain |"
    return "\n".join([head, "|---|---|---|---|", *rows])


@pytest.mark.parametrize("table", [clients(), words()], ids=["clients", "words"])
def test_the_tables_are_those_of_the_forms(table: str) -> None:
    """Copy what is asked for here into the page."""
    assert table in TEXT, table


@pytest.mark.parametrize(("message", "read"), EXAMPLES)
def test_the_examples_are_read_as_shown(message: str, read: str) -> None:
    """A number is certain, one with ? is likely, a dash is neither."""
    reading = read_status(f"CatchResponseError({message!r})")
    shown = f"{reading.likely}?" if reading.likely else "-"
    assert (str(reading.status) if reading.status else shown) == read


def test_the_page_has_examples_of_each_kind() -> None:
    """Certain, likely and unknown."""
    assert {re.sub("[0-9]+", "N", read) for _, read in EXAMPLES} == {"N", "N?", "-"}
