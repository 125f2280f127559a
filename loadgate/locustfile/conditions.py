"""Conditions on a status: which statuses are left where they are true, and where they are false."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterable

from loadgate.locustfile.values import Condition, Items, Opaque, Status, Value, Values, is_mark

Left = dict[str, int]
"""The statuses that are possible, as bits, by the mark of the response; missing: any."""

Evaluate = Callable[[ast.expr], Values]


def bits(statuses: Iterable[int]) -> int:
    """Return statuses as bits."""
    return sum(1 << status for status in set(statuses) if 100 <= status < 600)


ALL = bits(range(100, 600))
FINE = bits(range(100, 400))
_OPERATORS: dict[type[ast.cmpop], Callable[[int, int], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: operator.eq,
    ast.IsNot: operator.ne,
}
_MIRRORED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.Gt,
    ast.LtE: ast.GtE,
    ast.Gt: ast.Lt,
    ast.GtE: ast.LtE,
}


def statuses(left: int) -> list[int]:
    """Return the statuses that bits stand for."""
    return [status for status in range(100, 600) if left >> status & 1]


def both(one: Left, other: Left) -> Left:
    """Return what is possible where two conditions hold."""
    return {mark: one.get(mark, ALL) & other.get(mark, ALL) for mark in [*one, *other]}


def either(one: Left, other: Left) -> Left:
    """Return what is possible where one of two conditions holds."""
    return {mark: one[mark] | other[mark] for mark in one if mark in other}


def split(test: ast.expr, evaluate: Evaluate) -> tuple[Left, Left]:
    """Return what is possible where a test is true, and where it is false."""
    match test:
        case ast.UnaryOp(ast.Not(), operand):
            return split(operand, evaluate)[::-1]
        case ast.BoolOp(op, values):
            return _together([split(v, evaluate) for v in values], all_=isinstance(op, ast.And))
        case ast.Compare(first, ops, rest):
            pairs = zip([first, *rest], ops, rest, strict=False)
            return _together([_compared(a, op, b, evaluate) for a, op, b in pairs], all_=True)
        case ast.Attribute(value, "ok") | value:
            (found, *more) = evaluate(value)
            if isinstance(found, Condition) and not more:
                return dict(found.true), dict(found.false)
            if isinstance(found, Opaque) and found.mark and not more:  # a response is true if ok
                return {found.mark: FINE}, {found.mark: ALL & ~FINE}
    return {}, {}


def _together(parts: list[tuple[Left, Left]], *, all_: bool) -> tuple[Left, Left]:
    """Return what is possible where all of some tests are true, or any of them, and where not."""
    (true, false), *more = parts
    for more_true, more_false in more:
        if all_:
            true, false = both(true, more_true), either(false, more_false)
        else:
            true, false = either(true, more_true), both(false, more_false)
    return true, false


def _compared(
    left: ast.expr, op: ast.cmpop, right: ast.expr, evaluate: Evaluate
) -> tuple[Left, Left]:
    divisor = 1
    match left:
        case ast.BinOp(value, ast.FloorDiv(), ast.Constant(100)):
            left, divisor = value, 100
    one, other, kind = evaluate(left), evaluate(right), type(op)
    if not _mark(one) and not isinstance(op, ast.In | ast.NotIn):
        one, other, kind = other, one, _MIRRORED.get(kind, kind)
    mark, numbers = _mark(one), _numbers(other)
    if not mark or not numbers:
        return {}, {}
    if kind in _OPERATORS:
        compare = _OPERATORS[kind]
        found = bits(s for s in range(100, 600) if compare(s // divisor, numbers[0]))
    else:
        found = bits(s for s in range(100, 600) if s // divisor in numbers)
    true, false = {mark: found}, {mark: ALL & ~found}
    return (false, true) if isinstance(op, ast.NotIn) else (true, false)


def _mark(values: Values) -> str:
    """Return the mark of the one status that a value is, be it as text; "": it is none."""
    (value, *more) = values
    text = value.mark if isinstance(value, Status) else value
    found = not more and isinstance(text, str) and len(text) == 1 and is_mark(text)
    return str(text) if found else ""


def _numbers(values: Values) -> list[int]:
    """Return a number, or those of a list, set or range; nothing: they are not all known."""
    numbers: list[int] = []
    for value in values:
        held = [value]
        if isinstance(value, Items):
            held = list(value.keys) or [one for item in value.items for one in item]
        found = [_number(one) for one in held]
        if None in found or (len(values) > 1 and not isinstance(value, Items)):
            return []
        numbers += [number for number in found if number is not None]
    return numbers


def _number(value: Value) -> int | None:
    if isinstance(value, str) and value.isdecimal() and value.isascii():
        return int(value[:4])
    return value if isinstance(value, int) and not isinstance(value, bool) else None
