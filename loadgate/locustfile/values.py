"""What an expression of a locustfile can be: a text with holes, a status, a response, a function.

A text is a `str` in which a character of private use stands for each hole: `ANY` for what is not
known, a mark of its own for the status of each response. So joining, cutting and changing texts are
the methods of `str`. Several values are a tuple: any of them is possible.
"""

from __future__ import annotations

import ast
import json
import math
import re
from collections.abc import Hashable, Iterable, Iterator, Sequence
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
LARGEST = 4000
"""Values that a list or dictionary holds."""
_HOLES = re.compile("([\ue000-\uf8ff\U000f0000-\U000ffffd])")
_LITERAL = str.maketrans(dict.fromkeys([*range(0xE000, 0xF900)], ANY))
_PLAIN_SPEC = re.compile(r"(?:[^{}]?[<>=^])?-?#?0?[0-3]?[,_]?[dns]?")
"""Format specs that leave three digits as they are."""

Value: TypeAlias = Any
"""A `str`, a constant, or one of the classes below."""
Values: TypeAlias = tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Opaque:
    """A value of which only its origin is known."""

    origin: Hashable
    """What two uses of the same value have in common; the dotted name of something imported."""
    mark: str = ""
    """The mark of its status, where it is known to be a response."""


@dataclass(frozen=True, slots=True)
class Status:
    """The status of a response."""

    mark: str
    """What stands for it in a text."""


class _Sized:
    """What holds other values, and knows how many, nested ones counted double for each level."""

    __slots__ = ()
    size: int

    def _count(self, held: Iterable[Values]) -> None:
        inner = sum(2 * getattr(v, "size", 0.5) for values in held for v in values)
        object.__setattr__(self, "size", 1 + int(inner))


@dataclass(frozen=True, slots=True)
class Series(_Sized):
    """A tuple, list or set; what a generator yields (`<>`); the numbers of a range (`..`)."""

    brackets: str
    items: tuple[Values, ...]
    size: int = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Count once what it holds."""
        self._count(self.items)


@dataclass(frozen=True, slots=True)
class Mapping(_Sized):
    """A dictionary with known keys."""

    items: tuple[tuple[Value, Values], ...]
    size: int = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Count once what it holds."""
        self._count(((key, *values) for key, values in self.items))

    def get(self, key: Value) -> Values | None:
        """Return the value of a key; None: there is none."""
        return next((value for known, value in reversed(self.items) if known == key), None)

    def with_item(self, key: Value, value: Values) -> Mapping:
        """Return the dictionary with one more item."""
        return Mapping((*((k, v) for k, v in self.items if k != key), (key, value)))


@dataclass(frozen=True, slots=True)
class Made(_Sized):
    """An object of a class that is not in these files, as an exception of a library."""

    name: str
    """The name of its class, without its module."""
    args: tuple[Values, ...]
    size: int = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Count once what it holds."""
        self._count(self.args)


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
    shared: set[str] = field(default_factory=set)
    """Names that belong to an outer scope: `global`, `nonlocal`."""
    returned: list[Value] = field(default_factory=list)
    yielded: list[Value] = field(default_factory=list)
    owner: Class | None = None
    """The class whose method this is, for `super()`."""
    me: Values = ()
    """What `self` is."""

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
    owner: Class | None = None
    defaults: dict[str, Values] = field(default_factory=dict)


@dataclass(eq=False, slots=True)
class Class:
    """A class of the files."""

    name: str
    bases: Values
    scope: Scope
    """Its attributes and methods."""
    fields: tuple[str, ...] = ()
    """What is declared with a type, as in a data class."""
    itself: Instance | None = None
    """The object that stands for every user of this class."""

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

    def find(self, name: str) -> Values | None:
        """Return an attribute of the class, be it inherited."""
        return next((c.scope.names[name] for c in self.lineage() if name in c.scope.names), None)


@dataclass(eq=False, slots=True)
class Instance:
    """An object of a class of the files."""

    cls: Class
    attributes: dict[str, Values] = field(default_factory=dict)
    """All that is ever bound to `self.NAME`, whatever the order."""


@dataclass(frozen=True, slots=True)
class Method(_Sized):
    """A method with what it is called on, or a function with its first arguments."""

    owner: Value
    name: str = ""
    """That of a method of a text, list or dictionary, or of a response."""
    args: tuple[Values, ...] = ()
    keywords: tuple[tuple[str, Values], ...] = ()
    size: int = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Count once what it holds."""
        self._count([(self.owner,), *self.args, *(values for _, values in self.keywords)])


def bounded(value: Value) -> Value:
    """Return a value, or less of it where it is too large."""
    if isinstance(value, str):
        return value if len(value) <= LONGEST else value[:LONGEST] + ANY
    return value if getattr(value, "size", 0) <= LARGEST else Opaque(None)


def distinct(values: Iterable[Value]) -> Values:
    """Return values in their order, each once; of too many, what they have in common."""
    kept = tuple({(type(value), value): value for value in values}.values())
    return kept if len(kept) <= MOST else (in_common(kept),)


def in_common(values: Values) -> Value:
    """Return a text for the beginning that all values have; else something unknown."""
    if not all(isinstance(value, str) for value in values):
        return Opaque(None)
    first, last = min(values), max(values)
    pairs = enumerate(zip(first, last, strict=False))
    same = next((number for number, (a, b) in pairs if a != b), len(first))
    return first[:same] + ANY


def literal(text: str) -> str:
    """Return a text of the source; what would be taken for a hole is one."""
    return re.sub("[\U000f0000-\U000ffffd]", ANY, text.translate(_LITERAL))


def is_mark(character: str) -> bool:
    """Say whether a character of a text stands for a status."""
    return ord(character) >= FIRST_MARK


def marks(text: str) -> list[str]:
    """Return the holes of a text that stand for a status, each once."""
    return [*dict.fromkeys(filter(is_mark, text))]


def joined(parts: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Return every text that these parts make, one of each in turn; too many become holes."""
    choices = [tuple(dict.fromkeys(part)) for part in parts]
    while math.prod(map(len, choices)) > MOST:
        largest = max(range(len(choices)), key=lambda n: len(choices[n]))
        choices[largest] = (in_common(choices[largest]),)
    return tuple(dict.fromkeys("".join(choice) for choice in product(*choices)))


# --- values as text -------------------------------------------------------------------------------


def texts(values: Values, how: str = "s") -> tuple[str, ...]:
    """Return how values are written: by `str` ("s"), `repr` ("r") or as JSON ("j")."""
    found = (text for value in values for text in _written(value, how))
    return tuple(distinct(found))


def _written(value: Value, how: str) -> tuple[str, ...]:
    match value:
        case str():
            return (value if how == "s" else _quoted(value, how),)
        case Status():
            return (value.mark,)
        case Opaque():
            return (f"<Response [{value.mark}]>" if value.mark and how != "j" else ANY,)
        case Made():
            return _written_object(value, how)
        case Series():
            return _written_series(value, how)
        case Mapping():
            items = [
                p for k, v in value.items for p in (texts((k,), how if how == "j" else "r"), v)
            ]
            return _listed("{", items, "}", how, (", ", ": "))
        case None | bool() | int() | float():
            return (json.dumps(value) if how == "j" else str(value),)
    return (ANY,)


def _written_object(value: Made, how: str) -> tuple[str, ...]:
    if how == "s" and len(value.args) < 2:
        return texts(value.args[0]) if value.args else ("",)
    name = value.name if how == "r" else ""
    return _listed(f"{name}(", value.args, ")", "r") if how != "j" else (ANY,)


def _written_series(value: Series, how: str) -> tuple[str, ...]:
    opening, closing = value.brackets[0], value.brackets[1]
    if opening in "<." or (opening == "{" and (len(value.items) != 1 or how == "j")):
        return (ANY,)  # a set has no order
    if how == "j":
        opening, closing = "[]"
    elif opening == "(" and len(value.items) == 1:
        closing = ",)"
    return _listed(opening, value.items, closing, how)


def _listed(
    opening: str,
    items: Sequence[Values],
    closing: str,
    how: str,
    between: Sequence[str] = (", ",),
) -> tuple[str, ...]:
    parts: list[Sequence[str]] = [(opening,)]
    for number, item in enumerate(items):
        if number:
            parts.append((between[number % len(between)],))
        # the key of a dictionary is written already
        key = len(between) > 1 and number % 2 == 0
        parts.append(item if key else texts(item, "j" if how == "j" else "r"))
    return joined([*parts, (closing,)])


def _quoted(text: str, how: str) -> str:
    """Return a text as `repr` or JSON writes it, as far as that is known."""
    parts = _HOLES.split(text)
    if how == "j":
        return '"' + "".join(p if _HOLES.fullmatch(p) else json.dumps(p)[1:-1] for p in parts) + '"'
    if len(parts) == 1:
        return repr(text)
    quote = ANY if ANY in text or CHANGED in text or "'" in text else "'"
    inner = (ANY.join(repr(bit)[1:-1] for bit in p.split("'")) for p in parts[::2])
    holes = [*parts[1::2], ""]
    return quote + "".join(map("".join, zip(inner, holes, strict=True))) + quote


# --- formats --------------------------------------------------------------------------------------


def formatted(values: Values, conversion: str, spec: str | None) -> tuple[str, ...]:
    """Return how `{value!conversion:spec}` is written; the spec is None where it is not known."""
    how = "r" if conversion in {"r", "a"} else "s"
    if spec == "" or conversion == "a":
        found = texts(values, how)
        return found if conversion != "a" else tuple(t if t.isascii() else ANY for t in found)
    return tuple(
        distinct(
            text
            for value in values
            for written in _written(value, how)
            for text in [_padded(value, written, spec, plain=not conversion)]
        )
    )


def _padded(value: Value, text: str, spec: str | None, *, plain: bool) -> str:
    """Return a written value in a format; the format is that of a text where it is not `plain`."""
    if not _HOLES.search(text):  # all of it is known
        if re.search("[0-9]{4}", spec or ""):
            return ANY  # it could be as long as memory is
        try:
            return format(value if plain else text, spec or "") if spec is not None else ANY
        except (ValueError, TypeError):
            return ANY
    if text == ANY or (spec is not None and len(text) == 1 and _PLAIN_SPEC.fullmatch(spec)):
        return text
    if spec is None or "." in spec or len(text) == 1:
        return CHANGED if marks(text) else ANY
    return (ANY if re.search("[>^]", spec) else "") + text + (ANY if ">" not in spec else "")
