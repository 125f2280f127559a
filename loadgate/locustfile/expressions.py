"""Evaluating expressions of a locustfile, as far as texts and statuses are concerned."""

from __future__ import annotations

import ast
import re
from abc import abstractmethod
from dataclasses import replace

from loadgate.locustfile import strings
from loadgate.locustfile.attributes import Attributes
from loadgate.locustfile.conditions import Left, both, split
from loadgate.locustfile.values import (
    MOST,
    Condition,
    Function,
    Instance,
    Items,
    Opaque,
    Scope,
    Value,
    Values,
    bounded,
    distinct,
    holds_status,
    joined,
    literal,
    texts,
)

DEEPEST = 60
"""Levels of an expression that are looked into."""
MOST_STEPS = 500_000
"""Expressions that are evaluated, each as often as it is come to: some seconds."""
_LARGEST_NUMBER = 10**15
_RESPONSE_NAME = re.compile(r"(?:\w*_)?(?:response|resp|res|rsp|reply|r)[0-9]?")
_CONTENT = frozenset(("text", "json", "content", "headers", "url", "js", "body", "raw"))
"""What a response says, which whoever looks at it may have checked."""
_BRACKETS: dict[type[ast.expr], str] = {ast.Tuple: "()", ast.List: "[]", ast.Set: "{}"}


class TooComplex(Exception):  # noqa: N818 - it says what is wrong
    """So much is to be followed that it would take too long."""


class Evaluator(Attributes):
    """Evaluates expressions; what a call does is left to a subclass."""

    def __init__(self) -> None:
        """Begin with nothing evaluated."""
        super().__init__()
        self._depth = 0
        self._steps = 0

    @abstractmethod
    def call(self, node: ast.Call, scope: Scope) -> Values:
        """Return what a call gives."""

    @abstractmethod
    def function(self, node: ast.Lambda, scope: Scope) -> Function:
        """Return the function that a lambda is."""

    def evaluate(self, node: ast.expr, scope: Scope) -> Values:
        """Return what an expression can be: one value or more."""
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise TooComplex
        if self._depth > DEEPEST:
            return (Opaque(),)
        self._depth += 1
        try:
            found = self._evaluate(node, scope)
        finally:
            self._depth -= 1
        return distinct(map(bounded, found)) or (Opaque(f"<{id(node)}>"),)

    def _evaluate(self, node: ast.expr, scope: Scope) -> Values:  # noqa: C901, PLR0912 - a table
        match node:
            case ast.Constant(str(value)):
                return (literal(value),)
            case ast.Constant(None | bool() | int() | float() as value):
                return (value if (value or 0) < _LARGEST_NUMBER else Opaque(),)
            case ast.JoinedStr(values):
                return joined([self._f_string_part(part, scope) for part in values])
            case ast.Name(name):
                return scope.look_up(name) or (Opaque(name),)
            case ast.Attribute(value, "ok"):
                owners = self.evaluate(value, scope)
                self.look(node, scope)
                return self._condition(node, scope) or self.attributes(owners, "ok")
            case ast.Compare() | ast.UnaryOp(ast.Not()) | ast.BoolOp() if found := self._condition(
                node, scope
            ):
                return found
            case ast.Attribute(value, name):
                likely = isinstance(value, ast.Name) and bool(_RESPONSE_NAME.fullmatch(value.id))
                owners = self.evaluate(value, scope)
                if name in _CONTENT:
                    scope.looked |= self.marks_of(owners)
                return self.attributes(owners, name, likely=likely)
            case ast.Call():
                return self.call(node, scope)
            case ast.BinOp():
                return self._operation(node, scope)
            case ast.BoolOp(_, values):
                return tuple(v for value in values for v in self.evaluate(value, scope))
            case ast.IfExp():
                return self._either(node, scope)
            case ast.NamedExpr(ast.Name(name), value):
                scope.names[name] = self.evaluate(value, scope)
                return scope.names[name]
            case ast.Tuple() | ast.List() | ast.Set():
                return (self._series(node, scope),)
            case ast.Dict(keys, values) if None not in keys:
                names = tuple(self.evaluate(key, scope)[0] for key in keys if key is not None)
                return (Items("{}", tuple(self.evaluate(v, scope) for v in values), names),)
            case ast.Subscript():
                return self._subscript(node, scope)
            case ast.Lambda():
                return (self.function(node, scope),)
            case ast.ListComp(elt, [loop]) | ast.GeneratorExp(elt, [loop]) if not loop.ifs:
                return (self._comprehension(elt, loop, scope),)
            case ast.Await(value) | ast.Starred(value):
                return self.evaluate(value, scope)
            case ast.Yield(ast.expr() as value):
                scope.yielded += self.evaluate(value, scope)
        if isinstance(node, ast.Compare):
            self.look(node, scope)
        inner = [
            self.evaluate(child, scope)
            for child in ast.iter_child_nodes(node)
            if isinstance(child, ast.expr)
        ]
        made = not isinstance(node, ast.Compare) and any(
            holds_status(v) for vs in inner for v in vs
        )
        return (Opaque(f"<{id(node)}>", computed=made),)

    def _series(self, node: ast.Tuple | ast.List | ast.Set, scope: Scope) -> Value:
        items: list[Values] = []
        for element in node.elts:
            values = self.evaluate(element, scope)
            if not isinstance(element, ast.Starred):
                items.append(values)
            elif isinstance(values[0], Items):
                items += values[0].items
            else:
                return Opaque(computed=any(holds_status(v) for item in items for v in item))
        return Items(_BRACKETS[type(node)], tuple(items))

    def _condition(self, node: ast.expr, scope: Scope) -> Values:
        """Return what a condition says of statuses; nothing: it says nothing of them."""
        true, false = split(node, lambda e: self.evaluate(e, scope))
        found = Condition(tuple(true.items()), tuple(false.items()))
        return (found,) if true or false else ()

    def test(self, node: ast.expr, scope: Scope) -> tuple[Left, Left]:
        """Return what is possible where a condition is true, and where it is false."""
        self.look(node, scope)
        return split(node, lambda e: self.evaluate(e, scope))

    def _either(self, node: ast.IfExp, scope: Scope) -> Values:
        true, false = self.test(node.test, scope)
        before = scope.possible
        found: Values = ()
        for condition, branch in ((true, node.body), (false, node.orelse)):
            scope.possible = both(before, condition)
            found += self.evaluate(branch, scope)
        scope.possible = before
        return found

    def look(self, test: ast.expr, scope: Scope) -> None:
        """Note the responses that a condition is about, and not only how long they took."""
        nodes = list(ast.walk(test))
        owners = {id(node.value) for node in nodes if isinstance(node, ast.Attribute)}
        for node in nodes:
            if isinstance(node, ast.Name) and id(node) not in owners:
                scope.looked |= self.marks_of(self.evaluate(node, scope))
            elif isinstance(node, ast.Attribute) and node.attr in {"status_code", "status", "ok"}:
                scope.looked |= self.marks_of(self.evaluate(node.value, scope))

    def _comprehension(self, node: ast.expr, loop: ast.comprehension, scope: Scope) -> Value:
        inner = replace(scope, parent=scope, names={})
        (source, *more) = self.evaluate(loop.iter, scope)
        if isinstance(source, Items) and not more and not source.keys:
            items = []
            for values in source.items[:MOST]:
                self.bind(loop.target, values, inner)
                items.append(self.evaluate(node, inner))
            return Items("[]", tuple(items))
        self.bind(loop.target, (Opaque(),), inner)
        made = any(map(holds_status, self.evaluate(node, inner)))
        return Opaque(f"<{id(node)}>", computed=made)

    def _f_string_part(self, node: ast.expr, scope: Scope) -> tuple[str, ...]:
        if not isinstance(node, ast.FormattedValue):
            return texts(self.evaluate(node, scope))
        spec: str | None = ""
        if node.format_spec is not None:
            (spec, *_) = texts(self.evaluate(node.format_spec, scope))
        conversion = chr(node.conversion) if node.conversion > 0 else ""
        return strings.formatted(self.readable(self.evaluate(node.value, scope)), conversion, spec)

    def _subscript(self, node: ast.Subscript, scope: Scope) -> Values:
        owners = self.evaluate(node.value, scope)
        if not isinstance(node.slice, ast.Slice):
            keys = self.evaluate(node.slice, scope)
            return distinct(v for owner in owners for key in keys for v in strings.item(owner, key))
        found: list[Value] = []
        for owner in owners:
            match owner, node.slice:
                case str(), ast.Slice(None | ast.Constant(0), ast.Constant(int(upper)), None):
                    found.append(strings.cut(owner, upper))
                case Opaque(), _:
                    found.append(strings.part(owner, "[:]"))
                case _:
                    found.append(Opaque(f"<{id(node)}>", computed=holds_status(owner)))
        return tuple(found)

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

    # --- binding names ----------------------------------------------------------------------------

    def bind(self, target: ast.expr, values: Values, scope: Scope) -> None:
        """Bind a name, an attribute, or the names in a tuple."""
        match target:
            case ast.Name(name):
                scope.names[name] = values
            case ast.Tuple(targets) | ast.List(targets):
                for number, inner in enumerate(targets):
                    found = distinct(v for value in values for v in strings.item(value, number))
                    self.bind(inner, found, scope)
            case ast.Attribute(value, name):
                for owner in self.evaluate(value, scope):
                    if isinstance(owner, Instance):
                        known = owner.attributes.get(name, ())
                        owner.attributes[name] = distinct((*known, *values))


def _computed(left: Value, op: ast.operator, right: Value) -> Values:
    if isinstance(left, str) and isinstance(op, ast.Mod):
        return strings.percent(left, right)
    if isinstance(op, ast.Add):
        if isinstance(left, Items) and isinstance(right, Items) and not left.keys:
            return (Items(left.brackets, left.items + right.items),)
        if isinstance(left, str) or isinstance(right, str):  # else it fails, or is no text
            return ("".join(v if isinstance(v, str) else texts((v,))[0] for v in (left, right)),)
    return (Opaque(computed=holds_status(left) or holds_status(right)),)
