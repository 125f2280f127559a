"""Whether the numbers of a result document agree with each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from loadgate.collect.fields import FieldError
from loadgate.model import IMPOSSIBLE, Outcome
from loadgate.share import share
from loadgate.week import Record

RATES = ("failure_rate", "expected_failure_rate", "true_failure_rate")

_ROUNDED = 1e-6
"""How far a rate may be from its counts."""


def check_sums(found: Record, rates: Mapping[str, float | None], warnings: Sequence[str]) -> None:
    """Raise FieldError unless counts, rates and outcome of a document agree with each other.

    A partial run was counted in the strict way: its endpoints need not add up. A run with more
    failures than requests says in a warning that it has them.
    """
    _check_totals(found)
    _check_rates(found, rates)
    _check_outcome(found)
    if found.partial:
        return
    _check_kinds(found)
    _check_endpoints(found)
    if not any(text.startswith(IMPOSSIBLE) for text in warnings):
        _check_possible(found)


def unequal(failures: int, expected: int, true: int) -> str:
    """Return that a number of failures is not that of its parts."""
    return f"{failures:,} failures are not {expected:,} expected and {true:,} true ones"


def _check_totals(found: Record) -> None:
    if found.failures != found.expected + found.true:
        raise FieldError(f"totals: {unequal(found.failures, found.expected, found.true)}")
    for decision, count in (("expected", found.expected), ("true", found.true)):
        listed = sum(kind.failures for kind in found.kinds if kind.decision == decision)
        if listed != count:
            raise FieldError(
                f"failures: the {decision} ones add up to {listed:,}, and the totals say {count:,}"
            )
    names = {(row.method, row.name) for row in found.endpoints}
    if len(names) < len(found.endpoints):
        raise FieldError("endpoints: one of them stands there twice")


def _check_rates(found: Record, rates: Mapping[str, float | None]) -> None:
    counts = (found.failures, found.expected, found.true)
    for name, count in zip(RATES, counts, strict=True):
        rate, due = rates[name], share(count, found.requests)
        if rate is not None and (due is None or abs(rate - due) > _ROUNDED):
            raise FieldError(
                f"totals.{name}: is {rate:.6g}, and {count:,} of {found.requests:,} requests failed"
            )


def _check_outcome(found: Record) -> None:
    due: Outcome = "failed" if found.failed_checks else "passed"
    if not found.requests:
        due = "no-evidence"
    if found.outcome != due:
        raise FieldError(
            f"outcome: must be {due}, not {found.outcome}: {len(found.failed_checks):,} checks"
            f" failed, {found.requests:,} requests were made"
        )


def _check_kinds(found: Record) -> None:
    counted: Counter[tuple[str, str, str]] = Counter()
    for kind in found.kinds:
        counted[kind.method, kind.name, kind.decision] += kind.failures
    for number, row in enumerate(found.endpoints):
        for decision, count in (("expected", row.expected), ("true", row.true)):
            listed = counted[row.method, row.name, decision]
            if listed != count:
                raise FieldError(
                    f"endpoints[{number}]: says {count:,} {decision} failures, and the failures"
                    f" there add up to {listed:,}"
                )


def _check_endpoints(found: Record) -> None:
    for key in ("requests", "failures", "expected", "true"):
        summed = sum(getattr(row, key) for row in found.endpoints)
        if summed != getattr(found, key):
            raise FieldError(
                f"endpoints: their {key} add up to {summed:,}, and the totals say"
                f" {getattr(found, key):,}"
            )


def _check_possible(found: Record) -> None:
    for row in found.endpoints:  # and so for their sum
        if row.failures > row.requests:
            raise FieldError(
                f"endpoints: {row.failures:,} failures of {row.requests:,} requests cannot be"
            )
