"""Statements of a locustfile: what names stand for behind them, and which statuses are possible."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from loadgate.locustfile.calls import Caller
from loadgate.locustfile.conditions import Left, both
from loadgate.locustfile.source import Source, Sources
from loadgate.locustfile.values import (
    Class,
    Error,
    Function,
    Instance,
    Items,
    Opaque,
    Scope,
    Value,
    Values,
    distinct,
)

_UNROLLED = 8
"""Entries of a list that a loop goes through one by one."""
_CATCHES_HTTP = re.compile(r"\b(?:HTTPError|(?:Request|Base)?Exception|OSError|IOError)\b")
State = tuple[dict[str, Values], Left]


class Statements(Caller):
    """Goes through modules and functions, statement by statement."""

    def __init__(self, sources: Sources) -> None:
        """Take the files."""
        super().__init__()
        self._sources = sources
        self._modules: dict[str, Scope] = {}
        self._exits: list[list[State]] = []
        self._functions: list[Function] = []
        self._classes: list[Class] = []

    def module(self, source: Source) -> Scope:
        """Return the names of a module, which is gone through once."""
        scope = self._modules.get(source.path)
        if scope is None:
            scope = self._modules[source.path] = Scope(path=source.shown)
            self.run(source.tree.body, scope)
        return scope

    def function(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, scope: Scope
    ) -> Function:
        """Return the function that is defined here."""
        args = node.args
        names = [arg.arg for arg in (*args.posonlyargs, *args.args)]
        pairs = zip(reversed(names), reversed(args.defaults), strict=False)
        defaults = {name: self.evaluate(default, scope) for name, default in pairs}
        for arg, default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
            if default is not None:
                defaults[arg.arg] = self.evaluate(default, scope)
        decorators = frozenset(
            ast.unparse(d).rpartition(".")[2] for d in getattr(node, "decorator_list", ())
        )
        function = Function(node, scope, defaults, decorators=decorators)
        self._functions.append(function)
        return function

    def run(self, body: Sequence[ast.stmt], scope: Scope) -> str:
        """Go through statements; return by what they are left, "" at their end."""
        for statement in body:
            left = self._statement(statement, scope)
            if left:
                return left
        return ""

    def _statement(self, node: ast.stmt, scope: Scope) -> str:  # noqa: C901, PLR0912 - a table
        match node:
            case ast.Expr(value):
                self.evaluate(value, scope)
            case ast.Assign(targets, value):
                values = self.evaluate(value, scope)
                for target in targets:
                    self._assign(target, values, scope)
            case ast.AnnAssign(target, _, ast.expr() as value):
                self._assign(target, self.evaluate(value, scope), scope)
            case ast.AugAssign(target, op, value):
                result = ast.copy_location(ast.BinOp(target, op, value), node)
                self._assign(target, self.evaluate(result, scope), scope)
            case ast.Return(value):
                scope.returned += (None,) if value is None else self.evaluate(value, scope)
                return "return"
            case ast.Raise(error):
                if error is not None:
                    values = self.evaluate(error, scope)
                    self.raised[-1] += values
                    told = tuple(v for v in values if isinstance(v, Error | Instance))
                    self.reach("raise", node, told, scope, None)
                return "raise"
            case ast.Assert():
                self._assert(node, scope)
            case ast.If(test, then, otherwise):
                true, false = self.test(test, scope)
                return self._branches(scope, [(true, then), (false, otherwise)])
            case ast.For() | ast.AsyncFor() | ast.While():
                return self._loop(node, scope)
            case ast.Try() | ast.TryStar():
                return self._try(node, scope)
            case ast.With(items, body) | ast.AsyncWith(items, body):
                for item in items:
                    values = self.evaluate(item.context_expr, scope)
                    if item.optional_vars is not None:
                        self.bind(item.optional_vars, values, scope)
                left = self.run(body, scope)
                return "" if left == "raise" else left  # the block may swallow it
            case ast.Match():
                return self.run([_as_if(node)], scope)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                scope.names[node.name] = (self.function(node, scope),)
            case ast.ClassDef():
                self._class(node, scope)
            case ast.Import() | ast.ImportFrom():
                self._import(node, scope)
            case ast.Break() | ast.Continue():
                return "loop"
        return ""

    def _assign(self, target: ast.expr, values: Values, scope: Scope) -> None:
        self.bind(target, values, scope)
        match target:
            case ast.Subscript(slice=ast.Constant("exception")):
                self.reach("fire", target, values, scope, None)

    def _assert(self, node: ast.Assert, scope: Scope) -> None:
        true, false = self.test(node.test, scope)
        if node.msg is not None:
            before, scope.possible = scope.possible, both(scope.possible, false)
            error = Error("AssertionError", (self.evaluate(node.msg, scope),))
            self.reach("assert", node, (error,), scope, None)
            self.raised[-1].append(error)
            scope.possible = before
        scope.possible = both(scope.possible, true)

    @staticmethod
    def _state(scope: Scope) -> State:
        return dict(scope.names), dict(scope.possible)

    @staticmethod
    def _go_on(scope: Scope, states: Sequence[State]) -> None:
        """Go on with what any of some states holds."""
        names: dict[str, list[Value]] = {}
        for state, _ in states:
            for name, values in state.items():
                names.setdefault(name, []).extend(values)
        scope.names.clear()
        scope.names.update({name: distinct(values) for name, values in names.items()})
        possible = dict(states[0][1])
        for _, other in states[1:]:
            possible = {mark: possible[mark] | other[mark] for mark in possible if mark in other}
        scope.possible = possible

    def _branches(self, scope: Scope, branches: Sequence[tuple[Left, Sequence[ast.stmt]]]) -> str:
        """Go through branches, each where its condition holds; go on behind those that end."""
        names, possible = self._state(scope)
        ends: list[State] = []
        left = ""
        for condition, body in branches:
            scope.names.clear()
            scope.names.update(names)
            scope.possible = both(possible, condition)
            how = self.run(body, scope)
            left = left or how
            if not how:
                ends.append(self._state(scope))
            elif how == "loop" and self._exits:
                self._exits[-1].append(self._state(scope))
        if ends:
            self._go_on(scope, ends)
        return "" if ends else left

    def _loop(self, node: ast.For | ast.AsyncFor | ast.While, scope: Scope) -> str:
        self._exits.append([])
        rounds: list[Values] = [(Opaque(),)] * 2
        if not isinstance(node, ast.While):
            (source, *more) = self.evaluate(node.iter, scope)
            few = isinstance(source, Items) and not source.keys and len(source.items) <= _UNROLLED
            if few and not more and source.brackets != "..":
                rounds = list(source.items)
        ends = [self._state(scope)]
        for values in rounds:
            if isinstance(node, ast.While):
                scope.possible = both(scope.possible, self.test(node.test, scope)[0])
            else:
                self.bind(node.target, values, scope)
            if not self.run(node.body, scope):
                ends.append(self._state(scope))
            ends += self._exits[-1]
            self._exits[-1].clear()
            self._go_on(scope, ends)
        self._exits.pop()
        return self.run(node.orelse, scope)

    def _try(self, node: ast.Try | ast.TryStar, scope: Scope) -> str:
        before = self._state(scope)
        self.raised.append([])
        left = self.run(node.body, scope)
        after = self._state(scope)
        raised = self.raised.pop()
        self.raised[-1] += raised
        left = left or self.run(node.orelse, scope)
        ends = [] if left else [self._state(scope)]
        for handler in node.handlers:
            self._go_on(scope, [before, after])
            if handler.name:
                caught = [v for v in raised if _may_catch(handler, v)]
                scope.names[handler.name] = distinct((*caught, Opaque(f"<{id(handler)}>")))
            how = self.run(handler.body, scope)
            ends += [] if how else [self._state(scope)]
            left = left or how
        self._go_on(scope, ends or [before, after])
        return self.run(node.finalbody, scope) or ("" if ends else left)

    def _class(self, node: ast.ClassDef, scope: Scope) -> None:
        inner = Scope(path=scope.path, parent=scope)
        bases = tuple(v for base in node.bases for v in self.evaluate(base, scope))
        self.run(node.body, inner)
        declared = [s.target for s in node.body if isinstance(s, ast.AnnAssign)]
        fields = tuple(target.id for target in declared if isinstance(target, ast.Name))
        cls = Class(node.name, bases, inner.names, fields)
        for values in inner.names.values():
            for function in values:
                if isinstance(function, Function) and function.scope is inner:
                    function.cls, function.scope = cls, scope
        self._classes.append(cls)
        scope.names[node.name] = (cls,)

    def _import(self, node: ast.Import | ast.ImportFrom, scope: Scope) -> None:
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                source = self._sources.beside(scope.path, alias.name if alias.asname else top, 0)
                name = alias.name if alias.asname else top
                scope.names[alias.asname or top] = (
                    self.module(source) if source else Opaque(name),
                )
            return
        name = node.module or ""
        source = self._sources.beside(scope.path, name, node.level)
        names = self.module(source).names if source else {}
        for alias in node.names:
            if alias.name == "*":
                scope.names.update(names)
                continue
            inner = self._sources.beside(scope.path, f"{name}.{alias.name}".strip("."), node.level)
            found = names.get(alias.name) or ((self.module(inner),) if inner else ())
            scope.names[alias.asname or alias.name] = found or (Opaque(f"{name}.{alias.name}"),)


def _may_catch(handler: ast.ExceptHandler, value: Value) -> bool:
    """Say whether a handler may get an exception; only that of `raise_for_status` is told apart."""
    if handler.type is None or not isinstance(value, Error) or value.name != "HTTPError":
        return True
    return bool(_CATCHES_HTTP.search(ast.unparse(handler.type)))


def _as_if(node: ast.Match) -> ast.If:
    """Return a `match` as `if`s."""
    rest: list[ast.stmt] = []
    for case in reversed(node.cases):
        test, names = _as_test(node.subject, case.pattern)
        body: list[ast.stmt] = [
            ast.copy_location(ast.Assign([ast.Name(name, ast.Store())], node.subject), node)
            for name in names
        ]
        if case.guard is not None:
            test = ast.BoolOp(ast.And(), [test, case.guard])
        branch = ast.If(test, [*body, *case.body], rest)
        rest = [ast.copy_location(branch, node)]
    return branch


def _as_test(subject: ast.expr, pattern: ast.pattern) -> tuple[ast.expr, list[str]]:
    """Return the test that a pattern is, and the names that it gives to the subject."""
    match pattern:
        case ast.MatchValue(value):
            return ast.Compare(subject, [ast.Eq()], [value]), []
        case ast.MatchOr(patterns):
            tests = [_as_test(subject, inner)[0] for inner in patterns]
            return ast.BoolOp(ast.Or(), tests), []
        case ast.MatchAs(inner, name):
            test = ast.Constant(True) if inner is None else _as_test(subject, inner)[0]  # noqa: FBT003
            return test, [name] if name else []
    return ast.Name("__pattern__", ast.Load()), []
