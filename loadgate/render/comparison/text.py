"""Two groups of runs side by side in, what a person reads in a terminal out."""

from __future__ import annotations

from collections.abc import Iterator

from loadgate.render import words as wording
from loadgate.render.comparison import words
from loadgate.render.terminal import COLUMNS, drawn_table, hanging, left_out
from loadgate.runs.compare import Compared, EndpointPair

_ROWS = 15
_RUNS = 4


def render_text(compared: Compared, columns: int = COLUMNS) -> str:
    """Return the comparison in lines of at most so many columns."""
    return "".join(f"{line}\n" for line in _lines(compared, columns))


def _lines(compared: Compared, columns: int) -> Iterator[str]:
    yield from hanging("", words.headline(compared), lines=3, columns=columns)
    yield ""
    for name, side in (("base", compared.base), ("head", compared.head)):
        count = wording.counted(len(side.runs), "run")
        yield from hanging(
            f"{name}  ", f"{count}: {words.runs(side, _RUNS)}", lines=4, columns=columns
        )
    for text in compared.warnings:
        yield from hanging("- ", text, lines=3, columns=columns)
    rows = [((line.name, line.base, line.head), (line.change,)) for line in words.totals(compared)]
    header = ("", "base", "head", "change")
    yield from drawn_table("THE WHOLE", header, rows, right=(1, 2), columns=columns)
    yield from _kinds(compared, columns)
    yield from _endpoints(compared, columns)
    yield from _rules(compared, columns)


def _kinds(compared: Compared, columns: int) -> Iterator[str]:
    for (decision, state), title in words.KINDS.items():
        kinds = [one for one in compared.kinds if (one.decision, one.state) == (decision, state)]
        rows = [
            (
                (wording.narrow(kind.base), wording.narrow(kind.head), str(kind.status or "-")),
                (wording.endpoint(kind), kind.signature or wording.EMPTY),
            )
            for kind in kinds[:_ROWS]
        ]
        if rows:
            header = ("base", "head", "status", "endpoint and error")
            yield from drawn_table(title.upper(), header, rows, right=(0, 1, 2), columns=columns)
            yield from left_out(len(kinds) - _ROWS, "kinds")


def _endpoints(compared: Compared, columns: int) -> Iterator[str]:
    rows = []
    for pair in compared.endpoints[:_ROWS]:
        true_rate, p95 = words.both(pair, words.TRUE_RATE), words.both(pair, words.P95)
        rows.append(((*true_rate[:2], *p95[:2]), (wording.endpoint(pair), _more(pair))))
    if rows:
        header = ("base true", "head true", "base p95", "head p95", "endpoint")
        yield from drawn_table("ENDPOINTS", header, rows, right=(0, 1, 2, 3), columns=columns)
        yield from left_out(len(compared.endpoints) - _ROWS, "endpoints")


def _more(pair: EndpointPair) -> str:
    """Return what else changed at an endpoint, as far as there is something to compare."""
    if pair.base is None:
        return "new: not in the base"
    if pair.head is None:
        return "gone: not in the head"
    metrics = {"expected": words.EXPECTED_RATE, "avg": words.AVG, "p50": words.P50}
    parts = []
    for name, metric in metrics.items():
        base, head, change = words.both(pair, metric)
        if change not in {"", words.SAME}:
            parts.append(f"{name} {base}, now {head}")
    return "; ".join(parts)


def _rules(compared: Compared, columns: int) -> Iterator[str]:
    rows = [
        (
            tuple(
                "-" if count is None else wording.narrow(count) for count in (one.base, one.head)
            ),
            (one.id, one.why),
        )
        for one in compared.rules[:_ROWS]
    ]
    if rows:
        yield from drawn_table(
            "RULES", ("base", "head", "rule"), rows, right=(0, 1), columns=columns
        )
        yield from left_out(len(compared.rules) - _ROWS, "rules")
