"""Characters that nobody sees or that look like others, so that no reviewer notices them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

_NO_INK = ("FILLER", "BLANK", "VARIATION SELECTOR", "JOINER", "INHERENT")
"""Words in the names of letters and marks that show nothing."""

_SIGNS = ("ASTERISK", "SLASH", "SOLIDUS", "HYPHEN")
"""Words in the names of signs that look like those of patterns and names."""

_TWINS = frozenset(
    "\u0430\u0441\u0435\u043e\u0440\u0445\u0443\u0456\u0458\u0455\u04bb\u0501\u051b\u051d"
    "\u0410\u0412\u0415\u0417\u0406\u0408\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423"
    "\u0425\u0405\u050c\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1"
    "\u03a4\u03a5\u03a7\u03bd\u03bf\u03c1\u03b9"
)
"""Letters of other scripts that look like Latin ones; in a text with others of their script,
they are what they seem."""

_EUROPE = frozenset(map(chr, range(0x80, 0x180))) - set("\u0131\u0138\u017f") | set(
    "\u0218\u0219\u021a\u021b\u1e9e"
)
"""The Latin letters of Europe's languages as they are written today. Not those for i, k and s."""

_TURKISH = frozenset(
    "\u00e7\u00f6\u00fc\u011f\u015f\u0130\u00c7\u00d6\u00dc\u011e\u015e\u0259\u018f"
)
"""Letters that are in nearly every Turkish or Azerbaijani text with a dotless i."""

_EXTENDED_LATIN = frozenset(map(chr, range(0x180, 0x250))) - set("\u0184\u0185\u01bc\u01bd")
"""Letters of other languages, by at least one of their cases. Not those that were for b and 5."""

_PROSE = "\uff0c\uff1a\uff1b\uff01\uff1f\uff08\uff09"
"""Full-width signs that Chinese and Japanese sentences are written with."""


def odd_character(text: str, *, prose: bool = True) -> str:
    """Return what in a text is not what it seems, such as "U+00A0 NO-BREAK SPACE"; "": nothing.

    In a path, which is no `prose`, accents and hooks that are easily overlooked are not, either.
    """
    if text.isascii() and text.isprintable():
        return ""
    return next(_odd(text, prose=prose), "")


def readable(text: str) -> str:
    """Return the letters and digits of a text that can be seen."""
    return "".join(
        character for character in text if character.isalnum() and not _hidden(character)
    )


def _odd(text: str, *, prose: bool) -> Iterator[str]:
    for place, character in enumerate(text):
        if character.isascii() and (character.isprintable() or character in "\t\n\r"):
            continue
        before, after = text[max(place - 1, 0) : place], text[place + 1 : place + 2]
        if _hidden(character):
            # What makes a sign an emoji, or joins two of them, is part of what is seen.
            emoji = unicodedata.category(before or " ") in {"So", "Mn"}
            if not (emoji and character in "\ufe0f\u200d"):
                yield _described(character, "which cannot be seen")
        elif character.isspace() and character != " ":
            yield _described(character, "a space that is not the usual one")
        elif _stands_for_ascii(character) and not (
            character in _PROSE and (_wide(before) or _wide(after))
        ):
            yield _described(
                character, f'which looks like "{unicodedata.normalize("NFKC", character)}"'
            )
        elif any(word in unicodedata.name(character, "").split() for word in _SIGNS):
            yield _described(character, "which looks like a usual sign")
        elif _script(character) == "LATIN" and not _is_written(character, text, prose=prose):
            yield _described(character, "which looks like a usual letter")
    yield from _mixed(text)
    if not unicodedata.is_normalized("NFC", text):
        yield "a letter or sign in another form than the usual one (not NFC)"


def _hidden(character: str) -> bool:
    """Say whether a character shows nothing, a space apart."""
    category = unicodedata.category(character)
    if character.isspace():
        return category == "Cc" and character not in "\t\n\r"
    if category in {"Cc", "Cf", "Cn", "Co", "Cs"}:
        return True
    return any(word in unicodedata.name(character, "") for word in _NO_INK)


def _wide(character: str) -> bool:
    return bool(character) and unicodedata.east_asian_width(character) == "W"


def _stands_for_ascii(character: str) -> bool:
    """Say whether a character is another form of an ASCII one: full-width, or of mathematics."""
    plain = unicodedata.normalize("NFKC", character)
    raised = unicodedata.decomposition(character).startswith(("<super>", "<sub>", "<circle>"))
    letters = plain.isalpha() and unicodedata.category(character) != "So"  # "\u2116" is a sign
    return plain.isascii() and (len(plain) == 1 or letters) and not (raised or character.isspace())


def _is_written(letter: str, text: str, *, prose: bool) -> bool:
    """Say whether a Latin letter is one of a language, not of a phonetic alphabet, in a text."""
    if letter in _EUROPE:
        return True
    if letter == "\u0131":
        return not _TURKISH.isdisjoint(text)
    if not prose:
        return False
    plain = unicodedata.normalize("NFD", letter)[0]
    if plain != letter:  # with accents
        return plain.isascii() or plain in _EUROPE
    cases = {letter.lower(), letter.upper()}
    return len(cases) > 1 and not cases.isdisjoint(_EXTENDED_LATIN)


def _mixed(text: str) -> Iterator[str]:
    """Yield letters of two scripts in one word, and letters that only seem to be Latin."""
    letters: dict[str, list[str]] = {}
    word = ""  # the script of the word so far
    for character in text:
        script = _script(character)
        if script:
            letters.setdefault(script, []).append(character)
            if word and script != word:
                stranger = letters[word][-1] if script == "LATIN" else character
                other = script if script == "LATIN" else word
                yield _described(stranger, f"in one word with {other.title()} letters")
        elif not (character.isalnum() or _mark(character)):  # digits and marks end no word
            word = ""
        word = script or word
    for of_script in letters.values():
        if _TWINS.issuperset(of_script):
            yield _described(of_script[0], "which looks like a Latin letter")


def _mark(character: str) -> bool:
    return unicodedata.category(character).startswith("M")


def _script(character: str) -> str:
    """Return the script of a letter, "LATIN"; none for those that nobody takes for Latin ones."""
    if not character.isalpha() or _wide(character):
        return ""
    name = unicodedata.name(character, "")
    return name.partition(" ")[0] if " LETTER " in name or " SYLLAB" in name else ""


def _described(character: str, why: str) -> str:
    name = unicodedata.name(character, "a character without a name")
    return f"U+{ord(character):04X} {name}, {why}"
