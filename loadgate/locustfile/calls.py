"""Calls: functions of the files are followed, some of Python's own are known."""

from __future__ import annotations

import ast
import re
from abc import abstractmethod
from collections import Counter
from collections.abc import Sequence

from loadgate.locustfile import strings
from loadgate.locustfile.attributes import Keywords
from loadgate.locustfile.conditions import FINE, both
from loadgate.locustfile.expressions import Evaluator
from loadgate.locustfile.values import (
    ANY,
    Class,
    Error,
    Function,
    Instance,
    Items,
    Method,
    Opaque,
    Scope,
    Value,
    Values,
    bounded,
    distinct,
    holds_status,
    texts,
)

DEEPEST_CALL = 12
MOST_FOLLOWED = 30_000
"""Expressions in what one function calls; calls beyond are not followed."""
MOST_CONTEXTS = 300
"""Calls of one function that differ in their arguments."""
_LOGS = re.compile(r"(?i)print\Z|log\w*\.\w+\Z")
_CLIENT = re.compile(r"client|session|https?\b|requests", re.IGNORECASE)
_VERBS = frozenset(("get", "post", "put", "patch", "delete", "head", "options", "request", "rest"))
_EXCEPTION = re.compile(r"(?:Error|Exception|Failure|Failed|Warning|Fault|Timeout)\Z")
_SERIES = {"list": "[]", "tuple": "()", "set": "{}", "frozenset": "{}", "sorted": "[]"}
_LONGEST_RANGE = 1000


class Caller(Evaluator):
    """Follows calls into the functions of the files."""

    def __init__(self) -> None:
        """Begin with nothing called."""
        super().__init__()
        self.called = Counter[int]()
        """How often functions were called with other arguments, by the identity of their syntax."""
        self.responses: set[str] = set()
        """The marks of what certainly are responses, each of a request of its own."""
        self.raised: list[list[Value]] = [[]]
        """What is raised in each `try` or function that is being looked at."""
        self._results: dict[object, tuple[Values, list[Value]]] = {}
        self._running: list[ast.AST] = []
        self._first_step = 0
        self._instances: dict[object, Instance] = {}

    @abstractmethod
    def run(self, body: Sequence[ast.stmt], scope: Scope) -> str:
        """Go through statements; return by what they are left, "" at their end."""

    @abstractmethod
    def reach(self, sink: str, node: ast.AST, values: Values, scope: Scope, owner: Value) -> None:
        """Note that values reach Locust as an error."""

    def call(self, node: ast.Call, scope: Scope) -> Values:
        """Return what a call gives, and note what it tells Locust."""
        args, keywords = self._arguments(node, scope)
        if isinstance(node.func, ast.Attribute):
            if node.func.attr == "fire" and "exception" in keywords:
                self.reach("fire", node, keywords["exception"], scope, None)
            if node.func.attr in {"append", "extend"} and args:
                self._append(node.func, args[0], scope)
            if ast.unparse(node.func.value) == "super()":
                return self._call_super(node.func.attr, args, keywords, scope)
        functions = self.evaluate(node.func, scope)
        found = [v for f in functions for v in self._call_one(node, f, args, keywords, scope)]
        handed = self._handed(args, keywords)
        for value in found:
            if isinstance(value, Opaque) and value.mark and value.mark not in handed:
                scope.possible.pop(value.mark, None)  # it is another response each time
                scope.looked.discard(value.mark)
        if not _is_log(functions[0]):
            scope.looked |= handed
        return distinct(found)

    def _handed(self, args: Sequence[Values], keywords: Keywords) -> set[str]:
        """Return the marks of the responses and statuses that a call is given."""
        return self.marks_of([v for values in (*args, *keywords.values()) for v in values])

    def _arguments(self, node: ast.Call, scope: Scope) -> tuple[list[Values], Keywords]:
        args: list[Values] = []
        for arg in node.args:
            values = self.evaluate(arg, scope)
            if isinstance(arg, ast.Starred) and isinstance(values[0], Items):
                args += values[0].items
            else:
                args.append(values)
        keywords: Keywords = {}
        for keyword in node.keywords:
            values = self.evaluate(keyword.value, scope)
            if keyword.arg is not None:
                keywords[keyword.arg] = values
            elif isinstance(values[0], Items):
                keywords |= zip(map(str, values[0].keys), values[0].items, strict=False)
        return args, keywords

    def _call_one(
        self, node: ast.Call, function: Value, args: list[Values], keywords: Keywords, scope: Scope
    ) -> Values:
        match function:
            case Function():
                return self.enter(function, args, keywords, scope)
            case Method(Function() as inner, owner):
                return self.enter(inner, [(owner,), *args], keywords, scope)
            case Class():
                return (self._construct(node, function, args, keywords, scope),)
            case Method("failure" | "success" as sink, owner):
                value = args[0] if args else keywords.get("exc", ())
                self.reach(sink, node, value, scope, owner)
                return (None,)
            case Method("raise_for_status", Opaque() as owner):
                mark = owner.mark or self.mark(owner.origin)
                scope.possible = both(scope.possible, {mark: FINE})
                sides = ("Client", "Server")  # the words of requests
                told = tuple(f"{mark} {side} Error: {ANY} for url: {ANY}" for side in sides)
                self.raised[-1].append(Error("HTTPError", (told,)))
                return (None,)
            case Method(str() as name, str() as text):
                readable = [self.readable(values) for values in args]
                named = {key: self.readable(values) for key, values in keywords.items()}
                if name == "format":
                    return strings.format_text(text, readable, named, self.attributes)
                return strings.call_method(text, name, readable)
            case Method(str() as name, Items() as items) if items.keys:
                return strings.of_dictionary(items, name, args) or (Opaque(f"<{id(node)}>"),)
            case Opaque():
                return self._call_unknown(node, function, args, keywords)
        return (Opaque(f"<{id(node)}>", computed=_holds_status(args, keywords)),)

    # --- functions and classes of the files -------------------------------------------------------

    def enter(
        self, function: Function, args: Sequence[Values], keywords: Keywords, scope: Scope
    ) -> Values:
        """Go through the body of a function with these arguments, once."""
        handed = self._handed(args, keywords)
        caller = Scope(
            path="",
            possible={mark: left for mark, left in scope.possible.items() if mark in handed},
            looked=scope.looked & handed,
        )
        context = (tuple(caller.possible.items()), frozenset(caller.looked))
        key = (function, tuple(args), tuple(sorted(keywords.items())), context)
        if key not in self._results:
            if not self._running:
                self._first_step = self._steps
            self.called[id(function.node)] += 1
            too_long = self._steps - self._first_step > MOST_FOLLOWED
            too_deep = len(self._running) > DEEPEST_CALL or function.node in self._running[:-1]
            if too_long or too_deep or self.called[id(function.node)] > MOST_CONTEXTS:
                return (Opaque(),)
            self._running.append(function.node)
            self.raised.append([])
            result = self._result(function, args, keywords, caller)
            self._running.pop()
            self._results[key] = result, self.raised.pop()
        result, raised = self._results[key]
        self.raised[-1] += raised
        return result

    def _result(
        self, function: Function, args: Sequence[Values], keywords: Keywords, caller: Scope
    ) -> Values:
        scope = Scope(
            path=function.scope.path,
            parent=function.scope,
            names=_parameters(function, args, keywords),
            possible=dict(caller.possible),
            looked=set(caller.looked),
            cls=function.cls,
            me=args[0][0] if args and function.cls else None,
        )
        if isinstance(function.node, ast.Lambda):
            return self.evaluate(function.node.body, scope)
        left = self.run(function.node.body, scope)
        if scope.yielded:
            return distinct(scope.yielded)
        return distinct([*scope.returned, *(() if left else (None,))]) or (None,)

    def _construct(
        self, node: ast.AST, cls: Class, args: list[Values], keywords: Keywords, scope: Scope
    ) -> Instance:
        """Return a new object; the same for the same arguments, so that it is known again."""
        key = (id(node), cls, tuple(args), tuple(sorted(keywords.items())))
        instance = self._instances.get(key)
        if instance is None:
            instance = self._instances[key] = Instance(cls)
            if any(isinstance(base, Opaque | Error) for c in cls.lineage() for base in c.bases):
                instance.attributes["args"] = (Items("()", tuple(args)),)
            fields = [name for c in reversed(list(cls.lineage())) for name in c.fields]
            instance.attributes |= zip(fields, args, strict=False)
            instance.attributes |= {k: v for k, v in keywords.items() if k in fields}
            for function in cls.find("__init__"):
                if isinstance(function, Function):
                    self.enter(function, [(instance,), *args], keywords, scope)
        return instance

    def _call_super(
        self, name: str, args: list[Values], keywords: Keywords, scope: Scope
    ) -> Values:
        """Return what `super().NAME(...)` gives; that of an exception takes its arguments."""
        bases = list(scope.cls.lineage())[1:] if scope.cls else []
        for function in next((cls.names[name] for cls in bases if name in cls.names), ()):
            if isinstance(function, Function):
                return self.enter(function, [(scope.me,), *args], keywords, scope)
        if name == "__init__" and isinstance(scope.me, Instance):
            scope.me.attributes["args"] = (Items("()", tuple(args)),)
        return (None,)

    def _append(self, function: ast.Attribute, values: Values, scope: Scope) -> None:
        """Add to a list."""
        held = self.evaluate(function.value, scope)
        if all(isinstance(value, Items) for value in held):
            more = values[0].items if isinstance(values[0], Items) else ((Opaque(),),)
            added = (values,) if function.attr == "append" else more
            longer = tuple(bounded(Items("[]", (*value.items, *added))) for value in held)
            self.bind(function.value, longer, scope)

    # --- what is known of Python ------------------------------------------------------------------

    def _call_unknown(
        self, node: ast.Call, function: Opaque, args: list[Values], keywords: Keywords
    ) -> Values:
        name = function.origin
        known = self._call_known(name, args) if args else ()
        if known:
            return known
        if name == "dict" and not args:
            return (Items("{}", tuple(keywords.values()), tuple(keywords)),)
        if name.endswith(".__init__") and args and isinstance(args[0][0], Instance):
            args[0][0].attributes["args"] = (Items("()", tuple(args[1:])),)
            return (None,)
        if _EXCEPTION.search(name):
            return (Error(name.rpartition(".")[2], tuple(args) or tuple(keywords.values())),)
        if is_request(node):
            mark = self.mark(f"<{id(node)}>")
            self.responses.add(mark)
            return (Opaque(f"<{id(node)}>", mark),)
        made = _holds_status(args, keywords)
        return (Opaque(f"{name}()" if name.startswith("<") else f"<{id(node)}>", computed=made),)

    def _call_known(self, name: str, args: list[Values]) -> Values:
        """Return what a function of Python gives; nothing: it is none of those that are known."""
        first = args[0]
        if name in {"str", "repr"}:
            return texts(self.readable(first), quoted=name == "repr")
        if name == "int" or name.endswith("HTTPStatus"):
            return first
        if name == "getattr" and len(args) > 1 and isinstance(args[1][0], str):
            default = [v for values in args[2:] for v in values if v is not None]
            return (*self.attributes(first, args[1][0]), *default)
        if name in _SERIES and isinstance(first[0], Items) and not first[0].keys:
            return (Items(_SERIES[name], first[0].items),)
        if name == "range" and all(isinstance(values[0], int) for values in args):
            numbers = range(*(values[0] for values in args[:3])) if args[2:] != [(0,)] else ()
            if 0 < len(numbers) <= _LONGEST_RANGE:
                return (Items("..", tuple((n,) for n in numbers)),)
        return ()


def _parameters(
    function: Function, args: Sequence[Values], keywords: Keywords
) -> dict[str, Values]:
    """Return what the parameters of a function are where it is called so."""
    declared = function.node.args
    names = [parameter.arg for parameter in (*declared.posonlyargs, *declared.args)]
    bound = dict(zip(names, args, strict=False))
    if declared.vararg:
        bound[declared.vararg.arg] = (Items("()", tuple(args[len(names) :])),)
    for name in [*names, *(parameter.arg for parameter in declared.kwonlyargs)]:
        unknown = (Opaque(f"<{id(function.node)}>.{name}"),)
        bound[name] = bound.get(name) or keywords.get(name) or function.defaults.get(name, unknown)
    if declared.kwarg:
        rest = {name: values for name, values in keywords.items() if name not in bound}
        bound[declared.kwarg.arg] = (Items("{}", tuple(rest.values()), tuple(rest)),)
    return bound


def _holds_status(args: Sequence[Values], keywords: Keywords) -> bool:
    """Say whether a call is given a status, or something made from one."""
    return any(holds_status(v) for values in (*args, *keywords.values()) for v in values)


def _is_log(function: Value) -> bool:
    return isinstance(function, Opaque) and bool(_LOGS.search(function.origin))


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
