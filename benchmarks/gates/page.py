"""The tables of docs/development/who-is-fooled.md, made from results.json."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gates.contestants import CONTESTANTS, Contestant
from gates.situations import PASS, SITUATIONS, Situation

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results.json"
PAGE = HERE.parents[1] / "docs" / "development" / "who-is-fooled.md"
BEGIN = "<!-- written by `make gates` -->\n"
END = "<!-- end -->\n"

UNUSABLE = "cannot be used here"
"""What stands instead of a version."""
RIGHT, FOOLED, FALSE_ALARM, CANNOT_SAY = "✓", "**✗**", "**!**", "–"


def cell(situation: Situation, answer: str | None) -> str:
    """Return what an answer is worth. Whatever stops the build is right where a pass is wrong."""
    if answer is None:
        return CANNOT_SAY
    if (answer == PASS) == (situation.right == PASS):
        return RIGHT
    return FOOLED if answer == PASS else FALSE_ALARM


def load() -> dict[str, Any]:
    """Return the recorded results."""
    results: dict[str, Any] = json.loads(RESULTS.read_text("utf-8"))
    return results


def tables(results: Mapping[str, Any]) -> str:
    """Return both tables, in Markdown."""
    return f"{_contestants(results)}\n{_situations(results)}"


def write(results: Mapping[str, Any]) -> None:
    """Keep the results, and write their tables into the page."""
    text = json.dumps(results, indent=1, sort_keys=True) + "\n"
    RESULTS.write_text(text, "utf-8")
    page = PAGE.read_text("utf-8")
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n{tables(results)}\n{END}{after}", "utf-8")


def _row(cells: Sequence[str]) -> str:
    return f"|{'|'.join(cells)}|\n"


def _situations(results: Mapping[str, Any]) -> str:
    # Numbers, for names would make the table twice as wide as a page.
    numbers = [str(number) for number, _ in enumerate(CONTESTANTS, 1)]
    text = _row(["what happened", "right", *numbers])
    text += _row(["---"] * 2 + [":-:"] * len(numbers))
    for situation in SITUATIONS:
        answers = results["answers"].get(situation.name, {})
        cells = [cell(situation, answers.get(one.name)) for one in CONTESTANTS]
        text += _row([f"{situation.what}. {situation.why}", situation.right, *cells])
    return text


def _contestants(results: Mapping[str, Any]) -> str:
    text = _row(["", "gate, and its version", "command", *"✗!", "time", "memory"])
    text += _row(["--:", "---", "---"] + ["--:"] * 4)
    for number, one in enumerate(CONTESTANTS, 1):
        cells = [
            cell(situation, results["answers"].get(situation.name, {}).get(one.name))
            for situation in SITUATIONS
        ]
        text += _row([
            str(number),
            one.title + _version(one, results["installed"]),
            f"`{one.shown}`",
            str(cells.count(FOOLED)),
            str(cells.count(FALSE_ALARM)),
            *_cost(one, results["costs"]),
        ])  # fmt: skip
    return text


def _version(contestant: Contestant, installed: Mapping[str, str]) -> str:
    """Return the versions; that of Locust stands in the first row, and where it is another."""
    shown = installed.get(contestant.name, "not run")
    if contestant is not CONTESTANTS[0]:
        same = installed.get(CONTESTANTS[0].name)
        shown = ", ".join(part for part in shown.split(", ") if part != same)
    shown = shown.removeprefix(f"{contestant.title.lower()} ")
    return f" ({shown})" if shown else ""


def _cost(contestant: Contestant, costs: Mapping[str, Any]) -> list[str]:
    """Return time and memory, and how many times those of the first of its group."""
    own = costs.get(contestant.name)
    if not own:
        return [CANNOT_SAY, CANNOT_SAY]
    return [
        f"{own['seconds']:.2f}\N{NO-BREAK SPACE}s (×{own['times']:.1f})",
        f"{own['megabytes']:.0f}\N{NO-BREAK SPACE}MB (×{own['memory']:.1f})",
    ]
