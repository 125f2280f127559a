"""Counts of a recording: requests by time and key, error texts, task errors, users, marks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from loadgate.recording.histogram import Cell

MOST_KEYS = 5_000
MOST_CELLS = 200_000
MOST_OF_LATENCIES = 40_000_000
"""Characters of all cells' texts of latencies together."""
MOST_TEXTS = 10_000
TEXTS_PER_KEY = 100
MOST_CLASSES = 200
"""Of exceptions that tasks raised."""
MOST_USER_COUNTS = 20_000
MOST_MARKS = 2_000
MOST_CHARACTERS = 10_000_000
"""Of names and error texts together, so that a reader may refuse what is much larger."""
ABORT = "abort"
"""The kind of the mark of a run that was stopped because it had failed: it never passes."""
LONGEST_NAME = 2_000
LONGEST_TEXT = 2_000
"""Characters of an error text."""
WIDTHS = (1, 5, 10, 30, 60, 300, 600, 1800, 3600)
"""Seconds of a cell; each divides the next, so that cells merge whole."""


class Key(NamedTuple):
    """What tells requests apart. A tuple: it is hashed for each request."""

    method: str | None
    """As Locust has it; None: there were too many keys to keep this name."""
    name: str | None
    """As Locust has it; None: there were too many keys to keep this name."""
    status: int | str | None
    """The response's own status, or "grpc:ABORTED"; None: there was no answer."""
    exception: str | None
    """The class of the exception; None: there was none, or it was a text."""
    failed: bool
    """Whether Locust counts it as a failure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Something that happened to the run."""

    at: float
    """Seconds since the epoch."""
    kind: str
    """One of start, spawned, stopping, stop, abort, reset."""
    users: int | None = None
    """How many users there were; None: not known."""
    reason: str = ""
    """Of an abort: what the run had failed."""


@dataclass(slots=True)
class Counts:
    """All counts. Adding others is all that happens to them, so any order and split is the same."""

    width: int = 1
    """Seconds of a cell, one of `WIDTHS`."""
    cells: dict[tuple[int, Key], Cell] = field(default_factory=dict)
    """By the first second of the cell, since the epoch, and the key."""
    texts: dict[tuple[Key, str | None], int] = field(default_factory=dict)
    """Failures by key and error text; None: beyond the texts that are kept."""
    task_errors: dict[str | None, int] = field(default_factory=dict)
    """Exceptions that tasks raised, by class; None: beyond the classes that are kept."""
    users: dict[int, int] = field(default_factory=dict)
    """Users by second, where the number changed."""
    marks: list[Mark] = field(default_factory=list)
    """In the order of time."""
    keys: set[Key] = field(default_factory=set)
    """All keys under which something is counted."""
    bounded: bool = True
    """Whether names and texts beyond the bounds are counted without them; not where recordings are
    merged, each of which keeps to the bounds."""
    _texts_of: dict[Key, int] = field(default_factory=dict)
    _kept_texts: int = 0
    _characters: int = 0
    _latencies: int = 0
    """Characters, of the cells that were added: those that are recorded here are few."""

    @property
    def requests(self) -> int:
        """All requests."""
        return sum(cell.count for cell in self.cells.values())

    @property
    def failures(self) -> int:
        """Those that Locust counts as failures."""
        return sum(cell.count for (_, key), cell in self.cells.items() if key.failed)

    def kept(self, key: Key) -> Key:
        """Return the key to count under: with very many, the name goes, then all but the status."""
        keys = self.keys
        if key in keys or not self.bounded:
            keys.add(key)
            return key
        method, name = len(key.method or ""), len(key.name or "")
        if (
            len(keys) >= MOST_KEYS
            or max(method, name) > LONGEST_NAME
            or self._characters + method + name > MOST_CHARACTERS
        ):
            key = key._replace(method=None, name=None)
        else:
            self._characters += method + name
        if key not in keys and len(keys) >= 2 * MOST_KEYS:
            status = key.status if isinstance(key.status, int) else None
            key = key._replace(status=status, exception=None)
        keys.add(key)
        return key

    def cell(self, second: int, key: Key) -> Cell:
        """Return the cell of a second and a key that is kept, to count in it."""
        place = (second - second % self.width, key)
        found = self.cells.get(place)
        if found is None:
            found = self.cells[place] = Cell()
            if len(self.cells) > MOST_CELLS and self._widen_once():
                return self.cell(second, key)
        return found

    def count_text(self, key: Key, text: str | None, count: int = 1) -> None:
        """Count failures of a key that is kept by their error text."""
        if text is not None and self.bounded and (key, text) not in self.texts:
            of_key = self._texts_of.get(key, 0)
            if (
                of_key < TEXTS_PER_KEY
                and self._kept_texts < MOST_TEXTS
                and self._characters + len(text) <= MOST_CHARACTERS
            ):
                self._texts_of[key] = of_key + 1
                self._kept_texts += 1
                self._characters += len(text)
            else:
                text = None
        self.texts[key, text] = self.texts.get((key, text), 0) + count

    def count_task_error(self, name: str | None, count: int = 1) -> None:
        """Count exceptions that tasks raised."""
        if name not in self.task_errors and len(self.task_errors) >= MOST_CLASSES:
            name = None
        self.task_errors[name] = self.task_errors.get(name, 0) + count

    def count_users(self, second: int, users: int) -> None:
        """Note how many users there are."""
        if second in self.users or len(self.users) < MOST_USER_COUNTS:
            self.users[second] = users

    def mark(self, mark: Mark) -> None:
        """Note something that happened."""
        if len(self.marks) < MOST_MARKS or mark.kind == ABORT:
            self.marks.append(mark)

    def widen(self, width: int) -> None:
        """Merge cells into cells of so many seconds."""
        if width <= self.width:
            return
        self.width = width
        cells, self.cells = self.cells, {}
        for (second, key), cell in cells.items():
            place = (second - second % width, key)
            if place in self.cells:
                self.cells[place].add(cell)
            else:
                self.cells[place] = cell
        for cell in self.cells.values():
            cell.pack()
        self._latencies = sum(len(cell.text) for cell in self.cells.values())

    def _widen_once(self) -> bool:
        """Widen to the next width; say whether there is one."""
        wider = [width for width in WIDTHS if width > self.width]
        if wider:
            self.widen(wider[0])
        return bool(wider)

    def add(self, other: Counts) -> None:
        """Add all of `other`, which is not to be used any more."""
        self.widen(other.width)
        for (second, key), cell in other.cells.items():
            into = self.cell(second, self.kept(key))
            self._latencies -= len(into.text)
            into.add(cell)
            into.pack()
            self._latencies += len(into.text)
            if self._latencies > MOST_OF_LATENCIES:
                self._widen_once()
        for (key, text), count in other.texts.items():
            self.count_text(self.kept(key), text, count)
        for name, count in other.task_errors.items():
            self.count_task_error(name, count)
        for second, users in other.users.items():
            self.count_users(second, users)
        for mark in other.marks:
            self.mark(mark)
