"""The tables of a comparison, for text and Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from loadgate.model import Decision, Metric
from loadgate.render import words as wording
from loadgate.render.comparison import words
from loadgate.render.tables import Code, Column, Table
from loadgate.runs.compare import Compared, EndpointPair, KindDiff, RulePair, State
from loadgate.text import status_label

_TOTALS = {
    "true failure rate": words.TRUE_RATE,
    "expected failure rate": words.EXPECTED_RATE,
    "average response time": words.AVG,
    "p50": words.P50,
    "p95": words.P95,
    "p99": words.P99,
    "requests per second": words.RPS,
}
_METRICS = {
    "True rate": words.TRUE_RATE,
    "Expected rate": words.EXPECTED_RATE,
    "Average": words.AVG,
    "p50": words.P50,
    "p95": words.P95,
}
_KINDS: dict[tuple[Decision, State], str] = {
    ("true", "new"): "New true failures",
    ("true", "both"): "True failures in both",
    ("true", "gone"): "True failures only in base",
    ("expected", "new"): "New expected failures",
    ("expected", "both"): "Expected failures in both",
    ("expected", "gone"): "Expected failures only in base",
}


def tables(compared: Compared, *, narrow: bool = False) -> Iterator[Table[Any]]:
    """Yield the tables in their order; narrow ones are for a terminal."""
    yield _totals(compared)
    yield from _kinds(compared)
    yield _endpoints(compared, narrow=narrow)
    yield _rules(compared)


def _totals(compared: Compared) -> Table[tuple[str, ...]]:
    base, head = compared.base.measured.total, compared.head.measured.total
    rows = [("requests", wording.narrow(base.requests), wording.narrow(head.requests), "")]
    rows += [(name, *words.both(base, head, metric)) for name, metric in _TOTALS.items()]
    if compared.shows_allowed:
        rows.append((words.ALLOWED, words.allowed(base), words.allowed(head), ""))
    return Table(
        title="All requests",
        columns=(
            Column("", lambda row: row[0]),
            Column("Base", lambda row: row[1], numeric=True),
            Column("Head", lambda row: row[2], numeric=True),
            Column("Change", lambda row: row[3], numeric=True, wide=True),
        ),
        rows=rows,
        noun="number",
    )


def _kinds(compared: Compared) -> Iterator[Table[KindDiff]]:
    """Yield a table of the failures of each decision that are new, in both, or gone."""
    for of, title in _KINDS.items():
        yield Table(
            title=title,
            columns=(
                Column("Base", lambda kind: kind.base, numeric=True),
                Column("Head", lambda kind: kind.head, numeric=True),
                Column(
                    "Status",
                    lambda kind: status_label(kind.status, kind.likely_status),
                    numeric=True,
                ),
                Column("Endpoint", lambda kind: Code(wording.endpoint(kind)), wide=True),
                Column("Error", lambda kind: Code(kind.signature or wording.EMPTY), wide=True),
            ),
            rows=[kind for kind in compared.kinds if (kind.decision, kind.state) == of],
            noun="failure kind",
        )


def _endpoints(compared: Compared, *, narrow: bool) -> Table[EndpointPair]:
    """Return the table of endpoints, with each number of base and head in one cell.

    A narrow one has two numbers, and says in words what else changed.
    """

    def side(title: str, metric: Metric, place: int) -> Column[EndpointPair]:
        return Column(
            title, lambda pair: words.both(pair.base, pair.head, metric)[place], numeric=True
        )

    def sides(title: str, metric: Metric) -> Column[EndpointPair]:
        def cell(pair: EndpointPair) -> str:
            base, head, change = words.both(pair.base, pair.head, metric)
            return head if change == words.SAME else f"{base} → {head}"

        return Column(title, cell, numeric=True)

    name: Column[EndpointPair] = Column(
        "Endpoint", lambda pair: Code(wording.endpoint(pair)), wide=True
    )
    columns = [name, *(sides(title, metric) for title, metric in _METRICS.items())]
    if compared.shows_allowed:
        columns.append(Column("Allowed", words.both_allowed, numeric=True))
    if narrow:
        columns = [
            side("Base true", words.TRUE_RATE, 0),
            side("Head true", words.TRUE_RATE, 1),
            side("Base p95", words.P95, 0),
            side("Head p95", words.P95, 1),
            name,
            Column("Other changes", words.other_changes, wide=True),
        ]
    return Table(title="Endpoints", columns=columns, rows=compared.endpoints, noun="endpoint")


def _rules(compared: Compared) -> Table[RulePair]:
    def count(matched: int | None) -> int | str:
        return words.NONE if matched is None else matched

    return Table(
        title="Rules",
        columns=(
            Column("Base", lambda rule: count(rule.base), numeric=True),
            Column("Head", lambda rule: count(rule.head), numeric=True),
            *(
                (
                    Column("Base allowed", lambda rule: count(rule.base_allowed), numeric=True),
                    Column("Head allowed", lambda rule: count(rule.head_allowed), numeric=True),
                )
                if compared.shows_allowed
                else ()
            ),
            Column("Rule", lambda rule: rule.id, wide=True),
            Column("Why", lambda rule: rule.why, wide=True),
        ),
        rows=compared.rules,
        noun="rule",
    )
