"""A pattern and a text in, whether the whole text matches out, in time linear in the text."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field

_METHODS = re.compile(r"([A-Z]+(?:,[A-Z]+)*) +(?=\S)")
_ORIGIN = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*")
_NUMBER = re.compile(r"(?<![0-9])[1-5][0-9][0-9](?![0-9])")

STATUS_PLACE = "{status}"


class PatternError(ValueError):
    """A pattern that cannot be used; the text says why."""


@dataclass(frozen=True, slots=True)
class TextGlob:
    """A text in which `*` stands for any run of characters, line breaks included."""

    text: str
    """The pattern as written."""
    _parts: tuple[str, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Split at the stars once; an empty pattern raises PatternError."""
        if not self.text:
            raise PatternError("the pattern is empty")
        object.__setattr__(self, "_parts", tuple(self.text.split("*")))

    def matches(self, text: str) -> bool:
        """Say whether the whole of `text` matches."""
        if len(self._parts) == 1:
            return text == self.text
        end = len(text) - len(self._parts[-1])
        if not (text.startswith(self._parts[0]) and text.endswith(self._parts[-1])):
            return False
        place = _first_end(text, self._parts[:-1], end)
        return place is not None

    def includes(self, other: TextGlob) -> bool:
        """Say whether every text that `other` matches is matched by this glob, too.

        A character that is in neither stands for what a star of `other` may stand for: only a star
        of this glob can take it, and a star takes anything.
        """
        fresh = next(c for c in map(chr, itertools.count()) if c not in self.text + other.text)
        return self.matches(other.text.replace("*", fresh))


def _first_end(text: str, parts: tuple[str, ...], end: int) -> int | None:
    """Return where the parts, one after another, first end in text[:end]; the first is a prefix.

    Taking the leftmost place of each part in turn leaves the most room for the next one, so no
    other choice need ever be tried: this is what keeps globs linear.
    """
    place = len(parts[0])
    if place > end or not text.startswith(parts[0]):
        return None
    for part in parts[1:]:
        found = text.find(part, place, end)
        if found < 0:
            return None
        place = found + len(part)
    return place


def _last_start(text: str, parts: tuple[str, ...]) -> int | None:
    """Return where the parts last start in text; the last is a suffix. Mirror of `_first_end`."""
    place = len(text) - len(parts[-1])
    if place < 0 or not text.endswith(parts[-1]):
        return None
    for part in reversed(parts[:-1]):
        found = text.rfind(part, 0, place)
        if found < 0:
            return None
        place = found
    return place


@dataclass(frozen=True, slots=True)
class StatusText:
    """A user's own wording: a text glob in which `{status}` stands for the three digits to read."""

    text: str
    """The pattern as written."""
    _before: tuple[str, ...] = field(init=False, repr=False, compare=False)
    _after: tuple[str, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Split at `{status}`, which must stand there exactly once, else PatternError."""
        before, place, after = self.text.partition(STATUS_PLACE)
        if not place or STATUS_PLACE in after:
            raise PatternError("the text must hold {status} exactly once")
        if not (before + after).replace("*", "").strip():
            raise PatternError("the text must hold words beside {status}: any number would match")
        object.__setattr__(self, "_before", tuple(before.split("*")))
        object.__setattr__(self, "_after", tuple(after.split("*")))

    def statuses(self, text: str) -> set[int]:
        """Return every status that `text` can be read as having; more than one: ambiguous."""
        lead, tail = self._before, self._after
        earliest = _first_end(text, lead[:-1], len(text)) if len(lead) > 1 else 0
        latest = _last_start(text, tail[1:]) if len(tail) > 1 else len(text)
        if earliest is None or latest is None:
            return set()
        found = set()
        for number in _NUMBER.finditer(text):
            start = number.start() - len(lead[-1])
            end = number.end() + len(tail[0])
            if (
                (start >= earliest if len(lead) > 1 else start == 0)
                and (end <= latest if len(tail) > 1 else end == latest)
                and text.startswith(lead[-1], start)
                and text.startswith(tail[0], number.end())
            ):
                found.add(int(number.group()))
        return found


@dataclass(frozen=True, slots=True)
class EndpointPattern:
    """Which endpoints are meant: `[METHOD[,METHOD]] NAME-PATTERN`.

    In the name pattern `*` is any run of characters but `/`, `**` any run of characters, `{word}`
    one path segment, and `/**/` also a single `/`. Everything else is itself.
    """

    text: str
    """The pattern as written."""
    methods: frozenset[str] | None
    """The Locust request types meant; None: any."""
    _name: _NamePattern = field(repr=False, compare=False)

    @classmethod
    def parse(cls, text: str, methods: tuple[str, ...] | None = None) -> EndpointPattern:
        """Read a pattern; with `methods` given, the whole of `text` is the name pattern.

        Raises PatternError where nothing could ever match, or the method is said twice.
        """
        head = _METHODS.match(text)
        if methods is not None:
            if head and not HTTP_METHODS.isdisjoint(head.group(1).split(",")):
                raise PatternError(f"{text!r} names a method, and `method` does too")
            return cls(text, frozenset(methods), _NamePattern(text))
        if head is None:
            return cls(text, None, _NamePattern(text))
        return cls(text, frozenset(head.group(1).split(",")), _NamePattern(text[head.end() :]))

    def matches(self, method: str, name: str) -> bool:
        """Say whether the endpoint is meant: its whole name, as it stands or as a bare path."""
        if self.methods is not None and method not in self.methods:
            return False
        if self._name.matches(name):
            return True
        path = bare_path(name)
        return path != name and self._name.matches(path)

    def includes_names(self, other: EndpointPattern) -> bool:
        """Say whether this surely matches every name that `other` matches, methods aside.

        False can also mean that it cannot be told: where `other` has both wildcards and the origin
        of a URL, and where the patterns are too intricate to be compared.
        """
        if self._name.includes(other._name):
            return True
        head = other._name.before_query
        return head is not None and self._name.matches(bare_path(head))


HTTP_METHODS = frozenset(
    ("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH")
)


def bare_path(name: str) -> str:
    """Take scheme, host, query string and fragment off an endpoint's name."""
    origin = _ORIGIN.match(name)
    path = name[origin.end() :] if origin else name
    for mark in "#?":
        path = path.partition(mark)[0]
    return path or ("/" if origin else path)


_TOKEN = re.compile(
    r"(?P<directories>(?:(?<=/)\*{2,}/)+)|(?P<run>\*{2,})|(?P<star>\*)"
    r"|(?P<word>\{[A-Za-z_][A-Za-z0-9_]*\})|(?P<literal>.)",
    re.DOTALL,
)


_PAIRS = 10_000
"""Pairs of state sets after which two patterns are too intricate to be compared."""


_SAMPLES: dict[str | None, str] = {"directories": "x/x/", "run": "x/x", "star": "x", "word": "x"}
"""What may stand for each kind of wildcard in a name that a pattern matches."""


def _before_query(text: str) -> str | None:
    head = re.split("[?#]", text, maxsplit=1)[0]
    wild = any(token.lastgroup != "literal" for token in _TOKEN.finditer(head))
    return None if wild else head


class _NamePattern:
    """A name pattern as a nondeterministic automaton, its set of states one integer.

    Bit i set: "token i comes next". A step is a few operations on integers (the bit-parallel
    simulation of Baeza-Yates and Gonnet, 1992), so no pattern can make matching slow.
    """

    __slots__ = (
        "_accept",
        "_enter",
        "_literal",
        "_moves",
        "_prefix",
        "_sample",
        "_skip",
        "_stay",
        "_suffix",
        "before_query",
    )

    def __init__(self, text: str) -> None:
        if not text:
            raise PatternError("the pattern names no endpoint")
        self._moves: dict[str, int] = {"": 0}  # character -> tokens it ends; "": any but "/"
        self._stay: dict[str, int] = {"/": 0, "": 0}  # tokens that stay on "/", on any other
        self._skip = 0  # tokens that may be left out
        self._enter = 0  # tokens that may be left out together with the next one
        self._literal: str | None = text
        bit = 1
        for token in _TOKEN.finditer(text):
            match token.lastgroup:
                case "directories":  # nothing, or any run that ends in a slash
                    self._enter |= bit
                    self._skip |= bit
                    bit <<= 1
                    self._moves["/"] = self._moves.get("/", 0) | bit
                    self._stay["/"] |= bit
                    self._stay[""] |= bit
                case "run":
                    self._skip |= bit
                    self._stay["/"] |= bit
                    self._stay[""] |= bit
                case "star":
                    self._skip |= bit
                    self._stay[""] |= bit
                case "word":  # one character but "/", then any number of them
                    self._moves[""] |= bit
                    bit <<= 1
                    self._skip |= bit
                    self._stay[""] |= bit
                case _:
                    self._moves[token.group()] = self._moves.get(token.group(), 0) | bit
                    bit <<= 1
                    continue
            self._literal = None
            bit <<= 1
        self._accept = bit
        self._prefix = re.split(r"[*{]", text, maxsplit=1)[0]
        self._suffix = re.split(r"[*}]", text)[-1]
        self._sample = _TOKEN.sub(lambda token: _SAMPLES.get(token.lastgroup, token[0]), text)
        self.before_query: str | None = _before_query(text)
        """What every name matched has before its query or fragment; None: it differs."""

    def matches(self, name: str) -> bool:
        """Say whether the whole name matches."""
        if self._literal is not None:
            return name == self._literal
        if not (name.startswith(self._prefix) and name.endswith(self._suffix)):
            return False  # most names of a run end here
        states = self._settle(1)
        for character in name:
            states = self._step(states, character)
            if not states:
                return False
        return bool(states & self._accept)

    def includes(self, other: _NamePattern) -> bool:
        """Say whether every name that `other` matches is matched, too; False also for "too many".

        Both automata are run side by side over all names at once, until no new pair of state sets
        turns up. The empty text stands for all characters that are in neither pattern.
        """
        if not self.matches(other._sample):  # most patterns of a file end here
            return False
        alphabet = sorted({*self._moves, *other._moves, "/"})
        pairs = [(self._settle(1), other._settle(1))]
        seen = set(pairs)
        while pairs:
            mine, theirs = pairs.pop()
            if theirs & other._accept and not mine & self._accept:
                return False
            for character in alphabet:
                reached = other._step(theirs, character)
                if not reached:
                    continue
                pair = (self._step(mine, character), reached)
                # Every state can be led to the end: `other` then has a name that this lacks.
                if not pair[0] or len(seen) > _PAIRS:
                    return False
                if pair not in seen:
                    seen.add(pair)
                    pairs.append(pair)
        return True

    def _step(self, states: int, character: str) -> int:
        """Return the states after one more character; "" is any that the pattern does not name."""
        moves = self._moves.get(character, 0)
        if character == "/":
            return self._settle((states & moves) << 1 | states & self._stay["/"])
        moves |= self._moves[""]
        return self._settle((states & moves) << 1 | states & self._stay[""])

    def _settle(self, states: int) -> int:
        """Add the states that are reached without a character."""
        states |= (states & self._enter) << 2
        states |= (states & self._skip) << 1
        return states | (states & self._skip) << 1  # twice: "{word}*" may leave out two in a row
