"""Whole collections of error texts, with the status that an expert reads."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from loadgate.status import Reading, read_status

DATA = Path(__file__).parents[1] / "data"
COLLECTIONS = ("error-texts.jsonl", "more-error-texts.jsonl", "blind-error-texts.jsonl")
"""The last holds three sets by authors who knew what Locust writes, and nothing of the forms."""
TRAPS = "trap-texts.jsonl"
"""Sentences that say that a status did not come, should come, or was counted, in 30 languages."""

Read = list[tuple[dict[str, object], Reading]]


def read(name: str) -> Read:
    """Read a collection: error, status (None: none may be read), perhaps tolerable."""
    entries = map(json.loads, (DATA / name).read_text("utf-8").splitlines())
    return [(entry, read_status(entry["error"])) for entry in entries]


def wrong(texts: Read, which: str) -> list[tuple[object, int]]:
    """Return what was read as a status that it did not have, and that status."""
    return [
        (entry["error"], status)
        for entry, reading in texts
        if (status := getattr(reading, which)) is not None
        and status not in {entry["status"], entry.get("tolerable")}
    ]


@pytest.mark.parametrize("name", [*COLLECTIONS, TRAPS])
def test_no_text_is_read_as_a_status_that_it_did_not_have(name: str) -> None:
    """Not one: this is the promise that the product stands on."""
    assert wrong(read(name), "status") == []


def test_hardly_any_likely_status_is_wrong() -> None:
    """At most 3 % of those that are read, in collections that are half traps."""
    texts = [each for name in COLLECTIONS for each in read(name)]
    likely = [each for each in texts if each[1].likely is not None]
    assert len(wrong(texts, "likely")) <= 0.03 * len(likely)


def test_traps_are_hardly_ever_likely() -> None:
    """A guess is wrong in every one of them."""
    texts = read(TRAPS)
    assert len(texts) >= 150
    assert len(wrong(texts, "likely")) <= 0.01 * len(texts)


@pytest.mark.parametrize("name", COLLECTIONS)
def test_most_readable_texts_are_read(name: str) -> None:
    """At least 60 % for certain, and 88 % for certain or likely."""
    readable = [each for each in read(name) if each[0]["status"] is not None]
    certain = [reading for _, reading in readable if reading.status is not None]
    likely = [reading for _, reading in readable if reading.likely is not None]
    assert len(certain) >= 0.6 * len(readable)
    assert len(certain) + len(likely) >= 0.88 * len(readable)


@pytest.mark.parametrize(
    "wrapping",
    [
        pytest.param("{!r}", id="distributed-2.10-to-2.27"),
        pytest.param(" {} ", id="blanks"),
    ],
)
def test_wrappings_change_nothing(wrapping: str) -> None:
    """What Locust puts around a text does not change what is read from it."""
    for entry, reading in read("error-texts.jsonl"):
        text = str(entry["error"])
        if text[:1] in {"'", '"'}:
            continue  # it is wrapped already
        assert read_status(wrapping.format(text)) == reading, text
