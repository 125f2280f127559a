"""Whole collections of error texts, with the status that an expert reads."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from loadgate.status import read_status

DATA = Path(__file__).parents[1] / "data"
COLLECTIONS = ("error-texts.jsonl", "more-error-texts.jsonl", "blind-error-texts.jsonl")
"""The last holds three sets by authors who knew what Locust writes, and nothing of the grammar."""


def texts(name: str) -> list[dict[str, object]]:
    """Return a collection: error, status (None: none may be read), perhaps tolerable."""
    lines = (DATA / name).read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.mark.parametrize("name", COLLECTIONS)
def test_no_text_is_read_as_a_status_that_it_did_not_have(name: str) -> None:
    """Not one: this is the promise that the product stands on."""
    wrong = [
        (entry["error"], status)
        for entry in texts(name)
        if (status := read_status(str(entry["error"])).status) is not None
        and status not in {entry["status"], entry.get("tolerable")}
    ]
    assert wrong == []


@pytest.mark.parametrize("name", COLLECTIONS)
def test_most_readable_texts_are_read(name: str) -> None:
    """At least nine of ten texts in which an expert reads a status."""
    readable = [entry for entry in texts(name) if entry["status"] is not None]
    read = [entry for entry in readable if read_status(str(entry["error"])).status]
    assert len(read) >= 0.9 * len(readable)


@pytest.mark.parametrize(
    ("name", "most"),
    [("error-texts.jsonl", 2), ("more-error-texts.jsonl", 28), ("blind-error-texts.jsonl", 30)],
)
def test_what_is_read_stays_read(name: str, most: int) -> None:
    """No more texts are missed than when this was written; fewer are better."""
    missed = [
        entry["error"]
        for entry in texts(name)
        if entry["status"] is not None and read_status(str(entry["error"])).status is None
    ]
    assert len(missed) <= most, missed


@pytest.mark.parametrize(
    "wrapping",
    [
        pytest.param("{!r}", id="distributed-2.10-to-2.27"),
        pytest.param(" {} ", id="blanks"),
    ],
)
def test_wrappings_change_nothing(wrapping: str) -> None:
    """What Locust puts around a text does not change what is read from it."""
    for entry in texts("error-texts.jsonl"):
        text = str(entry["error"])
        if text[:1] in {"'", '"'}:
            continue  # it is wrapped already
        assert read_status(wrapping.format(text)).status == read_status(text).status, text
