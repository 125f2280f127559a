"""What GitHub shows of a step: annotations, the job summary and the step's outputs."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from loadgate.cli import exit_codes as exits
from loadgate.masked import mask_verdict
from loadgate.masking import mask_secrets
from loadgate.model import Verdict
from loadgate.render import FormatName, render
from loadgate.render.github import SHOWN, Annotation, commands
from loadgate.render.markdown import code
from loadgate.render.verdict.github import annotations_of
from loadgate.text import cut, listed, one_line

SUMMARY_BYTES = 1_000_000
"""Of the summary of a step; GitHub drops all of one that is larger than 1 MiB."""

DOCUMENTS: dict[str, tuple[FormatName, str]] = {
    "result-json": ("json", "json"),
    "markdown": ("markdown", "md"),
    "junit": ("junit", "xml"),
}
"""Outputs that are files, one of each run: the format, and how its name ends."""

_OUTCOMES = {code: outcome for outcome, code in exits.OUTCOMES.items()}
_LINES = 30  # of a message in a summary or an annotation; the log has all of them
_COLUMNS = 500  # of a line of it


def annotate(messages: Sequence[str], verdicts: Iterable[Verdict] = (), most: int = SHOWN) -> str:
    """Return annotations of messages, as errors, and of verdicts: at most so many of each level."""
    texts = ["\n".join(_lines(message)) for message in messages]
    found = [Annotation("error", "loadgate", text) for text in texts]
    found += (one for verdict in verdicts for one in annotations_of(mask_verdict(verdict)))
    return commands(found, most)


def _lines(message: str) -> list[str]:
    return listed(message.splitlines(), _LINES, "lines in the log")


# --- the job summary ------------------------------------------------------------------------------


def append_summary(
    path: str, verdicts: Sequence[Verdict], messages: Sequence[str], name: str
) -> None:
    """Append messages, then verdicts, the worst first, as far as there is room for them."""
    parts = [as_markdown(message, name) for message in messages]
    parts += [render(verdict, "markdown") for verdict in sorted(verdicts, key=by_harm)]
    with Path(path).open("a+b") as file:
        used = file.tell()
        file.seek(max(used - 1, 0))
        start = b"" if file.read(1) in {b"", b"\n"} else b"\n"
        file.write(start + fitting(parts, SUMMARY_BYTES - used - len(start)))


def by_harm(verdict: Verdict) -> int:
    """Return the place of a verdict among others: the worst comes first."""
    return exits.WORST_FIRST.index(exits.OUTCOMES[verdict.outcome])


def fitting(parts: Sequence[str], room: int) -> bytes:
    """Return the parts that fit into so many bytes, and how many do not."""
    taken: list[bytes] = []
    for part in parts:
        data = f"{part}\n".encode()
        if len(data) > room:
            left = len(parts) - len(taken)
            note = f"{left:,} more in the log: there is no room for them here.\n"
            return b"".join([*taken, note.encode()])
        room -= len(data)
        taken.append(data)
    return b"".join(taken)


def as_markdown(message: str, name: str) -> str:
    """Return a message as an indented block, in which nothing means anything to Markdown.

    `name` is what the reader knows the step by; it may be empty.
    """
    shown = [cut(one_line(line), _COLUMNS) for line in _lines(message)]
    title = f"NOT JUDGED: {code(mask_secrets(name))}" if name else "NOT JUDGED"
    return f"### ❌ {title}\n\n" + "".join(f"    {line}\n" for line in shown)


# --- the outputs of the step ----------------------------------------------------------------------


def write_outputs(
    path: str, verdicts: Mapping[str, Verdict], exit_code: int, comment: str, *, fail_on_gate: bool
) -> None:
    """Append the outputs; counts are sums, and empty if nothing was judged.

    `verdicts` has each verdict under the path of its documents, without an ending; `comment` is
    where the text of the comment is, or empty.
    """
    totals = [verdict.classification.total for verdict in verdicts.values()]
    requests = sum(total.stats.requests for total in totals)
    true = sum(total.true for total in totals)
    expected = sum(total.expected for total in totals)
    times = [dict(total.stats.latency.percentiles).get("95") for total in totals]
    p95 = max((time for time in times if time is not None), default=None)
    counts = {
        "requests": requests,
        "failures": sum(total.failures for total in totals),
        "true-failures": true,
        "expected-failures": expected,
    }
    outputs = {
        "outcome": _OUTCOMES.get(exit_code, "error"),
        **{name: str(count) if verdicts else "" for name, count in counts.items()},
        "true-failure-rate": _plain(min(true, requests) / requests) if requests else "",
        "p95": "" if p95 is None else _plain(p95).removesuffix(".0"),
        **{
            name: "\n".join(f"{path}.{ending}" for path in sorted(verdicts))
            for name, (_, ending) in DOCUMENTS.items()
        },
        "comment": comment,
        "exit-code": str(exit_code),
        "fail-on-gate": "true" if fail_on_gate else "false",
    }
    with Path(path).open("a", encoding="utf-8", newline="") as file:
        file.writelines(_assignment(name, value) for name, value in outputs.items())


def _plain(number: float) -> str:
    """Return a number without an exponent, which a shell's tools may not know."""
    return f"{Decimal(str(number)):f}"


def _assignment(name: str, value: str) -> str:
    """Return an output of any lines; nobody can know the line that ends it beforehand."""
    end = f"end-{secrets.token_hex(16)}"
    return f"{name}<<{end}\n{value}\n{end}\n"
