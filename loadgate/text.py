"""Texts of files and users, made fit to show: cleaned, cut, quoted, listed, labelled."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Container, Iterable, Iterator, Sequence

from loadgate.masking import mask_secrets

NAMELESS = "(no name)"
EMPTY = "(empty error text)"
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
GAP = "..."

_SURROGATE = re.compile("[\ud800-\udfff]")
_SEQUENCES = re.compile(
    # what a terminal obeys: CSI, then OSC and its kin where they end, then all other escapes
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    # (which holds no other beginning, so that a text of nothing but beginnings takes linear time)
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x90\x98\x9c-\x9f]*(?:\x07|\x1b\\|\x9c)"
    r"|\x1b[ -/]*[0-~]"
)
# Logs of GitHub Actions, Azure Pipelines and TeamCity obey these anywhere in a line.
_LOG_COMMAND = re.compile(r"##(?=\w*\[)")
_MARKS_KEPT = 2  # combining marks in a row; more is not writing
_QUOTED = 40  # characters
_COMPARED = 100


# --- cleaning and cutting -------------------------------------------------------------------------


def one_line(text: str) -> str:
    """Return `text` as one line that is safe to show: without what steers, hides or reorders.

    White space becomes single spaces; control sequences, control and format characters (zero
    width, bidirectional) are dropped; lone surrogates and noncharacters become U+FFFD.
    """
    if not (text.isascii() and text.isprintable()):
        spaced = " ".join(_SEQUENCES.sub("", text).split())
        text = "".join(_printable(unicodedata.normalize("NFC", spaced)))
    return _LOG_COMMAND.sub("# #", " ".join(text.split()))


def _printable(text: str) -> Iterator[str]:
    marks = 0
    for character in text:
        category = unicodedata.category(character)
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        if category in {"Cc", "Cf"} or marks > _MARKS_KEPT:
            continue
        code = ord(character)
        if category == "Cs" or code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF:
            yield REPLACEMENT
        else:
            yield character


def encodable(text: str) -> str:
    """Return a text that UTF-8 can say: lone surrogates become U+FFFD."""
    return text if text.isascii() else _SURROGATE.sub(REPLACEMENT, text)


def toml_string(text: str) -> str:
    """Return a text as a basic string of TOML, printable and on one line.

    Nothing in it can steer a terminal, nor the log of a CI service.
    """
    # json.dumps leaves what TOML does not allow, and what an editor would not show or obey.
    quoted = json.dumps(text, ensure_ascii=False).replace("##", f"#{_escaped(ord('#'))}")
    return "".join(c if c.isprintable() else _escaped(ord(c)) for c in quoted)


def _escaped(code: int) -> str:
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def width(text: str) -> int:
    """Return how many columns a terminal takes for `text`, a result of `one_line`, at most."""
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def cut(text: str, columns: int) -> str:
    """Return `text` in at most so many columns; what is too long loses its middle."""
    if width(text) <= columns:
        return text
    room = max(columns - len(GAP), 0)
    tail = head_of(text[::-1], room // 2)[::-1]
    return head_of(text, room - width(tail)) + GAP[:columns] + tail


def head_of(text: str, columns: int) -> str:
    """Return as much of the start of a text, which is wider, as fits into so many columns."""
    place = taken = 0
    while (taken := taken + width(text[place])) <= columns:
        place += 1
    return text[:place]


# --- in messages ----------------------------------------------------------------------------------


def endpoint_label(method: str, name: str) -> str:
    """Return the label of an endpoint: "POST /tools/[id]/state"."""
    return f"{method} {name}".strip()


def status_label(status: int | str | None, likely: int | None, unknown: str = "unknown") -> str:
    """Return a status as people read it: "409", "409?" where it is only likely, or "unknown"."""
    if status is None:
        return unknown if likely is None else f"{likely}?"
    return str(status)


def status_order(status: int | str | None) -> tuple[bool, int | str]:
    """Return what statuses are sorted by: unknown, numbers, those of gRPC."""
    return isinstance(status, str), status or 0


def and_more(number: int, what: str = "") -> str:
    """Return "and 7 more", or "and 7 more kinds"."""
    return f"and {number:,} more {what}".rstrip()


def first_of(texts: Sequence[str], most: int, between: str = ", ") -> str:
    """Return the first texts, and how many more there are."""
    more = f" {and_more(len(texts) - most)}" if len(texts) > most else ""
    return between.join(texts[:most]) + more


def classes(raised: Sequence[tuple[str, int]]) -> str:
    """Return which exceptions were raised, behind their number: " (3 KeyError)"; "": not known."""
    return f" ({first_of(class_counts(raised), 3)})" if raised else ""


def class_counts(raised: Sequence[tuple[str, int]]) -> list[str]:
    """Return classes with their numbers: "3 KeyError"."""
    return [f"{count:,} {cut(one_line(name), 60)}" for name, count in raised]


def listed(texts: Sequence[str], most: int, what: str = "like these") -> list[str]:
    """Return so many entries at most; of too many texts, the last entry says how many more."""
    if len(texts) <= most:
        return list(texts)
    return [*texts[: most - 1], and_more(len(texts) - most + 1, what)]


def numbered(name: str, taken: Container[str], form: str = "{} ({})") -> str:
    """Return a name that is not taken: with the first number from 2 on, if it is."""
    found, number = name, 1
    while found in taken:
        number += 1
        found = form.format(name, number)
    return found


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that is nearest; None: none is near."""
    from difflib import get_close_matches

    return next(iter(get_close_matches(word[:_COMPARED], known, n=1)), None)


def hint(word: str, known: Iterable[str]) -> str:
    """Return `; did you mean "..."?`, or nothing where no known word is near."""
    near = nearest(word, known)
    return f"; did you mean {quoted(near)}?" if near else ""


def counted(number: int, noun: str) -> str:
    """Return "1 failure" or "1,000 failures"."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def quoted(text: str) -> str:
    """Return a text from a file as an error message shows it: masked, short, on one line."""
    return shown(mask_secrets(text))


def shown(pattern: str) -> str:
    """Return a pattern that the user wrote in the same way, and nothing in it masked."""
    short = pattern if len(pattern) <= _QUOTED else pattern[: _QUOTED - 1] + "…"
    # Escape sequences and bidirectional overrides would change what a terminal shows around them.
    return '"' + "".join(c if c.isprintable() else ascii(c)[1:-1] for c in short) + '"'
