"""What an expression of a locustfile can be: a text with holes, a status, a response, a function.

A text is a `str` in which a character of private use stands for each hole: `ANY` for what is not
known, a mark of its own for the status of each response. So joining and cutting texts are the
methods of `str`. Several values are a tuple: any of them is possible.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any, TypeAlias

ANY = "\ue000"
"""The hole for what is not known."""
CHANGED = "\ue001"
"""The hole for a status that is written in another way than its three digits."""
OTHER = "\ue002"
"""The hole for the status of another response than the one that fails."""
FIRST_MARK = 0xF0000
MOST = 32
"""Values that are told apart; of more nothing is known but what they have in common."""
LONGEST = 4000
"""Characters of a text that are looked at."""
LARGEST = 2000
"""Values that a list holds, those of lists in it included."""
_RESERVED = re.compile("[\ue000-\uf8ff\U000f0000-\U000ffffd]")

Value: TypeAlias = Any
"""A `str`, a constant, or one of the classes below."""
Values: TypeAlias = tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Opaque:
    """A value of which only its origin is known."""

    origin: str = ""
    """What two uses of the same value have in common; the dotted name of something imported."""
    mark: str = ""
    """The mark of its status, where it certainly is a response."""
    computed: bool = False
    """It is made from a status."""


@dataclass(frozen=True, slots=True)
class Status:
    """The status of a response."""

    mark: str
    """What stands for it in a text."""


@dataclass(frozen=True, slots=True)
class Condition:
    """Whether a status is one of some."""

    true: tuple[tuple[str, int], ...]
    """Which statuses are possible where it holds, as bits, by mark."""
    false: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Items:
    """A tuple, list, set or dictionary."""

    brackets: str
    items: tuple[Values, ...]
    keys: tuple[Value, ...] = ()
    """Those of a dictionary."""


@dataclass(frozen=True, slots=True)
class Error:
    """An exception."""

    name: str
    """The name of its class, without its module."""
    args: tuple[Values, ...]


@dataclass(eq=False, slots=True)
class Scope:
    """Names and what they stand for, in a module, a class or one call of a function."""

    path: str
    """The file, as messages name it."""
    parent: Scope | None = None
    """Where names are looked for that are not here."""
    names: dict[str, Values] = field(default_factory=dict)
    possible: dict[str, int] = field(default_factory=dict)
    """The statuses that are possible here, as bits, by mark; those not in it may be any."""
    looked: set[str] = field(default_factory=set)
    """The marks of the responses that something looked at, be it their text."""
    returned: list[Value] = field(default_factory=list)
    yielded: list[Value] = field(default_factory=list)
    cls: Class | None = None
    """The class whose method this is."""
    me: Value = None
    """What `self` is in it."""

    def look_up(self, name: str) -> Values | None:
        """Return what a name stands for; None: nothing that is known."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.parent
        return None


@dataclass(eq=False, slots=True)
class Function:
    """A function, method or lambda of the files."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    scope: Scope
    """Where it stands."""
    defaults: dict[str, Values]
    cls: Class | None = None
    decorators: frozenset[str] = frozenset()


@dataclass(eq=False, slots=True)
class Class:
    """A class of the files."""

    name: str
    bases: Values
    names: dict[str, Values]
    """Its attributes and methods."""
    fields: tuple[str, ...] = ()
    """What is declared with a type, as in a data class."""
    user: Instance = field(init=False)
    """The object that stands for every user of this class."""

    def __post_init__(self) -> None:
        """Make the user."""
        self.user = Instance(self)

    def lineage(self) -> Iterator[Class]:
        """Yield the class and those that it inherits from, as far as the files hold them."""
        seen: list[Class] = []
        left: list[Class] = [self]
        while left:
            cls = left.pop(0)
            if cls not in seen:
                seen.append(cls)
                yield cls
                left += [base for base in cls.bases if isinstance(base, Class)]

    def find(self, name: str) -> Values:
        """Return an attribute of the class, be it inherited; nothing: there is none."""
        return next((cls.names[name] for cls in self.lineage() if name in cls.names), ())


@dataclass(eq=False, slots=True)
class Instance:
    """An object of a class of the files."""

    cls: Class
    attributes: dict[str, Values] = field(default_factory=dict)
    """All that is ever bound to `self.NAME`, whatever the order."""


@dataclass(frozen=True, slots=True)
class Method:
    """A method with what it is called on."""

    what: str | Function
    """A function of the files, or the name of a method of a text, a list or a response."""
    owner: Value


def bounded(value: Value) -> Value:
    """Return a value, or less of it where it is too large."""
    if isinstance(value, str):
        return value if len(value) <= LONGEST else value[:LONGEST] + ANY
    return value if _size(value) <= LARGEST else Opaque()


def _size(value: Value) -> int:
    held = (
        value.items if isinstance(value, Items) else value.args if isinstance(value, Error) else ()
    )
    return 1 + sum(_size(inner) for values in held for inner in values)


def distinct(values: Iterable[Value]) -> Values:
    """Return values in their order, each once; of too many, what they have in common."""
    kept = tuple({(type(value), value): value for value in values}.values())
    return kept if len(kept) <= MOST else (_in_common(kept),)


def _in_common(values: Values) -> Value:
    """Return a text for the beginning that all values have; else something unknown."""
    if not all(isinstance(value, str) for value in values):
        return Opaque()
    first, last = min(values), max(values)
    pairs = enumerate(zip(first, last, strict=False))
    return first[: next((at for at, (a, b) in pairs if a != b), len(first))] + ANY


def literal(text: str) -> str:
    """Return a text of the source; what would be taken for a hole is one."""
    return _RESERVED.sub(ANY, text)


def is_mark(character: str) -> bool:
    """Say whether a character of a text stands for a status."""
    return ord(character) >= FIRST_MARK


def marks(text: str) -> list[str]:
    """Return the holes of a text that stand for a status, each once."""
    return [*dict.fromkeys(filter(is_mark, text))]


def holds_status(value: Value) -> bool:
    """Say whether a value is a status, or made from one."""
    match value:
        case str():
            return bool(marks(value)) or CHANGED in value
        case Items():
            return any(holds_status(inner) for item in value.items for inner in item)
        case Opaque():
            return value.computed
    return isinstance(value, Status)


def joined(parts: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Return every text that these parts make, one of each in turn; too many become holes."""
    choices = [tuple(dict.fromkeys(part)) for part in parts]
    while math.prod(map(len, choices)) > MOST:
        largest = max(range(len(choices)), key=lambda n: len(choices[n]))
        choices[largest] = (_in_common(choices[largest]),)
    return tuple(dict.fromkeys("".join(choice) for choice in product(*choices)))


def texts(values: Values, *, quoted: bool = False) -> tuple[str, ...]:
    """Return how values are written by `str`, or by `repr`."""
    return tuple(distinct(text for value in values for text in _written(value, quoted=quoted)))


def _written(value: Value, *, quoted: bool) -> tuple[str, ...]:
    match value:
        case str():
            known = not _RESERVED.search(value)
            return ((repr(value) if known else f"{ANY}{value}{ANY}") if quoted else value,)
        case Status():
            return (value.mark,)
        case Opaque():
            response = f"<Response [{value.mark}]>" if value.mark else ANY
            return (CHANGED if value.computed else response,)
        case Error(name, args):
            if not quoted and len(args) < 2:
                return texts(args[0]) if args else ("",)
            return _listed(f"{name}(" if quoted else "(", args, ")")
        case Items("()" | "[]" as brackets, items):
            end = ",)" if brackets == "()" and len(items) == 1 else brackets[1]
            return _listed(brackets[0], items, end)
        case None | bool() | int() | float():
            return (str(value),)
    return (CHANGED if holds_status(value) else ANY,)


def _listed(opening: str, items: Sequence[Values], closing: str) -> tuple[str, ...]:
    parts: list[Sequence[str]] = [(opening,)]
    for number, item in enumerate(items):
        parts += [(", ",)] if number else []
        parts.append(texts(item, quoted=True))
    return joined([*parts, (closing,)])
