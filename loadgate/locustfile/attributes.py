"""Attributes of what a locustfile handles: the status of a response, a method, a constant."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from http import HTTPStatus

from loadgate.locustfile import strings
from loadgate.locustfile.values import (
    FIRST_MARK,
    Class,
    Error,
    Function,
    Instance,
    Items,
    Method,
    Opaque,
    Scope,
    Status,
    Value,
    Values,
    distinct,
)

_CODE_NAME = re.compile(r"(?:HTTPStatus|codes)\.(\w+)\Z|\bHTTP_([1-5][0-9]{2})_\w+\Z")

Keywords = dict[str, Values]


class Attributes(ABC):
    """Looks up attributes; what calling a property does is left to a subclass."""

    def __init__(self) -> None:
        """Begin with no response known."""
        self._marks: dict[object, str] = {}

    @abstractmethod
    def enter(
        self, function: Function, args: Sequence[Values], keywords: Keywords, scope: Scope
    ) -> Values:
        """Return what a function of the files gives."""

    def mark(self, origin: object) -> str:
        """Return what stands in texts for the status of the response with this origin."""
        return self._marks.setdefault(origin, chr(FIRST_MARK + len(self._marks) % 0xFFF0))

    def marks_of(self, values: Iterable[Value]) -> set[str]:
        """Return the marks of the responses that some values are, or the statuses of."""
        found = set[str]()
        for value in values:
            if isinstance(value, Opaque) and value.origin:
                found.add(value.mark or self.mark(value.origin))
            elif isinstance(value, Status):
                found.add(value.mark)
        return found

    def readable(self, values: Values) -> Values:
        """Return values with exceptions of the files' own classes as what they say."""
        return distinct(own_error(value) for value in values)

    def attributes(self, owners: Values, name: str, *, likely: bool = True) -> Values:
        """Return an attribute of values; `likely` responses are so by their name."""
        return distinct(v for owner in owners for v in self._attribute(owner, name, likely=likely))

    def _attribute(self, owner: Value, name: str, *, likely: bool) -> Values:
        match owner:
            case Opaque():
                if name == "status_code" or (name == "status" and (owner.mark or likely)):
                    return (Status(owner.mark or self.mark(owner.origin or object())),)
                if name in {"failure", "success", "raise_for_status"}:
                    return (Method(name, owner),)
                return (
                    _known_constant(f"{owner.origin}.{name}") or strings.part(owner, f".{name}"),
                )
            case Instance(cls, attributes):
                methods = (v for value in cls.find(name) for v in self._bound(value, owner))
                found = (*methods, *attributes.get(name, ()))
                return found or self._attribute(Opaque(f"<{id(owner)}>"), name, likely=likely)
            case Class():
                return owner.find(name) or (Opaque(),)
            case Scope():
                return owner.names.get(name) or (Opaque(),)
            case Status():
                return (owner if name == "value" else Opaque(computed=True),)
            case str() | int() if name == "value":  # of a member of an enum
                return (owner,)
            case None | Error():
                return ()
        return (Method(name, owner),)

    def _bound(self, value: Value, owner: Instance) -> Values:
        if not isinstance(value, Function) or "staticmethod" in value.decorators:
            return (value,)
        if value.decorators & {"property", "cached_property"}:
            return self.enter(value, [(owner,)], {}, value.scope)
        return (Method(value, owner),)


def own_error(value: Value) -> Value:
    """Return an exception of the files' own classes by its arguments; anything else as it is."""
    if isinstance(value, Instance) and "args" in value.attributes:
        if value.cls.find("__str__") or value.cls.find("__repr__"):
            return Opaque(computed=True)
        (args, *_) = value.attributes["args"]
        return Error(value.cls.name, args.items if isinstance(args, Items) else ())
    return value


def _known_constant(dotted: str) -> int | None:
    """Return the number that `http.HTTPStatus.CONFLICT` and the like are; None: it is none."""
    found = _CODE_NAME.search(dotted)
    if found is None or found[2]:
        return None if found is None else int(found[2])
    status = HTTPStatus.__members__.get(found[1].upper())
    return None if status is None else int(status)
