"""The vocabulary: a table that people can read, search and add to."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import loadgate.status
from loadgate.status.forms import tables

LINES = (Path(loadgate.status.__file__).with_name("vocabulary.txt")).read_text("utf-8").splitlines()
ROWS = [line.split("\t") for line in LINES]


def test_it_is_sorted_and_has_one_line_for_each_concept_and_language() -> None:
    """So that everybody adds a word at the same place."""
    places = [(concept, language) for concept, language, _ in ROWS]
    assert places == sorted(set(places))
    assert all(words.split(", ") == sorted(words.split(", ")) for _, _, words in ROWS)


def test_each_word_stands_once() -> None:
    """A word has one meaning, or none could say which."""
    counts = Counter(word for _, _, words in ROWS for word in words.split(", "))
    assert [word for word, count in counts.items() if count > 1] == []


def test_each_line_is_of_a_known_concept_and_a_language() -> None:
    """A concept is one that forms are made of, or a status, or a class of them."""
    for concept, language, words in ROWS:
        assert concept in tables()["letters"] or re.fullmatch(
            "[1-5](?:[0-9]{2}|[0-9]x|xx)|30x", concept
        )
        assert re.fullmatch("[a-z]{2}|mul", language)
        assert words == words.lower()
