"""Calls: functions of the files are followed, some of Python's own are known."""

from __future__ import annotations

import ast
import re
import textwrap
from abc import abstractmethod
from collections.abc import Sequence

from loadgate.locustfile import strings
from loadgate.locustfile.expressions import Evaluator, Keywords, is_request, looks_like_exception
from loadgate.locustfile.values import (
    ANY,
    Class,
    Function,
    Instance,
    Made,
    Mapping,
    Method,
    Opaque,
    Scope,
    Series,
    Value,
    Values,
    distinct,
    formatted,
    joined,
    texts,
)

DEEPEST_CALL = 12
MOST_CALLS = 20_000
_WRITTEN = {"str": "s", "repr": "r", "ascii": "r", "json.dumps": "j", "dumps": "j"}
_SAME = frozenset(("int", "abs", "float", "round", "copy.copy", "copy.deepcopy", "typing.cast"))
_SERIES = {"list": "[]", "tuple": "()", "set": "{}", "frozenset": "{}", "sorted": "[]"}
_LONGEST_RANGE = 1000
_APPENDED = 2


class Caller(Evaluator):
    """Follows calls into the functions of the files."""

    def __init__(self) -> None:
        """Begin with nothing called."""
        super().__init__()
        self.functions: list[tuple[Function, Values]] = []
        """All that are defined, with what `self` is in them."""
        self.called: set[int] = set()
        """The syntax of those that were called, by identity."""
        self.classes: list[Class] = []
        self.responses: set[str] = set()
        """The marks of what certainly are responses, each of a request of its own."""
        self.calls = 0
        self.raised: list[list[Value]] = [[]]
        """What is raised in each `try` or function that is being looked at."""
        self._results: dict[object, tuple[Values, list[Value]]] = {}
        self._running: list[object] = []
        self._instances: dict[object, Instance] = {}

    @abstractmethod
    def run(self, body: Sequence[ast.stmt], scope: Scope) -> str:
        """Go through statements; return by what they are left, "" at their end."""

    @abstractmethod
    def reach(self, sink: str, node: ast.AST, values: Values, scope: Scope, owner: Value) -> None:
        """Note that values reach Locust as an error."""

    # --- functions of the files -------------------------------------------------------------------

    def call(self, node: ast.Call, scope: Scope) -> Values:
        """Return what a call gives, and note what it tells Locust."""
        args, keywords = self._arguments(node, scope)
        found: list[Value] = []
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if name == "fire" and "exception" in keywords:
            self.reach("fire", node, keywords["exception"], scope, None)
        if name == "log_error":
            self.reach("fire", node, keywords.get("error", (*args[2:3], ())[0]), scope, None)
        if name in {"append", "extend", "add"} and isinstance(node.func, ast.Attribute) and args:
            self._append(node.func.value, name, args[0], scope)
        for function in self.evaluate(node.func, scope):
            if isinstance(function, Method) and function.name in {"failure", "success"}:
                value = args[0] if args else keywords.get("exc", ())
                self.reach(function.name, node, value, scope, function.owner)
                continue
            if isinstance(function, Opaque):
                result = self._call_unknown(node, function, args, keywords, scope)
            elif isinstance(function, Class):
                result = (self._construct(node, function, args, keywords),)
            else:
                result = self.call_value(function, args, keywords, scope.possible)
            found += result
        return distinct(found) or (Opaque(id(node)),)

    def _arguments(self, node: ast.Call, scope: Scope) -> tuple[list[Values], Keywords]:
        args: list[Values] = []
        keywords: Keywords = {}
        for arg in node.args:
            values = self.evaluate(arg, scope)
            if isinstance(arg, ast.Starred):
                for value in values[:1]:
                    args += value.items if isinstance(value, Series) else [(Opaque(None),)]
            else:
                args.append(values)
        for keyword in node.keywords:
            values = self.evaluate(keyword.value, scope)
            if keyword.arg is not None:
                keywords[keyword.arg] = values
                continue
            for value in values:
                for key, inner in value.items if isinstance(value, Mapping) else ():
                    keywords[str(key)] = distinct((*keywords.get(str(key), ()), *inner))
        return args, keywords

    def call_value(
        self,
        value: Value,
        args: Sequence[Values],
        keywords: Keywords,
        possible: dict[str, int] | None = None,
    ) -> Values:
        """Return what calling a function or method gives."""
        if isinstance(value, Method) and not value.name:
            merged = dict(value.keywords) | keywords
            return self.call_value(value.owner, [*value.args, *args], merged, possible)
        if isinstance(value, Function):
            return self._enter(value, list(args), keywords, possible or {})
        if isinstance(value, Method):
            return self._call_method(value.owner, value.name, args, keywords)
        return (Opaque(None),)

    def _enter(
        self, function: Function, args: list[Values], keywords: Keywords, possible: dict[str, int]
    ) -> Values:
        """Go through the body of a function with these arguments, once."""
        key = (function, tuple(args), tuple(sorted(keywords.items())), tuple(possible.items()))
        if key in self._results:
            result, raised = self._results[key]
            self.raised[-1] += raised
            return result
        running = [entry for entry in self._running if entry == function.node]
        if len(running) > 1 or len(self._running) > DEEPEST_CALL or self.calls > MOST_CALLS:
            return (Opaque(None),)
        self.calls += 1
        self.called.add(id(function.node))
        scope = Scope(
            path=function.scope.path,
            parent=function.scope,
            owner=function.owner,
            possible=dict(possible),
        )
        self._bind_parameters(function, args, keywords, scope)
        self._running.append(function.node)
        self.raised.append([])
        if isinstance(function.node, ast.Lambda):
            scope.returned += self.evaluate(function.node.body, scope)
        elif self.run(function.node.body, scope) != "raise" and not scope.returned:
            scope.returned.append(None)
        raised = self.raised.pop()
        self._running.pop()
        self.raised[-1] += raised
        result = distinct(scope.returned) or (None,)
        if scope.yielded:
            result = (Series("<>", (distinct(scope.yielded),)),)
        self._results[key] = result, raised
        return result

    def _bind_parameters(
        self, function: Function, args: list[Values], keywords: Keywords, scope: Scope
    ) -> None:
        parameters = function.node.args
        names = [parameter.arg for parameter in (*parameters.posonlyargs, *parameters.args)]
        left = dict(keywords)
        for number, name in enumerate(names):
            if number < len(args):
                scope.names[name] = args[number]
        if parameters.vararg:
            scope.names[parameters.vararg.arg] = (Series("()", tuple(args[len(names) :])),)
        for name in [*names, *(parameter.arg for parameter in parameters.kwonlyargs)]:
            if name in left:
                scope.names[name] = left.pop(name)
            elif name not in scope.names:
                unknown = (self.part(id(function.node), name),)
                scope.names[name] = function.defaults.get(name, unknown)
        if parameters.kwarg:
            scope.names[parameters.kwarg.arg] = (Mapping(tuple(left.items())),)
        if names and function.owner is not None:
            scope.me = scope.names[names[0]]

    def _construct(
        self, node: ast.AST, cls: Class, args: list[Values], keywords: Keywords
    ) -> Instance:
        """Return a new object; the same for the same arguments, so that it is known again."""
        key = (id(node), cls, tuple(args), tuple(sorted(keywords.items())))
        instance = self._instances.get(key)
        if instance is None:
            instance = self._instances[key] = Instance(cls)
            instance.attributes["args"] = (Series("()", tuple(args)),)
            fields = [name for c in reversed(list(cls.lineage())) for name in c.fields]
            for name, values in [*zip(fields, args, strict=False), *keywords.items()]:
                instance.attributes[name] = values
            for function in cls.find("__init__") or ():
                if isinstance(function, Function):
                    self.call_value(function, [(instance,), *args], keywords)
        return instance

    def exceptions(self, values: Values) -> Values:
        """Return exceptions of the files' own classes as Locust sees them: by their arguments."""
        return distinct(self._exception(value) for value in values)

    def _exception(self, value: Value) -> Value:
        if isinstance(value, Class):
            return Made(value.name, ())
        if not isinstance(value, Instance):
            return value
        for function in value.cls.find("__repr__") or ():
            if isinstance(function, Function):
                return texts(self.call_value(function, [(value,)], {}))[0]
        (args, *_) = value.attributes.get("args", (None,))
        return Made(value.cls.name, args.items if isinstance(args, Series) else ())

    def readable(self, values: Values) -> Values:
        """Return values with objects of the files' own classes as texts, or as exceptions."""
        found: list[Value] = []
        for value in values:
            own = value.cls.find("__str__") if isinstance(value, Instance) else None
            if own and isinstance(own[0], Function):
                found += texts(self.call_value(own[0], [(value,)], {}))
            else:
                found += self.exceptions((value,))
        return distinct(found)

    # --- what is known of Python ------------------------------------------------------------------

    def _call_method(
        self, owner: Value, name: str, args: Sequence[Values], keywords: Keywords
    ) -> Values:
        match owner:
            case str() if name == "format":
                return self._format(owner, args, keywords)
            case str() if name == "format_map" and args and isinstance(args[0][0], Mapping):
                named = {str(key): value for key, value in args[0][0].items}
                return strings.format_text(owner, (), named, self._step)
            case str():
                return strings.call_method(owner, name, [self.readable(values) for values in args])
            case Instance() if name == "super.__init__":
                owner.attributes["args"] = (Series("()", tuple(args)),)
            case Mapping():
                return _of_mapping(owner, name, args)
            case Made() if name in {"with_traceback", "substitute", "safe_substitute"}:
                return self._call_made(owner, name, args, keywords)
        return (self.part(id(owner), name),)

    def _call_made(
        self, owner: Made, name: str, args: Sequence[Values], keywords: Keywords
    ) -> Values:
        if name == "with_traceback":
            return (owner,)
        template = owner.args[0][0] if owner.name == "Template" and owner.args else None
        if not isinstance(template, str):
            return (ANY,)
        named = dict(keywords)
        for value in args[0] if args else ():
            named |= {str(k): v for k, v in value.items} if isinstance(value, Mapping) else {}
        parts = re.split(r"\$(?:(\w+)|\{(\w+)\}|(\$))", template)
        found = [
            (parts[n],) if n % 4 == 0 else texts(named.get(parts[n] or "", (ANY,)))
            for n in range(len(parts))
            if parts[n] is not None
        ]
        return joined(found)

    def _format(self, text: str, args: Sequence[Values], keywords: Keywords) -> Values:
        readable = [self.readable(values) for values in args]
        named = {name: self.readable(values) for name, values in keywords.items()}
        return strings.format_text(text, readable, named, self._step)

    def _step(self, values: Values, name: str, attribute: bool) -> Values:  # noqa: FBT001
        if attribute:
            return self.attributes(values, name, likely=True)
        key = int(name) if name.isdecimal() else name
        return distinct(v for value in values for v in self.item(value, key))

    def _call_unknown(
        self,
        node: ast.Call,
        function: Opaque,
        args: list[Values],
        keywords: Keywords,
        scope: Scope,
    ) -> Values:
        name = function.origin if isinstance(function.origin, str) else ""
        short = name.rpartition(".")[2]
        if name == "super":
            return (Method(scope.owner, "super", (scope.me,)),)
        known = self._as_text(name, args, keywords) or self._as_series(node, name, args, scope)
        if known:
            return known
        if name == "dict":
            items = args[0][0].items if args and isinstance(args[0][0], Mapping) else ()
            return (Mapping((*items, *keywords.items())),)
        if short == "partial" and args:
            named = tuple(sorted(keywords.items()))
            return tuple(Method(f, "", tuple(args[1:]), named) for f in args[0])
        if looks_like_exception(short) or short == "Template":
            return (Made(short, tuple(args) or tuple(keywords.values())),)
        if is_request(node):
            mark = self.mark(id(node))
            self.responses.add(mark)
            return (Opaque(id(node), mark),)
        return (Opaque(id(node)),)

    def _as_text(self, name: str, args: list[Values], keywords: Keywords) -> Values:
        """Return what the functions give that write a value; nothing: it is none of them."""
        if not args:
            return ()
        if name in _WRITTEN:
            plain = not (name.endswith("dumps") and keywords)
            return texts(self.readable(args[0]), _WRITTEN[name]) if plain else (ANY,)
        if name in _SAME:
            return args[-1] if name == "typing.cast" else args[0]
        if name == "getattr" and len(args) > 1:
            return self._getattr(args)
        if name == "format":
            return formatted(args[0], "", texts(args[1])[0] if len(args) > 1 else "")
        if name.rpartition(".")[2] in {"dedent", "cleandoc"}:
            return tuple(textwrap.dedent(t) if isinstance(t, str) else ANY for t in args[0])
        return ()

    def _as_series(self, node: ast.Call, name: str, args: list[Values], scope: Scope) -> Values:
        """Return what the functions give that make lists; nothing: it is none of them."""
        if name == "range":
            return (self._range(args, node),)
        if name in _SERIES and args and isinstance(args[0][0], Series):
            return (Series(_SERIES[name], args[0][0].items),)
        if name == "map" and len(args) > 1 and isinstance(args[1][0], Series):
            items = (self._apply(node, args[0], item, scope) for item in args[1][0].items)
            return (Series("[]", tuple(items)),)
        return ()

    def _apply(self, node: ast.Call, functions: Values, item: Values, scope: Scope) -> Values:
        found: list[Value] = []
        for function in functions:
            if isinstance(function, Opaque):
                found += self._call_unknown(node, function, [item], {}, scope)
            else:
                found += self.call_value(function, [item], {})
        return distinct(found)

    def _getattr(self, args: list[Values]) -> Values:
        names = [name for name in args[1] if isinstance(name, str)]
        found = tuple(v for n in names for v in self.attributes(args[0], n, likely=True))
        default = args[2] if len(args) > 2 else ()
        return (*found, *(value for value in default if value is not None))

    @staticmethod
    def _range(args: list[Values], node: ast.Call) -> Value:
        numbers = [values[0] for values in args if len(values) == 1]
        if len(numbers) == len(args) and all(isinstance(n, int) for n in numbers) and numbers:
            found = range(*numbers[:3]) if numbers[2:] != [0] else range(0)
            if len(found) <= _LONGEST_RANGE:
                return Series("..", tuple((n,) for n in found))
        return Opaque(id(node))

    def _append(self, target: ast.expr, name: str, values: Values, scope: Scope) -> None:
        """Add to a list that a name stands for; one that an attribute holds is no longer known."""
        held = self.evaluate(target, scope)
        if not any(isinstance(value, Series) for value in held):
            return
        added: list[Value] = []
        for value in held:
            if not isinstance(value, Series):
                added.append(value)
            elif name != "extend":
                added.append(Series(value.brackets, (*value.items, values)))
            else:
                added += [
                    Series(value.brackets, value.items + more.items)
                    if isinstance(more, Series)
                    else Opaque(None)
                    for more in values
                ]
        if isinstance(target, ast.Name):
            self.bind_name(target.id, distinct(added), scope)
        elif isinstance(target, ast.Attribute):  # which holds all that it ever held
            short = (value for value in added if getattr(value, "size", 0) <= _APPENDED)
            self.bind(target, distinct((*short, Opaque(None))), scope)


def _of_mapping(owner: Mapping, name: str, args: Sequence[Values]) -> Values:
    """Return what a method of a dictionary gives."""
    if name == "get" and args:
        found = tuple(v for key in args[0] for v in owner.get(key) or ())
        return found or (args[1] if len(args) > 1 else (None,))
    if name == "items":
        pairs = tuple((Series("()", ((key,), value)),) for key, value in owner.items)
        return (Series("[]", pairs),)
    if name == "values":
        return (Series("[]", tuple(value for _, value in owner.items)),)
    if name == "keys":
        return (Series("[]", tuple((key,) for key, _ in owner.items)),)
    return (Opaque(None),)
