"""Texts for messages: the known word nearest to an unknown one, the first of many, quotations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from loadgate.masking import mask_secrets

NAMELESS = "(no name)"
EMPTY = "(empty error text)"
_SHOWN = 40
_COMPARED = 100


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


def first_of(texts: Sequence[str], most: int, between: str = ", ") -> str:
    """Return the first texts, and how many more there are."""
    more = f" and {len(texts) - most:,} more" if len(texts) > most else ""
    return between.join(texts[:most]) + more


def quoted(text: str) -> str:
    """Return a text from a file as an error message may show it: short, on one line, harmless."""
    return shown(mask_secrets(text))


def shown(pattern: str) -> str:
    """Return a pattern that the user wrote in the same way, and nothing in it masked."""
    cut = pattern if len(pattern) <= _SHOWN else pattern[: _SHOWN - 1] + "…"
    # Escape sequences and bidirectional overrides would change what a terminal shows around them.
    return '"' + "".join(c if c.isprintable() else ascii(c)[1:-1] for c in cut) + '"'
