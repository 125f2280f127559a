"""Inclusion of patterns: what one takes that another could match, held against brute force."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadgate import patterns
from loadgate.patterns import EndpointPattern, TextGlob

LETTERS = "a/["
"""Two characters of patterns, and one that is in none: it stands for all others."""

NAMES = [
    "".join(letters) for length in range(8) for letters in itertools.product(LETTERS, repeat=length)
]
TEXTS = [
    "".join(letters) for length in range(6) for letters in itertools.product("ab_", repeat=length)
]


@pytest.mark.parametrize(
    ("wide", "narrow", "included"),
    [
        pytest.param("**", "/tools/[id]/state", True, id="everything"),
        pytest.param("/**", "/**/state", True, id="all-paths"),
        pytest.param("/**/state", "/tools/*/state", True, id="directories-take-a-star"),
        pytest.param("/**/state", "/{kind}/state", True, id="directories-take-a-word"),
        pytest.param("/{kind}/state", "/*/state", False, id="a-word-is-not-empty"),
        pytest.param("/*/state", "/{kind}/state", True, id="a-star-takes-a-word"),
        pytest.param("/**/state", "/state", True, id="no-directory"),
        pytest.param("/**/state", "/**state", False, id="not-a-segment"),
        pytest.param("/**/state", "/**/a/**/state", True, id="a-way-through"),
        pytest.param("/a**", "/a/**", True, id="run-takes-directories"),
        pytest.param("/a/**", "/a**", False, id="directories-need-a-slash"),
        pytest.param("/tools", "/tools", True, id="same"),
        pytest.param("/tools", "/tools/", False, id="other"),
        pytest.param("/tools", "/tools?page=**", True, id="any-query-of-a-path"),
        pytest.param("/tools", "http://host/tools?page=2#top", True, id="url-of-a-path"),
        pytest.param("/", "http://host", True, id="bare-host"),
        pytest.param("/tools?page=2", "/tools", False, id="one-query"),
        pytest.param("/tools", "/tools*?page=2", False, id="path-that-differs"),
        pytest.param("/**", "http://{host}/**", False, id="cannot-be-told"),
    ],
)
def test_includes_names(wide: str, narrow: str, included: bool) -> None:
    """A pattern includes another one where no name is matched by that one alone."""
    assert EndpointPattern.parse(wide).includes_names(EndpointPattern.parse(narrow)) is included


name_patterns = st.lists(
    st.sampled_from(["a", "/", "*", "**", "/**/", "{w}"]), min_size=1, max_size=4
).map("".join)


@given(name_patterns, name_patterns)
def test_inclusion_of_names_is_that_of_brute_force(wide: str, narrow: str) -> None:
    """Over all names of up to seven characters the automata say what trying every name says."""
    one, other = EndpointPattern.parse(wide), EndpointPattern.parse(narrow)
    lacking = [n for n in NAMES if other.matches("GET", n) and not one.matches("GET", n)]
    assert one.includes_names(other) is not bool(lacking), lacking[:3]


url_patterns = st.lists(
    st.sampled_from(["a", "/", "*", "**", "{w}", "?", "#", "http://", "x"]), min_size=1, max_size=6
).map("".join)


@given(url_patterns, url_patterns, st.lists(st.sampled_from("ax/?#:"), max_size=8).map("".join))
def test_what_is_included_is_matched(wide: str, narrow: str, name: str) -> None:
    """Whole URLs, queries and fragments too: what an included pattern matches is matched."""
    one, other = EndpointPattern.parse(wide), EndpointPattern.parse(narrow)
    if one.includes_names(other):
        for whole in (name, f"http://{name}", narrow.replace("*", name).replace("{w}", "x")):
            assert one.matches("GET", whole) or not other.matches("GET", whole), whole


@given(st.text("ab*", min_size=1, max_size=5), st.text("ab*", min_size=1, max_size=5))
def test_inclusion_of_texts_is_that_of_brute_force(wide: str, narrow: str) -> None:
    """Over all texts of up to five characters one fresh character says what every text says."""
    one, other = TextGlob(wide), TextGlob(narrow)
    lacking = [text for text in TEXTS if other.matches(text) and not one.matches(text)]
    assert one.includes(other) is not bool(lacking), lacking[:3]


def test_intricate_patterns_are_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Past a bound nothing is claimed: a rule is never called shadowed by guessing."""
    monkeypatch.setattr(patterns, "_PAIRS", 1)
    assert not EndpointPattern.parse("**").includes_names(EndpointPattern.parse("/*/a/*"))
