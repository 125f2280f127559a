"""Evaluating expressions of a locustfile, as far as texts and statuses are concerned."""

from __future__ import annotations

import ast
import re
from abc import ABC, abstractmethod
from collections.abc import Hashable, Sequence
from http import HTTPStatus
from typing import cast

from loadgate.locustfile import strings
from loadgate.locustfile.values import (
    ANY,
    CHANGED,
    FIRST_MARK,
    MOST,
    Class,
    Function,
    Instance,
    Made,
    Mapping,
    Method,
    Opaque,
    Scope,
    Series,
    Status,
    Value,
    Values,
    bounded,
    distinct,
    formatted,
    joined,
    literal,
    marks,
    texts,
)

DEEPEST = 60
"""Levels of an expression that are looked into."""
MOST_STEPS = 1_000_000
"""Expressions that are evaluated, each as often as it is come to: some seconds."""
_MOST_BITS = 60
_LONGEST_NAME = 200
_RESPONSE_NAME = re.compile(r"(?:\w*_)?(?:response|resp|res|rsp|reply|r)[0-9]?")
_CLIENT = re.compile(r"client|session|https?\b|requests", re.IGNORECASE)
_VERBS = frozenset(("get", "post", "put", "patch", "delete", "head", "options", "request", "rest"))
_EXCEPTION = re.compile(r"(?:Error|Exception|Failure|Failed|Warning|Fault|Timeout)\Z")
_CODE_NAME = re.compile(r"(?:HTTPStatus|codes)\.(\w+)\Z|\bHTTP_([1-5][0-9]{2})_\w+\Z")
_CONSTANTS = (str, int, float, bool, type(None))
_BRACKETS: dict[type[ast.expr], str] = {ast.Tuple: "()", ast.List: "[]", ast.Set: "{}"}

Keywords = dict[str, Values]


class TooComplex(Exception):  # noqa: N818 - it says what is wrong
    """So much is to be followed that it would take too long."""


class Evaluator(ABC):
    """Evaluates expressions; what a call does is left to a subclass."""

    def __init__(self) -> None:
        """Begin with no response known."""
        self._marks: dict[object, str] = {}
        self._origins: dict[tuple[Hashable, Hashable], int] = {}
        self._depth = 0
        self._steps = 0

    @abstractmethod
    def call(self, node: ast.Call, scope: Scope) -> Values:
        """Return what a call gives."""

    @abstractmethod
    def call_value(self, value: Value, args: Sequence[Values], keywords: Keywords) -> Values:
        """Return what calling a value gives."""

    @abstractmethod
    def readable(self, values: Values) -> Values:
        """Return values with objects of the files' own classes as texts, or as exceptions."""

    @abstractmethod
    def function(self, node: ast.Lambda, scope: Scope) -> Function:
        """Return the function that a lambda is."""

    def mark(self, origin: object) -> str:
        """Return what stands in texts for the status of the response with this origin."""
        return self._marks.setdefault(origin, chr(FIRST_MARK + len(self._marks) % 0xFFF0))

    def part(self, origin: Hashable, key: Hashable) -> Opaque:
        """Return what is known of a part of something: that it is the same each time."""
        if origin is None:
            return Opaque(None)
        return Opaque(self._origins.setdefault((origin, key), -len(self._origins) - 1))

    def evaluate(self, node: ast.expr, scope: Scope) -> Values:
        """Return what an expression can be: one value or more."""
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise TooComplex
        if self._depth > DEEPEST:
            return (Opaque(None),)
        self._depth += 1
        try:
            found = self._evaluate(node, scope)
        finally:
            self._depth -= 1
        return distinct(map(bounded, found)) or (Opaque(id(node)),)

    def _evaluate(self, node: ast.expr, scope: Scope) -> Values:  # noqa: C901, PLR0912 - a table
        match node:
            case ast.Constant(value):
                if isinstance(value, str):
                    return (literal(value),)
                large = isinstance(value, int) and value.bit_length() > _MOST_BITS
                known = isinstance(value, _CONSTANTS) and not large
                return (value,) if known else (Opaque(id(node)),)
            case ast.JoinedStr():
                return joined([self._f_string_part(part, scope) for part in node.values])
            case ast.Name(name):
                found = scope.look_up(name)
                return (Opaque(name),) if found is None else found
            case ast.Attribute():
                name = node.value.id if isinstance(node.value, ast.Name) else ""
                owners = self.evaluate(node.value, scope)
                return self.attributes(owners, node.attr, likely=bool(_RESPONSE_NAME.match(name)))
            case ast.Call():
                return self.call(node, scope)
            case ast.BinOp():
                return self._operation(node, scope)
            case ast.BoolOp(_, values):
                return tuple(v for value in values for v in self.evaluate(value, scope))
            case ast.IfExp():
                return (*self.evaluate(node.body, scope), *self.evaluate(node.orelse, scope))
            case ast.NamedExpr(ast.Name(name)):
                scope.names[name] = self.evaluate(node.value, scope)
                return scope.names[name]
            case ast.Tuple() | ast.List() | ast.Set():
                return (self._series(node, scope),)
            case ast.Dict():
                return (self._mapping(node, scope),)
            case ast.Subscript():
                return self._subscript(node, scope)
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp():
                return self._comprehension(node, scope)
            case ast.Lambda():
                return (self.function(node, scope),)
            case ast.Await() | ast.Starred() | ast.YieldFrom():
                return self.evaluate(node.value, scope)
            case ast.Yield(value) if value is not None:
                scope.yielded += self.evaluate(value, scope)
        for child in ast.iter_child_nodes(node):  # for what is called in it
            if isinstance(child, ast.expr):
                self.evaluate(child, scope)
        return (Opaque(id(node)),)

    def _f_string_part(self, node: ast.expr, scope: Scope) -> tuple[str, ...]:
        if not isinstance(node, ast.FormattedValue):
            return texts(self.evaluate(node, scope))
        spec: str | None = ""
        if node.format_spec is not None:
            (spec, *more) = texts(self.evaluate(node.format_spec, scope))
            spec = None if more or ANY in spec or marks(spec) else spec
        conversion = chr(node.conversion) if node.conversion > 0 else ""
        return formatted(self.readable(self.evaluate(node.value, scope)), conversion, spec)

    # --- attributes and items ---------------------------------------------------------------------

    def attributes(self, owners: Values, name: str, *, likely: bool = False) -> Values:
        """Return an attribute of values; `likely` responses are so by their name."""
        return distinct(
            value for owner in owners for value in self._attribute(owner, name, likely=likely)
        )

    def _attribute(self, owner: Value, name: str, *, likely: bool) -> Values:
        match owner:
            case Opaque():
                return (self._of_opaque(owner, name, likely=likely),)
            case Instance():
                return self._of_instance(owner, name)
            case Class():
                found = owner.find(name)
                return (self.part(id(owner), name),) if found is None else found
            case Scope():
                found = owner.look_up(name)
                return (self.part(owner.path, name),) if found is None else found
            case Status() | int() if name in {"value", "real", "numerator"}:
                return (owner,)
            case Method(Class() as cls, "super", ((*instances,),)):
                return self._of_base(cls, instances, name)
            case Made() if name == "args":
                return (Series("()", owner.args),)
        return (Method(owner, name),)

    def _of_opaque(self, owner: Opaque, name: str, *, likely: bool) -> Value:
        if name == "status_code" or (name == "status" and (owner.mark or likely)):
            return Status(self.mark(owner.origin))
        if name in {"failure", "success"}:
            return Method(owner, name)
        if isinstance(owner.origin, str) and len(owner.origin) < _LONGEST_NAME:
            return _known_constant(f"{owner.origin}.{name}")
        return self.part(owner.origin, name)

    def _of_instance(self, owner: Instance, name: str) -> Values:
        cls = owner.cls
        found = cls.find(name)
        if found is None:  # of a mixin, whose other half is in a subclass
            found = next((v for c in self.subclasses(cls) if (v := c.find(name))), ())
        methods = tuple(
            self._bound(value, owner) if isinstance(value, Function) else (value,)
            for value in found
        )
        values = (*(v for m in methods for v in m), *owner.attributes.get(name, ()))
        if values:
            return values
        if name in {"failure", "success"}:
            return (Method(owner, name),)
        if name == "status_code":
            return (Status(self.mark(owner)),)
        return (self.part(id(owner), name),)

    def _bound(self, function: Function, owner: Instance) -> Values:
        decorators = {ast.unparse(d) for d in getattr(function.node, "decorator_list", ())}
        if decorators & {"property", "cached_property", "functools.cached_property"}:
            return self.call_value(function, [(owner,)], {})
        if "staticmethod" in decorators:
            return (function,)
        return (Method(function, args=((owner,),)),)

    def _of_base(self, cls: Class, instances: Sequence[Value], name: str) -> Values:
        """Return what `super().NAME` is; that of an exception takes its arguments."""
        found: Values | None = None
        for other in list(cls.lineage())[1:]:
            found = found or other.scope.names.get(name)
        if found is None:
            return tuple(Method(owner, f"super.{name}") for owner in instances)
        return tuple(
            Method(value, args=((owner,),)) if isinstance(value, Function) else value
            for value in found
            for owner in instances
        )

    @abstractmethod
    def subclasses(self, cls: Class) -> list[Class]:
        """Return the classes of the files that inherit from one."""

    def _subscript(self, node: ast.Subscript, scope: Scope) -> Values:
        owners = self.evaluate(node.value, scope)
        if isinstance(node.slice, ast.Slice):
            lower, upper, step = (
                self.evaluate(part, scope) if part is not None else (None,)
                for part in (node.slice.lower, node.slice.upper, node.slice.step)
            )
            known = [v for v in (*lower, *upper, *step) if v is None or isinstance(v, int)]
            return tuple(
                strings.cut(owner, known[0], known[1])
                if isinstance(owner, str) and len(known) == 3 and known[2] in {None, 1}
                else Opaque(id(node))
                for owner in owners
            )
        keys = self.evaluate(node.slice, scope)
        return distinct(v for owner in owners for key in keys for v in self.item(owner, key))

    def item(self, owner: Value, key: Value) -> Values:
        """Return `owner[key]`."""
        if isinstance(owner, Mapping):
            found = owner.get(key)
            if found is None and isinstance(key, Opaque | Status):
                found = distinct(v for _, values in owner.items for v in values)
            return found or (Opaque(None),)
        if isinstance(owner, Series) and owner.brackets != "<>":
            if isinstance(key, int) and -len(owner.items) <= key < len(owner.items):
                return owner.items[key]
            return distinct(v for values in owner.items for v in values) or (Opaque(None),)
        if isinstance(owner, Opaque) and owner.origin is not None:
            return (self.part(owner.origin, key if isinstance(key, str | int) else None),)
        return (Opaque(None),)

    def elements(self, values: Values) -> Values:
        """Return what a loop over values gives."""
        found: list[Value] = []
        for value in values:
            if isinstance(value, Series) and value.brackets != "..":
                found += [v for item in value.items for v in item]
            elif isinstance(value, Mapping):
                found += [key for key, _ in value.items]
            else:
                origin = value.origin if isinstance(value, Opaque) else id(value)
                found.append(self.part(origin, "each"))
        return distinct(found)

    # --- operators and displays -------------------------------------------------------------------

    def _operation(self, node: ast.BinOp, scope: Scope) -> Values:
        operands: list[ast.expr] = [node.right]
        left = node.left
        if isinstance(node.op, ast.Add):  # a long sum is deep on its left side
            while isinstance(left, ast.BinOp) and isinstance(left.op, ast.Add):
                operands.append(left.right)
                left = left.left
        result = self.evaluate(left, scope)
        for operand in reversed(operands):
            right = self.readable(self.evaluate(operand, scope))
            result = distinct(v for a in result for b in right for v in _computed(a, node.op, b))
        return result

    def _series(self, node: ast.Tuple | ast.List | ast.Set, scope: Scope) -> Value:
        items: list[Values] = []
        for element in node.elts:
            values = self.evaluate(element, scope)
            if isinstance(element, ast.Starred):
                (inner, *more) = values
                if more or not isinstance(inner, Series):
                    return Opaque(id(node))
                items += inner.items
            else:
                items.append(values)
        return Series(_BRACKETS[type(node)], tuple(items))

    def _mapping(self, node: ast.Dict, scope: Scope) -> Value:
        result = Mapping(())
        for key, value in zip(node.keys, node.values, strict=True):
            values = self.evaluate(value, scope)
            if key is None:
                (inner, *more) = values
                if more or not isinstance(inner, Mapping):
                    return Opaque(id(node))
                result = Mapping((*result.items, *inner.items))
                continue
            (name, *_) = self.evaluate(key, scope)
            result = result.with_item(name, values)
        return result

    def _comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp, scope: Scope
    ) -> Values:
        (first, *more) = node.generators
        inner = Scope(path=scope.path, parent=scope, owner=scope.owner, me=scope.me)
        sources = self.evaluate(first.iter, scope)
        known = len(sources) == 1 and isinstance(sources[0], Series)
        if more or first.ifs or not known or sources[0].brackets in {"<>", ".."}:
            for generator in node.generators:
                self.bind(
                    generator.target, self.elements(self.evaluate(generator.iter, inner)), inner
                )
            self.evaluate(node.elt, inner)
            return (Opaque(id(node)),)
        items = []
        for values in sources[0].items[:MOST]:
            self.bind(first.target, values, inner)
            items.append(self.evaluate(node.elt, inner))
        return (Series("[]", tuple(items)),)

    # --- binding names ----------------------------------------------------------------------------

    def bind(self, target: ast.expr, values: Values, scope: Scope) -> None:
        """Bind a name, an attribute, or the names in a tuple."""
        match target:
            case ast.Name(name):
                self.bind_name(name, values, scope)
            case ast.Tuple(targets) | ast.List(targets):
                for number, inner in enumerate(targets):
                    found = distinct(v for value in values for v in self.item(value, number))
                    self.bind(inner, found, scope)
            case ast.Starred(inner):
                self.bind(inner, (Opaque(id(inner)),), scope)
            case ast.Attribute():
                for owner in self.evaluate(target.value, scope):
                    if isinstance(owner, Instance):
                        known = owner.attributes.get(target.attr, ())
                        owner.attributes[target.attr] = distinct((*known, *values))
                    elif isinstance(owner, Class | Scope):
                        held = owner.scope if isinstance(owner, Class) else owner
                        known = held.names.get(target.attr, ())
                        held.names[target.attr] = distinct((*known, *values))
            case _:
                self._bind_item(cast("ast.Subscript", target), values, scope)

    @staticmethod
    def bind_name(name: str, values: Values, scope: Scope) -> None:
        """Bind a name, here or, if it is shared, where it belongs."""
        if name not in scope.shared:
            scope.names[name] = values
            return
        outer = scope.parent or scope
        while outer.parent is not None and name not in outer.names:
            outer = outer.parent
        outer.names[name] = distinct((*outer.names.get(name, ()), *values))

    def _bind_item(self, target: ast.Subscript, values: Values, scope: Scope) -> None:
        keys = self.evaluate(target.slice, scope)
        owners = self.evaluate(target.value, scope)
        if len(keys) == 1 and isinstance(keys[0], str):
            held = tuple(
                owner.with_item(keys[0], values) if isinstance(owner, Mapping) else owner
                for owner in owners
            )
            if isinstance(target.value, ast.Name):
                self.bind_name(target.value.id, held, scope)


def _computed(left: Value, operator: ast.operator, right: Value) -> Values:
    if isinstance(left, str) and isinstance(operator, ast.Mod):
        return strings.percent(left, right)
    if isinstance(operator, ast.Add):
        if isinstance(left, Series) and isinstance(right, Series):
            return (Series(left.brackets, left.items + right.items),)
        if isinstance(left, str) or isinstance(right, str):  # else it fails, or is no text
            pair = (
                left if isinstance(left, str) else ANY,
                right if isinstance(right, str) else ANY,
            )
            return ("".join(pair),)
    if isinstance(operator, ast.BitOr) and isinstance(left, Mapping) and isinstance(right, Mapping):
        return (Mapping((*left.items, *right.items)),)
    if isinstance(operator, ast.Mult) and isinstance(left, str) and isinstance(right, int):
        return (left * right if right in range(200) and not marks(left) else ANY,)
    if isinstance(left, Status) or isinstance(right, Status):
        return (CHANGED,)
    return (Opaque(None),)


def _known_constant(dotted: str) -> Value:
    """Return the number that `http.HTTPStatus.CONFLICT` and the like are; else what is unknown."""
    found = _CODE_NAME.search(dotted)
    if found is None:
        return Opaque(dotted)
    if found[2]:
        return int(found[2])
    status = HTTPStatus.__members__.get(found[1].upper())
    return Opaque(dotted) if status is None else int(status)


def looks_like_exception(name: str) -> bool:
    """Say whether a class is an exception, by its name."""
    return bool(_EXCEPTION.search(name))


def is_request(node: ast.Call) -> bool:
    """Say whether a call makes a request, and so gives a response."""
    if any(keyword.arg == "catch_response" for keyword in node.keywords):
        return True
    function = node.func
    return (
        isinstance(function, ast.Attribute)
        and function.attr in _VERBS
        and bool(_CLIENT.search(ast.unparse(function.value)))
    )
