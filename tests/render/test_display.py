"""Tests of hostile text shown as printable lines of a known width."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadgate.render.terminal import grid, wrap
from loadgate.text import cut, one_line, width

from .strategies import PROPERTY, TEXTS


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param("a\n b\t\rc\u2028d\x85e\u3000f", "a b c d e f", id="white-space"),
        pytest.param("\x1b[31mred\x1b[0m", "red", id="colour"),
        pytest.param("\x9b2Jx\x1b(By", "xy", id="other-sequences"),
        pytest.param("a\x1b]8;;http://x\x07b\x1b]8;;\x1b\\c", "abc", id="link"),
        pytest.param("a\x1b]0;title", "a0;title", id="open-sequence-hides-nothing"),
        pytest.param("a\x9d\x1b]0;t\x07b", "ab", id="a-sequence-behind-an-open-one"),
        pytest.param("a\x00\x7f\x9fb", "ab", id="control"),
        pytest.param("a\u202eb\u2066c\u200bd\ufeffe\u00adf", "abcdef", id="invisible"),
        pytest.param("\ud800\uffff\ufdd0", "\ufffd\ufffd\ufffd", id="no-characters"),
        pytest.param("e\u0301\u0301\u0301\u0301", "é\u0301\u0301", id="stacked-marks"),
        pytest.param("##[error] ##vso[x] ## a", "# #[error] # #vso[x] ## a", id="log-commands"),
        pytest.param("冲突", "冲突", id="wide"),
    ],
)
def test_nothing_steers_hides_or_reorders(text: str, line: str) -> None:
    """What a terminal or a log would obey is gone; what people can read stays."""
    assert one_line(text) == line


@PROPERTY
@given(TEXTS, st.integers(1, 100))
def test_a_cut_text_fits(text: str, columns: int) -> None:
    """A text that is too long keeps its start and its end."""
    line = one_line(text)
    short = cut(line, columns)
    assert width(short) <= columns
    assert short == line or (width(line) > columns and "..."[:columns] in short)


@PROPERTY
@given(TEXTS, st.integers(10, 100), st.integers(1, 5))
def test_a_wrapped_text_fits(text: str, columns: int, lines: int) -> None:
    """Lines and their number stay within bounds, and no line starts a command."""
    wrapped = wrap(one_line(text), columns, lines=lines)
    assert len(wrapped) <= lines
    assert all(width(line) <= columns for line in wrapped)
    assert not any(line.lstrip().startswith("::") for line in wrapped)


def test_a_wrapped_text_loses_nothing_that_fits() -> None:
    """Lines break at spaces, and inside a word only where it is longer than half a line."""
    text = "one two three " + "x" * 20
    assert wrap(text, 15, lines=4) == ["one two three", "x" * 14, "x" * 6]
    assert wrap(text, 15, lines=2) == ["one two", "...xxxxxxxx"]


def test_numbers_and_wide_characters_line_up() -> None:
    """A cell is shown as it is, however tabulate would read it."""
    drawn = grid([["1e5", "冲"], ["", "0x10"], ["00", "abc"]], style="plain", right=(0,))
    assert drawn.splitlines() == ["1e5  冲", "     0x10", " 00  abc"]
