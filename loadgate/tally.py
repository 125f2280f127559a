"""The tally: failure rows counted by all that decides them, in memory that does not grow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, repeat

from loadgate.matching import Match, Matcher, TextFacts, text_conditions, text_facts
from loadgate.model import Answer, FailureLog, FailureRow, Policy
from loadgate.name_pattern import Effort
from loadgate.status import Reading, recorded
from loadgate.status.signature import normalise, template

SIGNATURES_KEPT = 100
"""Signatures told apart among failures of one endpoint, status and rule; the rest are "other"."""

_TALLY_CHARACTERS = 4_000_000
_DECISIONS_KEPT = 4096
_QUICK = 500
"""Characters that a glob looks through in the time of a step of a name pattern."""
_GLOBS = 4
"""Globs that a text can be held against in that time: few are more than nearly in it."""

Key = tuple[str, str, str, TextFacts | None]
"""Method, name, template, facts: rows that have all of them in common are decided alike."""


def tally(
    log: FailureLog, policy: Policy, damage: list[str], effort: Effort
) -> Iterator[tuple[Key, int]]:
    """Count rows that say the same thing, so that everything else is done once for all of them.

    What is counted is given out whenever the texts seen grow too large to keep. Raises
    LoadgateError where the effort for the run becomes too much.
    """
    globs = text_conditions(policy)
    facts: TextFacts | None = None
    counts: dict[Key, list[int]] = {}
    seen: dict[Key, list[int]] = {}  # the same lists by the templates that are not normalised yet
    room = _TALLY_CHARACTERS
    damage = [] if isinstance(log, Logs) else damage  # of which each run has told
    rows = (zip(part.rows(damage), _recorded(part), strict=False) for part in _parts(log))
    for (method, name, error, count), known in chain.from_iterable(rows):
        if globs:
            effort.spend(globs * (1 + len(error) // _QUICK) // _GLOBS)
            facts = text_facts(error, policy, known)
        elif known:
            facts = known, ()
        key = (method, name, template(error), facts)
        cell = seen.get(key)
        if cell is not None:
            cell[0] += count
            continue
        text = normalise(key[2])
        normal = key if text == key[2] else (method, name, text, facts)
        seen[key] = cell = counts.setdefault(normal, [0])
        cell[0] += count
        room -= len(key[2]) + 200  # the text, and about what an entry takes besides
        if room < 0:
            yield from ((key, cell[0]) for key, cell in counts.items())
            counts.clear()
            seen.clear()
            room = _TALLY_CHARACTERS
    yield from ((key, cell[0]) for key, cell in counts.items())


class Logs:
    """The failures of several runs that are judged as one, one log after the other."""

    more: tuple[str, ...] = ()
    answers: Sequence[Answer] | None = None
    """Each log has its own."""

    def __init__(self, logs: Sequence[FailureLog]) -> None:
        """Take the log of each run."""
        self.logs = logs

    def rows(self, damage: list[str]) -> Iterator[FailureRow]:
        """Yield the rows of each log."""
        return (row for log in self.logs for row in log.rows(damage))

    def full_rows(self, damage: list[str]) -> Iterator[tuple[FailureRow, tuple[str, ...]]]:
        """Yield the rows of each log, without the columns that others may lack."""
        return ((row, ()) for row in self.rows(damage))


def _parts(log: FailureLog) -> Sequence[FailureLog]:
    return log.logs if isinstance(log, Logs) else (log,)


def _recorded(log: FailureLog) -> Iterable[Reading | None]:
    """Return the status of the responses of each row, as far as it was recorded."""
    return repeat(None) if log.answers is None else map(recorded, log.answers)


class TrueLog:
    """What of a failure log a policy does not excuse, read and decided anew at every pass."""

    def __init__(self, log: FailureLog, policy: Policy) -> None:
        """Take all failures of a run, and the policy that they were sorted by."""
        self.more = log.more
        self.answers = None
        self._log = log
        self._policy = policy

    def rows(self, damage: list[str]) -> Iterator[FailureRow]:
        """Yield the rows of true failures, as the log has them."""
        return (row for row, _ in self.full_rows(damage))

    def full_rows(self, damage: list[str]) -> Iterator[tuple[FailureRow, tuple[str, ...]]]:
        """Yield the rows of true failures, each with its other cells."""
        decided = self.decided(damage)
        return ((row, cells) for row, cells, match in decided if match.decision == "true")

    def decided(self, damage: list[str]) -> Iterator[tuple[FailureRow, tuple[str, ...], Match]]:
        """Yield all rows, each with its other cells and how it is decided."""
        matcher = Matcher(self._policy, why=False)
        wanted = text_conditions(self._policy) > 0
        matches: dict[Key, Match] = {}
        parts = _parts(self._log)
        rows = (zip(part.full_rows(damage), _recorded(part), strict=False) for part in parts)
        for (row, cells), known in chain.from_iterable(rows):
            method, name, error, _ = row
            facts = text_facts(error, self._policy, known) if wanted or known else None
            key = (method, name, template(error), facts)
            match = matches.get(key)
            if match is None:
                if len(matches) >= _DECISIONS_KEPT:
                    matches.clear()
                match = matcher.decide(method, name, normalise(key[2]), facts)
                matches[key] = match
            yield row, cells if self.more else (), match


class Signatures:
    """Counts by signature, of which only the first in the alphabet are told apart.

    Which ones are kept must not depend on the order of the rows: a signature that was once put
    out is greater than all that are kept from then on, so it never comes back.
    """

    __slots__ = ("_last", "counts", "other")

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.other = 0
        self._last: str | None = None  # the greatest that is kept, once no more are taken

    def add(self, text: str, count: int) -> None:
        """Count a signature."""
        if self._last is not None and text > self._last:
            self.other += count
            return
        self.counts[text] = self.counts.get(text, 0) + count
        if len(self.counts) > SIGNATURES_KEPT:
            self.other += self.counts.pop(max(self.counts))
            self._last = max(self.counts)
