"""Two groups of runs side by side in, GitHub-flavoured Markdown for an issue or a comment out."""

from __future__ import annotations

from collections.abc import Iterator

from loadgate.render import words as wording
from loadgate.render.comparison import words
from loadgate.render.markdown import BYTES, code, escape, left_out, section
from loadgate.runs.compare import Compared

_ROWS = 100  # of a table; fewer where the document would be too large
_RUNS = 8
_METRICS = {
    "True rate": words.TRUE_RATE,
    "Expected rate": words.EXPECTED_RATE,
    "Average": words.AVG,
    "p50": words.P50,
    "p95": words.P95,
}


def render_markdown(compared: Compared) -> str:
    """Return the comparison as headings and tables, in less than 60,000 bytes of UTF-8.

    What is left out for its size is counted where it is missing.
    """
    rows = _ROWS
    text = _document(compared, rows)
    while len(text.encode()) >= BYTES and rows > 1:
        rows //= 2
        text = _document(compared, rows)
    return text


def _document(compared: Compared, rows: int) -> str:
    return "".join(f"{line}\n" for line in _lines(compared, rows))


def _lines(compared: Compared, rows: int) -> Iterator[str]:
    yield "### Head and base compared"
    yield ""
    yield escape(words.headline(compared))
    yield ""
    for name, side in (("Base", compared.base), ("Head", compared.head)):
        count = wording.counted(len(side.runs), "run")
        yield f"- {name}, {count}: {code(words.runs(side, _RUNS))}"
    for text in compared.warnings:
        yield f"- ⚠️ {escape(text)}"
    lines = [tuple(line) for line in words.totals(compared)]
    header = ("", "Base", "Head", "Change")
    yield from section("The whole", header, lines, "", right=(1, 2, 3))
    yield from _kinds(compared, rows)
    yield from _endpoints(compared, rows)
    yield from _rules(compared, rows)


def _kinds(compared: Compared, rows: int) -> Iterator[str]:
    for (decision, state), title in words.KINDS.items():
        kinds = [one for one in compared.kinds if (one.decision, one.state) == (decision, state)]
        lines = [
            (
                f"{kind.base:,}",
                f"{kind.head:,}",
                str(kind.status or "unknown"),
                code(wording.endpoint(kind)),
                code(kind.signature or wording.EMPTY),
            )
            for kind in kinds[:rows]
        ]
        if lines:
            header = ("Base", "Head", "Status", "Endpoint", "Error")
            more = left_out(len(kinds) - rows, "kinds")
            yield from section(title, header, lines, more, right=(0, 1, 2))


def _endpoints(compared: Compared, rows: int) -> Iterator[str]:
    lines = []
    for pair in compared.endpoints[:rows]:
        cells = [words.both(pair, metric) for metric in _METRICS.values()]
        told = [
            f"{base} → {head}" if change != words.SAME else head for base, head, change in cells
        ]
        lines.append((code(wording.endpoint(pair)), *told))
    if lines:
        more = left_out(len(compared.endpoints) - rows, "endpoints")
        yield from section(
            "Endpoints", ("Endpoint", *_METRICS), lines, more, right=range(1, 1 + len(_METRICS))
        )


def _rules(compared: Compared, rows: int) -> Iterator[str]:
    lines = [
        (
            *(words.NONE if count is None else f"{count:,}" for count in (one.base, one.head)),
            escape(one.id),
            escape(one.why),
        )
        for one in compared.rules[:rows]
    ]
    if lines:
        more = left_out(len(compared.rules) - rows, "rules")
        header = ("Base", "Head", "Rule", "Why")
        yield from section("Rules", header, lines, more, right=(0, 1))
