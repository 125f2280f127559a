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

CODES = (
    "no-safe-wording",
    "message-without-status",
    "allowed-status",
    "hidden-success",
    "response-not-checked",
    "exception-swallowed",
)
"""Of all findings; docs/teach.md has a section of each name."""
_ERRORS = ALL & ~FINE
_SERVER_ERRORS = range(500, 600)
_LOGS = frozenset(
    ("print", "debug", "info", "warning", "warn", "error", "exception", "critical", "log")
)
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
    entered: set[int] = set()
    for node in ast.walk(source.tree):
        match node:
            case ast.With(items, body) | ast.AsyncWith(items, body):
                for item in items:
                    call = item.context_expr
                    if isinstance(call, ast.Call) and _is_caught(call):
                        entered.add(id(call))
                        if not _is_used(item.optional_vars, body):
                            yield _not_checked(
                                source,
                                call,
                                "the block never looks at the response of this request",
                            )
            case ast.Expr(ast.Call() as call) if _is_caught(call) and id(call) not in entered:
                yield _not_checked(
                    source, call, "this request is in no statistics: catch_response needs a `with`"
                )
            case ast.Try() if _makes_request(node.body):
                for handler in node.handlers:
                    if _catches_all(handler) and all(map(_is_silent, handler.body)):
                        yield Finding(
                            code="exception-swallowed",
                            place=Place(source.shown, handler.lineno),
                            sentence="an exception around a request is dropped here, so Locust"
                            " counts neither an exception nor a failure",
                            remedy="Catch only what is expected, or raise it again.",
                        )


def _is_caught(call: ast.Call) -> bool:
    return any(
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


def _not_checked(source: Source, call: ast.Call, sentence: str) -> Finding:
    return Finding(
        code="response-not-checked",
        place=Place(source.shown, call.lineno),
        sentence=sentence,
        remedy="Check it in a `with ... as response` block, or leave out catch_response.",
    )


def _makes_request(body: Sequence[ast.stmt]) -> bool:
    return any(isinstance(n, ast.Call) and is_request(n) for s in body for n in ast.walk(s))


def _catches_all(handler: ast.ExceptHandler) -> bool:
    return handler.type is None or bool(_ANYTHING.search(ast.unparse(handler.type)))


def _is_silent(node: ast.stmt) -> bool:
    """Say whether a statement tells Locust nothing: it goes on, or writes a log."""
    match node:
        case ast.Pass() | ast.Continue() | ast.Break() | ast.Expr(ast.Constant()):
            return True
        case ast.Return(value):
            return value is None or isinstance(value, ast.Constant)
        case ast.Expr(ast.Call(ast.Name(name) | ast.Attribute(attr=name))):
            return name in _LOGS
    return False
