"""Results of `rules test`: which examples of a rules file failed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from loadgate.masked import masked
from loadgate.render import words as wording
from loadgate.render.terminal import COLUMNS, wrap
from loadgate.rules.examples import ExampleResult
from loadgate.text import and_more, one_line

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
        start, *rest = _block(result, columns)
        lines += [f"\x1b[1;31m{_FAILED}\x1b[0m{start}" if color else _FAILED + start]
        lines += [" " * len(_FAILED) + line for line in rest]
    if len(failed) > _SHOWN:
        lines.append(f"... {and_more(len(failed) - _SHOWN)}")
    lines += _wrapped(_summary(origin, len(results), len(failed)), columns)
    return "".join(f"{line}\n" for line in lines)


def _block(result: ExampleResult, columns: int) -> Iterator[str]:
    example = result.example
    room = columns - len(_FAILED)
    endpoint = example.endpoint
    for text in (f"examples[{example.number}]  {endpoint}", example.error, result.problem):
        yield from _wrapped(text or wording.EMPTY, room)


def _wrapped(text: str, room: int) -> list[str]:
    return wrap(one_line(text), room, lines=4)


def _summary(origin: str, examples: int, failed: int) -> str:
    if not examples:
        return (
            f"{origin}: no examples, so nothing was tested; add [[examples]] with endpoint, error"
            " and expect"
        )
    if failed:
        return f"{origin}: {failed:,} of {wording.counted(examples, 'example')} failed"
    decided = f"{wording.counted(examples, 'example')} passed"
    return f"{origin}: {decided}"
