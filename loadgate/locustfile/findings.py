"""What a locustfile hides: failures that pass, responses and exceptions nobody looks at."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from loadgate.locustfile.calls import is_request
from loadgate.locustfile.conditions import ALL, FINE, statuses
from loadgate.locustfile.messages import Site
from loadgate.locustfile.source import Source

ABOUT = {
    "no-safe-wording": "No wording reads the status of this message, and nothing else.",
    "message-without-status": "A message does not say the status.",
    "allowed-status": "A failure is counted as a success.",
    "hidden-success": "A request counts as a success whatever its response is.",
    "response-not-checked": "Nothing looks at a response.",
    "exception-swallowed": "An exception around a request is dropped.",
}
"""What the findings of each code have in common; docs/teach.md has a section of each name."""
CODES = tuple(ABOUT)
_ERRORS = ALL & ~FINE
_SERVER_ERRORS = range(500, 600)
_LOGS = frozenset(
    ("print", "debug", "info", "warning", "warn", "error", "exception", "critical", "log")
)
_NOT_ENTERED = "this request is in no statistics: catch_response needs a `with`"
_ANYTHING = re.compile(r"\b(?:Base)?Exception\b")


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A line of a locustfile."""

    path: str
    line: int

    def __str__(self) -> str:
        """Return the place as messages name it."""
        return f"{self.path}:{self.line}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something in a locustfile that keeps a gate from seeing a failure, or its status."""

    code: str
    place: Place
    sentence: str
    """What is wrong."""
    remedy: str
    """What to do."""
    text: str = ""
    """The message that it is about, `*` for what is not known."""


def hidden(sites: Iterable[Site]) -> Iterator[Finding]:
    """Yield where failures are told as successes."""
    for site in sites:
        passing = site.possible & _ERRORS
        if site.sink != "success" or not passing:
            continue
        place = Place(site.path, site.line)
        if not site.any_status:
            yield Finding(
                code="allowed-status",
                place=place,
                sentence=f"success() also for {_told(statuses(passing))}: these failures are in no"
                " statistics, however many there are",
                remedy="Call failure() with the status, and let a rule excuse what is expected:"
                " loadgate counts it, and can limit it with at_most.",
            )
        elif site.unseen:
            yield Finding(
                code="hidden-success",
                place=place,
                sentence="success() whatever the response is: a 409 or 500 counts as a success",
                remedy="Call it only for the statuses that are right, e.g. if response.ok.",
            )


def _told(numbers: Sequence[int]) -> str:
    """Return statuses as ranges: `409`, `404 and 500 to 599`."""
    runs = [
        [number for _, number in run]
        for _, run in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0])
    ]
    parts = [str(run[0]) if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs]
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def unseen(source: Source) -> Iterator[Finding]:
    """Yield where the source does not look at a response, or drops an exception."""
    for node in ast.walk(source.tree):
        for call, sentence in _not_looked_at(node):
            yield Finding(
                code="response-not-checked",
                place=Place(source.shown, call.lineno),
                sentence=sentence,
                remedy="Check it in a `with ... as response` block, or leave out catch_response.",
            )
        for dropping in _dropping(node):
            yield Finding(
                code="exception-swallowed",
                place=Place(source.shown, dropping.lineno),
                sentence="an exception around a request is dropped here, so Locust counts neither"
                " an exception nor a failure",
                remedy="Catch only what is expected, or raise it again.",
            )
        for success in _taken_back(getattr(node, "body", None)):
            yield Finding(
                code="hidden-success",
                place=Place(source.shown, success.lineno),
                sentence="success() also runs after the failure() above, and takes it back",
                remedy="Put it into an else, or return after failure().",
            )


def _not_looked_at(node: ast.AST) -> Iterator[tuple[ast.expr, str]]:
    """Yield the requests whose response nothing looks at, with what is wrong."""
    match node:
        case ast.With(items, body) | ast.AsyncWith(items, body):
            for item in items:
                call = item.context_expr
                if _is_caught(call) and not _is_used(item.optional_vars, body):
                    yield call, "the block never looks at the response of this request"
        case ast.Expr(call) if _is_caught(call):
            yield call, _NOT_ENTERED
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            for call in _never_entered(node):
                yield call, _NOT_ENTERED


def _dropping(node: ast.AST) -> Iterator[ast.expr | ast.stmt | ast.ExceptHandler]:
    """Yield what drops any exception of a request."""
    match node:
        case ast.With(items, body) if _makes_request(body):
            yield from (i.context_expr for i in items if _suppresses_all(i.context_expr))
        case ast.Try() if _makes_request(node.body):
            for handler in node.handlers:
                if _catches_all(handler.type) and all(map(_is_silent, handler.body)):
                    yield handler
            leaving = ast.Return | ast.Break | ast.Continue
            yield from (last for last in node.finalbody if isinstance(last, leaving))


def _never_entered(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[ast.expr]:
    """Yield the requests whose response has a name of which only attributes are used."""
    nodes = list(ast.walk(function))
    owners = {id(n.value) for n in nodes if isinstance(n, ast.Attribute) and n.attr != "__enter__"}
    handed = {
        n.id
        for n in nodes
        if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load) and id(n) not in owners
    }
    for node in nodes:
        match node:
            case ast.Assign([ast.Name(name)], ast.expr() as call) | ast.AnnAssign(
                ast.Name(name), value=ast.Call() as call
            ) if name not in handed and _is_caught(call):
                yield call


def _taken_back(body: object) -> Iterator[ast.stmt]:
    """Yield each `success()` that also runs after the `failure()` at the end of an `if` above."""
    failed: set[str] = set()
    for statement in body if isinstance(body, list) else ():
        match statement:
            case ast.If(body=[*_, last], orelse=[]):
                failed |= _called_on(last, "failure")
            case ast.Expr() if _called_on(statement, "success") & failed:
                yield statement


def _called_on(node: ast.stmt, method: str) -> set[str]:
    """Return the name on which a statement calls a method, if it does no more than that."""
    match node:
        case ast.Expr(ast.Call(ast.Attribute(ast.Name(name), attr))) if attr == method:
            return {name}
    return set()


def _is_caught(call: ast.expr) -> bool:
    return isinstance(call, ast.Call) and any(
        keyword.arg == "catch_response"
        and isinstance(keyword.value, ast.Constant)
        and keyword.value.value is True
        for keyword in call.keywords
    )


def _is_used(target: ast.expr | None, body: Sequence[ast.stmt]) -> bool:
    if target is not None and not isinstance(target, ast.Name):
        return True
    name = target.id if target is not None else ""
    return any(isinstance(n, ast.Name) and n.id == name for s in body for n in ast.walk(s))


def _makes_request(body: Sequence[ast.stmt]) -> bool:
    return any(isinstance(n, ast.Call) and is_request(n) for s in body for n in ast.walk(s))


def _catches_all(caught: ast.expr | None) -> bool:
    return caught is None or bool(_ANYTHING.search(ast.unparse(caught)))


def _suppresses_all(node: ast.expr) -> bool:
    match node:
        case ast.Call(ast.Name("suppress") | ast.Attribute(attr="suppress"), args):
            return any(map(_catches_all, args))
    return False


def _is_silent(node: ast.stmt) -> bool:
    """Say whether a statement tells Locust nothing: it goes on, or writes a log."""
    match node:
        case ast.Pass() | ast.Continue() | ast.Break() | ast.AugAssign() | ast.Expr(ast.Constant()):
            return True
        case ast.If(body=then, orelse=otherwise):
            return all(map(_is_silent, [*then, *otherwise]))
        case ast.Return(value):
            return value is None or isinstance(value, ast.Constant)
        case ast.Expr(ast.Call(ast.Name(name) | ast.Attribute(attr=name))):
            return name in _LOGS
    return False
