"""What the messages of locustfiles teach, as TOML to append to a rules file, and in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from loadgate.locustfile import Wording, Wordings
from loadgate.render.rules.drafts import comment, toml_string
from loadgate.text import counted, docs, listed, shown

_SHOWN = 50
_PAGE = "teach"


def render_wordings(wordings: Sequence[Wording]) -> str:
    """Return wordings as TOML without a `version`, so that it can follow a rules file."""
    return "".join(f"{line}\n" for wording in wordings for line in _lines(wording))


def _lines(wording: Wording) -> Iterator[str]:
    first, *more = wording.places
    others = f" and {counted(len(more), 'other place')}" if more else ""
    yield ""
    yield "[[status_texts]]"
    yield comment(f"{first}{others}")
    yield f"text = {toml_string(wording.text)}"


def render_lesson(lesson: Wordings) -> str:
    """Return how much was learned, what is refused, and which messages have no status."""
    taught = counted(len(lesson.taught), "wording")
    lines = [f"loadgate: {taught} from {counted(lesson.messages, 'message')}"]
    if lesson.bare:
        bare = counted(len(lesson.bare), "message")
        lines.append(f"  Nothing but the status, which is read without a wording: {bare}")
    lines += _section(
        f"No wording is safe for {counted(len(lesson.refused), 'message')}:",
        [f"{one.place}: {shown(one.text)}: {one.reason}; {one.remedy}" for one in lesson.refused],
    )
    lines += _section(
        f"{counted(len(lesson.without_status), 'message')} without the status; add"
        " {response.status_code}, so that a rule on a status can match:",
        [
            f"{one.place}: {shown(one.text)}"
            + ("" if one.status is None else f" (here the status is always {one.status})")
            for one in lesson.without_status
        ],
    )
    if lesson.refused or lesson.without_status:
        lines.append(f"  See {docs(_PAGE)}")
    return "\n".join(lines)


def _section(title: str, entries: Sequence[str]) -> list[str]:
    return [f"  {title}", *(f"    {text}" for text in listed(entries, _SHOWN))] if entries else []
