"""Name patterns: whether one matches a name, and whether it includes another one.

In a pattern `*` is any run of characters but `/`, `**` any run of characters, `{word}` one path
segment, and `/**/` also a single `/`. Everything else is itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

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
"""Steps of automata that comparing the rules of a policy may take: some seconds."""

LONGEST_NAME = 100_000
"""Characters of an endpoint's name, each of which every pattern with wildcards looks at."""

_QUERY = frozenset("?#")


@dataclass(slots=True)
class Effort:
    """What comparing patterns with one another has taken."""

    steps: int = 0

    @property
    def exhausted(self) -> bool:
        """Whether no more can be compared."""
        return self.steps > MOST_STEPS


class NamePattern:
    """A name pattern as a nondeterministic automaton, its set of states one integer.

    Bit i set: "token i comes next". A step is a few operations on integers (the bit-parallel
    simulation of Baeza-Yates and Gonnet, 1992), so no pattern can make matching slow.
    """

    __slots__ = (
        "_accept",
        "_enter",
        "_moves",
        "_sample",
        "_skip",
        "_stay",
        "_suffix",
        "has_query",
        "has_wildcards",
        "prefix",
        "text",
    )

    def __init__(self, text: str) -> None:
        self.text = text
        self.prefix = re.split(r"[*{]", text, maxsplit=1)[0]
        """What every name that matches begins with."""
        self.has_query = not _QUERY.isdisjoint(text)
        """Whether it names a query string or a fragment."""
        self.has_wildcards = False
        self._moves: dict[str, int] = {"": 0}  # character -> tokens it ends; "": any but "/"
        self._stay: dict[str, int] = {"/": 0, "": 0}  # tokens that stay on "/", on any other
        self._skip = 0  # tokens that may be left out
        self._enter = 0  # tokens that may be left out together with the next one
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
            self.has_wildcards = True
            bit <<= 1
        self._accept = bit
        self._suffix = re.split(r"[*}]", text)[-1]
        self._sample = _TOKEN.sub(lambda token: _SAMPLES.get(token.lastgroup, token[0]), text)

    def matches(self, name: str) -> bool:
        """Say whether the whole name matches."""
        if not self.has_wildcards:
            return name == self.text
        if not (name.startswith(self.prefix) and name.endswith(self._suffix)):
            return False  # most names of a run end here
        states = self._settle(1)
        for character in name:
            states = self._step(states, character)
            if not states:
                return False
        return bool(states & self._accept)

    def includes(self, other: NamePattern, effort: Effort) -> bool:
        """Say whether every name that `other` matches is matched, too; False also for "too many".

        A pattern without `?` and `#` is asked about names without their query. Both automata are
        run side by side over all names at once, until no new pair of state sets turns up. The empty
        text stands for all characters that are in neither pattern.
        """
        if self.has_query and not other.has_query:
            return False
        cut = other.has_query and not self.has_query
        sample = before_query(other._sample) if cut else other._sample
        if sample.startswith(self.prefix):
            effort.steps += len(sample)
        if not self.matches(sample):  # most patterns of a file end here
            return False
        alphabet = sorted({*self._moves, *other._moves, "/"} - (_QUERY if cut else set()))
        pairs = [(self._settle(1), other._settle(1))]
        seen = set(pairs)
        while pairs:
            mine, theirs = pairs.pop()
            effort.steps += len(alphabet)
            if other._may_end(theirs, cut=cut) and not mine & self._accept:
                return False
            for character in alphabet:
                reached = other._step(theirs, character)
                if not reached:
                    continue
                pair = (self._step(mine, character), reached)
                # Every state can be led to the end: `other` then has a name that this lacks.
                if not pair[0] or len(seen) > _PAIRS or effort.exhausted:
                    return False
                if pair not in seen:
                    seen.add(pair)
                    pairs.append(pair)
        return True

    def _may_end(self, states: int, *, cut: bool) -> bool:
        """Say whether a name may end here, if it is `cut` by a query that begins."""
        if states & self._accept:
            return True
        return cut and any(self._step(states, sign) for sign in _QUERY)

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


def before_query(name: str) -> str:
    """Return a name without its query string and fragment."""
    return re.split("[?#]", name, maxsplit=1)[0]
