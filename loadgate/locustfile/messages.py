"""Where messages reach Locust: what a locustfile tells it as errors, found by going through it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from loadgate.locustfile.attributes import own_error
from loadgate.locustfile.conditions import ALL, statuses
from loadgate.locustfile.expressions import TooComplex
from loadgate.locustfile.source import Source, SourceError, Sources
from loadgate.locustfile.statements import Statements
from loadgate.locustfile.values import (
    FIRST_MARK,
    OTHER,
    Class,
    Error,
    Function,
    Items,
    Opaque,
    Scope,
    Value,
    Values,
    marks,
    texts,
)

MOST_BESIDE = 100_000
"""Expressions evaluated, behind which a function beside a locustfile is entered only if called."""
_UNKNOWN_MARK = chr(FIRST_MARK + 0xFFF8)


@dataclass(slots=True)
class Site:
    """A place in a locustfile where something is told to Locust, or raised."""

    path: str
    line: int
    sink: str
    """`failure`, `success`, `fire`, `raise` or `assert`."""
    texts: dict[str, None] = field(default_factory=dict)
    """Every text that it can tell, with holes, in their order."""
    possible: int = 0
    """The statuses, as bits, that conditions leave here."""
    unseen: bool = False
    """Nothing on the way here looked at the response."""
    quotes: bool = False
    """It tells a part of the response as it is."""
    any_status: bool = False
    """No condition on the way here was about the status."""


class Walker(Statements):
    """Goes through locustfiles, and notes what reaches Locust."""

    def __init__(self, sources: Sources) -> None:
        """Take the files."""
        super().__init__(sources)
        self._notes = True
        self.sites: dict[tuple[str, int, int, str], Site] = {}

    def walk(self) -> list[Site]:
        """Go through all files, and twice through their functions: `self.X` may be bound below."""
        try:
            for source in self._sources.roots:
                self.module(source)
            for self._notes in (False, True):
                self._results.clear()
                self._enter_all()
        except (RecursionError, TooComplex) as error:
            problem = "is too large or too deeply nested to follow; split it"
            raise SourceError(self._sources.roots[0].shown, problem) from error
        return sorted(self.sites.values(), key=lambda site: (site.path, site.line, site.sink))

    def _enter_all(self) -> None:
        """Go through every function, callers before what they call."""
        self.called.clear()
        self._steps = 0
        roots = {source.shown for source in self._sources.roots}
        called = {name for function in self._functions for name in _called_names(function.node)}
        for late in (called, set[str]()):
            entries = sorted(self._entries(), key=lambda entry: entry[0].scope.path not in roots)
            for function, me in entries:
                name = getattr(function.node, "name", "")
                beyond = self._steps > MOST_BESIDE and function.scope.path not in roots
                if (
                    name not in late
                    and not beyond
                    and (late or id(function.node) not in self.called)
                ):
                    self.enter(function, me, {}, function.scope)

    def _entries(self) -> Iterator[tuple[Function, list[Values]]]:
        """Yield all functions and methods, those of each class also for what inherits them."""
        for function in self._functions:
            if function.cls is None:
                yield function, []
        for cls in self._classes:
            names = [name for base in cls.lineage() for name in base.names]
            for name in dict.fromkeys(names) if not self._is_abstract(cls) else ():
                for value in cls.find(name):
                    if isinstance(value, Function):
                        static = "staticmethod" in value.decorators
                        yield value, [] if static else [(cls.user,)]

    def _is_abstract(self, cls: Class) -> bool:
        inherited = any(cls in list(other.lineage())[1:] for other in self._classes)
        return inherited and cls.names.get("abstract") == (True,)

    @property
    def sources(self) -> list[Source]:
        """Return the files that were gone through, modules beside included."""
        return self._sources.read()

    # --- what reaches Locust ----------------------------------------------------------------------

    def reach(self, sink: str, node: ast.AST, values: Values, scope: Scope, owner: Value) -> None:
        """Note every text that values are as an error of Locust."""
        if not self._notes:
            return
        line, column = getattr(node, "lineno", 0), getattr(node, "col_offset", 0)
        key = (scope.path, line, column, sink)
        site = self.sites.setdefault(key, Site(scope.path, line, sink))
        response = owner if isinstance(owner, Opaque) else Opaque()
        mark = response.mark or (self.mark(response.origin) if response.origin else "")
        left = scope.possible.get(mark, ALL)
        if not mark:
            (left, *_) = [*scope.possible.values(), ALL]
        site.possible |= left
        site.any_status |= left == ALL
        site.unseen |= left == ALL and mark not in scope.looked
        for value in values:
            if isinstance(value, Opaque) and response.origin:
                site.quotes |= value.origin.startswith(f"{response.origin}.")
            for text in _error_texts(own_error(value), sink):
                site.texts[self._own(text, response.mark, left)] = None

    def _own(self, text: str, mark: str, left: int) -> str:
        """Return a text with the status of another response as such, and the only one possible."""
        if mark:
            others = self.responses - {mark}
            text = "".join(OTHER if c in others else c for c in text)
        only = statuses(left)
        if len(only) == 1 and text.count(str(only[0])) == 1 and not marks(text):
            return re.sub(rf"(?<![0-9]){only[0]}(?![0-9])", mark or _UNKNOWN_MARK, text)
        return text


def _error_texts(value: Value, sink: str) -> Iterable[str]:
    match value:
        case None:
            return ()
        case str():
            return (value,)
        case Error(_, args) if len(args) < 2:
            return texts(args[0]) if args else ()
        case Error():
            return texts((value,), quoted=True)
        case Items():
            name = "AssertionError" if sink == "assert" else "CatchResponseError"
            return texts((Error(name, ((value,),)),), quoted=True)
    return texts((value,))


def _called_names(node: ast.AST) -> set[str]:
    """Return the names that are called in a function."""
    calls = (inner.func for inner in ast.walk(node) if isinstance(inner, ast.Call))
    return {str(getattr(f, "attr", "") or getattr(f, "id", "")) for f in calls}
