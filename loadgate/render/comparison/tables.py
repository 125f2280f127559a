"""The tables of a comparison, for text and Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from loadgate.model import Decision, Metric
from loadgate.render import words as wording
from loadgate.render.comparison import words
from loadgate.render.tables import Cell, Code, Column, Table
from loadgate.runs.compared import Compared, EndpointPair, KindDiff, RulePair, State
from loadgate.text import status_label

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


def _ours(text: str) -> Cell | str:
    """Return words of ours, in which nothing comes from a run."""
    return Cell(text=text, mark="ours") if text else ""


def _totals(compared: Compared) -> Table[tuple[str, ...]]:
    pair = compared.total
    base, head = compared.base.measured.total, compared.head.measured.total
    rows = [("requests", wording.narrow(base.requests), wording.narrow(head.requests), "")]
    for name, metric in words.METRICS.items():
        before, now = words.counted(base, metric), words.counted(head, metric)
        rows.append((name, before, now, words.change(pair, metric)))
    if compared.shows_allowed:
        rows.append((words.ALLOWED, words.allowed(base), words.allowed(head), ""))
    return Table(
        title="All requests",
        columns=(
            Column("", lambda row: row[0]),
            Column("Base", lambda row: row[1], numeric=True),
            Column("Head", lambda row: row[2], numeric=True),
            Column("Change (95% interval)", lambda row: _ours(row[3]), wide=True),
        ),
        rows=rows,
        noun="number",
    )


def _kinds(compared: Compared) -> Iterator[Table[KindDiff]]:
    """Yield a table of the failures of each decision that are new, in both, or gone."""
    for of, title in _KINDS.items():
        kinds = [kind for kind in compared.kinds if (kind.decision, kind.state) == of]
        note: Column[KindDiff] = Column("Note", lambda kind: _ours(words.note(kind)), wide=True)
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
                *([note] if any(map(words.note, kinds)) else ()),
            ),
            rows=kinds,
            noun="failure kind",
        )


def _endpoints(compared: Compared, *, narrow: bool) -> Table[EndpointPair]:
    """Return the table of endpoints, with each number of base and head in one cell.

    A narrow one has two numbers, and says in words what else changed.
    """

    def side(title: str, metric: Metric, place: int) -> Column[EndpointPair]:
        return Column(title, lambda pair: words.both(pair, metric)[place], numeric=True)

    def sides(title: str, metric: Metric) -> Column[EndpointPair]:
        return Column(title, lambda pair: words.in_one(*words.both(pair, metric)), numeric=True)

    def requests(pair: EndpointPair) -> str:
        rows = pair.base, pair.head
        return words.in_one(*(wording.narrow(row.requests) if row else words.NONE for row in rows))

    def allowed(pair: EndpointPair) -> str:
        return words.in_one(words.allowed(pair.base), words.allowed(pair.head))

    name: Column[EndpointPair] = Column(
        "Endpoint", lambda pair: Code(wording.endpoint(pair)), wide=True
    )
    changes: Column[EndpointPair] = Column(
        "Changes", lambda pair: _ours(words.changes(pair)), wide=True
    )
    columns = [
        name,
        Column("Requests", requests, numeric=True),
        sides("True failures", words.TRUE_RATE),
        sides("Expected", words.EXPECTED_RATE),
        sides("Average", words.AVG),
        sides("p50", words.P50),
        sides("p95", words.P95),
    ]
    if compared.shows_allowed:
        columns.append(Column("Allowed", allowed, numeric=True))
    columns.append(changes)
    if narrow:
        columns = [
            side("Base true", words.TRUE_RATE, 0),
            side("Head true", words.TRUE_RATE, 1),
            side("Base p95", words.P95, 0),
            side("Head p95", words.P95, 1),
            *(name, changes),
        ]
    return Table(
        title="Endpoints", columns=columns, rows=compared.endpoints, noun="endpoint", lines=3
    )


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
