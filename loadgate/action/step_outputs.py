"""Verdicts and messages in, what GitHub shows and hands on of them out."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from loadgate.cli.writing import unmarked
from loadgate.render import github
from loadgate.text import cut, listed, one_line

SUMMARY_BYTES = 1_000_000
"""Of the summary of a step; GitHub drops all of one that is larger than 1 MiB."""

_OUTCOMES = {0: "passed", 1: "failed", 3: "no-evidence"}
_WORST_FIRST = ("failed", "no-evidence", "passed")
_LINES = 30  # of a message in a summary or an annotation; the log has all of them
_COLUMNS = 500  # of a line of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a check wrote of one run."""

    path: str
    """Of the result document."""
    outcome: str
    requests: int
    true: int
    expected: int
    markdown: str


def read_verdicts(folder: str) -> list[Written]:
    """Return the verdicts that a check wrote into a folder, in order of their names."""
    return [_read(path) for path in sorted(Path(folder).glob("*.json"))]


def _read(path: Path) -> Written:
    document: dict[str, Any] = json.loads(path.read_text("utf-8"))
    totals = document["totals"]
    return Written(
        path=str(path),
        outcome=document["outcome"],
        requests=totals["requests"],
        true=totals["true_failures"],
        expected=totals["expected_failures"],
        markdown=unmarked(path.with_suffix(".md").read_text("utf-8")),
    )


# --- messages -------------------------------------------------------------------------------------


def messages(said: str) -> list[list[str]]:
    """Return each message of standard error as its lines, without the name of the program."""
    found: list[list[str]] = []
    for line in said.splitlines():
        if not found or line.startswith("loadgate: "):
            found.append([])
        found[-1].append(line.removeprefix("loadgate: "))
    return found


def log_lines(said: str) -> str:
    """Return what standard error said as lines of a log, none of which is a command to it."""
    return "".join(f"{_harmless(line)}\n" for line in said.splitlines())


def _harmless(line: str) -> str:
    text = one_line(line)
    before = " " * (len(line) - len(line.lstrip(" ")))
    return f"{before}'{text}" if text.startswith("::") else before + text


def annotate(found: Sequence[Sequence[str]]) -> str:
    """Return an error annotation for each message; of too many, the last says how many more."""
    texts = [
        "%0A".join(map(github.escape, listed(lines, _LINES, "lines in the log"))) for lines in found
    ]
    shown = listed(texts, github.SHOWN)
    return "".join(f"::error title=loadgate::{text}\n" for text in shown)


# --- the job summary ------------------------------------------------------------------------------


def append_summary(path: str, verdicts: Sequence[Written], found: Sequence[Sequence[str]]) -> None:
    """Append messages, then verdicts, the worst first, as far as there is room for them."""
    worst_first = sorted(verdicts, key=lambda one: _WORST_FIRST.index(one.outcome))
    parts = [*map(_as_markdown, found), *(one.markdown for one in worst_first)]
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


def _as_markdown(lines: Sequence[str]) -> str:
    """Return a message as an indented block, in which nothing means anything to Markdown."""
    shown = [cut(one_line(line), _COLUMNS) for line in listed(lines, _LINES, "lines in the log")]
    return "### ❌ NOT JUDGED\n\n" + "".join(f"    {line}\n" for line in shown)


# --- the outputs of the step ----------------------------------------------------------------------


def write_outputs(path: str, verdicts: Sequence[Written], code: int, *, fail_on_gate: bool) -> None:
    """Append the outputs; counts are sums, and empty where nothing was judged."""
    requests = sum(verdict.requests for verdict in verdicts)
    true = sum(verdict.true for verdict in verdicts)
    expected = sum(verdict.expected for verdict in verdicts)
    outputs = {
        "outcome": _OUTCOMES.get(code, "error"),
        "true-failures": str(true) if verdicts else "",
        # Without an exponent, which a shell's tools may not know.
        "true-failure-rate": f"{Decimal(str(min(true, requests) / requests)):f}"
        if requests
        else "",
        "expected-failures": str(expected) if verdicts else "",
        "result-json": "\n".join(verdict.path for verdict in verdicts),
        "exit-code": str(code),
        "fail-on-gate": "true" if fail_on_gate else "false",
    }
    with Path(path).open("a", encoding="utf-8", newline="") as file:
        file.writelines(_assignment(name, value) for name, value in outputs.items())


def _assignment(name: str, value: str) -> str:
    """Return an output of any lines; nobody can know the line that ends it beforehand."""
    end = f"end-{secrets.token_hex(16)}"
    return f"{name}<<{end}\n{value}\n{end}\n"
