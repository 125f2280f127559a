"""Name patterns: whether one matches a name, and whether it includes another one.

In a pattern `*` is any run of characters but `/`, `**` any run of characters, `{word}` one path
segment, and `/**/` also a single `/`. Everything else is itself.

A wildcard with more of the pattern behind it is narrow: it stands for what paths hold and nothing
else, so that `/**/state` is no `/pay;next=/a/state`. A pattern read `wide` has no narrow ones.
"""

from __future__ import annotations

import re
import string
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from loadgate.errors import LoadgateError

_TOKEN = re.compile(
    r"(?P<directories>(?:(?<=/)\*{2,}/)+)|(?P<run>\*{2,})|(?P<star>\*)"
    r"|(?P<word>\{[A-Za-z_][A-Za-z0-9_]*\})|(?P<literal>.)",
    re.DOTALL,
)
_SAMPLES: dict[str | None, str] = {"directories": "x/x/", "run": "x/x", "star": "x", "word": "x"}
"""What may stand for each kind of wildcard in a name that a pattern matches."""

_PAIRS = 10_000
"""Pairs of state sets after which two patterns are too intricate to be compared."""

MOST_STEPS = 30_000_000
"""Steps of comparing the rules of a policy, or of holding a run against it: some seconds."""

LONGEST_NAME = 100_000
"""Characters of an endpoint's name, each of which every pattern with wildcards looks at."""

_QUERY = frozenset("?#")

_PATH = frozenset(f"{string.ascii_letters}{string.digits}-._~:@!$'()*+,[]{{}}<>")
"""The ASCII characters of a path's segments. Not `;`, `&`, `=` and `%`: parameters may follow."""

_SLASH = ("/", "//", "/.", "/.")
"""The kind of a slash by its place: it ends a usual segment, an empty one, `.` or `..`."""
_SLASHES = frozenset(_SLASH)
_KINDS = ("path", " ", "other", *sorted(_SLASHES))
_OTHERS = ("éé", "??")
"""What stands for all other characters of a path, and all other ones: two, so it is none itself."""


@dataclass(slots=True)
class Effort:
    """What comparing patterns with one another, or with the texts of a run, has taken."""

    steps: int = 0

    @property
    def exhausted(self) -> bool:
        """Whether no more can be compared."""
        return self.steps > MOST_STEPS

    def spend(self, steps: int) -> None:
        """Add steps of holding a run against a policy; LoadgateError where they are too many."""
        self.steps += steps
        if self.exhausted:
            raise LoadgateError(
                "there are too many names and error texts to hold each against so many rules and"
                " thresholds\n"
                "  Give requests that differ in an id one name in the locustfile; or write fewer"
                " rules, or fewer wildcards in them.",
                page="refusals#limits",
            )


class NamePattern:
    """A name pattern as a nondeterministic automaton, its set of states one integer.

    Bit i set: "token i comes next". A step is a few operations on integers (the bit-parallel
    simulation of Baeza-Yates and Gonnet, 1992), so no pattern can make matching slow.
    """

    __slots__ = (
        "_accept",
        "_enter",
        "_literals",
        "_moves",
        "_sample",
        "_skip",
        "_stay",
        "_suffix",
        "has_query",
        "has_wildcards",
        "prefix",
        "text",
        "wide",
    )

    def __init__(self, text: str, *, wide: bool = False) -> None:
        self.text = text
        self.wide = wide
        self.prefix = re.split(r"[*{]", text, maxsplit=1)[0]
        """What every name that matches begins with."""
        self.has_query = not _QUERY.isdisjoint(text)
        """Whether it names a query string or a fragment."""
        tokens = list(_TOKEN.finditer(text))
        literals = [token.start() for token in tokens if token.lastgroup == "literal"]
        self.has_wildcards = len(literals) < len(tokens)
        self._literals: dict[str, int] = {}  # character but "/" -> tokens it ends
        self._moves = dict.fromkeys(_KINDS, 0)  # kind of character -> slashes and wildcards it ends
        self._stay = dict.fromkeys(_KINDS, 0)  # kind of character -> wildcards that take it
        self._skip = 0  # tokens that may be left out
        self._enter = 0  # tokens that may be left out together with the next one
        bit, place = 1, 0
        for token in tokens:
            taken = _taken(text, token.start(), literals, wide=wide)
            if token.lastgroup != "literal":
                bit = self._add_wildcard(token, bit, taken)
            elif token[0] == "/":
                # One that the pattern itself writes behind a slash or dots, no wildcard can hide.
                _set(self._moves, taken & _SLASHES | {_SLASH[place]}, bit)
            else:
                self._literals[token[0]] = self._literals.get(token[0], 0) | bit
            for character in token[0]:
                _, place = _kind(character, place)
            bit <<= 1
        self._accept = bit
        self._suffix = re.split(r"[*}]", text)[-1]
        self._sample = _TOKEN.sub(lambda token: _SAMPLES.get(token.lastgroup, token[0]), text)

    def _add_wildcard(self, token: re.Match[str], bit: int, taken: frozenset[str]) -> int:
        """Add a wildcard that takes these kinds of characters; return its last bit."""
        segment = taken - _SLASHES
        match token.lastgroup:
            case "directories":  # nothing, or any run that ends in a slash
                self._enter |= bit
                self._skip |= bit
                bit <<= 1
                _set(self._moves, taken & _SLASHES, bit)
            case "word":  # one character but "/", then any number of them
                _set(self._moves, segment, bit)
                bit <<= 1
                self._skip |= bit
            case _:
                self._skip |= bit
        _set(self._stay, taken if token.lastgroup in {"directories", "run"} else segment, bit)
        return bit

    def matches(self, name: str, effort: Effort | None = None) -> bool:
        """Say whether the whole name matches."""
        if not self.has_wildcards:
            return name == self.text
        if not (name.startswith(self.prefix) and name.endswith(self._suffix)):
            return False  # most names of a run end here
        if effort is not None:
            effort.spend(len(name))
        states, place = self._settle(1), 0
        for character in name:
            kind, place = _kind(character, place)
            states = self._step(states, character, kind)
            if not states:
                return False
        return bool(states & self._accept)

    def includes(self, other: NamePattern, effort: Effort) -> bool:
        """Say whether every name that `other` matches is matched, too; False also for "too many".

        A pattern without `?` and `#` is asked about names without their query. Both automata are
        run side by side over all names at once, until no new pair of state sets turns up. _OTHERS
        stand for all characters that are in neither pattern.
        """
        if self.has_query and not other.has_query:
            return False
        cut = other.has_query and not self.has_query
        sample = before_query(other._sample) if cut else other._sample
        if sample.startswith(self.prefix):
            effort.steps += len(sample)
        if not self.matches(sample):  # most patterns of a file end here
            return False
        alphabet = self._alphabet(other, cut=cut)
        triples = [(self._settle(1), other._settle(1), 0)]
        seen = set(triples)
        while triples:
            mine, theirs, place = triples.pop()
            effort.steps += len(alphabet)
            if other._may_end(theirs, cut=cut) and not mine & self._accept:
                return False
            for character in alphabet:
                kind, following = _kind(character, place)
                reached = other._step(theirs, character, kind)
                if not reached:
                    continue
                left = self._step(mine, character, kind)
                # Every state can be led to the end: `other` then has a name that this lacks.
                if not left or len(seen) > _PAIRS or effort.exhausted:
                    return False
                triple = (left, reached, following)
                if triple not in seen:
                    seen.add(triple)
                    triples.append(triple)
        return True

    def _alphabet(self, other: NamePattern, *, cut: bool) -> list[str]:
        """Return the characters that tell two patterns apart."""
        named = {*self._literals, *other._literals, "/", *_OTHERS}
        if other.has_query or not other._literals:  # the only wildcards that may take "/../"
            named.add(".")
        return sorted(named - (_QUERY if cut else set()))

    def _may_end(self, states: int, *, cut: bool) -> bool:
        """Say whether a name may end here, if it is `cut` by a query that begins."""
        if states & self._accept:
            return True
        return cut and any(self._step(states, sign, "other") for sign in _QUERY)

    def _step(self, states: int, character: str, kind: str) -> int:
        """Return the states after one more character."""
        moves = self._moves[kind] | self._literals.get(character, 0)
        return self._settle((states & moves) << 1 | states & self._stay[kind])

    def _settle(self, states: int) -> int:
        """Add the states that are reached without a character."""
        states |= (states & self._enter) << 2
        states |= (states & self._skip) << 1
        return states | (states & self._skip) << 1  # twice: "{word}*" may leave out two in a row


def _taken(text: str, start: int, literals: list[int], *, wide: bool) -> frozenset[str]:
    """Return the kinds of characters that a wildcard, or slashes that a slash, takes there."""
    if wide or not literals or not _QUERY.isdisjoint(text[:start]):
        return frozenset(_KINDS)
    if start > literals[-1]:  # the name goes on as it likes, but does not leave its path
        return frozenset(_KINDS) - {_SLASH[-1]}
    words = " " in text and "/" not in text  # an operation's name, no path
    return frozenset({"path", "/", *([" "] if words else [])})


def _set(bits: dict[str, int], kinds: frozenset[str], bit: int) -> None:
    for kind in kinds:
        bits[kind] |= bit


@lru_cache(maxsize=4096)
def _kind(character: str, place: int) -> tuple[str, int]:
    """Return the kind of a character at a place of its segment, and the place behind it.

    Places are 1 to 3 behind "/", "/." and "/..", else 0.
    """
    if character == "/":
        return _SLASH[place], 1
    if character == ".":
        return "path", place + 1 if 0 < place < len(_SLASH) - 1 else 0
    if character == " ":
        return " ", 0
    word = not character.isascii() and (
        character.isalnum() or unicodedata.category(character[0])[0] == "M"
    )
    return "path" if word or character in _PATH else "other", 0


def before_query(name: str) -> str:
    """Return a name without its query string and fragment."""
    return re.split("[?#]", name, maxsplit=1)[0]
