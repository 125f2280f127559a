"""Tests of characters that nobody sees or that look like others."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadgate.characters import odd_character, readable


@pytest.mark.parametrize(
    ("text", "name"),
    [
        pytest.param("POST /p\u0430yments/**", "CYRILLIC SMALL LETTER A", id="cyrillic-in-latin"),
        pytest.param("POST /\u0440\u0430\u0443", "CYRILLIC SMALL LETTER ER", id="all-cyrillic"),
        pytest.param("/\u03bfrders", "GREEK SMALL LETTER OMICRON", id="greek"),
        pytest.param("/a1\u0430", "CYRILLIC SMALL LETTER A", id="behind-a-digit"),
        pytest.param("/\u0578rders", "ARMENIAN SMALL LETTER VO", id="armenian"),
        pytest.param("*stale\u00a0revision*", "NO-BREAK SPACE", id="no-break-space"),
        pytest.param("a\u3000b", "IDEOGRAPHIC SPACE", id="wide-space"),
        pytest.param("a\u2028b", "LINE SEPARATOR", id="line-separator"),
        pytest.param("/pay\u200bments", "ZERO WIDTH SPACE", id="zero-width"),
        pytest.param("/pay\u2060", "WORD JOINER", id="word-joiner"),
        pytest.param("\ufeff/pay", "ZERO WIDTH NO-BREAK SPACE", id="byte-order-mark"),
        pytest.param("/pay\u00ad", "SOFT HYPHEN", id="soft-hyphen"),
        pytest.param("\u202e/yap", "RIGHT-TO-LEFT OVERRIDE", id="bidi"),
        pytest.param("\u2067/yap", "RIGHT-TO-LEFT ISOLATE", id="isolate"),
        pytest.param("\U000e0041", "TAG LATIN CAPITAL LETTER A", id="tag"),
        pytest.param("\u3164", "HANGUL FILLER", id="filler"),
        pytest.param("\u2800", "BRAILLE PATTERN BLANK", id="blank"),
        pytest.param("x\ufe0f", "VARIATION SELECTOR-16", id="variation-of-a-letter"),
        pytest.param("\x07", "U+0007", id="control"),
        pytest.param("\x1f", "U+001F", id="control-space"),
        pytest.param("\ue000", "U+E000", id="private"),
        pytest.param("\uff14\uff10\uff19", "FULLWIDTH DIGIT FOUR", id="full-width-digits"),
        pytest.param("POST \uff0fpay", "FULLWIDTH SOLIDUS", id="full-width-slash"),
        pytest.param("POST\uff0cPUT /pay", "FULLWIDTH COMMA", id="full-width-comma"),
        pytest.param("/\U0001d429ay", "MATHEMATICAL BOLD SMALL P", id="mathematics"),
        pytest.param("/\u217b", "SMALL ROMAN NUMERAL TWELVE", id="three-letters-in-one"),
        pytest.param("/\u2170tems", "SMALL ROMAN NUMERAL ONE", id="roman-numeral"),
        pytest.param("\ufb01le", "LIGATURE FI", id="ligature"),
        pytest.param("\u0261ot 409", "LATIN SMALL LETTER SCRIPT G", id="phonetic-g"),
        pytest.param("p\u0251y", "LATIN SMALL LETTER ALPHA", id="phonetic-a"),
        pytest.param("\u1d04onflict", "LATIN LETTER SMALL CAPITAL C", id="small-capital"),
        pytest.param("pay\u0294", "LATIN LETTER GLOTTAL STOP", id="a-question-mark"),
        pytest.param("pay\u01c3", "LATIN LETTER RETROFLEX CLICK", id="an-exclamation-mark"),
        pytest.param("\ua731tate", "LATIN LETTER SMALL CAPITAL S", id="small-capital-s"),
        pytest.param("\u017ftate", "LATIN SMALL LETTER LONG S", id="long-s"),
        pytest.param("\u0185ooking", "LATIN SMALL LETTER TONE SIX", id="a-letter-of-old"),
        pytest.param("confl\u0131ct", "LATIN SMALL LETTER DOTLESS I", id="dotless-i"),
        pytest.param("\u146fay", "CANADIAN SYLLABICS KO", id="syllable"),
        pytest.param("\u1d56ay", "MODIFIER LETTER SMALL P", id="raised-letter"),
        pytest.param("/p\u2044q", "FRACTION SLASH", id="slash"),
        pytest.param("/\u2217", "ASTERISK OPERATOR", id="star"),
        pytest.param("a\u2010b", "HYPHEN", id="hyphen"),
        pytest.param("cafe\u0301", "not NFC", id="accent-apart"),
        pytest.param("POST /**/state", "", id="ascii"),
        pytest.param("two\nlines\tof text", "", id="lines"),
        pytest.param("Gr\u00f6\u00dfe \u2013 \u201eso\u201c \u2026", "", id="german"),
        pytest.param("caf\u00e9, na\u00efve, \u0141\u00f3d\u017a", "", id="accents"),
        pytest.param("\u021bar\u0103 STRA\u1e9eE", "", id="romanian-and-a-capital"),
        pytest.param("Ti\u1ebfng Vi\u1ec7t", "", id="vietnamese"),
        pytest.param("kay\u0131t de\u011fil", "", id="turkish"),
        pytest.param("B\u0259li, \u018fsas", "", id="azerbaijani"),
        pytest.param("\u0190y\u025b \u0254kwan, \u0257an", "", id="african"),
        pytest.param("\u03ba\u03b5\u03af\u03bc\u03b5\u03bd\u03b1", "", id="greek-text"),
        pytest.param("\u2116 5, 1\u00aa, \u24b6, \u2122", "", id="signs"),
        pytest.param("POST /\u0437\u0430\u043a\u0430\u0437\u044b/**", "", id="russian"),
        pytest.param("\u0447\u0442\u043e \u0430 \u043d\u0435 API", "", id="russian-prose"),
        pytest.param("\u9501\uff1a\u540e\u8005\u6536\u5230 409\uff0c\u65e0", "", id="chinese"),
        pytest.param("API\u4e00\u89a7", "", id="japanese-and-latin"),
        pytest.param("\u26a0\ufe0f stale \U0001f469\u200d\U0001f4bb", "", id="emoji"),
        pytest.param("5 \u00b5s, 3 m\u00b2", "", id="units"),
    ],
)  # fmt: skip
def test_odd_characters(text: str, name: str) -> None:
    """What another character looks like, or nothing shows, is told by its name."""
    found = odd_character(text)
    assert name in found if name else found == ""


@pytest.mark.parametrize(
    ("path", "name"),
    [
        pytest.param("/p\u1ea1yments", "LATIN SMALL LETTER A WITH DOT BELOW", id="dot-below"),
        pytest.param("/\u0257elete", "LATIN SMALL LETTER D WITH HOOK", id="hook"),
        pytest.param("/adm\u0131n", "LATIN SMALL LETTER DOTLESS I", id="dotless-i"),
        pytest.param("/gr\u00f6\u00dfe/\u0141\u00f3d\u017a", "", id="european"),
        pytest.param("/sipari\u015f/kay\u0131t", "", id="turkish"),
        pytest.param("/\u7528\u6237/\u0437\u0430\u043a\u0430\u0437", "", id="other-scripts"),
    ],
)
def test_odd_characters_of_paths(path: str, name: str) -> None:
    """Marks that are easily overlooked are odd in a path."""
    found = odd_character(path, prose=False)
    assert name in found if name else found == ""


@given(st.characters(categories=["Cf", "Cc", "Zs", "Zl", "Zp"]))
def test_no_invisible_character_slips(character: str) -> None:
    """Whatever is written around it, but for what every text has."""
    assert bool(odd_character(f"POST /a{character}b")) == (character not in " \t\n\r")


@given(st.characters(min_codepoint=0xFF01, max_codepoint=0xFF5E))
def test_no_full_width_character_slips(character: str) -> None:
    """Each stands for one of ASCII, which a reviewer reads."""
    plain = unicodedata.normalize("NFKC", character)
    assert f'looks like "{plain}"' in odd_character(f"POST /{character}")


def test_readable() -> None:
    """What is left of a reason if only what can be read counts."""
    assert readable("It is \u3164\u200b\u2800, so.") == "Itisso"
    assert readable(" .\u3164\u200b-") == ""
