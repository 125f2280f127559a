"""Parsing a rules file: its rules, thresholds, status texts and examples."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import partial
from math import isfinite
from typing import Any, TypeVar

from loadgate.characters import readable
from loadgate.globs import StatusText, TextGlob
from loadgate.matching import TEXT_CONDITIONS
from loadgate.metrics import definition
from loadgate.model import Answer, Decision, Example, Owner, Rule, Status, Threshold
from loadgate.patterns import EndpointPattern, split_types
from loadgate.rules.schema_errors import Place, Problem, sound_entries
from loadgate.rules.thresholds import (
    Demand,
    DemandError,
    parse_demand,
    parse_share,
    why_no_abort,
)
from loadgate.rules.window import WINDOW_WORDS, parse_length
from loadgate.text import quoted, shown

T = TypeVar("T")

# For an endpoint or a limit that cannot be read, so that the rest of its table still is.
_ANY_ENDPOINT = EndpointPattern.parse("**")
_PLACEHOLDER = parse_demand("requests >= 0")

_METHOD_MEANT = re.compile(
    r"\s*((?:get|head|post|put|delete|connect|options|trace|patch)[\s,|]+)+(?=[/*{])", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Declarations:
    """What one rules file declares, without what it extends."""

    origin: str
    rules: tuple[Rule, ...]
    thresholds: tuple[Threshold, ...]
    status_texts: tuple[StatusText, ...]
    examples: tuple[Example, ...]
    owners: tuple[Owner, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    """One table of the file: its sound keys, and where to note what is wrong with them."""

    at: Place
    keys: Mapping[str, Any]
    found: list[Problem]

    def read(self, key: str, parse: Callable[[Any], T], default: T) -> T:
        """Return what `parse` makes of the key; the default where it is absent or refused."""
        if key not in self.keys:
            return default
        try:
            return parse(self.keys[key])
        except ValueError as error:
            self.refuse(key, str(error))
            return default

    def refuse(self, key: str, text: str) -> None:
        """Note what is wrong with a key."""
        self.found.append(Problem(place=(*self.at, key), text=text))


def parse(document: dict[str, Any], origin: str, found: list[Problem]) -> Declarations:
    """Read what the document declares.

    `found` are the problems that the schema finds: what they name is not read, and what else is
    wrong is added. Only where nothing is wrong does the result mean anything.
    """

    def tables(section: str) -> list[_Table]:
        return [
            _Table(at=at, keys=keys, found=found)
            for at, keys in sound_entries(document, section, tuple(found))
        ]

    rules = tables("rules")
    _refuse_repeated_ids(rules)
    return Declarations(
        origin=origin,
        rules=tuple(_rule(table, origin) for table in rules),
        thresholds=tuple(_threshold(table, origin) for table in tables("thresholds")),
        status_texts=tuple(
            table.read("text", partial(StatusText, origin=origin), StatusText("status {status}"))
            for table in tables("status_texts")
        ),
        examples=tuple(_example(table, origin) for table in tables("examples")),
        owners=tuple(
            Owner(
                endpoint=_endpoint(table, wide=True) or _ANY_ENDPOINT,
                owner=table.read("owner", _one_line, ""),
                origin=origin,
            )
            for table in tables("owners")
        ),
    )


def _refuse_repeated_ids(rules: list[_Table]) -> None:
    first: dict[str, Place] = {}
    for table in rules:
        identifier = table.keys.get("id")
        if identifier is None:
            continue
        place = first.setdefault(identifier, table.at)
        if place is not table.at:
            table.refuse("id", f"is already the id of rules[{int(place[1]) + 1}]")


def _rule(table: _Table, origin: str) -> Rule:
    excuses = table.read("as", lambda word: word == "expected", default=True)
    for key in ("at_most", "expires"):
        if not excuses and key in table.keys:
            table.refuse(key, 'has no effect on a rule with as = "failure", which excuses nothing')
    return Rule(
        id=table.read("id", _one_line, ""),
        endpoint=_endpoint(table, wide=not excuses) or _ANY_ENDPOINT,
        statuses=table.read("status", _statuses, None),
        globs=tuple(
            (key, glob) for key in TEXT_CONDITIONS if (glob := table.read(key, TextGlob, None))
        ),
        excuses=excuses,
        why=table.read("why", _reason, ""),
        at_most=table.read("at_most", parse_share, None),
        at_most_text=table.read("at_most", str, ""),
        owner=table.read("owner", _one_line, ""),
        ticket=table.read("ticket", _one_line, ""),
        expires=table.read("expires", _day, None),
        lint_ignore=table.read("lint_ignore", frozenset, frozenset()),
        origin=origin,
        number=int(table.at[1]) + 1,
    )


def _threshold(table: _Table, origin: str) -> Threshold:
    demand = _demand(table)
    endpoint = _endpoint(table, wide=True)
    run_only = definition(demand.metric.name).run_only
    if endpoint is not None and run_only:
        table.refuse(
            "require",
            f"{demand.metric.name} is known only for the whole run: {run_only}; leave the endpoint"
            " out",
        )
    _refuse_few_requests(table, demand)
    if "confidence" in table.keys and demand.metric.kind != "rate" and demand is not _PLACEHOLDER:
        table.refuse("confidence", f"applies only to rates, and {demand.metric.name} is not one")
    threshold = Threshold(
        require=demand.require,
        metric=demand.metric,
        operator=demand.operator,
        limit=demand.limit,
        window=demand.window,
        endpoint=endpoint,
        optional=table.read("optional", bool, default=False),
        min_requests=table.read("min_requests", int, 0),
        confidence=table.read("confidence", _confidence, None),
        severity=table.read("severity", lambda word: word, "error"),
        abort=table.read("abort", bool, default=False),
        abort_after=table.read("abort_after", partial(parse_length, ""), Fraction(0)),
        origin=origin,
        number=int(table.at[1]) + 1,
    )
    why = why_no_abort(threshold) if threshold.abort else ""
    if why and demand is not _PLACEHOLDER:
        table.refuse("abort", f"has no effect: {why}")
    return threshold


def _demand(table: _Table) -> Demand:
    """Return what `require` and the keys of a window demand, which may stand in `require`, too."""
    demand = table.read("require", parse_demand, _PLACEHOLDER)
    keys = [key for key in WINDOW_WORDS if key in table.keys]
    if not keys or demand is _PLACEHOLDER:
        return demand
    try:
        demand = parse_demand(
            " ".join([demand.require, *(f"{key} {table.keys[key]}" for key in keys)])
        )
    except DemandError as error:
        table.refuse(keys[0], str(error))
    return demand


def _refuse_few_requests(table: _Table, demand: Demand) -> None:
    """Refuse to leave out windows with few requests where these are what is looked for."""
    every = demand.window is not None and demand.window.every is not None
    if every and definition(demand.metric.name).bad == "low" and "min_requests" in table.keys:
        table.refuse(
            "min_requests", f"leaves out the windows that {quoted(demand.require)} is to find"
        )


def _example(table: _Table, origin: str) -> Example:
    method, name = table.read("endpoint", partial(_method_and_name, table), ("", ""))
    return Example(
        method=method,
        name=name,
        error=table.read("error", str, ""),
        recorded=_recorded(table),
        expect=table.read("expect", _expectation, "true"),
        rule=table.read("rule", str, None),
        number=int(table.at[1]) + 1,
        origin=origin,
    )


def _recorded(table: _Table) -> Answer | None:
    """Return what a recording would say of an example; None: the example does not say it."""
    if not {"status", "exception"} & table.keys.keys():
        return None
    return Answer(table.read("status", _status, None), table.read("exception", str, None))


def _method_and_name(table: _Table, text: str) -> tuple[str, str]:
    methods = _methods(table)
    if methods is not None:
        EndpointPattern.parse(text, methods)  # that it does not say its method twice
        return methods[0], text
    types, name = split_types(text)
    if len(types) != 1 or not name:
        raise ValueError(
            f'{quoted(text)} must be a request type and a name, such as "POST /tools" or'
            ' "grpc /shop.Stock/Get"; any other type goes into the key method'
        )
    return types[0], name


def _expectation(word: str) -> Decision:
    return "expected" if word == "expected" else "true"


def _methods(table: _Table) -> tuple[str, ...] | None:
    methods = table.keys.get("method")
    return (methods,) if isinstance(methods, str) else methods and tuple(methods)


def _endpoint(table: _Table, *, wide: bool) -> EndpointPattern | None:
    methods = _methods(table)
    read = partial(EndpointPattern.parse, methods=methods) if methods else _endpoint_pattern
    return table.read("endpoint", partial(read, wide=wide), None)


def _endpoint_pattern(text: str, *, wide: bool) -> EndpointPattern:
    pattern = EndpointPattern.parse(text, wide=wide)
    meant = _METHOD_MEANT.match(text)
    if pattern.methods is None and meant:
        methods = ",".join(re.findall("[A-Z]+", meant[0].upper()))
        better = shown(f"{methods} {text[meant.end() :]}")
        raise ValueError(
            f"{shown(text)} is read as a name without a method; write {better}, or set the"
            " key method if it is one"
        )
    return pattern


def _statuses(value: Status | list[Status]) -> frozenset[Status]:
    given = [_status(status) for status in (value if isinstance(value, list) else [value])]
    statuses = frozenset(given)
    if len(statuses) < len(given):
        raise ValueError("lists a status twice")
    return statuses


def _status(value: Status) -> Status:
    # TOML and JSON may write a whole number as 409.0.
    return value if isinstance(value, str) else int(value)


def _one_line(text: str) -> str:
    if not text.isprintable():
        raise ValueError("must be one line of printable text")
    return text


def _reason(text: str) -> str:
    if not readable(text):
        raise ValueError("must give a reason in words")
    return text.strip()


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{quoted(text)} is not a valid date") from None


def _confidence(value: float) -> float:
    if not isfinite(value):  # what is no number is not below a bound either
        raise ValueError("must be a number")
    return float(value)
