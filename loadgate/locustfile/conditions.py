"""Conditions on a status: which statuses are left where they are true, and where they are false."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterable

from loadgate.locustfile.values import Opaque, Series, Status, Value, Values

Left = dict[str, int]
"""The statuses that are possible, as bits, by the mark of the response; missing: any."""

Evaluate = Callable[[ast.expr], Values]

ALL = sum(1 << status for status in range(100, 600))
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


def bits(statuses: Iterable[int]) -> int:
    """Return statuses as bits."""
    return sum(1 << status for status in set(statuses) if 100 <= status < 600)


def only(left: int) -> int | None:
    """Return the one status that is possible; None: there are others."""
    return left.bit_length() - 1 if left and not left & (left - 1) else None


def both(one: Left, other: Left) -> Left:
    """Return what is possible where two conditions hold."""
    return {
        mark: one.get(mark, ALL) & other.get(mark, ALL) for mark in dict.fromkeys([*one, *other])
    }


def either(one: Left, other: Left) -> Left:
    """Return what is possible where one of two conditions holds."""
    return {mark: one[mark] | other[mark] for mark in one if mark in other}


def split(test: ast.expr, evaluate: Evaluate) -> tuple[Left, Left]:
    """Return what is possible where a test is true, and where it is false."""
    match test:
        case ast.UnaryOp(ast.Not(), operand):
            return split(operand, evaluate)[::-1]
        case ast.NamedExpr():
            return split(test.value, evaluate)
        case ast.BoolOp(op, [first, *rest]):
            true, false = split(first, evaluate)
            for value in rest:
                more_true, more_false = split(value, evaluate)
                if isinstance(op, ast.And):
                    true, false = both(true, more_true), either(false, more_false)
                else:
                    true, false = either(true, more_true), both(false, more_false)
            return true, false
        case ast.Compare(first, ops, rest):
            parts = [
                _compared(left, operator_, right, evaluate)
                for left, operator_, right in zip([first, *rest], ops, rest, strict=False)
            ]
            true, false = parts[0]
            for more_true, more_false in parts[1:]:
                true, false = both(true, more_true), either(false, more_false)
            return true, false
        case ast.Attribute(attr="ok"):
            (value, *more) = evaluate(test.value)
            if isinstance(value, Opaque) and value.mark and not more:
                fine = bits(range(100, 400))
                return {value.mark: fine}, {value.mark: ALL & ~fine}
    return {}, {}


def matching(values: Values, numbers: Iterable[int]) -> Left:
    """Return what is possible where a status is one of some numbers."""
    mark = _mark(values)
    return {mark: bits(numbers)} if mark else {}


def _compared(
    left: ast.expr, op: ast.cmpop, right: ast.expr, evaluate: Evaluate
) -> tuple[Left, Left]:
    hundreds = isinstance(left, ast.BinOp) and isinstance(left.op, ast.FloorDiv)
    if isinstance(left, ast.BinOp) and hundreds and evaluate(left.right) == (100,):
        left = left.left
    elif hundreds:
        return {}, {}
    one, other = evaluate(left), evaluate(right)
    kind = type(op)
    if not _mark(one):
        one, other, kind = other, one, _MIRRORED.get(kind, kind)
        if isinstance(op, ast.In | ast.NotIn):
            return {}, {}
    mark = _mark(one)
    if mark and isinstance(op, ast.In | ast.NotIn):
        numbers = members(other)
        found = None if numbers is None else bits(numbers)
        negated = isinstance(op, ast.NotIn)
    elif mark and kind in _OPERATORS and len(other) == 1 and _number(other[0]) is not None:
        compare, number = _OPERATORS[kind], _number(other[0]) or 0
        tried = (s for s in range(100, 600) if compare(s // 100 if hundreds else s, number))
        found, negated = bits(tried), False
    else:
        found, negated = None, False
    if found is None:
        return {}, {}
    true, false = {mark: found}, {mark: ALL & ~found}
    return (false, true) if negated else (true, false)


def members(values: Values) -> list[int] | None:
    """Return the numbers of a list, set or range; None: they are not all known."""
    numbers: list[int] = []
    for value in values:
        if not isinstance(value, Series):
            return None
        for item in value.items:
            found = [_number(one) for one in item]
            if None in found:
                return None
            numbers += [number for number in found if number is not None]
    return numbers


def _mark(values: Values) -> str:
    """Return the mark of the one status that a value is, be it as text; "": it is none."""
    (value, *more) = values
    text = value.mark if isinstance(value, Status) else value
    return text if not more and isinstance(text, str) and len(text) == 1 and text > "\uffff" else ""


def _number(value: Value) -> int | None:
    if isinstance(value, str) and value.isdecimal() and value.isascii():
        return int(value[:4])
    return value if isinstance(value, int) and not isinstance(value, bool) else None
