"""What GitHub shows of a step: annotations, the job summary and the step's outputs."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from loadgate.cli import exit_codes as exits
from loadgate.model import Verdict
from loadgate.render import github, render
from loadgate.text import cut, listed, one_line

SUMMARY_BYTES = 1_000_000
"""Of the summary of a step; GitHub drops all of one that is larger than 1 MiB."""

_OUTCOMES = {code: outcome for outcome, code in exits.OUTCOMES.items()}
_LINES = 30  # of a message in a summary or an annotation; the log has all of them
_COLUMNS = 500  # of a line of it


def annotate(messages: Sequence[str]) -> str:
    """Return an error annotation for each message; of too many, the last says how many more."""
    texts = [
        "%0A".join(map(github.escape, listed(message.splitlines(), _LINES, "lines in the log")))
        for message in messages
    ]
    shown = listed(texts, github.SHOWN)
    return "".join(f"::error title=loadgate::{text}\n" for text in shown)


# --- the job summary ------------------------------------------------------------------------------


def append_summary(path: str, verdicts: Sequence[Verdict], messages: Sequence[str]) -> None:
    """Append messages, then verdicts, the worst first, as far as there is room for them."""
    worst_first = sorted(
        verdicts, key=lambda verdict: exits.WORST_FIRST.index(exits.OUTCOMES[verdict.outcome])
    )
    parts = [_as_markdown(message) for message in messages]
    parts += [render(verdict, "markdown") for verdict in worst_first]
    with Path(path).open("a+b") as file:
        used = file.tell()
        file.seek(max(used - 1, 0))
        start = b"" if file.read(1) in {b"", b"\n"} else b"\n"
        file.write(start + _fitting(parts, SUMMARY_BYTES - used - len(start)))


def _fitting(parts: Sequence[str], room: int) -> bytes:
    """Return the parts that fit into so many bytes, and how many do not."""
    taken: list[bytes] = []
    for part in parts:
        data = f"{part}\n".encode()
        if len(data) > room:
            left = len(parts) - len(taken)
            note = f"{left:,} more in the log: a job summary has no room for them.\n"
            return b"".join([*taken, note.encode()])
        room -= len(data)
        taken.append(data)
    return b"".join(taken)


def _as_markdown(message: str) -> str:
    """Return a message as an indented block, in which nothing means anything to Markdown."""
    lines = listed(message.splitlines(), _LINES, "lines in the log")
    shown = [cut(one_line(line), _COLUMNS) for line in lines]
    return "### ❌ NOT JUDGED\n\n" + "".join(f"    {line}\n" for line in shown)


# --- the outputs of the step ----------------------------------------------------------------------


def write_outputs(
    path: str, verdicts: Mapping[str, Verdict], code: int, *, fail_on_gate: bool
) -> None:
    """Append the outputs; counts are sums, and empty if nothing was judged.

    `verdicts` has each verdict under the path of its document.
    """
    totals = [verdict.classification.total for verdict in verdicts.values()]
    requests = sum(total.stats.requests for total in totals)
    true = sum(total.true for total in totals)
    expected = sum(total.expected for total in totals)
    # Without an exponent, which a shell's tools may not know.
    rate = f"{Decimal(str(min(true, requests) / requests)):f}" if requests else ""
    outputs = {
        "outcome": _OUTCOMES.get(code, "error"),
        "true-failures": str(true) if verdicts else "",
        "true-failure-rate": rate,
        "expected-failures": str(expected) if verdicts else "",
        "result-json": "\n".join(sorted(verdicts)),
        "exit-code": str(code),
        "fail-on-gate": "true" if fail_on_gate else "false",
    }
    with Path(path).open("a", encoding="utf-8", newline="") as file:
        file.writelines(_assignment(name, value) for name, value in outputs.items())


def _assignment(name: str, value: str) -> str:
    """Return an output of any lines; nobody can know the line that ends it beforehand."""
    end = f"end-{secrets.token_hex(16)}"
    return f"{name}<<{end}\n{value}\n{end}\n"
