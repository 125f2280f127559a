"""Results of `rules test`: which examples of a rules file failed."""

from __future__ import annotations

from collections.abc import Sequence

from loadgate.masked import masked
from loadgate.render import words as wording
from loadgate.render.terminal import COLUMNS, hanging, painted
from loadgate.rules.examples import ExampleResult
from loadgate.text import and_more

_SHOWN = 50
_FAILED = "FAILED  "


def render_examples(
    origin: str, results: Sequence[ExampleResult], *, color: bool = False, columns: int = COLUMNS
) -> str:
    """Return every example that is not decided as it says, and how many are."""
    origin, results = masked((origin, tuple(results)))
    failed = [result for result in results if result.problem is not None]
    lines: list[str] = []
    for result in failed[:_SHOWN]:
        example, start = result.example, _FAILED
        place = f"examples[{example.number}] {example.endpoint}"
        for text in (place, example.error or wording.EMPTY, result.problem or ""):
            lines += hanging(start, text, lines=4, columns=columns)
            start = " " * len(_FAILED)
    if len(failed) > _SHOWN:
        lines.append(f"... {and_more(len(failed) - _SHOWN)}")
    summary = f"{origin}: {_summary(len(results), len(failed))}"
    text = "".join(
        f"{line}\n" for line in (*lines, *hanging("", summary, lines=4, columns=columns))
    )
    return painted(text) if color else text


def _summary(examples: int, failed: int) -> str:
    if not examples:
        return (
            "no examples, so nothing was tested; add [[examples]] with endpoint, error and expect"
        )
    counted = wording.counted(examples, "example")
    return f"{failed:,} of {counted} failed" if failed else f"{counted} passed"
