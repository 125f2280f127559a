"""Inclusion of patterns: what one takes that another could match, held against brute force."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadgate import name_pattern
from loadgate.globs import PatternError, TextGlob
from loadgate.patterns import EndpointPattern

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
        pytest.param("/{kind}/state", "/*/state", True, id="nor-is-a-star-between-slashes"),
        pytest.param("/x{kind}/state", "/x*/state", False, id="a-word-is-not-empty"),
        pytest.param("/**", "/{kind}/../state", False, id="a-path-that-is-left"),
        pytest.param("/**/state", "/v1.2/**/state", True, id="a-dot-in-a-segment"),
        pytest.param("/**/state", "/a;b/*/state", False, id="what-only-one-names"),
        pytest.param("/a;b/**", "/a;b/*/state", True, id="what-both-name"),
        pytest.param("POST Toggle * state", "POST Toggle big * state", True, id="words"),
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
        pytest.param("/tools/*", "http://host/tools/*", True, id="path-of-a-url"),
        pytest.param("/tools/**", "/tools/*?page=**", True, id="path-with-a-star-of-a-query"),
        pytest.param("/tools/a", "/tools/*?page=2", False, id="path-that-a-star-may-differ-from"),
        pytest.param("/tools?**", "/tools?page=*", True, id="query-of-a-query"),
        pytest.param("/tools?**", "/tools**", False, id="query-of-what-may-have-none"),
        pytest.param("POST /tools/*", "POST POST /tools/*", True, id="own-method"),
        pytest.param("POST /x,/y", "POST [POST] /x,/y", True, id="own-method-in-brackets"),
        pytest.param("/tools", "POST POST /tools", True, id="own-method-of-any"),
        pytest.param("/tools", "POST,PUT POST /tools", False, id="own-method-of-one-of-two"),
        pytest.param(
            "POST /tools", "POST,PUT POST /tools", True, id="own-method-of-the-shared-one"
        ),
        pytest.param("POST list", "POST POST list", True, id="own-method-before-a-word"),
        pytest.param("POST l*", "POST POST l*", False, id="own-method-before-a-glob"),
        pytest.param("POST POST /tools", "POST /tools", False, id="own-method-alone"),
        pytest.param("**", "xmlrpc get_*", True, id="everything-with-a-type"),
        pytest.param("xmlrpc **", "xmlrpc get_*", True, id="any-name-of-a-type"),
        pytest.param("POST xm*", "xmlrpc get_*", False, id="type-that-only-one-names"),
        pytest.param("xmlrpc g*", "xmlrpc get_*", True, id="type-that-both-may-mean"),
        pytest.param("xmlrpc*", "xmlrpc get_*", False, id="type-that-one-cannot-mean"),
        pytest.param("GET get_*", "xmlrpc get_*", False, id="another-type"),
        pytest.param("GET /x", "/x", True, id="names-alone"),
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


PATHS = [
    "".join(letters) for length in range(7) for letters in itertools.product("a/.;", repeat=length)
]
path_patterns = st.lists(
    st.sampled_from(["a", "/", ".", ";", "*", "**", "/**/", "{w}"]), min_size=1, max_size=3
).map("".join)


@given(path_patterns, path_patterns, st.booleans(), st.booleans())
def test_inclusion_of_paths_is_that_of_brute_force(
    wide: str, narrow: str, own: bool, other_own: bool
) -> None:
    """With dots, empty segments and parameters, too, which wildcards take or not by their place."""
    one, other = EndpointPattern.parse(wide, wide=own), EndpointPattern.parse(narrow, wide=own)
    lacking = [n for n in PATHS if other.matches("GET", n) and not one.matches("GET", n)]
    as_written = EndpointPattern.parse(narrow, wide=other_own)  # both are read as the first one is
    assert one.includes_names(as_written) is not bool(lacking), lacking[:3]


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


endpoint_patterns = st.builds(
    lambda methods, parts: f"{methods}{''.join(parts)}",
    st.sampled_from(["", "", "POST ", "xml,POST "]),
    st.lists(
        st.sampled_from(["a", "/a", "*", "**", "/**/", "{w}", "?", "POST /", "xml ", "http://h/"]),
        min_size=1,
        max_size=4,
    ),
)
filling = st.lists(st.sampled_from(["a", "/", "?", "POST ", ": "]), max_size=2).map("".join)


@given(
    endpoint_patterns,
    endpoint_patterns,
    st.sampled_from(["POST", "post", "xml", "", "xml a", "http"]),
    st.tuples(
        st.sampled_from(["", "POST ", "[post] ", "POST - ", "xml ", "http://h", " "]),
        filling,
        st.sampled_from(["", "?x=/a", "#a", " "]),
    ),
)
def test_what_is_included_is_matched_in_every_form(
    wide: str, narrow: str, method: str, parts: tuple[str, str, str]
) -> None:
    """Own methods, origins, queries and blanks: whatever one takes, it takes in every form."""
    try:
        one, other = EndpointPattern.parse(wide), EndpointPattern.parse(narrow)
    except PatternError:
        return
    if not one.includes_names(other) or (one.methods and one.methods != other.methods):
        return
    before, middle, after = parts
    inside = re.sub(r"\*+", lambda _: middle, other.name.text).replace("{w}", "a")
    for name in (before + inside + after, inside.removeprefix(f"{method} ") + after):
        assert one.matches(method, name) or not other.matches(method, name), name


@given(st.text("ab*", min_size=1, max_size=5), st.text("ab*", min_size=1, max_size=5))
def test_inclusion_of_texts_is_that_of_brute_force(wide: str, narrow: str) -> None:
    """Over all texts of up to five characters one fresh character says what every text says."""
    one, other = TextGlob(wide), TextGlob(narrow)
    lacking = [text for text in TEXTS if other.matches(text) and not one.matches(text)]
    assert one.includes(other) is not bool(lacking), lacking[:3]


def test_intricate_patterns_are_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Past a bound nothing is claimed: a rule is never called shadowed by guessing."""
    monkeypatch.setattr(name_pattern, "_PAIRS", 1)
    assert not EndpointPattern.parse("**").includes_names(EndpointPattern.parse("/*/a/*"))
