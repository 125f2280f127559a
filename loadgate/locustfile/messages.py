"""Where messages reach Locust: what a locustfile tells it as errors, found by going through it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from loadgate.locustfile.calls import Caller
from loadgate.locustfile.conditions import ALL, Left, both, matching, only, split
from loadgate.locustfile.expressions import TooComplex
from loadgate.locustfile.source import Source, SourceError, Sources
from loadgate.locustfile.values import (
    ANY,
    OTHER,
    Class,
    Function,
    Instance,
    Made,
    Opaque,
    Scope,
    Series,
    Value,
    Values,
    distinct,
    in_common,
    marks,
    texts,
)

_UNROLLED = 8
"""Entries of a list that a loop goes through one by one."""

State = tuple[dict[str, Values], Left]


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
    """The statuses, as bits, that the response can have here."""


class Walker(Caller):
    """Goes through locustfiles, statement by statement."""

    def __init__(self, sources: Sources) -> None:
        """Take the files."""
        super().__init__()
        self._sources = sources
        self._modules: dict[str, Scope] = {}
        self._exits: list[list[State]] = []
        self.sites: dict[tuple[str, int, int, str], Site] = {}

    def walk(self) -> list[Site]:
        """Go through all files twice: what is bound to `self` may be used above."""
        try:
            for source in self._sources.roots:
                self.module(source)
            at_import = self.sites
            for _ in range(2):
                self.sites = {
                    key: replace(site, texts=dict(site.texts)) for key, site in at_import.items()
                }
                self._results.clear()
                self.called.clear()
                self._enter_all()
        except (RecursionError, TooComplex) as error:
            problem = "is nested too deeply, or too much is to be followed; split it"
            raise SourceError(self._sources.roots[0].shown, problem) from error
        return sorted(self.sites.values(), key=lambda site: (site.path, site.line, site.sink))

    def module(self, source: Source) -> Scope:
        """Return the names of a module, which is gone through once."""
        scope = self._modules.get(source.path)
        if scope is None:
            scope = self._modules[source.path] = Scope(path=source.shown)
            self.run(source.tree.body, scope)
        return scope

    def _enter_all(self) -> None:
        """Go through every function, callers before what they call."""
        named = {id(function.node): _called_names(function.node) for function, _ in self.functions}
        late = set().union(*named.values())
        for skipped in (late, set()):
            for function, me in self.functions:
                name = getattr(function.node, "name", "")
                if id(function.node) in self.called and not me:
                    continue
                if id(function.node) in self.called and name in late:
                    continue
                if name not in skipped:
                    self._enter(function, [me] if me else [], {}, {})

    def function(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, scope: Scope
    ) -> Function:
        """Return the function that is defined here."""
        function = Function(node, scope)
        args = node.args
        names = [arg.arg for arg in (*args.posonlyargs, *args.args)]
        values = [self.evaluate(default, scope) for default in args.defaults]
        function.defaults = dict(zip(names[len(names) - len(values) :], values, strict=True))
        for arg, default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
            if default is not None:
                function.defaults[arg.arg] = self.evaluate(default, scope)
        self.functions.append((function, ()))
        return function

    def subclasses(self, cls: Class) -> list[Class]:
        """Return the classes of the files that inherit from one."""
        return [other for other in self.classes if other is not cls and cls in other.lineage()]

    # --- what reaches Locust ----------------------------------------------------------------------

    def reach(self, sink: str, node: ast.AST, values: Values, scope: Scope, owner: Value) -> None:
        """Note every text that values are as an error of Locust."""
        line, column = getattr(node, "lineno", 0), getattr(node, "col_offset", 0)
        key = (scope.path, line, column, sink)
        site = self.sites.setdefault(key, Site(path=scope.path, line=line, sink=sink))
        mark = owner.mark or self.mark(owner.origin) if isinstance(owner, Opaque) else ""
        left = scope.possible.get(mark, ALL)
        if not mark:
            (left, *_) = [*scope.possible.values(), ALL]
        site.possible |= left
        for value in self.exceptions(values):
            for text in self._error_texts(value, sink):
                site.texts[_own(text, mark, left, self.responses)] = None

    def _error_texts(self, value: Value, sink: str) -> Iterable[str]:
        match value:
            case None:
                return ()
            case str():
                return (value,)
            case Made(name, args):
                if len(args) == 1 and all(isinstance(v, str) for v in args[0]):
                    return args[0]
                return texts((value,), "r") if args else ()
            case Opaque(_, ""):
                return (ANY,)
        name = "AssertionError" if sink == "assert" else "CatchResponseError"
        return texts((Made(name, ((value,),)),), "r")

    # --- statements -------------------------------------------------------------------------------

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
            case ast.AnnAssign(target, _, value) if value is not None:
                self._assign(target, self.evaluate(value, scope), scope)
            case ast.AugAssign(target, op, value):
                current = ast.parse(ast.unparse(target), mode="eval").body
                sum_ = ast.copy_location(ast.BinOp(current, op, value), node)
                self._assign(target, self.evaluate(ast.fix_missing_locations(sum_), scope), scope)
            case ast.Return(value):
                scope.returned += (None,) if value is None else self.evaluate(value, scope)
                return "return"
            case ast.Raise():
                self._raise(node, scope)
                return "raise"
            case ast.Assert(test, message):
                true, false = split(test, lambda e: self.evaluate(e, scope))
                if message is not None:
                    before = scope.possible
                    scope.possible = both(before, false)
                    values = self.evaluate(message, scope)
                    self.reach("assert", node, values, scope, None)
                    self.raised[-1].append(Made("AssertionError", (values,)))
                    scope.possible = before
                scope.possible = both(scope.possible, true)
            case ast.If():
                return self._if(node, scope)
            case ast.For() | ast.AsyncFor() | ast.While():
                return self._loop(node, scope)
            case ast.Try() | ast.TryStar():
                return self._try(node, scope)
            case ast.With() | ast.AsyncWith():
                return self._with(node, scope)
            case ast.Match():
                return self._match(node, scope)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self.bind_name(node.name, (self.function(node, scope),), scope)
            case ast.ClassDef():
                self._class(node, scope)
            case ast.Import() | ast.ImportFrom():
                self._import(node, scope)
            case ast.Global(names) | ast.Nonlocal(names):
                scope.shared.update(names)
            case ast.Break() | ast.Continue():
                return "loop"
        return ""

    def _assign(self, target: ast.expr, values: Values, scope: Scope) -> None:
        self.bind(target, values, scope)
        if isinstance(target, ast.Subscript):
            keys = self.evaluate(target.slice, scope)
            if keys == ("exception",):
                self.reach("fire", target, values, scope, None)

    def _raise(self, node: ast.Raise, scope: Scope) -> None:
        if node.exc is None:
            return
        values = self.evaluate(node.exc, scope)
        self.raised[-1] += values
        errors = tuple(v for v in values if isinstance(v, Made | Instance | str))
        self.reach("raise", node, errors, scope, None)

    @staticmethod
    def _state(scope: Scope) -> State:
        return dict(scope.names), dict(scope.possible)

    @staticmethod
    def _go_on(scope: Scope, states: Sequence[State]) -> None:
        """Go on with what any of some states holds."""
        if not states:
            return
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
            if not how:
                ends.append(self._state(scope))
            else:
                left = left or how
                self._leave(how, scope)
        self._go_on(scope, ends)
        return "" if ends else left

    def _leave(self, how: str, scope: Scope) -> None:
        """Keep what a `break` or `continue` leads to the end of its loop."""
        if how == "loop" and self._exits:
            self._exits[-1].append(self._state(scope))

    def _if(self, node: ast.If, scope: Scope) -> str:
        self.evaluate(node.test, scope)
        true, false = split(node.test, lambda e: self.evaluate(e, scope))
        return self._branches(scope, [(true, node.body), (false, node.orelse)])

    def _match(self, node: ast.Match, scope: Scope) -> str:
        subject = self.evaluate(node.subject, scope)
        branches: list[tuple[Left, Sequence[ast.stmt]]] = []
        rest: Left = {}
        whole = False
        for case in node.cases:
            numbers = _numbers(case.pattern)
            condition = rest if numbers is None else both(rest, matching(subject, numbers))
            if case.guard is not None:
                self.evaluate(case.guard, scope)
                true, _ = split(case.guard, lambda e: self.evaluate(e, scope))
                condition = both(condition, true)
            branches.append((condition, case.body))
            self._capture(case.pattern, subject, scope)
            if numbers is not None and case.guard is None:
                found = matching(subject, numbers)
                rest = both(rest, {mark: ALL & ~held for mark, held in found.items()})
            whole = whole or (numbers is None and case.guard is None)
        return self._branches(scope, branches if whole else [*branches, (rest, ())])

    def _capture(self, pattern: ast.pattern, subject: Values, scope: Scope) -> None:
        for inner in ast.walk(pattern):
            name = getattr(inner, "name", None)
            if isinstance(inner, ast.MatchAs | ast.MatchStar) and name:
                whole = inner is pattern
                self.bind_name(name, subject if whole else (Opaque(id(inner)),), scope)

    def _loop(self, node: ast.For | ast.AsyncFor | ast.While, scope: Scope) -> str:
        self._exits.append([])
        before = self._state(scope)
        if not isinstance(node, ast.While):
            source = self.evaluate(node.iter, scope)
            known = source[0].items if len(source) == 1 and isinstance(source[0], Series) else None
            if known and len(known) <= _UNROLLED and source[0].brackets not in {"<>", ".."}:
                for values in known:
                    self.bind(node.target, values, scope)
                    self.run(node.body, scope)
                    self._go_on(scope, [self._state(scope), *self._exits[-1]])
                self._exits.pop()
                return self.run(node.orelse, scope)
        joined = before
        for attempt in range(3):
            if isinstance(node, ast.While):
                self.evaluate(node.test, scope)
                scope.possible = both(
                    scope.possible, split(node.test, lambda e: self.evaluate(e, scope))[0]
                )
            else:
                self.bind(node.target, self.elements(self.evaluate(node.iter, scope)), scope)
            how = self.run(node.body, scope)
            ends = [self._state(scope)] if how in {"", "loop"} else []
            known_names = joined[0]
            self._go_on(scope, [joined, *ends, *self._exits[-1]])
            if attempt == 1:  # what still grows is not known but for its beginning
                for name, values in scope.names.items():
                    if set(values) != set(known_names.get(name, values)):
                        scope.names[name] = (in_common(values),)
            joined = self._state(scope)
        self._exits.pop()
        return self.run(node.orelse, scope)

    def _try(self, node: ast.Try | ast.TryStar, scope: Scope) -> str:
        before = self._state(scope)
        self.raised.append([])
        left = self.run(node.body, scope)
        after = self._state(scope)
        raised = self.raised.pop()
        self.raised[-1] += raised
        if not left:
            left = self.run(node.orelse, scope)
        ends = [] if left else [self._state(scope)]
        self._leave(left, scope)
        for handler in node.handlers:
            self._go_on(scope, [before, after])
            if handler.name:
                caught = self._caught(handler, raised)
                scope.names[handler.name] = distinct((*caught, Opaque(None)))
            how = self.run(handler.body, scope)
            if not how:
                ends.append(self._state(scope))
            self._leave(how, scope)
            left = left or how
        self._go_on(scope, ends or [before, after])
        return self.run(node.finalbody, scope) or ("" if ends else left)

    def _caught(self, handler: ast.ExceptHandler, raised: Sequence[Value]) -> list[Value]:
        """Return what is raised that a handler takes, by the name of its class."""
        types = "" if handler.type is None else ast.unparse(handler.type)
        caught = set(types.strip("()").replace(" ", "").split(","))
        caught = {name.rpartition(".")[2] for name in caught}
        if caught & {"", "Exception", "BaseException"}:
            return list(raised)
        return [value for value in raised if not caught.isdisjoint(_class_names(value))]

    def _with(self, node: ast.With | ast.AsyncWith, scope: Scope) -> str:
        for item in node.items:
            values = self.evaluate(item.context_expr, scope)
            entered: list[Value] = []
            for value in values:
                own = value.cls.find("__enter__") if isinstance(value, Instance) else None
                if isinstance(value, Series) and value.brackets == "<>":
                    entered += value.items[0]  # of a generator that is a context manager
                elif own and isinstance(own[0], Function):
                    entered += self.call_value(own[0], [(value,)], {})
                else:
                    entered.append(value)
            if item.optional_vars is not None:
                self.bind(item.optional_vars, distinct(entered), scope)
        left = self.run(node.body, scope)
        return "" if left == "raise" else left  # the block may swallow it

    def _class(self, node: ast.ClassDef, scope: Scope) -> None:
        inner = Scope(path=scope.path, parent=scope)
        bases = tuple(v for base in node.bases for v in self.evaluate(base, scope))
        cls = Class(name=node.name, bases=bases, scope=inner)
        cls.itself = Instance(cls)
        first = len(self.functions)
        self.run(node.body, inner)
        inner.names = inner.names.copy()
        cls.fields = tuple(
            s.target.id
            for s in node.body
            if isinstance(s, ast.AnnAssign) and isinstance(s.target, ast.Name)
        )
        mine = {v for values in inner.names.values() for v in values if isinstance(v, Function)}
        for place in range(first, len(self.functions)):
            function, _ = self.functions[place]
            if function in mine:
                function.owner = cls
                function.scope = scope
                static = "staticmethod" in {ast.unparse(d) for d in _decorators(function.node)}
                self.functions[place] = function, () if static else (cls.itself,)
        self.classes.append(cls)
        self.bind_name(node.name, (cls,), scope)
        abstract = inner.names.get("abstract") == (True,)
        for base in [] if abstract else list(cls.lineage())[1:]:
            self.functions += [
                (v, (cls.itself,))
                for name, values in base.scope.names.items()
                for v in values
                if isinstance(v, Function) and name not in inner.names
            ]

    def _import(self, node: ast.Import | ast.ImportFrom, scope: Scope) -> None:
        if isinstance(node, ast.Import):
            for alias in node.names:
                source = self._sources.beside(scope.path, alias.name, 0)
                top = alias.name if alias.asname else alias.name.partition(".")[0]
                value = (
                    self.module(source)
                    if source and (alias.asname or top == alias.name)
                    else Opaque(top)
                )
                scope.names[alias.asname or top] = (value,)
            return
        name = node.module or ""
        source = self._sources.beside(scope.path, name, node.level)
        for alias in node.names:
            inner = self._sources.beside(scope.path, f"{name}.{alias.name}".strip("."), node.level)
            if source is not None and alias.name == "*":
                scope.names.update(self.module(source).names)
                continue
            found = self.module(source).names.get(alias.name) if source is not None else None
            if found is None and inner is not None:
                found = (self.module(inner),)
            scope.names[alias.asname or alias.name] = found or (Opaque(f"{name}.{alias.name}"),)


def _own(text: str, mark: str, left: int, responses: set[str]) -> str:
    """Return a text with the status of another response as unknown, and the only possible known."""
    if mark in responses:
        text = "".join(OTHER if c in responses and c != mark else c for c in text)
    status = only(left)
    if status is not None and text.count(str(status)) == 1 and not marks(text):
        return re.sub(rf"(?<![0-9]){status}(?![0-9])", mark or "\U000ffffd", text)
    return text


def _called_names(node: ast.AST) -> set[str]:
    """Return the names that are called in a function."""
    calls = (inner.func for inner in ast.walk(node) if isinstance(inner, ast.Call))
    return {str(getattr(f, "attr", "") or getattr(f, "id", "")) for f in calls}


def _decorators(node: ast.AST) -> list[ast.expr]:
    return getattr(node, "decorator_list", [])


def _class_names(value: Value) -> set[str]:
    if isinstance(value, Instance):
        bases = [base for cls in value.cls.lineage() for base in cls.bases]
        names = {str(b.origin).rpartition(".")[2] for b in bases if isinstance(b, Opaque)}
        return names | {cls.name for cls in value.cls.lineage()}
    return {value.name} if isinstance(value, Made) else set()


def _numbers(pattern: ast.pattern) -> list[int] | None:
    """Return the numbers of a `case`; None: it takes something else."""
    match pattern:
        case ast.MatchValue(ast.Constant(int(number))):
            return [number]
        case ast.MatchOr(patterns):
            found = [_numbers(inner) for inner in patterns]
            return None if None in found else [n for ns in found for n in ns or ()]
        case ast.MatchAs(ast.pattern() as inner):
            return _numbers(inner)
    return None
