"""The tables of a comparison, for text and Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from loadgate.model import Metric
from loadgate.render import words as wording
from loadgate.render.comparison import words
from loadgate.render.comparison.words import Line
from loadgate.render.tables import Code, Column, Table
from loadgate.runs.compare import Compared, EndpointPair, KindDiff, RulePair
from loadgate.text import status_label

_ENDPOINT: Column[EndpointPair] = Column(
    "Endpoint", lambda pair: Code(wording.endpoint(pair)), wide=True
)
_METRICS = {
    "True rate": words.TRUE_RATE,
    "Expected rate": words.EXPECTED_RATE,
    "Average": words.AVG,
    "p50": words.P50,
    "p95": words.P95,
}


def totals(compared: Compared) -> Table[Line]:
    """Return the table of the numbers of the groups as wholes."""
    return Table(
        title="All requests",
        columns=(
            Column("", lambda line: line.name),
            Column("Base", lambda line: line.base, numeric=True),
            Column("Head", lambda line: line.head, numeric=True),
            Column("Change", lambda line: line.change, numeric=True, wide=True),
        ),
        rows=tuple(words.totals(compared)),
        noun="number",
    )


def kinds(compared: Compared) -> Iterator[Table[KindDiff]]:
    """Yield a table of the failures of each decision that are new, in both, or gone."""
    for (decision, state), title in words.KINDS.items():
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
            rows=[
                kind for kind in compared.kinds if (kind.decision, kind.state) == (decision, state)
            ],
            noun="failure kind",
        )


def endpoints(compared: Compared) -> Table[EndpointPair]:
    """Return the table of endpoints with each number of base and head in one cell."""

    def metric_column(title: str, metric: Metric) -> Column[EndpointPair]:
        def cell(pair: EndpointPair) -> str:
            base, head, change = words.both(pair, metric)
            return head if change == words.SAME else f"{base} → {head}"

        return Column(title, cell, numeric=True)

    metrics = [metric_column(title, metric) for title, metric in _METRICS.items()]
    return _endpoints(compared, (_ENDPOINT, *metrics))


def narrow_endpoints(compared: Compared) -> Table[EndpointPair]:
    """Return the table of endpoints for a terminal: two numbers, and in words what else changed."""

    def column(title: str, metric: Metric, place: int) -> Column[EndpointPair]:
        return Column(title, lambda pair: words.both(pair, metric)[place], numeric=True)

    columns = (
        column("Base true", words.TRUE_RATE, 0),
        column("Head true", words.TRUE_RATE, 1),
        column("Base p95", words.P95, 0),
        column("Head p95", words.P95, 1),
        _ENDPOINT,
        Column("Other changes", words.other_changes, wide=True),
    )
    return _endpoints(compared, columns)


def _endpoints(
    compared: Compared, columns: tuple[Column[EndpointPair], ...]
) -> Table[EndpointPair]:
    return Table(title="Endpoints", columns=columns, rows=compared.endpoints, noun="endpoint")


def rules(compared: Compared) -> Table[RulePair]:
    """Return the table of rules with what they matched."""
    return Table(
        title="Rules",
        columns=(
            Column("Base", lambda rule: _count(rule.base), numeric=True),
            Column("Head", lambda rule: _count(rule.head), numeric=True),
            Column("Rule", lambda rule: rule.id, wide=True),
            Column("Why", lambda rule: rule.why, wide=True),
        ),
        rows=compared.rules,
        noun="rule",
    )


def _count(count: int | None) -> int | str:
    return words.NONE if count is None else count
