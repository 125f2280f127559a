"""What locustfiles teach: TOML to append to a rules file, and what they hide."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from loadgate.locustfile import Finding, Lesson, Wording
from loadgate.masked import masked
from loadgate.published import FindingsPage
from loadgate.render.rules.drafts import comment
from loadgate.render.rules.findings import github_lines, text_lines
from loadgate.render.terminal import COLUMNS
from loadgate.rules.lint.findings import Finding as Line
from loadgate.text import counted, toml_string

FORMATS = ("text", "github")
_TITLE = "loadgate rules teach"
_PAGE: FindingsPage = "teach"


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


def render_lesson(lesson: Lesson, *, columns: int = COLUMNS) -> str:
    """Return what the locustfiles hide, and how much was learned."""
    lines = text_lines(_shown(lesson.findings), _PAGE, color=False, columns=columns)
    return "\n".join([*lines, f"loadgate: {_summary(lesson)}"])


def render_annotations(lesson: Lesson, missing: Sequence[Wording] = (), rules: str = "") -> str:
    """Return the same as annotations for GitHub, with the wordings that the rules lack."""
    lacking = [
        Line(
            code="missing-wording",
            file=wording.places[0].path,
            line=wording.places[0].line,
            sentence=f'{rules} lacks the wording "{wording.text}"',
            remedy="Add it with `loadgate rules teach --write`.",
            pattern=wording.text,
        )
        for wording in missing
    ]
    findings = [masked(line, kept=(line.pattern,)) for line in (*lacking, *_shown(lesson.findings))]
    return github_lines(findings, _PAGE, _summary(lesson), _TITLE)


def _shown(findings: Sequence[Finding]) -> list[Line]:
    return [
        Line(
            code=finding.code,
            severity="warning",
            file=finding.place.path,
            line=finding.place.line,
            sentence=finding.sentence,
            remedy=finding.remedy,
            pattern=finding.text,
        )
        for finding in findings
    ]


def _summary(lesson: Lesson) -> str:
    taught = counted(len(lesson.taught), "wording")
    parts = [f"{taught} from {counted(lesson.messages, 'message')}"]
    if lesson.bare:
        parts.append(f"{lesson.bare:,} only the status, which needs no wording")
    if lesson.findings:
        parts.append(counted(len(lesson.findings), "warning"))
    return ", ".join(parts)
